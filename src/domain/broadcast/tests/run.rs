//! A broadcast on its way, by ways that reach one follower at a time.

use super::help::*;
use crate::domain::activity::commands::{Application, register};
use crate::domain::activity::manage as activities;
use crate::domain::activity::record::{Companions, sample_terms};
use crate::domain::broadcast::agenda::{Agenda, open};
use crate::domain::broadcast::ledger::*;
use crate::domain::broadcast::record::*;
use crate::domain::broadcast::settle::{finished, heard_early, interrupted};
use crate::domain::broadcast::timeline::Standing;
use crate::domain::broadcast::{manage, tidy};
use crate::domain::contact::record::Origin;
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::testing::Bench;

fn text_of(recipient: &Recipient) -> &str {
    match &recipient.message {
        Message::Custom { text } => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn everybody_gets_it_once_and_then_it_is_done() {
    let mut bench = account(25);
    let id = running(&mut bench, &plan(WayChoice::Custom), &lenient());
    let mut reached = Vec::new();
    while next(&mut bench, id) == Agenda::Take {
        let recipients = taken(&mut bench, id, 10);
        settled(&mut bench, id, &recipients, &sent());
        reached.extend(recipients.into_iter().map(|to| to.follower));
    }
    assert_eq!(reached, (0..25).map(who).collect::<Vec<_>>());
    assert_eq!(state(&mut bench, id), State::Done { at: bench.moment.now });
    let counts = counts(&mut bench, id);
    assert_eq!((counts.recipients, counts.sent[&Way::Custom], counts.pending), (25, 25, 0));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
    assert!(taken(&mut bench, id, 10).is_empty());
}

#[test]
fn the_audience_is_fixed_at_the_start() {
    let mut bench = account(3);
    edit(&mut bench, 1, |contact| contact.subscribed = false);
    let id = running(&mut bench, &plan(WayChoice::Custom), &lenient());
    bench
        .run(|tx| tx.put(&CONTACTS, &who(7), &crate::domain::contact::record::Contact::new(tx.moment().now)))
        .unwrap();
    edit(&mut bench, 1, |contact| contact.subscribed = true);
    edit(&mut bench, 2, |contact| contact.subscribed = false);
    let recipients = taken(&mut bench, id, 10);
    assert_eq!(recipients.iter().map(|to| to.follower.clone()).collect::<Vec<_>>(), [who(0)]);
    assert_eq!(standing_of(&mut bench, id, 1), None, "came back too late");
    assert_eq!(standing_of(&mut bench, id, 2), Some(Standing::Skipped(Skip::Left)));
    assert_eq!(standing_of(&mut bench, id, 7), None, "came too late");
}

#[test]
fn only_those_whom_the_condition_fits_are_recipients() {
    let mut bench = account(4);
    let terms = sample_terms();
    bench.moment.now = terms.sign_up.opens;
    let activity = bench.run(|tx| activities::create(tx, terms.clone())).unwrap().id;
    bench.run(|tx| activities::publish(tx, activity)).unwrap().unwrap();
    for number in [0, 2] {
        let (party, answers) = (Companions::default(), Vec::new());
        let application =
            Application { activity, session: 1, party, answers, agreed: None, consents: Vec::new() };
        bench.run(|tx| register(tx, &who(number), &application)).unwrap().unwrap();
        edit(&mut bench, number, |contact| contact.reach.messaged(terms.sign_up.opens, &Default::default()));
    }
    let mut reminder = plan(WayChoice::Custom);
    reminder.audience = "signed_up:A1".parse().unwrap();
    reminder.about = Some(activity);
    reminder.content.text = Some("【{title}】{starts}开始，报名号{number}".to_owned());
    let id = running(&mut bench, &reminder, &lenient());
    let recipients = taken(&mut bench, id, 10);
    let texts: Vec<&str> = recipients.iter().map(text_of).collect();
    assert_eq!(texts.len(), 2);
    assert!(texts[0].starts_with("【周末健步走】") && texts[0].ends_with("报名号A1-1-0001"), "{}", texts[0]);
    assert!(texts[1].ends_with("报名号A1-1-0002"));

    let others = Plan { audience: "not signed_up:A1".parse().unwrap(), ..reminder };
    let id = running(&mut bench, &others, &lenient());
    assert!(taken(&mut bench, id, 10).is_empty(), "they have no number to be told");
    assert_eq!(standing_of(&mut bench, id, 1), Some(Standing::Skipped(Skip::NothingToSay)));
    assert_eq!(standing_of(&mut bench, id, 0), None);
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
}

#[test]
fn who_said_stop_chose_other_topics_or_had_enough_is_skipped_with_the_reason() {
    let mut bench = account(6);
    let now = bench.moment.now;
    edit(&mut bench, 0, |contact| contact.reach.stopped = true);
    edit(&mut bench, 1, |contact| contact.reach.topics = vec!["福利".to_owned()]);
    edit(&mut bench, 2, |contact| contact.reach.topics = vec!["福利".to_owned(), "活动".to_owned()]);
    edit(&mut bench, 3, |contact| (0..4).for_each(|_| contact.reach.count_notice(now)));
    edit(&mut bench, 4, |contact| contact.reach.shut_custom());
    let topical = Plan { topic: Some("活动".to_owned()), ..plan(WayChoice::Custom) };
    let id = running(&mut bench, &topical, &lenient());
    let recipients = taken(&mut bench, id, 10);
    assert_eq!(recipients.iter().map(|to| to.follower.clone()).collect::<Vec<_>>(), [who(2), who(5)]);
    for (number, skip) in [(0, Skip::Stopped), (1, Skip::Topic), (3, Skip::Capped), (4, Skip::NoWay)] {
        assert_eq!(standing_of(&mut bench, id, number), Some(Standing::Skipped(skip)));
    }
    settled(&mut bench, id, &recipients, &sent());
    assert_eq!(contact(&mut bench, 2).reach.notices_this_month(now), 1);
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn the_cap_is_by_calendar_month_and_of_all_broadcasts() {
    let mut bench = account(1);
    let policy = Policy { monthly_cap: 2, ..lenient() };
    let sent_to = |bench: &mut Bench| {
        let id = running(bench, &plan(WayChoice::Template), &policy);
        let recipients = taken(bench, id, 10);
        settled(bench, id, &recipients, &sent());
        recipients.len()
    };
    assert_eq!([sent_to(&mut bench), sent_to(&mut bench), sent_to(&mut bench)], [1, 1, 0]);
    bench.moment.now = Time::parse("2027-01-01T00:00:00+08:00").unwrap();
    assert_eq!(sent_to(&mut bench), 1);
}

#[test]
fn two_broadcasts_at_once_do_not_write_to_the_same_follower() {
    let mut bench = account(1);
    let policy = Policy { monthly_cap: 1, ..lenient() };
    let first = running(&mut bench, &plan(WayChoice::Template), &policy);
    let second = running(&mut bench, &plan(WayChoice::Template), &policy);
    let recipients = taken(&mut bench, first, 10);
    assert_eq!(recipients.len(), 1);
    assert!(taken(&mut bench, second, 10).is_empty());
    settled(&mut bench, first, &recipients, &sent());
    pass(&mut bench, 11);
    assert!(taken(&mut bench, second, 10).is_empty());
    assert_eq!(standing_of(&mut bench, second, 0), Some(Standing::Skipped(Skip::Capped)));
}

#[test]
fn what_may_have_been_sent_counts_for_other_broadcasts_and_once() {
    let mut bench = account(1);
    let policy = Policy { monthly_cap: 1, ..lenient() };
    let first = running(&mut bench, &plan(WayChoice::Template), &policy);
    let second = running(&mut bench, &plan(WayChoice::Template), &policy);
    let unanswered = taken(&mut bench, first, 10);
    settled(&mut bench, first, &unanswered, &Outcome::Uncertain);
    assert!(taken(&mut bench, second, 10).is_empty());
    assert_eq!(standing_of(&mut bench, second, 0), Some(Standing::Skipped(Skip::Capped)));
    pass(&mut bench, 6);
    let repeated = taken(&mut bench, first, 10);
    assert_eq!(repeated.len(), 1, "the cap holds up no repeat");
    settled(&mut bench, first, &repeated, &sent());
    assert_eq!(contact(&mut bench, 0).reach.notices_this_month(bench.moment.now), 1);
}

#[test]
fn the_best_way_is_chosen_for_each_and_the_next_if_that_is_shut() {
    let mut bench = account(3);
    edit(&mut bench, 1, |contact| {
        contact.reach.shut_custom();
        contact.reach.consent("sub");
    });
    edit(&mut bench, 2, |contact| contact.reach.shut_custom());
    let id = running(&mut bench, &plan(WayChoice::Best), &lenient());
    let recipients = taken(&mut bench, id, 10);
    let ways: Vec<Way> = recipients.iter().map(Recipient::way).collect();
    assert_eq!(ways, [Way::Custom, Way::Subscription, Way::Template]);

    settled(&mut bench, id, &recipients[..1], &Outcome::Shut(Reason::WindowShut));
    settled(&mut bench, id, &recipients[1..2], &Outcome::Shut(Reason::Refused));
    settled(&mut bench, id, &recipients[2..], &Outcome::Shut(Reason::NotFollowing));
    assert!(!contact(&mut bench, 0).reach.custom_is_open(bench.moment.now), "WeChat knows better");
    assert!(!contact(&mut bench, 1).reach.consents_to("sub"));
    assert!(!contact(&mut bench, 2).subscribed);
    let again = taken(&mut bench, id, 10);
    assert_eq!(again.iter().map(Recipient::way).collect::<Vec<_>>(), [Way::Template, Way::Template]);
    settled(&mut bench, id, &again, &sent());
    let counts = counts(&mut bench, id);
    assert_eq!((counts.sent[&Way::Template], counts.failed["not_following"]), (2, 1));
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn what_was_surely_not_sent_is_tried_again_after_a_while() {
    let mut bench = account(2);
    let id = running(&mut bench, &plan(WayChoice::Custom), &lenient());
    let recipients = taken(&mut bench, id, 10);
    settled(&mut bench, id, &recipients, &Outcome::Retry);
    assert!(taken(&mut bench, id, 10).is_empty());
    let Agenda::Wait(until) = next(&mut bench, id) else { panic!("it does not wait") };
    bench.moment.now = until;
    let again = taken(&mut bench, id, 10);
    assert_eq!(again.len(), 2);
    settled(&mut bench, id, &again, &sent());
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
    assert_eq!(contact(&mut bench, 0).reach.notices_this_month(bench.moment.now), 1, "it is counted once");
}

#[test]
fn an_hour_of_outage_costs_delay_and_nothing_else() {
    let mut bench = account(60);
    let id = running(&mut bench, &plan(WayChoice::Custom), &lenient());
    let back = bench.moment.now.plus(std::time::Duration::from_secs(3600));
    loop {
        match next(&mut bench, id) {
            Agenda::Take => {
                let recipients = taken(&mut bench, id, 200);
                let up = bench.moment.now >= back;
                settled(&mut bench, id, &recipients, &if up { sent() } else { Outcome::Retry });
            }
            Agenda::Wait(until) if until < back.plus(std::time::Duration::from_secs(7200)) => {
                bench.moment.now = until
            }
            _ => break,
        }
    }
    assert_eq!(counts(&mut bench, id).sent[&Way::Custom], 60);
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
}

#[test]
fn when_wechat_says_slow_down_the_whole_broadcast_waits() {
    let mut bench = account(9);
    let id = running(&mut bench, &plan(WayChoice::Template), &lenient());
    let recipients = taken(&mut bench, id, 3);
    let until = bench.moment.now.plus(std::time::Duration::from_secs(60));
    settled(&mut bench, id, &recipients, &Outcome::SlowDown { until });
    assert_eq!(next(&mut bench, id), Agenda::Wait(until));
    assert!(taken(&mut bench, id, 9).is_empty());
    bench.moment.now = until;
    assert_eq!(taken(&mut bench, id, 9).len(), 9);
}

#[test]
fn nothing_is_sent_in_quiet_hours_or_before_its_time() {
    let mut bench = account(2);
    let now = bench.moment.now; // 10:00
    let noon = Time::parse("2026-12-01T12:00:00+08:00").unwrap();
    let later = Plan {
        not_before: Some(noon),
        quiet: Some(Quiet { from: 11 * 60, to: 14 * 60 }),
        ..plan(WayChoice::Custom)
    };
    let id = started(&mut bench, &later, &lenient());
    assert_eq!(
        (state(&mut bench, id), next(&mut bench, id)),
        (State::Scheduled { at: noon }, Agenda::Wait(noon))
    );
    assert_eq!(bench.run(|tx| open(tx)).unwrap(), [id]);
    bench.moment.now = noon;
    assert_eq!(next(&mut bench, id), Agenda::Build);
    bench.run(|tx| crate::domain::broadcast::build::build(tx, id, 10)).unwrap();
    assert_eq!(state(&mut bench, id), State::Running);
    let two = Time::parse("2026-12-01T14:00:00+08:00").unwrap();
    assert_eq!(next(&mut bench, id), Agenda::Wait(two));
    assert!(taken(&mut bench, id, 10).is_empty());
    bench.moment.now = two;
    assert_eq!(taken(&mut bench, id, 10).len(), 2);
    assert!(now < two);
}

#[test]
fn it_pauses_and_goes_on_where_it_was() {
    let mut bench = account(10);
    let id = running(&mut bench, &plan(WayChoice::Custom), &lenient());
    let first = taken(&mut bench, id, 4);
    bench.run(|tx| manage::pause(tx, id)).unwrap().unwrap();
    bench.run(|tx| manage::pause(tx, id)).unwrap().unwrap();
    assert_eq!(next(&mut bench, id), Agenda::Idle);
    assert!(taken(&mut bench, id, 10).is_empty());
    settled(&mut bench, id, &first, &sent());
    bench.run(|tx| manage::resume(tx, id)).unwrap().unwrap();
    let rest = taken(&mut bench, id, 10);
    assert_eq!(
        rest.iter().map(|to| to.follower.clone()).collect::<Vec<_>>(),
        (4..10).map(who).collect::<Vec<_>>()
    );
    settled(&mut bench, id, &rest, &sent());
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
}

#[test]
fn a_cancelled_one_sends_no_more_and_says_who_did_not_get_it() {
    let mut bench = account(5);
    let id = running(&mut bench, &plan(WayChoice::Template), &lenient());
    let first = taken(&mut bench, id, 3);
    settled(&mut bench, id, &first[..1], &sent());
    settled(&mut bench, id, &first[1..2], &Outcome::Uncertain);
    bench.run(|tx| manage::cancel(tx, id, "改期")).unwrap().unwrap();
    settled(&mut bench, id, &first[2..], &sent());
    assert!(taken(&mut bench, id, 10).is_empty());
    while bench.run(|tx| tidy::tidy(tx, id, 1)).unwrap() {}
    let standings: Vec<_> =
        (0..5).map(|number| standing_of(&mut bench, id, number).unwrap().name()).collect();
    assert_eq!(standings, ["sent", "maybe_sent", "sent", "cancelled", "cancelled"]);
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
    assert!(bench.run(|tx| manage::resume(tx, id)).unwrap().is_err());
}

#[test]
fn too_many_errors_stop_it_and_staff_may_go_on() {
    let mut bench = account(100);
    let rule = StopRule { attempts_min: 10, percent: 20 };
    let id = running(&mut bench, &plan(WayChoice::Template), &Policy { stop: rule, ..lenient() });
    let good = taken(&mut bench, id, 9);
    settled(&mut bench, id, &good[..8], &sent());
    settled(&mut bench, id, &good[8..], &Outcome::Rejected { code: 47003 });
    assert_eq!(state(&mut bench, id), State::Running, "too few to judge by");
    let bad = taken(&mut bench, id, 2);
    settled(&mut bench, id, &bad, &Outcome::Rejected { code: 47003 });
    assert_eq!(state(&mut bench, id), State::Stopped { why: "3 of 11 attempts went wrong".to_owned() });
    assert!(taken(&mut bench, id, 10).is_empty());
    assert_eq!(counts(&mut bench, id).failed["rejected_47003"], 3);
    bench.run(|tx| manage::resume(tx, id)).unwrap().unwrap();
    assert_eq!(taken(&mut bench, id, 10).len(), 10);
}

#[test]
fn followers_who_left_are_no_reason_to_stop() {
    let mut bench = account(20);
    let rule = StopRule { attempts_min: 1, percent: 1 };
    let id = running(&mut bench, &plan(WayChoice::Template), &Policy { stop: rule, ..lenient() });
    let gone = taken(&mut bench, id, 20);
    settled(&mut bench, id, &gone, &Outcome::Shut(Reason::NotFollowing));
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
}

#[test]
fn a_wrong_setting_stops_it_at_once_and_costs_nobody_the_message() {
    let mut bench = account(3);
    let id = running(&mut bench, &plan(WayChoice::Template), &lenient());
    let first = taken(&mut bench, id, 3);
    settled(
        &mut bench,
        id,
        &first[..1],
        &Outcome::Misconfigured { what: "40164: add 1.2.3.4 to the whitelist".to_owned() },
    );
    assert!(matches!(state(&mut bench, id), State::Stopped { why } if why.contains("whitelist")));
    settled(&mut bench, id, &first[1..], &sent());
    bench.run(|tx| manage::resume(tx, id)).unwrap().unwrap();
    let again = taken(&mut bench, id, 3);
    assert_eq!(again.iter().map(|to| to.follower.clone()).collect::<Vec<_>>(), [who(0)]);
    settled(&mut bench, id, &again, &sent());
    assert_eq!(counts(&mut bench, id).sent[&Way::Template], 3);
}

#[test]
fn after_a_crash_a_template_is_repeated_under_its_id_and_the_rest_is_maybe_sent() {
    let mut bench = account(4);
    edit(&mut bench, 1, |contact| contact.reach.shut_custom());
    edit(&mut bench, 3, |contact| contact.reach.shut_custom());
    let id = running(&mut bench, &plan(WayChoice::Best), &lenient());
    let before = taken(&mut bench, id, 4);
    assert!(bench.run(|tx| interrupted(tx, id, 3)).unwrap());
    assert!(!bench.run(|tx| interrupted(tx, id, 3)).unwrap());
    pass(&mut bench, 10);
    let again = taken(&mut bench, id, 10);
    assert_eq!(again.iter().map(|to| to.follower.clone()).collect::<Vec<_>>(), [who(1), who(3)]);
    let id_of = |recipient: &Recipient| match &recipient.message {
        Message::Template { client_id, .. } => client_id.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(id_of(&again[0]), id_of(&before[1]), "so WeChat knows it");
    settled(&mut bench, id, &before, &sent());
    assert_eq!(counts(&mut bench, id).in_flight, 2, "what was settled too late changes nothing");
    settled(&mut bench, id, &again, &sent());
    let standings: Vec<_> =
        (0..4).map(|number| standing_of(&mut bench, id, number).unwrap().name()).collect();
    assert_eq!(standings, ["maybe_sent", "sent", "maybe_sent", "sent"]);
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn a_repeat_that_comes_too_late_to_be_known_is_not_made() {
    let mut bench = account(1);
    let id = running(&mut bench, &plan(WayChoice::Template), &lenient());
    taken(&mut bench, id, 1);
    bench.run(|tx| interrupted(tx, id, 10)).unwrap();
    pass(&mut bench, 600);
    assert!(taken(&mut bench, id, 1).is_empty());
    assert_eq!(standing_of(&mut bench, id, 0), Some(Standing::MaybeSent { way: Way::Template }));
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
}

#[test]
fn wechats_later_word_goes_into_the_ledger() {
    let mut bench = account(3);
    let id = running(&mut bench, &plan(WayChoice::Template), &lenient());
    let recipients = taken(&mut bench, id, 3);
    for (number, recipient) in recipients.iter().enumerate() {
        let msg_id = Some(number.to_string());
        settled(&mut bench, id, std::slice::from_ref(recipient), &Outcome::Sent { msg_id });
    }
    let mut of = contact(&mut bench, 1).reach;
    assert_eq!(of.result_of("1"), Some(Origin::Broadcast(id)));
    bench.run(|tx| finished(tx, id, &who(0), Finish::Delivered)).unwrap();
    bench.run(|tx| finished(tx, id, &who(0), Finish::Delivered)).unwrap();
    bench.run(|tx| finished(tx, id, &who(1), Finish::Blocked)).unwrap();
    bench.run(|tx| finished(tx, id, &who(9), Finish::Blocked)).unwrap();
    let counts = counts(&mut bench, id);
    assert_eq!((counts.sent[&Way::Template], counts.delivered, counts.failed["blocked"]), (2, 1, 1));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn wechats_word_may_come_before_the_answer() {
    let mut bench = account(2);
    let id = running(&mut bench, &plan(WayChoice::Template), &lenient());
    let recipients = taken(&mut bench, id, 2);
    assert!(bench.run(|tx| heard_early(tx, &who(0), "77", Finish::Blocked)).unwrap());
    assert!(bench.run(|tx| heard_early(tx, &who(1), "another", Finish::Blocked)).unwrap());
    assert!(!bench.run(|tx| heard_early(tx, &who(5), "77", Finish::Blocked)).unwrap());
    settled(&mut bench, id, &recipients, &Outcome::Sent { msg_id: Some("77".to_owned()) });
    assert_eq!(standing_of(&mut bench, id, 0), Some(Standing::Failed(Reason::Blocked)));
    assert_eq!(standing_of(&mut bench, id, 1), Some(Standing::Sent { way: Way::Template, delivered: false }));
}

#[test]
fn the_ledger_goes_when_its_time_is_over_and_the_counts_stay() {
    let mut bench = account(30);
    let id = running(&mut bench, &plan(WayChoice::Custom), &lenient());
    let recipients = taken(&mut bench, id, 200);
    settled(&mut bench, id, &recipients, &sent());
    assert_eq!(next(&mut bench, id), Agenda::Tidy);
    assert!(!bench.run(|tx| tidy::tidy(tx, id, 7)).unwrap());
    let Agenda::Wait(until) = next(&mut bench, id) else { panic!("it is not done") };
    assert!(bench.run(|tx| open(tx)).unwrap().is_empty());
    bench.moment.now = until;
    assert_eq!((next(&mut bench, id), bench.run(|tx| open(tx)).unwrap()), (Agenda::Tidy, vec![id]));
    let mut steps = 0;
    while bench.run(|tx| tidy::tidy(tx, id, 7)).unwrap() {
        steps += 1;
        assert!(steps < 10);
    }
    assert!(bench.run(|tx| tx.scan(&LEDGER, &(id,), None, 10)).unwrap().rows.is_empty());
    assert_eq!(counts(&mut bench, id).sent[&Way::Custom], 30);
    assert_eq!(next(&mut bench, id), Agenda::Over);
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn who_says_stop_before_a_repeat_does_not_get_it() {
    let mut bench = account(1);
    let id = running(&mut bench, &plan(WayChoice::Template), &lenient());
    let first = taken(&mut bench, id, 1);
    settled(&mut bench, id, &first, &Outcome::Uncertain);
    edit(&mut bench, 0, |contact| contact.reach.stopped = true);
    pass(&mut bench, 60);
    assert_eq!(taken(&mut bench, id, 1), []);
    assert_eq!(standing_of(&mut bench, id, 0), Some(Standing::MaybeSent { way: Way::Template }));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn a_new_one_is_taken_up_however_many_were_sent_before() {
    let mut bench = account(2);
    let later = bench.moment.now.plus(std::time::Duration::from_secs(90 * 86_400));
    for id in 1..=1200 {
        bench.run(|tx| tx.put(&OPEN_BROADCASTS, &id, &later)).unwrap();
    }
    bench.run(|tx| tx.put(&COUNTERS, &"broadcast".to_owned(), &1200)).unwrap();
    let id = started(&mut bench, &plan(WayChoice::Custom), &lenient());
    assert_eq!(id, 1201);
    assert_eq!(bench.run(|tx| open(tx)).unwrap(), [id]);
}
