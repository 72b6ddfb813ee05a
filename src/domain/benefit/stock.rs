//! Stock over time: pure moves between what is left, given and void.

use super::calendar::{self, Slot};
use super::record::*;
use crate::moment::Time;

/// Releases looked through at once; a benefit that nobody asked for in so long has lapsed stock anyway.
const ROLLED_MAX: usize = 100;

/// The stock as it is at `now`: releases that have begun since are opened. Those that are over come along, to be
/// written down.
pub fn roll(mut stock: Stock, terms: &Terms, now: Time) -> (Stock, Vec<Release>) {
    let mut over = Vec::new();
    for _ in 0..ROLLED_MAX {
        let next = match &stock.release {
            Some(release) => calendar::next(terms, release.at),
            None => stock.since.and_then(|since| first(terms, since)),
        };
        let Some(slot) = next.filter(|slot| slot.at <= now) else { break };
        over.extend(open(&mut stock, terms, slot));
    }
    (stock, over)
}

/// The release that is on when a benefit is first published, or else the next.
fn first(terms: &Terms, since: Time) -> Option<Slot> {
    let on = calendar::latest(terms, since)
        .filter(|slot| calendar::closes(terms, slot.at).is_none_or(|closes| since < closes));
    on.or_else(|| calendar::next(terms, since))
}

/// Opens a release; the one before it is over and comes back.
fn open(stock: &mut Stock, terms: &Terms, slot: Slot) -> Option<Release> {
    let mut over = stock.release.take();
    let left = over.as_mut().map_or(0, |over| std::mem::take(&mut over.left));
    let carried = if terms.carry_over { left } else { 0 };
    if let Some(over) = &mut over {
        (over.carried_out, over.lapsed) = (carried, left - carried);
    }
    if terms.way != Way::Imported {
        // What was never given has no number and no code: it is loaded when its release begins.
        stock.pool.loaded += slot.stock;
        stock.pool.left = carried + slot.stock;
        stock.pool.void += left - carried;
    }
    let draw = match terms.mode {
        Mode::Lottery { collect_minutes } => {
            let at = slot.at.plus(std::time::Duration::from_secs(u64::from(collect_minutes) * 60));
            Some(Draw { at, done: false })
        }
        Mode::FirstCome | Mode::Quiz => None,
    };
    stock.release = Some(Release {
        at: slot.at,
        stock: slot.stock,
        carried_in: carried,
        added: 0,
        left: carried + slot.stock,
        given: 0,
        carried_out: 0,
        lapsed: 0,
        newcomers: 0,
        tries: 0,
        first: stock.given + 1,
        gone: None,
        draw,
    });
    over
}

/// What can be given now: no more than the release has, nor than there are codes.
pub fn left(stock: &Stock) -> u32 {
    stock.release.as_ref().map_or(0, |release| release.left.min(stock.pool.left))
}

/// One goes to somebody; its number. `None`: there is none left.
pub fn take(stock: &mut Stock, terms: &Terms, newcomer: bool, now: Time) -> Option<u32> {
    if left(stock) == 0 {
        return None;
    }
    let release = stock.release.as_mut()?;
    release.left -= 1;
    release.given += 1;
    release.newcomers += u32::from(newcomer);
    let number = take_beside(stock, terms)?;
    if left(stock) == 0
        && let Some(release) = &mut stock.release
    {
        release.gone = Some(now);
    }
    Some(number)
}

/// One goes to somebody from beside the release, in the place of one that was no good.
pub fn take_beside(stock: &mut Stock, terms: &Terms) -> Option<u32> {
    if terms.way == Way::Imported {
        stock.pool.left = stock.pool.left.checked_sub(1)?;
    } else {
        let release = stock.release.as_ref().map_or(0, |release| release.left);
        // Our own codes have no end: beyond the release one more is loaded.
        if stock.pool.left > release {
            stock.pool.left -= 1;
        } else {
            stock.pool.loaded += 1;
        }
        stock.last += 1;
    }
    stock.pool.taken += 1;
    stock.given += 1;
    Some(stock.given)
}

/// The first code of the queue is no good any more.
pub fn void_left(stock: &mut Stock) {
    stock.pool.left = stock.pool.left.saturating_sub(1);
    stock.pool.void += 1;
    stock.given += 1;
}

/// A coupon that was given counts as void from here on.
pub fn void_taken(stock: &mut Stock) {
    stock.pool.taken = stock.pool.taken.saturating_sub(1);
    stock.pool.void += 1;
}

/// One more may be given in the running release.
pub fn add(stock: &mut Stock, terms: &Terms, count: u32) {
    let Some(release) = &mut stock.release else { return };
    release.added += count;
    release.left += count;
    release.gone = None;
    if terms.way != Way::Imported {
        stock.pool.loaded += count;
        stock.pool.left += count;
    }
}

/// A code joins the end of the queue; its number.
pub fn load(stock: &mut Stock) -> u32 {
    stock.pool.loaded += 1;
    stock.pool.left += 1;
    stock.last += 1;
    if let Some(release) = &mut stock.release {
        release.gone = None;
    }
    stock.last
}

/// Is it time to alarm staff? Once, until there is enough again.
pub fn alarm(stock: &mut Stock, terms: &Terms) -> bool {
    let low = stock.release.is_some() && stock.pool.left < terms.alarm_below;
    let rings = low && !stock.alarmed;
    stock.alarmed = low;
    rings
}
