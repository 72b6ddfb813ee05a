//! Pictures of papers, each in the slot that it is for.

use super::moves::{self, Why};
use super::news::{self, News};
use super::record::*;
use super::rules::{Act, Refusal};
use super::{completeness, draft, instant, invoice_code, judge, papers, queue, retain, second};
use crate::domain::media::commands::{self as media, Seen};
use crate::domain::media::record::Look;
use crate::domain::scheme::record::DocumentRule;
use crate::domain::tables::{CLAIM_PAGES, CLAIM_PICTURES};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Pages of one claim; slots have limits of their own.
pub const PAGES_MAX: usize = 100;
/// The slot of pictures of which it isn't known what they show.
pub const UNSORTED: &str = "unsorted";
/// The slot of what the claimant can't name; staff look.
pub const OTHER: &str = "other";
/// The slot of invoices, by the scheme files.
pub const INVOICE: &str = "invoice";

/// (slot, page) → its picture.
pub type Pages = Vec<(String, u16, Page)>;

pub fn of(tx: &Tx, id: ClaimId) -> Result<Pages, Fault> {
    let page = tx.scan(&CLAIM_PAGES, &(id,), None, PAGES_MAX)?;
    Ok(page.rows.into_iter().map(|((_, slot, number), page)| (slot, number, page)).collect())
}

/// Adds a picture to a slot; its place there. It is kept from now on.
pub fn add(
    tx: &mut Tx,
    id: ClaimId,
    slot: &str,
    picture: u64,
    max: u16,
) -> Result<Result<u16, Refusal>, Fault> {
    let (all, slot) = (of(tx, id)?, slot.to_owned());
    let of_slot: Vec<u16> = all.iter().filter(|(s, ..)| *s == slot).map(|(_, number, _)| *number).collect();
    if of_slot.len() >= usize::from(max) || all.len() >= PAGES_MAX {
        return Ok(Err(Refusal::TooManyPages { max }));
    }
    let number = of_slot.last().copied().unwrap_or(0) + 1;
    let now = tx.moment().now;
    media::own_until(tx, picture, now.plus(retain::WITH_ACCOUNTS))?;
    tx.put(&CLAIM_PICTURES, &picture, &(id, slot.clone(), number))?;
    tx.put(&CLAIM_PAGES, &(id, slot, number), &Page { picture, added: now, state: PageState::Coming })?;
    touch(tx, id)?;
    // It may have been fetched before it was known what it is for.
    look(tx, picture)?;
    Ok(Ok(number))
}

/// Somebody goes on with the draft: it is kept.
fn touch(tx: &mut Tx, id: ClaimId) -> Result<(), Fault> {
    match queue::get(tx, id)?.filter(|claim| claim.status == Status::Draft) {
        Some(before) => {
            let ruling = judge::ruling(tx, &before)?.unwrap_or_default();
            let claim = Claim { changed: tx.moment().now, ruling, ..before.clone() };
            queue::save(tx, id, Some(&before), &claim)
        }
        None => Ok(()),
    }
}

/// Keeps its pictures for so long; also those that it shares with the claim for the same illness that had them first.
pub(super) fn keep(tx: &mut Tx, id: ClaimId, until: Time) -> Result<(), Fault> {
    of(tx, id)?.into_iter().try_for_each(|(_, _, page)| media::own_until(tx, page.picture, until))
}

/// Keeps the claim's own pictures for so long, and no longer. One that another claim has, too, is that one's.
pub(super) fn let_go(tx: &mut Tx, id: ClaimId, until: Time) -> Result<(), Fault> {
    for (slot, number, page) in of(tx, id)? {
        if tx.get(&CLAIM_PICTURES, &page.picture)? != Some((id, slot, number)) {
            continue;
        }
        match second::heir(tx, id, page.picture)?.filter(|heir| heir.ends.is_none_or(|ends| ends > until)) {
            Some(heir) => pass_on(tx, page.picture, &heir)?,
            None => media::own_until(tx, page.picture, until)?,
        }
    }
    Ok(())
}

/// It is that claim's from now on, and kept as long as that is.
fn pass_on(tx: &mut Tx, picture: u64, heir: &second::Heir) -> Result<(), Fault> {
    tx.put(&CLAIM_PICTURES, &picture, &heir.page)?;
    heir.ends.map_or(Ok(()), |ends| media::own_until(tx, picture, ends))
}

/// Takes a picture out again; false if there is none.
pub fn remove(tx: &mut Tx, id: ClaimId, slot: &str, number: u16) -> Result<bool, Fault> {
    let key = (id, slot.to_owned(), number);
    let Some(page) = tx.get(&CLAIM_PAGES, &key)? else { return Ok(false) };
    tx.delete(&CLAIM_PAGES, &key)?;
    // A second claim for the same illness shows pictures of the first, whose they are while it has them.
    if tx.get(&CLAIM_PICTURES, &page.picture)? == Some(key) {
        match second::heir(tx, id, page.picture)? {
            Some(heir) => pass_on(tx, page.picture, &heir)?,
            None => {
                tx.delete(&CLAIM_PICTURES, &page.picture)?;
                media::own_until(tx, page.picture, tx.moment().now)?;
            }
        }
    }
    if slot == INVOICE {
        draft::read_again(tx, id)?;
    }
    Ok(true)
}

/// Moves a picture to the slot that it is really for.
pub fn move_to(
    tx: &mut Tx,
    id: ClaimId,
    from: (&str, u16),
    slot: &str,
    max: u16,
) -> Result<Result<u16, Refusal>, Fault> {
    let key = (id, from.0.to_owned(), from.1);
    let Some(page) = tx.get(&CLAIM_PAGES, &key)? else { return Ok(Err(Refusal::UnknownClaim)) };
    match add(tx, id, slot, page.picture, max)? {
        Ok(number) => {
            tx.delete(&CLAIM_PAGES, &key)?;
            Ok(Ok(number))
        }
        no => Ok(no),
    }
}

/// What became of a picture: whoever fetched it calls this for each. Says what is wrong with it at once.
pub fn look(tx: &mut Tx, picture: u64) -> Result<(), Fault> {
    let Some((id, slot, number)) = tx.get(&CLAIM_PICTURES, &picture)? else { return Ok(()) };
    let key = (id, slot.clone(), number);
    let Some(mut page) = tx.get(&CLAIM_PAGES, &key)? else { return Ok(()) };
    let Some(claim) = queue::get(tx, id)? else { return Ok(()) };
    if page.state != PageState::Coming {
        return Ok(());
    }
    let (document, look) = match media::seen(tx, picture)? {
        None => return Ok(()),
        // That it was lost was told already (`Notice::PictureLost`).
        Some(Seen::Lost) => {
            page.state = PageState::Lost;
            return become_known(tx, &claim, key, page).map(drop);
        }
        Some(Seen::Kept { document, look }) => (document, look),
    };
    if slot == UNSORTED && is_invoice(tx, &claim, &look)? {
        let (from, max) = ((UNSORTED, number), DocumentRule::PAGES_MAX);
        if move_to(tx, id, from, INVOICE, max)?.is_ok() {
            return Ok(()); // and looked at there
        }
    }
    page.state = match look.flaw {
        Some(why) => PageState::Unclear { why },
        None if is_repeated(tx, id, picture, &document)? => PageState::Repeated,
        None => PageState::Kept,
    };
    let asked_for = become_known(tx, &claim, key, page.clone())?;
    if let Some(other) = used_elsewhere(tx, id, &claim, &slot, &document)? {
        flag(tx, id, Flag::SamePaper { what: Paper::Picture, other })?;
        return news::tell(tx, claim.claimant, News::PaperUsed { claim: id, slot });
    }
    if page.state != PageState::Kept {
        if asked_for {
            return Ok(());
        }
        return news::tell(tx, claim.claimant, News::PageUnclear { claim: id, slot, page: number });
    }
    if let Some(code) = &look.code {
        draft::read_invoice(tx, id, code.reveal())?;
    }
    instant::settle(tx, id)
}

/// Is the same content another page of the claim's, which counts?
fn is_repeated(tx: &Tx, id: ClaimId, picture: u64, document: &str) -> Result<bool, Fault> {
    for (.., page) in
        of(tx, id)?.into_iter().filter(|(.., page)| page.picture != picture && page.state.counts())
    {
        if media::seen(tx, page.picture)?.is_some_and(|seen| seen.is(document)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes what became of a page, here and in the claim that was begun with it. True if it is asked for again.
fn become_known(tx: &mut Tx, claim: &Claim, key: (ClaimId, String, u16), page: Page) -> Result<bool, Fault> {
    tx.put(&CLAIM_PAGES, &key, &page)?;
    second::follow(tx, claim, key.0, &key.1, &page)?;
    ask_again(tx, key.0, &key.1, &page)
}

/// A claim that was handed in with a picture that turns out to be lost or unclear waits for another, where nothing else
/// fills that paper's place. True if so.
pub(super) fn ask_again(tx: &mut Tx, id: ClaimId, slot: &str, page: &Page) -> Result<bool, Fault> {
    let reason = match page.state {
        PageState::Lost => "missing",
        PageState::Unclear { .. } => "unreadable",
        PageState::Repeated => "wrong_paper",
        _ => return Ok(false),
    };
    let handed_in = |claim: &Claim| matches!(claim.status, Status::Submitted | Status::Accepted);
    let Some(before) = queue::get(tx, id)?.filter(handed_in) else { return Ok(false) };
    let needed = completeness::checklist(tx, id, &before)?;
    if !needed.iter().any(|(rule, there)| rule.slot == slot && *there == 0) {
        return Ok(false);
    }
    let asked = vec![Asked { slot: slot.to_owned(), reason: reason.to_owned() }];
    let why = Why { asked, ..Why::none(By::Rule) };
    Ok(moves::go(tx, id, &before, &mut before.clone(), Act::Ask, why)?.is_ok())
}

/// Writes what staff say of a page.
pub fn judge(tx: &mut Tx, id: ClaimId, slot: &str, number: u16, page: Page) -> Result<(), Fault> {
    tx.put(&CLAIM_PAGES, &(id, slot.to_owned(), number), &page)
}

/// Another claim that has the same picture, where that is worth a look. One that isn't sorted is looked at when it is.
fn used_elsewhere(
    tx: &mut Tx,
    id: ClaimId,
    claim: &Claim,
    slot: &str,
    document: &str,
) -> Result<Option<ClaimId>, Fault> {
    if may_be_anywhere(tx, claim)?(slot) {
        return Ok(None);
    }
    let paper = papers::picture(tx, document)?;
    papers::note(tx, Paper::Picture, paper, id)?;
    Ok(papers::ahead(tx, Paper::Picture, paper, id, claim)?.first().copied())
}

/// Of which slots a picture may be in several claims: of what the programme says, and of what isn't sorted yet.
fn may_be_anywhere(tx: &Tx, claim: &Claim) -> Result<impl Fn(&str) -> bool, Fault> {
    let documents = judge::papers_by(tx, claim)?.map(|programme| programme.documents).unwrap_or_default();
    Ok(move |slot: &str| slot == UNSORTED || documents.iter().any(|rule| rule.slot == slot && rule.reusable))
}

/// What finds those of its pictures that may be in no other claim.
pub(super) fn of_one_event(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Vec<papers::PaperKey>, Fault> {
    let (mut found, anywhere) = (Vec::new(), may_be_anywhere(tx, claim)?);
    for (_, _, page) in of(tx, id)?.into_iter().filter(|(slot, ..)| !anywhere(slot)) {
        if let Some(Seen::Kept { document, .. }) = media::seen(tx, page.picture)? {
            found.push(papers::picture(tx, &document)?);
        }
    }
    Ok(found)
}

/// Does its code say that it is one, and does the claim want one?
fn is_invoice(tx: &Tx, claim: &Claim, look: &Look) -> Result<bool, Fault> {
    if look.code.as_ref().is_none_or(|code| invoice_code::parse(code.reveal()).is_none()) {
        return Ok(false);
    }
    let programme = judge::papers_by(tx, claim)?;
    Ok(programme.is_some_and(|programme| programme.documents.iter().any(|rule| rule.slot == INVOICE)))
}

/// Raises a flag, once.
pub fn flag(tx: &mut Tx, id: ClaimId, flag: Flag) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)? else { return Ok(()) };
    if before.flags.contains(&flag) {
        return Ok(());
    }
    let mut claim = before.clone();
    claim.flags.push(flag);
    queue::save(tx, id, Some(&before), &claim)
}
