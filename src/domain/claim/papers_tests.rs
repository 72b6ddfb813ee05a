//! The same paper in two claims.

use super::draft::{appeal, tell, withdraw};
use super::moves::{self, Why};
use super::news::News;
use super::papers::PaperKey;
use super::record::*;
use super::review::{self, Reviewer};
use super::rules::{Act, Refusal};
use super::tests::{a_stay, covered, mei, member};
use super::{audit, pages, queue, refuse, second};
use crate::domain::media::commands::{expire, seen};
use crate::domain::media::record::Look;
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::{MEDIA, PAPERS};
use crate::store::testing::Bench;
use crate::store::{Table, Tx};

#[test]
fn the_same_invoice_in_a_second_claim_holds_it_back_and_points_staff_to_the_first() {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let first = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", first);
    bench.submits("oMei", first).unwrap();
    let second = bench.begins("oQiang", EventKind::Inpatient, a_stay);
    bench.sends_all("oQiang", second);
    bench.sends("oQiang", second, "settlement", &format!("oMei-{first}-settlement"), &Look::default());
    let claim = bench.submits("oQiang", second).unwrap();
    assert!(claim.held.is_some());
    for what in [Paper::Invoice, Paper::Picture] {
        assert!(claim.flags.contains(&Flag::SamePaper { what, other: first }), "{:?}", claim.flags);
    }
    bench.staff(second, Act::Accept).unwrap();
    assert_eq!(bench.staff(second, Act::Approve), Err(Refusal::Held));
    assert!(bench.told().contains(&News::PaperUsed { claim: second, slot: "settlement".to_owned() }));
}

#[test]
fn an_invoice_typed_without_its_code_is_the_one_whose_code_was_read() {
    // What the first has, what the second has, and whether that is the same invoice.
    for (first, second, same) in
        [("33060122", "", true), ("", "33060122", true), ("", "", true), ("33060122", "33060123", false)]
    {
        let mut bench = covered();
        member(&mut bench, "oQiang", "王强", 2);
        let [of_mei, of_qiang] = [("oMei", first), ("oQiang", second)].map(|(who, code)| {
            let id = bench.begins(who, EventKind::Inpatient, a_stay);
            let own = bench.own_of(who, id);
            let typed = |details: &mut Details| details.invoices[0].code = code.to_owned();
            bench.run(|tx| tell(tx, &own, typed)).unwrap().unwrap();
            bench.sends_all(who, id);
            bench.submits(who, id).unwrap();
            id
        });
        let claim = bench.claim_of(of_qiang);
        let flag = Flag::SamePaper { what: Paper::Invoice, other: of_mei };
        assert_eq!(claim.flags.contains(&flag), same, "{first:?} and {second:?}: {:?}", claim.flags);
        assert_eq!(claim.held.is_some(), same);
    }
}

#[test]
fn a_claim_that_was_taken_back_frees_its_papers() {
    let mut bench = covered();
    let first = bench.begins("oMei", EventKind::Inpatient, |d| (a_stay(d), d.invoices[0].read = false).1);
    bench.sends_all("oMei", first);
    bench.submits("oMei", first).unwrap();
    let own = bench.own_of("oMei", first);
    bench.run(|tx| withdraw(tx, &own)).unwrap().unwrap();
    let second = bench.begins("oMei", EventKind::Inpatient, |d| (a_stay(d), d.invoices[0].read = false).1);
    bench.sends_all("oMei", second);
    let claim = bench.submits("oMei", second).unwrap();
    assert_eq!((claim.held, claim.flags), (None, vec![]));
}

#[test]
fn an_appeal_takes_its_papers_again_unless_another_claim_has_them_by_now() {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let typed: fn(&mut Details) = |details| (a_stay(details), details.invoices[0].read = false).1;
    let first = bench.begins("oMei", EventKind::Inpatient, typed);
    bench.sends_all("oMei", first);
    bench.submits("oMei", first).unwrap();
    bench.staff(first, Act::Accept).unwrap();
    bench.staff(first, Act::Reject).unwrap();
    let second = bench.begins("oQiang", EventKind::Inpatient, typed);
    bench.sends_all("oQiang", second);
    bench.sends("oQiang", second, "settlement", &format!("oMei-{first}-settlement"), &Look::default());
    let free = bench.submits("oQiang", second).unwrap();
    assert!(!free.flags.iter().any(|flag| matches!(flag, Flag::SamePaper { .. })), "{:?}", free.flags);
    for act in [Act::Accept, Act::Approve, Act::Pay, Act::Settle] {
        bench.staff(second, act).unwrap();
    }
    let own = bench.own_of("oMei", first);
    bench.run(|tx| appeal(tx, &own, "就是我的票据")).unwrap().unwrap();
    let claim = bench.claim_of(first);
    for what in [Paper::Invoice, Paper::Picture] {
        assert!(claim.flags.contains(&Flag::SamePaper { what, other: second }), "{what:?}");
    }
    bench.staff(first, Act::Accept).unwrap();
    assert_eq!(bench.staff(first, Act::Approve), Err(Refusal::Held));
    // Whatever the claims themselves say, the audit asks who has the paper.
    bench
        .run(|tx| {
            let before = queue::get(tx, first)?.unwrap();
            let forged = Claim { flags: Vec::new(), held: None, ..before.clone() };
            moves::go(tx, first, &before, &mut forged.clone(), Act::Approve, Why::none(By::Rule))
        })
        .unwrap()
        .unwrap();
    let (broken, ..) = bench.run(|tx| audit::claims(tx, None)).unwrap();
    assert!(broken.iter().any(|line| line.contains("for a paper that L000002")), "{broken:?}");
}

#[test]
fn a_picture_that_two_drafts_have_is_found_when_the_second_is_handed_in() {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let first = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", first);
    let second = bench.begins("oQiang", EventKind::Inpatient, a_stay);
    bench.sends_all("oQiang", second);
    bench.sends("oQiang", second, "discharge", &format!("oMei-{first}-discharge"), &Look::default());
    let own = bench.own_of("oQiang", second);
    bench.run(|tx| tell(tx, &own, |details| details.invoices[0].number = "1".to_owned())).unwrap().unwrap();
    bench.submits("oMei", first).unwrap();
    let flags = bench.submits("oQiang", second).unwrap().flags;
    assert!(flags.contains(&Flag::SamePaper { what: Paper::Picture, other: first }), "{flags:?}");
}

/// The first claim of `who`'s, handed in, its invoice typed.
fn handed_in(bench: &mut Bench, who: &str, edit: fn(&mut Details)) -> ClaimId {
    let id = bench.begins(who, EventKind::Inpatient, edit);
    bench.sends_all(who, id);
    bench.submits(who, id).unwrap();
    id
}

fn typed(details: &mut Details) {
    a_stay(details);
    details.invoices[0].read = false;
}

fn another_invoice(details: &mut Details) {
    typed(details);
    details.invoices[0].number = "90".to_owned();
}

fn wang() -> Reviewer {
    Reviewer { name: "wang".to_owned(), member: None, levels: Vec::new() }
}

#[test]
fn who_sends_the_wrong_paper_and_then_the_right_one_is_not_held() {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let first = handed_in(&mut bench, "oMei", typed);
    let second = bench.begins("oQiang", EventKind::Inpatient, another_invoice);
    bench.sends_all("oQiang", second);
    bench.sends("oQiang", second, "settlement", &format!("oMei-{first}-settlement"), &Look::default());
    assert!(bench.told().contains(&News::PaperUsed { claim: second, slot: "settlement".to_owned() }));
    bench.run(|tx| pages::remove(tx, second, "settlement", 2)).unwrap();
    let claim = bench.submits("oQiang", second).unwrap();
    let same = |flag: &Flag| matches!(flag, Flag::SamePaper { .. });
    assert!(claim.held.is_none() && !claim.flags.iter().any(same), "{:?}", claim.flags);
    // The same of a number that was mistyped, and of staff who read it rightly.
    let third = handed_in(&mut bench, "oQiang", |details| {
        typed(details);
        details.facts.admitted = Some(jiff::civil::date(2026, 9, 1));
        details.facts.discharged = Some(jiff::civil::date(2026, 9, 9));
    });
    assert!(bench.claim_of(third).flags.contains(&Flag::SamePaper { what: Paper::Invoice, other: first }));
    let right = |details: &mut Details| details.invoices[0].number = "91".to_owned();
    bench.run(|tx| review::enter(tx, &wang(), third, &["invoices"], right)).unwrap().unwrap();
    let claim = bench.claim_of(third);
    assert!(claim.held.is_none() && !claim.flags.iter().any(same), "{:?}", claim.flags);
}

#[test]
fn nobody_holds_up_a_claim_by_handing_in_its_papers_later() {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let first = handed_in(&mut bench, "oMei", typed);
    bench.time_goes(moves::DAY);
    let later = handed_in(&mut bench, "oQiang", typed);
    assert!(bench.claim_of(later).held.is_some());
    let days = |details: &mut Details| details.facts.days = Some(8);
    bench.run(|tx| review::enter(tx, &wang(), first, &["days"], days)).unwrap().unwrap();
    assert!(bench.claim_of(first).held.is_none(), "it was there first");
    // Nor by what is entered later than the other had it.
    let own = handed_in(&mut bench, "oQiang", another_invoice);
    let taken = |details: &mut Details| details.invoices[0].number = "0012345678".to_owned();
    bench.run(|tx| review::enter(tx, &wang(), own, &["invoices"], taken)).unwrap().unwrap();
    assert!(bench.claim_of(own).held.is_some() && bench.claim_of(first).held.is_none());
    for by in ["li", "zhao"] {
        let by = Reviewer { name: by.to_owned(), ..wang() };
        if bench.claim_of(first).status == Status::Submitted {
            bench.run(|tx| review::accept(tx, &by, first)).unwrap().unwrap();
        }
        bench.run(|tx| review::approve(tx, &by, first, "")).unwrap().unwrap();
    }
}

#[test]
fn what_staff_let_go_is_not_held_again() {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let first = handed_in(&mut bench, "oMei", typed);
    let second = handed_in(&mut bench, "oQiang", typed);
    bench.run(|tx| refuse::decline(tx, &wang(), first, "duplicate", "不是本人的票据")).unwrap().unwrap();
    bench.run(|tx| review::unhold(tx, &wang(), second, "前一笔不受理")).unwrap().unwrap();
    let days = |details: &mut Details| details.facts.days = Some(8);
    bench.run(|tx| review::enter(tx, &wang(), second, &["days"], days)).unwrap().unwrap();
    let claim = bench.claim_of(second);
    assert!(claim.held.is_none(), "{:?}", claim.flags);
}

#[test]
fn a_paper_of_which_it_was_not_kept_since_when_is_as_old_as_its_claim() {
    const EARLY: Table<(u8, PaperKey, ClaimId), ()> = Table::durable(0xb2, "papers");
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    let first = handed_in(&mut bench, "oMei", typed);
    let early = |tx: &mut Tx| {
        for (key, _) in tx.scan(&PAPERS, &(), None, 99)?.rows {
            tx.put(&EARLY, &key, &())?;
        }
        Ok(())
    };
    bench.run(early).unwrap();
    bench.time_goes(moves::DAY);
    let later = handed_in(&mut bench, "oQiang", typed);
    let days = |details: &mut Details| details.facts.days = Some(8);
    bench.run(|tx| review::enter(tx, &wang(), first, &["days"], days)).unwrap().unwrap();
    assert!(bench.claim_of(later).held.is_some() && bench.claim_of(first).held.is_none());
}

fn ill(details: &mut Details) {
    a_stay(details);
    details.diagnosis = "甲状腺乳头状癌".to_owned();
    details.invoices[0].read = false;
}

/// A claim, and another for the same illness that shows its papers.
fn two_for_one_illness(bench: &mut Bench) -> (ClaimId, ClaimId) {
    let first = bench.begins("oMei", EventKind::Inpatient, ill);
    bench.sends_all("oMei", first);
    bench.submits("oMei", first).unwrap();
    let own = bench.own_of("oMei", first);
    (first, bench.run(|tx| second::begin(tx, &mei(), &own)).unwrap().unwrap().unwrap())
}

/// How many of a claim's pictures are there, and of how many pages.
fn there(bench: &mut Bench, id: ClaimId) -> (usize, usize) {
    while bench.run(|tx| expire(tx, 100)).unwrap().1 {}
    let pages = bench.run(|tx| pages::of(tx, id)).unwrap();
    let is_there =
        |(.., page): &&(String, u16, Page)| bench.run(|tx| seen(tx, page.picture)).unwrap().is_some();
    (pages.iter().filter(is_there).count(), pages.len())
}

#[test]
fn what_a_refused_claim_was_refused_for_is_not_taken_out_of_another_claim() {
    let mut bench = covered();
    let (first, other) = two_for_one_illness(&mut bench);
    let by = Reviewer { name: "wang".to_owned(), member: None, levels: Vec::new() };
    bench.run(|tx| refuse::decline(tx, &by, first, "outside_cover", "")).unwrap().unwrap();
    for (slot, number, _) in bench.run(|tx| pages::of(tx, other)).unwrap() {
        assert!(bench.run(|tx| pages::remove(tx, other, &slot, number)).unwrap());
    }
    bench.time_goes(moves::DAY * 29);
    assert_eq!(there(&mut bench, first), (5, 5), "it may be appealed against");
    let own = bench.own_of("oMei", first);
    bench.run(|tx| appeal(tx, &own, "")).unwrap().unwrap();
    bench.time_goes(moves::DAY * 60);
    assert_eq!(there(&mut bench, first), (5, 5), "and goes on");
}

#[test]
fn papers_of_two_claims_are_kept_as_long_as_either_is() {
    let mut bench = covered();
    let (first, other) = two_for_one_illness(&mut bench);
    let own = bench.own_of("oMei", first);
    bench.run(|tx| withdraw(tx, &own)).unwrap().unwrap();
    bench.time_goes(moves::DAY * 5);
    let own = bench.own_of("oMei", other);
    bench.run(|tx| withdraw(tx, &own)).unwrap().unwrap();
    bench.time_goes(moves::DAY * 29);
    let (seen, pages) = there(&mut bench, other);
    assert!(seen == pages && seen > 0, "{seen} of {pages}");
    bench.time_goes(moves::DAY * 7);
    there(&mut bench, other);
    assert!(bench.run(|tx| tx.scan(&MEDIA, &(), None, 9)).unwrap().rows.is_empty(), "no longer");
}
