//! Pictures of which it isn't known what they show: they are the claim's at once, so that none is lost, and asked about.

use super::papers::{self, UNSORTED_MAX};
use super::spoken::{LEAVE_TO_STAFF, REMOVE};
use super::{State, Stepped, facts, said, view, with};
use crate::content::Value;
use crate::domain::claim::draft::Own;
use crate::domain::claim::pages::{self, OTHER, UNSORTED};
use crate::domain::claim::queue;
use crate::domain::claim::record::{Claim, ClaimId};
use crate::domain::claim::rules::Refusal;
use crate::domain::member::binding::member_of;
use crate::flows::membership::{choices, chosen};
use crate::flows::texts::claiming as texts;
use crate::flows::{Input, Step, Turn, next};
use crate::moment::Time;
use crate::store::Fault;

const LOOKED_AT: usize = 100;
const SHOWN: usize = 5;
const OTHER_MAX: u16 = 9;

/// A picture that no dialogue asked for. `None`: no claim of the follower's waits for papers.
pub fn offered(turn: &mut Turn, picture: u64) -> Result<Option<Step<State>>, Fault> {
    let open = open(turn)?;
    Ok(match open.as_slice() {
        [] => None,
        [(id, _)] => Some(papers::arrived(turn, *id, None, picture)?),
        _ => Some(ask_which_claim(turn, vec![picture])?),
    })
}

/// Claims that wait for papers, the latest first.
fn open(turn: &Turn) -> Result<Vec<(ClaimId, Claim)>, Fault> {
    let Some((member, _)) = member_of(turn.tx, turn.who)? else { return Ok(Vec::new()) };
    let mut all = queue::of_member(turn.tx, member, LOOKED_AT)?;
    all.retain(|(_, claim)| claim.status.takes_papers());
    all.truncate(SHOWN);
    Ok(all)
}

fn ask_which_claim(turn: &mut Turn, pictures: Vec<u64>) -> Stepped {
    let words = claim_words(turn)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let values = [("count", Value::from(pictures.len())), ("choices", Value::raw(choices(&words)))];
    next(State::WhichClaim(pictures), turn.say(&texts::WHICH_CLAIM, &values))
}

fn claim_words(turn: &Turn) -> Result<Vec<String>, Fault> {
    let name = |(id, claim): &(ClaimId, Claim)| {
        Ok(format!("{} {id}", view::title(turn, claim.kind, claim.ruling.as_ref())?))
    };
    open(turn)?.iter().map(name).collect()
}

pub fn another(turn: &mut Turn, pictures: &[u64], picture: u64) -> Stepped {
    with_one_more(turn, pictures, picture, ask_which_claim)
}

/// Asks again with one picture more, or says that there is no room for it.
pub fn with_one_more(
    turn: &mut Turn,
    pictures: &[u64],
    picture: u64,
    ask: impl FnOnce(&mut Turn, Vec<u64>) -> Stepped,
) -> Stepped {
    let mut all = pictures.to_vec();
    if all.len() < usize::from(UNSORTED_MAX) {
        all.push(picture);
        return ask(turn, all);
    }
    let no = turn.explain(&Refusal::TooManyPages { max: UNSORTED_MAX });
    Ok(ask(turn, all)?.after(&no))
}

pub fn which_claim(turn: &mut Turn, pictures: Vec<u64>, input: &Input) -> Stepped {
    let (open, words) = (open(turn)?, claim_words(turn)?);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((id, _)) = chosen(input, &words).and_then(|at| open.get(at)) else {
        return if matches!(input, Input::Other) { ask_which_claim(turn, pictures) } else { Ok(Step::Pass) };
    };
    let mut last = papers::show(turn, *id, None)?;
    for picture in pictures {
        last = papers::arrived(turn, *id, None, picture)?;
    }
    Ok(last)
}

/// Which paper is the oldest that isn't sorted?
pub fn ask(turn: &mut Turn, own: Own) -> Stepped {
    let unsorted = unsorted(turn, &own)?;
    let Some(Unsorted { picture, when, number }) = unsorted.first() else {
        return papers::show(turn, own.id, None);
    };
    let words = words(turn, &own)?;
    if words.is_empty() {
        // Which papers there are is known when the day is.
        let kept = kept(turn, &own)?;
        return Ok(facts::go_on_without_papers(turn, own)?.after(&kept));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // Of several, sent within a minute: a picture keeps its number while those before it are sorted.
    let which = match unsorted.last() {
        Some(last) if last.number > 1 => {
            turn.say(&texts::NTH_PHOTO, &[("nth", (*number).into()), ("count", last.number.into())])
        }
        _ => turn.say(&texts::THIS_PHOTO, &[]),
    };
    let values = [
        ("number", Value::from(own.id.to_string())),
        ("count", unsorted.len().into()),
        ("when", (*when).into()),
        ("which", which.into()),
        ("choices", Value::raw(choices(&words))),
    ];
    next(State::SortingOf(own.id, *picture), turn.say(&texts::WHICH_PAPER, &values))
}

/// Keeps a picture that isn't asked about yet; what is said of it.
pub fn keep(turn: &mut Turn, own: &Own, picture: u64) -> Result<String, Fault> {
    match pages::add(turn.tx, own.id, UNSORTED, picture, UNSORTED_MAX)? {
        Ok(_) => kept(turn, own),
        Err(refusal) => Ok(turn.explain(&refusal)),
    }
}

fn kept(turn: &Turn, own: &Own) -> Result<String, Fault> {
    Ok(turn.say(&texts::KEPT_UNSORTED, &[("count", unsorted(turn, own)?.len().into())]))
}

/// A page of which it isn't known what it shows.
pub struct Unsorted {
    number: u16,
    picture: u64,
    when: Time,
}

/// What nobody can read is asked for again, and not about.
pub fn unsorted(turn: &Turn, own: &Own) -> Result<Vec<Unsorted>, Fault> {
    let all = pages::of(turn.tx, own.id)?;
    Ok(all
        .into_iter()
        .filter(|(slot, _, page)| slot == UNSORTED && page.state.counts())
        .map(|(_, number, page)| Unsorted { number, picture: page.picture, when: page.added })
        .collect())
}

fn words(turn: &Turn, own: &Own) -> Result<Vec<String>, Fault> {
    let items = papers::items(turn, own)?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let titles = items.into_iter().map(|item| item.rule.title);
    Ok(titles.chain([LEAVE_TO_STAFF.to_owned(), REMOVE.to_owned()]).collect())
}

/// `picture`: the one that was asked about.
pub fn answer(turn: &mut Turn, id: ClaimId, picture: Option<u64>, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let (unsorted, words) = (unsorted(turn, &own)?, words(turn, &own)?);
        // Meanwhile it may have been recognised by its code, be sorted already, or be one that nobody can read: what is
        // said of it is said of no other.
        let is_it = |page: &&Unsorted| picture.is_none_or(|picture| page.picture == picture);
        let Some(Unsorted { number, .. }) = unsorted.into_iter().find(|page| is_it(&page)) else {
            return if input.names_a_service() { Ok(Step::Pass) } else { papers::show(turn, own.id, None) };
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(at) = said::paper(input, &words) else {
            return if matches!(input, Input::Other) { ask(turn, own) } else { Ok(Step::Pass) };
        };
        if !own.before.status.takes_papers() {
            return super::detail(turn, own.id);
        }
        let word = words.get(at).copied().unwrap_or_default();
        let moved = if word == REMOVE {
            pages::remove(turn.tx, own.id, UNSORTED, number)?;
            Ok(0)
        } else if word == LEAVE_TO_STAFF {
            pages::move_to(turn.tx, own.id, (UNSORTED, number), OTHER, OTHER_MAX)?
        } else {
            let items = papers::items(turn, &own)?;
            let Some(item) = items.get(at) else { return ask(turn, own) };
            let (slot, max) = (&item.rule.slot, item.rule.pages_max);
            pages::move_to(turn.tx, own.id, (UNSORTED, number), slot, max)?
        };
        match moved {
            // Back to the question that the picture came in between, if there was one.
            Ok(_) => facts::go_on(turn, own),
            Err(refusal) => {
                let no = turn.explain(&refusal);
                Ok(ask(turn, own)?.after(&no))
            }
        }
    })
}
