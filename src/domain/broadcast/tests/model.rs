//! Whatever happens in whatever order, nobody gets a broadcast twice, and everybody has one final state that is true.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::help::*;
use crate::domain::broadcast::agenda::Agenda;
use crate::domain::broadcast::chunks::{members, settle_chunk, take_chunk};
use crate::domain::broadcast::ledger::*;
use crate::domain::broadcast::manage;
use crate::domain::broadcast::record::*;
use crate::domain::broadcast::settle::interrupted;
use crate::domain::broadcast::tidy::tidy;
use crate::domain::contact::record::{Contact, FollowerId};
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::testing::Bench;

/// WeChat as it is documented: what it delivered, and which ids it knows.
#[derive(Default)]
struct WeChat {
    delivered: BTreeMap<FollowerId, u32>,
    known: BTreeMap<(String, Option<FollowerId>), Time>,
}

const TEMPLATE_IDS: Duration = Duration::from_secs(600);
const MASS_IDS: Duration = Duration::from_secs(24 * 3600);

impl WeChat {
    fn deliver(&mut self, who: &FollowerId) {
        *self.delivered.entry(who.clone()).or_default() += 1;
    }

    /// Is it another one than it has done already?
    fn is_new(&mut self, id: &str, who: Option<&FollowerId>, now: Time, kept: Duration) -> bool {
        let key = (id.to_owned(), who.cloned());
        let known = self.known.get(&key).is_some_and(|at| now.since(*at) < kept);
        if !known {
            self.known.insert(key, now);
        }
        !known
    }

    fn receives(&mut self, to: &Recipient, now: Time) {
        let new = match &to.message {
            Message::Template { client_id, .. } => {
                self.is_new(client_id, Some(&to.follower), now, TEMPLATE_IDS)
            }
            Message::Custom { .. } | Message::Subscription { .. } => true,
        };
        if new {
            self.deliver(&to.follower);
        }
    }
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Good,
    /// Done, and the answer is lost.
    Mute,
    /// Not done, and nobody can tell.
    Lost,
    Busy,
    TooFast,
    Shut,
    Rejected,
}

impl Fate {
    fn is_done(self) -> bool {
        matches!(self, Fate::Good | Fate::Mute)
    }

    fn outcome(self, now: Time) -> Outcome {
        match self {
            Fate::Good => Outcome::Sent { msg_id: None },
            Fate::Mute | Fate::Lost => Outcome::Uncertain,
            Fate::Busy => Outcome::Retry,
            Fate::TooFast => Outcome::SlowDown { until: now.plus(Duration::from_secs(60)) },
            Fate::Shut => Outcome::Shut(Reason::WindowShut),
            Fate::Rejected => Outcome::Rejected { code: 47003 },
        }
    }
}

#[derive(Debug, Clone)]
enum Op {
    Take(usize),
    /// Sends some of those in hand.
    Send(usize, Fate),
    Chunk(Fate),
    /// The process dies; of those in hand so many had been sent.
    Crash(usize),
    /// In the middle of a mass send, done or not.
    CrashInChunk(bool),
    Pause,
    Resume,
    Leave(u32),
    Return(u32),
    Pass(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        5 => Just(Fate::Good),
        1 => Just(Fate::Mute),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Busy),
        1 => Just(Fate::TooFast),
        1 => Just(Fate::Shut),
        1 => Just(Fate::Rejected),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (1usize..6).prop_map(Op::Take),
        6 => (1usize..6, fate()).prop_map(|(count, fate)| Op::Send(count, fate)),
        3 => fate().prop_map(Op::Chunk),
        1 => (0usize..4).prop_map(Op::Crash),
        1 => any::<bool>().prop_map(Op::CrashInChunk),
        1 => Just(Op::Pause),
        2 => Just(Op::Resume),
        1 => (0..FOLLOWERS).prop_map(Op::Leave),
        1 => (0..FOLLOWERS).prop_map(Op::Return),
        3 => prop_oneof![1u64..90, 300u64..900, 3600u64..90_000].prop_map(Op::Pass),
    ]
}

const FOLLOWERS: u32 = 17;

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Custom, subscription and template messages, as each is open.
    Each,
    /// Custom messages, and a mass send for the rest.
    CustomAndMass,
    Mass,
}

struct World {
    bench: Bench,
    wechat: WeChat,
    id: u32,
    hands: Vec<Recipient>,
}

impl World {
    fn new(kind: Kind) -> World {
        let mut bench = account(FOLLOWERS);
        for number in 0..FOLLOWERS {
            edit(&mut bench, number, |contact: &mut Contact| match number % 3 {
                0 => {}
                1 => contact.reach.shut_custom(),
                _ => {
                    contact.reach.shut_custom();
                    contact.reach.consent("sub");
                }
            });
        }
        let mut plan = plan(if matches!(kind, Kind::Mass) { WayChoice::Mass } else { WayChoice::Best });
        if matches!(kind, Kind::CustomAndMass) {
            (plan.content.template, plan.content.subscription) = (None, None);
        }
        let never = StopRule { attempts_min: 10_000, percent: 100 };
        let policy = Policy { chunk_max: 5, stop: never, ..lenient() };
        let id = running(&mut bench, &plan, &policy);
        World { bench, wechat: WeChat::default(), id, hands: Vec::new() }
    }

    fn does(&mut self, op: &Op) {
        let id = self.id;
        match op {
            Op::Take(limit) => self.hands.extend(taken(&mut self.bench, id, *limit)),
            Op::Send(count, fate) => self.send(*count, *fate),
            Op::Chunk(fate) => self.chunk(*fate),
            Op::Crash(sent) => self.crash(*sent),
            Op::CrashInChunk(done) => {
                self.mass(*done);
                self.crash(0);
            }
            Op::Pause => drop(self.bench.run(|tx| manage::pause(tx, id)).unwrap()),
            Op::Resume => drop(self.bench.run(|tx| manage::resume(tx, id)).unwrap()),
            Op::Leave(number) => edit(&mut self.bench, *number, |contact| {
                contact.subscribed = false;
                contact.reach.left();
            }),
            Op::Return(number) => edit(&mut self.bench, *number, |contact| contact.subscribed = true),
            Op::Pass(seconds) => pass(&mut self.bench, *seconds),
        }
    }

    fn send(&mut self, count: usize, fate: Fate) {
        let now = self.bench.moment.now;
        let recipients: Vec<Recipient> = self.hands.drain(..count.min(self.hands.len())).collect();
        for recipient in recipients {
            let follows =
                self.bench.run(|tx| tx.get(&CONTACTS, &recipient.follower)).unwrap().unwrap().subscribed;
            let outcome = match follows {
                true if is_late(&recipient, now) => Outcome::Retry,
                true if fate.is_done() => {
                    self.wechat.receives(&recipient, now);
                    fate.outcome(now)
                }
                true => fate.outcome(now),
                false => Outcome::Shut(Reason::NotFollowing),
            };
            settled(&mut self.bench, self.id, &[recipient], &outcome);
        }
    }

    /// Makes the call for the next chunk that is due, and returns its number.
    fn mass(&mut self, done: bool) -> Option<u32> {
        let (id, now) = (self.id, self.bench.moment.now);
        let call = self.bench.run(|tx| take_chunk(tx, id)).unwrap()?;
        if done && self.wechat.is_new(&call.client_id, None, now, MASS_IDS) {
            let recipients = self.bench.run(|tx| members(tx, id, call.number, None, 100)).unwrap().0;
            recipients.iter().for_each(|who| self.wechat.deliver(who));
        }
        Some(call.number)
    }

    fn chunk(&mut self, fate: Fate) {
        let (id, now) = (self.id, self.bench.moment.now);
        if let Some(number) = self.mass(fate.is_done()) {
            let outcome = fate.outcome(now);
            self.bench.run(|tx| settle_chunk(tx, id, number, &outcome)).unwrap();
        }
    }

    fn crash(&mut self, sent: usize) {
        let (id, now) = (self.id, self.bench.moment.now);
        for recipient in self.hands.drain(..).take(sent) {
            if !is_late(&recipient, now) {
                self.wechat.receives(&recipient, now);
            }
        }
        while self.bench.run(|tx| interrupted(tx, id, 2)).unwrap() {}
    }

    /// Everything works from here on.
    fn comes_to_its_end(&mut self) {
        let id = self.id;
        drop(self.bench.run(|tx| manage::resume(tx, id)).unwrap());
        for _ in 0..1000 {
            self.send(usize::MAX, Fate::Good);
            match next(&mut self.bench, id) {
                Agenda::Take => self.hands.extend(taken(&mut self.bench, id, 4)),
                Agenda::Chunk => self.chunk(Fate::Good),
                Agenda::Tidy => drop(self.bench.run(|tx| tidy(tx, id, 4)).unwrap()),
                Agenda::Wait(until) if !state(&mut self.bench, id).is_over() => self.bench.moment.now = until,
                Agenda::Wait(_) => return,
                other => panic!("{other:?} in {:?}", run_of(&mut self.bench, id)),
            }
        }
        panic!("it never ends: {:?}", run_of(&mut self.bench, id));
    }

    /// Staff pull the plug; what is in hand comes back.
    fn is_cancelled(&mut self) {
        let id = self.id;
        self.bench.run(|tx| manage::cancel(tx, id, "改期")).unwrap().unwrap();
        self.send(usize::MAX, Fate::Busy);
        while next(&mut self.bench, id) == Agenda::Tidy {
            self.bench.run(|tx| tidy(tx, id, 4)).unwrap();
        }
    }

    fn is_true(&mut self, end: &str) -> Result<(), TestCaseError> {
        let id = self.id;
        prop_assert_eq!(state(&mut self.bench, id).name(), end);
        for number in 0..FOLLOWERS {
            let got = self.wechat.delivered.get(&who(number)).copied().unwrap_or_default();
            prop_assert!(got <= 1, "{number} got it {got} times");
            let standing = standing_of(&mut self.bench, id, number).unwrap();
            let fits = match standing.name() {
                "sent" => got == 1,
                "failed" | "skipped" | "cancelled" => got == 0,
                "maybe_sent" => true,
                _ => false,
            };
            prop_assert!(fits, "{number} got it {got} times, the ledger says {standing:?}");
            let counted = contact(&mut self.bench, number).reach.notices_this_month(self.bench.moment.now);
            let fits = match standing.name() {
                "sent" | "maybe_sent" => counted == 1,
                _ => counted == 0,
            };
            // Time may have passed into another month.
            prop_assert!(
                fits || self.bench.moment.now >= next_month(),
                "{number} counts {counted}: {standing:?}"
            );
        }
        let run = run_of(&mut self.bench, id);
        let counts = &run.counts;
        let ended = counts.sent_total() + counts.failed_total() + counts.skipped_total() + counts.maybe_sent;
        prop_assert_eq!(
            (counts.recipients, ended + counts.pending, counts.in_flight),
            (FOLLOWERS, FOLLOWERS, 0)
        );
        prop_assert_eq!(audited(&mut self.bench, id), Vec::<String>::new());
        Ok(())
    }
}

fn next_month() -> Time {
    Time::parse("2027-01-01T00:00:00+08:00").unwrap_or_default()
}

fn is_late(recipient: &Recipient, now: Time) -> bool {
    recipient.not_after.is_some_and(|until| now > until)
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::Each, Kind::CustomAndMass, Kind::Mass])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_gets_it_twice_and_everybody_ends_truly(
        kind in kind(),
        ops in prop::collection::vec(op(), 0..60),
        cancelled: bool,
    ) {
        let mut world = World::new(kind);
        for op in &ops {
            world.does(op);
            let id = world.id;
            prop_assert_eq!(audited(&mut world.bench, id), Vec::<String>::new(), "after {:?}", op);
        }
        if cancelled && !state(&mut world.bench, world.id).is_over() {
            world.is_cancelled();
            world.is_true("cancelled")?;
        } else {
            world.comes_to_its_end();
            world.is_true("done")?;
        }
    }
}
