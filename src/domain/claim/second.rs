//! A second claim for the same illness, by another programme of the same person's: with what the first one told, and
//! with its papers.

use super::record::*;
use super::rules::Refusal;
use super::{draft, flags, judge, pages, queue, retain};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::list::index;
use crate::domain::scheme::commands::{covers, programme};
use crate::domain::scheme::record::{Disease, Programme};
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::CLAIM_PAGES;
use crate::moment::Time;
use crate::store::{Fault, Tx};

const LOOKED_AT: usize = 100;

/// What another programme may pay for.
pub struct Offer {
    pub programme: Programme,
    pub disease: Disease,
}

/// A programme that pays for a disease which the diagnosis names, and of which nothing was claimed yet.
pub fn offer(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<Offer>, Fault> {
    let Some(identity) = judge::insured(tx, claim)?.filter(|_| claim.status.holds_papers()) else {
        return Ok(None);
    };
    let covers = covers(tx, &index(tx, &identity)?)?;
    for flag in flags::extras(tx, claim)? {
        let Flag::Disease { programme: key, disease } = flag else { continue };
        if is_claimed(tx, id, claim, &key)? {
            continue;
        }
        // By the rules of the day: those of earlier covers may not have the disease yet.
        let facts = &claim.details.reveal().facts;
        for cover in covers.iter().filter(|cover| is_for(cover, &key) && flags::touches(cover, facts)) {
            let Some(programme) = programme(tx, &cover.scheme, cover.version, &key)? else { continue };
            if let Some(disease) = programme.disease(&disease).cloned() {
                return Ok(Some(Offer { programme, disease }));
            }
        }
    }
    Ok(None)
}

fn is_for(cover: &crate::domain::scheme::rules::Cover, programme: &str) -> bool {
    cover.programme == programme && cover.kinds.contains(&EventKind::Disease)
}

/// A draft whose day isn't known yet may be for that programme, so it counts.
fn is_claimed(tx: &Tx, id: ClaimId, claim: &Claim, programme: &str) -> Result<bool, Fault> {
    let person =
        |claim: &Claim| claim.details.reveal().relative.as_ref().map(|relative| relative.identity.clone());
    let whose = person(claim);
    let all = queue::of_member(tx, claim.claimant, LOOKED_AT)?;
    Ok(all.into_iter().any(|(other, known)| {
        other != id
            && known.kind == EventKind::Disease
            && known.status.holds_papers()
            && person(&known) == whose
            && is_for_programme(&known, programme)
    }))
}

fn is_for_programme(claim: &Claim, programme: &str) -> bool {
    match claim.details.reveal().programme.as_str() {
        "" => claim.ruling.as_ref().is_none_or(|ruling| ruling.programme == programme),
        named => named == programme,
    }
}

/// Begins it. `None`: nothing more can be claimed.
pub fn begin(
    tx: &mut Tx,
    who: &FollowerId,
    first: &draft::Own,
) -> Result<Result<Option<ClaimId>, Refusal>, Fault> {
    let Some(offer) = offer(tx, first.id, &first.before)? else { return Ok(Ok(None)) };
    let id = match draft::begin(tx, who, EventKind::Disease)? {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let own = match draft::own(tx, who, id)? {
        Ok(own) => own,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let told = first.before.details.reveal().clone();
    let noted = draft::tell(tx, &own, |details| {
        details.diagnosis.clone_from(&told.diagnosis);
        details.relative.clone_from(&told.relative);
        details.account.clone_from(&told.account);
        details.facts.relative = told.facts.relative;
        details.facts.hospital.clone_from(&told.facts.hospital);
        details.facts.operated = told.facts.operated;
        details.facts.insurance = told.facts.insurance;
        details.facts.out_of_town = told.facts.out_of_town;
        details.facts.no_unit = told.facts.no_unit;
        details.answered = told.answered.clone();
        details.answered.retain(|what| *what != Circumstance::Disease);
        details.facts.disease = Some(offer.disease.code.clone());
        details.programme.clone_from(&offer.programme.key);
    })?;
    match noted {
        Ok(claim) => take_account(tx, id, &claim, &first.before)?,
        Err(refusal) => return Ok(Err(refusal)),
    }
    for (slot, number, page) in pages::of(tx, first.id)? {
        let wanted = offer.programme.documents.iter().any(|rule| rule.slot == slot);
        let state = if page.state == PageState::Coming { PageState::Coming } else { PageState::Kept };
        if wanted && page.state.counts() {
            tx.put(&CLAIM_PAGES, &(id, slot, number), &Page { state, ..page })?;
        }
    }
    Ok(Ok(Some(id)))
}

/// The account is the first claim's: it has to be looked at here as it has there, whenever it was told.
fn take_account(tx: &mut Tx, id: ClaimId, second: &Claim, first: &Claim) -> Result<(), Fault> {
    let mut claim = second.clone();
    claim.forget_move();
    claim.flags.extend(first.flags.iter().filter(|flag| matches!(flag, Flag::ToldAfterMove { .. })).cloned());
    queue::save(tx, id, Some(second), &claim)
}

/// A page that was still being fetched when another claim of the person's was begun with it is there what it became
/// here. What is wrong with it is told of the first claim alone.
pub(super) fn follow(tx: &mut Tx, claim: &Claim, id: ClaimId, slot: &str, page: &Page) -> Result<(), Fault> {
    let later = queue::of_member(tx, claim.claimant, LOOKED_AT)?;
    for (other, _) in later.into_iter().filter(|(other, known)| *other > id && known.status.holds_papers()) {
        for (of, number, same) in pages::of(tx, other)? {
            if of == slot && same.picture == page.picture && same.state == PageState::Coming {
                tx.put(&CLAIM_PAGES, &(other, of, number), page)?;
                pages::ask_again(tx, other, slot, page)?;
            }
        }
    }
    Ok(())
}

/// Where else a picture is shown, and until when that is kept; `None`: it goes on.
pub(super) struct Heir {
    pub page: (ClaimId, String, u16),
    pub ends: Option<Time>,
}

/// Where else a picture of the claim's is shown, by the claim that is kept longest: whose it is from then on. One that
/// was refused may be appealed against and is told from its papers, and one that was claimed back is in the accounts.
pub(super) fn heir(tx: &Tx, id: ClaimId, picture: u64) -> Result<Option<Heir>, Fault> {
    let Some(claim) = queue::get(tx, id)? else { return Ok(None) };
    let mut longest: Option<Heir> = None;
    for (other, known) in queue::of_member(tx, claim.claimant, LOOKED_AT)? {
        if other == id || known.erased {
            continue;
        }
        let shown = pages::of(tx, other)?.into_iter().find(|(.., page)| page.picture == picture);
        let Some((slot, number, _)) = shown else { continue };
        let found = Heir { page: (other, slot, number), ends: retain::ends(tx, &known)? };
        if found.ends.is_none() {
            return Ok(Some(found));
        }
        longest = longest.filter(|longest| longest.ends >= found.ends).or(Some(found));
    }
    Ok(longest)
}
