//! Claims for which no cover is known: told so, handed in all the same, decided by people, and judged by a list that
//! comes late.

use std::time::Duration;

use jiff::civil::date;

use super::draft::{appeal, submit_uncovered, tell};
use super::record::*;
use super::review::{self, Reviewer};
use super::rules::{Act, Refusal};
use super::tests::{a_stay, covered, policy};
use super::{completeness, judge, moves, refuse, slots};
use crate::domain::media::record::Look;
use crate::domain::member::record::MemberId;
use crate::domain::scheme::commands::{adopt, key_of};
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::scheme::record::{DocumentRule, Fen};
use crate::domain::scheme::rules::{EventKind, NotCovered};
use crate::domain::tables::{CLAIMS_FOR, POLICIES};
use crate::store::testing::Bench;

fn named(name: &str) -> Reviewer {
    Reviewer { name: name.to_owned(), member: None, levels: Vec::new() }
}

type Place = ([u8; 16], String, String, u32);

/// A stay that no list covers, so far; and the place that a list may bring.
fn no_list() -> (Bench, ClaimId, Place) {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    let person = bench.claim_of(id).insured.unwrap();
    let place =
        |programme: &str| (person, "ningbo".to_owned(), programme.to_owned(), key_of(date(2026, 5, 1)));
    let places = [place("inpatient_active"), place("critical")];
    bench.run(|tx| places.iter().try_for_each(|place| tx.delete(&POLICIES, place))).unwrap();
    let own = bench.own_of("oMei", id);
    bench.run(|tx| tell(tx, &own, |_| {})).unwrap().unwrap();
    (bench, id, place("inpatient_active"))
}

fn list_comes(bench: &mut Bench, place: &Place) {
    bench.run(|tx| tx.put(&POLICIES, place, &policy(date(2027, 4, 30)))).unwrap();
}

fn hands_in(bench: &mut Bench, id: ClaimId, why: &str) -> Result<Claim, Refusal> {
    let own = bench.own_of("oMei", id);
    bench.run(|tx| submit_uncovered(tx, &own, why)).unwrap()
}

#[test]
fn who_has_no_cover_is_told_hands_it_in_and_gets_a_refusal_that_can_be_appealed_against() {
    let (mut bench, id, place) = no_list();
    assert_eq!(bench.submits("oMei", id), Err(Refusal::NotCovered(NotCovered::NoCover)), "told before");
    let claim = hands_in(&mut bench, id, "单位四月交了费").unwrap();
    assert_eq!((claim.status, claim.ruling.clone(), claim.amount), (Status::Submitted, None, None));
    assert_eq!(claim.flags, [Flag::NotCovered { why: "no_cover".to_owned() }]);
    assert_eq!(claim.details.reveal().remark, "单位四月交了费");
    assert!(claim.clock.due.is_some(), "a first look is promised as of any claim");

    let no_cover = Err(review::Refusal::NotCovered("no_cover"));
    assert_eq!(bench.run(|tx| review::accept(tx, &named("wang"), id)).unwrap(), no_cover);
    bench.run(|tx| refuse::decline(tx, &named("wang"), id, "not_insured", "名单里没有")).unwrap().unwrap();
    let own = bench.own_of("oMei", id);
    bench.run(|tx| appeal(tx, &own, "单位补交了名单")).unwrap().unwrap();
    let again = bench.run(|tx| review::accept(tx, &named("wang"), id)).unwrap();
    assert_eq!(again, Err(review::Refusal::RefusedBefore));

    list_comes(&mut bench, &place);
    bench.run(|tx| review::accept(tx, &named("li"), id)).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.amount), (Status::Accepted, Some(Fen::yuan(1_800))));
    assert_eq!(claim.ruling.unwrap().programme, "inpatient_active");
    assert_eq!(claim.flags, [], "what spoke against it is gone");
    let found = bench.run(|tx| tx.get(&CLAIMS_FOR, &(place.0, id))).unwrap();
    assert!(found.is_some(), "it counts among the person's claims");
}

#[test]
fn nothing_is_approved_while_no_rules_decide() {
    let (mut bench, id, place) = no_list();
    hands_in(&mut bench, id, "").unwrap();
    // Not even where it was accepted, which the review doesn't do.
    bench.staff(id, Act::Accept).unwrap();
    let no_cover = Err(review::Refusal::NotCovered("no_cover"));
    assert_eq!(bench.run(|tx| review::approve(tx, &named("li"), id, "")).unwrap(), no_cover);
    assert_eq!(bench.staff(id, Act::Approve), Err(Refusal::NothingToPay));
    list_comes(&mut bench, &place);
    let counted = Err(review::Refusal::Recounted { was: Fen::ZERO, now: Fen::yuan(1_800) });
    assert_eq!(bench.run(|tx| review::approve(tx, &named("li"), id, "")).unwrap(), counted);
}

#[test]
fn papers_may_be_sent_are_asked_for_by_name_and_the_claim_goes_on_with_them() {
    let (mut bench, id, place) = no_list();
    let claim = bench.claim_of(id);
    let slots = bench.run(|tx| slots::papers(tx, id, &claim)).unwrap();
    let slots: Vec<&str> = slots.iter().map(|(paper, _)| paper.slot.as_str()).collect();
    assert!(slots.contains(&"discharge") && slots.contains(&"id_card"), "{slots:?}");
    assert_eq!(
        bench.run(|tx| completeness::checklist(tx, id, &claim)).unwrap(),
        [],
        "and none has to be there"
    );
    hands_in(&mut bench, id, "").unwrap();

    let asked = [Asked { slot: "discharge".to_owned(), reason: "missing".to_owned() }];
    bench.run(|tx| review::ask(tx, &named("wang"), id, &asked, "请补")).unwrap().unwrap();
    bench.time_goes(Duration::from_secs(60));
    let missing = Err(Refusal::PapersMissing { slots: vec!["discharge".to_owned()] });
    assert_eq!(bench.submits("oMei", id), missing, "what was asked for is to be answered");
    bench.sends("oMei", id, "discharge", "discharge", &Look::default());
    assert_eq!(bench.submits("oMei", id).unwrap().status, Status::Submitted, "who knows isn't told anew");

    bench.run(|tx| review::ask(tx, &named("wang"), id, &asked, "请再补")).unwrap().unwrap();
    bench.time_goes(Duration::from_secs(60));
    bench.sends("oMei", id, "discharge", "discharge-2", &Look::default());
    bench.time_goes(moves::DAY * 7);
    assert_eq!(bench.claim_of(id).status, Status::Submitted, "it goes on though nobody said so");
    list_comes(&mut bench, &place);
    bench
        .run(|tx| review::enter(tx, &named("wang"), id, &["days"], |d| d.facts.days = Some(8)))
        .unwrap()
        .unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(
        (claim.amount, claim.flags),
        (Some(Fen::yuan(1_800)), Vec::new()),
        "whoever looks finds the list"
    );
}

#[test]
fn a_draft_has_its_papers_as_soon_as_the_list_has_come() {
    let (mut bench, id, place) = no_list();
    list_comes(&mut bench, &place);
    let own = bench.own_of("oMei", id);
    let needed = bench.run(|tx| completeness::checklist(tx, id, &own.before)).unwrap();
    let needed: Vec<String> = needed.into_iter().map(|(rule, _)| rule.slot).collect();
    assert!(needed.contains(&"discharge".to_owned()), "{needed:?}");
    assert_eq!(bench.submits("oMei", id), Err(Refusal::PapersMissing { slots: needed }), "what is shown");
    bench.sends_all("oMei", id);
    assert_eq!(bench.submits("oMei", id).unwrap().ruling.unwrap().programme, "inpatient_active");
}

#[test]
fn a_draft_has_the_papers_of_the_rules_that_were_adopted_under_it() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", id);
    let ningbo = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap().1;
    let mut later = read("later", ningbo).unwrap();
    let programme = later.programmes.iter_mut().find(|one| one.key == "inpatient_active").unwrap();
    let slot = "one_more".to_owned();
    let first = programme.documents[0].clone();
    programme.documents.push(DocumentRule { slot: slot.clone(), title: "又一份".to_owned(), ..first });
    (later.version, later.in_force.from, later.in_force.backdated) = (2026, date(2026, 10, 1), true);
    bench.run(|tx| adopt(tx, std::slice::from_ref(&later))).unwrap().unwrap();

    assert_eq!(bench.submits("oMei", id), Err(Refusal::PapersMissing { slots: vec![slot.clone()] }));
    let own = bench.own_of("oMei", id);
    let needed = bench.run(|tx| completeness::checklist(tx, id, &own.before)).unwrap();
    assert_eq!(needed.last().map(|(rule, pages)| (&rule.slot, *pages)), Some((&slot, 0)), "it is shown");
    bench.sends("oMei", id, &slot, "one-more", &Look::default());
    assert_eq!(bench.submits("oMei", id).unwrap().ruling.unwrap().version, 2026);
}

#[test]
fn who_sends_what_was_asked_for_loses_nothing_by_a_list_that_comes_meanwhile() {
    for says_so in [true, false] {
        let (mut bench, id, place) = no_list();
        hands_in(&mut bench, id, "").unwrap();
        list_comes(&mut bench, &place);
        let asked = [Asked { slot: "discharge".to_owned(), reason: "missing".to_owned() }];
        bench.run(|tx| review::ask(tx, &named("wang"), id, &asked, "")).unwrap().unwrap();
        let claim = bench.claim_of(id);
        let papers = bench.run(|tx| judge::papers_by(tx, &claim)).unwrap().unwrap();
        assert_eq!(papers.key, "inpatient_active", "what was asked for has its name");
        bench.time_goes(Duration::from_secs(60));
        bench.sends("oMei", id, "discharge", "discharge", &Look::default());
        if says_so {
            bench.submits("oMei", id).unwrap();
        }
        bench.time_goes(moves::DAY * 40);
        let claim = bench.claim_of(id);
        assert_eq!((claim.status, claim.flags), (Status::Submitted, Vec::new()), "judged by the list");
    }
}

#[test]
fn what_lapsed_without_a_cover_and_is_taken_up_again_is_judged_by_the_list() {
    let (mut bench, id, place) = no_list();
    hands_in(&mut bench, id, "").unwrap();
    let asked = [Asked { slot: "discharge".to_owned(), reason: "missing".to_owned() }];
    bench.run(|tx| review::ask(tx, &named("wang"), id, &asked, "")).unwrap().unwrap();
    bench.time_goes(moves::DAY * 40);
    assert_eq!(bench.claim_of(id).status, Status::Expired);
    list_comes(&mut bench, &place);
    bench.run(|tx| review::reopen(tx, &named("wang"), id, "名单到了")).unwrap().unwrap();
    assert_eq!(bench.claim_of(id).flags, [], "nothing says any more that there is no cover");
}

#[test]
fn a_card_that_two_claims_show_is_no_duplicate_where_no_cover_is_known_either() {
    let (mut bench, first, _) = no_list();
    let second = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.admitted = Some(date(2026, 11, 2));
        details.facts.discharged = Some(date(2026, 11, 6));
        details.invoices[0].number = "0012345690".to_owned();
    });
    for id in [first, second] {
        bench.sends("oMei", id, "id_card", "card", &Look::default());
        let claim = hands_in(&mut bench, id, "").unwrap();
        assert_eq!(claim.flags, [Flag::NotCovered { why: "no_cover".to_owned() }]);
        assert_eq!(claim.held, None);
    }
}

#[test]
fn a_stay_outside_of_the_cover_is_handed_in_and_corrected_by_staff() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.admitted = Some(date(2026, 4, 2));
        details.facts.discharged = Some(date(2026, 4, 9));
        details.invoices[0].read = false;
    });
    let told = bench.submits("oMei", id).unwrap_err();
    assert_eq!(told.code(), "outside_cover");
    hands_in(&mut bench, id, "出院日期写错了").unwrap();
    let own = Reviewer { member: Some(MemberId(1)), ..named("mei") };
    let edit = |details: &mut Details| details.facts.discharged = Some(date(2026, 5, 9));
    let theirs = bench.run(|tx| review::enter(tx, &own, id, &["discharged"], edit)).unwrap();
    assert_eq!(theirs, Err(review::Refusal::OwnClaim));
    bench.run(|tx| review::enter(tx, &named("wang"), id, &["discharged"], edit)).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!(claim.ruling.clone().unwrap().day, Some(date(2026, 5, 9)));
    assert!(!claim.flags.iter().any(|flag| matches!(flag, Flag::NotCovered { .. })), "{:?}", claim.flags);
}

#[test]
fn what_was_handed_in_without_a_cover_is_corrected_without_one_and_no_slip_takes_one_away() {
    let (mut bench, id, place) = no_list();
    hands_in(&mut bench, id, "").unwrap();
    let corrects = |bench: &mut Bench, edit: fn(&mut Details)| {
        let own = bench.own_of("oMei", id);
        bench.run(|tx| tell(tx, &own, edit)).unwrap()
    };
    let claim = corrects(&mut bench, |details| details.facts.hospital = "样例市第二医院".to_owned()).unwrap();
    assert_eq!((claim.status, &claim.ruling, claim.amount), (Status::Submitted, &None, None));
    assert_eq!(claim.flags, [Flag::NotCovered { why: "no_cover".to_owned() }]);
    list_comes(&mut bench, &place);
    bench.sends_all("oMei", id);
    // Its invoice was typed, or rules alone would decide it now.
    let claim = corrects(&mut bench, |details| details.invoices[0].read = false).unwrap();
    assert_eq!((claim.status, &claim.ruling.unwrap().programme[..]), (Status::Submitted, "inpatient_active"));
    let slip = corrects(&mut bench, |details| {
        (details.facts.admitted, details.facts.discharged) = (Some(date(2025, 1, 2)), Some(date(2025, 1, 5)));
    });
    assert!(matches!(slip, Err(Refusal::NotCovered(_))), "{slip:?}");
}
