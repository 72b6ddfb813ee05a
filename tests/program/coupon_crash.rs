//! Kills the running service at any moment, again and again, while followers claim coupons and a till takes them: a
//! coupon that was confirmed exists, nobody has two, no code is two people's, and what was taken stays taken.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::follower::{Answer, Follower, Link, Message};
use crate::site::{Chance, GoesOn, Service, Site, TOKEN, http, kill_amid, now, rounds};
use serde_json::{Value, json};

const ROUNDS: u64 = 8;
const NEW_FOLLOWERS_A_ROUND: u64 = 12;
/// Those of the last three rounds: of each follower the latest few answers are kept, as WeChat's retries end soon.
const SENDING_AGAIN: usize = 3 * NEW_FOLLOWERS_A_ROUND as usize;
/// Fewer than come.
const CODES: u64 = 60;
const KILL_WITHIN_MS: u64 = 400;
const WON: &str = "领到了";
const HAD: &str = "您已经领过了";
const GONE: &str = "已领完";

/// Somebody with one wish, and all that they were told.
struct Person {
    follower: Follower,
    message: Message,
    told: Option<Answer>,
    /// What the till answered: `None` if nothing came.
    redeemed: Option<bool>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmed_coupon_survives_a_kill_at_any_moment() {
    let rounds = rounds(ROUNDS);
    let site = Site::new();
    let mut service = site.serve();
    open(&site, &service);
    let mut people: Vec<Person> = Vec::new();
    for round in 1..=rounds {
        let mut chance = Chance(round);
        let first = people.len() as u64;
        people.extend((first..first + NEW_FOLLOWERS_A_ROUND).map(Person::new));
        people = kill_amid(service, people, Duration::from_millis(chance.below(KILL_WITHIN_MS))).await;
        service = site.serve();
        for person in people.iter_mut().rev().take(SENDING_AGAIN) {
            person.send_again(&service.base).await;
        }
        check(&service, &people, &format!("round {round}")).await;
        service.run(&["audit"]).done();
    }
    let won = people.iter().filter(|person| person.code().is_some()).count() as u64;
    println!("{won} of {} got one, {CODES} codes", people.len());
    assert!(won > 0, "nobody got through");
    service.run(&["verify"]).done();
    assert_eq!(service.stop(), 0);
    site.run(&["audit", "--config", "gonghui.toml"]).done();
    site.run(&["verify", "--config", "gonghui.toml"]).done();
}

/// Makes the benefit and loads its codes by the command line.
fn open(site: &Site, service: &Service) {
    let server = ["--server", &service.base];
    let form = json!({
        "title": "一元观影", "provider": "三江影城", "eligibility": {"who": "anyone"}, "way": "imported",
        "releases": [{"at": (now().minus(Duration::from_secs(60))).to_string(), "stock": CODES}],
        "newcomers": null,
    });
    site.write("film.json", &form.to_string());
    let codes: Vec<String> = (1..=CODES).map(|n| format!("FILM-{n:06}")).collect();
    site.write("codes.csv", &format!("code\n{}\n", codes.join("\n")));
    let run = |args: &[&str]| site.run(&[&["benefit"], args, &server].concat());
    run(&["create", "film.json"]).done();
    run(&["codes", "W1", "codes.csv"]).done();
    run(&["codes", "W1", "codes.csv"]).done(); // again: answered as before, nothing twice
    run(&["publish", "W1"]).done();
    let shown = run(&["show", "W1", "--json"]).json();
    assert_eq!(shown["stock"]["loaded"], CODES);
}

impl GoesOn for Person {
    async fn go_on(&mut self, base: &str) {
        if self.told.is_none() {
            // Thumbs and WeChat send it more than once.
            let (first, second) = tokio::join!(
                self.follower.send(base, &self.message),
                self.follower.send(base, &self.message)
            );
            if let (Ok(first), Ok(second)) = (&first, &second) {
                assert_eq!(first, second, "{}", self.follower.openid);
            }
            self.told = first.ok().or(second.ok());
        } else if let Some(code) = self.code().filter(|_| self.redeemed != Some(true)) {
            self.redeemed = redeem(base, &code).await.map(|(status, _)| status == 200);
        }
    }
}

impl Person {
    fn new(number: u64) -> Person {
        let follower = Follower::new(number);
        let link = Link { content: "领取W1".to_owned(), id: "claim-1".to_owned() };
        let message = follower.tap(&link);
        Person { follower, message, told: None, redeemed: None }
    }

    fn code(&self) -> Option<String> {
        code_in(self.told.as_ref()?)
    }

    /// The same message as before, as WeChat does with one that got no answer; and another tap.
    async fn send_again(&mut self, base: &str) {
        let again = self.follower.send(base, &self.message).await.unwrap();
        match &self.told {
            Some(told) if told.text.contains(WON) => {
                assert_eq!(*told, again, "{} was answered otherwise", self.follower.openid);
            }
            _ => self.told = Some(again),
        }
        let link = Link { content: "领取W1".to_owned(), id: "claim-1".to_owned() };
        let tapped = self.follower.send(base, &self.follower.tap(&link)).await.unwrap();
        let expected: &[&str] = if self.code().is_some() { &[HAD] } else { &[WON, GONE] };
        assert!(expected.iter().any(|words| tapped.text.contains(words)), "{}", tapped.text);
        if tapped.text.contains(WON) {
            self.told = Some(tapped); // what was gone before came back with a restart
        }
    }
}

fn code_in(answer: &Answer) -> Option<String> {
    let (_, rest) = answer.text.split_once("券码：")?;
    rest.lines().next().map(str::to_owned)
}

/// What the till is answered; `None` if nothing came.
async fn redeem(base: &str, code: &str) -> Option<(u16, Value)> {
    let url = format!("{base}/api/v1/coupons/{code}/redeem");
    let response = http().post(url).bearer_auth(TOKEN).json(&json!({"place": "till"})).send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.json().await.ok()?))
}

async fn check(service: &Service, people: &[Person], when: &str) {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for person in people {
        let Some(code) = person.code() else { continue };
        let other = owners.insert(code.clone(), &person.follower.openid);
        assert_eq!(other, None, "{when}: {code} was given to two");
        let coupon = service.staff("GET", &format!("/coupons/{code}"), None).await;
        let expected: &[&str] = match person.redeemed {
            Some(true) => &["redeemed"],
            // Nothing was heard from the till: it may have been taken.
            _ => &["given", "redeemed"],
        };
        assert!(expected.contains(&coupon["state"].as_str().unwrap()), "{when}: {code} is {coupon}");
    }
    let shown = service.staff("GET", "/benefits/W1", None).await;
    let stock = &shown["stock"];
    let numbers: BTreeSet<&String> = owners.keys().collect();
    assert_eq!(stock["taken"], numbers.len(), "{when}: {shown}");
    assert_eq!(stock["left"], CODES - numbers.len() as u64, "{when}");
}
