//! The same paper in two claims.

use super::draft::{appeal, tell, withdraw};
use super::moves::{self, Why};
use super::news::News;
use super::record::*;
use super::rules::{Act, Refusal};
use super::tests::{a_stay, covered, member};
use super::{audit, queue};
use crate::domain::media::record::Look;
use crate::domain::scheme::rules::EventKind;

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
