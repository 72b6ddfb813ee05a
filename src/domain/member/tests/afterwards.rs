//! What is left of a move that was somebody else's, of an erased follower's wishes, and of old consents.

use super::*;
use crate::domain::contact::record::Contact;
use crate::domain::tags::{self, Change};
use crate::store::Tx;

#[test]
fn staff_give_a_member_back_also_where_the_other_account_has_let_go_of_them() {
    type Then = fn(&mut Bench);
    let lets_go: [(&str, Then); 3] = [
        ("解绑", |bench| _ = bench.run(|tx| unbind(tx, &who("oThief"))).unwrap().unwrap()),
        ("撤回同意", |bench| bench.run(|tx| erase::withdraw(tx, &who("oThief"))).unwrap()),
        ("取消关注", |bench| bench.run(|tx| let_go(tx, &who("oThief"))).unwrap()),
    ];
    for (how, go) in lets_go {
        for back in [true, false] {
            let mut bench = Bench::new(CATALOG);
            let id = bench.lists(1);
            bench.binds("oMei", 1).unwrap();
            bench.run(|tx| bind(tx, &who("oThief"), &claim(1), true)).unwrap().unwrap();
            go(&mut bench);
            assert!(matches!(bench.binds("oMei", 1), Err(Refusal::MovedLately { .. })), "{how}");
            let part = if back { take_back } else { unbind_by_staff };
            bench.run(|tx| part(tx, id)).unwrap().unwrap();
            if back {
                assert!(matches!(bench.binds("oThief", 1), Err(Refusal::MovedLately { .. })), "{how}");
            }
            assert_eq!(bench.binds("oMei", 1), Ok(id), "{how}");
        }
    }
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    bench.binds("oMei", 1).unwrap();
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    assert_eq!(bench.run(|tx| unbind_by_staff(tx, id)).unwrap(), Err(Refusal::NotBound), "nothing to lift");
}

#[test]
fn what_somebody_else_asked_for_in_a_members_name_goes_when_staff_give_the_member_back() {
    for unbinds in [false, true] {
        let mut bench = Bench::new(CATALOG);
        let id = bench.lists(1);
        bench.binds("oMei", 1).unwrap();
        bench.run(|tx| bind(tx, &who("oThief"), &claim(1), true)).unwrap().unwrap();
        let wish = bench.run(|tx| application::ask_to_leave(tx, &who("oThief"))).unwrap().unwrap();
        if unbinds {
            bench.run(|tx| unbind(tx, &who("oThief"))).unwrap().unwrap();
        }
        bench.run(|tx| take_back(tx, id)).unwrap().unwrap();
        bench.binds("oMei", 1).unwrap();
        let approved = bench.run(|tx| application::approve(tx, wish, Seen::default())).unwrap();
        assert_eq!(approved, Err(application::NotDecided::Decided));
        assert_eq!(bench.run(|tx| quality(tx, &who("oMei"))).unwrap(), Quality::Verified);
    }
}

#[test]
fn who_was_erased_leaves_no_trace_of_what_they_had_asked_for() {
    let mut bench = Bench::new(CATALOG);
    bench.lists(1);
    bench.binds("oMei", 1).unwrap();
    let first = bench.run(|tx| application::ask_to_transfer(tx, &who("oMei"), "新厂工会")).unwrap().unwrap();
    bench.run(|tx| application::refuse(tx, first, "样例1不在新厂")).unwrap().unwrap();
    bench.run(|tx| application::ask_to_leave(tx, &who("oMei"))).unwrap().unwrap();
    bench.run(|tx| erase::erase(tx, &who("oMei"))).unwrap().unwrap();
    let left = bench
        .run(|tx| {
            let rows = tx.scan(&APPLICATIONS, &(), None, 9)?.rows.len();
            Ok([
                rows,
                tx.scan(&APPLICATIONS_OF, &(), None, 9)?.rows.len(),
                tx.scan(&APPLICATIONS_OPEN, &(), None, 9)?.rows.len(),
            ])
        })
        .unwrap();
    assert_eq!(left, [0, 0, 0]);
}

#[test]
fn a_consent_that_holds_outlasts_many_that_were_taken_back_or_given_again() {
    use consent::Purpose::{Health, Membership};
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| consent::give(tx, &who("oMei"), Health, "健康")).unwrap();
    for _ in 0..60 {
        bench.run(|tx| consent::give(tx, &who("oMei"), Membership, "会员")).unwrap();
    }
    for n in 0..60 {
        let words = format!("服务{n}");
        bench.run(|tx| consent::give(tx, &who("oMei"), consent::Purpose::Service, &words)).unwrap();
        let one = consent::Separate::Service(consent::name_of(&words));
        bench.run(|tx| consent::withdraw_one(tx, &who("oMei"), &one)).unwrap();
    }
    for (purpose, words) in [(Health, "健康"), (Membership, "会员")] {
        assert!(bench.run(|tx| consent::holds(tx, &who("oMei"), purpose, words)).unwrap(), "{words}");
    }
    assert_eq!(bench.run(|tx| consent::all(tx, &who("oMei"))).unwrap().len(), 50);
}

#[test]
fn what_staff_called_who_is_erased_goes_from_wechat_too() {
    let mut bench = Bench::new(CATALOG);
    bench.lists(1);
    bench.binds("oMei", 1).unwrap();
    let tagged = |tx: &mut Tx| {
        let mut contact = Contact::new(tx.moment().now);
        contact.reach.tags = vec![101, 104];
        tx.put(&CONTACTS, &who("oMei"), &contact)
    };
    bench.run(tagged).unwrap();
    bench.run(|tx| erase::erase(tx, &who("oMei"))).unwrap().unwrap();
    for tag in [101, 104] {
        let change = bench.run(|tx| tags::next(tx, 50)).unwrap().unwrap();
        assert_eq!(change, Change { tag, add: false, followers: vec![who("oMei")] });
        bench.run(|tx| tags::settle(tx, &change, true)).unwrap();
    }
}

#[test]
fn a_consent_is_known_for_three_years_after_it_was_taken_back() {
    use consent::Purpose::{Health, Membership};
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| consent::give(tx, &who("oMei"), Health, "健康")).unwrap();
    bench.run(|tx| consent::withdraw(tx, &who("oMei"))).unwrap();
    bench.run(|tx| consent::give(tx, &who("oMei"), Membership, "会员")).unwrap();
    let over = bench.moment.now.plus(consent::KEPT_FOR);
    let known = |bench: &mut Bench, at| {
        bench.moment.now = at;
        while bench.run(fire).unwrap() {}
        let all = bench.run(|tx| consent::all(tx, &who("oMei"))).unwrap();
        all.into_iter().map(|consent| consent.purpose).collect::<Vec<_>>()
    };
    assert_eq!(known(&mut bench, over.minus(Duration::from_secs(1))), [Health, Membership]);
    assert_eq!(known(&mut bench, over), [Membership], "the one that holds stays");
}
