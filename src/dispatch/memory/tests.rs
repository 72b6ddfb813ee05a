use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::Settings;
use crate::content::{Content, Source, write_embedded};
use crate::dispatch::testing::{self, says};
use crate::dispatch::{Dispatch, Memory, Turned, load_content};
use crate::domain::benefit::manage::{create, publish, top_up};
use crate::domain::benefit::record::{Limits, Rule, Terms, When, sample_terms};
use crate::moment::{Moment, Time};
use crate::store::Store;
use crate::wechat::message::Inbound;
use crate::wechat::reply::Reply;

const TEN: Time = Time::from_unix_s(1_796_090_400);

struct Place {
    store: Store,
    content: Arc<ArcSwap<Content>>,
    door: Dispatch,
    memory: Memory,
    now: Time,
    messages: u64,
}

impl Place {
    async fn open(stock: u32) -> Place {
        Place::with(terms(stock), Settings::default()).await
    }

    async fn with(terms: Terms, settings: Settings) -> Place {
        let memory = Memory::new(settings);
        let (store, content, door) = testing::open();
        let door = door.with_memory(memory.clone());
        let place = Place { store, content, door, memory, now: TEN, messages: 0 };
        let made = move |tx: &mut crate::store::Tx| {
            let id = create(tx, terms.clone())?.id;
            Ok(publish(tx, id)?.is_ok())
        };
        assert!(place.store.submit(place.moment(), made).await.unwrap());
        place
    }

    fn moment(&self) -> Moment {
        Moment { now: self.now, seed: 1 }
    }

    fn message(&mut self, who: &str, words: &str, tap: Option<&str>) -> Arc<Inbound> {
        self.messages += 1;
        testing::message(who, self.messages, self.now, says(words, tap))
    }

    async fn send(&self, message: Arc<Inbound>) -> Turned {
        self.door.turn(message, self.moment()).await.unwrap()
    }

    /// Taps, and waits for what the memory loads meanwhile.
    async fn tap(&mut self, who: &str) -> (String, &'static str) {
        let message = self.message(who, "领取W1", Some("claim-1"));
        let turned = self.send(message).await;
        while !super::lock(&self.memory.0.loading).is_empty() {
            tokio::task::yield_now().await;
        }
        (text(&turned), turned.flow)
    }

    async fn add(&self, count: u32) {
        let added = move |tx: &mut crate::store::Tx| Ok(top_up(tx, 1, count)?.is_ok());
        assert!(self.store.submit(self.moment(), added).await.unwrap());
    }
}

fn text(turned: &Turned) -> String {
    match &turned.reply {
        Some(Reply::Text { content }) => content.clone(),
        other => panic!("{other:?}"),
    }
}

/// Daily at ten.
fn terms(stock: u32) -> Terms {
    let mut terms = sample_terms();
    terms.releases[0].stock = stock;
    terms
}

#[tokio::test]
async fn who_comes_when_all_is_gone_is_told_so_without_a_commit() {
    let mut place = Place::open(1).await;
    assert!(place.tap("oMei").await.0.contains("领到了"));
    let (first, flow) = place.tap("oBo").await;
    assert!(first.contains("这一批 1 份已领完。下一批 12月2日(周三) 10:00 开始"), "{first}");
    assert_eq!(flow, "welfare");
    assert_eq!(place.tap("oLi").await, (first.clone(), "welfare_memory"));
    let (mei, flow) = place.tap("oMei").await;
    assert!(mei.contains("您已经领过了（W1-000001）") && flow == "welfare", "{mei}");
    let counted = place.memory.counts().of(1);
    assert_eq!((counted.claims, counted.given, counted.gone, counted.gone_from_memory), (4, 1, 1, 1));
}

#[tokio::test]
async fn texts_that_staff_edit_are_told_from_memory_too() {
    let mut place = Place::open(1).await;
    for who in ["oMei", "oBo", "oLi"] {
        place.tap(who).await;
    }
    let folder = tempfile::tempdir().unwrap();
    write_embedded(folder.path()).unwrap();
    let texts = folder.path().join("texts.toml");
    let edited = std::fs::read_to_string(&texts).unwrap().replace("这一批 {offered} 份已领完", "领光了");
    std::fs::write(&texts, edited).unwrap();
    let (content, _) = load_content(&Source::Folder(folder.path().to_owned())).unwrap();
    place.content.store(Arc::new(content));
    let (said, flow) = place.tap("oZhao").await;
    assert!(said.contains("领光了") && flow == "welfare_memory", "{said}");
}

#[tokio::test]
async fn it_is_never_the_reason_to_say_yes_and_late_by_a_second_at_most() {
    let mut place = Place::open(1).await;
    place.tap("oMei").await;
    place.tap("oBo").await;
    place.add(1).await;
    assert_eq!(place.tap("oLi").await.1, "welfare_memory", "late");
    place.now = place.now.plus(Duration::from_secs(1));
    assert!(place.tap("oWang").await.0.contains("领到了"), "one a second asks the store");
    assert_eq!(place.tap("oZhao").await.1, "welfare", "nothing is told from memory after that");
}

#[tokio::test]
async fn the_next_release_ends_it() {
    let mut place = Place::open(1).await;
    for who in ["oMei", "oBo", "oLi"] {
        place.tap(who).await;
    }
    place.now = place.now.plus(Duration::from_secs(86_400));
    assert!(place.tap("oLi").await.0.contains("领到了"));
}

#[tokio::test]
async fn two_releases_in_a_minute_are_not_mixed_up() {
    let mut two = terms(1);
    let at = |seconds: u64| When::At(TEN.plus(Duration::from_secs(seconds)));
    two.releases = vec![Rule { when: at(0), stock: 1 }, Rule { when: at(30), stock: 1 }];
    two.carry_over = false;
    let mut place = Place::with(two, Settings::default()).await;
    for who in ["oMei", "oBo", "oLi"] {
        place.tap(who).await;
    }
    assert_eq!(place.tap("oBo").await.1, "welfare_memory");
    place.now = TEN.plus(Duration::from_secs(30));
    assert!(place.tap("oBo").await.0.contains("领到了"));
}

#[tokio::test]
async fn a_retry_gets_the_same_bytes_whoever_answered() {
    let mut place = Place::open(1).await;
    let won = place.message("oMei", "领取W1", Some("claim-1"));
    let first = place.send(Arc::clone(&won)).await;
    place.tap("oBo").await;
    let lost = place.message("oLi", "领取W1", Some("claim-1"));
    let told = place.send(Arc::clone(&lost)).await;
    assert_eq!(told.flow, "welfare_memory");
    place.add(5).await;
    place.now = place.now.plus(Duration::from_secs(5));
    for (message, before) in [(won, first), (lost, told)] {
        let again = place.send(message).await;
        assert_eq!((&again.reply, again.reply_created), (&before.reply, before.reply_created));
    }
}

#[tokio::test]
async fn why_is_answered_after_it_and_ends_with_the_next_thing_said() {
    let mut place = Place::open(1).await;
    for who in ["oMei", "oBo", "oLi"] {
        place.tap(who).await;
    }
    let why = place.message("oLi", "为什么？", None);
    let why = place.send(why).await;
    assert!(text(&why).contains("先到先得"), "{}", text(&why));
    let other = place.message("oLi", "我的券包", None);
    place.send(other).await;
    let later = place.message("oLi", "为什么", None);
    assert!(!text(&place.send(later).await).contains("先到先得"));
}

#[tokio::test]
async fn who_taps_too_fast_is_told_to_wait_and_retries_cost_nothing() {
    let mut many = terms(100);
    many.per_person = Limits { release: None, day: None, week: None, month: None, in_all: None };
    let mut place = Place::with(many, Settings { tries_a_minute: 2 }).await;
    let first = place.message("oMei", "领取W1", Some("claim-1"));
    let told = place.send(Arc::clone(&first)).await;
    assert!(place.tap("oMei").await.0.contains("领到了"));
    let (too_fast, flow) = place.tap("oMei").await;
    assert!(too_fast.contains("太快") && flow == "welfare_memory", "{too_fast}");
    assert_eq!(place.send(first).await.reply, told.reply, "WeChat sent the first again");
    place.now = place.now.plus(Duration::from_secs(60));
    assert!(place.tap("oMei").await.0.contains("领到了"));
    assert_eq!(place.memory.counts().of(1).too_fast, 1);
}

#[tokio::test]
async fn a_restart_forgets_and_learns_again_who_has_one() {
    let mut place = Place::open(2).await;
    place.tap("oMei").await;
    place.tap("oBo").await;
    let memory = Memory::new(Settings::default());
    place.door = place.door.clone().with_memory(memory.clone());
    place.memory = memory;
    assert_eq!(place.tap("oLi").await.1, "welfare");
    assert_eq!(place.tap("oWang").await.1, "welfare_memory");
    assert!(place.tap("oMei").await.0.contains("您已经领过了（W1-000001）"));
}

#[tokio::test]
async fn a_typed_claim_is_answered_as_a_tap_is() {
    let mut place = Place::open(1).await;
    for who in ["oMei", "oBo"] {
        place.tap(who).await;
    }
    let typed = place.message("oLi", "领取W1", None);
    assert_eq!(place.send(typed).await.flow, "welfare_memory");
}

#[tokio::test]
async fn tries_from_within_the_dialogue_count_towards_the_pace() {
    let mut many = terms(100);
    many.per_person = Limits { release: None, day: None, week: None, month: None, in_all: None };
    let mut place = Place::with(many, Settings { tries_a_minute: 2 }).await;
    for _ in 0..2 {
        for words in ["福利", "1", "领取"] {
            let message = place.message("oMei", words, None);
            place.send(message).await;
        }
    }
    let typed = place.message("oMei", "领取W1", None);
    assert!(text(&place.send(typed).await).contains("太快"));
}

#[tokio::test]
async fn the_reason_of_an_older_answer_is_not_told_for_a_newer_one() {
    let mut place = Place::open(1).await;
    let mut members = terms(5);
    members.eligibility.who = crate::domain::eligibility::Who::Member;
    let made = move |tx: &mut crate::store::Tx| {
        let id = create(tx, members.clone())?.id;
        Ok(publish(tx, id)?.is_ok())
    };
    assert!(place.store.submit(place.moment(), made).await.unwrap());
    for who in ["oMei", "oBo", "oLi"] {
        place.tap(who).await;
    }
    let other = place.message("oLi", "领取W2", Some("claim-2"));
    place.send(other).await;
    let why = place.message("oLi", "为什么", None);
    assert!(!text(&place.send(why).await).contains("先到先得"));
}

#[tokio::test]
async fn claims_within_a_dialogue_are_held_back_too_and_retries_cost_nothing() {
    let mut many = terms(100);
    many.per_person = Limits { release: None, day: None, week: None, month: None, in_all: None };
    let mut place = Place::with(many, Settings { tries_a_minute: 2 }).await;
    for expected in ["领到了", "领到了", "太快"] {
        for words in ["福利", "1"] {
            let message = place.message("oMei", words, None);
            place.send(message).await;
        }
        let message = place.message("oMei", "领取", None);
        let told = place.send(Arc::clone(&message)).await;
        assert!(text(&told).contains(expected), "{}", text(&told));
        assert_eq!(place.send(message).await.reply, told.reply, "WeChat sent it again");
    }
    let why = place.message("oMei", "为什么", None);
    assert!(text(&place.send(why).await).contains("最多试领2次"));
    assert_eq!((place.memory.counts().of(1).given, place.memory.counts().of(1).too_fast), (2, 1));
    place.now = place.now.plus(Duration::from_secs(60));
    let message = place.message("oMei", "领取", None);
    assert!(text(&place.send(message).await).contains("领到了"), "the dialogue went on");
}

#[tokio::test]
async fn the_word_that_an_answer_from_memory_offers_is_understood_right_after_it() {
    let mut place = Place::open(1).await;
    place.tap("oMei").await;
    place.tap("oBo").await;
    let (gone, flow) = place.tap("oLi").await;
    assert!(gone.contains("提醒我") && flow == "welfare_memory", "{gone}");
    let said = async |place: &mut Place, words: &str| {
        let message = place.message("oLi", words, None);
        text(&place.send(message).await)
    };
    let promised = said(&mut place, "提醒我。").await;
    assert!(promised.contains("12月2日(周三) 10:00 开始前10分钟提醒您"), "{promised}");
    place.tap("oLi").await;
    said(&mut place, "你好").await;
    let later = said(&mut place, "提醒我").await;
    assert!(!later.contains("10分钟提醒您"), "something else was said meanwhile: {later}");
}
