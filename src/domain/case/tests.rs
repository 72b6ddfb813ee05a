//! Cases against the store: the clock, what staff may, erasure, pairs, and random lives.

use std::time::Duration;

use proptest::prelude::*;

use super::draft::{self, Own};
use super::news::News;
use super::record::*;
use super::rules::{OUTCOMES, REASONS, Refusal};
use super::work::{self, Worker};
use super::{audit, entries, erase, pairs, queue, rounds};
use crate::domain::contact::record::FollowerId;
use crate::domain::media::commands::want;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::*;
use crate::domain::timers::fire;
use crate::store::Sealed;
use crate::store::testing::Bench;

const DAY: Duration = Duration::from_secs(86_400);

fn stage(name: &str, days: u16) -> Stage {
    Stage { name: name.to_owned(), title: name.to_owned(), limit: Limit::Days(days), class: None }
}

pub(super) fn plan() -> Plan {
    Plan {
        title: "维权".to_owned(),
        version: 1,
        desk: "rights".to_owned(),
        steps: vec![stage("intake", 5), stage("mediation", 15)],
        classes: vec![stage("plain", 10), stage("complex", 30)],
        urgent: Limit::Days(1),
        answer_days: 30,
        appeal_days: 30,
        keep_days: 60,
        rating: true,
        pairs: false,
        kept_by_law: false,
        round: None,
    }
}

fn pairing() -> Plan {
    Plan { pairs: true, keep_days: 0, appeal_days: 0, ..plan() }
}

fn who(name: &str) -> FollowerId {
    FollowerId::new(name)
}

fn staff(name: &str) -> Worker {
    Worker { name: name.to_owned(), member: None, desks: Vec::new() }
}

fn own(bench: &mut Bench, name: &str, id: CaseId) -> Own {
    bench.run(|tx| draft::own(tx, &who(name), id)).unwrap().unwrap()
}

fn told(title: &str, shared: bool) -> Answer {
    let value = Sealed::new(format!("{title}的话"));
    Answer { title: title.to_owned(), order: 0, hidden: true, shared, value, pictures: Vec::new() }
}

fn handed_in(bench: &mut Bench, name: &str, plan: &Plan) -> CaseId {
    let id = bench.run(|tx| draft::begin(tx, &who(name), "rights", plan.clone())).unwrap().unwrap();
    let of = own(bench, name, id);
    bench.run(|tx| draft::answer(tx, &of, "phone", &told("电话", plan.pairs))).unwrap().unwrap();
    let of = own(bench, name, id);
    bench.run(|tx| draft::submit(tx, &of, plan.clone(), None)).unwrap().unwrap();
    id
}

fn case(bench: &mut Bench, id: CaseId) -> Case {
    bench.run(|tx| queue::get(tx, id)).unwrap().unwrap()
}

fn news(bench: &mut Bench) -> Vec<News> {
    let rows = bench.run(|tx| tx.scan(&OUTBOX, &(), None, 500)).unwrap().rows;
    let of_cases = rows.into_iter().filter_map(|(_, row)| match row.notice {
        Notice::Case(news) => Some(news),
        _ => None,
    });
    of_cases.collect()
}

fn wait(bench: &mut Bench, span: Duration) {
    bench.moment.now = bench.moment.now.plus(span);
}

fn is_sound(bench: &mut Bench) {
    let (broken, ..) = bench.run(|tx| audit::page(tx, None)).unwrap();
    let (strays, _) = bench.run(|tx| audit::strays(tx, None)).unwrap();
    let (miscounted, _) = bench.run(|tx| rounds::audit(tx, None)).unwrap();
    assert_eq!((broken, strays, miscounted), (Vec::<String>::new(), Vec::new(), Vec::new()));
}

#[test]
fn a_step_of_another_difficulty_is_promised_for_anew_and_a_hearing_is_not_promised_past() {
    let mut bench = Bench::new(CATALOG);
    let mut plan = plan();
    plan.steps[1].class = Some("complex".to_owned());
    let id = handed_in(&mut bench, "oMei", &plan);
    let before = case(&mut bench, id).clock.promised.unwrap();
    bench.run(|tx| work::step(tx, &staff("li"), id, None, "")).unwrap().unwrap();
    let stepped = case(&mut bench, id);
    assert_eq!(stepped.class().unwrap().name, "complex");
    assert!(
        stepped.clock.promised.unwrap() > before.plus(20 * DAY),
        "thirty working days from the first day"
    );

    let id = bench.run(|tx| draft::begin(tx, &who("oLin"), "rights", plan.clone())).unwrap().unwrap();
    let (of, today) = (own(&mut bench, "oLin", id), bench.moment.now.date());
    let hearing = today.checked_add(jiff::Span::new().days(3)).unwrap();
    bench.run(|tx| draft::submit(tx, &of, plan.clone(), Some(hearing))).unwrap().unwrap();
    let urgent = case(&mut bench, id);
    assert!(urgent.urgent);
    assert!(urgent.clock.promised.unwrap().date() < hearing, "{:?}", urgent.clock);
}

#[test]
fn the_clock_stands_while_the_follower_must_act() {
    let mut bench = Bench::new(CATALOG);
    let id = handed_in(&mut bench, "oMei", &plan());
    let before = case(&mut bench, id).clock;
    bench.run(|tx| work::ask(tx, &staff("li"), id, "请补合同")).unwrap().unwrap();
    let asked = case(&mut bench, id);
    assert_eq!((asked.clock.step, asked.clock.left), (None, Some((Limit::Days(5), Limit::Days(10)))));
    wait(&mut bench, 20 * DAY);
    let of = own(&mut bench, "oMei", id);
    bench.run(|tx| draft::say(tx, &of, "补上了", None)).unwrap().unwrap();
    let after = case(&mut bench, id).clock;
    assert!(after.step.unwrap() >= before.step.unwrap().plus(20 * DAY), "the five days are still there");
    assert!(after.promised.unwrap() >= before.promised.unwrap().plus(20 * DAY));
    is_sound(&mut bench);
}

#[test]
fn what_is_due_soon_is_listed_before_it_is_overdue_and_not_while_the_follower_must_act() {
    let mut bench = Bench::new(CATALOG);
    let id = handed_in(&mut bench, "oMei", &plan());
    let other = handed_in(&mut bench, "oBo", &plan());
    let pressing = |bench: &mut Bench| bench.run(|tx| queue::pressing(tx, 9)).unwrap();
    assert_eq!(pressing(&mut bench), (0, 0), "five working days are left");
    bench.run(|tx| work::ask(tx, &staff("li"), other, "请补合同")).unwrap().unwrap();
    let due = case(&mut bench, id).clock.due().unwrap();
    bench.moment.now = due.minus(DAY);
    assert_eq!(pressing(&mut bench), (0, 1));
    let (soon, next) = bench.run(|tx| queue::list(tx, &queue::Queue::DueSoon, None, 9)).unwrap();
    assert_eq!((soon.iter().map(|(id, _)| *id).collect::<Vec<_>>(), next), (vec![id], None));
    bench.moment.now = due.plus(DAY);
    assert_eq!(pressing(&mut bench), (1, 0));
}

#[test]
fn what_is_asked_for_is_reminded_of_and_lapses_and_what_comes_late_is_taken() {
    let mut bench = Bench::new(CATALOG);
    let id = handed_in(&mut bench, "oMei", &plan());
    bench.run(|tx| work::ask(tx, &staff("li"), id, "请补合同")).unwrap().unwrap();
    wait(&mut bench, 8 * DAY);
    while bench.run(fire).unwrap() {}
    assert!(news(&mut bench).contains(&News::StillAsked { case: id }));
    wait(&mut bench, 23 * DAY);
    while bench.run(fire).unwrap() {}
    assert_eq!(case(&mut bench, id).status, Status::Lapsed);
    let of = own(&mut bench, "oMei", id);
    bench.run(|tx| draft::say(tx, &of, "合同", None)).unwrap().unwrap();
    assert_eq!(case(&mut bench, id).status, Status::Open);
    is_sound(&mut bench);
}

#[test]
fn an_objection_goes_to_somebody_else_once_and_in_time() {
    let mut bench = Bench::new(CATALOG);
    let id = handed_in(&mut bench, "oMei", &plan());
    bench.run(|tx| work::refuse(tx, &staff("li"), id, "not_ours", "不属于工会办理")).unwrap().unwrap();
    let of = own(&mut bench, "oMei", id);
    bench.run(|tx| draft::appeal(tx, &of, "请再看一下")).unwrap().unwrap();
    let again = bench.run(|tx| work::take(tx, &staff("li"), id)).unwrap();
    assert_eq!(again, Err(work::Refusal::DecidedBefore));
    let to_li = |tx: &mut crate::store::Tx| work::hand(tx, &staff("wu"), id, Some("li"), None, "还给他");
    assert_eq!(bench.run(to_li).unwrap(), Err(work::Refusal::DecidedBefore), "nor is it handed back");
    bench.run(|tx| work::close(tx, &staff("wu"), id, "solved", "已办")).unwrap().unwrap();
    let of = own(&mut bench, "oMei", id);
    assert_eq!(bench.run(|tx| draft::appeal(tx, &of, "再来")).unwrap(), Err(Refusal::AppealedAlready));
    let late = handed_in(&mut bench, "oMei", &plan());
    bench.run(|tx| work::refuse(tx, &staff("li"), late, "other", "写明了原因")).unwrap().unwrap();
    wait(&mut bench, 31 * DAY);
    let of = own(&mut bench, "oMei", late);
    let no = bench.run(|tx| draft::appeal(tx, &of, "再来")).unwrap();
    assert!(matches!(no, Err(Refusal::AppealOver { .. })));
    is_sound(&mut bench);
}

#[test]
fn a_desk_sees_its_own_cases_and_nobody_handles_theirs() {
    let mut bench = Bench::new(CATALOG);
    let id = handed_in(&mut bench, "oMei", &plan());
    let other = Worker { desks: vec!["jobs".to_owned()], ..staff("li") };
    let no = bench.run(|tx| work::take(tx, &other, id)).unwrap();
    assert_eq!(no, Err(work::Refusal::NotYourDesk("rights".to_owned())));
    let hand = |tx: &mut crate::store::Tx| work::hand(tx, &staff("wu"), id, None, Some("jobs"), "归就业窗口");
    bench.run(hand).unwrap().unwrap();
    bench.run(|tx| work::take(tx, &other, id)).unwrap().unwrap();
    let no = bench.run(|tx| work::take(tx, &staff("wu"), id)).unwrap();
    assert_eq!(no, Err(work::Refusal::TakenBy("li".to_owned())));
    is_sound(&mut bench);
}

#[test]
fn what_was_told_is_erased_in_time_and_pictures_with_it() {
    let mut bench = Bench::new(CATALOG);
    let id = handed_in(&mut bench, "oMei", &plan());
    let picture = bench.run(|tx| want(tx, &who("oMei"), "media")).unwrap().unwrap();
    let of = own(&mut bench, "oMei", id);
    bench.run(|tx| draft::say(tx, &of, "", Some(picture))).unwrap().unwrap();
    bench.run(|tx| work::close(tx, &staff("li"), id, "solved", "已办")).unwrap().unwrap();
    wait(&mut bench, 59 * DAY);
    while bench.run(fire).unwrap() {}
    assert!(!case(&mut bench, id).erased);
    wait(&mut bench, 2 * DAY);
    while bench.run(fire).unwrap() {}
    assert!(case(&mut bench, id).erased);
    assert_eq!(bench.run(|tx| entries::answers(tx, id)).unwrap(), []);
    let media = bench.run(|tx| tx.get(&MEDIA, &picture)).unwrap().unwrap();
    let now = bench.run(|tx| Ok(tx.moment().now)).unwrap();
    assert!(media.until <= now, "the picture goes with the next sweep");
    is_sound(&mut bench);
}

#[test]
fn a_case_that_is_taken_up_again_is_not_erased() {
    let mut bench = Bench::new(CATALOG);
    let id = handed_in(&mut bench, "oMei", &plan());
    bench.run(|tx| work::close(tx, &staff("li"), id, "partly", "先办一半")).unwrap().unwrap();
    wait(&mut bench, 30 * DAY);
    bench.run(|tx| work::reopen(tx, &staff("li"), id, "接着办")).unwrap().unwrap();
    wait(&mut bench, 60 * DAY);
    while bench.run(fire).unwrap() {}
    assert!(!case(&mut bench, id).erased);
    is_sound(&mut bench);
}

#[test]
fn who_leaves_takes_drafts_along_and_whoever_is_erased_all_that_no_law_keeps() {
    let mut bench = Bench::new(CATALOG);
    let kept = handed_in(&mut bench, "oMei", &Plan { kept_by_law: true, ..plan() });
    let gone = handed_in(&mut bench, "oMei", &plan());
    let draft = bench.run(|tx| draft::begin(tx, &who("oMei"), "jobs", plan())).unwrap().unwrap();
    bench.run(|tx| erase::of_leaver(tx, &who("oMei"))).unwrap();
    assert_eq!(case(&mut bench, draft).status, Status::Withdrawn);
    assert_eq!(case(&mut bench, gone).status, Status::Open, "an answer is owed");
    bench.run(|tx| erase::of_person(tx, &who("oMei"), None)).unwrap();
    while bench.run(fire).unwrap() {}
    let state = |case: Case| (case.status, case.erased);
    assert_eq!(state(case(&mut bench, gone)), (Status::Withdrawn, true));
    assert_eq!(state(case(&mut bench, kept)), (Status::Withdrawn, false));
    is_sound(&mut bench);
}

fn proposed(bench: &mut Bench) -> (CaseId, CaseId) {
    let (one, other) = (handed_in(bench, "oMei", &pairing()), handed_in(bench, "oWei", &pairing()));
    let words = ["一位工程师", "一位教师"];
    bench.run(|tx| pairs::propose(tx, &staff("li"), one, other, words)).unwrap().unwrap();
    (one, other)
}

fn says(bench: &mut Bench, name: &str, id: CaseId, yes: bool) -> Result<Proposal, Refusal> {
    let of = own(bench, name, id);
    bench.run(|tx| pairs::answer(tx, &of, 1, yes)).unwrap()
}

#[test]
fn who_the_other_is_is_told_when_both_agree_and_not_before() {
    let mut bench = Bench::new(CATALOG);
    let (one, other) = proposed(&mut bench);
    let contact = |bench: &mut Bench, id, proposal: &Proposal| {
        bench.run(|tx| pairs::contact(tx, id, proposal)).unwrap()
    };
    let first = says(&mut bench, "oMei", one, true).unwrap();
    assert_eq!(contact(&mut bench, one, &first), []);
    assert_eq!(says(&mut bench, "oMei", one, true), Err(Refusal::NoProposal), "a word is given once");
    let second = says(&mut bench, "oWei", other, true).unwrap();
    assert_eq!(contact(&mut bench, other, &second), [("电话".to_owned(), "电话的话".to_owned())]);
    assert!(news(&mut bench).contains(&News::Answered { case: one, proposal: 1 }));
    // 牵手成功
    bench.run(|tx| work::close(tx, &staff("li"), one, "solved", "祝福二位")).unwrap().unwrap();
    while bench.run(fire).unwrap() {}
    assert!(case(&mut bench, one).erased);
    assert_eq!(contact(&mut bench, other, &second), [], "with the profile the contact is gone");
    is_sound(&mut bench);
}

#[test]
fn who_agreed_is_asked_three_times_whether_they_wish_to_go_on_until_one_leaves() {
    let mut bench = Bench::new(CATALOG);
    let (one, other) = proposed(&mut bench);
    for (name, id) in [("oMei", one), ("oWei", other)] {
        says(&mut bench, name, id, true).unwrap();
    }
    let asked = |bench: &mut Bench, id| {
        while bench.run(fire).unwrap() {}
        news(bench).into_iter().filter(|news| *news == News::GoesOn { case: id }).count()
    };
    for (days, times) in [(2, 0), (1, 1), (18, 2)] {
        wait(&mut bench, days * DAY);
        assert_eq!((asked(&mut bench, one), asked(&mut bench, other)), (times, times), "{days} days later");
    }
    let of = own(&mut bench, "oMei", one);
    bench.run(|tx| draft::withdraw(tx, &of)).unwrap().unwrap();
    wait(&mut bench, 70 * DAY);
    assert_eq!(
        (asked(&mut bench, one), asked(&mut bench, other)),
        (2, 2),
        "who left isn't asked, nor the other"
    );
}

#[test]
fn a_no_is_told_to_nobody_and_nobody_is_proposed_to_the_same_person_twice() {
    let mut bench = Bench::new(CATALOG);
    let (one, other) = proposed(&mut bench);
    says(&mut bench, "oMei", one, false).unwrap();
    assert!(news(&mut bench).iter().all(|news| !matches!(news, News::Answered { .. })));
    assert_eq!(says(&mut bench, "oWei", other, true), Err(Refusal::NoProposal));
    let again = bench.run(|tx| pairs::propose(tx, &staff("li"), other, one, ["甲", "乙"])).unwrap();
    assert!(matches!(again, Err(work::Refusal::NotToBeProposed(..))));
}

#[test]
fn who_was_reported_is_proposed_to_nobody_until_staff_have_looked() {
    let mut bench = Bench::new(CATALOG);
    let (one, other) = proposed(&mut bench);
    let of = own(&mut bench, "oMei", one);
    bench.run(|tx| pairs::report(tx, &of, 1, "已经结婚了")).unwrap().unwrap();
    let third = handed_in(&mut bench, "oLin", &pairing());
    let propose = |bench: &mut Bench| {
        bench.run(|tx| pairs::propose(tx, &staff("li"), third, other, ["甲", "乙"])).unwrap()
    };
    assert!(matches!(propose(&mut bench), Err(work::Refusal::NotToBeProposed(id, _)) if id == other));
    bench.run(|tx| work::clear(tx, &staff("li"), other, "核实无误")).unwrap().unwrap();
    propose(&mut bench).unwrap();
    is_sound(&mut bench);
}

/// Of a round that is open for the next ten days, with so many places.
fn in_round(bench: &Bench, quota: u32) -> Plan {
    let (opens, closes) = (bench.moment.now, bench.moment.now.plus(10 * DAY));
    Plan { round: Some(Round { opens, closes, quota: Some(quota) }), ..plan() }
}

#[test]
fn a_round_has_so_many_places_one_for_each_person_and_what_is_given_back_is_another_s() {
    let mut bench = Bench::new(CATALOG);
    let plan = in_round(&bench, 2);
    let begins = |bench: &mut Bench, name: &str| {
        let begun = bench.run(|tx| draft::begin(tx, &who(name), "study", plan.clone())).unwrap();
        begun.map_err(|no| no.code())
    };
    let submits = |bench: &mut Bench, name: &str, id: CaseId| {
        let of = own(bench, name, id);
        let submitted = bench.run(|tx| draft::submit(tx, &of, plan.clone(), None)).unwrap();
        submitted.map(drop).map_err(|no| no.code())
    };
    let late = begins(&mut bench, "oQiang").unwrap();
    let [mei, lin] = ["oMei", "oLin"].map(|name| {
        let id = begins(&mut bench, name).unwrap();
        submits(&mut bench, name, id).unwrap();
        id
    });
    assert_eq!(begins(&mut bench, "oMei"), Err("once_per_round"));
    assert_eq!(begins(&mut bench, "oWang"), Err("round_full"));
    assert_eq!(submits(&mut bench, "oQiang", late), Err("round_full"), "a draft holds no place");
    is_sound(&mut bench);

    let of = own(&mut bench, "oMei", mei);
    bench.run(|tx| draft::withdraw(tx, &of)).unwrap().unwrap();
    submits(&mut bench, "oQiang", late).unwrap();
    bench.run(|tx| work::refuse(tx, &staff("li"), lin, "not_eligible", "合同不满一年")).unwrap().unwrap();
    let again = begins(&mut bench, "oMei").unwrap();
    let of = own(&mut bench, "oLin", lin);
    bench.run(|tx| draft::appeal(tx, &of, "合同已满一年")).unwrap().unwrap();
    assert_eq!(submits(&mut bench, "oMei", again), Err("round_full"), "who appeals has their place back");
    is_sound(&mut bench);

    // Closed with nothing granted, its place is another's.
    bench.run(|tx| work::close(tx, &staff("wu"), lin, "not_solved", "合同确实不满一年")).unwrap().unwrap();
    submits(&mut bench, "oMei", again).unwrap();
    bench.run(|tx| work::close(tx, &staff("li"), late, "solved", "已发放")).unwrap().unwrap();
    assert_eq!(begins(&mut bench, "oQiang"), Err("once_per_round"), "what was granted keeps its place");
    is_sound(&mut bench);

    // Taken up again it has its place back, unless its person holds another by now.
    bench.run(|tx| work::reopen(tx, &staff("sun"), lin, "补交了合同")).unwrap().unwrap();
    is_sound(&mut bench);
    bench.run(|tx| work::close(tx, &staff("sun"), lin, "not_solved", "合同不算")).unwrap().unwrap();
    bench.run(|tx| work::refuse(tx, &staff("li"), again, "not_eligible", "不符合")).unwrap().unwrap();
    let third = begins(&mut bench, "oMei").unwrap();
    submits(&mut bench, "oMei", third).unwrap();
    let of = own(&mut bench, "oMei", again);
    let appealed = bench.run(|tx| draft::appeal(tx, &of, "符合的")).unwrap();
    assert_eq!(appealed.map_err(|no| no.code()), Err("once_per_round"));
    let reopened = bench.run(|tx| work::reopen(tx, &staff("li"), again, "再看")).unwrap();
    assert_eq!(reopened, Err(work::Refusal::OncePerRound(third)));
    is_sound(&mut bench);

    wait(&mut bench, 10 * DAY);
    assert_eq!(submits(&mut bench, "oMei", again), Err("round_over"));
    assert_eq!(begins(&mut bench, "oWang"), Err("round_over"));
}

#[derive(Debug, Clone)]
enum Did {
    Begin,
    Submit,
    Say,
    Withdraw,
    Appeal,
    Rate(u8),
    Take(bool),
    Release,
    Ask,
    Supply,
    Step,
    Class,
    Close(usize),
    Refuse(usize),
    Reopen,
    Wait(u8),
}

fn did() -> impl Strategy<Value = Did> {
    prop_oneof![
        Just(Did::Begin),
        Just(Did::Submit),
        Just(Did::Submit),
        Just(Did::Say),
        Just(Did::Withdraw),
        Just(Did::Appeal),
        (0u8..7).prop_map(Did::Rate),
        any::<bool>().prop_map(Did::Take),
        Just(Did::Release),
        Just(Did::Ask),
        Just(Did::Supply),
        Just(Did::Step),
        Just(Did::Class),
        (0..OUTCOMES.len()).prop_map(Did::Close),
        (0..REASONS.len()).prop_map(Did::Refuse),
        Just(Did::Reopen),
        (0u8..80).prop_map(Did::Wait),
    ]
}

/// Whatever is said no to has changed nothing; whatever is done leaves the rows as they must be.
fn live(bench: &mut Bench, id: &mut Option<CaseId>, did: &Did) {
    let (mei, li, wu, plan) = (who("oMei"), staff("li"), staff("wu"), in_round(bench, 2));
    let Some(at) = *id else {
        *id = bench.run(|tx| draft::begin(tx, &mei, "rights", plan.clone())).unwrap().ok();
        return;
    };
    let of = own(bench, "oMei", at);
    match did {
        Did::Begin => {
            *id = bench.run(|tx| draft::begin(tx, &mei, "rights", plan.clone())).unwrap().ok().or(*id);
        }
        Did::Submit => _ = bench.run(|tx| draft::submit(tx, &of, plan.clone(), None)).unwrap(),
        Did::Say => _ = bench.run(|tx| draft::say(tx, &of, "说", None)).unwrap(),
        Did::Withdraw => _ = bench.run(|tx| draft::withdraw(tx, &of)).unwrap(),
        Did::Appeal => _ = bench.run(|tx| draft::appeal(tx, &of, "不同意")).unwrap(),
        Did::Rate(stars) => _ = bench.run(|tx| draft::rate(tx, &of, *stars)).unwrap(),
        Did::Take(first) => {
            let who = if *first { &li } else { &wu };
            _ = bench.run(|tx| work::take(tx, who, at)).unwrap();
        }
        Did::Release => _ = bench.run(|tx| work::release(tx, &wu, at, "换人")).unwrap(),
        Did::Ask => _ = bench.run(|tx| work::ask(tx, &li, at, "请补")).unwrap(),
        Did::Supply => _ = bench.run(|tx| work::supply(tx, &wu, at, "电话说了")).unwrap(),
        Did::Step => _ = bench.run(|tx| work::step(tx, &li, at, None, "")).unwrap(),
        Did::Class => _ = bench.run(|tx| work::class(tx, &li, at, "complex")).unwrap(),
        Did::Close(n) => _ = bench.run(|tx| work::close(tx, &li, at, OUTCOMES[*n], "好了")).unwrap(),
        Did::Refuse(n) => _ = bench.run(|tx| work::refuse(tx, &wu, at, REASONS[*n], "写明原因")).unwrap(),
        Did::Reopen => _ = bench.run(|tx| work::reopen(tx, &wu, at, "接着办")).unwrap(),
        Did::Wait(days) => {
            wait(bench, u32::from(*days) * DAY);
            while bench.run(fire).unwrap() {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn random_lives_keep_what_must_hold_and_their_follower_always_gets_out(
        lives in prop::collection::vec(did(), 1..40)
    ) {
        let mut bench = Bench::new(CATALOG);
        let mut id = None;
        for did in &lives {
            live(&mut bench, &mut id, did);
            is_sound(&mut bench);
        }
        let Some(id) = id else { return Ok(()) };
        if !case(&mut bench, id).status.is_over() {
            let of = own(&mut bench, "oMei", id);
            prop_assert_eq!(bench.run(|tx| draft::withdraw(tx, &of)).unwrap(), Ok(()));
        }
        prop_assert!(case(&mut bench, id).status.is_over());
        is_sound(&mut bench);
    }
}
