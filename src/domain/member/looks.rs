//! Who of the staff looked at what tells of a member, and why: the member reads it in 我的资料.

use std::collections::BTreeSet;

use super::record::{Look, MemberId};
use crate::domain::counters::next_number;
use crate::domain::tables::LOOKS;
use crate::store::{Fault, Tx};

pub fn note(tx: &mut Tx, member: MemberId, why: &str, by: &str) -> Result<(), Fault> {
    let number = next_number(tx, "looks")?;
    let look = Look { at: tx.moment().now, why: why.to_owned(), by: by.to_owned() };
    tx.put(&LOOKS, &(member, number), &look)
}

/// As [`note`], of a page that tells of several; each reads of it once.
pub fn note_all(
    tx: &mut Tx,
    members: impl IntoIterator<Item = MemberId>,
    why: &str,
    by: &str,
) -> Result<(), Fault> {
    let members: BTreeSet<MemberId> = members.into_iter().collect();
    members.into_iter().try_for_each(|member| note(tx, member, why, by))
}
