//! What must happen, said as plainly as possible: coupons in a list, everything recounted each time. Time is in
//! hours since ten o'clock of the first day.

use std::collections::{BTreeMap, BTreeSet};

use gonghui::domain::benefit::record::{Coupon, CouponState};
use gonghui::domain::member::record::MemberId;
use gonghui::domain::member::standing::Person;

use super::place::{PAUSE_DAYS, START, Variant, follower};

/// An answer, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Number(u32),
    AlreadyHad(u32),
    Done,
    No(&'static str),
}

/// Whom something counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    Member(u16),
    Follower(u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Given,
    Redeemed,
    /// Whether one more went into stock for it.
    Expired(bool),
    Returned,
    Void,
}

/// One that somebody got, by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The account that claimed it, and the member it was then.
    pub who: u16,
    pub member: Option<u16>,
    pub release: u64,
    pub at: u64,
    pub until: u64,
    /// Given for the one at that place, which was made void.
    pub instead_of: Option<usize>,
    pub stands: Stands,
}

#[derive(Debug, Clone, Default)]
struct Wallet {
    /// Since when it is known to be unused, and which.
    strikes: BTreeSet<(u64, usize)>,
    /// Since when and until when.
    ban: Option<(u64, u64)>,
    lifted: Option<u64>,
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
    /// Expired, and from when on they count as unused.
    unknown: Vec<(u64, usize)>,
    wallets: BTreeMap<Whom, Wallet>,
    /// Account → member.
    bound: BTreeMap<u16, u16>,
}

const DAY: u64 = 24;
/// Ten o'clock is so many hours after midnight.
const MORNING: u64 = 10;
const WITHIN: u64 = 365 * DAY;

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
            unknown: Vec::new(),
            wallets: BTreeMap::new(),
            bound: BTreeMap::new(),
        }
    }

    pub fn later(&mut self, hours: u64) {
        self.now += hours;
        while self.release < self.now / DAY {
            self.release += 1;
            self.left = self.variant.stock + if self.variant.carry_over { self.left } else { 0 };
        }
        let days = if self.variant.imported { u64::from(self.variant.reported_days) } else { 0 };
        for index in 0..self.rows.len() {
            let Row { stands, until, .. } = self.rows[index];
            if stands == Stands::Given && until <= self.now {
                self.rows[index].stands = Stands::Expired(self.variant.expired_to_stock);
                if self.variant.expired_to_stock {
                    self.back();
                }
                self.unknown.push((until + days * DAY, index));
            }
        }
        let over = self.unknown.iter().copied().filter(|(known, _)| *known <= self.now);
        for (known, index) in over.collect::<Vec<_>>() {
            self.unknown.retain(|(_, other)| *other != index);
            // Whoever looks after the days finds it out when they look.
            self.strike(index, if days == 0 { known } else { self.now });
        }
    }

    fn strike(&mut self, index: usize, at: u64) {
        if self.variant.unused == 0 || !matches!(self.rows[index].stands, Stands::Expired(_)) {
            return;
        }
        let Row { who, member, until, .. } = self.rows[index];
        let mut whose = self.known_as(member.map_or(Whom::Follower(who), Whom::Member));
        whose.push(Whom::Follower(who));
        let mut wallet = self.wallet(&whose);
        if wallet.lifted.is_some_and(|lifted| until <= lifted) {
            return;
        }
        wallet.strikes.insert((at, index));
        self.keep(&whose, &wallet);
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

    /// The account, and the member it is now.
    fn persons(&self, who: u16) -> Vec<Whom> {
        let member = self.bound.get(&who).map(|member| Whom::Member(*member));
        member.into_iter().chain([Whom::Follower(who)]).collect()
    }

    fn known_as(&self, whom: Whom) -> Vec<Whom> {
        match whom {
            Whom::Follower(who) => self.persons(who),
            Whom::Member(member) => {
                let account = self.bound.iter().find(|(_, bound)| **bound == member);
                [whom].into_iter().chain(account.map(|(who, _)| Whom::Follower(*who))).collect()
            }
        }
    }

    fn wallet(&self, whose: &[Whom]) -> Wallet {
        let all = || whose.iter().filter_map(|whom| self.wallets.get(whom));
        let lifted = all().filter_map(|wallet| wallet.lifted).max();
        let counts = |at: u64| lifted.is_none_or(|lifted| at > lifted);
        let unused = |index: usize| matches!(self.rows[index].stands, Stands::Expired(_));
        let strikes = all().flat_map(|wallet| &wallet.strikes).copied();
        let bans = all().filter_map(|wallet| wallet.ban);
        Wallet {
            strikes: strikes.filter(|(at, index)| counts(*at) && unused(*index)).collect(),
            ban: bans.filter(|(since, _)| counts(*since)).max_by_key(|(_, until)| *until),
            lifted,
        }
    }

    fn keep(&mut self, whose: &[Whom], wallet: &Wallet) {
        self.wallets.extend(whose.iter().map(|whom| (*whom, wallet.clone())));
    }

    /// Until when the strikes pause.
    fn pause(&self, wallet: &Wallet) -> u64 {
        let (mut until, mut open) = (0, Vec::new());
        for (at, _) in &wallet.strikes {
            open.push(*at);
            let within = open.iter().filter(|other| **other + WITHIN > *at).count();
            if within >= usize::from(self.variant.unused) {
                until = until.max(at + u64::from(PAUSE_DAYS) * DAY);
                open.clear();
            }
        }
        until
    }

    fn paused(&self, who: u16) -> Option<&'static str> {
        let wallet = self.wallet(&self.persons(who));
        let (unused, ban) = (self.pause(&wallet), wallet.ban.map_or(0, |(_, until)| until));
        match self.now {
            now if now >= unused && now >= ban => None,
            now if now < ban && ban >= unused => Some("paused_by_staff"),
            _ => Some("paused_for_unused"),
        }
    }

    /// Did it come back, or the one that was given for it?
    fn came_back(&self, index: usize) -> bool {
        let next = self.rows.iter().position(|row| row.instead_of == Some(index));
        match (self.rows[index].stands, next) {
            (Stands::Returned, _) | (Stands::Void, None) => true,
            (_, next) => next.is_some_and(|next| self.came_back(next)),
        }
    }

    /// The one at that place, or the last of those that were given for it.
    fn in_its_place(&self, index: usize) -> usize {
        let next = self.rows.iter().position(|row| row.instead_of == Some(index));
        next.map_or(index, |next| self.in_its_place(next))
    }

    pub fn claim(&mut self, who: u16) -> Said {
        let persons = self.persons(who);
        // What is given for another counts for nothing.
        let claimed = || self.rows.iter().enumerate().filter(|(_, row)| row.instead_of.is_none());
        let counts_for = |row: &Row, whom: &Whom| match whom {
            Whom::Member(member) => row.member == Some(*member),
            Whom::Follower(who) => row.who == *who,
        };
        // As the member and as the account, whichever had more.
        let most = |counts: &dyn Fn(usize, &Row) -> bool| {
            let had = |whom: &Whom| {
                claimed().filter(|(index, row)| counts_for(row, whom) && counts(*index, row)).count()
            };
            persons.iter().map(had).max().unwrap_or(0)
        };
        let latest = claimed().rfind(|(_, row)| persons.iter().any(|whom| counts_for(row, whom)));
        let here = most(&|_, row| row.release == self.release);
        if self.variant.per_release == 1 && here >= 1 {
            return Said::AlreadyHad(latest.map_or(0, |(index, _)| self.in_its_place(index) as u32 + 1));
        }
        if let Some(paused) = self.paused(who) {
            return Said::No(paused);
        }
        let within = |max: Option<u16>, period: fn(u64) -> u64| {
            let now = period(self.now);
            let count = most(&|index, row| period(row.at) == now && !self.came_back(index));
            max.is_none_or(|max| count < usize::from(max))
        };
        let Variant { per_release, per_month, per_week, per_day, in_all, .. } = self.variant;
        let until = |max: Option<u16>, period: fn(u64) -> u64| {
            let is_over = |at: &u64| period(*at) != period(self.now);
            if within(max, period) { None } else { (self.now..).find(is_over) }
        };
        let reached = [
            (here >= usize::from(per_release)).then_some((self.release + 1) * DAY),
            (!within(in_all, |_| 0)).then_some(u64::MAX),
            until(per_month, month),
            until(per_week, |at| (day(at) + 1) / 7),
            until(per_day, day),
        ];
        let reached = reached.into_iter().flatten().max();
        let cool = u64::from(self.variant.cool_down_days) * DAY;
        let cools = latest.map(|(_, row)| row.at + cool).filter(|until| self.now < *until);
        // What ends last is told.
        match reached {
            _ if cools > reached => return Said::No("cooling_down"),
            Some(_) => return Said::No("limit_reached"),
            None => {}
        }
        if self.in_stock() == 0 {
            let none = claimed().all(|(_, row)| row.release != self.release);
            return Said::No(if none { "no_codes" } else { "gone" });
        }
        self.left -= 1;
        let member = self.bound.get(&who).copied();
        self.hand_over(who, member, self.release, None)
    }

    fn hand_over(&mut self, who: u16, member: Option<u16>, release: u64, instead_of: Option<usize>) -> Said {
        self.codes = self.codes.saturating_sub(1);
        // To the end of the day, so many days later.
        let until = (day(self.now) + 1) * DAY - MORNING + u64::from(self.variant.valid_days) * DAY;
        let stands = Stands::Given;
        self.rows.push(Row { who, member, release, at: self.now, until, instead_of, stands });
        Said::Number(self.rows.len() as u32)
    }

    /// The account by which its owner can give a coupon back.
    pub fn owner(&self, index: usize) -> u16 {
        let row = self.rows[index];
        let account = self.bound.iter().find(|(_, member)| row.member == Some(**member));
        account.map_or(row.who, |(who, _)| *who)
    }

    pub fn give_back(&mut self, who: u16, number: u32) -> Said {
        let row = self.rows[number as usize - 1];
        let is_own = match row.member {
            Some(member) => self.bound.get(&who) == Some(&member),
            None => row.who == who,
        };
        match row.stands {
            _ if !is_own => return Said::No("unknown_coupon"),
            Stands::Given => {}
            _ => return Said::No("no_longer_yours"),
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
            Stands::Expired(_) => Said::No("expired"),
            Stands::Returned => Said::No("returned"),
            Stands::Void => Said::No("void"),
        }
    }

    /// The provider says so.
    pub fn used(&mut self, number: u32) -> Said {
        let row = &mut self.rows[number as usize - 1];
        match row.stands {
            Stands::Given | Stands::Expired(false) => {
                row.stands = Stands::Redeemed;
                Said::Done
            }
            Stands::Redeemed => Said::No("known"),
            Stands::Expired(true) | Stands::Returned | Stands::Void => Said::No("void"),
        }
    }

    pub fn void(&mut self, number: u32, again: bool) -> Said {
        let index = number as usize - 1;
        let Row { who, member, release, stands, .. } = self.rows[index];
        if !matches!(stands, Stands::Given | Stands::Expired(false)) {
            return Said::No("coupon_state");
        }
        if again && self.variant.imported && self.codes == 0 {
            return Said::No("nothing_left");
        }
        self.rows[index].stands = Stands::Void;
        if again { self.hand_over(who, member, release, Some(index)) } else { Said::Done }
    }

    /// The account becomes the member's; another that was, no longer is.
    pub fn bind(&mut self, who: u16, member: u16) -> Said {
        if self.bound.contains_key(&who) {
            return Said::No("bound");
        }
        self.bound.retain(|_, bound| *bound != member);
        self.bound.insert(who, member);
        // What the account claimed before is the member's from here on.
        self.rows
            .iter_mut()
            .filter(|row| row.who == who && row.member.is_none())
            .for_each(|row| row.member = Some(member));
        let whose = self.persons(who);
        let wallet = self.wallet(&whose);
        self.keep(&whose, &wallet);
        Said::Done
    }

    pub fn unbind(&mut self, who: u16) -> Said {
        if self.bound.remove(&who).is_some() { Said::Done } else { Said::No("not_bound") }
    }

    pub fn ban(&mut self, whom: Whom, hours: u64) -> Said {
        let whose = self.known_as(whom);
        let wallet = Wallet { ban: Some((self.now, self.now + hours)), ..self.wallet(&whose) };
        self.keep(&whose, &wallet);
        Said::Done
    }

    pub fn lift(&mut self, whom: Whom) -> Said {
        let whose = self.known_as(whom);
        let wallet = self.wallet(&whose);
        if self.now >= self.pause(&wallet).max(wallet.ban.map_or(0, |(_, until)| until)) {
            return Said::No("not_paused");
        }
        self.keep(&whose, &Wallet { lifted: Some(self.now), ..Wallet::default() });
        Said::Done
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

/// The first is a Tuesday.
fn day(at: u64) -> u64 {
    (at + MORNING) / DAY
}

/// January begins thirty-one days after the first of December, February as many later, and so on.
fn month(at: u64) -> u64 {
    let lengths = [31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30];
    let (mut left, mut months) = (day(at), 0);
    for length in lengths.into_iter().cycle() {
        match left.checked_sub(length) {
            Some(rest) => (left, months) = (rest, months + 1),
            None => break,
        }
    }
    months
}

impl Row {
    pub fn of(coupon: &Coupon, members: &[MemberId]) -> Row {
        let owner = coupon.owner.as_ref().unwrap();
        let hours = |time: gonghui::moment::Time| time.since(START).as_secs() / 3600;
        Row {
            who: (0..=u16::MAX).find(|who| follower(*who) == owner.follower).unwrap(),
            member: match &owner.person {
                Person::Member(id) => members.iter().position(|member| member == id).map(|n| n as u16),
                Person::Follower(_) => None,
            },
            release: hours(owner.release) / DAY,
            at: hours(owner.at),
            until: hours(owner.until),
            instead_of: owner.instead_of.map(|number| number.number as usize - 1),
            stands: match coupon.state {
                CouponState::Given => Stands::Given,
                CouponState::Redeemed(_) => Stands::Redeemed,
                CouponState::Expired { back, .. } => Stands::Expired(back),
                CouponState::Returned { .. } => Stands::Returned,
                CouponState::Void { .. } => Stands::Void,
                CouponState::Left => panic!("{coupon:?}"),
            },
        }
    }
}
