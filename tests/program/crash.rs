//! Kills the running service at any moment, again and again, while followers sign up and cancel: what was
//! answered stays, nothing is done twice, and no seat is given away twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::follower::{Answer, Follower, Message};
use crate::site::{Chance, GoesOn, Site, activity, kill_amid, rounds};
use serde_json::{Value, json};

const ROUNDS: u64 = 20;
const CAPACITY: u32 = 40;
const WAITING: u16 = 15;
const NEW_FOLLOWERS_A_ROUND: u64 = 10;
/// A kill comes at most this long after followers began to tap.
const KILL_WITHIN_MS: u64 = 600;
/// Of so many followers with a place, about one gives it back each round.
const ONE_CANCELS_OF: u64 = 5;
/// Taps to the end of a sign-up or a cancellation, with a restart or two on the way.
const TAPS_MAX: usize = 20;
/// What a follower reads of how it ended.
const DONE: &str = "报名成功";
const WAITS: &str = "您已进入候补";
const FULL: &str = "名额和候补都满了";
const CANCELLED: &str = "已取消【";
/// A tap that only moves a dialogue is answered before it is on disk: a kill may take it back, to one of these.
const EARLIER_STEPS: &[&str] = &["请输入手机号", "确认报名吗", "确认取消", "msgmenuid=apply-"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill_at_any_moment() {
    let rounds = rounds(ROUNDS);
    let site = Site::new();
    let mut service = site.serve();
    let phone = json!([{ "name": "phone", "ask": "请输入手机号", "kind": "phone" }]);
    let id = service.open_activity(&activity("周末健步走", CAPACITY, WAITING, phone)).await;
    let mut people: Vec<Person> = Vec::new();
    let mut caught = Caught::default();
    for round in 1..=rounds {
        let mut chance = Chance(round);
        people.iter_mut().for_each(|person| person.maybe_change_their_mind(&mut chance));
        let first = people.len() as u64;
        people.extend((first..first + NEW_FOLLOWERS_A_ROUND).map(Person::new));
        people = kill_amid(service, people, Duration::from_millis(chance.below(KILL_WITHIN_MS))).await;

        service = site.serve();
        caught.count(&people);
        check(&service.roster(&id).await, &people, &format!("round {round}, as found"));
        for person in &mut people {
            person.send_again(&service.base).await;
        }
        check(&service.roster(&id).await, &people, &format!("round {round}, after retries"));
    }
    finish(&service.base, &mut people).await;
    let roster = service.roster(&id).await;
    check(&roster, &people, "at the end");
    println!("{caught:?}; at the end {}", roster["counts"]);
    assert!(roster["counts"]["confirmed"].as_u64() > Some(0), "nobody got through");
    service.run(&["audit"]).done();
    service.run(&["verify"]).done();

    assert_eq!(service.stop(), 0);
    site.run(&["audit", "--config", "gonghui.toml"]).done();
    site.run(&["verify", "--config", "gonghui.toml"]).done();
}

/// Everybody comes to the end of what they want.
async fn finish(base: &str, people: &mut [Person]) {
    for person in people {
        person.go_on(base).await;
        assert!(!person.wants_more(), "{person:?} did not get through");
    }
}

/// How the kills hit, for who reads the test's output.
#[derive(Debug, Default)]
struct Caught {
    unanswered: usize,
    unanswered_decisions: usize,
}

impl Caught {
    fn count(&mut self, people: &[Person]) {
        let unanswered = || people.iter().filter(|person| person.in_flight().is_some());
        self.unanswered += unanswered().count();
        self.unanswered_decisions += unanswered().filter(|person| person.undecided()).count();
    }
}

/// What a follower has been told of their place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Nothing,
    Confirmed(String),
    Waiting(String),
    Refused,
    Cancelled(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    SignUp,
    Cancel,
}

/// A message and what it is to the follower.
#[derive(Debug, Clone)]
struct Sent {
    message: Message,
    /// It signs up or cancels.
    decides: bool,
    answer: Option<Answer>,
}

struct Person {
    follower: Follower,
    wish: Wish,
    told: Told,
    last: Option<Sent>,
    /// Where the conversation stands; nothing at its beginning.
    reading: Option<Answer>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?}, {:?}, last {:?}", self.follower.openid, self.wish, self.told, self.last)
    }
}

impl GoesOn for Person {
    /// Taps until there is nothing more to do or no answer comes.
    async fn go_on(&mut self, base: &str) {
        for _ in 0..TAPS_MAX {
            if !self.wants_more() {
                return;
            }
            let (message, decides) = self.next_message();
            self.last = Some(Sent { message, decides, answer: None });
            if !self.send(base).await {
                return;
            }
        }
    }
}

impl Person {
    fn new(number: u64) -> Person {
        let follower = Follower::new(number);
        Person { follower, wish: Wish::SignUp, told: Told::Nothing, last: None, reading: None }
    }

    fn maybe_change_their_mind(&mut self, chance: &mut Chance) {
        let holds = matches!(self.told, Told::Confirmed(_) | Told::Waiting(_));
        if holds && self.wish == Wish::SignUp && chance.below(ONE_CANCELS_OF) == 0 {
            self.wish = Wish::Cancel;
            self.reading = None;
        }
    }

    fn wants_more(&self) -> bool {
        match self.wish {
            Wish::SignUp => self.told == Told::Nothing,
            Wish::Cancel => matches!(self.told, Told::Confirmed(_) | Told::Waiting(_)),
        }
    }

    fn in_flight(&self) -> Option<&Sent> {
        self.last.as_ref().filter(|sent| sent.answer.is_none())
    }

    /// Their last message would sign up or cancel, and no answer came.
    fn undecided(&self) -> bool {
        self.in_flight().is_some_and(|sent| sent.decides)
    }

    /// What is tapped after what was read.
    fn next_message(&self) -> (Message, bool) {
        let follower = &self.follower;
        let Some(reading) = &self.reading else {
            let menu = if self.wish == Wish::SignUp { "activity.list" } else { "activity.mine" };
            return (follower.click(menu), false);
        };
        let (decisive, ways, start): (_, &[&str], _) = match self.wish {
            Wish::SignUp => ("answer-", &["apply-", "activity-"], "活动报名"),
            Wish::Cancel => ("give_back-", &["cancel-", "mine-"], "我的报名"),
        };
        if let Some(link) = reading.link(decisive) {
            return (follower.tap(&link), true);
        }
        if self.wish == Wish::SignUp && reading.text.contains("请输入手机号") {
            return (follower.say("13800001234"), false);
        }
        match ways.iter().find_map(|way| reading.link(way)) {
            Some(link) => (follower.tap(&link), false),
            None => (follower.say(start), false),
        }
    }

    /// Sends the last message, which got no answer yet. `false`: nor does it now.
    async fn send(&mut self, base: &str) -> bool {
        let Some(sent) = &mut self.last else { return true };
        let Ok(answer) = self.follower.send(base, &sent.message).await else { return false };
        sent.answer = Some(answer.clone());
        if sent.decides {
            self.told = self.outcome(&answer);
        }
        self.reading = Some(answer);
        true
    }

    fn outcome(&self, answer: &Answer) -> Told {
        let number = || answer.number().unwrap_or_else(|| panic!("no number in {answer:?}"));
        match (&self.told, &*answer.text) {
            (Told::Nothing, text) if text.contains(DONE) => Told::Confirmed(number()),
            (Told::Nothing, text) if text.contains(WAITS) => Told::Waiting(number()),
            (Told::Nothing, text) if text.contains(FULL) => Told::Refused,
            (Told::Confirmed(number) | Told::Waiting(number), text) if text.contains(CANCELLED) => {
                Told::Cancelled(number.clone())
            }
            // The taps before were not on disk yet, so the dialogue is back at an earlier step.
            (told, text) if EARLIER_STEPS.iter().any(|step| text.contains(step)) => told.clone(),
            (told, text) => panic!("{}, {told:?}, was told {text}", self.follower.openid),
        }
    }

    /// As WeChat does with a message that got no answer, and with one whose answer got lost on the way.
    async fn send_again(&mut self, base: &str) {
        let Some(before) = self.last.clone() else { return };
        if before.answer.is_none() {
            assert!(self.send(base).await, "no answer to {:?}", before.message);
        } else if !before.is_durable() {
            return;
        }
        let first = self.last.take().and_then(|sent| sent.answer);
        let again = self.follower.send(base, &before.message).await.unwrap();
        let who = &self.follower.openid;
        assert_eq!(first, Some(again), "{who}: {} was answered otherwise", before.message.what);
    }
}

impl Sent {
    /// Its effect was on disk when it was answered. Anything else a kill may take back, a refusal too; WeChat
    /// has no reason to send such a message again.
    fn is_durable(&self) -> bool {
        let effects = [DONE, WAITS, CANCELLED];
        self.decides
            && self.answer.as_ref().is_some_and(|answer| effects.iter().any(|e| answer.text.contains(e)))
    }
}

/// Compares the roster with what everybody has been told.
fn check(roster: &Value, people: &[Person], when: &str) {
    let rows = roster["registrations"].as_array().unwrap();
    let mut by_number: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    let mut live: BTreeSet<&str> = BTreeSet::new();
    let mut seats = 0;
    for row in rows {
        let field = |name: &str| row[name].as_str().unwrap();
        let (number, follower, status) = (field("number"), field("follower"), field("status"));
        assert_eq!(by_number.insert(number, (follower, status)), None, "{when}: {number} twice");
        if status != "cancelled" {
            assert!(live.insert(follower), "{when}: {follower} signed up twice");
        }
        if status == "confirmed" {
            seats += row["party"]["seats"].as_u64().unwrap();
        }
    }
    assert!(seats <= u64::from(CAPACITY), "{when}: {seats} seats of {CAPACITY} are taken");
    assert_eq!(roster["counts"]["seats_taken"].as_u64(), Some(seats), "{when}");
    for person in people {
        let who = person.follower.openid.as_str();
        let undecided = person.undecided();
        let status = |number: &str| {
            let row = by_number.get(number).unwrap_or_else(|| panic!("{when}: {number} is lost; {person:?}"));
            assert_eq!(row.0, who, "{when}: {number}");
            row.1
        };
        let fits = match &person.told {
            Told::Nothing => undecided || !live.contains(who),
            Told::Refused => !live.contains(who),
            Told::Confirmed(number) => match status(number) {
                "confirmed" => true,
                status => status == "cancelled" && undecided,
            },
            Told::Waiting(number) => match status(number) {
                "waiting" | "confirmed" => true,
                status => status == "cancelled" && undecided,
            },
            Told::Cancelled(number) => status(number) == "cancelled" && !live.contains(who),
        };
        assert!(fits, "{when}: the roster differs from what {person:?}\n{roster:#}");
    }
    let known: BTreeSet<&str> = people.iter().map(|person| person.follower.openid.as_str()).collect();
    assert!(live.is_subset(&known), "{when}: a sign-up of nobody");
}
