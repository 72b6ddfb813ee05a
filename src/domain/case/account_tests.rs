//! Whose a case is, when accounts and members part and come together.

use super::draft::{self, begin, own, submit};
use super::news::News;
use super::record::*;
use super::tests::plan;
use super::work::{self, Refusal, Worker};
use super::{entries, erase, news, queue};
use crate::domain::contact::record::FollowerId;
use crate::domain::media::commands::want;
use crate::domain::member::binding::{Claim, bind, unbind};
use crate::domain::member::erase::withdraw;
use crate::domain::member::list::{Listed, enter};
use crate::domain::member::record::MemberId;
use crate::domain::outbox::commands::{give_up, take};
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{CASE_NEWS, CATALOG, MEDIA};
use crate::domain::timers::fire;
use crate::store::Sealed;
use crate::store::testing::Bench;

const PHONE: &str = "13900000001";
const IDENTITY: &str = "330299199001010017";

fn who(name: &str) -> FollowerId {
    FollowerId::new(name)
}

fn staff(member: Option<MemberId>) -> Worker {
    Worker { name: "li".to_owned(), member, desks: Vec::new() }
}

/// On the list, and nobody's account yet.
fn listed() -> Bench {
    let mut bench = Bench::new(CATALOG);
    let row = Listed {
        name: "林样例".to_owned(),
        identity: IDENTITY.to_owned(),
        phone: Some(PHONE.to_owned()),
        district: "鄞州".to_owned(),
        union: "样例纺织厂工会".to_owned(),
        ..Listed::default()
    };
    bench.run(|tx| enter(tx, &row, false)).unwrap();
    bench
}

fn binds(bench: &mut Bench, account: &str) -> MemberId {
    let said = Claim {
        name: "林样例".to_owned(),
        identity: IDENTITY.to_owned(),
        phone: PHONE.to_owned(),
        union: String::new(),
    };
    bench.run(|tx| bind(tx, &who(account), &said, true)).unwrap().unwrap().0
}

fn handed_in(bench: &mut Bench, account: &str) -> CaseId {
    let id = bench.run(|tx| begin(tx, &who(account), "rights", plan())).unwrap().unwrap();
    let of = bench.run(|tx| own(tx, &who(account), id)).unwrap().unwrap();
    bench.run(|tx| submit(tx, &of, plan(), None)).unwrap().unwrap();
    id
}

fn asks(bench: &mut Bench, id: CaseId) {
    bench.run(|tx| work::ask(tx, &staff(None), id, "请补合同")).unwrap().unwrap();
}

/// What the account reads with its next message.
fn reads(bench: &mut Bench, account: &str) -> Vec<CaseId> {
    let notices = bench.run(|tx| take(tx, &who(account), 100)).unwrap();
    let of_case = |notice| if let Notice::Case(news) = notice { Some(news.case()) } else { None };
    notices.into_iter().filter_map(of_case).collect()
}

#[test]
fn what_staff_say_goes_to_the_account_that_its_member_has_by_then() {
    let mut bench = listed();
    let accounts_own = handed_in(&mut bench, "oOld");
    binds(&mut bench, "oOld");
    let id = handed_in(&mut bench, "oOld");
    asks(&mut bench, id);
    asks(&mut bench, accounts_own);
    binds(&mut bench, "oNew");
    assert_eq!(reads(&mut bench, "oOld"), [accounts_own], "another's case is no matter of theirs");
    assert_eq!(reads(&mut bench, "oNew"), [id]);
}

#[test]
fn what_is_said_while_a_member_has_no_account_is_told_to_their_next_one() {
    let kept = |bench: &mut Bench| bench.run(|tx| tx.scan(&CASE_NEWS, &(), None, 9)).unwrap().rows.len();
    let mut bench = listed();
    let member = binds(&mut bench, "oMei");
    let (id, taken_back) = (handed_in(&mut bench, "oMei"), handed_in(&mut bench, "oMei"));
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    asks(&mut bench, id);
    bench.run(|tx| work::message(tx, &staff(None), taken_back, "请来一趟")).unwrap().unwrap();
    assert_eq!(reads(&mut bench, "oMei"), []);
    binds(&mut bench, "oMei");
    assert_eq!((reads(&mut bench, "oMei"), kept(&mut bench)), (vec![id, taken_back], 0));

    bench.run(|tx| work::message(tx, &staff(None), taken_back, "请来一趟")).unwrap().unwrap();
    let of = bench.run(|tx| own(tx, &who("oMei"), taken_back)).unwrap().unwrap();
    bench.run(|tx| draft::withdraw(tx, &of)).unwrap().unwrap();
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    assert_eq!(kept(&mut bench), 1);
    binds(&mut bench, "oMei");
    assert_eq!((reads(&mut bench, "oMei"), kept(&mut bench)), (vec![], 0), "they took it back themselves");

    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    bench.run(|tx| work::message(tx, &staff(None), id, "请来一趟")).unwrap().unwrap();
    bench.run(|tx| news::forget(tx, member)).unwrap();
    assert_eq!(kept(&mut bench), 0);
}

#[test]
fn who_follows_again_is_asked_again_for_what_is_still_missing() {
    let mut bench = listed();
    let (id, answered) = (handed_in(&mut bench, "oMei"), handed_in(&mut bench, "oMei"));
    asks(&mut bench, id);
    asks(&mut bench, answered);
    let of = bench.run(|tx| own(tx, &who("oMei"), answered)).unwrap().unwrap();
    bench.run(|tx| draft::say(tx, &of, "这就是", None)).unwrap().unwrap();
    bench.run(|tx| erase::of_leaver(tx, &who("oMei"))).unwrap();
    bench.run(|tx| give_up(tx, &who("oMei"))).unwrap();
    bench.run(|tx| news::ask_again(tx, &who("oMei"))).unwrap();
    let notices = bench.run(|tx| take(tx, &who("oMei"), 9)).unwrap();
    assert_eq!(notices, [Notice::Case(News::StillAsked { case: id })]);
}

#[test]
fn who_takes_their_consents_back_takes_drafts_and_their_photos_along() {
    let mut bench = listed();
    binds(&mut bench, "oMei");
    let handed_in = handed_in(&mut bench, "oMei");
    let id = bench.run(|tx| begin(tx, &who("oMei"), "hardship", plan())).unwrap().unwrap();
    let photo = bench.run(|tx| want(tx, &who("oMei"), "media")).unwrap().unwrap();
    let of = bench.run(|tx| own(tx, &who("oMei"), id)).unwrap().unwrap();
    let told = Answer {
        title: "证明照片".to_owned(),
        order: 0,
        hidden: true,
        shared: false,
        value: Sealed::default(),
        pictures: vec![photo],
    };
    bench.run(|tx| draft::answer(tx, &of, "papers", &told)).unwrap().unwrap();
    bench.run(|tx| withdraw(tx, &who("oMei"))).unwrap();
    while bench.run(fire).unwrap() {}
    let case = |bench: &mut Bench, id| bench.run(|tx| queue::get(tx, id)).unwrap().unwrap();
    assert!(case(&mut bench, id).erased);
    assert_eq!(bench.run(|tx| entries::answers(tx, id)).unwrap(), []);
    let media = bench.run(|tx| tx.get(&MEDIA, &photo)).unwrap().unwrap();
    assert!(media.until <= bench.moment.now);
    assert_eq!(case(&mut bench, handed_in).status, Status::Open, "an answer is owed");
}

#[test]
fn nobody_handles_what_they_asked_for_before_their_account_was_known() {
    let mut bench = listed();
    let id = handed_in(&mut bench, "oMei");
    let member = binds(&mut bench, "oMei");
    let refused = bench.run(|tx| work::take(tx, &staff(Some(member)), id)).unwrap();
    assert_eq!(refused, Err(Refusal::OwnCase));
    let sees = |bench: &mut Bench| {
        bench.run(|tx| staff(Some(member)).may_see(tx, &queue::get(tx, id)?.unwrap())).unwrap()
    };
    assert!(!sees(&mut bench));
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    assert!(sees(&mut bench), "the account is nobody's");
}
