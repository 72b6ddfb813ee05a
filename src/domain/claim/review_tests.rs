//! What staff do with claims, one person after another, and what they are kept from.

use proptest::prelude::*;

use super::notes::{self, NoteKind};
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer};
use super::rules::leads;
use super::tests::{a_stay, covered, covered_by};
use super::{account, completeness, draft, judge, moves, payment, queue, recover, refuse, rules, sample};
use crate::domain::fund::ledger::standing;
use crate::domain::member::record::MemberId;
use crate::domain::scheme::record::{Fen, Level};
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::TRAIL;
use crate::store::Tx;
use crate::store::testing::Bench;

pub(super) fn wang() -> Reviewer {
    named("wang")
}

pub(super) fn li() -> Reviewer {
    named("li")
}

pub(super) fn named(name: &str) -> Reviewer {
    Reviewer { name: name.to_owned(), member: None, levels: Vec::new() }
}

/// A claim that staff have to look at: its invoice was typed.
pub(super) fn handed_in() -> (Bench, ClaimId) {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    (bench, id)
}

pub(super) fn does(bench: &mut Bench, act: impl Fn(&mut Tx) -> Decided) -> Result<(), Refusal> {
    bench.run(act).unwrap()
}

#[test]
fn a_claim_is_taken_accepted_and_approved() {
    let (mut bench, id) = handed_in();
    does(&mut bench, |tx| review::take(tx, &wang(), id)).unwrap();
    let taken = does(&mut bench, |tx| review::take(tx, &li(), id));
    assert_eq!(taken, Err(Refusal::TakenBy("wang".to_owned())));
    let early = does(&mut bench, |tx| review::approve(tx, &wang(), id, ""));
    assert_eq!(early, Err(Refusal::NotNow(Status::Submitted)));
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    does(&mut bench, |tx| review::approve(tx, &wang(), id, "")).unwrap();
    assert_eq!(bench.claim_of(id).status, Status::Reviewed, "初审通过");
    does(&mut bench, |tx| review::approve(tx, &li(), id, "")).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.amount), (Status::Approved, Some(Fen::yuan(1_800))));
}

#[test]
fn nobody_approves_what_they_entered_or_what_is_their_own() {
    let (mut bench, id) = handed_in();
    let own = Reviewer { member: Some(MemberId(1)), ..wang() };
    assert_eq!(does(&mut bench, |tx| review::take(tx, &own, id)), Err(Refusal::OwnClaim));
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    let entered = |tx: &mut Tx| {
        let edit = |details: &mut Details| details.facts.self_borne = Some(Fen::yuan(1_000));
        review::enter(tx, &wang(), id, &["self_borne"], edit)
    };
    does(&mut bench, entered).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(claim.amount, Some(Fen::yuan(1_000)), "counted anew: 800 and the bonus of the first stay");
    assert!(claim.flags.contains(&Flag::Differs { field: "self_borne".to_owned() }));
    let by_self = does(&mut bench, |tx| review::approve(tx, &wang(), id, ""));
    assert_eq!(by_self, Err(Refusal::OwnEntry));
    does(&mut bench, |tx| review::approve(tx, &li(), id, "结算单为准")).unwrap();
}

#[test]
fn of_two_stays_that_are_approved_together_the_second_is_counted_as_such() {
    let mut bench = covered();
    let mut stays = Vec::new();
    for n in 0..2 {
        let id = bench.begins("oMei", EventKind::Inpatient, |details| {
            a_stay(details);
            details.facts.total = Some(Fen::yuan(9_001));
        });
        let own = bench.own_of("oMei", id);
        let later = |details: &mut Details| {
            let days = jiff::ToSpan::days(i64::from(n) * 20);
            for day in [&mut details.facts.admitted, &mut details.facts.discharged] {
                *day = day.map(|day| day.saturating_add(days));
            }
            let borne = if n == 0 { 6_000 } else { 3_500 };
            details.facts.self_borne = Some(Fen::yuan(borne));
            details.facts.personal_amount = Some(Fen::yuan(borne));
            details.invoices[0].number = format!("90{n}");
        };
        bench.run(|tx| draft::tell(tx, &own, later)).unwrap().unwrap();
        bench.sends_all("oMei", id);
        bench.submits("oMei", id).unwrap();
        does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
        does(&mut bench, |tx| review::approve(tx, &wang(), id, "")).unwrap();
        stays.push(id);
    }
    let amounts = |bench: &mut Bench| stays.iter().map(|id| bench.claim_of(*id).amount).collect::<Vec<_>>();
    assert_eq!(amounts(&mut bench), [2_900, 2_650].map(|yuan| Some(Fen::yuan(yuan))), "each as the first");
    does(&mut bench, |tx| review::approve(tx, &li(), stays[0], "")).unwrap();
    let no = does(&mut bench, |tx| review::approve(tx, &li(), stays[1], ""));
    assert_eq!(no, Err(Refusal::Recounted { was: Fen::yuan(2_650), now: Fen::yuan(2_450) }));
    let second = bench.claim_of(stays[1]);
    assert_eq!((second.status, second.approvals.len()), (Status::Accepted, 0), "wang had agreed to more");
    let noted = bench.run(|tx| notes::of(tx, stays[1])).unwrap().pop().unwrap();
    let kind_and_words = (noted.kind, noted.words.reveal().as_str());
    assert_eq!(kind_and_words, (NoteKind::Recounted, "2650.00 → 2450.00"));
    for who in [wang(), li()] {
        does(&mut bench, |tx| review::approve(tx, &who, stays[1], "")).unwrap();
    }
    assert_eq!(amounts(&mut bench), [2_900, 2_450].map(|yuan| Some(Fen::yuan(yuan))));
    assert_eq!(bench.claim_of(stays[1]).status, Status::Approved);
}

#[test]
fn nobody_handles_what_a_relative_claims_for_them() {
    let mut bench = covered();
    super::tests::member(&mut bench, "oQiang", "王强", 2);
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.relative = Some(super::tests::as_relative("王强", 2));
    });
    bench.sends_all("oMei", id);
    for slot in ["kinship", "relative_id_card"] {
        bench.sends("oMei", id, slot, slot, &Default::default());
    }
    bench.submits("oMei", id).unwrap();
    let insured = Reviewer { member: Some(MemberId(2)), ..wang() };
    assert_eq!(does(&mut bench, |tx| review::accept(tx, &insured, id)), Err(Refusal::OwnClaim));
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    for who in [wang(), li()] {
        does(&mut bench, |tx| review::approve(tx, &who, id, "由代办人收款")).unwrap();
    }
    let insured = Reviewer { member: Some(MemberId(2)), ..named("feng") };
    let number = bench.run(|tx| payment::begin(tx, &insured, "ningbo")).unwrap().unwrap();
    while bench.run(|tx| payment::fill(tx, number, &insured)).unwrap().unwrap() {}
    let batch = bench.run(|tx| payment::get(tx, number)).unwrap().unwrap();
    assert_eq!((batch.count, batch.skipped), (0, 1), "nor pays it");
}

#[test]
fn a_large_amount_takes_one_step_more_by_another_person() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Disease, |details| {
        details.facts.diagnosed = Some(jiff::civil::date(2026, 11, 10));
        details.facts.disease = Some("malignancy".to_owned());
        details.diagnosis = "甲状腺乳头状癌".to_owned();
        details.account = Some(BankAccount {
            holder: "李梅".to_owned(),
            number: "6222000000000000000".to_owned(),
            bank: "宁波银行".to_owned(),
        });
    });
    let claim = bench.claim_of(id);
    for (rule, _) in bench.run(|tx| completeness::checklist(tx, id, &claim)).unwrap() {
        bench.sends("oMei", id, &rule.slot, &format!("d-{}", rule.slot), &Default::default());
    }
    bench.submits("oMei", id).unwrap();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    let claim = bench.claim_of(id);
    let programme = bench.run(|tx| judge::ruled_by(tx, &claim)).unwrap().unwrap();
    let steps = review::steps(&programme, claim.amount);
    let mut staff = (0..steps.len()).map(|n| named(&format!("reviewer {n}")));
    for step in 1..steps.len() {
        let who = staff.next().unwrap();
        does(&mut bench, |tx| review::approve(tx, &who, id, "")).unwrap();
        let again = does(&mut bench, |tx| review::approve(tx, &who, id, ""));
        assert_eq!(again, Err(Refusal::ApprovedAlready), "step {step}");
        assert_eq!(bench.claim_of(id).status, Status::Reviewed);
    }
    let last = staff.next().unwrap();
    let elsewhere = Reviewer { levels: vec![Level::Unit], ..last.clone() };
    let no = does(&mut bench, |tx| review::approve(tx, &elsewhere, id, ""));
    assert_eq!(no, Err(Refusal::NotYourStep(steps.last().unwrap().clone())));
    does(&mut bench, |tx| review::approve(tx, &last, id, "")).unwrap();
    assert_eq!(bench.claim_of(id).status, Status::Approved);
}

#[test]
fn what_is_asked_for_is_exactly_what_the_claimant_has_to_send() {
    let (mut bench, id) = handed_in();
    let asked = vec![Asked { slot: "discharge".to_owned(), reason: "unreadable".to_owned() }];
    let unknown = vec![Asked { slot: "passport".to_owned(), reason: "missing".to_owned() }];
    let no = does(&mut bench, |tx| review::ask(tx, &wang(), id, &unknown, ""));
    assert_eq!(no, Err(Refusal::UnknownSlot("passport".to_owned())));
    does(&mut bench, |tx| review::ask(tx, &wang(), id, &asked, "四角都要拍到")).unwrap();
    let missing = rules::Refusal::PapersMissing { slots: vec!["discharge".to_owned()] };
    assert_eq!(bench.submits("oMei", id), Err(missing), "the page that can't be read doesn't count");
    bench.time_goes(std::time::Duration::from_secs(60));
    bench.sends("oMei", id, "discharge", "a better one", &Default::default());
    assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted);
}

#[test]
fn a_late_claim_is_approved_with_a_reason_and_not_without() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.admitted = Some(jiff::civil::date(2026, 5, 10));
        details.facts.discharged = Some(jiff::civil::date(2026, 5, 20));
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    let no = does(&mut bench, |tx| review::approve(tx, &wang(), id, ""));
    assert_eq!(no.unwrap_err().code(), "reason_needed");
    does(&mut bench, |tx| review::approve(tx, &wang(), id, "外地治疗，有书面说明")).unwrap();
    let kinds: Vec<_> = bench.run(|tx| notes::of(tx, id)).unwrap().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::Excused]);
}

#[test]
fn a_duplicate_goes_on_only_when_the_first_is_over() {
    let (mut bench, first) = handed_in();
    let second = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
    });
    bench.sends_all("oMei", second);
    bench.submits("oMei", second).unwrap();
    does(&mut bench, |tx| review::accept(tx, &wang(), second)).unwrap();
    let pointer = Err(Refusal::FirstOpen(first));
    assert_eq!(does(&mut bench, |tx| review::unhold(tx, &wang(), second, "看过了")), pointer);
    assert_eq!(does(&mut bench, |tx| review::approve(tx, &wang(), second, "看过了")), pointer);
    does(&mut bench, |tx| refuse::decline(tx, &wang(), first, "duplicate", "重复申请")).unwrap();
    does(&mut bench, |tx| review::unhold(tx, &wang(), second, "第一件不予受理")).unwrap();
    does(&mut bench, |tx| review::approve(tx, &wang(), second, "")).unwrap();
}

#[test]
fn an_appeal_goes_to_another_person() {
    let (mut bench, id) = handed_in();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    does(&mut bench, |tx| refuse::reject(tx, &wang(), id, "wrong_stay", "不是本次住院", false)).unwrap();
    let own = bench.own_of("oMei", id);
    bench.run(|tx| super::draft::appeal(tx, &own, "是本次住院")).unwrap().unwrap();
    assert_eq!(does(&mut bench, |tx| review::accept(tx, &wang(), id)), Err(Refusal::RefusedBefore));
    does(&mut bench, |tx| review::accept(tx, &li(), id)).unwrap();
}

#[test]
fn what_lapsed_is_taken_up_again_with_what_was_asked_for() {
    let (mut bench, id) = handed_in();
    let asked = vec![Asked { slot: "settlement".to_owned(), reason: "missing".to_owned() }];
    does(&mut bench, |tx| review::ask(tx, &wang(), id, &asked, "")).unwrap();
    bench.time_goes(moves::DAY * 31);
    assert_eq!(bench.claim_of(id).status, Status::Expired);
    does(&mut bench, |tx| review::reopen(tx, &wang(), id, "家属来电")).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(claim.status, Status::NeedsMore);
    assert_eq!(bench.run(|tx| moves::asked(tx, id, &claim)).unwrap().0, asked);
    does(&mut bench, |tx| review::supply(tx, &wang(), id, "窗口补交")).unwrap();
    assert_eq!(bench.claim_of(id).status, Status::Submitted);
}

#[test]
fn a_claim_that_waits_beyond_its_last_day_is_told_once_and_counted_until_it_moves() {
    let (mut bench, id) = handed_in();
    let pressing = |bench: &mut Bench| bench.run(|tx| queue::pressing(tx, 9)).unwrap();
    assert_eq!(
        pressing(&mut bench),
        (0, 0),
        "a first look is due within two working days, and both are left"
    );
    bench.time_goes(moves::DAY);
    assert_eq!(pressing(&mut bench), (0, 1), "one is left");
    bench.time_goes(moves::DAY * 10);
    bench.time_goes(moves::DAY);
    assert_eq!(pressing(&mut bench), (1, 0));
    let told = |bench: &mut Bench| {
        let rows = bench.run(|tx| tx.scan(&TRAIL, &(), None, 99)).unwrap().rows;
        rows.iter().filter(|(_, row)| row.act == "claim.overdue").count()
    };
    assert_eq!(told(&mut bench), 1);
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    assert_eq!((pressing(&mut bench), told(&mut bench)), ((0, 0), 1));
    // Thirty working days are left, and six weeks later none.
    let soon =
        |bench: &mut Bench| bench.run(|tx| queue::list(tx, &queue::Queue::DueSoon, None, 9)).unwrap().0;
    assert!(soon(&mut bench).is_empty());
    bench.time_goes(moves::DAY * 40);
    assert_eq!(pressing(&mut bench), (0, 1));
    assert_eq!(soon(&mut bench).iter().map(|(id, _)| *id).collect::<Vec<_>>(), [id]);
    for act in [rules::Act::Approve, rules::Act::Pay] {
        bench.staff(id, act).unwrap();
    }
    bench.time_goes(moves::DAY * 10);
    assert_eq!((pressing(&mut bench), told(&mut bench)), ((1, 0), 2), "until the money is there");
}

/// As a claim comes from the chat: what the invoice's code says, and nothing of what the insurance paid.
fn from_the_chat(edit: fn(&mut Details)) -> (Bench, ClaimId) {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        (details.facts.self_borne, details.facts.personal_amount) = (None, None);
    });
    let own = bench.own_of("oMei", id);
    bench.run(|tx| draft::tell(tx, &own, edit)).unwrap().unwrap();
    bench.sends_all("oMei", id);
    assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted);
    (bench, id)
}

fn enters(bench: &mut Bench, id: ClaimId, who: &Reviewer, edit: fn(&mut Details)) -> Claim {
    does(bench, |tx| review::enter(tx, who, id, &["fund_paid", "self_borne"], edit)).unwrap();
    bench.claim_of(id)
}

/// What two people read from the settlement, one after the other.
fn both_enter(bench: &mut Bench, id: ClaimId, edit: fn(&mut Details)) -> Claim {
    enters(bench, id, &wang(), edit);
    enters(bench, id, &li(), edit)
}

fn a_settlement(details: &mut Details) {
    details.facts.fund_paid = Some(Fen::yuan(7_000));
    details.facts.self_borne = Some(Fen::yuan(2_000));
}

#[test]
fn once_its_settlement_is_entered_a_small_claim_that_agrees_is_approved_by_rule() {
    let (mut bench, id) = from_the_chat(|_| ());
    let half = |details: &mut Details| details.facts.self_borne = Some(Fen::yuan(2_000));
    assert_eq!(both_enter(&mut bench, id, half).status, Status::Submitted, "one sum alone may be a slip");
    let (mut bench, id) = from_the_chat(|_| ());
    let alone = enters(&mut bench, id, &wang(), a_settlement);
    assert_eq!(alone.status, Status::Submitted, "nobody decides alone");
    assert_eq!(enters(&mut bench, id, &wang(), a_settlement).status, Status::Submitted, "nor twice");
    let claim = enters(&mut bench, id, &li(), a_settlement);
    assert_eq!((claim.status, claim.instant, claim.amount), (Status::Approved, true, Some(Fen::yuan(1_800))));
    assert!(claim.approvals.is_empty() && claim.entered_by == ["wang", "li"]);
    let by: Vec<By> = bench.run(|tx| moves::of(tx, id)).unwrap().into_iter().map(|(_, row)| row.by).collect();
    assert_eq!(by, [By::Claimant, By::Rule, By::Rule]);
}

#[test]
fn what_cannot_be_is_not_entered() {
    let (mut bench, id) = from_the_chat(|_| ());
    type Edit = fn(&mut Details);
    let wrong: [(Edit, &str); 4] = [
        (|d| d.facts.total = Some(Fen::yuan(100)), "more than `total`"),
        (|d| d.facts.discharged = Some(jiff::civil::date(2027, 3, 1)), "still to come"),
        (
            |d| d.facts.discharged = d.facts.admitted.map(|day| day.yesterday().unwrap()),
            "before the admission",
        ),
        (|d| d.facts.days = Some(400), "fewer days"),
    ];
    for (edit, said) in wrong {
        let all = move |details: &mut Details| (a_settlement(details), edit(details)).1;
        let no = does(&mut bench, |tx| review::enter(tx, &wang(), id, &["self_borne"], all)).unwrap_err();
        assert!(no.to_string().contains(said) && bench.claim_of(id).entered_by.is_empty(), "{said}: {no}");
    }
}

#[test]
fn what_does_not_agree_or_somebody_decided_waits_for_people() {
    type Edit = fn(&mut Details);
    let off: [(&str, Edit, Edit); 4] = [
        ("another bill", |_| (), |d| (a_settlement(d), d.facts.total = Some(Fen::yuan(9_100))).1),
        (
            "more than the invoice says",
            |_| (),
            |d| (a_settlement(d), d.facts.personal_amount = Some(Fen::yuan(1_999))).1,
        ),
        (
            "an invoice of before the discharge",
            |d| d.invoices[0].issued = Some(jiff::civil::date(2026, 10, 27)),
            a_settlement,
        ),
        ("an invoice that nobody confirmed", |d| d.invoices[0].confirmed = false, a_settlement),
    ];
    for (why, told, entered) in off {
        let (mut bench, id) = from_the_chat(told);
        let claim = both_enter(&mut bench, id, entered);
        assert_eq!((claim.status, claim.instant), (Status::Submitted, false), "{why}");
    }
    let (mut bench, id) = from_the_chat(|_| ());
    does(&mut bench, |tx| refuse::decline(tx, &li(), id, "other", "不予受理")).unwrap();
    does(&mut bench, |tx| review::reopen(tx, &li(), id, "再看")).unwrap();
    let entered = both_enter(&mut bench, id, a_settlement);
    assert_eq!(entered.status, Status::Submitted, "it was refused before");
    let (mut bench, id) = from_the_chat(|_| ());
    enters(&mut bench, id, &wang(), a_settlement);
    let part = |tx: &mut Tx| review::enter(tx, &li(), id, &["self_borne"], a_settlement);
    does(&mut bench, part).unwrap();
    assert_eq!(bench.claim_of(id).status, Status::Submitted, "the second read a part of it");
    let (mut bench, id) = from_the_chat(|_| ());
    enters(&mut bench, id, &wang(), a_settlement);
    let otherwise = enters(&mut bench, id, &li(), |details| {
        (details.facts.fund_paid, details.facts.self_borne) =
            (Some(Fen::yuan(6_999)), Some(Fen::yuan(2_001)));
    });
    assert_eq!(otherwise.status, Status::Submitted, "the second read something else");
}

#[test]
fn what_the_settlement_has_not_told_is_not_approved() {
    let check = |edit: fn(&mut Details), missing: &str| {
        let (mut bench, id) = from_the_chat(|_| ());
        does(&mut bench, |tx| review::enter(tx, &wang(), id, &["self_borne"], edit)).unwrap();
        does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
        let no = does(&mut bench, |tx| review::approve(tx, &li(), id, "照此核准"));
        assert_eq!(no, Err(Refusal::FactsMissing(vec![missing.to_owned()])));
    };
    check(|details| details.facts.personal_amount = Some(Fen::yuan(2_000)), "self_borne");
    check(|details| details.facts.self_borne = Some(Fen::ZERO), "personal_amount");
}

#[test]
fn nobody_approves_another_sum_than_they_saw() {
    let (mut bench, id) = handed_in();
    let seen = bench.claim_of(id).amount.unwrap();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    does(&mut bench, |tx| review::comes_to(tx, &wang(), id, seen)).unwrap();
    does(&mut bench, |tx| review::adjust(tx, &wang(), id, (Fen::yuan(-50), None), "床位费")).unwrap();
    let no = does(&mut bench, |tx| review::comes_to(tx, &wang(), id, seen));
    assert_eq!(no, Err(Refusal::OtherSum(Fen::yuan(1_750))));
}

/// Handed in with an account that is somebody else's, and accepted.
fn to_another() -> (Bench, ClaimId) {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
        details.account.as_mut().unwrap().holder = "王别人".to_owned();
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    (bench, id)
}

#[test]
fn a_reason_excuses_what_it_was_given_for_and_no_more() {
    let (mut bench, id) = to_another();
    let no = does(&mut bench, |tx| review::approve(tx, &wang(), id, ""));
    assert!(matches!(no, Err(Refusal::ReasonNeeded(_))), "another's account: {no:?}");
    does(&mut bench, |tx| review::approve(tx, &wang(), id, "本人委托配偶收款")).unwrap();
    does(&mut bench, |tx| review::approve(tx, &li(), id, "")).unwrap();
    does(&mut bench, |tx| review::send_back(tx, &named("zhao"), id, "再核")).unwrap();
    let again = does(&mut bench, |tx| review::approve(tx, &li(), id, ""));
    assert!(matches!(again, Err(Refusal::ReasonNeeded(_))), "{again:?}");
    let (mut bench, id) = handed_in();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    does(&mut bench, |tx| review::approve(tx, &wang(), id, "已阅")).unwrap();
    does(&mut bench, |tx| review::send_back(tx, &li(), id, "材料再看")).unwrap();
    let refused = |tx: &mut Tx| review::judge_page(tx, &li(), id, ("discharge", 1), Some("wrong_person"));
    does(&mut bench, refused).unwrap();
    let no = does(&mut bench, |tx| review::approve(tx, &wang(), id, ""));
    assert_eq!(no, Err(Refusal::PapersMissing(vec!["discharge".to_owned()])));
}

#[test]
fn stays_that_overlap_take_a_reason() {
    let (mut bench, first) = handed_in();
    let second = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.hospital = "市第一人民医院".to_owned();
        details.invoices[0].number = "91".to_owned();
    });
    bench.sends_all("oMei", second);
    let claim = bench.submits("oMei", second).unwrap();
    assert_eq!(claim.flags, [Flag::OverlappingStay { other: first }]);
    does(&mut bench, |tx| review::accept(tx, &wang(), second)).unwrap();
    let no = does(&mut bench, |tx| review::approve(tx, &wang(), second, ""));
    assert!(matches!(no, Err(Refusal::ReasonNeeded(_))), "{no:?}");
    let later = |details: &mut Details| {
        details.facts.admitted = Some(jiff::civil::date(2026, 11, 2));
        details.facts.discharged = Some(jiff::civil::date(2026, 11, 9));
    };
    does(&mut bench, |tx| review::enter(tx, &li(), second, &["admitted"], later)).unwrap();
    let flags = bench.claim_of(second).flags;
    assert!(
        !flags.contains(&Flag::OverlappingStay { other: first }),
        "the papers have other days: {flags:?}"
    );
}

#[test]
fn what_is_refused_leaves_no_note() {
    let (mut bench, id) = handed_in();
    assert!(does(&mut bench, |tx| review::send_back(tx, &wang(), id, "再核")).is_err());
    assert!(does(&mut bench, |tx| review::supply(tx, &wang(), id, "电话")).is_err());
    assert_eq!(bench.run(|tx| notes::of(tx, id)).unwrap(), []);
}

/// Approved by wang and li, and drawn.
fn drawn() -> (Bench, ClaimId) {
    let mut bench = covered_by(|text| text.replace("second_look = 0.02", "second_look = 1"));
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    does(&mut bench, |tx| review::approve(tx, &wang(), id, "")).unwrap();
    assert!(!bench.claim_of(id).sampled, "not before it is approved");
    does(&mut bench, |tx| review::approve(tx, &li(), id, "")).unwrap();
    assert!(bench.claim_of(id).sampled);
    (bench, id)
}

fn on_the_list(bench: &mut Bench) -> usize {
    bench.run(|tx| Ok(queue::list(tx, &queue::Queue::Sampled, None, 9)?.0.len())).unwrap()
}

#[test]
fn a_second_look_is_somebody_elses_and_closes_what_agrees() {
    let (mut bench, id) = drawn();
    let own = does(&mut bench, |tx| sample::look_again(tx, &li(), id, true, "复查"));
    assert_eq!((own, on_the_list(&mut bench)), (Err(Refusal::ApprovedAlready), 1));
    does(&mut bench, |tx| sample::look_again(tx, &named("zhao"), id, true, "无误")).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, on_the_list(&mut bench)), (Status::Approved, 0));
    assert!(claim.flags.is_empty());
    let kinds: Vec<_> =
        bench.run(|tx| notes::of(tx, id)).unwrap().into_iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::LookedAgain]);
    let again = does(&mut bench, |tx| sample::look_again(tx, &named("zhao"), id, true, "再查"));
    assert_eq!(again, Err(Refusal::NotSampled));
}

#[test]
fn a_second_look_that_differs_takes_the_approval_back_while_nothing_is_paid() {
    let (mut bench, id) = drawn();
    does(&mut bench, |tx| sample::look_again(tx, &named("zhao"), id, false, "少扣了统筹")).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(
        (claim.status, claim.flags.as_slice()),
        (Status::Accepted, [Flag::LookedOtherwise].as_slice())
    );
    assert!(claim.approvals.is_empty() && !claim.sampled);
    let book = super::money::book_of(&claim).unwrap();
    assert_eq!(bench.run(|tx| standing(tx, &book)).unwrap().payable, Fen(0), "nothing is owed any more");
    does(&mut bench, |tx| review::approve(tx, &wang(), id, "")).unwrap();
    does(&mut bench, |tx| review::approve(tx, &li(), id, "")).unwrap();
    assert!(bench.claim_of(id).sampled, "nobody gets rid of a draw by sending it round once more");
}

#[test]
fn a_second_look_that_differs_stays_on_the_list_once_something_is_paid() {
    let (mut bench, id) = drawn();
    let paid = |tx: &mut Tx, act| {
        let before = queue::get(tx, id)?.unwrap();
        moves::go(tx, id, &before, &mut before.clone(), act, moves::Why::none(By::Rule))
    };
    bench.run(|tx| paid(tx, rules::Act::Pay)).unwrap().unwrap();
    bench.run(|tx| paid(tx, rules::Act::Settle)).unwrap().unwrap();
    does(&mut bench, |tx| sample::look_again(tx, &named("zhao"), id, false, "票据系伪造")).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.flags.as_slice()), (Status::Paid, [Flag::LookedOtherwise].as_slice()));
    assert_eq!(on_the_list(&mut bench), 1);
    let whole = (Proposed::Recovery, None);
    does(&mut bench, |tx| recover::propose(tx, &named("feng"), id, whole, "款已退回", "")).unwrap();
    let sum = claim.amount.unwrap();
    does(&mut bench, |tx| recover::confirm(tx, &named("wei"), id, sum)).unwrap();
    assert_eq!((bench.claim_of(id).status, on_the_list(&mut bench)), (Status::Reversed, 0));
}

#[test]
fn what_was_asked_for_is_answered_by_a_new_page_or_by_why_there_is_none() {
    for reason in ["missing", "incomplete", "other"] {
        let (mut bench, id) = handed_in();
        let asked = [Asked { slot: "discharge".to_owned(), reason: reason.to_owned() }];
        does(&mut bench, |tx| review::ask(tx, &wang(), id, &asked, "")).unwrap();
        bench.time_goes(std::time::Duration::from_secs(60));
        let slots = vec!["discharge".to_owned()];
        let unchanged = Err(rules::Refusal::PapersMissing { slots });
        assert_eq!(bench.submits("oMei", id), unchanged, "{reason}");
        bench.sends("oMei", id, "discharge", "another", &Default::default());
        assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted, "{reason}");
    }
    let (mut bench, id) = handed_in();
    let asked = [Asked { slot: "discharge".to_owned(), reason: "missing".to_owned() }];
    does(&mut bench, |tx| review::ask(tx, &wang(), id, &asked, "")).unwrap();
    let own = bench.own_of("oMei", id);
    let told = |tx: &mut Tx, slot: &str| draft::out_of_reach(tx, &own, slot, "病案室三周后才能复印");
    assert!(bench.run(|tx| told(tx, "invoice")).unwrap().is_err(), "that wasn't asked for");
    bench.run(|tx| told(tx, "discharge")).unwrap().unwrap();
    let flag = Flag::OutOfReach { slot: "discharge".to_owned() };
    assert_eq!(bench.submits("oMei", id).unwrap().flags, [flag]);
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    let bare = does(&mut bench, |tx| review::approve(tx, &wang(), id, ""));
    assert!(matches!(bare, Err(Refusal::ReasonNeeded(_))), "{bare:?}");
    does(&mut bench, |tx| review::ask(tx, &wang(), id, &asked, "还是要")).unwrap();
    assert!(bench.submits("oMei", id).is_err(), "asked again, it is to be answered again");
}

/// What somebody does, by number; most of it will be refused.
fn random_act(tx: &mut Tx, who: &Reviewer, id: ClaimId, act: u8) -> Decided {
    let asked = [Asked { slot: "discharge".to_owned(), reason: "unreadable".to_owned() }];
    match act {
        0 => review::take(tx, who, id),
        1 => review::release(tx, who, id, "换班"),
        2 => review::hold(tx, who, id, "等一等"),
        3 => review::unhold(tx, who, id, "可以了"),
        4 => review::accept(tx, who, id),
        5 => refuse::decline(tx, who, id, "other", "不予受理"),
        6 => review::ask(tx, who, id, &asked, ""),
        7 => review::judge_page(tx, who, id, ("discharge", 1), None),
        8 => review::enter(tx, who, id, &["days"], |details| details.facts.days = Some(8)),
        9 => review::adjust(tx, who, id, (Fen(-100), None), "床位费"),
        10 => review::send_back(tx, who, id, "再看看"),
        11 => refuse::reject(tx, who, id, "other", "不予给付", false),
        12 => review::reopen(tx, who, id, "再开"),
        13 => review::supply(tx, who, id, "电话"),
        14 => account::confirm(tx, who, id, ""),
        15 => sample::look_again(tx, who, id, true, "复查"),
        17 => sample::look_again(tx, who, id, false, "复查"),
        16 => recover::propose(tx, who, id, (Proposed::Recovery, None), "追回", ""),
        18 => recover::propose(tx, who, id, (Proposed::WriteOff, None), "付不出", ""),
        19 => recover::confirm(tx, who, id, Fen(180_000)),
        _ => review::approve(tx, who, id, "已核"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever staff try, by their own commands: only moves of the table happen, the book sums to zero, it owes what
    /// is approved and nothing else, and no approval is by who entered or approved before.
    #[test]
    fn no_act_leads_where_none_should(acts in proptest::collection::vec((0..22_u8, 0..3_usize), 1..40)) {
        let (mut bench, id) = handed_in();
        let staff = [wang(), li(), named("zhao")];
        for (act, who) in acts {
            let before = bench.claim_of(id);
            _ = does(&mut bench, |tx| random_act(tx, &staff[who], id, act));
            let claim = bench.claim_of(id);
            if claim.status != before.status {
                let table = rules::MOVES.iter().any(|(from, act, to)| {
                    *from == before.status && *to == claim.status && leads(*from, *act) == Some(*to)
                });
                prop_assert!(table, "{:?} to {:?}", before.status, claim.status);
            }
            let mut approvers: Vec<&str> = claim.approvals.iter().map(|row| row.who.as_str()).collect();
            prop_assert!(approvers.iter().all(|who| !claim.entered_by.iter().any(|by| by == who)));
            approvers.sort_unstable();
            approvers.dedup();
            prop_assert_eq!(approvers.len(), claim.approvals.len());
            if let Some(book) = super::money::book_of(&claim) {
                let kept = bench.run(|tx| standing(tx, &book)).unwrap();
                prop_assert_eq!(kept.sum(), 0);
                let owed = if claim.status == Status::Approved { claim.amount.unwrap_or_default() } else { Fen(0) };
                prop_assert_eq!(Fen(-kept.payable.0), owed, "{:?}", claim.status);
            }
            let listed = bench.run(|tx| {
                let queue = queue::Queue::Of(claim.status, queue::Order::Age);
                Ok(queue::list(tx, &queue, None, 10)?.0.len())
            });
            prop_assert_eq!(listed.unwrap(), 1);
        }
    }
}
