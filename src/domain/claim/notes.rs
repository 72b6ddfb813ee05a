//! What staff write down of a claim for each other: who took it, why it is held, what was entered. The claimant reads
//! none of it.

use serde::{Deserialize, Serialize};

use super::record::ClaimId;
use crate::domain::tables::CLAIM_NOTES;
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

const SHOWN_MAX: usize = 300;

/// What staff write down of a claim for each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub at: Time,
    pub by: String,
    pub kind: NoteKind,
    #[serde(default)]
    pub words: Sealed<String>,
}

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoteKind {
    Taken,
    Released,
    Held,
    LetGo,
    Entered,
    Adjusted,
    /// What was added has no room any more: it is taken off again.
    Unadjusted,
    /// It came to another sum when it was to be approved: what it was, and what it is.
    Recounted,
    /// Why it is approved although it is late, early or not whole.
    Excused,
    SentBack,
    Reopened,
    Supplied,
    LookedAgain,
    LookedOtherwise,
    /// What another has yet to agree to: a recovery, or a write-off.
    Proposed,
    Dismissed,
    /// The claimant changed what was told, after handing it in: what.
    Corrected,
    /// The claimant's own words.
    Said,
    /// The bank paid it of a batch that it was out of: which, and how much.
    PaidAstray,
    /// Such a payment came back.
    AstrayBack,
}

impl NoteKind {
    pub fn name(self) -> &'static str {
        match self {
            NoteKind::Taken => "taken",
            NoteKind::Released => "released",
            NoteKind::Held => "held",
            NoteKind::LetGo => "let_go",
            NoteKind::Entered => "entered",
            NoteKind::Adjusted => "adjusted",
            NoteKind::Unadjusted => "unadjusted",
            NoteKind::Recounted => "recounted",
            NoteKind::Excused => "excused",
            NoteKind::SentBack => "sent_back",
            NoteKind::Reopened => "reopened",
            NoteKind::Supplied => "supplied",
            NoteKind::LookedAgain => "looked_again",
            NoteKind::LookedOtherwise => "looked_otherwise",
            NoteKind::Proposed => "proposed",
            NoteKind::Dismissed => "dismissed",
            NoteKind::Corrected => "corrected",
            NoteKind::Said => "said",
            NoteKind::PaidAstray => "paid_astray",
            NoteKind::AstrayBack => "astray_back",
        }
    }
}

pub fn write(tx: &mut Tx, id: ClaimId, by: &str, kind: NoteKind, words: &str) -> Result<(), Fault> {
    let last =
        tx.scan_back(&CLAIM_NOTES, &(id,), None, 1)?.rows.first().map_or(0, |((_, number), _)| *number);
    let note = Note { at: tx.moment().now, by: by.to_owned(), kind, words: Sealed::new(words.to_owned()) };
    tx.put(&CLAIM_NOTES, &(id, last + 1), &note)
}

/// Takes out all words; what was done when stays.
pub(super) fn forget(tx: &mut Tx, id: ClaimId) -> Result<(), Fault> {
    for (key, note) in tx.scan(&CLAIM_NOTES, &(id,), None, SHOWN_MAX)?.rows {
        if !note.words.reveal().is_empty() {
            tx.put(&CLAIM_NOTES, &key, &Note { words: Sealed::default(), ..note })?;
        }
    }
    Ok(())
}

/// Oldest first.
pub fn of(tx: &Tx, id: ClaimId) -> Result<Vec<Note>, Fault> {
    let page = tx.scan(&CLAIM_NOTES, &(id,), None, SHOWN_MAX)?;
    Ok(page.rows.into_iter().map(|(_, note)| note).collect())
}
