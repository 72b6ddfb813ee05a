//! What must hold between rows of benefits, recounted from the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::claim::counted_for;
use super::keep::came_back;
use super::record::*;
use super::{calendar, code};
use crate::domain::member::standing::Person;
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

const PAGE: usize = 300;

/// The benefits there are.
pub fn benefits(tx: &Tx, after: Option<u32>) -> Result<Vec<u32>, Fault> {
    Ok(tx.scan(&BENEFITS, &(), after.as_ref(), PAGE)?.rows.into_iter().map(|(id, _)| id).collect())
}

/// What was counted of one benefit's coupons. There may be many, and others work meanwhile, so it is done by pages.
#[derive(Debug, Clone, Default)]
pub struct Recount {
    stock: Option<Stock>,
    left: u32,
    taken: u32,
    void: u32,
    /// (person, release) → given.
    given: BTreeMap<(Person, Time), u16>,
    in_all: BTreeMap<Person, u16>,
    /// What an account claimed before it was theirs may come on top of what they may have.
    adopted: BTreeSet<Person>,
    /// Lot → codes of it.
    lots: BTreeMap<String, u32>,
    broken: Vec<String>,
    /// Where the next page begins.
    pub after: Option<(u32, u32)>,
    pub done: bool,
}

/// Counts one page of a benefit's coupons.
pub fn recount(tx: &Tx, id: u32, after: Option<(u32, u32)>) -> Result<Recount, Fault> {
    let stock = tx.get(&STOCKS, &id)?.unwrap_or_default();
    let mut counted = Recount { stock: Some(stock), ..Recount::default() };
    let page = tx.scan(&COUPONS, &(id,), after.as_ref(), PAGE)?;
    for (number, coupon) in &page.rows {
        counted.count(coupon, came_back(tx, coupon)?);
        if let Some(text) = &coupon.code {
            let leads = code::find(tx, text.reveal())?.is_some_and(|found| found.number == coupon.number);
            match (leads, &coupon.lot) {
                (true, Some(lot)) => *counted.lots.entry(lot.clone()).or_default() += 1,
                // A code that came back and was loaded again counts where it is now.
                (false, _) if !coupon.state.is_void() => {
                    counted.broken.push(format!("{}: its code leads to another coupon", coupon.number));
                }
                _ => {}
            }
        }
        if let Some(owner) = &coupon.owner {
            let place = (owner.person.clone(), owner.at, number.0, number.1);
            if tx.get(&COUPONS_OF, &place)?.is_none() {
                counted.broken.push(format!("{}: its owner's list does not lead to it", coupon.number));
            }
        }
    }
    counted.done = page.next.is_none();
    counted.after = page.next;
    Ok(counted)
}

impl Recount {
    /// Adds the next page.
    pub fn join(&mut self, next: Recount) {
        self.stock = self.stock.take().or(next.stock); // as it was when counting began
        self.left += next.left;
        self.taken += next.taken;
        self.void += next.void;
        add(&mut self.given, next.given, u16::saturating_add);
        add(&mut self.in_all, next.in_all, u16::saturating_add);
        add(&mut self.lots, next.lots, u32::saturating_add);
        self.adopted.extend(next.adopted);
        self.broken.extend(next.broken);
        (self.after, self.done) = (next.after, next.done);
    }

    fn count(&mut self, coupon: &Coupon, is_back: bool) {
        match &coupon.state {
            CouponState::Left => self.left += 1,
            state if state.is_void() => self.void += 1,
            _ => self.taken += 1,
        }
        let owned = coupon.owner.is_some();
        let may_be = match coupon.state {
            CouponState::Left => !owned,
            // A code that was put aside before it was given was nobody's.
            CouponState::Void { .. } => true,
            _ => owned,
        };
        if !may_be {
            self.broken.push(format!("{}: {} and its owner differ", coupon.number, coupon.state.name()));
        }
        let Some(owner) = coupon.owner.as_ref().filter(|owner| owner.instead_of.is_none()) else { return };
        self.adopted.extend(owner.adopted.then(|| owner.person.clone()));
        for person in counted_for(&owner.person, &owner.follower) {
            *self.given.entry((person.clone(), owner.release)).or_default() += 1;
            *self.in_all.entry(person).or_default() += u16::from(!is_back);
        }
    }
}

fn add<K: Ord, N: Default + Copy>(all: &mut BTreeMap<K, N>, more: BTreeMap<K, N>, sum: fn(N, N) -> N) {
    for (key, count) in more {
        let kept = all.entry(key).or_default();
        *kept = sum(*kept, count);
    }
}

/// The benefit, if nothing moved since counting began: else nothing can be told of it.
fn unmoved(tx: &Tx, id: u32, counted: &Recount) -> Result<Option<Benefit>, Fault> {
    let stock = tx.get(&STOCKS, &id)?.unwrap_or_default();
    Ok(tx.get(&BENEFITS, &id)?.filter(|_| Some(&stock) == counted.stock.as_ref()))
}

/// What does not hold for a benefit whose coupons were counted, but for its people's [`limits`].
pub fn benefit(tx: &Tx, id: u32, recount: &Recount) -> Result<Vec<String>, Fault> {
    let (Some(benefit), Some(stock)) = (unmoved(tx, id, recount)?, &recount.stock) else {
        return Ok(Vec::new());
    };
    let code = BenefitCode(id);
    let mut broken = recount.broken.clone();
    let Counts { loaded, left, held, taken, void } = stock.pool;
    if loaded != left + held + taken + void {
        broken.push(format!(
            "{code}: {loaded} loaded, but {left} left, {held} held, {taken} taken, {void} void"
        ));
    }
    if recount.taken != taken {
        broken.push(format!("{code}: {taken} are said to be taken, rows say {}", recount.taken));
    }
    let imported = benefit.terms.way == Way::Imported;
    if imported && (recount.left != left || recount.void != void) {
        let (rows_left, rows_void) = (recount.left, recount.void);
        broken.push(format!("{code}: {left} left and {void} void, rows say {rows_left} and {rows_void}"));
    }
    if !imported && recount.void > void {
        broken.push(format!("{code}: {void} are said to be void, rows say {}", recount.void));
    }
    lots(tx, &benefit, &recount.lots, &mut broken)?;
    releases(tx, &benefit, stock, &mut broken)?;
    Ok(broken)
}

/// Every code that was loaded is left, taken or void still, lot by lot.
fn lots(
    tx: &Tx,
    benefit: &Benefit,
    counted: &BTreeMap<String, u32>,
    broken: &mut Vec<String>,
) -> Result<(), Fault> {
    let (code, mut loaded) = (BenefitCode(benefit.id), 0);
    let mut after = None;
    loop {
        let page = tx.scan(&LOTS, &(benefit.id,), after.as_ref(), PAGE)?;
        for ((_, name), lot) in &page.rows {
            let rows = counted.get(name).copied().unwrap_or(0);
            if rows != lot.count {
                broken.push(format!("{code} lot {name}: {} codes were loaded, rows say {rows}", lot.count));
            }
            loaded += 1;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if counted.len() > loaded {
        broken.push(format!("{code}: codes are of {} lots, {loaded} are known", counted.len()));
    }
    Ok(())
}

fn releases(tx: &Tx, benefit: &Benefit, stock: &Stock, broken: &mut Vec<String>) -> Result<(), Fault> {
    let latest = stock.release.iter().cloned();
    let earlier = tx.scan_back(&RELEASES, &(benefit.id,), None, PAGE)?.rows;
    for release in latest.chain(earlier.into_iter().map(|(_, release)| release)) {
        if release.offered() != release.left + release.given + release.carried_out + release.lapsed {
            broken.push(format!(
                "{} release {}: {release:?} does not add up",
                BenefitCode(benefit.id),
                release.at
            ));
        }
    }
    Ok(())
}

/// What does not hold for some of the people whose coupons were counted, and after whom to go on.
pub fn limits(
    tx: &Tx,
    id: u32,
    counted: &Recount,
    after: Option<&Person>,
) -> Result<(Vec<String>, Option<Person>), Fault> {
    let Some(benefit) = unmoved(tx, id, counted)? else { return Ok((Vec::new(), None)) };
    let code = BenefitCode(id);
    let unchanged = benefit.changed <= benefit.created.max(first_day(tx, &benefit)?);
    let max = benefit.terms.per_person.release.filter(|_| unchanged);
    let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut broken = Vec::new();
    let mut last = None;
    for (person, count) in counted.in_all.range::<Person, _>((begin, Bound::Unbounded)).take(PAGE) {
        last = Some(person.clone());
        let had = tx.get(&HAD, &(person.clone(), id))?.unwrap_or_default();
        if had.in_all != *count {
            broken.push(format!("{code}: {person:?} had {count}, kept is {}", had.in_all));
        }
        let (release, kept) = had.release;
        let rows = counted.given.get(&(person.clone(), release)).copied().unwrap_or(0);
        if kept != rows {
            broken.push(format!("{code}: {person:?} had {rows} of the release {release}, kept is {kept}"));
        }
        let given = counted.given.range((person.clone(), Time::default())..);
        for ((_, release), count) in given.take_while(|((of, _), _)| of == person) {
            if let Some(max) = max.filter(|max| count > max && !counted.adopted.contains(person)) {
                let had = format!("had {count} of the release {release}, allowed are {max}");
                broken.push(format!("{code}: {person:?} {had}"));
            }
        }
    }
    Ok((broken, last))
}

/// Limits that staff changed later say nothing of what was given before.
fn first_day(tx: &Tx, benefit: &Benefit) -> Result<Time, Fault> {
    let stock = tx.get(&STOCKS, &benefit.id)?.unwrap_or_default();
    Ok(stock
        .since
        .and_then(|since| calendar::latest(&benefit.terms, since).map(|_| since))
        .unwrap_or_default())
}
