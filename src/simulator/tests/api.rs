//! The stand-in's API, called by the service's own client over real HTTP.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::wechat::api::{
    self, Client, CustomMessage, Failure, MassContent, NotKept, Reaction, SubscriptionMessage,
    TemplateMessage, Unreachable, Upload,
};

/// A clock moved by hand.
struct Hand(Mutex<Time>);

impl Clock for Hand {
    fn moment(&self) -> Moment {
        Moment { now: *self.0.lock().unwrap(), seed: 42 }
    }
}

pub(super) struct Place {
    pub(super) simulator: Simulator,
    pub(super) client: Client,
    clock: Arc<Hand>,
    /// What was posted to the webhook.
    pub(super) posted: Arc<Mutex<Vec<String>>>,
    pub(super) base: String,
}

impl Place {
    pub(super) async fn new() -> Place {
        let clock = Arc::new(Hand(Mutex::new(NOW)));
        let posted: Arc<Mutex<Vec<String>>> = Arc::default();
        let (heard, at) = (Arc::clone(&posted), Arc::clone(&clock));
        let answer = move |RawQuery(query): RawQuery, body: axum::body::Bytes| async move {
            let opened =
                open(&Query::parse(&query.unwrap_or_default()), &body, &keys(), at.moment().now).unwrap();
            heard.lock().unwrap().push(format!("{:?}", opened.message.kind));
            "success"
        };
        let service = listen(Router::new().route("/wechat", post(answer))).await;
        let settings = Settings {
            service_url: service,
            webhook_path: "/wechat".to_owned(),
            keys: keys(),
            app_secret: Some(SecretString::from("secret")),
            menu: serde_json::from_value(json!({"button": []})).unwrap(),
            account_name: "甬城工惠".to_owned(),
            patience: PATIENCE,
            job_takes: Duration::ZERO,
            travel: None,
        };
        let simulator = Simulator::new(settings, Arc::<Hand>::clone(&clock));
        let base = listen(router(simulator.clone())).await;
        let secret = SecretString::from("secret");
        let settings = api::Settings::new(&format!("{base}/simulator/api"), &keys().app_id, secret);
        let client = Client::new(settings, Arc::new(NotKept), Arc::<Hand>::clone(&clock)).unwrap();
        Place { simulator, client, clock, posted, base }
    }

    pub(super) fn mei(&self) -> String {
        mei(&self.simulator)
    }

    pub(super) fn later(&self, seconds: u64) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.plus(Duration::from_secs(seconds));
    }

    pub(super) fn arrived(&self, openid: &str) -> Vec<(&'static str, String)> {
        let arrived = |phone: &mut Phone| phone.delivered.iter().map(|d| (d.by, d.what.clone())).collect();
        self.simulator.with_phone(openid, arrived).unwrap()
    }

    pub(super) async fn wrote(&self, openid: &str) {
        self.simulator.deliver(openid, said("在吗"), None).await;
    }

    pub(super) async fn switch(&self, faults: serde_json::Value) {
        let url = format!("{}/simulator/faults", self.base);
        let sent = reqwest::Client::new().post(url).body(faults.to_string()).send().await.unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
    }

    /// Until the webhook has heard something with these words.
    pub(super) async fn hears(&self, words: &str) -> String {
        loop {
            let found = self.posted.lock().unwrap().iter().find(|kind| kind.contains(words)).cloned();
            match found {
                Some(found) => return found,
                None => tokio::task::yield_now().await,
            }
        }
    }
}

async fn listen(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn words(content: &str) -> CustomMessage {
    CustomMessage::Text { content: content.to_owned() }
}

fn reaction<T: std::fmt::Debug>(answer: Result<T, Failure>) -> Reaction {
    answer.unwrap_err().reaction
}

fn changed(to: &str, title: &str) -> TemplateMessage {
    TemplateMessage {
        touser: to.to_owned(),
        template_id: "activity_changed".to_owned(),
        data: BTreeMap::from([
            ("thing1".to_owned(), title.to_owned()),
            ("time2".to_owned(), "2026年12月5日 09:00".to_owned()),
        ]),
        client_msg_id: Some("once".to_owned()),
        ..TemplateMessage::default()
    }
}

#[tokio::test]
async fn the_window_is_48_hours_and_five_messages() {
    let place = Place::new().await;
    let (client, mei) = (&place.client, place.mei());
    let shut = Reaction::Unreachable(Unreachable::WindowClosed);
    assert_eq!(reaction(client.send_custom(&mei, &words("一")).await), shut);
    place.wrote(&mei).await;
    for _ in 0..5 {
        client.send_custom(&mei, &words("好")).await.unwrap();
    }
    let used_up = Reaction::Unreachable(Unreachable::QuotaUsed);
    assert_eq!(reaction(client.send_custom(&mei, &words("六")).await), used_up);
    place.wrote(&mei).await;
    client.send_custom(&mei, &words("再来")).await.unwrap();
    place.later(48 * 3600);
    assert_eq!(reaction(client.send_custom(&mei, &words("晚了")).await), shut);
    assert_eq!(place.arrived(&mei).len(), 6);
    let unknown = Reaction::Unreachable(Unreachable::UnknownId);
    assert_eq!(reaction(client.send_custom("oNobody", &words("谁")).await), unknown);
}

#[tokio::test]
async fn a_template_message_with_its_id_arrives_once_and_its_result_is_told() {
    let place = Place::new().await;
    let (client, mei) = (&place.client, place.mei());
    let first = client.send_template(&changed(&mei, "健步走")).await.unwrap();
    assert_eq!(client.send_template(&changed(&mei, "健步走")).await.unwrap(), first);
    assert_eq!(place.arrived(&mei), [("template", "activity_changed".to_owned())]);
    assert!(place.hears("TemplateSendJobFinish").await.contains(&first));
    place.later(601);
    assert_ne!(client.send_template(&changed(&mei, "健步走")).await.unwrap(), first);

    let too_long = client.send_template(&changed(&mei, &"长".repeat(21))).await.unwrap_err();
    assert_eq!((too_long.code, too_long.message.contains("thing1")), (Some(47003), true));
    let unknown = TemplateMessage { template_id: "none".to_owned(), ..changed(&mei, "x") };
    assert_eq!(client.send_template(&unknown).await.unwrap_err().code, Some(40037));
}

#[tokio::test]
async fn a_notice_needs_a_consent_for_each() {
    let place = Place::new().await;
    let (client, mei) = (&place.client, place.mei());
    let notice = SubscriptionMessage {
        touser: mei.clone(),
        template_id: "activity_notice".to_owned(),
        data: changed(&mei, "手工课").data,
        ..SubscriptionMessage::default()
    };
    let refused = Reaction::Unreachable(Unreachable::Refused);
    assert_eq!(reaction(client.send_subscription(&notice).await), refused);
    place.simulator.with_phone(&mei, |phone| phone.consents.add("activity_notice"));
    client.send_subscription(&notice).await.unwrap();
    assert_eq!(reaction(client.send_subscription(&notice).await), refused);
    place.hears("SubscribeMsgSent").await;
}

#[tokio::test]
async fn a_mass_send_ends_later_and_four_a_month_arrive() {
    let place = Place::new().await;
    let to: Vec<String> = place.simulator.phones().openids.clone();
    let content = MassContent::Text { content: "预告".to_owned() };
    for n in 0..5 {
        let job = place.client.mass_send(&to, &content, &format!("b{n}")).await.unwrap();
        place.hears(&job.msg_id).await;
    }
    assert_eq!(place.arrived(&to[0]).len(), 4);
    let soon = place.client.mass_send(&to, &content, "b0").await;
    assert!(matches!(reaction(soon), Reaction::SlowDown(_)));
    place.later(61);
    let known = reaction(place.client.mass_send(&to, &content, "b0").await);
    assert!(matches!(known, Reaction::AlreadyDone { msg_id: Some(_) }), "{known:?}");
    assert!(place.client.mass_send(&to[..1], &content, "one").await.is_err());
}

#[tokio::test]
async fn everybody_who_follows_is_listed_page_by_page() {
    let place = Place::new().await;
    for n in 0..20_000 {
        place.simulator.add(&format!("粉丝{n}"), true);
    }
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = place.client.users(next.as_deref()).await.unwrap();
        assert_eq!(page.total, 20_003);
        all.extend(page.openids);
        match page.next {
            Some(from) => next = Some(from),
            None => break,
        }
    }
    assert_eq!(all.len(), 20_003);
    let infos = place.client.user_infos(&all[..100]).await.unwrap();
    assert!(infos.len() == 100 && infos.iter().all(|info| info.follows));
}

#[tokio::test]
async fn media_tags_menus_codes_and_drafts_come_back_as_they_were_sent() {
    let place = Place::new().await;
    let client = &place.client;
    let photo = Upload::from_bytes("a.jpg", Bytes::from_static(b"\xff\xd8\xff photo"));
    let uploaded = client.upload_media(api::MediaKind::Image, &photo).await.unwrap();
    let whole = client.media_get(&uploaded.media_id).await.unwrap().whole(1 << 20).await.unwrap();
    assert_eq!(whole, b"\xff\xd8\xff photo");
    assert_eq!(client.media_get("none").await.unwrap_err().code, Some(40007));

    let tag = client.create_tag("骨干").await.unwrap();
    client.tag_users(tag.id, &[place.mei()]).await.unwrap();
    assert_eq!(client.user_info(&place.mei()).await.unwrap().tags, [tag.id]);

    let menu: Menu =
        serde_json::from_value(json!({"button": [{"type": "click", "name": "报名", "key": "a"}]})).unwrap();
    client.create_menu(&menu).await.unwrap();
    assert_eq!(client.menus().await.unwrap().unwrap().menu.button[0].name, "报名");
    client.delete_menus().await.unwrap();
    assert!(client.menus().await.unwrap().is_none());

    let code = client.create_permanent_qr(&api::Scene::Name("unit_1".to_owned())).await.unwrap();
    assert!(!code.ticket.is_empty());
    assert!(!client.callback_ips().await.unwrap().is_empty());
}

#[tokio::test]
async fn faults_come_and_go_as_they_are_switched() {
    let place = Place::new().await;
    let (client, mei) = (&place.client, place.mei());
    place.wrote(&mei).await;
    place.switch(json!({"api": [{"path": "custom", "fault": "errcode", "code": -1, "calls": 1}]})).await;
    assert_eq!(reaction(client.send_custom(&mei, &words("一")).await), Reaction::Retry);
    client.send_custom(&mei, &words("一")).await.unwrap();
    for fault in [
        json!({"fault": "status", "status": 502, "calls": 1}),
        json!({"fault": "truncated", "calls": 1}),
        json!({"fault": "reset", "calls": 1, "after": true}),
    ] {
        place.switch(json!({"api": [fault]})).await;
        assert_eq!(reaction(client.send_custom(&mei, &words("二")).await), Reaction::Uncertain, "{fault}");
    }
    assert_eq!(place.arrived(&mei).len(), 3, "once well, once before it was cut, once before the reset");
    place
        .switch(json!({"api": [{"path": "message", "fault": "errcode", "code": 45009, "seconds": 60}]}))
        .await;
    assert!(matches!(reaction(client.send_custom(&mei, &words("三")).await), Reaction::SlowDown(_)));
    place.later(61);
    client.send_custom(&mei, &words("三")).await.unwrap();
    let url = format!("{}/simulator/faults", place.base);
    let wrong = reqwest::Client::new().post(url).body(r#"{"apis":[]}"#).send().await.unwrap();
    assert_eq!(wrong.status(), 422);
}

#[tokio::test]
async fn words_written_as_escapes_are_refused_as_wechat_does() {
    let place = Place::new().await;
    let mei = place.mei();
    place.wrote(&mei).await;
    place.client.user_info(&mei).await.unwrap();
    let token = place.simulator.account().tokens.stable.clone().unwrap().0;
    let url = format!("{}/simulator/api/cgi-bin/message/custom/send?access_token={token}", place.base);
    let body = format!(r#"{{"touser":"{mei}","msgtype":"text","text":{{"content":"\u4f60"}}}}"#);
    let answer = reqwest::Client::new().post(url).body(body).send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("40033"), "{answer}");
}
