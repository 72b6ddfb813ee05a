//! What must happen, said as plainly as possible: coupons in a list, everything recounted each time. Time is in
//! hours since ten o'clock of the first day.

use std::collections::BTreeMap;

use gonghui::domain::benefit::record::{Coupon, CouponState};

use super::place::{PAUSE_DAYS, START, Variant, follower};

/// An answer, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Number(u32),
    AlreadyHad(u32),
    Done,
    No(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Given,
    Redeemed,
    Expired,
    Returned,
}

/// One that somebody got, by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub who: u16,
    pub release: u64,
    pub at: u64,
    pub until: u64,
    pub stands: Stands,
}

#[derive(Debug)]
pub struct Model {
    variant: Variant,
    now: u64,
    /// The day whose release is on, and what is left of it.
    release: u64,
    left: u32,
    /// Codes that wait to be given.
    codes: u32,
    pub rows: Vec<Row>,
    paused: BTreeMap<u16, u64>,
    unused: BTreeMap<u16, u16>,
}

const DAY: u64 = 24;
/// Ten o'clock is so many hours after midnight.
const MORNING: u64 = 10;

impl Model {
    pub fn new(variant: Variant) -> Model {
        let left = variant.stock;
        Model {
            variant,
            now: 0,
            release: 0,
            left,
            codes: 0,
            rows: Vec::new(),
            paused: BTreeMap::new(),
            unused: BTreeMap::new(),
        }
    }

    pub fn later(&mut self, hours: u64) {
        self.now += hours;
        while self.release < self.now / DAY {
            self.release += 1;
            self.left = self.variant.stock + if self.variant.carry_over { self.left } else { 0 };
        }
        let mut over: Vec<usize> = (0..self.rows.len())
            .filter(|index| self.rows[*index].stands == Stands::Given && self.rows[*index].until <= self.now)
            .collect();
        over.sort_by_key(|index| self.rows[*index].until);
        for index in over {
            self.rows[index].stands = Stands::Expired;
            if self.variant.expired_to_stock {
                self.back();
            }
            self.count_unused(self.rows[index].who, self.rows[index].until);
        }
    }

    fn count_unused(&mut self, who: u16, at: u64) {
        if self.variant.unused == 0 {
            return;
        }
        let count = self.unused.entry(who).or_default();
        *count += 1;
        if *count >= self.variant.unused {
            *count = 0;
            let until = self.paused.entry(who).or_default();
            *until = (*until).max(at + u64::from(PAUSE_DAYS) * DAY);
        }
    }

    /// One more in stock; an imported code only if it may be given again.
    fn back(&mut self) {
        self.left += 1;
        if self.variant.imported && self.variant.same_code {
            self.codes += 1;
        }
    }

    fn in_stock(&self) -> u32 {
        if self.variant.imported { self.left.min(self.codes) } else { self.left }
    }

    pub fn claim(&mut self, who: u16) -> Said {
        let mine = || self.rows.iter().enumerate().filter(move |(_, row)| row.who == who);
        let here = mine().filter(|(_, row)| row.release == self.release).count();
        if self.variant.per_release == 1 && here >= 1 {
            return Said::AlreadyHad(mine().next_back().map_or(0, |(index, _)| index as u32 + 1));
        }
        if self.paused.get(&who).is_some_and(|until| self.now < *until) {
            return Said::No("paused_for_unused");
        }
        let kept = || mine().filter(|(_, row)| row.stands != Stands::Returned);
        let this_month = kept().filter(|(_, row)| month(row.at) == month(self.now)).count();
        let over = |max: Option<u16>, count: usize| max.is_some_and(|max| count >= usize::from(max));
        if over(Some(self.variant.per_release), here)
            || over(self.variant.in_all, kept().count())
            || over(self.variant.per_month, this_month)
        {
            return Said::No("limit_reached");
        }
        if self.in_stock() == 0 {
            let none = self.rows.iter().all(|row| row.release != self.release);
            return Said::No(if none { "no_codes" } else { "gone" });
        }
        self.left -= 1;
        self.codes = self.codes.saturating_sub(1);
        // To the end of the day, so many days later.
        let midnight = (self.now + MORNING) / DAY * DAY + DAY;
        let until = midnight - MORNING + u64::from(self.variant.valid_days) * DAY;
        self.rows.push(Row { who, release: self.release, at: self.now, until, stands: Stands::Given });
        Said::Number(self.rows.len() as u32)
    }

    pub fn give_back(&mut self, who: u16, number: u32) -> Said {
        match self.rows.get(number as usize - 1) {
            Some(row) if row.who == who && row.stands == Stands::Given => {}
            Some(row) if row.who == who => return Said::No("no_longer_yours"),
            _ => return Said::No("unknown_coupon"),
        }
        self.rows[number as usize - 1].stands = Stands::Returned;
        if self.variant.returned_to_stock {
            self.back();
        }
        Said::Done
    }

    pub fn redeem(&mut self, number: u32) -> Said {
        let row = &mut self.rows[number as usize - 1];
        match row.stands {
            Stands::Given => {
                row.stands = Stands::Redeemed;
                Said::Done
            }
            Stands::Redeemed => Said::No("already_redeemed"),
            Stands::Expired => Said::No("expired"),
            Stands::Returned => Said::No("returned"),
        }
    }

    pub fn top_up(&mut self, count: u32) -> Said {
        self.left += count;
        Said::Done
    }

    pub fn load(&mut self, count: u32) -> Said {
        if !self.variant.imported {
            return Said::No("own_codes");
        }
        self.codes += count;
        Said::Done
    }

    /// What waits to be given, and what was.
    pub fn counts(&self) -> (u32, u32) {
        (if self.variant.imported { self.codes } else { self.left }, self.rows.len() as u32)
    }
}

/// The first of December is a Tuesday; January begins thirty days and fourteen hours after it.
fn month(at: u64) -> u64 {
    u64::from(at >= 30 * DAY + DAY - MORNING)
}

impl Row {
    pub fn of(coupon: &Coupon) -> Row {
        let owner = coupon.owner.as_ref().unwrap();
        let hours = |time: gonghui::moment::Time| time.since(START).as_secs() / 3600;
        Row {
            who: (0..=u16::MAX).find(|who| follower(*who) == owner.follower).unwrap(),
            release: hours(owner.release) / DAY,
            at: hours(owner.at),
            until: hours(owner.until),
            stands: match coupon.state {
                CouponState::Given => Stands::Given,
                CouponState::Redeemed(_) => Stands::Redeemed,
                CouponState::Expired { .. } => Stands::Expired,
                CouponState::Returned { .. } => Stands::Returned,
                ref other => panic!("{other:?}"),
            },
        }
    }
}
