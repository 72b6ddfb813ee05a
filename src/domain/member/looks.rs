//! Who of the staff looked at what tells of a member, and why: the member reads it in 我的资料.

use super::record::{Look, MemberId};
use crate::domain::counters::next_number;
use crate::domain::tables::LOOKS;
use crate::store::{Fault, Tx};

pub fn note(tx: &mut Tx, member: MemberId, why: &str, by: &str) -> Result<(), Fault> {
    let number = next_number(tx, "looks")?;
    let look = Look { at: tx.moment().now, why: why.to_owned(), by: by.to_owned() };
    tx.put(&LOOKS, &(member, number), &look)
}
