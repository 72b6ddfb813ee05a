//! What is told of a person in a claim is nowhere in clear: not in the store's files or the documents, not in a log, a
//! metric or an error of the API. And a store that is closed and opened in mid-payment pays nobody twice.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::body::Body;
use gonghui::content::Source;
use gonghui::dispatch::load_content;
use gonghui::dispatch::memory::Counts;
use gonghui::domain::case::{draft as asking, record as case};
use gonghui::domain::claim::draft::{appeal, begin, own, submit, tell, tell_account};
use gonghui::domain::claim::record::{BankAccount, Invoice};
use gonghui::domain::claim::{pages, payment};
use gonghui::domain::contact::record::FollowerId;
use gonghui::domain::media::commands::{Fetched, settle, want};
use gonghui::domain::media::record::Look;
use gonghui::domain::member::binding::{Claim as Verified, bind};
use gonghui::domain::member::identity;
use gonghui::domain::member::list::{Listed, enter, index};
use gonghui::domain::scheme::commands::{adopt, key_of};
use gonghui::domain::scheme::file::{EMBEDDED, read};
use gonghui::domain::scheme::record::{Fen, Policy};
use gonghui::domain::scheme::rules::EventKind;
use gonghui::domain::tables::{CATALOG, OUTBOX, POLICIES};
use gonghui::flows::notices;
use gonghui::moment::{Clock, Moment, Time};
use gonghui::server::api::{Access, Api, Bearer, Limits, Outgoing, router};
use gonghui::server::{Metrics, metrics};
use gonghui::staff::{Caller, Role, consistency};
use gonghui::store::engine::journal::Journal;
use gonghui::store::{Fault, KeyBook, Options, Sealed, SealedFiles, Sealer, Store, Tx};
use http_body_util::BodyExt;
use hyper::Request;
use jiff::civil::date;
use serde_json::json;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

const AT: Moment = Moment { now: Time::from_unix_s(1_796_090_400), seed: 5 };
const NAME: &str = "欧阳种子";
const HOSPITAL: &str = "种植第七医院";
const DIAGNOSIS: &str = "罕见种子病";
const ACCOUNT: &str = "6217009876543210123";
const PHONE: &str = "13912345678";
const WORDS: &str = "电话里说是种子病";
const APPEAL: &str = "种下的病已经转移";
const PAPER: &str = "a picture of the planted discharge paper";

struct Standing;

impl Clock for Standing {
    fn moment(&self) -> Moment {
        AT
    }
}

fn number() -> String {
    let body = "33029919800101777";
    format!("{body}{}", char::from(identity::check(body.as_bytes())))
}

/// Everything that is written to the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct House {
    folder: tempfile::TempDir,
    store: Store,
    documents: SealedFiles,
    registry: prometheus_client::registry::Registry,
    metrics: Metrics,
}

fn sealer(folder: &Path) -> Sealer {
    let book = KeyBook::open(&folder.join("store.keys"), |bytes| {
        bytes.fill(9);
        Ok(())
    });
    Sealer::new(&[7; 32], &[]).with_book(book.unwrap())
}

fn open(folder: &Path) -> Store {
    let engine = Box::new(Journal::new(folder.join("store"), 8 << 20));
    Store::open(engine, Options::new(sealer(folder), CATALOG)).unwrap()
}

impl House {
    fn new() -> House {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let documents = SealedFiles::new(folder.path().join("documents"), Sealer::new(&[7; 32], &[]));
        let mut registry = metrics::registry();
        let metrics = Metrics::register(&mut registry);
        store.stats().register(&mut registry);
        House { folder, store, documents, registry, metrics }
    }

    async fn reopened(&mut self) {
        self.store.close().await.unwrap();
        self.store = open(self.folder.path());
    }

    async fn run<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> T {
        self.store.submit(AT, command).await.unwrap()
    }

    async fn call(&self, token: &str, method: &str, path: &str, body: String) -> (u16, String) {
        let bearer = |name: &str, roles: Vec<Role>| Bearer {
            caller: Caller::new(name, roles),
            token_sha256: Sha256::digest(name).into(),
            until: None,
        };
        let staff = vec![
            bearer("wang", vec![Role::Claim]),
            bearer("li", vec![Role::Claim]),
            bearer("zhou", vec![Role::Claim]),
            bearer("feng", vec![Role::Payment]),
            bearer("wei", vec![Role::Payment]),
            bearer("chen", vec![Role::Case]),
        ];
        let router = router(Api {
            store: self.store.clone(),
            clock: Arc::new(Standing),
            content: Arc::new(ArcSwap::from_pointee(load_content(&Source::Embedded).unwrap().0)),
            access: Arc::new(Access::new(staff)),
            metrics: self.metrics.clone(),
            limits: Limits { body_max: 64 << 10, body_timeout: Duration::from_secs(5) },
            outgoing: Outgoing::new(self.folder.path().join("outgoing")),
            broadcasts: gonghui::staff::broadcast::Policy::default(),
            documents: self.documents.clone(),
            claims: Counts::default(),
            wechat: None,
        });
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {token}"))
            .header("idempotency-key", hex::encode(Sha256::digest(format!("{token}{path}{body}"))))
            .body(Body::from(body))
            .unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn acts(&self, who: &str, id: &str, body: serde_json::Value) -> (u16, String) {
        self.call(who, "POST", &format!("/claims/{id}/acts"), body.to_string()).await
    }

    /// All that is in the outbox, as it would be sent now: as a message, and in the fields of a form.
    async fn pushed(&self) -> String {
        let content = Arc::new(load_content(&Source::Embedded).unwrap().0);
        self.run(move |tx| {
            let mut said = String::new();
            for (_, row) in tx.scan(&OUTBOX, &(), None, 200)?.rows {
                let reply = notices::reply(tx, &content, &row.notice)?;
                let form = notices::form(tx, &content, &row.notice)?;
                said.push_str(&format!("{} {reply:?} {form:?}\n", row.notice.name()));
            }
            Ok(said)
        })
        .await
    }

    /// A case that tells of it in its answers and its messages, handed in.
    async fn asked(&self) -> String {
        let mei = || FollowerId::new("oMei");
        let stage = |name: &str| case::Stage {
            name: name.to_owned(),
            title: "调解".to_owned(),
            limit: case::Limit::Days(5),
            class: None,
        };
        let plan = case::Plan {
            title: "维权".to_owned(),
            version: 1,
            desk: "rights".to_owned(),
            steps: vec![stage("intake")],
            classes: vec![stage("plain")],
            urgent: case::Limit::Days(1),
            answer_days: 30,
            appeal_days: 30,
            keep_days: 60,
            rating: true,
            pairs: false,
            kept_by_law: false,
            round: None,
        };
        let begun = plan.clone();
        let id = self.run(move |tx| asking::begin(tx, &mei(), "rights", begun.clone())).await.unwrap();
        self.run(move |tx| {
            let of = |tx: &Tx| asking::own(tx, &mei(), id).map(Result::unwrap);
            for (name, value) in [("unit", HOSPITAL), ("words", DIAGNOSIS), ("phone", PHONE)] {
                let answer = case::Answer {
                    title: name.to_owned(),
                    order: 0,
                    hidden: true,
                    shared: false,
                    value: Sealed::new(value.to_owned()),
                    pictures: Vec::new(),
                };
                let own = of(tx)?;
                asking::answer(tx, &own, name, &answer)?.unwrap();
            }
            let own = of(tx)?;
            asking::submit(tx, &own, plan.clone(), None)?.unwrap();
            let own = of(tx)?;
            asking::say(tx, &own, WORDS, None).map(drop)
        })
        .await;
        id.to_string()
    }

    /// A claim that tells all of it, handed in.
    async fn planted(&self) -> String {
        let files: Vec<_> = EMBEDDED.iter().map(|(name, text)| read(name, text).unwrap()).collect();
        self.run(move |tx| adopt(tx, &files)).await.unwrap();
        let row = Listed {
            name: NAME.to_owned(),
            identity: number(),
            phone: Some(PHONE.to_owned()),
            district: "鄞州".to_owned(),
            union: "一中工会".to_owned(),
            ..Listed::default()
        };
        self.run(move |tx| enter(tx, &row, false)).await;
        let (name, phone) = (NAME.to_owned(), PHONE.to_owned());
        let said = Verified { name, identity: number(), phone, union: String::new() };
        let mei = || FollowerId::new("oMei");
        self.run(move |tx| bind(tx, &mei(), &said, false)).await.unwrap();
        self.run(|tx| {
            let policy = Policy::of_unit("一中工会", date(2026, 4, 10), date(2027, 4, 30));
            let programme = "inpatient_active".to_owned();
            let key = (index(tx, &number())?, "ningbo".to_owned(), programme, key_of(date(2026, 5, 1)));
            tx.put(&POLICIES, &key, &policy)
        })
        .await;
        let id = self.run(move |tx| begin(tx, &mei(), EventKind::Inpatient)).await.unwrap();
        self.run(move |tx| {
            let own = own(tx, &mei(), id)?.unwrap();
            tell(tx, &own, |details| {
                details.facts.admitted = Some(date(2026, 10, 20));
                details.facts.discharged = Some(date(2026, 10, 28));
                details.facts.hospital = HOSPITAL.to_owned();
                details.facts.self_borne = Some(Fen::yuan(2_000));
                details.facts.personal_amount = Some(Fen::yuan(2_000));
                details.diagnosis = DIAGNOSIS.to_owned();
                details.account = Some(account());
                details.invoices = vec![Invoice {
                    code: "33060126".to_owned(),
                    number: "7700123456".to_owned(),
                    check: String::new(),
                    issued: None,
                    amount: Fen::yuan(9_000),
                    read: false,
                    corrects: None,
                    confirmed: true,
                }];
            })
        })
        .await
        .unwrap();
        for slot in ["invoice", "settlement", "discharge", "id_card", "bank_card"] {
            let paper = format!("{PAPER}: {slot}");
            let (document, bytes) = (self.documents.put(paper.as_bytes()).unwrap(), paper.len() as u64);
            self.run(move |tx| {
                let picture = want(tx, &mei(), slot)?.unwrap();
                pages::add(tx, id, slot, picture, 9)?.unwrap();
                let (document, content_type) = (document.clone(), "image/jpeg".to_owned());
                settle(tx, picture, &Fetched::Kept { document, bytes, content_type, look: Look::default() })
            })
            .await;
        }
        self.run(move |tx| submit(tx, &own(tx, &mei(), id)?.unwrap())).await.unwrap();
        id.to_string()
    }
}

fn account() -> BankAccount {
    BankAccount { holder: NAME.to_owned(), number: ACCOUNT.to_owned(), bank: "宁波银行".to_owned() }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found
}

fn holds(bytes: &[u8], planted: &str) -> bool {
    bytes.windows(planted.len()).any(|window| window == planted.as_bytes())
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_of_a_claim_is_in_clear_and_nobody_is_paid_twice() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let mut house = House::new();
    let id = house.planted().await;
    let mut told = String::new();
    let entry =
        json!({ "act": "enter", "hospital": HOSPITAL, "diagnosis": DIAGNOSIS, "self_borne": "1500.00" });
    let missing = json!({ "slot": "discharge", "reason": "missing" });
    let asking = json!({ "act": "ask", "papers": [missing], "words": WORDS });
    let mut pushed = String::new();
    let decline = json!({ "act": "decline", "reason": "other", "words": "请补充说明" });
    let (status, body) = house.acts("zhou", &id, decline).await;
    assert_eq!(status, 200, "{body}");
    let claim = id.parse().unwrap();
    let appeals = move |tx: &mut Tx| appeal(tx, &own(tx, &FollowerId::new("oMei"), claim)?.unwrap(), APPEAL);
    house.run(appeals).await.unwrap();
    for (who, act, expected) in [
        ("wang", json!({ "act": "hold", "reason": WORDS }), 200),
        ("wang", json!({ "act": "unhold", "reason": WORDS }), 200),
        ("zhao", json!({ "act": "take" }), 401),
        ("feng", json!({ "act": "take" }), 403),
        ("wang", json!({ "act": "approve", "reason": WORDS }), 409),
        ("wang", json!({ "act": "enter", "hospital": HOSPITAL, "account": ACCOUNT }), 422),
        ("wei", entry.clone(), 403),
        ("wang", asking, 200),
        ("wang", json!({ "act": "supply", "reason": WORDS }), 200),
        ("wang", json!({ "act": "accept" }), 200),
        ("wang", json!({ "act": "approve" }), 200),
        ("li", json!({ "act": "approve" }), 200),
    ] {
        let (status, body) = house.acts(who, &id, act.clone()).await;
        assert_eq!(status, expected, "{who} {act}: {body}");
        told.push_str(&body);
        // A notice says what is so when it is sent.
        pushed.push_str(&house.pushed().await);
    }
    for path in ["/claims?state=approved", &format!("/claims/{id}"), "/payments", "/claims/L000999"] {
        let (_, body) = house.call("wang", "GET", path, String::new()).await;
        // What staff wrote is shown with the claim, to them alone.
        told.push_str(&body.replace(WORDS, ""));
    }
    let look = json!({ "reason": "核对" }).to_string();
    let full = house.call("wang", "POST", &format!("/claims/{id}/look"), look).await;
    assert!([HOSPITAL, APPEAL, &number()].iter().all(|word| full.1.contains(word)), "a look shows it");

    let case = house.asked().await;
    for act in [json!({ "act": "message", "words": WORDS }), json!({ "act": "note", "reason": WORDS })] {
        let (status, body) =
            house.call("chen", "POST", &format!("/cases/{case}/acts"), act.to_string()).await;
        assert_eq!(status, 200, "{body}");
        told.push_str(&body);
    }
    for path in ["/cases", &format!("/cases/{case}")] {
        told.push_str(&house.call("chen", "GET", path, String::new()).await.1);
    }
    let look = json!({ "reason": "受理" }).to_string();
    let full = house.call("chen", "POST", &format!("/cases/{case}/look"), look).await;
    assert!(full.1.contains(HOSPITAL) && full.1.contains(WORDS), "a look shows it");

    // The batch is begun, and the service stops before it is filled; again after it is released.
    let feng = Caller::new("feng", vec![Role::Payment]);
    let maker = gonghui::domain::claim::review::Reviewer {
        name: feng.name.clone(),
        member: None,
        levels: Vec::new(),
    };
    house.run(move |tx| payment::begin(tx, &maker, "ningbo")).await.unwrap();
    house.reopened().await;
    let made = house.call("feng", "POST", "/payments", json!({ "scheme": "ningbo" }).to_string()).await;
    assert!(made.1.contains("\"frozen\"") && made.1.contains("\"count\":1"), "{}", made.1);
    told.push_str(&made.1);
    told.push_str(&house.call("wei", "POST", "/payments/1/release", String::new()).await.1);
    house.reopened().await;
    let exported = house.call("feng", "POST", "/payments/1/export", String::new()).await;
    assert!(exported.1.contains(ACCOUNT), "the bank's file has it");
    // The bank names whom it can't pay to, and their account.
    let failed = format!("number,result,reason\n1-{id},failed,户名{NAME}与账号{ACCOUNT}不符\n");
    let done = house.call("feng", "POST", "/payments/1/results", failed).await;
    assert!(done.1.contains("\"booked\":1"), "{}", done.1);
    told.push_str(&done.1);
    pushed.push_str(&house.pushed().await);
    let again = move |tx: &mut Tx| {
        let own = own(tx, &FollowerId::new("oMei"), claim)?.unwrap();
        tell_account(tx, &own, &account())
    };
    house.run(again).await.unwrap();
    let (status, body) = house.acts("wang", &id, json!({ "act": "confirm_account" })).await;
    assert_eq!(status, 200, "{body}");
    let made = house.call("wei", "POST", "/payments", json!({ "scheme": "ningbo" }).to_string()).await;
    assert!(made.1.contains("\"number\":2") && made.1.contains("\"count\":1"), "{}", made.1);
    told.push_str(&house.call("feng", "POST", "/payments/2/release", String::new()).await.1);
    let results = format!("number,result,reason\n{id},paid,\n");
    for booked in [1, 0] {
        let done = house.call("feng", "POST", "/payments/2/results", results.clone()).await;
        assert!(done.1.contains(&format!("\"booked\":{booked}")), "{}", done.1);
        told.push_str(&done.1);
        house.reopened().await;
    }
    pushed.push_str(&house.pushed().await);
    for news in ["claim_moved", "case_entry", "户名和银行账号对不上", "已到账", "留了言", "另有说明，点"]
    {
        assert!(pushed.contains(news), "{news} is told: {pushed}");
    }
    let audit = consistency::audit(&house.store, AT).await.unwrap();
    assert_eq!((audit.broken, audit.claims, audit.books), (Vec::<String>::new(), 1, 1));

    house.store.close().await.unwrap();
    let mut counted = String::new();
    prometheus_client::encoding::text::encode(&mut counted, &house.registry).unwrap();
    let log = log.0.lock().unwrap().clone();
    assert!(!log.is_empty(), "something is logged");
    let stored = files(house.folder.path());
    assert!(stored.len() > 5, "the store and the documents: {stored:?}");
    for planted in [NAME, HOSPITAL, DIAGNOSIS, ACCOUNT, PHONE, WORDS, APPEAL, PAPER, number().as_str()] {
        for file in &stored {
            let bytes = std::fs::read(file).unwrap();
            assert!(!holds(&bytes, planted), "{planted} is in {}", file.display());
        }
        assert!(!holds(&log, planted), "{planted} is in the log");
        assert!(!counted.contains(planted), "{planted} is in the metrics");
        assert!(!told.contains(planted), "{planted} is in an answer of the API");
        assert!(!pushed.contains(planted), "{planted} is in a notice");
    }
}
