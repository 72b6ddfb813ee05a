//! What is left of a follower's own words once they had themselves erased: every row of the store is read as far as
//! anybody with all the keys could.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use serde::de::value::BytesDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::service::Service;
use crate::domain::activity::record::Profile;
use crate::domain::contact::record::{FollowerId, Given, GivenAnswer};
use crate::domain::media::commands::{Fetched, due, expire, removed, settle};
use crate::domain::media::record::Look;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{CATALOG, CONTACTS, PROFILES};
use crate::domain::timers::fire_due;
use crate::moment::{Clock, Time};
use crate::store::{Bytes, Durability, Fault, Key, Sealed, Store, Table, Tx};
use crate::wechat::Mode;
use crate::wechat::reply::Reply;

const MEI: &str = "oUnion_mei_0000000000000001a";
const NAME: &str = "欧阳样例";
const IDENTITY: &str = "330299199001010017";
const PHONE: &str = "13900000001";
const CARD: &str = "6200000000000001";
const SLOTS: u64 = 40;

/// A stored key, whatever it is made of.
struct AnyKey(Vec<u8>);

impl Key for AnyKey {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        Some(AnyKey(std::mem::take(from).to_vec()))
    }
}

/// All texts of a row, also of its sealed fields; and bytes that are sealed some other way.
#[derive(Default)]
struct Texts {
    texts: Vec<String>,
    shut: Vec<Vec<u8>>,
}

impl Texts {
    fn add(&mut self, other: Texts) {
        self.texts.extend(other.texts);
        self.shut.extend(other.shut);
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts { texts: vec![text.to_owned()], shut: Vec::new() })
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Texts, E> {
        let sealed = Sealed::<Texts>::deserialize(BytesDeserializer::<E>::new(bytes));
        Ok(sealed
            .map_or_else(|_| Texts { texts: Vec::new(), shut: vec![bytes.to_vec()] }, Sealed::into_revealed))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Texts, A::Error> {
        let mut all = Texts::default();
        while let Some(part) = parts.next_element::<Texts>()? {
            all.add(part);
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Texts, A::Error> {
        let mut all = Texts::default();
        while let Some((name, value)) = parts.next_entry::<Texts, Texts>()? {
            all.add(name);
            all.add(value);
        }
        Ok(all)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Texts, E> {
        Ok(Texts::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Texts, E> {
        Ok(Texts::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Texts, E> {
        Ok(Texts::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Texts, E> {
        Ok(Texts::default())
    }

    fn visit_unit<E>(self) -> Result<Texts, E> {
        Ok(Texts::default())
    }

    fn visit_none<E>(self) -> Result<Texts, E> {
        Ok(Texts::default())
    }
}

/// Every row as text: its table, its key, and what it holds.
async fn everything(service: &Service) -> Vec<(&'static str, String)> {
    let all = RefCell::new(Vec::new());
    for info in CATALOG {
        let table: Table<AnyKey, Texts> = match info.durability {
            Durability::Durable => Table::durable(info.prefix, info.name),
            Durability::Relaxed => Table::relaxed(info.prefix, info.name),
        };
        let rows = service.store.read(service.moment(), move |tx| {
            let mut rows = Vec::new();
            for (AnyKey(key), mut row) in tx.scan(&table, &(), None, 1000)?.rows {
                let shut: Vec<Bytes> = row.shut.drain(..).map(Bytes).collect();
                for (sealed, slot) in
                    shut.iter().flat_map(|sealed| (0..SLOTS).map(move |slot| (sealed, slot)))
                {
                    if let Ok(Some(opened)) = tx.open_for::<Texts>(slot, sealed) {
                        row.add(opened);
                    }
                }
                rows.push(format!("{} {}", String::from_utf8_lossy(&key), row.texts.join(" ")));
            }
            if info.prefix == CONTACTS.info().prefix {
                rows.extend(answers(tx)?);
            }
            Ok(rows)
        });
        let rows = rows.await.unwrap();
        all.borrow_mut().extend(rows.into_iter().map(|row| (info.name, row)));
    }
    all.into_inner()
}

/// What Mei was answered, as far as it is kept for retries.
fn answers(tx: &Tx) -> Result<Vec<String>, Fault> {
    let who = FollowerId::new(MEI);
    let Some(contact) = tx.get(&CONTACTS, &who)? else { return Ok(Vec::new()) };
    let mut texts = Vec::new();
    for GivenAnswer { key, given, .. } in contact.seen.answers {
        let text = match given {
            Given::Nothing | Given::Shared(_) => None,
            Given::Public(reply) => Some(reply.to_vec()),
            Given::Private(sealed) => tx.open_apart(&Given::owner(&who, key), &sealed)?,
            Given::Own(sealed) => {
                let sealed = Bytes(sealed.to_vec());
                let reply = (0..SLOTS).find_map(|slot| tx.open_for::<Reply>(slot, &sealed).ok()?);
                reply.map(|reply| format!("{reply:?}").into_bytes())
            }
        };
        texts.extend(text.map(|text| String::from_utf8_lossy(&text).into_owned()));
    }
    Ok(texts)
}

/// The tables in which any of these stands.
async fn tables_with(service: &Service, planted: &[&str]) -> Vec<&'static str> {
    let rows = everything(service).await;
    let found = rows.into_iter().filter(|(_, row)| planted.iter().any(|planted| row.contains(planted)));
    let mut tables: Vec<_> = found.map(|(table, _)| table).collect();
    tables.dedup();
    tables
}

struct Mei<'a> {
    service: &'a Service,
    sent: std::cell::Cell<u64>,
}

impl Mei<'_> {
    async fn says(&self, words: &str) -> String {
        self.posts(&format!("<MsgType>text</MsgType><Content>{words}</Content>")).await
    }

    async fn posts(&self, fields: &str) -> String {
        self.service.clock.advance(Duration::from_secs(5));
        self.sent.set(self.sent.get() + 1);
        let (now, id) = (self.service.moment().now.unix_s(), self.sent.get());
        let account = super::service::ACCOUNT;
        let xml = format!(
            "<xml><ToUserName>{account}</ToUserName><FromUserName>{MEI}</FromUserName>\
             <CreateTime>{now}</CreateTime>{fields}<MsgId>{id}</MsgId></xml>"
        );
        self.service.post(&xml).await.unwrap()
    }

    async fn verifies(&self) -> String {
        for words in ["会员认证", "同意", NAME, IDENTITY, PHONE, "跳过"] {
            self.says(words).await;
        }
        self.says("确认").await
    }
}

/// The worker's part: pictures are fetched, due timers fire.
async fn works(store: &Store, clock: &impl Clock) {
    let fetched = store.submit(clock.moment(), |tx| {
        for (id, _) in due(tx, 9)? {
            let document = format!("document{id}");
            let content_type = "image/jpeg".to_owned();
            settle(tx, id, &Fetched::Kept { document, bytes: 9, content_type, look: Look::default() })?;
        }
        Ok(())
    });
    fetched.await.unwrap();
    fire_due(store, || clock.moment()).await.unwrap();
}

fn start() -> Service {
    Service::start(Mode::Plain, Time::parse("2026-11-25T09:00:00+08:00").unwrap(), false, None).unwrap()
}

fn reads<T: DeserializeOwned>(stored: &[u8]) -> T {
    rmp_serde::from_slice(stored).unwrap()
}

#[test]
fn texts_are_found_wherever_they_stand_in_a_row() {
    let stored =
        rmp_serde::to_vec_named(&(1, "一", [("二", Some(true))], Bytes(b"sealed".to_vec()))).unwrap();
    let Texts { texts, shut } = reads(&stored);
    assert_eq!((texts, shut), (vec!["一".to_owned(), "二".to_owned()], vec![b"sealed".to_vec()]));
}

#[tokio::test]
async fn an_erased_member_s_name_numbers_card_and_photos_stand_nowhere() {
    let service = start();
    let mei = Mei { service: &service, sent: 0.into() };
    let planted = [NAME, IDENTITY, PHONE, CARD];
    let row = serde_json::json!({
        "name": NAME, "identity": IDENTITY, "phone": PHONE, "union": "样例厂工会",
        "card": { "number": CARD, "bank": "样例银行" },
    });
    let registrar = crate::staff::Caller::new("he", vec![crate::staff::Role::Member]);
    let call = || service.call(registrar.clone());

    // First she is not on the list: words outside of any dialogue, a draft, an application with a photo.
    mei.says(&format!("我是{NAME}，身份证{IDENTITY}")).await;
    mei.verifies().await;
    mei.says("请工会核实").await;
    mei.says("样例厂工会").await;
    mei.posts("<MsgType>image</MsgType><MediaId>m1</MediaId>").await;
    works(&service.store, &*service.clock).await;
    mei.says("发完了").await;
    crate::staff::member::approve(&call(), 1, Default::default()).await.unwrap();
    let entered = serde_json::from_value(row).unwrap();
    crate::staff::member::add(&call(), entered).await.unwrap();
    let why = "核对领奖人".to_owned();
    crate::staff::member::look(&call(), "M000001".parse().unwrap(), why).await.unwrap();
    mei.says("我的资料").await;
    assert!(mei.says("导出我的资料").await.contains(IDENTITY));
    let said = service.store.submit(service.moment(), |tx| {
        let text = Sealed::new(format!("{NAME}您好"));
        enqueue(tx, &FollowerId::new(MEI), Notice::Said { text })?;
        let answers = [("phone".to_owned(), Sealed::new(PHONE.to_owned()))].into();
        tx.put(&PROFILES, &FollowerId::new(MEI), &Profile { answers })
    });
    said.await.unwrap();
    let before = tables_with(&service, &planted).await;
    assert!(
        before.contains(&"members") && before.contains(&"contacts") && before.contains(&"outbox"),
        "{before:?}"
    );

    service.clock.advance(Duration::from_secs(86_400));
    mei.says("注销").await;
    assert!(mei.says("确认注销").await.contains("已经注销"));
    assert_eq!(tables_with(&service, &planted).await, Vec::<&str>::new());
    service.clock.advance(Duration::from_secs(61));
    works(&service.store, &*service.clock).await;
    let (documents, _) = service.store.submit(service.moment(), |tx| expire(tx, 9)).await.unwrap();
    assert_eq!(documents, ["document1"], "the photo's file is deleted");
    service.store.submit(service.moment(), move |tx| removed(tx, &documents)).await.unwrap();
    mei.says("我的").await;
    let left = tables_with(&service, &[NAME, IDENTITY, PHONE, CARD, "document1", "样例厂工会"]).await;
    assert_eq!(left, Vec::<&str>::new(), "nor which unit was named in what was asked");
}

#[tokio::test]
async fn a_draft_that_was_given_up_goes_with_who_stops_following() {
    let service = start();
    let mei = Mei { service: &service, sent: 0.into() };
    for words in ["会员认证", "同意", NAME, IDENTITY] {
        mei.says(words).await;
    }
    assert_eq!(tables_with(&service, &[NAME, IDENTITY]).await, ["contacts"]);
    mei.posts("<MsgType>event</MsgType><Event>unsubscribe</Event>").await;
    assert_eq!(tables_with(&service, &[NAME, IDENTITY]).await, Vec::<&str>::new());
}
