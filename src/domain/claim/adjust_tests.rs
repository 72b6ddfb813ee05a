//! What staff add to what the rules give, or take off.

use super::judge;
use super::notes::{self, NoteKind};
use super::record::*;
use super::review::{self, Refusal};
use super::review_tests::{does, handed_in, li, named, wang};
use super::tests::a_stay;
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::EventKind;
use crate::store::Tx;

#[test]
fn a_line_is_adjusted_by_its_number_and_its_calculation_says_so() {
    let (mut bench, id) = handed_in();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    let no = does(&mut bench, |tx| review::adjust(tx, &wang(), id, (Fen::yuan(-50), Some(9)), "床位费"));
    assert_eq!(no, Err(Refusal::UnknownLine(9)));
    does(&mut bench, |tx| review::adjust(tx, &wang(), id, (Fen::yuan(-50), Some(2)), "床位费")).unwrap();
    let claim = bench.claim_of(id);
    let sum = bench.run(|tx| judge::sum(tx, id, &claim)).unwrap().unwrap();
    let (lines, adjusted) = (sum.lines.reveal(), &sum.adjustments.reveal()[0]);
    assert_eq!((adjusted.line.as_ref(), sum.total), (lines.get(1), Fen::yuan(1_750)));
}

#[test]
fn an_adjustment_stays_within_the_bill_and_counts_towards_caps() {
    let (mut bench, id) = handed_in();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    let add = |tx: &mut Tx, yuan| review::adjust(tx, &wang(), id, (Fen::yuan(yuan), Some(2)), "补差");
    let over = does(&mut bench, |tx| add(tx, 201));
    assert_eq!(over, Err(Refusal::AboveCap(Fen::yuan(2_000))), "the person paid 2,000 by the bill");
    does(&mut bench, |tx| add(tx, 200)).unwrap();
    assert_eq!(bench.claim_of(id).amount, Some(Fen::yuan(2_000)));
    for who in [li(), named("zhao")] {
        does(&mut bench, |tx| review::approve(tx, &who, id, "")).unwrap();
    }
    let next = bench.begins("oMei", EventKind::Inpatient, a_stay);
    let claim = bench.claim_of(next);
    let before = bench.run(|tx| judge::before(tx, next, &claim)).unwrap();
    assert_eq!(before.period.paid.get("stay"), Some(&Fen::yuan(2_000)), "with what was added");
}

#[test]
fn what_was_added_goes_where_the_bill_turns_out_to_have_no_room_for_it() {
    let (mut bench, id) = handed_in();
    does(&mut bench, |tx| review::accept(tx, &wang(), id)).unwrap();
    for yuan in [-100, 300] {
        does(&mut bench, |tx| review::adjust(tx, &wang(), id, (Fen::yuan(yuan), None), "补差")).unwrap();
    }
    assert_eq!(bench.claim_of(id).amount, Some(Fen::yuan(2_000)));
    let smaller = |tx: &mut Tx| {
        let edit = |details: &mut Details| {
            details.facts.self_borne = Some(Fen::yuan(1_500));
            details.facts.personal_amount = Some(Fen::yuan(1_500));
        };
        review::enter(tx, &wang(), id, &["self_borne", "personal_amount"], edit)
    };
    does(&mut bench, smaller).unwrap();
    assert_eq!(bench.claim_of(id).amount, Some(Fen::yuan(1_300)), "1,400 by the rules, and 100 off");
    let last = bench.run(|tx| notes::of(tx, id)).unwrap().pop().unwrap();
    assert_eq!((last.kind, last.words.reveal().as_str()), (NoteKind::Unadjusted, "300.00: 补差"));
}
