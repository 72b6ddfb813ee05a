use std::time::Duration;

use proptest::prelude::*;

use super::application::Seen;
use super::binding::*;
use super::list::*;
use super::quality::{Quality, quality};
use super::record::*;
use super::standing::standing;
use super::{application, consent, erase, identity, parted};
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::*;
use crate::domain::timers::{Timer, fire};
use crate::store::testing::Bench;

mod afterwards;

const DAY: Duration = Duration::from_secs(86_400);

fn number(n: u32) -> String {
    let body = format!("33029919900101{n:03}");
    format!("{body}{}", char::from(identity::check(body.as_bytes())))
}

fn row(n: u32) -> Listed {
    Listed {
        name: format!("样例{n}"),
        identity: number(n),
        phone: Some(format!("139000000{n:02}")),
        district: "鄞州".to_owned(),
        union: "样例厂工会".to_owned(),
        ..Listed::default()
    }
}

fn claim(n: u32) -> Claim {
    Claim {
        name: format!("样例{n}"),
        identity: number(n),
        phone: format!("139000000{n:02}"),
        union: String::new(),
    }
}

fn who(name: &str) -> FollowerId {
    FollowerId::new(name)
}

impl Bench {
    fn lists(&mut self, n: u32) -> MemberId {
        match self.run(|tx| enter(tx, &row(n), false)).unwrap() {
            Entered::Added(id) | Entered::Changed(id) | Entered::Unchanged(id) => id,
            Entered::Erased => panic!("erased"),
        }
    }

    fn binds(&mut self, account: &str, n: u32) -> Result<MemberId, Refusal> {
        self.run(|tx| bind(tx, &who(account), &claim(n), false)).unwrap().map(|(id, _)| id)
    }

    fn passes(&mut self, span: Duration) {
        self.moment.now = self.moment.now.plus(span);
    }
}

#[test]
fn a_member_is_recognised_by_name_and_number_and_has_a_standing() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    assert_eq!(bench.binds("oMei", 1), Ok(id));
    let standing = bench.run(|tx| standing(tx, &who("oMei"))).unwrap();
    assert_eq!((standing.member, standing.district.as_deref()), (Some(id), Some("鄞州")));
    assert_eq!((standing.age(bench.moment.now), standing.sex), (Some(36), Some(Sex::Male)));
    assert!(!standing.holds_card());
}

#[test]
fn a_wrong_name_and_a_wrong_number_are_answered_alike_and_not_often() {
    let mut bench = Bench::new(CATALOG);
    bench.lists(1);
    let wrong_name = Claim { name: "别人".to_owned(), ..claim(1) };
    let mut tries = |claim: &Claim| bench.run(|tx| bind(tx, &who("oMei"), claim, false)).unwrap().map(|_| ());
    assert_eq!(tries(&wrong_name), Err(Refusal::NoMatch { left: 4 }));
    assert_eq!(tries(&claim(2)), Err(Refusal::NoMatch { left: 3 }));
    for _ in 0..3 {
        _ = tries(&claim(2));
    }
    assert!(matches!(tries(&claim(1)), Err(Refusal::TriesOver { .. })), "even if it is right now");
    bench.passes(DAY);
    assert!(bench.binds("oMei", 1).is_ok());
}

#[test]
fn a_union_is_matched_as_leniently_as_people_write_it() {
    for (said, fits) in [
        ("", true),
        ("工会", true),
        ("样例厂", true),
        ("宁波市样例厂有限公司", true),
        ("样例 厂 工会委员会", true),
        ("另一家厂", false),
    ] {
        let mut bench = Bench::new(CATALOG);
        let id = bench.lists(1);
        let claim = Claim { union: said.to_owned(), ..claim(1) };
        let bound = bench.run(|tx| bind(tx, &who("oMei"), &claim, false)).unwrap().map(|(id, _)| id);
        assert_eq!(bound, if fits { Ok(id) } else { Err(Refusal::NoMatch { left: 4 }) }, "{said:?}");
    }
}

#[test]
fn a_second_account_is_told_so_and_moves_once_a_month_with_the_phone_that_is_known() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    bench.binds("oMei", 1).unwrap();
    assert_eq!(bench.binds("oNew", 1), Err(Refusal::Taken { provable: true }));
    let stranger = Claim { phone: "13900000099".to_owned(), ..claim(1) };
    let moves = |bench: &mut Bench, account: &str, claim: &Claim| {
        bench.run(|tx| bind(tx, &who(account), claim, true)).unwrap().map(|(id, _)| id)
    };
    assert_eq!(moves(&mut bench, "oNew", &stranger), Err(Refusal::NoMatch { left: 4 }));
    assert_eq!(moves(&mut bench, "oNew", &claim(1)), Ok(id));
    assert_eq!(bench.run(|tx| member_of(tx, &who("oMei"))).unwrap(), None);
    assert_eq!(bench.binds("oNew", 1), Err(Refusal::Bound { member: id }));
    let from = bench.moment.now.plus(30 * DAY);
    bench.passes(DAY);
    assert_eq!(moves(&mut bench, "oMei", &claim(1)), Err(Refusal::MovedLately { from }));
    bench.passes(29 * DAY);
    assert_eq!(moves(&mut bench, "oMei", &claim(1)), Ok(id));
}

#[test]
fn who_loses_their_account_to_another_is_told_at_once_and_gets_it_back_for_good() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    bench.binds("oMei", 1).unwrap();
    let moves = |bench: &mut Bench, account: &str| {
        bench.run(|tx| bind(tx, &who(account), &claim(1), true)).unwrap().map(|(id, _)| id)
    };
    moves(&mut bench, "oThief").unwrap();
    let told = bench.run(|tx| tx.scan(&OUTBOX, &(), None, 9)).unwrap().rows;
    let told: Vec<_> = told.into_iter().map(|(_, row)| (row.to, row.notice)).collect();
    assert_eq!(told, [(who("oMei"), Notice::AccountMoved { at: bench.moment.now })]);
    let noted = bench.run(|tx| tx.scan(&TRAIL, &(), None, 9)).unwrap().rows;
    let noted: Vec<_> = noted.iter().map(|(_, row)| (row.act.as_str(), row.subject.clone())).collect();
    assert_eq!(noted, [("member.moved", id.to_string())]);

    bench.run(|tx| take_back(tx, id)).unwrap().unwrap();
    assert!(matches!(moves(&mut bench, "oThief"), Err(Refusal::MovedLately { .. })));
    assert_eq!(bench.binds("oMei", 1), Ok(id), "no move");
    bench.passes(29 * DAY);
    assert!(matches!(moves(&mut bench, "oThief"), Err(Refusal::MovedLately { .. })));
}

#[test]
fn unbinding_first_is_no_way_round_the_month_but_coming_back_is_free_and_staff_may() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    let parts =
        |bench: &mut Bench, account: &str| bench.run(|tx| unbind(tx, &who(account))).unwrap().unwrap();
    bench.binds("oMei", 1).unwrap();
    for _ in 0..3 {
        parts(&mut bench, "oMei");
        assert_eq!(bench.binds("oMei", 1), Ok(id), "the same account again is no move");
    }
    parts(&mut bench, "oMei");
    assert_eq!(bench.binds("oNew", 1), Ok(id));
    parts(&mut bench, "oNew");
    assert!(matches!(bench.binds("oMei", 1), Err(Refusal::MovedLately { .. })));
    assert_eq!(bench.binds("oNew", 1), Ok(id));
    bench.run(|tx| unbind_by_staff(tx, id)).unwrap().unwrap();
    assert_eq!(bench.binds("oMei", 1), Ok(id));
}

#[test]
fn who_takes_the_place_of_a_member_who_had_parted_is_taken_back_as_well() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    bench.binds("oMei", 1).unwrap();
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    bench.binds("oThief", 1).unwrap();
    bench.run(|tx| take_back(tx, id)).unwrap().unwrap();
    assert!(matches!(bench.binds("oThief", 1), Err(Refusal::MovedLately { .. })));
    assert_eq!(bench.binds("oMei", 1), Ok(id), "no move");
}

fn told_of_moves(bench: &mut Bench) -> Vec<FollowerId> {
    let rows = bench.run(|tx| tx.scan(&OUTBOX, &(), None, 9)).unwrap().rows;
    let of_move = rows.into_iter().filter(|(_, row)| matches!(row.notice, Notice::AccountMoved { .. }));
    of_move.map(|(_, row)| row.to).collect()
}

#[test]
fn who_unbound_lately_is_told_when_another_account_takes_their_place() {
    type Then = fn(&mut Bench);
    let cases: [(&str, Then, bool); 7] = [
        ("29 days later", |bench| bench.passes(29 * DAY), true),
        ("30 days later", |bench| bench.passes(30 * DAY), false),
        ("another member has the account", |bench| assert!(bench.binds("oMei", 2).is_ok()), false),
        ("who left", |bench| bench.run(|tx| let_go(tx, &who("oMei"))).unwrap(), false),
        ("注销", |bench| _ = bench.run(|tx| erase::erase(tx, &who("oMei"))).unwrap(), false),
        (
            "back and away again",
            |bench| {
                bench.passes(20 * DAY);
                bench.binds("oMei", 1).unwrap();
                bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
                bench.passes(20 * DAY);
            },
            true,
        ),
        (
            "back, and parted by staff",
            |bench| {
                bench.binds("oMei", 1).unwrap();
                bench.run(|tx| unbind_by_staff(tx, MemberId(1))).unwrap().unwrap();
            },
            false,
        ),
    ];
    for (then, go, is_told) in cases {
        let mut bench = Bench::new(CATALOG);
        bench.lists(1);
        bench.lists(2);
        bench.binds("oMei", 1).unwrap();
        bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
        go(&mut bench);
        while bench.run(fire).unwrap() {}
        let kept = bench.run(|tx| tx.scan(&PARTED, &(), None, 9)).unwrap().rows.len();
        let has_moved_away =
            |bench: &mut Bench| bench.run(|tx| parted::has_moved_away(tx, &who("oMei"))).unwrap();
        assert!(!has_moved_away(&mut bench), "{then}: nobody took it");
        bench.binds("oThief", 1).unwrap();
        assert_eq!(told_of_moves(&mut bench), vec![who("oMei"); usize::from(is_told)], "{then}");
        assert_eq!(has_moved_away(&mut bench), is_told, "{then}");
        assert!(is_told || kept == 0 || then == "another member has the account", "{then}: {kept}");
    }
}

#[test]
fn each_state_of_a_follower_is_told_as_it_is() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    let of = |bench: &mut Bench| bench.run(|tx| quality(tx, &who("oMei"))).unwrap();
    let list = |bench: &mut Bench, state: Option<MemberState>, tier: Option<Tier>| {
        let row = Listed { state, tier, ..row(1) };
        bench.run(|tx| enter(tx, &row, false)).unwrap();
    };
    assert_eq!(of(&mut bench), Quality::Unknown);
    _ = bench.run(|tx| bind(tx, &who("oMei"), &claim(2), false)).unwrap();
    assert_eq!(of(&mut bench), Quality::Mismatch);
    let named = Named { name: "样例7".to_owned(), identity: number(7), phone: None, card: None };
    bench.run(|tx| application::ask_to_join(tx, &who("oMei"), &named, "新厂工会", vec![])).unwrap();
    assert_eq!(of(&mut bench), Quality::Pending { since: bench.moment.now });
    bench.run(|tx| erase::withdraw(tx, &who("oMei"))).unwrap();
    assert_eq!(bench.binds("oMei", 1), Ok(id));
    assert_eq!(of(&mut bench), Quality::Verified);
    list(&mut bench, None, Some(Tier::Retained));
    assert_eq!(of(&mut bench), Quality::Retained);
    list(&mut bench, Some(MemberState::Suspended), None);
    assert_eq!(of(&mut bench), Quality::Suspended);
    list(&mut bench, Some(MemberState::Left), None);
    assert_eq!(of(&mut bench), Quality::Left);
    list(&mut bench, None, None);
    assert_eq!(of(&mut bench), Quality::Retained, "on the list again");
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    assert_eq!(of(&mut bench), Quality::Unknown, "the miss was before the right answer");
}

#[test]
fn a_card_that_ends_tonight_is_good_until_midnight() {
    let mut bench = Bench::new(CATALOG);
    let midnight = crate::moment::Time::parse("2026-12-02T00:00:00+08:00").unwrap();
    let card = ListedCard {
        number: "6200000000000001".to_owned(),
        bank: "样例银行".to_owned(),
        until: Some(midnight),
        ..ListedCard::default()
    };
    let row = Listed { card: Some(card), ..row(1) };
    bench.run(|tx| enter(tx, &row, false)).unwrap();
    bench.binds("oMei", 1).unwrap();
    let holds = |bench: &mut Bench| bench.run(|tx| standing(tx, &who("oMei"))).unwrap().holds_card();
    bench.moment.now = midnight.minus(Duration::from_millis(1));
    assert!(holds(&mut bench));
    bench.moment.now = midnight;
    assert!(!holds(&mut bench));
}

#[test]
fn a_list_that_comes_again_changes_only_what_is_new() {
    let mut bench = Bench::new(CATALOG);
    let rows = vec![Ok(row(1)), Ok(Listed { name: String::new(), ..row(2) }), Ok(row(3)), Err(BadRow::Tier)];
    let (import, bad) = bench.run(|tx| import(tx, "a", 0, &rows)).unwrap().unwrap();
    assert_eq!((import.done, import.added, bad), (4, 2, vec![(1, BadRow::Name), (3, BadRow::Tier)]));
    assert_eq!(bench.run(|tx| super::list::import(tx, "a", 0, &rows)).unwrap(), Err(OutOfTurn(4)));
    let moved = vec![Ok(row(1)), Ok(Listed { district: "海曙".to_owned(), ..row(3) })];
    let (import, _) = bench.run(|tx| super::list::import(tx, "b", 0, &moved)).unwrap().unwrap();
    assert_eq!((import.unchanged, import.changed, import.added), (1, 1, 0));
}

#[test]
fn a_run_that_broke_off_is_taken_up_unless_another_file_came_between() {
    let mut bench = Bench::new(CATALOG);
    let rows: Vec<_> = (1..=4).map(|n| Ok(row(n))).collect();
    let mut begins = |file: &str| bench.run(|tx| super::list::begin_import(tx, file, 4)).unwrap().done;
    assert_eq!(begins("a"), 0);
    bench.run(|tx| super::list::import(tx, "a", 0, &rows[..2])).unwrap().unwrap();
    let mut begins = |file: &str| bench.run(|tx| super::list::begin_import(tx, file, 4)).unwrap().done;
    assert_eq!(begins("a"), 2, "it goes on");
    assert_eq!((begins("b"), begins("a")), (0, 0), "what it had entered may be overwritten by now");
    bench.run(|tx| super::list::import(tx, "a", 0, &rows)).unwrap().unwrap();
    let mut begins = |file: &str| bench.run(|tx| super::list::begin_import(tx, file, 4)).unwrap().done;
    assert_eq!(begins("a"), 0, "it was entered whole");
}

#[test]
fn what_a_list_does_not_say_stays_as_it_was() {
    let mut bench = Bench::new(CATALOG);
    let number = "6200000000000001".to_owned();
    let card =
        ListedCard { number: number.clone(), bank: "样例银行".to_owned(), ..ListedCard::default() };
    let full = Listed { card: Some(card.clone()), tier: Some(Tier::Interim), ..row(1) };
    bench.run(|tx| enter(tx, &full, false)).unwrap();
    let bare = Listed { district: String::new(), phone: None, ..row(1) };
    assert!(matches!(bench.run(|tx| enter(tx, &bare, false)).unwrap(), Entered::Unchanged(_)));
    let lost = ListedCard { state: Some(CardState::Lost), ..card.clone() };
    let Entered::Changed(id) =
        bench.run(|tx| enter(tx, &Listed { card: Some(lost.clone()), ..row(1) }, false)).unwrap()
    else {
        panic!("the card is lost")
    };
    let member = bench.run(|tx| tx.get(&MEMBERS, &id)).unwrap().unwrap();
    assert_eq!((member.card.as_ref().unwrap().state, member.tier), (CardState::Lost, Tier::Interim));
    bench
        .run(|tx| tx.put(&MEMBERS, &id, &Member { state: MemberState::Suspended, ..member.clone() }))
        .unwrap();
    bench.run(|tx| enter(tx, &row(1), false)).unwrap();
    let member = bench.run(|tx| tx.get(&MEMBERS, &id)).unwrap().unwrap();
    assert_eq!(member.state, MemberState::Suspended, "only staff, or a list that says so, lift it");
}

#[test]
fn a_list_without_the_states_and_ends_of_cards_leaves_those_of_the_same_card() {
    let mut bench = Bench::new(CATALOG);
    let end = crate::moment::Time::parse("2027-01-01T00:00:00+08:00").unwrap();
    let bare = |number: &str| ListedCard {
        number: number.to_owned(),
        bank: "样例银行".to_owned(),
        ..Default::default()
    };
    let mut entered = |card: ListedCard| {
        let row = Listed { card: Some(card), ..row(1) };
        let (Entered::Added(id) | Entered::Changed(id) | Entered::Unchanged(id)) =
            bench.run(|tx| enter(tx, &row, false)).unwrap()
        else {
            panic!("nobody was erased")
        };
        let card = bench.run(|tx| tx.get(&MEMBERS, &id)).unwrap().unwrap().card.unwrap();
        (card.state, card.until)
    };
    let lost = ListedCard { state: Some(CardState::Lost), until: Some(end), ..bare("6200000000000001") };
    assert_eq!(entered(lost), (CardState::Lost, Some(end)));
    assert_eq!(entered(bare("6200000000000001")), (CardState::Lost, Some(end)));
    let found = ListedCard { state: Some(CardState::Active), ..bare("6200000000000001") };
    assert_eq!(entered(found), (CardState::Active, Some(end)));
    assert_eq!(entered(bare("6200000000000002")), (CardState::Active, None), "another card");
}

#[test]
fn staff_who_grant_an_application_change_no_more_of_a_listed_member_than_what_names_them() {
    let mut bench = Bench::new(CATALOG);
    let number_of_card = "6200000000000001".to_owned();
    let card =
        ListedCard {
            number: number_of_card.clone(), bank: "样例银行".to_owned(), ..ListedCard::default()
        };
    let listed = Listed { card: Some(card), tier: Some(Tier::Retained), ..row(1) };
    bench.run(|tx| enter(tx, &listed, false)).unwrap();
    let phone = Some("13900000088".to_owned());
    let named = Named { name: "样例1".to_owned(), identity: number(1), phone: phone.clone(), card: None };
    let id = bench.run(|tx| application::ask_to_join(tx, &who("oMei"), &named, "别的工会", vec![])).unwrap();
    let member = bench.run(|tx| application::approve(tx, id, Seen::default())).unwrap().unwrap();
    let row = bench.run(|tx| tx.get(&MEMBERS, &member)).unwrap().unwrap();
    assert_eq!((row.tier, row.union.as_str(), row.district.as_str()), (Tier::Retained, "别的工会", "鄞州"));
    let known = bench.run(|tx| super::list::named(tx, &row)).unwrap().unwrap();
    assert_eq!((known.phone, known.card), (phone, Some(number_of_card)));
    assert_eq!(bench.run(|tx| member_of(tx, &who("oMei"))).unwrap().map(|(id, _)| id), Some(member));
}

#[test]
fn who_was_erased_stays_so_when_an_old_copy_of_the_rows_comes_back() {
    let mut bench = Bench::new(CATALOG);
    let (mei, bo) = (bench.lists(1), bench.lists(2));
    bench.binds("oMei", 1).unwrap();
    bench.binds("oBo", 2).unwrap();
    let before = bench.run(|tx| tx.get(&MEMBERS, &mei)).unwrap().unwrap();
    let slots = bench.run(|tx| tx.get(&COUNTERS, &"key_slots".to_owned())).unwrap().unwrap();
    bench.lists(3); // takes a slot that the old copy doesn't know of
    bench.binds("oChen", 3).unwrap();
    for account in ["oMei", "oChen"] {
        bench.run(|tx| erase::erase(tx, &who(account))).unwrap().unwrap();
    }
    bench.passes(Duration::from_secs(61));
    while bench.run(fire).unwrap() {}
    bench
        .run(|tx| {
            tx.put(&MEMBERS, &mei, &before)?;
            tx.put(&BINDINGS, &who("oMei"), &mei)?;
            tx.delete(&BY_IDENTITY, &super::list::index(tx, &number(3))?)?;
            tx.put(&COUNTERS, &"key_slots".to_owned(), &slots)
        })
        .unwrap();
    assert_eq!(
        bench.run(|tx| enter(tx, &row(1), false)).unwrap(),
        Entered::Erased,
        "a list breaks off at nobody"
    );
    assert!(
        matches!(bench.run(|tx| enter(tx, &row(4), false)).unwrap(), Entered::Added(_)),
        "nor for want of a key"
    );
    let (mut erased, mut after) = (0, None);
    loop {
        let (count, next) = bench.run(|tx| erase::finish(tx, after)).unwrap();
        (erased, after) = (erased + count, next);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(erased, 1);
    assert_eq!(bench.run(|tx| member_of(tx, &who("oMei"))).unwrap(), None);
    assert_eq!(bench.run(|tx| member_of(tx, &who("oBo"))).unwrap().map(|(id, _)| id), Some(bo));
    assert_eq!(bench.run(|tx| crate::domain::invariants::members(tx, None)).unwrap().0, Vec::<String>::new());
}

#[test]
fn as_many_rows_as_one_call_takes_fit_one_commit() {
    let mut bench = Bench::new(CATALOG);
    let rows: Vec<_> = (0..ROWS_MAX as u32).map(|n| Ok(row(n))).collect();
    let phoneless: Vec<_> =
        rows.into_iter().map(|row: Result<Listed, _>| row.map(|row| Listed { phone: None, ..row })).collect();
    let (import, bad) = bench.run(|tx| super::list::import(tx, "a", 0, &phoneless)).unwrap().unwrap();
    assert_eq!((import.added, bad.len()), (ROWS_MAX as u64, 0));
}

#[test]
fn an_erased_member_leaves_nothing_that_can_be_read_and_is_not_entered_by_the_next_list() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.lists(1);
    bench.binds("oMei", 1).unwrap();
    bench.run(|tx| consent::give(tx, &who("oMei"), consent::Purpose::Membership, "同意")).unwrap();
    let before = bench.run(|tx| tx.get(&MEMBERS, &id)).unwrap().unwrap();
    bench.run(|tx| erase::erase(tx, &who("oMei"))).unwrap().unwrap();
    assert_eq!(
        bench.run(|tx| list_name(tx, &before)).unwrap(),
        Some("样例1".to_owned()),
        "not before it is on disk"
    );
    bench.passes(Duration::from_secs(61));
    assert!(bench.run(fire).unwrap());
    assert_eq!(bench.run(|tx| list_name(tx, &before)).unwrap(), None, "not even from an old copy of the row");
    assert_eq!(bench.run(|tx| enter(tx, &row(1), false)).unwrap(), Entered::Erased);
    assert_eq!(bench.binds("oMei", 1), Err(Refusal::NoMatch { left: 4 }));
    assert!(bench.run(|tx| consent::all(tx, &who("oMei"))).unwrap()[0].withdrawn.is_some());
    assert_eq!(
        bench.run(|tx| enter(tx, &row(1), true)).unwrap(),
        Entered::Added(id),
        "the same number, a new key"
    );
    assert!(bench.binds("oMei", 1).is_ok());
}

fn list_name(tx: &crate::store::Tx, member: &Member) -> Result<Option<String>, crate::store::Fault> {
    Ok(named(tx, member)?.map(|named| named.name))
}

const IN_YINZHOU: Seen = Seen { union: "", district: "鄞州" };

#[test]
fn who_left_for_another_union_is_a_member_again_once_staff_saw_it() {
    let mut bench = Bench::new(CATALOG);
    let left = Listed { state: Some(MemberState::Left), ..row(1) };
    bench.run(|tx| enter(tx, &left, false)).unwrap();
    let phone = Some("13900000001".to_owned());
    let named = Named { name: "样例1".to_owned(), identity: number(1), phone, card: None };
    let joins = |bench: &mut Bench, union: &str, seen: Seen| {
        let id = bench.run(|tx| application::ask_to_join(tx, &who("oMei"), &named, union, vec![])).unwrap();
        bench.run(|tx| application::approve(tx, id, seen)).unwrap().unwrap();
        let (_, row) = bench.run(|tx| member_of(tx, &who("oMei"))).unwrap().unwrap();
        (row.state, row.union, row.district)
    };
    let is = |union: &str, district: &str| (MemberState::Active, union.to_owned(), district.to_owned());
    assert_eq!(joins(&mut bench, "样例厂", Seen::default()), is("样例厂工会", "鄞州"), "the list's own name");
    assert_eq!(
        joins(&mut bench, "新厂", Seen { union: "新厂工会", district: "海曙" }),
        is("新厂工会", "海曙")
    );
}

#[test]
fn no_union_vouches_for_who_is_changing_it() {
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| enter(tx, &row(1), false)).unwrap();
    bench.run(|tx| bind(tx, &who("oMei"), &claim(1), false)).unwrap().unwrap();
    let union = |bench: &mut Bench| {
        let standing = bench.run(|tx| standing(tx, &who("oMei"))).unwrap();
        (standing.union, standing.changes_union)
    };
    let here = (Some("样例厂工会".to_owned()), false);
    assert_eq!(union(&mut bench), here);
    let ask = |tx: &mut crate::store::Tx| application::ask_to_transfer(tx, &who("oMei"), "新厂工会");
    let first = bench.run(ask).unwrap().unwrap();
    assert_eq!(union(&mut bench), (None, true));
    bench.run(|tx| application::refuse(tx, first, "没有盖章")).unwrap().unwrap();
    assert_eq!(union(&mut bench), here);
    bench.run(ask).unwrap().unwrap();
    bench.run(|tx| application::ask_to_leave(tx, &who("oMei"))).unwrap().unwrap();
    assert_eq!(union(&mut bench), here, "another wish took its place");
    let third = bench.run(ask).unwrap().unwrap();
    bench.run(|tx| application::approve(tx, third, Seen::default())).unwrap().unwrap();
    assert_eq!(union(&mut bench), (Some("新厂工会".to_owned()), false));
}

#[test]
fn a_union_that_the_list_brings_meanwhile_keeps_the_name_that_it_has_there() {
    for (listed, wished, comes_to) in [
        ("宁波新厂工会委员会", "新厂工会", "宁波新厂工会委员会"),
        ("样例厂工会", "样例厂二分厂工会", "样例厂二分厂工会"),
        ("第三厂工会", "新厂工会", "新厂工会"),
    ] {
        let mut bench = Bench::new(CATALOG);
        bench.run(|tx| enter(tx, &row(1), false)).unwrap();
        bench.run(|tx| bind(tx, &who("oMei"), &claim(1), false)).unwrap().unwrap();
        let id = bench.run(|tx| application::ask_to_transfer(tx, &who("oMei"), wished)).unwrap().unwrap();
        bench.run(|tx| enter(tx, &Listed { union: listed.to_owned(), ..row(1) }, false)).unwrap();
        let member = bench.run(|tx| application::approve(tx, id, Seen::default())).unwrap().unwrap();
        let union = bench.run(|tx| tx.get(&MEMBERS, &member)).unwrap().unwrap().union;
        assert_eq!(union, comes_to, "{listed} {wished}");
    }
}

#[test]
fn the_list_decides_a_wish_for_the_union_that_it_brings_and_no_other() {
    for (wished, listed, decides) in [
        ("新厂工会", "宁波新厂工会委员会", true),
        ("样例厂二分厂工会", "样例厂二分厂工会委员会", true),
        // Another union, the one that it was, or that one written otherwise.
        ("新厂工会", "第三厂工会", false),
        ("样例厂二分厂工会", "样例厂工会", false),
        ("样例厂二分厂工会", "样例厂有限公司工会", false),
        ("工会", "第三厂工会", false),
    ] {
        let mut bench = Bench::new(CATALOG);
        bench.lists(1);
        bench.binds("oOld", 1).unwrap();
        bench.run(|tx| application::ask_to_transfer(tx, &who("oOld"), wished)).unwrap().unwrap();
        bench.run(|tx| unbind(tx, &who("oOld"))).unwrap().unwrap();
        let id = bench.binds("oMei", 1).unwrap();
        bench.run(|tx| enter(tx, &Listed { union: listed.to_owned(), ..row(1) }, false)).unwrap();
        while bench.run(fire).unwrap() {}
        let standing = bench.run(|tx| standing(tx, &who("oMei"))).unwrap();
        let union = decides.then(|| listed.to_owned());
        assert_eq!((standing.union, standing.changes_union), (union, !decides), "{wished} {listed}");
        let told = bench.run(|tx| tx.scan(&OUTBOX, &(), None, 9)).unwrap().rows;
        let told: Vec<_> =
            told.into_iter().filter(|(_, row)| row.to == who("oMei")).map(|(_, row)| row.notice).collect();
        let approved = Notice::ApplicationApproved { application: 1 };
        assert_eq!(told, if decides { vec![approved] } else { Vec::new() }, "{wished} {listed}");
        let noted = bench.run(|tx| tx.scan(&TRAIL, &(), None, 9)).unwrap().rows;
        let noted = noted.iter().filter(|(_, row)| row.act != "member.moved").count();
        assert_eq!(noted, usize::from(decides), "{wished} {listed}");
        // The same list once more.
        bench.run(|tx| enter(tx, &Listed { union: listed.to_owned(), ..row(1) }, false)).unwrap();
        while bench.run(fire).unwrap() {}
        assert_eq!(bench.run(|tx| tx.get(&MEMBERS, &id)).unwrap().unwrap().changes_union, !decides);
    }
}

#[test]
fn a_wish_of_a_member_is_in_nobodys_way_and_its_outcome_goes_to_the_account_that_is_theirs_then() {
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| enter(tx, &row(1), false)).unwrap();
    bench.run(|tx| bind(tx, &who("oOld"), &claim(1), false)).unwrap().unwrap();
    let id = bench.run(|tx| application::ask_to_transfer(tx, &who("oOld"), "新厂工会")).unwrap().unwrap();
    bench.run(|tx| unbind(tx, &who("oOld"))).unwrap().unwrap();
    assert_eq!(bench.run(|tx| application::asks_to_join_since(tx, &who("oOld"))).unwrap(), None);
    bench.run(|tx| bind(tx, &who("oNew"), &claim(1), false)).unwrap().unwrap();
    bench.run(|tx| application::approve(tx, id, Seen::default())).unwrap().unwrap();
    let told = bench.run(|tx| tx.scan(&OUTBOX, &(), None, 9)).unwrap().rows;
    let told: Vec<_> = told.iter().map(|(_, row)| (row.to.as_str(), row.notice.name())).collect();
    assert_eq!(told, [("oOld", "account_moved"), ("oNew", "application_approved")]);
}

#[test]
fn who_is_not_on_the_list_is_entered_by_staff_and_told() {
    let mut bench = Bench::new(CATALOG);
    let named = Named { name: "样例7".to_owned(), identity: number(7), phone: None, card: None };
    let ask =
        |tx: &mut crate::store::Tx| application::ask_to_join(tx, &who("oMei"), &named, "新厂工会", vec![1]);
    let first = bench.run(ask).unwrap();
    let second = bench.run(ask).unwrap();
    assert_eq!(
        bench.run(|tx| application::approve(tx, first, IN_YINZHOU)).unwrap(),
        Err(application::NotDecided::Decided)
    );
    let id = bench.run(|tx| application::approve(tx, second, IN_YINZHOU)).unwrap().unwrap();
    assert_eq!(bench.run(|tx| standing(tx, &who("oMei"))).unwrap().member, Some(id));
    assert_eq!(bench.run(|tx| tx.scan(&OUTBOX, &(), None, 9)).unwrap().rows.len(), 1);
    let (_, kept) = bench.run(|tx| application::latest(tx, &who("oMei"))).unwrap().unwrap();
    assert_eq!(bench.run(|tx| application::named(tx, &kept)).unwrap(), None, "the member's row has it now");
    let timers = bench.run(|tx| tx.scan(&TIMERS, &(), None, 9)).unwrap().rows;
    assert!(
        timers.iter().all(|((_, timer), ())| matches!(timer, Timer::DestroyKey { .. })) && timers.len() == 2
    );
}

#[derive(Debug, Clone)]
enum Act {
    List(u32),
    Bind(u8, u32, bool),
    Unbind(u8),
    Erase(u8),
    Wait,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn one_member_has_one_account_whatever_happens(acts in prop::collection::vec(prop_oneof![
        (0u32..4).prop_map(Act::List),
        (0u8..4, 0u32..4, any::<bool>()).prop_map(|(a, n, m)| Act::Bind(a, n, m)),
        (0u8..4).prop_map(Act::Unbind),
        (0u8..4).prop_map(Act::Erase),
        Just(Act::Wait),
    ], 1..40)) {
        let mut bench = Bench::new(CATALOG);
        for act in acts {
            match act {
                Act::List(n) => _ = bench.run(|tx| enter(tx, &row(n), false)).unwrap(),
                Act::Bind(a, n, m) => _ = bench.run(|tx| bind(tx, &who(&format!("o{a}")), &claim(n), m)).unwrap(),
                Act::Unbind(a) => _ = bench.run(|tx| unbind(tx, &who(&format!("o{a}")))).unwrap(),
                Act::Erase(a) => _ = bench.run(|tx| erase::erase(tx, &who(&format!("o{a}")))).unwrap(),
                Act::Wait => {
                    bench.passes(31 * DAY);
                    while bench.run(fire).unwrap() {}
                }
            }
            let broken = bench.run(|tx| crate::domain::invariants::members(tx, None)).unwrap().0;
            prop_assert_eq!(broken, Vec::<String>::new());
        }
    }
}

#[test]
fn a_consent_holds_for_its_purpose_and_its_very_words_until_it_is_withdrawn() {
    use consent::Purpose::{Bank, Health, Membership};
    let mut bench = Bench::new(CATALOG);
    let holds = |bench: &mut Bench, purpose, words: &str| {
        bench.run(|tx| consent::holds(tx, &who("oMei"), purpose, words)).unwrap()
    };
    for purpose in [Membership, Health, Bank] {
        bench.run(|tx| consent::give(tx, &who("oMei"), purpose, "甲")).unwrap();
    }
    assert!(holds(&mut bench, Health, "甲"));
    assert!(!holds(&mut bench, Health, "乙"), "other words are asked anew");
    assert!(bench.run(|tx| consent::withdraw_one(tx, &who("oMei"), &consent::Separate::Health)).unwrap());
    assert!(!holds(&mut bench, Health, "甲"));
    assert!(holds(&mut bench, Bank, "甲") && holds(&mut bench, Membership, "甲"), "each stands alone");
    let health = consent::Separate::Health;
    assert!(!bench.run(|tx| consent::withdraw_one(tx, &who("oMei"), &health)).unwrap(), "nothing is left");
    assert_eq!(bench.run(|tx| consent::separate(tx, &who("oMei"))).unwrap(), [consent::Separate::Bank]);
    // Two services are two, each by its words.
    for words in ["丙", "丁"] {
        bench.run(|tx| consent::give(tx, &who("oMei"), consent::Purpose::Service, words)).unwrap();
    }
    let service = consent::Separate::Service(consent::name_of("丙"));
    assert!(bench.run(|tx| consent::withdraw_one(tx, &who("oMei"), &service)).unwrap());
    assert!(!holds(&mut bench, consent::Purpose::Service, "丙"));
    assert!(holds(&mut bench, consent::Purpose::Service, "丁"));
}
