//! The papers of a claim as staff see them, each with its pages.

use super::record::{Claim, ClaimId};
use super::{judge, pages};
use crate::domain::scheme::rules as scheme;
use crate::store::{Fault, Tx};

/// Papers that the facts ask for, whether they are missed or not, with their pages.
pub fn papers(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Vec<(PaperSlot, pages::Pages)>, Fault> {
    let all = pages::of(tx, id)?;
    let programme = judge::papers_by(tx, claim)?;
    let facts = &claim.details.reveal().facts;
    let rules = programme.iter().flat_map(|programme| scheme::documents(programme, facts));
    let mut slots: Vec<PaperSlot> = rules
        .map(|rule| PaperSlot { slot: rule.slot.clone(), title: rule.title.clone(), optional: rule.optional })
        .collect();
    for (slot, ..) in &all {
        if !slots.iter().any(|known| known.slot == *slot) {
            slots.push(PaperSlot { slot: slot.clone(), title: slot.clone(), optional: true });
        }
    }
    let of_slot = |slot: &str| all.iter().filter(|(of, ..)| of == slot).cloned().collect();
    Ok(slots.into_iter().map(|slot| (slot.clone(), of_slot(&slot.slot))).collect())
}

/// A paper's place in a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperSlot {
    pub slot: String,
    pub title: String,
    pub optional: bool,
}
