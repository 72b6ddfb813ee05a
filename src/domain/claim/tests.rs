//! Claims together with members, schemes, pictures, the outbox and the fund.

use std::time::Duration;

use jiff::civil::{Date, date};

use super::draft::{Own, appeal, begin, own, submit, tell};
use super::moves::{self, Why, asked};
use super::news::News;
use super::record::*;
use super::rules::{Act, Refusal};
use super::{audit, completeness, judge, money, pages, queue, second};
use crate::domain::contact::record::FollowerId;
use crate::domain::fund::ledger::standing;
use crate::domain::media::commands::{Fetched, settle, want};
use crate::domain::media::record::{Flaw, Look};
use crate::domain::member::binding::{Claim as Verified, bind};
use crate::domain::member::identity;
use crate::domain::member::list::{Listed, enter, index};
use crate::domain::member::record::MemberId;
use crate::domain::outbox::record::Notice;
use crate::domain::scheme::commands::{adopt, key_of};
use crate::domain::scheme::enrol::{self, ListTerms, Row};
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::scheme::record::{Fen, Policy, Shape};
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::*;
use crate::domain::timers::fire;
use crate::store::testing::Bench;
use crate::store::{Sealed, Table};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mei() -> FollowerId {
    FollowerId::new("oMei")
}

fn identity_of(n: u32) -> String {
    let body = format!("33029919800101{n:03}");
    format!("{body}{}", char::from(identity::check(body.as_bytes())))
}

pub(super) fn policy(until: Date) -> Policy {
    Policy::of_unit("一中工会", date(2026, 4, 10), until)
}

/// A teacher, 李梅, who is a member and covered for stays and for diseases.
pub(super) fn covered() -> Bench {
    covered_by(str::to_owned)
}

/// By the shipped scheme, changed.
pub(super) fn covered_by(change: fn(&str) -> String) -> Bench {
    let mut bench = Bench::new(CATALOG);
    let files: Vec<_> = EMBEDDED.iter().map(|(name, text)| read(name, &change(text)).unwrap()).collect();
    bench.run(|tx| adopt(tx, &files)).unwrap().unwrap();
    member(&mut bench, "oMei", "李梅", 1);
    bench
}

pub(super) fn member(bench: &mut Bench, who: &str, name: &str, n: u32) {
    let row = Listed {
        name: name.to_owned(),
        identity: identity_of(n),
        phone: Some(format!("138000000{n:02}")),
        district: "鄞州".to_owned(),
        union: "一中工会".to_owned(),
        ..Listed::default()
    };
    bench.run(|tx| enter(tx, &row, false)).unwrap();
    binds(bench, who, name, n);
    bench
        .run(|tx| {
            let person = index(tx, &identity_of(n))?;
            for programme in ["inpatient_active", "critical"] {
                let key = (person, "ningbo".to_owned(), programme.to_owned(), key_of(date(2026, 5, 1)));
                tx.put(&POLICIES, &key, &policy(date(2027, 4, 30)))?;
            }
            Ok(())
        })
        .unwrap();
}

/// 会员认证, and 换到这个微信 where the member has another.
pub(super) fn binds(bench: &mut Bench, who: &str, name: &str, n: u32) {
    let (name, phone) = (name.to_owned(), format!("138000000{n:02}"));
    let said = Verified { name, identity: identity_of(n), phone, union: String::new() };
    bench.run(|tx| bind(tx, &FollowerId::new(who), &said, true)).unwrap().unwrap();
}

pub(super) fn as_relative(name: &str, n: u32) -> Relative {
    Relative { relation: "配偶".to_owned(), name: name.to_owned(), identity: identity_of(n) }
}

pub(super) fn a_stay(details: &mut Details) {
    details.facts.admitted = Some(date(2026, 10, 20));
    details.facts.discharged = Some(date(2026, 10, 28));
    details.facts.hospital = "市第一医院".to_owned();
    details.facts.total = Some(Fen::yuan(9_000));
    details.facts.self_borne = Some(Fen::yuan(2_000));
    details.facts.personal_amount = Some(Fen::yuan(2_000));
    details.diagnosis = "肺炎".to_owned();
    details.account = Some(BankAccount {
        holder: "李梅".to_owned(),
        number: "6222000000000000000".to_owned(),
        bank: "宁波银行".to_owned(),
    });
    details.invoices = vec![Invoice {
        code: "33060126".to_owned(),
        number: "0012345678".to_owned(),
        check: String::new(),
        issued: Some(date(2026, 10, 28)),
        amount: Fen::yuan(9_000),
        read: true,
        corrects: None,
        confirmed: true,
    }];
}

impl Bench {
    pub(super) fn claim_of(&mut self, id: ClaimId) -> Claim {
        self.run(|tx| queue::get(tx, id)).unwrap().unwrap()
    }

    pub(super) fn own_of(&mut self, who: &str, id: ClaimId) -> Own {
        self.run(|tx| own(tx, &FollowerId::new(who), id)).unwrap().unwrap()
    }

    pub(super) fn begins(&mut self, who: &str, kind: EventKind, edit: fn(&mut Details)) -> ClaimId {
        let id = self.run(|tx| begin(tx, &FollowerId::new(who), kind)).unwrap().unwrap();
        let own = self.own_of(who, id);
        let told = |details: &mut Details| {
            edit(details);
            for what in [Circumstance::Disease, Circumstance::Operated, Circumstance::HasUnit] {
                details.answers(what);
            }
        };
        self.run(|tx| tell(tx, &own, told)).unwrap().unwrap();
        id
    }

    pub(super) fn sends(&mut self, who: &str, id: ClaimId, slot: &str, document: &str, look: &Look) {
        let who = FollowerId::new(who);
        let picture = self.run(|tx| want(tx, &who, document)).unwrap().unwrap();
        self.run(|tx| pages::add(tx, id, slot, picture, 9)).unwrap().unwrap();
        let (document, content_type) = (document.to_owned(), "image/jpeg".to_owned());
        let kept = Fetched::Kept { document, bytes: 9, content_type, look: look.clone() };
        self.run(|tx| settle(tx, picture, &kept)).unwrap();
    }

    pub(super) fn sends_all(&mut self, who: &str, id: ClaimId) {
        for slot in ["invoice", "settlement", "discharge", "id_card", "bank_card"] {
            self.sends(who, id, slot, &format!("{who}-{id}-{slot}"), &Look::default());
        }
    }

    pub(super) fn submits(&mut self, who: &str, id: ClaimId) -> Result<Claim, Refusal> {
        let own = self.own_of(who, id);
        self.run(|tx| submit(tx, &own)).unwrap()
    }

    pub(super) fn staff(&mut self, id: ClaimId, act: Act) -> Result<(), Refusal> {
        let before = self.claim_of(id);
        let go = |tx: &mut crate::store::Tx| {
            let why = Why::none(By::Staff("wang".to_owned()));
            moves::go(tx, id, &before, &mut before.clone(), act, why)
        };
        self.run(go).unwrap()
    }

    pub(super) fn told(&mut self) -> Vec<News> {
        let rows = self.run(|tx| tx.scan(&OUTBOX, &(), None, 100)).unwrap().rows;
        let news = |notice| if let Notice::Claim(news) = notice { Some(news) } else { None };
        rows.into_iter().filter_map(|(_, row)| news(row.notice)).collect()
    }

    pub(super) fn time_goes(&mut self, span: Duration) {
        self.moment.now = self.moment.now.plus(span);
        while self.run(fire).unwrap() {}
    }
}

#[test]
fn everything_that_is_missing_is_said_at_once() {
    let mut bench = covered();
    let id = bench.run(|tx| begin(tx, &mei(), EventKind::Inpatient)).unwrap().unwrap();
    let facts = ["admitted", "discharged", "hospital", "diagnosis", "account"].map(str::to_owned);
    assert_eq!(bench.submits("oMei", id), Err(Refusal::FactsMissing { facts: facts.to_vec() }));
    let own = bench.own_of("oMei", id);
    bench.run(|tx| tell(tx, &own, a_stay)).unwrap().unwrap();
    bench.sends("oMei", id, "invoice", "one", &Look::default());
    let slots = ["settlement", "discharge", "id_card", "bank_card"].map(str::to_owned);
    assert_eq!(bench.submits("oMei", id), Err(Refusal::PapersMissing { slots: slots.to_vec() }));
}

#[test]
fn a_claim_is_counted_by_the_rules_in_force_and_paid_out_of_its_book() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.self_borne = Some(Fen::yuan(6_000));
        details.facts.personal_amount = Some(Fen::yuan(6_000));
        details.facts.total = Some(Fen::yuan(30_000));
    });
    bench.sends_all("oMei", id);
    let claim = bench.submits("oMei", id).unwrap();
    assert_eq!(claim.status, Status::Submitted, "the invoice and the bill differ: that is for staff");
    assert_eq!(claim.amount, Some(Fen::yuan(2_900)), "3,000 × 80% + 3,000 × 10% + 200");
    assert_eq!(claim.ruling.as_ref().map(|ruling| (ruling.version, ruling.year)), Some((2024, 2026)));
    for act in [Act::Accept, Act::Review, Act::Approve] {
        bench.staff(id, act).unwrap();
    }
    let book = money::book_of(&bench.claim_of(id)).unwrap();
    let granted = bench.run(|tx| standing(tx, &book)).unwrap();
    assert_eq!((granted.payable, granted.bank), (Fen::yuan(-2_900), Fen::ZERO));
    bench.staff(id, Act::Pay).unwrap();
    bench.staff(id, Act::Settle).unwrap();
    let paid = bench.run(|tx| standing(tx, &book)).unwrap();
    assert_eq!((paid.payable, paid.bank), (Fen::ZERO, Fen::yuan(-2_900)));
    let moved = bench.told().last().cloned();
    assert_eq!(moved, Some(News::Moved { claim: id, number: 6 }), "已到账");
    bench.staff(id, Act::Bounce).unwrap();
    let back = bench.run(|tx| standing(tx, &book)).unwrap();
    assert_eq!((back.payable, back.bank), (Fen::yuan(-2_900), Fen::ZERO), "退票: it is owed again");
}

#[test]
fn a_second_stay_of_the_year_counts_what_the_first_was_granted() {
    let mut bench = covered();
    for (n, total) in [(0, 2_650), (1, 2_000)] {
        let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
        let own = bench.own_of("oMei", id);
        let later = |details: &mut Details| {
            let days = jiff::ToSpan::days(i64::from(n) * 20);
            details.facts.admitted = Some(date(2026, 10, 20).saturating_add(days));
            details.facts.discharged = Some(date(2026, 10, 28).saturating_add(days));
            let borne = if n == 0 { 3_500 } else { 2_500 };
            (details.facts.self_borne, details.facts.personal_amount) =
                (Some(Fen::yuan(borne)), Some(Fen::yuan(borne)));
            details.invoices[0].number = format!("001234567{n}");
            details.invoices[0].confirmed = false;
        };
        bench.run(|tx| tell(tx, &own, later)).unwrap().unwrap();
        bench.sends_all("oMei", id);
        assert_eq!(bench.submits("oMei", id).unwrap().amount, Some(Fen::yuan(total)), "stay {n}");
        bench.staff(id, Act::Accept).unwrap();
        bench.staff(id, Act::Approve).unwrap();
    }
}

#[test]
fn a_disease_of_another_policy_is_found_by_the_rules_not_by_luck() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    });
    bench.sends_all("oMei", id);
    let flags = bench.submits("oMei", id).unwrap().flags;
    let (programme, disease) = ("critical".to_owned(), "malignancy".to_owned());
    assert_eq!(flags, [Flag::Disease { programme, disease }]);
}

#[test]
fn what_is_whole_small_and_agrees_is_approved_by_rule_when_its_last_picture_has_come() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    for slot in ["invoice", "settlement", "discharge", "id_card"] {
        bench.sends("oMei", id, slot, slot, &Look::default());
    }
    let last = bench.run(|tx| want(tx, &mei(), "last")).unwrap().unwrap();
    bench.run(|tx| pages::add(tx, id, "bank_card", last, 9)).unwrap().unwrap();
    assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted, "one is still being fetched");
    let (document, content_type) = ("last".to_owned(), "image/jpeg".to_owned());
    let kept = Fetched::Kept { document, bytes: 9, content_type, look: Look::default() };
    bench.run(|tx| settle(tx, last, &kept)).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.instant, claim.amount), (Status::Approved, true, Some(Fen::yuan(1_800))));
    let by: Vec<By> = bench.run(|tx| moves::of(tx, id)).unwrap().into_iter().map(|(_, row)| row.by).collect();
    assert_eq!(by, [By::Claimant, By::Rule, By::Rule]);
}

#[test]
fn nothing_that_staff_ought_to_see_is_approved_by_rule() {
    let check = |edit: fn(&mut Details), why: &str| {
        let mut bench = covered();
        let id = bench.begins("oMei", EventKind::Inpatient, edit);
        bench.sends_all("oMei", id);
        assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted, "{why}");
    };
    check(|d| (a_stay(d), d.invoices[0].confirmed = false).1, "nobody looked at the invoice");
    check(|d| (a_stay(d), d.invoices[0].read = false).1, "it was typed");
    check(|d| (a_stay(d), d.facts.total = Some(Fen::yuan(9_001))).1, "the bill differs");
    check(|d| (a_stay(d), d.account.as_mut().unwrap().holder = "王强".to_owned()).1, "another's account");
    check(|d| (a_stay(d), d.facts.self_borne = None).1, "the settlement's figure is not known");
}

#[test]
fn a_late_claim_is_flagged_and_not_refused() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.admitted = Some(date(2026, 5, 10));
        details.facts.discharged = Some(date(2026, 5, 20));
    });
    bench.sends_all("oMei", id);
    let claim = bench.submits("oMei", id).unwrap();
    assert_eq!(claim.status, Status::Submitted);
    assert_eq!(claim.flags, [Flag::Late { since: date(2026, 11, 17) }], "180 days after discharge");
}

#[test]
fn nobody_reads_or_moves_what_is_not_theirs() {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    let theirs = |bench: &mut Bench, who: &str| {
        bench.run(|tx| own(tx, &FollowerId::new(who), id)).unwrap().map(|own| own.id)
    };
    assert_eq!(theirs(&mut bench, "oQiang"), Err(Refusal::UnknownClaim));
    assert_eq!(theirs(&mut bench, "oStranger"), Err(Refusal::NotMember));
    assert_eq!(theirs(&mut bench, "oMei"), Ok(id));
}

#[test]
fn the_clock_stands_still_while_the_claimant_must_act_and_they_are_reminded() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |d| (a_stay(d), d.invoices[0].read = false).1);
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    bench.staff(id, Act::Accept).unwrap();
    let due = bench.claim_of(id).clock.due.unwrap();
    assert_eq!(due.date(), date(2027, 1, 12), "30 working days from 2026-12-01");
    bench.staff(id, Act::Ask).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(claim.clock.due.unwrap().date(), date(2026, 12, 31), "30 days for what is missing");
    assert!(bench.run(|tx| asked(tx, id, &claim)).unwrap().1.is_some());
    bench.time_goes(DAY * 7);
    let reminded = News::StillMissing { claim: id, number: claim.moves };
    assert_eq!(bench.told().last(), Some(&reminded));
    bench.run(|tx| crate::domain::outbox::commands::take(tx, &mei(), 9)).unwrap();
    bench.submits("oMei", id).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(claim.clock.due.unwrap().date(), date(2027, 1, 19), "the days that were left");
    bench.staff(id, Act::Accept).unwrap();
    let accepted = bench.claim_of(id);
    assert_eq!(accepted.clock.due, claim.clock.due, "accepted again, it isn't promised anew");
    for _ in 0..2 {
        bench.staff(id, Act::Ask).unwrap();
        bench.time_goes(DAY * 7);
        bench.submits("oMei", id).unwrap();
    }
    bench.staff(id, Act::Accept).unwrap();
    let due = bench.claim_of(id).clock.due.unwrap().date();
    assert_eq!(due, date(2027, 2, 2), "however often it is asked");
    bench.time_goes(DAY * 40);
    assert_eq!(
        bench.claim_of(id).status,
        Status::Accepted,
        "reminders and ends of an earlier round do nothing"
    );
    assert_eq!(bench.told().iter().filter(|news| **news == reminded).count(), 1);
}

fn for_relative(details: &mut Details) {
    a_stay(details);
    details.relative = Some(as_relative("王强", 2));
}

#[test]
fn a_relative_is_claimed_for_by_the_name_that_the_list_has_and_where_the_programme_allows_it() {
    let refused = |change: fn(&str) -> String, edit: fn(&mut Details)| {
        let mut bench = covered_by(change);
        member(&mut bench, "oQiang", "王 强", 2);
        let id = bench.begins("oMei", EventKind::Inpatient, edit);
        bench.sends_all("oMei", id);
        for slot in ["kinship", "relative_id_card"] {
            bench.sends("oMei", id, slot, slot, &Look::default());
        }
        bench.submits("oMei", id).map(|claim| (claim.status, claim.flags))
    };
    let own_account: fn(&mut Details) =
        |details| (for_relative(details), details.account.as_mut().unwrap().holder = "王强".to_owned()).1;
    let people_decide = Ok((Status::Submitted, Vec::new()));
    assert_eq!(refused(str::to_owned, own_account), people_decide, "kinship is for people to see");
    let claimants = refused(str::to_owned, for_relative);
    assert_eq!(claimants, Ok((Status::Submitted, vec![Flag::OtherHolder])), "the claimant's account");
    let other_name = refused(str::to_owned, |details| {
        for_relative(details);
        details.relative.as_mut().unwrap().name = "张三".to_owned();
    });
    assert_eq!(other_name.unwrap_err().code(), "no_cover", "as if the number were nobody's");
    let closed = refused(|text| text.replace("relatives = true", "relatives = false"), own_account);
    assert_eq!(closed.unwrap_err().code(), "no_relatives");
}

#[test]
fn a_relative_whom_the_members_list_does_not_have_is_claimed_for_by_the_name_of_an_enrolment() {
    let mut bench = covered();
    let terms = ListTerms {
        scheme: "ningbo".to_owned(),
        programme: "inpatient_active".to_owned(),
        unit: "一中工会".to_owned(),
        district: String::new(),
        entered: date(2026, 4, 10),
        years: 1,
        shares: 1,
        class: None,
        people: None,
        again: false,
        new_hires: false,
    };
    let row = Row { name: "王 强".to_owned(), identity: identity_of(2), ..Row::default() };
    bench.run(|tx| enrol::begin(tx, "list", &terms, None)).unwrap().unwrap();
    let (taken, notes) =
        bench.run(|tx| enrol::enrol(tx, "list", 0, std::slice::from_ref(&row), "wu")).unwrap().unwrap();
    assert_eq!((taken.entered, notes), (1, Vec::new()));
    let covers = |bench: &mut Bench, name: &str| {
        bench.run(|tx| judge::covers_for(tx, &identity_of(2), Some(name))).unwrap().unwrap().len()
    };
    assert_eq!(covers(&mut bench, "王强"), 1);
    assert_eq!(covers(&mut bench, "张三"), 0, "as if the number were nobody's");
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        for_relative(details);
        details.relative.as_mut().unwrap().name = "张三".to_owned();
    });
    assert_eq!(bench.submits("oMei", id).unwrap_err().code(), "no_cover");

    bench
        .run(|tx| {
            let person = index(tx, &identity_of(2))?;
            let key = (person, "ningbo".to_owned(), "inpatient_active".to_owned(), key_of(date(2026, 5, 1)));
            let older = Policy { name: None, ..tx.get(&POLICIES, &key)?.unwrap() };
            tx.put(&POLICIES, &key, &older)
        })
        .unwrap();
    assert_eq!(covers(&mut bench, "张三"), 1, "of who was enrolled before, no name is known");
}

#[test]
fn the_account_of_whom_no_list_has_a_name_is_looked_at() {
    let mut bench = covered();
    let identity = as_relative("", 5).identity;
    bench
        .run(|tx| {
            let person = index(tx, &identity)?;
            let key = (person, "ningbo".to_owned(), "inpatient_active".to_owned(), key_of(date(2026, 5, 1)));
            tx.put(&POLICIES, &key, &policy(date(2027, 4, 30)))
        })
        .unwrap();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.relative = Some(as_relative("李梅", 5));
    });
    let claim = bench.claim_of(id);
    assert_eq!(claim.ruling.unwrap().programme, "inpatient_active", "every name is taken");
    assert_eq!(claim.flags, [Flag::OtherHolder], "whoever the claimant says that it is");
}

#[test]
fn rules_that_are_adopted_later_judge_no_claim_that_was_handed_in() {
    let mut bench = covered();
    let typed: fn(&mut Details) = |details| (a_stay(details), details.invoices[0].read = false).1;
    let id = bench.begins("oMei", EventKind::Inpatient, typed);
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    let ningbo = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap().1;
    let mut later = read("later", ningbo).unwrap();
    let programme = later.programmes.iter_mut().find(|one| one.key == "inpatient_active").unwrap();
    let Shape::Tiers(tiers) = &mut programme.benefits[0].pays else { panic!("tiers") };
    tiers.first_stay_bonus = Some(Fen::yuan(100));
    (later.version, later.in_force.from, later.in_force.backdated) = (2026, date(2026, 10, 1), true);
    bench.run(|tx| adopt(tx, std::slice::from_ref(&later))).unwrap().unwrap();
    let enters = |bench: &mut Bench, edit: fn(&mut Details)| {
        let who = super::review::Reviewer { name: "wang".to_owned(), member: None, levels: Vec::new() };
        bench.run(|tx| super::review::enter(tx, &who, id, &["days"], edit)).unwrap().unwrap();
        let claim = bench.claim_of(id);
        (claim.ruling.unwrap().version, claim.amount.unwrap())
    };
    let kept = enters(&mut bench, |details| details.facts.days = Some(8));
    assert_eq!(kept, (2024, Fen::yuan(1_800)), "its claimant was told by these");
    let moved = enters(&mut bench, |details| details.facts.discharged = Some(date(2026, 10, 29)));
    assert_eq!(moved, (2026, Fen::yuan(1_700)), "it is another event than they were told of");
    let fresh = bench.begins("oMei", EventKind::Inpatient, a_later_stay);
    assert_eq!(bench.claim_of(fresh).ruling.unwrap().version, 2026);
}

/// A stay in November.
fn a_later_stay(details: &mut Details) {
    a_stay(details);
    details.facts.admitted = Some(date(2026, 11, 10));
    details.facts.discharged = Some(date(2026, 11, 17));
    details.facts.self_borne = Some(Fen::yuan(2_500));
    details.facts.personal_amount = Some(Fen::yuan(2_500));
    details.invoices[0].number = "0012345679".to_owned();
    details.invoices[0].issued = Some(date(2026, 11, 17));
}

#[test]
fn of_two_claims_that_are_open_at_once_one_is_settled_as_the_first_of_the_year() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_later_stay);
    for slot in ["invoice", "settlement", "discharge", "id_card"] {
        bench.sends("oMei", id, slot, slot, &Look::default());
    }
    let last = bench.run(|tx| want(tx, &mei(), "last")).unwrap().unwrap();
    bench.run(|tx| pages::add(tx, id, "bank_card", last, 9)).unwrap().unwrap();
    let waits = bench.submits("oMei", id).unwrap();
    assert_eq!((waits.status, waits.amount), (Status::Submitted, Some(Fen::yuan(2_200))));
    let first = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", first);
    assert_eq!(bench.submits("oMei", first).unwrap().amount, Some(Fen::yuan(1_800)));
    let (document, content_type) = ("last".to_owned(), "image/jpeg".to_owned());
    let kept = Fetched::Kept { document, bytes: 9, content_type, look: Look::default() };
    bench.run(|tx| settle(tx, last, &kept)).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.amount), (Status::Approved, Some(Fen::yuan(2_000))), "no second bonus");
}

#[test]
fn what_does_not_come_closes_the_claim_and_it_may_be_filed_again() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |d| (a_stay(d), d.invoices[0].read = false).1);
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    bench.staff(id, Act::Ask).unwrap();
    bench.time_goes(DAY * 31);
    assert_eq!(bench.claim_of(id).status, Status::Expired);
    assert!(!Status::Expired.holds_papers());
}

#[test]
fn a_draft_is_kept_for_weeks_after_it_was_last_touched() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |_| ());
    bench.time_goes(DAY * 20);
    let own = bench.own_of("oMei", id);
    bench.run(|tx| tell(tx, &own, a_stay)).unwrap().unwrap();
    bench.time_goes(DAY * 20);
    assert_eq!(bench.claim_of(id).status, Status::Draft);
    bench.time_goes(DAY * 11);
    let claim = bench.claim_of(id);
    assert_eq!(claim.status, Status::Withdrawn);
    assert!(*claim.details.reveal() == Details::default(), "what it told is gone");
}

#[test]
fn a_picture_that_can_hardly_be_read_is_asked_for_again_at_once() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    let dark = Look { flaw: Some(Flaw::TooDark), ..Look::default() };
    bench.sends("oMei", id, "discharge", "dark", &dark);
    let slot = "discharge".to_owned();
    assert_eq!(bench.told(), [News::PageUnclear { claim: id, slot, page: 1 }]);
    let claim = bench.claim_of(id);
    let list = bench.run(|tx| completeness::checklist(tx, id, &claim)).unwrap();
    let there = list.iter().find(|(rule, _)| rule.slot == "discharge").map(|(_, pages)| *pages);
    assert_eq!(there, Some(0), "it does not fill its place");
}

#[test]
fn the_code_of_an_invoice_is_read_from_its_picture() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |d| (a_stay(d), d.invoices.clear()).1);
    let code = "01,01,33060126,0012345678,a1b2c3,20261028,9000.00".to_owned();
    let look = Look { code: Some(Sealed::new(code)), ..Look::default() };
    bench.sends("oMei", id, "invoice", "one", &look);
    let claim = bench.claim_of(id);
    let invoices = &claim.details.reveal().invoices;
    assert_eq!((invoices[0].number.as_str(), invoices[0].amount), ("0012345678", Fen::yuan(9_000)));
    assert!(!invoices[0].confirmed, "the claimant is asked first");
    assert_eq!(bench.told(), [News::InvoiceRead { claim: id }]);
}

fn with_code(number: &str) -> Look {
    let code = format!("01,01,33060126,{number},a1b2c3,20261028,9000.00");
    Look { code: Some(Sealed::new(code)), ..Look::default() }
}

#[test]
fn an_invoice_that_nobody_named_finds_its_slot_and_goes_with_its_page() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |d| (a_stay(d), d.invoices.clear()).1);
    bench.sends("oMei", id, pages::UNSORTED, "one", &with_code("0012345678"));
    bench.sends("oMei", id, pages::UNSORTED, "other", &Look::default());
    bench.sends("oMei", id, "invoice", "two", &with_code("0012345679"));
    let slots = |bench: &mut Bench| -> Vec<(String, u16)> {
        let all = bench.run(|tx| pages::of(tx, id)).unwrap();
        all.into_iter().map(|(slot, number, _)| (slot, number)).collect()
    };
    let at = |slot: &str, number| (slot.to_owned(), number);
    assert_eq!(slots(&mut bench), [at("invoice", 1), at("invoice", 2), at(pages::UNSORTED, 1)]);
    let numbers = |bench: &mut Bench| -> Vec<String> {
        bench.claim_of(id).details.reveal().invoices.iter().map(|invoice| invoice.number.clone()).collect()
    };
    assert_eq!(numbers(&mut bench), ["0012345678", "0012345679"]);
    let dark = Look { flaw: Some(Flaw::TooDark), ..with_code("0012345670") };
    bench.sends("oMei", id, "invoice", "three", &dark);
    assert!(bench.run(|tx| pages::remove(tx, id, "invoice", 1)).unwrap());
    assert_eq!(numbers(&mut bench), ["0012345679"], "nor what is to be sent again");
}

#[test]
fn a_second_claim_for_the_same_illness_shares_the_papers_and_takes_none_away() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    let own = bench.own_of("oMei", id);
    let extra = bench.run(|tx| second::begin(tx, &mei(), &own)).unwrap().unwrap().unwrap();
    let claim = bench.claim_of(extra);
    assert_eq!((claim.kind, claim.status), (EventKind::Disease, Status::Draft));
    let details = claim.details.reveal();
    assert_eq!(details.facts.disease.as_deref(), Some("malignancy"));
    assert!(details.account.is_some() && details.diagnosis == "甲状腺乳头状癌");
    let shared = bench.run(|tx| pages::of(tx, extra)).unwrap();
    assert!(shared.iter().any(|(slot, ..)| slot == "discharge"), "{shared:?}");
    assert_eq!(bench.run(|tx| second::begin(tx, &mei(), &own)).unwrap(), Ok(None), "once");
    let (slot, number, page) = shared[0].clone();
    assert!(bench.run(|tx| pages::remove(tx, extra, &slot, number)).unwrap());
    let first = bench.run(|tx| pages::of(tx, id)).unwrap();
    assert!(first.iter().any(|(_, _, kept)| kept.picture == page.picture));
    let owned = bench.run(|tx| tx.get(&CLAIM_PICTURES, &page.picture)).unwrap();
    assert_eq!(owned.map(|(claim, ..)| claim), Some(id), "it stays the first claim's");
}

#[test]
fn a_picture_that_is_still_being_fetched_is_shared_as_well() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    });
    bench.sends_all("oMei", id);
    let picture = bench.run(|tx| want(tx, &mei(), "slow")).unwrap().unwrap();
    bench.run(|tx| pages::add(tx, id, "discharge", picture, 9)).unwrap().unwrap();
    bench.submits("oMei", id).unwrap();
    let own = bench.own_of("oMei", id);
    let extra = bench.run(|tx| second::begin(tx, &mei(), &own)).unwrap().unwrap().unwrap();
    let state = |bench: &mut Bench| {
        let pages = bench.run(|tx| pages::of(tx, extra)).unwrap();
        pages.into_iter().find(|(.., page)| page.picture == picture).map(|(.., page)| page.state)
    };
    assert_eq!(state(&mut bench), Some(PageState::Coming));
    let (document, content_type) = ("slow".to_owned(), "image/jpeg".to_owned());
    let look = Look { flaw: Some(Flaw::TooDark), ..Look::default() };
    let kept = Fetched::Kept { document, bytes: 9, content_type, look };
    bench.run(|tx| settle(tx, picture, &kept)).unwrap();
    assert_eq!(state(&mut bench), Some(PageState::Unclear { why: Flaw::TooDark }));
    let unclear = |news: &&News| matches!(news, News::PageUnclear { .. });
    assert_eq!(bench.told().iter().filter(unclear).count(), 1, "told once, of the first");
}

#[test]
fn who_is_refused_may_appeal_once_and_in_time() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |d| (a_stay(d), d.invoices[0].read = false).1);
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    bench.staff(id, Act::Accept).unwrap();
    bench.staff(id, Act::Reject).unwrap();
    let own = bench.own_of("oMei", id);
    bench.run(|tx| appeal(tx, &own, "出院小结写得清楚")).unwrap().unwrap();
    assert_eq!(bench.claim_of(id).status, Status::Submitted);
    bench.staff(id, Act::Decline).unwrap();
    let own = bench.own_of("oMei", id);
    assert_eq!(bench.run(|tx| appeal(tx, &own, "")).unwrap(), Err(Refusal::AppealedAlready));
}

#[test]
fn cover_that_ended_before_the_discharge_is_told_with_its_days() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.admitted = Some(date(2026, 4, 20));
        details.facts.discharged = Some(date(2026, 4, 28));
    });
    let no = bench.submits("oMei", id).unwrap_err();
    assert_eq!(no.code(), "outside_cover");
}

#[test]
fn a_list_shows_claims_as_they_are_also_those_of_an_earlier_version() {
    const EARLIER: Table<(MemberId, ClaimId), ()> = Table::durable(0xad, "claims_of");
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", id);
    let claim = bench.submits("oMei", id).unwrap();
    let listed = |bench: &mut Bench| bench.run(|tx| queue::summaries_of_member(tx, claim.claimant, None, 9));
    assert_eq!(listed(&mut bench).unwrap().0, [(id, queue::summary(&claim))]);
    bench.run(|tx| tx.put(&EARLIER, &(claim.claimant, id), &())).unwrap();
    assert_eq!(listed(&mut bench).unwrap().0, [(id, queue::summary(&claim))]);
    let other = Some(Summary { status: Status::Paid, ..queue::summary(&claim) });
    bench.run(|tx| tx.put(&CLAIMS_OF, &(claim.claimant, id), &other)).unwrap();
    let broken = bench.run(|tx| audit::claims(tx, None)).unwrap().0;
    assert!(broken[0].contains("the index by member disagrees"), "{broken:?}");
}
