//! What staff change while people sign up, wait, give back or are told.

use std::time::Duration;

use super::manage::{change, close};
use super::record::*;
use super::tests::Hall;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_draw_that_is_put_off_after_the_sign_up_was_closed_takes_place() {
    let drawn_at = |at| Mode::Draw(DrawTerms { at, choices_max: 1, lost_first: true, absent_last: true });
    let closes = sample_terms().sign_up.closes;
    let mut hall = Hall::of(Terms { mode: drawn_at(closes), ..sample_terms() });
    let (mei, id) = (hall.sign_up("oMei"), hall.id);
    hall.bench.run(|tx| close(tx, id)).unwrap().unwrap();
    let later = closes.plus(HOUR);
    let put_off = Terms { mode: drawn_at(later), ..hall.terms.clone() };
    hall.bench.run(|tx| change(tx, id, put_off.clone())).unwrap().unwrap();
    hall.at(closes);
    assert_eq!(hall.status(mei).status, Status::Applied);
    hall.at(later);
    assert_eq!(hall.status(mei).status, Status::Confirmed);
}
