//! Rounds (一期) of what may be applied for in some weeks alone, by so many: the grant for studies. A place is held from the
//! day on which a case is handed in until it is taken back, refused, lapses, or is closed with nothing granted.

use super::queue;
use super::record::*;
use super::rules::{self, Refusal};
use crate::domain::member::standing::Person;
use crate::domain::tables::{CASE_ROUNDS, CASES_BY_KIND, CASES_OF};
use crate::moment::Time;
use crate::store::{Fault, Tx};

const PAGE: usize = 100;

/// Names a round: the kind of its cases, and when it opens.
pub type RoundKey = (String, Time);

fn key(kind: &str, round: &Round) -> RoundKey {
    (kind.to_owned(), round.opens)
}

/// Of which round the case holds a place.
fn held(case: &Case) -> Option<RoundKey> {
    let holds = match case.status {
        Status::Open | Status::Asked => true,
        Status::Closed => !case.gave_place_back,
        _ => false,
    };
    case.plan.round.as_ref().filter(|_| holds).map(|round| key(&case.kind, round))
}

/// May they apply now? It is open, they hold no place of it, and not all are taken.
pub fn check(
    tx: &Tx,
    whose: &Person,
    kind: &str,
    round: Option<&Round>,
) -> Result<Result<(), Refusal>, Fault> {
    let Some(round) = round else { return Ok(Ok(())) };
    if let Err(refusal) = rules::is_open(round, tx.moment().now) {
        return Ok(Err(refusal));
    }
    let key = key(kind, round);
    if let Some(case) = held_by(tx, whose, &key)? {
        return Ok(Err(Refusal::OncePerRound { case }));
    }
    let taken = tx.get(&CASE_ROUNDS, &key)?.unwrap_or_default();
    Ok(match round.quota {
        Some(quota) if taken >= quota => Err(Refusal::RoundFull { quota }),
        _ => Ok(()),
    })
}

/// Which case of theirs holds a place of the round?
fn held_by(tx: &Tx, whose: &Person, round: &RoundKey) -> Result<Option<CaseId>, Fault> {
    for ((_, id), ()) in tx.scan_back(&CASES_OF, &(whose.clone(),), None, PAGE)?.rows {
        if queue::get(tx, id)?.is_some_and(|case| held(&case).as_ref() == Some(round)) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// May what is over be taken up again? It has its place back, full or not, unless its person holds another by now.
pub(super) fn take_up(tx: &Tx, case: &Case) -> Result<Result<(), Refusal>, Fault> {
    let Some(round) = case.plan.round.as_ref().filter(|_| held(case).is_none()) else { return Ok(Ok(())) };
    let other = held_by(tx, &case.whose, &key(&case.kind, round))?;
    Ok(other.map_or(Ok(()), |case| Err(Refusal::OncePerRound { case })))
}

/// Counts what the move from one to the other means for its round.
pub(super) fn count(tx: &mut Tx, before: &Case, case: &Case) -> Result<(), Fault> {
    let (was, is) = (held(before), held(case));
    if was == is {
        return Ok(());
    }
    for (key, more) in was.map(|key| (key, -1)).into_iter().chain(is.map(|key| (key, 1))) {
        let taken = tx.get(&CASE_ROUNDS, &key)?.unwrap_or_default();
        tx.put(&CASE_ROUNDS, &key, &taken.saturating_add_signed(more))?;
    }
    Ok(())
}

/// A round whose count isn't that of its cases, and where to go on.
pub fn audit(tx: &Tx, after: Option<RoundKey>) -> Result<(Vec<String>, Option<RoundKey>), Fault> {
    let page = tx.scan(&CASE_ROUNDS, &(), after.as_ref(), 1)?;
    let mut broken = Vec::new();
    for (key, taken) in page.rows {
        let (mut counted, mut from) = (0_u32, None);
        loop {
            let cases = tx.scan(&CASES_BY_KIND, &(key.0.clone(),), from.as_ref(), PAGE)?;
            for ((.., id), ()) in cases.rows {
                let holds = queue::get(tx, id)?.is_some_and(|case| held(&case).as_ref() == Some(&key));
                counted += u32::from(holds);
            }
            from = cases.next;
            if from.is_none() {
                break;
            }
        }
        if counted != taken {
            broken.push(format!("{} from {:?}: {taken} places are counted, {counted} held", key.0, key.1));
        }
    }
    Ok((broken, page.next))
}
