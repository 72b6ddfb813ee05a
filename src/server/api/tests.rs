mod benefits;
mod broadcasts;
mod cases;
mod claims;
mod described;
mod fund;
mod members;
mod payments;
mod questions;
mod reach;
mod schemes;
mod tampered;
mod trail;

use super::*;

use axum::body::Body;
use http_body_util::BodyExt;
use hyper::Request;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::content::Source;
use crate::dispatch::load_content;
use crate::domain::activity::commands::{Application, Registered, register};
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{CATALOG, MARKS};
use crate::moment::{Moment, Time};
use crate::server::metrics;
use crate::staff::{Caller, Role};
use crate::store::Tx;
use crate::store::testing::sealer;

const NOW: Time = Time::from_unix_s(1_796_090_400); // 2026-12-01 10:00 in Asia/Shanghai
const STAFF: &str = "staff-token";
const AUDITOR: &str = "auditor-token";
const ADMIN: &str = "admin-token";
const WRITER: &str = "broadcast-token";
const CASE: &str = "case-token";
const JOBS: &str = "jobs-token";
const WELFARE: &str = "benefit-token";
const BUS: &str = "bus-token";
const CINEMA: &str = "cinema-token";
const MEMBERS_TOKEN: &str = "member-token";
const APPROVER: &str = "second-broadcast-token";
const CLAIMS: &str = "claim-token";
const CHECKER: &str = "second-claim-token";
const LOOKER: &str = "third-claim-token";
const PAYER: &str = "payment-token";
const RELEASER: &str = "second-payment-token";

struct Standing;

impl Clock for Standing {
    fn moment(&self) -> Moment {
        Moment { now: NOW, seed: 1 }
    }
}

/// Calls the API as somebody, and checks of every answer what must hold for all.
struct Desk {
    router: Router,
    store: Store,
    outgoing: std::path::PathBuf,
    documents: SealedFiles,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let bearer = |name: &str, role, token: &str| Bearer {
        caller: Caller::new(name, vec![role]),
        token_sha256: Sha256::digest(token).into(),
        until: None,
    };
    let merchant = |name: &str, provider: &str, token: &str| {
        let mut bearer = bearer(name, Role::Merchant, token);
        bearer.caller.provider = Some(provider.to_owned());
        bearer
    };
    let at_desk = |name: &str, desk: &str, token: &str| {
        let mut bearer = bearer(name, Role::Case, token);
        bearer.caller.desks.push(desk.to_owned());
        bearer
    };
    let access = Access::new(vec![
        bearer("wang", Role::Activity, STAFF),
        bearer("li", Role::Auditor, AUDITOR),
        bearer("zhao", Role::Admin, ADMIN),
        bearer("sun", Role::Broadcast, WRITER),
        bearer("qian", Role::Broadcast, APPROVER),
        bearer("chen", Role::Case, CASE),
        at_desk("ma", "jobs", JOBS),
        bearer("zhou", Role::Benefit, WELFARE),
        bearer("wu", Role::Claim, CLAIMS),
        bearer("zheng", Role::Claim, CHECKER),
        bearer("zhao", Role::Claim, LOOKER),
        bearer("feng", Role::Payment, PAYER),
        bearer("wei", Role::Payment, RELEASER),
        bearer("he", Role::Member, MEMBERS_TOKEN),
        merchant("bus-till", "宁波公交", BUS),
        merchant("cinema-till", "三江影城", CINEMA),
    ]);
    let outgoing = folder.path().join("outgoing");
    let store = Store::in_memory(CATALOG);
    let (content, _) = load_content(&Source::Embedded).unwrap();
    let documents = SealedFiles::new(folder.path().join("documents"), sealer());
    let router = router(Api {
        store: store.clone(),
        clock: Arc::new(Standing),
        content: Arc::new(ArcSwap::from_pointee(content)),
        access: Arc::new(access),
        metrics: Metrics::register(&mut metrics::registry()),
        limits: Limits { body_max: 16 << 10, body_timeout: Duration::from_secs(5) },
        outgoing: Outgoing::new(outgoing.clone()),
        broadcasts: Policy::default(),
        documents: documents.clone(),
        claims: Counts::default(),
        wechat: None,
    });
    Desk { router, store, outgoing, documents, _folder: folder }
}

impl Desk {
    async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: String,
        extra: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(&method).uri(format!("/api/v1{path}"));
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let header = |name| head.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        assert_eq!(header(header::CACHE_CONTROL), "no-store", "{method} {path}");
        assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{method} {path}");
        let status = head.status.as_u16();
        let content_type = header(header::CONTENT_TYPE);
        let answer = Answer { status, content_type, body: body.collect().await.unwrap().to_bytes().to_vec() };
        if status >= 400 {
            let problem = answer.json();
            assert_eq!(answer.content_type, "application/problem+json", "{method} {path}");
            assert_eq!(problem["status"], status, "{method} {path}: {problem}");
            let told = problem["code"].is_string() && problem["detail"].is_string();
            assert!(told, "{method} {path}: {problem}");
            assert!(described::tells_of(&method, path, status), "{method} {path}: {status} isn't told of");
        }
        if answer.content_type == "application/json" && path != "/openapi.json" {
            let differs = described::differs(&method, path, status, &answer.json());
            assert_eq!(differs, None, "{method} {path}");
        }
        answer
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, STAFF, String::new(), &[]).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, STAFF, body.to_string(), &[]).await
    }

    async fn post_once(&self, path: &str, body: &Value, key: &str) -> Answer {
        self.call(Method::POST, path, STAFF, body.to_string(), &[("idempotency-key", key)]).await
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    fn code(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

fn walk() -> Value {
    json!({
        "title": "周末健步走", "category": "健身", "place": "三江口",
        "sessions": [{"starts": "2026-12-05T09:00:00+08:00", "ends": "2026-12-05T11:00:00+08:00", "capacity": 30}],
        "sign_up": {"opens": "2026-11-20T10:00:00+08:00", "closes": "2026-12-04T18:00:00+08:00"},
        "eligibility": {"who": "anyone"},
    })
}

#[tokio::test]
async fn nothing_but_the_document_is_shown_without_a_token() {
    let desk = desk();
    for route in ROUTES {
        let path = route
            .path
            .replace("{id}", "A1")
            .replace("{openid}", "oMei")
            .replace("{code}", "X")
            .replace("{person}", "oMei");
        for token in ["", "stranger"] {
            let answer = desk.call(route.method.clone(), &path, token, String::new(), &[]).await;
            let expected = if path == "/openapi.json" { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{} {path}", route.method);
        }
    }
}

#[tokio::test]
async fn an_activity_is_created_published_closed_and_called_off() {
    let desk = desk();
    let created = desk.post("/activities", &walk()).await;
    assert_eq!((created.status, created.json()["state"].as_str()), (201, Some("draft")));
    let id = created.json()["id"].as_str().unwrap().to_owned();
    for (act, state) in [("publish", "published"), ("close", "closed")] {
        let answer = desk.post(&format!("/activities/{id}/{act}"), &json!({})).await;
        assert_eq!((answer.status, answer.json()["state"].as_str()), (200, Some(state)));
    }
    let cancel = format!("/activities/{id}/cancel");
    let untold = desk.post(&cancel, &json!({})).await;
    assert_eq!(
        (untold.code(), untold.json()["errors"][0]["field"].as_str()),
        ((422, "invalid".into()), Some("reason"))
    );
    assert_eq!(desk.post(&cancel, &json!({"reason": "台风"})).await.json()["state"], "cancelled");
    let again = desk.post(&format!("/activities/{id}/publish"), &json!({})).await;
    assert_eq!(again.code(), (409, "wrong_state".into()));

    assert_eq!(desk.get("/activities").await.json()["activities"][0]["id"], json!(id));
    assert_eq!(desk.get(&format!("/activities/{id}")).await.json()["activity"]["title"], "周末健步走");
}

#[tokio::test]
async fn a_changed_activity_keeps_its_id() {
    let desk = desk();
    let id = desk.post("/activities", &walk()).await.json()["id"].as_str().unwrap().to_owned();
    let mut changed = walk();
    changed["title"] = json!("周末登山");
    let path = format!("/activities/{id}");
    let answer = desk.call(Method::PUT, &path, STAFF, changed.to_string(), &[]).await;
    assert_eq!((answer.status, answer.json()["title"].as_str()), (200, Some("周末登山")));
    assert_eq!(answer.json()["id"], json!(id));
}

#[tokio::test]
async fn what_a_colleague_changed_since_it_was_read_is_not_written_over() {
    let desk = desk();
    desk.post("/activities", &walk()).await;
    desk.call(Method::PUT, "/activities/A1", ADMIN, walk().to_string(), &[]).await;
    let put = async |changed: &str| {
        let path = format!("/activities/A1?changed={changed}");
        desk.call(Method::PUT, &path, STAFF, walk().to_string(), &[]).await
    };
    let refused = put("2026-12-01T01:59:59Z").await;
    assert_eq!(refused.code(), (409, "changed_since".into()));
    let told = refused.json()["detail"].as_str().unwrap().to_owned();
    let who = "zhao changed it at 2026-12-01T10:00:00+08:00 (activity.change): look at it again";
    assert!(told.starts_with(who), "{told}");
    let read = desk.get("/activities/A1").await.json()["changed"].as_str().unwrap().replace('+', "%2B");
    assert_eq!(put(&read).await.status, 200);
    assert_eq!(put("yesterday").await.code(), (422, "invalid".into()));
}

#[tokio::test]
async fn the_roster_is_json_or_a_spreadsheet() {
    let desk = desk();
    let id = desk.post("/activities", &walk()).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/activities/{id}/roster");
    let roster = desk.get(&path).await.json();
    assert_eq!((&roster["registrations"], &roster["counts"]["capacity"]), (&json!([]), &json!(30)));

    let sheet = desk.call(Method::GET, &path, STAFF, String::new(), &[("accept", "text/csv")]).await;
    assert_eq!(sheet.content_type, "text/csv; charset=utf-8");
    assert!(sheet.body.starts_with("\u{feff}报名号".as_bytes()));
    assert_eq!(desk.get(&format!("{path}?reveal=")).await.code(), (422, "invalid".into()));
}

#[tokio::test]
async fn the_check_in_code_is_a_picture_too() {
    let desk = desk();
    let id = desk.post("/activities", &walk()).await.json()["id"].as_str().unwrap().to_owned();
    desk.post(&format!("/activities/{id}/publish"), &json!({})).await;
    let code = desk.get(&format!("/activities/{id}/check-in")).await.json();
    assert_eq!(code["code"].as_str().unwrap().len(), 6);
    let picture = desk.get(&format!("/activities/{id}/check-in.png")).await;
    assert_eq!((picture.status, picture.content_type.as_str()), (200, "image/png"));
    assert!(picture.body.starts_with(b"\x89PNG"));
    assert_eq!(desk.get(&format!("/activities/{id}/check-in.png?session=2")).await.status, 404);
}

#[tokio::test]
async fn staff_pick_where_the_seats_are_theirs_to_give() {
    let desk = desk();
    let mut form = walk();
    (form["mode"], form["sessions"][0]["capacity"]) = (json!("review"), json!(1));
    desk.post("/activities", &form).await;
    desk.post("/activities/A1/publish", &json!({})).await;
    for name in ["oMei", "oLan"] {
        let (who, application) =
            (FollowerId::new(name), Application { activity: 1, session: 1, ..Application::default() });
        let at = Moment { now: NOW, seed: 1 };
        let applied = desk.store.submit(at, move |tx| register(tx, &who, &application)).await.unwrap();
        assert!(matches!(applied, Ok(Registered::UnderReview { .. })), "{applied:?}");
    }
    let path = "/activities/A1/review";
    let both = desk.post(path, &json!({"accept": ["A1-1-0001", "A1-1-0002"]})).await;
    assert_eq!(both.code(), (409, "no_room".into()));
    let unsaid = desk.post(path, &json!({"refuse": [{"number": "A1-1-0002", "reason": " "}]})).await;
    assert_eq!(unsaid.code(), (422, "invalid".into()));
    let one = json!({"accept": ["A1-1-0001"], "refuse": [{"number": "A1-1-0002", "reason": "名额有限"}]});
    for _ in 0..2 {
        let done = desk.post(path, &one).await;
        assert_eq!((done.status, done.json()), (200, json!({"accepted": 1, "refused": 1})));
    }
    assert_eq!(desk.post(path, &json!({"accept": ["A1-1-0009"]})).await.code(), (409, "not_applied".into()));
    let both = json!({"accept": ["A1-1-0001"], "refuse": [{"number": "A1-1-1", "reason": "名额有限"}]});
    assert_eq!(desk.post(path, &both).await.code(), (422, "invalid".into()), "yes and no to one");
    let roster = desk.get("/activities/A1/roster").await.json();
    let shown = |n: usize| {
        let row = &roster["registrations"][n];
        (row["status"].clone(), row["refused"].clone())
    };
    assert_eq!(shown(0), (json!("confirmed"), Value::Null));
    assert_eq!(shown(1), (json!("cancelled"), json!("名额有限")));
}

#[tokio::test]
async fn a_repeated_call_is_done_once() {
    let desk = desk();
    let first = desk.post_once("/activities", &walk(), "k1").await.json();
    assert_eq!(desk.post_once("/activities", &walk(), "k1").await.json(), first);
    assert_eq!(desk.get("/activities").await.json()["activities"].as_array().map(Vec::len), Some(1));
    let mut other = walk();
    other["title"] = json!("茶话会");
    let reused = desk.post_once("/activities", &other, "k1").await;
    assert_eq!(reused.code(), (409, "idempotency_key_reused".into()));
    assert_eq!(desk.post_once("/activities", &walk(), "two words").await.code(), (422, "invalid".into()));
}

#[tokio::test]
async fn wrong_input_is_named_by_field() {
    let desk = desk();
    let mut wrong = walk();
    wrong["sessions"][0]["seats"] = json!(3);
    let answer = desk.post("/activities", &wrong).await;
    assert_eq!(answer.code(), (422, "invalid".into()));
    assert_eq!(answer.json()["errors"][0]["field"], "sessions[0].seats");
    let unknown = desk.post("/activities/A1/cancel", &json!({"reason": "x", "why": "y"})).await;
    assert_eq!(unknown.code(), (422, "invalid".into()));
    assert_eq!(unknown.json()["errors"][0]["field"], "why");
    assert_eq!(desk.get("/activities?page=2").await.code(), (422, "invalid".into()));
    assert_eq!(desk.get("/activities?after=B1").await.json()["errors"][0]["field"], "after");
    let mut long = walk();
    long["description"] = json!("长".repeat(1200));
    assert_eq!(desk.post("/activities", &long).await.status, 201);
    let options: Vec<_> = (0..12).map(|n| format!("{}{n}", "选".repeat(10))).collect();
    let ask = |n| json!({"name": format!("q{n}"), "ask": "问什么", "kind": "choice", "options": options});
    long["questions"] = (0..8).map(ask).collect();
    long["notice"] = json!({"title": "须知", "text": "知".repeat(600), "version": 1});
    long["place"] = json!("这里".repeat(20));
    assert_eq!(desk.post("/activities", &long).await.code(), (422, "too_long".into()), "within each limit");
    let mut listed = walk();
    listed["sign_up"] = json!([]);
    let listed = desk.post("/activities", &listed).await.json();
    assert_eq!(listed["errors"][0]["field"], "sign_up");
    assert!(!listed["detail"].as_str().unwrap().contains("Form"), "{listed}");
    for torn in ["", "{\"title\":", "[1]", "{} {}"] {
        let torn = desk.call(Method::POST, "/activities", STAFF, torn.to_owned(), &[]).await;
        assert_eq!((torn.code(), &torn.json()["errors"]), ((400, "malformed".into()), &Value::Null));
    }
    let long = desk.call(Method::POST, "/activities", STAFF, "x".repeat(17 << 10), &[]).await;
    assert_eq!(long.code(), (413, "too_large".into()));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_same_shape() {
    let desk = desk();
    for path in ["/activities/A9", "/activities/A9/roster", "/activities/x%2f..", "/nothing"] {
        assert_eq!(desk.get(path).await.code(), (404, "not_found".into()), "{path}");
    }
    let answer = desk.call(Method::DELETE, "/activities", STAFF, String::new(), &[]).await;
    assert_eq!(answer.code(), (405, "method_not_allowed".into()));
}

#[tokio::test]
async fn roles_are_asked_for() {
    let desk = desk();
    let as_auditor = async |method, path, body: Value| {
        desk.call(method, path, AUDITOR, body.to_string(), &[]).await.code()
    };
    assert_eq!(as_auditor(Method::GET, "/activities", json!({})).await.0, 200);
    assert_eq!(as_auditor(Method::POST, "/activities", walk()).await, (403, "not_allowed".into()));
    assert_eq!(
        as_auditor(Method::POST, "/activities", json!({})).await,
        (403, "not_allowed".into()),
        "not 422"
    );
    assert_eq!(as_auditor(Method::POST, "/store/verify", json!({})).await.0, 200);
    assert_eq!(as_auditor(Method::POST, "/store/backup", json!({})).await, (403, "not_allowed".into()));
    for path in ["/store/audit", "/store/verify", "/store/backup"] {
        assert_eq!(desk.post(path, &json!({})).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_backup_goes_out_whole_and_leaves_nothing_behind() {
    let desk = desk();
    std::fs::write(&desk.outgoing, "left by a crash").unwrap();
    for _ in 0..2 {
        let backup = desk.call(Method::POST, "/store/backup", ADMIN, String::new(), &[]).await;
        assert_eq!((backup.status, backup.content_type.as_str()), (200, "application/octet-stream"));
        assert!(backup.body.starts_with(b"gonghui backup 1"));
        assert!(!desk.outgoing.exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_waits_for_a_verification_that_is_under_way() {
    let desk = desk();
    for part in 0..20_u32 {
        let fill = move |tx: &mut Tx| (0..500).try_for_each(|n| tx.put(&MARKS, &format!("{part} {n}"), &NOW));
        desk.store.submit(Standing.moment(), fill).await.unwrap();
    }
    let ask = |path| desk.call(Method::POST, path, ADMIN, String::new(), &[]);
    let (_, backup) = tokio::join!(ask("/store/verify"), ask("/store/backup"));
    assert_eq!(backup.status, 200, "{}", backup.json());
}

#[tokio::test]
async fn a_store_is_verified_and_recounted() {
    let desk = desk();
    desk.post("/activities", &walk()).await;
    let verified = desk.call(Method::POST, "/store/verify", ADMIN, String::new(), &[]).await.json();
    assert_eq!((&verified["sound"], &verified["problems"]), (&json!(true), &json!([])));
    let audited = desk.call(Method::POST, "/store/audit", ADMIN, String::new(), &[]).await.json();
    assert_eq!(
        audited,
        json!({"activities": 1, "benefits": 0, "books": 0, "broadcasts": 0, "cases": 0, "claims": 0, "broken": []})
    );
}
