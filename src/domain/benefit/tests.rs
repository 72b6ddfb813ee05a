//! Benefits together with members, contacts and the outbox.

mod codes;
mod draws;
mod fair;
mod list;
mod quizzes;
mod reminders;

use std::collections::BTreeSet;
use std::time::Duration;

use super::claim::{Account, Claimed, claim};
use super::import::{NewCode, Origin, import};
use super::keep::{give_back, mine, own};
use super::manage::{ManageRefusal, change, create, publish};
use super::record::*;
use super::redeem::{RedeemRefusal, Redeemer, redeem, undo};
use super::reissue::void;
use super::rules::{Period, Refusal};
use crate::domain::contact::record::FollowerId;
use crate::domain::eligibility::{Ineligible, Who};
use crate::domain::member::binding::{Claim, bind, unbind, unbind_by_staff};
use crate::domain::member::erase::withdraw;
use crate::domain::member::identity;
use crate::domain::member::list::{Entered, Listed, ListedCard, enter};
use crate::domain::member::record::MemberId;
use crate::domain::outbox::record::{Notice, Welfare};
use crate::domain::tables::*;
use crate::domain::timers::fire;
use crate::moment::Time;
use crate::store::testing::Bench;

const DAY: Duration = Duration::from_secs(86_400);

fn who(name: &str) -> FollowerId {
    FollowerId::new(name)
}

fn number(n: u32) -> String {
    let body = format!("33029919900101{n:03}");
    format!("{body}{}", char::from(identity::check(body.as_bytes())))
}

fn open(terms: Terms) -> Bench {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
    bench.run(|tx| publish(tx, id)).unwrap().unwrap();
    bench
}

fn with(edit: impl Fn(&mut Terms)) -> Terms {
    let mut terms = sample_terms();
    edit(&mut terms);
    terms
}

impl Bench {
    fn claims_as(&mut self, name: &str, followed: Option<Time>, tags: &[u32]) -> Result<Claimed, Refusal> {
        self.run(|tx| claim(tx, Account { who: &who(name), followed, tags }, 1)).unwrap()
    }

    fn claims(&mut self, name: &str) -> Result<Coupon, Refusal> {
        match self.claims_as(name, None, &[])? {
            Claimed::Coupon(coupon) => Ok(*coupon),
            other => panic!("{other:?}"),
        }
    }

    fn refuses(&mut self, name: &str) -> Refusal {
        self.claims(name).unwrap_err()
    }

    /// On the federation's list; a card ends then.
    fn enlists(&mut self, n: u32, card_until: Option<Time>) -> MemberId {
        let card =
            |until| ListedCard { number: "6200".to_owned(), until: Some(until), ..ListedCard::default() };
        let row = Listed {
            name: format!("样例{n}"),
            identity: number(n),
            phone: Some(format!("139000000{n:02}")),
            district: "鄞州".to_owned(),
            union: "样例厂工会".to_owned(),
            card: card_until.map(card),
            ..Listed::default()
        };
        match self.run(|tx| enter(tx, &row, false)).unwrap() {
            Entered::Added(id) => id,
            other => panic!("{other:?}"),
        }
    }

    fn recognises(&mut self, name: &str, n: u32, moves: bool) {
        let (said, phone) = (format!("样例{n}"), format!("139000000{n:02}"));
        let proof = Claim { name: said, identity: number(n), phone, union: String::new() };
        self.run(|tx| bind(tx, &who(name), &proof, moves)).unwrap().unwrap();
    }

    fn goes_on(&mut self, span: Duration) {
        self.moment.now = self.moment.now.plus(span);
        while self.run(fire).unwrap() {}
    }

    fn comes_to(&mut self, time: &str) {
        self.moment.now = Time::parse(&format!("{time}+08:00")).unwrap();
    }

    fn told_of_welfare(&mut self) -> Vec<(String, Welfare)> {
        let rows = self.run(|tx| Ok(tx.scan(&OUTBOX, &(), None, 1000)?.rows)).unwrap();
        let welfare = |(_, row): (u64, crate::domain::outbox::record::Outgoing)| match row.notice {
            Notice::Welfare(welfare) => Some((row.to.as_str().to_owned(), welfare)),
            _ => None,
        };
        rows.into_iter().filter_map(welfare).collect()
    }
}

fn till(provider: &str) -> Redeemer {
    Redeemer { name: "till".to_owned(), provider: Some(provider.to_owned()), place: String::new() }
}

fn code(coupon: &Coupon) -> String {
    coupon.code.as_ref().unwrap().reveal().clone()
}

#[test]
fn limits_go_by_the_identity_whichever_account_it_uses() {
    let mut bench = open(with(|terms| {
        terms.per_person = Limits { release: Some(1), day: None, week: None, month: None, in_all: Some(1) };
    }));
    bench.enlists(1, None);
    bench.recognises("oMei", 1, false);
    let first = bench.claims("oMei").unwrap();
    bench.goes_on(31 * DAY);
    bench.recognises("oNewPhone", 1, true);
    let limit = Refusal::LimitReached { period: Period::InAll, max: 1, again: None };
    assert_eq!(bench.refuses("oNewPhone"), limit);
    assert_eq!(bench.refuses("oMei"), limit, "nor does the account begin anew");
    let own = |bench: &mut Bench, name: &str| bench.run(|tx| own(tx, &who(name), first.number)).unwrap();
    assert!(own(&mut bench, "oNewPhone").is_some() && own(&mut bench, "oMei").is_none());
    assert_eq!(bench.run(|tx| mine(tx, &who("oNewPhone"), 9)).unwrap().len(), 1);
}

#[test]
fn who_claimed_before_being_recognised_is_the_same_person_after() {
    let mut bench = open(sample_terms());
    bench.enlists(1, None);
    let first = bench.claims("oMei").unwrap();
    bench.recognises("oMei", 1, false);
    assert!(matches!(bench.refuses("oMei"), Refusal::AlreadyHad { coupon, .. } if coupon == first.number));
    assert_eq!(bench.run(|tx| mine(tx, &who("oMei"), 9)).unwrap().len(), 1, "and it is still there");
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    assert!(matches!(bench.refuses("oMei"), Refusal::AlreadyHad { .. }));
}

#[test]
fn what_was_claimed_before_being_recognised_counts_whatever_account_is_used_later() {
    let mut bench = open(with(|terms| {
        terms.per_person = Limits { release: Some(1), day: None, week: None, month: Some(2), in_all: None };
        terms.back.returns = true;
    }));
    bench.enlists(1, None);
    let first = bench.claims("oMei").unwrap();
    bench.goes_on(DAY);
    let second = bench.claims("oMei").unwrap();
    bench.recognises("oMei", 1, false);
    bench.goes_on(DAY);
    bench.recognises("oNewPhone", 1, true);
    let limit = |refusal| matches!(refusal, Refusal::LimitReached { period: Period::Month, max: 2, .. });
    assert!(limit(bench.refuses("oNewPhone")), "the month does not begin anew");
    let held = bench.run(|tx| mine(tx, &who("oNewPhone"), 9)).unwrap();
    let held: Vec<_> = held.into_iter().map(|(_, coupon)| coupon.number).collect();
    assert_eq!(held, [second.number, first.number], "and they are the member's");

    bench.run(|tx| unbind_by_staff(tx, MemberId(1))).unwrap().unwrap();
    bench.recognises("oThird", 1, false);
    assert!(limit(bench.refuses("oThird")), "counted once, and kept");
    bench.run(|tx| give_back(tx, &who("oThird"), second.number)).unwrap().unwrap();
    assert_eq!(bench.claims("oThird").unwrap().number.number, 3, "one that came back counts no more");
    assert_eq!(codes::audited(&mut bench), [] as [String; 0]);
}

#[test]
fn a_coupon_outlives_an_unbinding_and_is_told_of_to_its_member_alone() {
    let mut bench = open(with(|terms| terms.validity.days = 60));
    bench.enlists(1, None);
    bench.recognises("oMei", 1, false);
    let first = bench.claims("oMei").unwrap();
    bench.goes_on(DAY);
    let second = bench.claims("oMei").unwrap();
    bench.goes_on(30 * DAY);
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    let mine = |bench: &mut Bench, name: &str| bench.run(|tx| mine(tx, &who(name), 9)).unwrap().len();
    assert_eq!(mine(&mut bench, "oMei"), 0, "they are the member's, who is nobody's now");
    bench.goes_on(28 * DAY);
    assert_eq!(bench.told_of_welfare(), [], "both would be reminded of by now");

    bench.recognises("oNewPhone", 1, false);
    assert_eq!((mine(&mut bench, "oNewPhone"), mine(&mut bench, "oMei")), (2, 0));
    bench.run(|tx| redeem(tx, &code(&first), &till("宁波公交"))).unwrap().unwrap();
    bench.goes_on(3 * DAY);
    let expired = Welfare::Expired { coupon: second.number, paused: None };
    assert_eq!(bench.told_of_welfare(), [("oNewPhone".to_owned(), expired)]);
}

#[test]
fn a_card_that_ends_tonight_counts_until_midnight() {
    let mut bench = open(with(|terms| {
        terms.eligibility.who = Who::CardHolder;
        terms.per_person.release = None;
    }));
    let midnight = Time::parse("2026-12-02T00:00:00+08:00").unwrap();
    bench.enlists(1, Some(midnight));
    bench.enlists(2, None);
    bench.recognises("oMei", 1, false);
    bench.recognises("oBo", 2, false);
    assert_eq!(bench.refuses("oLi"), Refusal::NotEligible(Ineligible::MembersOnly));
    assert_eq!(bench.refuses("oBo"), Refusal::NotEligible(Ineligible::CardHoldersOnly));
    bench.comes_to("2026-12-01T23:59:59");
    assert!(bench.claims("oMei").is_ok());
    bench.comes_to("2026-12-02T00:00:00");
    assert_eq!(bench.refuses("oMei"), Refusal::NotEligible(Ineligible::CardExpired));
}

#[test]
fn who_was_bound_lately_is_told_from_when() {
    let mut bench = open(with(|terms| {
        terms.eligibility.districts = vec!["鄞州".to_owned()];
        terms.eligibility.bound_days = 7;
    }));
    bench.enlists(1, None);
    bench.recognises("oMei", 1, false);
    let from = bench.moment.now.plus(7 * DAY);
    assert_eq!(bench.refuses("oMei"), Refusal::NotEligible(Ineligible::BoundTooLately { days: 7, from }));
    bench.goes_on(7 * DAY);
    assert!(bench.claims("oMei").is_ok());
}

#[test]
fn tags_and_a_cool_down_are_honoured() {
    let mut bench = open(with(|terms| {
        terms.tags = vec![101, 102];
        terms.cool_down_days = 3;
    }));
    assert_eq!(bench.claims_as("oMei", None, &[7]).unwrap_err(), Refusal::NotTagged);
    assert!(bench.claims_as("oMei", None, &[102]).is_ok());
    let until = bench.moment.now.plus(3 * DAY);
    bench.goes_on(DAY);
    let refused = bench.claims_as("oMei", None, &[102]).unwrap_err();
    assert_eq!(refused, Refusal::CoolingDown { days: 3, until });
    bench.goes_on(2 * DAY);
    assert!(bench.claims_as("oMei", None, &[102]).is_ok());
}

#[test]
fn weeks_end_on_sunday_and_each_limit_says_when_it_ends() {
    let mut bench = open(with(|terms| {
        terms.per_person = Limits { release: None, day: None, week: Some(1), month: None, in_all: None };
    }));
    bench.comes_to("2026-12-06T10:00:00"); // a Sunday
    assert!(bench.claims("oMei").is_ok());
    let monday = Time::parse("2026-12-07T00:00:00+08:00").unwrap();
    let refused = Refusal::LimitReached { period: Period::Week, max: 1, again: Some(monday) };
    assert_eq!(bench.refuses("oMei"), refused);
    bench.moment.now = monday;
    assert!(bench.claims("oMei").is_ok());
}

#[test]
fn of_several_limits_the_one_that_ends_last_is_told() {
    let at = |text: &str| Some(Time::parse(&format!("{text}+08:00")).unwrap());
    let limits = |edit: fn(&mut Terms)| {
        let mut bench = open(with(|terms| {
            terms.per_person =
                Limits { release: Some(2), day: None, week: None, month: Some(2), in_all: None };
            edit(terms);
        }));
        bench.comes_to("2026-12-29T10:00:00"); // a Tuesday
        for _ in 0..2 {
            bench.claims("oMei").unwrap();
        }
        bench.refuses("oMei")
    };
    let reached = |period, again| Refusal::LimitReached { period, max: 2, again };
    let january = at("2027-01-01T00:00:00");
    assert_eq!(limits(|_| ()), reached(Period::Month, january), "not tomorrow's release");
    let week = limits(|terms| terms.per_person.week = Some(2));
    assert_eq!(week, reached(Period::Week, at("2027-01-04T00:00:00")), "a week that ends after the month");
    let never = limits(|terms| terms.per_person.in_all = Some(2));
    assert_eq!(never, reached(Period::InAll, None));

    let mut bench = open(with(|terms| {
        terms.per_person = Limits { release: None, day: Some(1), week: None, month: None, in_all: None };
        terms.cool_down_days = 3;
    }));
    bench.claims("oMei").unwrap();
    let until = bench.moment.now.plus(3 * DAY);
    assert_eq!(bench.refuses("oMei"), Refusal::CoolingDown { days: 3, until }, "not tomorrow");
}

#[test]
fn accounts_that_just_began_to_follow_take_their_share_and_no_more() {
    let mut bench = open(with(|terms| {
        terms.newcomers = Some(Newcomers { within_minutes: 30, percent_max: 20 });
    }));
    let now = bench.moment.now;
    let fresh = Some(now.minus(Duration::from_secs(29 * 60)));
    for name in ["oA", "oB"] {
        assert!(bench.claims_as(name, fresh, &[]).is_ok(), "two of ten");
    }
    let too_new = Refusal::TooNew { minutes: 30, percent: 20, next: Some(now.plus(DAY)) };
    assert_eq!(bench.claims_as("oC", fresh, &[]).unwrap_err(), too_new);
    bench.moment.now = now.plus(Duration::from_secs(3600));
    assert_eq!(bench.claims_as("oC", fresh, &[]).unwrap_err(), too_new, "it can't be waited out");
    let since = Some(now.plus(Duration::from_secs(1800)));
    assert_eq!(bench.claims_as("oC", since, &[]).unwrap_err(), too_new, "nor joined late");
    assert!(bench.claims_as("oD", Some(now.minus(Duration::from_secs(30 * 60))), &[]).is_ok());
    assert!(bench.claims_as("oE", None, &[]).is_ok(), "an old follower whose beginning nobody knows");
}

#[test]
fn a_draw_gives_what_there_is_once_each_whoever_came_first() {
    let lottery = || {
        with(|terms| {
            terms.mode = Mode::Lottery { collect_minutes: 10 };
            terms.releases[0].stock = 12;
        })
    };
    let names: Vec<String> = (0..30).map(|n| format!("oFollower{n:02}")).collect();
    let drawn = |order: &mut dyn Iterator<Item = &String>| {
        let mut bench = open(lottery());
        bench.run(|tx| super::code::index_key(tx).map(drop)).unwrap(); // the same key whoever is first
        for name in order {
            let draws = bench.moment.now.plus(Duration::from_secs(600));
            assert_eq!(bench.claims_as(name, None, &[]), Ok(Claimed::Entered { draws }));
            assert_eq!(bench.claims_as(name, None, &[]).unwrap_err(), Refusal::AlreadyEntered { draws });
        }
        bench.goes_on(Duration::from_secs(600));
        let told = bench.told_of_welfare();
        let won: BTreeSet<String> = told
            .iter()
            .filter(|(_, told)| matches!(told, Welfare::Won { .. }))
            .map(|(who, _)| who.clone())
            .collect();
        assert_eq!((told.len(), won.len()), (30, 12), "everybody is told, and twelve have won");
        assert!(matches!(
            bench.claims_as("oLate", None, &[]).unwrap_err(),
            Refusal::Gone { offered: 12, drawn: true, .. }
        ));
        won
    };
    assert_eq!(drawn(&mut names.iter()), drawn(&mut names.iter().rev()));
}

#[test]
fn a_code_nobody_has_is_not_taken_and_undoing_ends_with_the_day() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let codes: Vec<_> = ["X-1", "X-2"]
        .iter()
        .map(|code| NewCode { line: 2, code: (*code).to_owned(), until: None })
        .collect();
    bench.run(|tx| import(tx, 1, &origin, &codes)).unwrap().unwrap();
    let bus = till("宁波公交");
    let takes = |bench: &mut Bench, code: &str| bench.run(|tx| redeem(tx, code, &bus)).unwrap().map(drop);
    assert_eq!(takes(&mut bench, "X1"), Err(RedeemRefusal::NotGiven));
    let coupon = bench.claims("oMei").unwrap();
    assert_eq!(code(&coupon), "X-1");
    assert_eq!(takes(&mut bench, "X 1"), Ok(()));
    bench.comes_to("2026-12-02T00:00:00");
    let late = bench.run(|tx| undo(tx, "X-1")).unwrap();
    assert!(matches!(late, Err(RedeemRefusal::TooLate { .. })), "{late:?}");
}

#[test]
fn a_coupon_ends_with_its_day_and_with_the_providers_own_end() {
    let mut bench = open(with(|terms| terms.validity.days = 1));
    let coupon = bench.claims("oMei").unwrap();
    let bus = till("宁波公交");
    bench.comes_to("2026-12-03T00:00:00");
    let until = Time::parse("2026-12-03T00:00:00+08:00").unwrap();
    let taken = bench.run(|tx| redeem(tx, &code(&coupon), &bus)).unwrap();
    assert_eq!(taken.unwrap_err(), RedeemRefusal::Expired { until }, "before any timer said so");

    let mut bench = open(with(|terms| terms.way = Way::Imported));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let soon = bench.moment.now.plus(DAY);
    let new = NewCode { line: 2, code: "X".to_owned(), until: Some(soon) };
    bench.run(|tx| import(tx, 1, &origin, std::slice::from_ref(&new))).unwrap().unwrap();
    assert_eq!(bench.claims("oMei").unwrap().owner.unwrap().until, soon);
}

#[test]
fn a_code_that_ended_at_the_providers_is_given_to_nobody() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let soon = bench.moment.now.plus(Duration::from_secs(3_600));
    let codes = [("X", Some(soon)), ("Y", Some(soon)), ("Z", None)].map(|(code, until)| NewCode {
        line: 2,
        code: code.to_owned(),
        until,
    });
    bench.run(|tx| import(tx, 1, &origin, &codes)).unwrap().unwrap();
    bench.moment.now = soon;
    assert_eq!(code(&bench.claims("oMei").unwrap()), "Z");
    assert!(matches!(bench.refuses("oBo"), Refusal::Gone { .. }));
    let recount = bench.run(|tx| super::audit::recount(tx, 1, None)).unwrap();
    assert_eq!(bench.run(|tx| super::audit::benefit(tx, 1, &recount)).unwrap(), Vec::<String>::new());

    // Nothing but ended codes is as good as nothing.
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    bench.run(|tx| import(tx, 1, &origin, &codes[..2])).unwrap().unwrap();
    bench.moment.now = soon;
    assert!(matches!(bench.refuses("oMei"), Refusal::NoCodes { .. }));
}

#[test]
fn what_was_used_or_given_back_does_not_expire() {
    let mut bench = open(sample_terms());
    let used = bench.claims("oMei").unwrap();
    let returned = bench.claims("oBo").unwrap();
    let bus = till("宁波公交");
    bench.run(|tx| redeem(tx, &code(&used), &bus)).unwrap().unwrap();
    bench.run(|tx| give_back(tx, &who("oBo"), returned.number)).unwrap().unwrap();
    bench.goes_on(40 * DAY);
    assert_eq!(bench.told_of_welfare(), []);
}

#[test]
fn another_is_given_only_if_there_is_one() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let new = NewCode { line: 2, code: "X".to_owned(), until: None };
    bench.run(|tx| import(tx, 1, &origin, std::slice::from_ref(&new))).unwrap().unwrap();
    bench.claims("oMei").unwrap();
    let again = bench.run(|tx| void(tx, "X", "staff", "坏了", true)).unwrap();
    assert_eq!(again.unwrap_err(), ManageRefusal::NothingLeft);
    assert!(bench.run(|tx| void(tx, "X", "staff", "坏了", false)).unwrap().is_ok());
    let gone = bench.run(|tx| void(tx, "X", "staff", "坏了", false)).unwrap();
    assert_eq!(gone.unwrap_err(), ManageRefusal::CouponState { now: "void" });
}

#[test]
fn what_is_void_counts_for_no_limit_after_its_release() {
    let mut bench = open(with(|terms| {
        terms.per_person = Limits { release: Some(1), day: None, week: None, month: None, in_all: Some(1) };
    }));
    let coupon = bench.claims("oMei").unwrap();
    bench.run(|tx| void(tx, &code(&coupon), "staff", "影城停业", false)).unwrap().unwrap();
    assert!(bench.claims("oMei").is_err(), "the same release");
    bench.goes_on(DAY);
    bench.claims("oMei").unwrap();
}

#[test]
fn whose_account_was_left_with_a_coupon_gets_the_other_one_and_is_told() {
    let mut bench = open(sample_terms());
    bench.enlists(1, None);
    bench.recognises("oMei", 1, false);
    let coupon = bench.claims("oMei").unwrap();
    bench.run(|tx| withdraw(tx, &who("oMei"))).unwrap();
    let (_, instead) = bench.run(|tx| void(tx, &code(&coupon), "staff", "坏了", true)).unwrap().unwrap();
    let instead = instead.unwrap().number;
    let seen = bench.run(|tx| mine(tx, &who("oMei"), 9)).unwrap();
    let states: Vec<_> = seen.iter().map(|(_, coupon)| (coupon.number, coupon.state.name())).collect();
    assert_eq!(states, [(instead, "given"), (coupon.number, "void")]);
    let replaced = Welfare::Replaced { coupon: instead, old: coupon.number };
    assert_eq!(bench.told_of_welfare(), [("oMei".to_owned(), replaced)]);
}

#[test]
fn what_is_left_is_carried_over_or_lapses_and_the_way_stays() {
    for (carry_over, expected) in [(true, 19), (false, 10)] {
        let mut bench = open(with(|terms| {
            terms.carry_over = carry_over;
            terms.per_person = Limits { release: Some(1), day: None, week: None, month: None, in_all: None };
        }));
        bench.claims("oMei").unwrap();
        bench.goes_on(DAY);
        let found = bench.run(|tx| Ok(super::claim::find(tx, 1)?.map(|found| found.stock))).unwrap().unwrap();
        assert_eq!(super::stock::left(&found), expected);
        let grant = with(|terms| terms.way = Way::Grant);
        let refused = bench.run(|tx| change(tx, 1, grant.clone())).unwrap();
        assert_eq!(refused.unwrap_err(), ManageRefusal::InUse { what: "way", given: 1 });
    }
}
