mod runs;
mod sync;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::Date;

use super::lanes::Lanes;
use super::*;
use crate::domain::activity::record::Moved;
use crate::domain::benefit::record::CouponNumber;
use crate::domain::claim::record::{ClaimId, Page, PageState};
use crate::domain::contact::record::{Contact, FollowerId, Quotas};
use crate::domain::media::commands::want;
use crate::domain::media::record::{Flaw, MediaState};
use crate::domain::outbox::commands::{enqueue, take};
use crate::domain::outbox::record::{Delivery, Welfare};
use crate::domain::tables::{CATALOG, CLAIM_PAGES, CLAIM_PICTURES, CONTACTS, MEDIA, OUTBOX};
use crate::moment::{Clock, Moment, Time};
use crate::store::engine::memory::Memory;
use crate::store::testing::{Faulty, Switches, sealer};
use crate::store::{Options, Sealed, SealedFiles, Store, SubmitError};
use crate::wechat::api::{
    ArticleReads, Boxed, Failure, MassContent, MassStatus, Pause, Reaction, Unreachable,
};

/// A platform that answers as it is told to, then well.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Option<String>, Failure>>>,
    calls: Mutex<Vec<Call>>,
}

impl Platform for Script {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Taken, Failure>> {
        self.calls.lock().unwrap().push(call.clone());
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Ok(Some("77".to_owned())));
        let data_id =
            matches!(call, Call::Mass { content: MassContent::MpNews { .. }, .. }).then(|| "d7".to_owned());
        Box::pin(std::future::ready(answer.map(|msg_id| Taken { msg_id, data_id })))
    }

    fn mass_status<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<MassStatus, Failure>> {
        Box::pin(std::future::ready(Ok(MassStatus::Failed)))
    }

    fn article_reads(&self, sent_on: Date) -> Boxed<'_, Result<Vec<ArticleReads>, Failure>> {
        let read = |data_id: &str, times| ArticleReads { data_id: data_id.to_owned(), times };
        let told = vec![read("d7", 40), read("d7", 2), read("another", 9)];
        let that_day = sent_on.to_string() == "2026-12-01";
        Box::pin(std::future::ready(Ok(if that_day { told } else { Vec::new() })))
    }
}

struct Plain;

impl Words for Plain {
    fn online(&self) -> String {
        "线上".to_owned()
    }

    fn told(&self, _: &Tx, notice: &Notice) -> Result<Option<Told>, Fault> {
        let text = |content: &str| CustomMessage::Text { content: content.to_owned() };
        let form = |way| Form {
            way,
            template: "tpl".to_owned(),
            fields: BTreeMap::from([("thing1".to_owned(), "通知".to_owned())]),
            url: None,
        };
        Ok(match notice {
            Notice::Welfare(Welfare::Picture { coupon }) => {
                Some(Told { message: Message::Code(coupon.to_string()), form: None })
            }
            Notice::Said { text: words } => {
                Some(Told { message: Message::Ready(text(words.reveal())), form: None })
            }
            Notice::BroadcastPreview { .. } => {
                Some(Told { message: Message::Ready(text("预览")), form: None })
            }
            Notice::ActivityChanged { .. } => {
                Some(Told { message: Message::Ready(text("变更")), form: Some(form(Way::Template)) })
            }
            Notice::ActivityCancelled { .. } => {
                Some(Told { message: Message::Ready(text("取消")), form: Some(form(Way::Subscription)) })
            }
            Notice::AccountMoved { .. } => {
                let (table, key) = ("cases", "12".to_owned());
                return Err(Fault::Damaged { table, key, detail: "it is no case".to_owned() });
            }
            _ => None,
        })
    }
}

#[derive(Clone)]
struct Hand(Arc<Mutex<Time>>);

impl Clock for Hand {
    fn moment(&self) -> Moment {
        Moment { now: *self.0.lock().unwrap(), seed: 1 }
    }
}

struct Place {
    outbox: Outbox,
    script: Arc<Script>,
    clock: Hand,
    store: Store,
}

impl Place {
    fn new() -> Place {
        Place::on(Store::in_memory(CATALOG))
    }

    fn on(store: Store) -> Place {
        let clock = Hand(Arc::new(Mutex::new(Time::parse("2026-12-01T10:00:00+08:00").unwrap())));
        let script = Arc::new(Script::default());
        let rates =
            Rates { custom: 100_000, subscription: 100_000, template: 100_000, mass: 1, media: 1, lookup: 1 };
        let settings = Settings { rates, ..Settings::default() };
        let platform: Arc<dyn Platform> = Arc::<Script>::clone(&script);
        let outbox = Outbox::new(store.clone(), platform, Arc::new(Plain), Arc::new(clock.clone()), settings);
        Place { outbox, script, clock, store }
    }

    async fn run<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> T {
        self.store.submit(self.clock.moment(), command).await.unwrap()
    }

    /// A follower who has just written, or not for long.
    async fn follower(&self, who: &'static str, has_written: bool) {
        self.run(move |tx| {
            let now = tx.moment().now;
            let mut contact = Contact::new(now);
            if has_written {
                contact.reach.messaged(now, &Quotas::default());
            }
            tx.put(&CONTACTS, &FollowerId::new(who), &contact)
        })
        .await;
    }

    async fn enqueue(&self, who: &'static str, notice: Notice) -> u64 {
        self.run(move |tx| enqueue(tx, &FollowerId::new(who), notice.clone())).await
    }

    async fn state(&self, id: u64) -> Delivery {
        self.run(move |tx| tx.get(&OUTBOX, &id)).await.unwrap().state
    }

    async fn contact(&self, who: &'static str) -> Contact {
        self.run(move |tx| tx.get(&CONTACTS, &FollowerId::new(who))).await.unwrap()
    }

    fn answer(&self, answers: impl IntoIterator<Item = Result<Option<String>, Reaction>>) {
        let failure = |reaction| Failure {
            call: "/cgi-bin/message/custom/send",
            code: None,
            message: String::new(),
            reaction,
        };
        let answers = answers.into_iter().map(|answer| answer.map_err(failure));
        self.script.answers.lock().unwrap().extend(answers);
    }

    fn later(&self, span: Duration) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.plus(span);
    }

    /// Until nothing is due.
    async fn work(&self) {
        while self.outbox.step().await.unwrap() {}
    }

    fn calls(&self) -> Vec<(&'static str, String)> {
        let said = |call: &Call| match call {
            Call::Custom { message: CustomMessage::Text { content }, .. } => content.clone(),
            Call::Picture { code, .. } => format!("[{code}]"),
            Call::Preview { content, .. } => format!("preview of {content}"),
            Call::Template(message) => message.client_msg_id.clone().unwrap_or_default(),
            _ => String::new(),
        };
        self.script.calls.lock().unwrap().iter().map(|call| (call.lane().name(), said(call))).collect()
    }
}

fn said(text: &str) -> Notice {
    Notice::Said { text: Sealed::new(text.to_owned()) }
}

#[tokio::test]
async fn a_follower_in_the_window_gets_their_notices_in_order() {
    let place = Place::new();
    place.follower("oMei", true).await;
    for text in ["一", "二", "三"] {
        place.enqueue("oMei", said(text)).await;
    }
    place.work().await;
    let expected = ["一", "二", "三"].map(|text| ("custom", text.to_owned()));
    assert_eq!(place.calls(), expected);
    assert!(matches!(place.state(3).await, Delivery::Sent { way: Way::Custom, .. }));
}

#[tokio::test]
async fn what_was_told_since_a_refusal_ends_its_why_and_the_refusal_told_late_does_not() {
    let place = Place::new();
    let late = Notice::LateReply { message: 1, reply: Sealed::new("{}".to_owned()) };
    for (notice, why) in [(late, Some("规则".to_owned())), (said("您好"), None)] {
        place.follower("oMei", true).await;
        place
            .run(|tx| {
                let who = FollowerId::new("oMei");
                let contact = tx.get(&CONTACTS, &who)?.unwrap();
                tx.put(&CONTACTS, &who, &Contact { why: Some("规则".to_owned()), ..contact })
            })
            .await;
        place.enqueue("oMei", notice).await;
        place.work().await;
        assert_eq!(place.contact("oMei").await.why, why);
    }
}

/// While the message goes out, the disk fills.
struct Fills(Switches);

impl Platform for Fills {
    fn send<'a>(&'a self, _: &'a Call) -> Boxed<'a, Result<Taken, Failure>> {
        self.0.full(true);
        Box::pin(std::future::ready(Ok(Taken::default())))
    }

    fn mass_status<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<MassStatus, Failure>> {
        Box::pin(std::future::ready(Ok(MassStatus::Sent)))
    }

    fn article_reads(&self, _: Date) -> Boxed<'_, Result<Vec<ArticleReads>, Failure>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// Counts how often it is looked at.
struct Counting(Hand, Arc<AtomicU32>);

impl Clock for Counting {
    fn moment(&self) -> Moment {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.moment()
    }
}

#[tokio::test(start_paused = true)]
async fn what_became_of_a_message_is_written_down_however_long_the_disk_is_full() {
    let (engine, switches) = Faulty::new(Memory::default());
    let store = Store::open(Box::new(engine), Options::new(sealer(), CATALOG)).unwrap();
    let place = Place::on(store.clone());
    place.follower("oMei", true).await;
    let id = place.enqueue("oMei", said("您好")).await;
    let platform = Arc::new(Fills(switches.clone()));
    let tries = Arc::new(AtomicU32::new(0));
    let clock = Arc::new(Counting(place.clock.clone(), Arc::clone(&tries)));
    let outbox = Outbox::new(store, platform, Arc::new(Plain), clock, Settings::default());
    let working = tokio::spawn(async move { outbox.step().await });
    while tries.load(Ordering::SeqCst) < 200 && !working.is_finished() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    switches.full(false);
    working.await.unwrap().unwrap();
    assert!(matches!(place.state(id).await, Delivery::Sent { .. }));
}

#[tokio::test]
async fn five_messages_go_and_the_sixth_waits_for_the_next_tap() {
    let place = Place::new();
    place.follower("oMei", true).await;
    for _ in 0..6 {
        place.enqueue("oMei", said("通知")).await;
    }
    place.work().await;
    assert_eq!(place.calls().len(), 5);
    assert_eq!(place.state(6).await, Delivery::Waiting);
    let told = place.run(|tx| take(tx, &FollowerId::new("oMei"), 3)).await;
    assert_eq!(told, [said("通知")]);
}

#[tokio::test]
async fn what_staff_asked_to_see_needs_no_window() {
    let place = Place::new();
    place.follower("oMei", true).await;
    place.follower("oBo", false).await;
    for who in ["oMei", "oBo"] {
        place.enqueue(who, Notice::BroadcastPreview { broadcast: 1 }).await;
        place.work().await;
    }
    let expected = [("custom", "预览"), ("mass", "preview of 预览")];
    assert_eq!(place.calls(), expected.map(|(lane, says)| (lane, says.to_owned())));
    assert!(matches!(place.state(2).await, Delivery::Sent { way: Way::Preview, .. }));
}

#[tokio::test]
async fn with_the_window_shut_a_template_goes_with_an_id_that_stays_the_same() {
    let place = Place::new();
    place.follower("oMei", false).await;
    let id = place
        .enqueue("oMei", Notice::ActivityChanged { activity: 1, number: None, moved: Moved::Time })
        .await;
    place.answer([Err(Reaction::Uncertain), Err(Reaction::Retry)]);
    for _ in 0..3 {
        place.work().await;
        place.later(Duration::from_secs(20));
    }
    let calls = place.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| *call == calls[0] && call.0 == "template"));
    assert!(matches!(place.state(id).await, Delivery::Sent { msg_id: Some(_), .. }));
    assert_eq!(
        place.contact("oMei").await.reach.result_of("77"),
        Some(crate::domain::contact::record::Origin::Outbox(id))
    );
}

#[tokio::test]
async fn a_subscription_notice_needs_a_consent_and_uses_it_up() {
    let place = Place::new();
    place.follower("oMei", false).await;
    let cancelled = |reason: &str| Notice::ActivityCancelled { activity: 1, reason: reason.to_owned() };
    let first = place.enqueue("oMei", cancelled("雨")).await;
    place.work().await;
    assert_eq!((place.calls().len(), place.state(first).await), (0, Delivery::Waiting));
    place
        .run(|tx| {
            let who = FollowerId::new("oMei");
            let mut contact = tx.get(&CONTACTS, &who)?.unwrap();
            contact.reach.consent("tpl");
            tx.put(&CONTACTS, &who, &contact)
        })
        .await;
    place.enqueue("oMei", cancelled("雪")).await;
    place.enqueue("oMei", cancelled("风")).await;
    place.work().await;
    assert_eq!(place.calls(), [("subscription", String::new())]);
    assert_eq!(place.state(3).await, Delivery::Waiting);
}

#[tokio::test]
async fn when_wechat_says_the_window_is_shut_the_next_way_is_tried() {
    let place = Place::new();
    place.follower("oMei", true).await;
    place.enqueue("oMei", Notice::ActivityChanged { activity: 1, number: None, moved: Moved::Time }).await;
    place.answer([Err(Reaction::Unreachable(Unreachable::WindowClosed))]);
    place.work().await;
    let ways: Vec<_> = place.calls().into_iter().map(|(way, _)| way).collect();
    assert_eq!(ways, ["custom", "template"]);
    assert!(!place.contact("oMei").await.reach.custom_is_open(place.clock.moment().now));
}

#[tokio::test]
async fn who_does_not_follow_any_more_is_marked_so_and_told_nothing() {
    let place = Place::new();
    place.follower("oMei", true).await;
    let ids = [place.enqueue("oMei", said("一")).await, place.enqueue("oMei", said("二")).await];
    place.answer([Err(Reaction::Unreachable(Unreachable::NotFollowing))]);
    place.work().await;
    assert_eq!(place.calls().len(), 1);
    assert!(!place.contact("oMei").await.subscribed);
    for id in ids {
        assert!(matches!(place.state(id).await, Delivery::Unreachable { .. }));
    }
}

#[tokio::test]
async fn a_lane_that_is_too_fast_waits_and_nobody_is_forgotten() {
    let place = Place::new();
    for who in ["oMei", "oWang", "oQiang"] {
        place.follower(who, true).await;
        place.enqueue(who, said(who)).await;
    }
    let slow = || Err(Reaction::SlowDown(Pause::NextMinute));
    place.answer([slow(), slow(), slow()]);
    place.work().await;
    place.later(Duration::from_secs(59));
    place.work().await;
    assert_eq!(place.calls().len(), 3);
    place.later(Duration::from_secs(1));
    place.work().await;
    assert_eq!(place.calls().len(), 6);
    for id in 1..=3 {
        assert!(matches!(place.state(id).await, Delivery::Sent { .. }));
    }
}

#[tokio::test]
async fn what_a_lane_would_hold_up_for_long_goes_another_way() {
    for held_up in [Reaction::SlowDown(Pause::NextDay), Reaction::Misconfigured("48001")] {
        let place = Place::new();
        let moved = || Notice::ActivityChanged { activity: 1, number: None, moved: Moved::Time };
        for who in ["oMei", "oWang"] {
            place.follower(who, true).await;
            place.enqueue(who, moved()).await;
        }
        place.follower("oQiang", true).await;
        let words = place.enqueue("oQiang", said("您好")).await;
        place.answer((0..3).map(|_| Err(held_up.clone())));
        place.work().await;
        let ways: Vec<_> = place.calls().into_iter().map(|(way, _)| way).collect();
        assert_eq!(ways, ["custom", "custom", "custom", "template", "template"], "words have one way only");
        place.later(Duration::from_secs(14 * 3600));
        place.work().await;
        assert!(matches!(place.state(words).await, Delivery::Sent { way: Way::Custom, .. }));
    }
}

#[tokio::test]
async fn a_dead_platform_costs_nothing_but_delay() {
    let place = Place::new();
    for who in ["oMei", "oWang", "oQiang"] {
        place.follower(who, true).await;
        place.enqueue(who, said(who)).await;
    }
    place.answer((0..15).map(|_| Err(Reaction::Retry)));
    for _ in 0..40 {
        place.work().await;
        place.later(Duration::from_secs(120));
    }
    assert_eq!(place.calls().len(), 15 + 3);
    for id in 1..=3 {
        assert!(matches!(place.state(id).await, Delivery::Sent { .. }));
    }
}

#[tokio::test]
async fn staff_s_words_whose_fate_is_unknown_are_not_repeated() {
    let place = Place::new();
    place.follower("oMei", true).await;
    let id = place.enqueue("oMei", said("您好")).await;
    place.answer([Err(Reaction::Uncertain)]);
    for _ in 0..5 {
        place.work().await;
        place.later(Duration::from_secs(3600));
    }
    assert_eq!(place.calls().len(), 1);
    assert!(matches!(place.state(id).await, Delivery::MaybeSent { .. }));
}

#[tokio::test]
async fn what_can_not_be_told_at_all_is_taken_out() {
    let place = Place::new();
    place.follower("oMei", true).await;
    let reply = Sealed::new("{}".to_owned());
    let id = place.enqueue("oMei", Notice::LateReply { message: 1, reply }).await;
    place.enqueue("oMei", said("之后")).await;
    place.work().await;
    assert!(matches!(place.state(id).await, Delivery::Dropped { .. }));
    assert_eq!(place.calls(), [("custom", "之后".to_owned())]);
}

#[tokio::test]
async fn a_notice_of_what_is_damaged_holds_nobody_else_up() {
    let place = Place::new();
    place.follower("oMei", true).await;
    place.follower("oBo", true).await;
    let moved = |tx: &mut Tx| {
        let at = tx.moment().now;
        enqueue(tx, &FollowerId::new("oMei"), Notice::AccountMoved { at })
    };
    let damaged = place.run(moved).await;
    let said = place.run(|tx| enqueue(tx, &FollowerId::new("oBo"), said("您好"))).await;
    while place.outbox.step().await.unwrap() {}
    let state = |id| place.run(move |tx| Ok(tx.get(&OUTBOX, &id)?.map(|row| row.state)));
    assert!(matches!(state(said).await, Some(Delivery::Sent { .. })));
    assert_eq!(state(damaged).await, Some(Delivery::Pending), "it is tried again");
}

#[tokio::test]
async fn a_worker_sends_what_comes_and_stops_in_order() {
    let place = Place::new();
    place.follower("oMei", true).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let working = tokio::spawn(place.outbox.clone().run(stopped));
    let id = place.enqueue("oMei", said("您好")).await;
    while !matches!(place.state(id).await, Delivery::Sent { .. }) {
        tokio::task::yield_now().await;
    }
    stop.send(true).unwrap();
    working.await.unwrap();
    assert_eq!(place.calls().len(), 1);
}

/// Gives what it is told to, then a picture.
#[derive(Default)]
struct Album(Mutex<VecDeque<Result<Vec<u8>, Reaction>>>);

/// A small white one.
fn png() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(20, 30, image::Luma([255]))
        .write_to(&mut out, image::ImageFormat::Png)
        .unwrap();
    out.into_inner()
}

impl Gallery for Album {
    fn fetch<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<Vec<u8>, Failure>> {
        let given = self.0.lock().unwrap().pop_front().unwrap_or(Ok(png()));
        let failure =
            |reaction| Failure { call: "/cgi-bin/media/get", code: None, message: String::new(), reaction };
        Box::pin(std::future::ready(given.map_err(failure)))
    }
}

fn pictures(place: &Place, album: Album, folder: &std::path::Path) -> Pictures {
    Pictures {
        store: place.store.clone(),
        gallery: Arc::new(album),
        files: SealedFiles::new(folder, crate::store::testing::sealer()),
        clock: Arc::new(place.clock.clone()),
        lanes: Lanes::new(&Rates { media: 100_000, ..Rates::default() }),
        stats: Stats::default(),
        storing: Arc::default(),
    }
}

#[tokio::test]
async fn a_picture_survives_a_bad_hour_and_is_sealed_on_disk() {
    let (place, folder) = (Place::new(), tempfile::tempdir().unwrap());
    let album = Album(Mutex::new([Err(Reaction::Retry), Err(Reaction::Uncertain)].into()));
    let pictures = pictures(&place, album, folder.path());
    let id = place.run(|tx| want(tx, &FollowerId::new("oMei"), "m1")).await.unwrap();
    for _ in 0..3 {
        pictures.step().await.unwrap();
        place.later(Duration::from_secs(20));
    }
    let media = place.run(move |tx| tx.get(&MEDIA, &id)).await.unwrap();
    let MediaState::Kept { document, content_type, look, .. } = media.state else { panic!("{media:?}") };
    assert_eq!(content_type, "image/png");
    let look = look.unwrap();
    assert_eq!((look.width, look.height, look.flaw), (20, 30, Some(Flaw::TooSmall)));
    assert_eq!(&pictures.files.get(&document).unwrap()[..], png());
    place.later(Duration::from_secs(40 * 86_400));
    pictures.expire().await.unwrap();
    assert!(pictures.files.get(&document).is_err(), "its time is over");
}

#[tokio::test]
async fn a_picture_of_something_damaged_holds_no_other_up() {
    const ANY: crate::store::Table<ClaimId, String> = crate::store::Table::durable(0xa8, "claims");
    const ANY_MEDIA: crate::store::Table<u64, String> = crate::store::Table::durable(0x38, "media");
    let (place, folder) = (Place::new(), tempfile::tempdir().unwrap());
    let pictures = pictures(&place, Album::default(), folder.path());
    for name in ["m1", "m2", "m3"] {
        place.run(move |tx| want(tx, &FollowerId::new("oMei"), name)).await;
    }
    place
        .run(|tx| {
            let (claim, slot, now) = (ClaimId(1), "invoice".to_owned(), tx.moment().now);
            tx.put(&ANY_MEDIA, &1, &"nonsense".to_owned())?;
            tx.put(&ANY, &claim, &"nonsense".to_owned())?;
            let page = Page { picture: 2, added: now, state: PageState::Coming };
            tx.put(&CLAIM_PAGES, &(claim, slot.clone(), 1), &page)?;
            tx.put(&CLAIM_PICTURES, &2, &(claim, slot, 1))
        })
        .await;
    let state = |id| place.run(move |tx| Ok(tx.get(&MEDIA, &id)?.map(|media| media.state.name())));
    pictures.step().await.unwrap();
    assert_eq!(state(3).await, Some("kept"));
    assert_eq!(state(2).await, Some("wanted"), "it is tried again");
    assert!(!pictures.step().await.unwrap(), "later");
}

#[tokio::test]
async fn what_is_gone_or_no_picture_is_asked_for_again() {
    let (place, folder) = (Place::new(), tempfile::tempdir().unwrap());
    place.follower("oMei", true).await;
    let album = Album(Mutex::new(
        [Err(Reaction::Permanent), Ok(b"<html>".to_vec()), Ok(png()[..40].to_vec())].into(),
    ));
    let pictures = pictures(&place, album, folder.path());
    for name in ["m1", "m2", "m3"] {
        place.run(move |tx| want(tx, &FollowerId::new("oMei"), name)).await;
    }
    pictures.step().await.unwrap();
    for id in [1, 2, 3] {
        let media = place.run(move |tx| tx.get(&MEDIA, &id)).await.unwrap();
        assert!(matches!(media.state, MediaState::Lost { .. }));
        let notice = place.run(move |tx| tx.get(&OUTBOX, &id)).await.unwrap().notice;
        assert!(matches!(notice, Notice::PictureLost { .. }));
    }
}

#[tokio::test]
async fn a_coupons_picture_is_sent_after_what_was_said_before_and_tried_again() {
    let place = Place::new();
    place.follower("oMei", true).await;
    place.enqueue("oMei", said("一")).await;
    let picture = Notice::Welfare(Welfare::Picture { coupon: CouponNumber { benefit: 1, number: 7 } });
    let id = place.enqueue("oMei", picture).await;
    place.answer([Ok(None), Err(Reaction::Retry)]);
    place.work().await;
    place.later(Duration::from_secs(60));
    place.work().await;
    let calls = place.calls();
    let said: Vec<&str> = calls.iter().map(|(_, said)| said.as_str()).collect();
    assert_eq!(said, ["一", "[W1-000007]", "[W1-000007]"]);
    assert!(matches!(place.state(id).await, Delivery::Sent { way: Way::Custom, .. }));
    let calls = format!("{:?}", place.script.calls.lock().unwrap());
    assert!(!calls.contains("W1-000007"), "a code is no log line: {calls}");
}

#[tokio::test]
async fn a_picture_is_no_part_of_an_answer_and_stays_to_be_sent() {
    let place = Place::new();
    place.follower("oMei", false).await;
    let picture = Notice::Welfare(Welfare::Picture { coupon: CouponNumber { benefit: 1, number: 7 } });
    let id = place.enqueue("oMei", picture).await;
    place.enqueue("oMei", said("一")).await;
    place.work().await;
    assert_eq!(place.state(id).await, Delivery::Waiting);
    let told = place.run(|tx| take(tx, &FollowerId::new("oMei"), 3)).await;
    assert_eq!(told.len(), 1);
    place.follower("oMei", true).await;
    place.work().await;
    assert_eq!(place.calls(), [("custom", "[W1-000007]".to_owned())]);
}
