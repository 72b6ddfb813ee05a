//! Stock over time: pure moves between what is left, given and void.

use super::calendar::{self, Slot};
use super::record::*;
use crate::moment::Time;

/// The stock as it is at `now`: the release that has begun since is opened. One that is over comes along, to be
/// written down. However long nobody asked, this is one step: of the releases between the two, which gave nothing to
/// anybody, there is no more than what they carried over.
pub fn roll(mut stock: Stock, terms: &Terms, now: Time) -> (Stock, Option<Release>) {
    // Who takes part in its draw is drawn first, however long that had to wait.
    if stock.release.as_ref().is_some_and(Release::awaits_draw) {
        return (stock, None);
    }
    let running = stock.release.as_ref().map(|release| release.at);
    let since = stock.since().filter(|since| running.is_none_or(|running| running < *since));
    let first = since.and_then(|since| first(terms, since)).map(|first| just_before(first.at));
    let after = running.max(first);
    let begun = calendar::latest(terms, now).filter(|slot| after.is_some_and(|after| slot.at > after));
    let (Some(after), Some(slot)) = (after, begun) else { return (stock, None) };
    let between = if terms.carry_over { calendar::stock_between(terms, after, slot.at) } else { 0 };
    let over = open(&mut stock, terms, slot, between);
    (stock, over)
}

fn just_before(time: Time) -> Time {
    time.minus(std::time::Duration::from_millis(1))
}

/// The first release of rules that hold since then. One whose own date has passed is on, if it is not over; a rule that
/// repeats begins with its next time, as nobody could know of the one before.
fn first(terms: &Terms, since: Time) -> Option<Slot> {
    let on = calendar::latest_dated(terms, since)
        .filter(|slot| calendar::closes(terms, slot.at, Some(since)).is_none_or(|closes| since < closes));
    on.or_else(|| calendar::next(terms, just_before(since)))
}

/// Opens a release, with what was carried over `between`; the one before it is over and comes back.
fn open(stock: &mut Stock, terms: &Terms, slot: Slot, between: u32) -> Option<Release> {
    let mut over = stock.release.take();
    let left = over.as_mut().map_or(0, |over| std::mem::take(&mut over.left));
    let (kept, lapsed) = if terms.carry_over { (left, 0) } else { (0, left) };
    if let Some(over) = &mut over {
        (over.carried_out, over.lapsed) = (kept, lapsed);
    }
    let carried = kept.saturating_add(between);
    if terms.way != Way::Imported {
        // What was never given has no number and no code: it is loaded when its release begins.
        stock.pool.loaded += slot.stock.saturating_add(between);
        stock.pool.left = carried.saturating_add(slot.stock);
        stock.pool.void += lapsed;
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
        back: 0,
        left: carried.saturating_add(slot.stock),
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

/// How many the release that is on had in truth: there may be fewer codes than it was to have, and one that came back
/// is given twice.
pub fn there_were(stock: &Stock) -> u32 {
    let had = |release: &Release| release.offered().saturating_sub(release.back);
    stock.release.as_ref().map_or(0, |release| had(release).min(release.given + left(stock)))
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

/// A code of the queue is no good any more.
pub fn void_left(stock: &mut Stock) {
    stock.pool.left = stock.pool.left.saturating_sub(1);
    stock.pool.void += 1;
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

/// The benefit goes another way before anything was given: a provider's codes are still to be loaded, and of the others there
/// are as many as the release has left.
pub fn start_over(stock: &mut Stock, terms: &Terms) {
    let left = match terms.way {
        Way::Imported => 0,
        Way::Own | Way::Link { .. } | Way::Grant => stock.release.as_ref().map_or(0, |release| release.left),
    };
    stock.pool = Counts { loaded: left, left, ..Counts::default() };
}

/// One that the release of that time gave is there for somebody else.
pub fn come_back(stock: &mut Stock, terms: &Terms, given_in: Time) {
    if let Some(release) = stock.release.as_mut().filter(|release| release.at == given_in) {
        release.back += 1;
    }
    add(stock, terms, 1);
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

/// Is so little left that staff should see to it?
pub fn is_low(stock: &Stock, terms: &Terms) -> bool {
    stock.release.is_some() && stock.pool.left < terms.alarm_below
}

/// Is it time to alarm staff? Once, until there is enough again.
pub fn alarm(stock: &mut Stock, terms: &Terms) -> bool {
    let low = is_low(stock, terms);
    let rings = low && !stock.alarmed;
    stock.alarmed = low;
    rings
}

#[cfg(test)]
mod tests {
    use super::super::record::sample_terms;
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(&format!("{text}+08:00")).unwrap()
    }

    fn begun(terms: &Terms) -> Stock {
        let ten = at("2026-12-01T10:00:00");
        roll(Stock { since: Some(ten), ..Stock::default() }, terms, ten).0
    }

    #[test]
    fn a_year_without_anybody_ends_at_the_release_of_today() {
        let mut terms = sample_terms();
        for (carry_over, left) in [(true, 366 * 10), (false, 10)] {
            terms.carry_over = carry_over;
            let (stock, over) = roll(begun(&terms), &terms, at("2027-12-01T10:00:05"));
            let release = stock.release.unwrap();
            assert_eq!((release.at, release.offered()), (at("2027-12-01T10:00:00"), left));
            let over = over.unwrap();
            assert_eq!((over.at, over.carried_out + over.lapsed), (at("2026-12-01T10:00:00"), 10));
            let pool = stock.pool;
            assert_eq!(pool.loaded, pool.left + pool.void, "{pool:?}");
            assert_eq!(pool.left, left);
        }
    }

    #[test]
    fn a_rule_that_repeats_begins_with_its_next_time() {
        let mut terms = sample_terms();
        let published = at("2026-12-01T13:00:00"); // a Tuesday
        let begins = |stock: &Stock, terms: &Terms, now| {
            let (stock, _) = roll(stock.clone(), terms, now);
            super::super::rules::release(terms, &stock, now).map(|release| release.at)
        };
        let new = Stock { since: Some(published), ..Stock::default() };
        let next = at("2026-12-02T10:00:00");
        let not_yet = Err(super::super::rules::Refusal::NotYet { next, stock: 10 });
        assert_eq!(begins(&new, &terms, published), not_yet);
        assert_eq!(begins(&new, &terms, next), Ok(next));
        let changed = Stock { changed: Some(published), ..begun(&terms) };
        assert_eq!(begins(&changed, &terms, published), Ok(at("2026-12-01T10:00:00")), "it stays on");
        terms.releases[0].when =
            When::Weekly { days: vec![2, 3], hour: 12, minute: 0, from: None, until: None };
        let noon = at("2026-12-02T12:00:00");
        assert_eq!(begins(&changed, &terms, published), Ok(at("2026-12-01T10:00:00")), "not today's at noon");
        assert_eq!(roll(changed, &terms, noon).0.release.map(|r| (r.at, r.carried_in)), Some((noon, 10)));
        terms.releases.push(Rule { when: When::At(at("2026-12-01T12:30:00")), stock: 7 });
        assert_eq!(begins(&new, &terms, published), Ok(at("2026-12-01T12:30:00")), "one with a date is on");
    }

    #[test]
    fn it_is_the_same_whether_somebody_asks_each_day_or_once() {
        let mut terms = sample_terms();
        terms.releases.push(Rule { when: When::At(at("2026-12-05T10:00:00")), stock: 7 });
        terms.ends = Some(at("2026-12-20T10:00:00"));
        for carry_over in [true, false] {
            terms.carry_over = carry_over;
            let (mut daily, mut now) = (begun(&terms), at("2026-12-01T10:00:00"));
            for _ in 0..30 {
                now = now.plus(std::time::Duration::from_secs(86_400));
                daily = roll(daily, &terms, now).0;
                let (once, _) = roll(begun(&terms), &terms, now);
                assert_eq!((left(&once), &once.release), (left(&daily), &daily.release));
                assert_eq!(once.pool.left, daily.pool.left);
            }
            assert_eq!(daily.release.unwrap().at, at("2026-12-19T10:00:00"), "none begins at the end");
        }
    }

    #[test]
    fn a_release_waits_for_its_draw() {
        let mut terms = sample_terms();
        terms.mode = Mode::Lottery { collect_minutes: 10 };
        let mut stock = begun(&terms);
        let next_day = at("2026-12-02T10:00:00");
        assert_eq!(roll(stock.clone(), &terms, next_day).0.release.unwrap().at, next_day, "nobody tried");
        stock.release.as_mut().unwrap().tries = 1;
        assert_eq!(roll(stock.clone(), &terms, next_day).0.release.unwrap().at, at("2026-12-01T10:00:00"));
    }

    #[test]
    fn what_there_was_is_no_more_than_there_were_codes() {
        let mut terms = sample_terms();
        terms.way = Way::Imported;
        let mut stock = begun(&terms);
        assert_eq!(there_were(&stock), 0);
        for _ in 0..3 {
            load(&mut stock);
        }
        take(&mut stock, &terms, false, at("2026-12-01T10:00:00")).unwrap();
        assert_eq!((there_were(&stock), stock.release.unwrap().offered()), (3, 10));
    }
}
