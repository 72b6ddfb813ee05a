//! What a provider tells of its codes: these were used.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::code;
use super::import::RefusedLine;
use super::manage::ManageRefusal;
use super::record::*;
use crate::domain::tables::{BENEFITS, COUPONS};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Codes in one commit; each is one coupon.
pub const USED_PER_COMMIT: usize = 100;

/// A provider's clock may be so much behind ours.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedCode {
    /// Of the file, from 1.
    pub line: u32,
    pub code: String,
    /// When, if the provider says so.
    pub at: Option<Time>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    pub marked: u32,
    /// They were known to be used.
    pub known: u32,
    /// Lines that were not taken; nothing else is the worse for them.
    pub refused: Vec<RefusedLine>,
}

/// Marks at most [`USED_PER_COMMIT`] codes as used. One that expired meanwhile was used all the same, and is no longer
/// held against its owner.
pub fn report(
    tx: &mut Tx,
    id: u32,
    by: &str,
    used: &[UsedCode],
) -> Result<Result<Reported, ManageRefusal>, Fault> {
    if tx.get(&BENEFITS, &id)?.is_none() {
        return Ok(Err(ManageRefusal::Unknown));
    }
    let mut reported = Reported::default();
    for one in used.iter().take(USED_PER_COMMIT) {
        match mark(tx, id, by, one)? {
            Ok(true) => reported.marked += 1,
            Ok(false) => reported.known += 1,
            Err((why, message)) => reported.refused.push(RefusedLine {
                line: one.line,
                why: why.to_owned(),
                message: message.to_owned(),
            }),
        }
    }
    Ok(Ok(reported))
}

type Marked = Result<bool, (&'static str, &'static str)>;

fn mark(tx: &mut Tx, id: u32, by: &str, one: &UsedCode) -> Result<Marked, Fault> {
    let now = tx.moment().now;
    let found = code::find(tx, &one.code)?.filter(|coupon| coupon.number.benefit == id);
    let Some(mut coupon) = found else { return Ok(Err(("unknown", "no code of this benefit"))) };
    if one.at.is_some_and(|at| at > now) {
        return Ok(Err(("future", "was used at a time that is still to come")));
    }
    let Some(owner) = &coupon.owner else {
        return Ok(Err(("not_given", "has not been given to anybody; if it was used, make it void")));
    };
    match coupon.state {
        CouponState::Redeemed(_) => return Ok(Ok(false)),
        CouponState::Given | CouponState::Expired { back: false, .. }
            if one.at.is_some_and(|at| at.plus(CLOCKS_DIFFER) < owner.at) =>
        {
            return Ok(Err((
                "before",
                "was used before it was given: make it void and give another in its place",
            )));
        }
        CouponState::Given | CouponState::Expired { back: false, .. } => {}
        CouponState::Expired { back: true, .. } => {
            return Ok(Err(("back", "expired, and one more went into stock for it")));
        }
        CouponState::Left | CouponState::Returned { .. } | CouponState::Void { .. } => {
            return Ok(Err(("void", "was given back or made void")));
        }
    }
    coupon.state = CouponState::Redeemed(Redemption {
        at: one.at.unwrap_or(now),
        by: by.to_owned(),
        place: String::new(),
    });
    tx.put(&COUPONS, &coupon.number.key(), &coupon)?;
    Ok(Ok(true))
}
