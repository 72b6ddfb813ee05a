//! Calls that WeChat refuses, family by family, as raw HTTP.

use serde_json::{Value, json};

use super::api::Place;
use super::*;

/// Calls with the account's token.
struct Raw<'p> {
    place: &'p Place,
    token: String,
}

impl Raw<'_> {
    async fn new(place: &Place) -> Raw<'_> {
        place.client.callback_ips().await.unwrap();
        let token = place.simulator.account().tokens.stable.clone().unwrap().0;
        Raw { place, token }
    }

    fn url(&self, path: &str) -> String {
        let mark = if path.contains('?') { '&' } else { '?' };
        format!("{}/simulator/api{path}{mark}access_token={}", self.place.base, self.token)
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let sent = reqwest::Client::new().post(self.url(path)).body(body.to_string()).send().await.unwrap();
        assert_eq!(sent.status(), 200, "{path}");
        serde_json::from_str(&sent.text().await.unwrap()).unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let sent = reqwest::get(self.url(path)).await.unwrap();
        serde_json::from_str(&sent.text().await.unwrap()).unwrap()
    }

    /// Which code each of these calls is answered with.
    async fn refuses(&self, path: &str, calls: &[(Value, i64)]) {
        for (body, code) in calls {
            let answer = self.post(path, body.clone()).await;
            assert_eq!(answer["errcode"].as_i64().unwrap_or(0), *code, "{path} {body}: {answer}");
        }
    }

    async fn upload(&self, path: &str, name: &str, content: &[u8]) -> Value {
        let mut body =
            format!("--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{name}\"\r\n\r\n")
                .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let request = reqwest::Client::new().post(self.url(path)).body(body);
        let sent = request.header("content-type", "multipart/form-data; boundary=b").send().await.unwrap();
        serde_json::from_str(&sent.text().await.unwrap()).unwrap()
    }
}

fn code(answer: &Value) -> i64 {
    answer["errcode"].as_i64().unwrap_or(0)
}

#[tokio::test]
async fn a_token_lives_until_its_successor_is_forced() {
    let place = Place::new().await;
    let ask = async |force: bool| {
        let body = json!({"grant_type": "client_credential", "appid": keys().app_id, "secret": "secret",
                          "force_refresh": force});
        let url = format!("{}/simulator/api/cgi-bin/stable_token", place.base);
        let sent = reqwest::Client::new().post(url).body(body.to_string()).send().await.unwrap();
        let answer: Value = serde_json::from_str(&sent.text().await.unwrap()).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let works = async |token: String| {
        let raw = Raw { place: &place, token };
        code(&raw.get("/cgi-bin/getcallbackip").await)
    };
    let first = ask(false).await;
    assert_eq!(ask(false).await, first);
    place.later(7200 - 200);
    let second = ask(false).await;
    assert_ne!(second, first);
    assert_eq!(works(first.clone()).await, 0, "renewed ahead of its end, it lives until then");
    place.later(200);
    assert_eq!(works(first).await, 42001);
    let third = ask(true).await;
    assert_eq!((works(second).await, works(third).await), (40001, 0));
    assert_eq!((works("short".to_owned()).await, works(String::new()).await), (40014, 41001));

    let url = format!("{}/simulator/api/cgi-bin/token?grant_type=client_credential", place.base);
    let asked = async |rest: &str| {
        let text = reqwest::get(format!("{url}{rest}")).await.unwrap().text().await.unwrap();
        code(&serde_json::from_str(&text).unwrap())
    };
    let app = keys().app_id;
    assert_eq!(asked("&appid=wx0&secret=secret").await, 40013);
    assert_eq!(asked(&format!("&appid={app}&secret=wrong")).await, 40125);
    assert_eq!(asked("").await, 41002);
    assert_eq!(asked(&format!("&appid={app}")).await, 41004);
}

#[tokio::test]
async fn quotas_are_told_and_cleared_ten_times_a_month() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let quota = "/cgi-bin/openapi/quota/get";
    let used = async || raw.post(quota, json!({"cgi_path": "/cgi-bin/user/get"})).await["quota"].clone();
    raw.get("/cgi-bin/user/get").await;
    assert_eq!(used().await, json!({"daily_limit": 500, "used": 1, "remain": 499}));
    place.later(86_400 - 7_000);
    assert_eq!(
        Raw::new(&place).await.post(quota, json!({"cgi_path": "/cgi-bin/user/get"})).await["quota"]["used"],
        0
    );

    let raw = Raw::new(&place).await;
    raw.refuses(
        quota,
        &[(json!({"cgi_path": "/cgi-bin/none"}), 76021), (json!({"cgi_path": "/sns/auth"}), 76022)],
    )
    .await;
    raw.refuses("/cgi-bin/clear_quota", &[(json!({"appid": "wx0"}), 40013)]).await;
    let clear = (json!({"appid": keys().app_id}), 0);
    raw.refuses("/cgi-bin/clear_quota", &vec![clear; 9]).await;
    let by_secret = json!({"appid": keys().app_id, "appsecret": "secret"});
    raw.refuses("/cgi-bin/clear_quota/v2", &[(by_secret.clone(), 0), (by_secret, 48006)]).await;
    raw.refuses(
        "/cgi-bin/callback/check",
        &[
            (json!({"action": "none", "check_operator": "DEFAULT"}), 40201),
            (json!({"action": "all", "check_operator": "none"}), 40202),
        ],
    )
    .await;
    raw.refuses("/cgi-bin/openapi/rid/get", &[(json!({}), 76001)]).await;
}

#[tokio::test]
async fn customer_service_messages_are_checked_before_they_count() {
    let place = Place::new().await;
    let (raw, mei) = (Raw::new(&place).await, place.mei());
    place.wrote(&mei).await;
    let message = |kind: &str, object: Value| json!({"touser": mei, "msgtype": kind, kind: object});
    let article = json!({"title": "t", "description": "d", "url": "u", "picurl": "p"});
    let mut stranger = message("text", json!({"content": "x"}));
    stranger["customservice"] = json!({"kf_account": "nobody@gh"});
    raw.refuses(
        "/cgi-bin/message/custom/send",
        &[
            (message("text", json!({"content": "字".repeat(683)})), 45002),
            (message("text", json!({"content": ""})), 44004),
            (message("news", json!({"articles": [article.clone(), article.clone()]})), 45008),
            (message("news", json!({"articles": []})), 45008),
            (message("image", json!({"media_id": "none"})), 40007),
            (message("music", json!({"title": "t", "thumb_media_id": "none"})), 40007),
            (message("mpnews", json!({"media_id": "none"})), 40007),
            (message("smoke", json!({})), 40008),
            (stranger, 65401),
            (json!({"touser": "oNobody", "msgtype": "text", "text": {"content": "x"}}), 40003),
        ],
    )
    .await;
    assert!(place.arrived(&mei).is_empty());
    let typing = |command: &str| json!({"touser": mei, "command": command});
    raw.refuses(
        "/cgi-bin/message/custom/typing",
        &[
            (typing("Writing"), 45072),
            (typing("Typing"), 0),
            (typing("Typing"), 45081),
            (typing("CancelTyping"), 0),
        ],
    )
    .await;
    place.later(31);
    raw.refuses("/cgi-bin/message/custom/typing", &[(typing("Typing"), 45080)]).await;
}

#[tokio::test]
async fn bodies_and_methods_that_are_none_are_refused() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let send = "/cgi-bin/message/custom/send";
    let posted = async |body: Vec<u8>| {
        let sent = reqwest::Client::new().post(raw.url(send)).body(body).send().await.unwrap();
        code(&serde_json::from_str(&sent.text().await.unwrap()).unwrap())
    };
    assert_eq!(posted(Vec::new()).await, 44002);
    assert_eq!(posted(b"{".to_vec()).await, 47001);
    assert_eq!(posted(b"\"\xff\"".to_vec()).await, 65318);
    assert_eq!(code(&raw.get(send).await), 43002);
    assert_eq!(code(&raw.post("/cgi-bin/user/get", json!({})).await), 43001);
}

#[tokio::test]
async fn template_messages_name_the_field_that_is_wrong() {
    let place = Place::new().await;
    let (raw, mei) = (Raw::new(&place).await, place.mei());
    let message = |to: &str, time: &str| {
        json!({"touser": to, "template_id": "activity_changed",
               "data": {"thing1": {"value": "健步走"}, "time2": {"value": time}}})
    };
    let time = "2026年12月5日 09:00";
    let mut with_program = message(&mei, time);
    with_program["miniprogram"] = json!({"pagepath": "index"});
    let of_the_other_kind = json!({"touser": mei, "template_id": "activity_notice", "data": {}});
    raw.refuses(
        "/cgi-bin/message/template/send",
        &[
            (message(&mei, ""), 47003),
            (message("oNobody", time), 40003),
            (with_program, 40166),
            (of_the_other_kind, 40037),
        ],
    )
    .await;
    let wrong = raw.post("/cgi-bin/message/template/send", message(&mei, "")).await;
    assert!(wrong["errmsg"].as_str().unwrap().starts_with("argument invalid! data.time2.value invalid"));
    raw.refuses("/cgi-bin/tags/members/batchblacklist", &[(json!({"openid_list": [mei]}), 0)]).await;
    raw.refuses("/cgi-bin/message/template/send", &[(message(&mei, time), 43019)]).await;
    raw.refuses("/cgi-bin/tags/members/batchunblacklist", &[(json!({"openid_list": [mei]}), 0)]).await;
    place.simulator.with_phone(&mei, |phone| phone.subscribed = false);
    raw.refuses("/cgi-bin/message/template/send", &[(message(&mei, time), 43004)]).await;

    let add = (json!({"template_id_short": "TM1", "keyword_name_list": ["名称"]}), 0);
    raw.refuses("/cgi-bin/template/api_add_template", &vec![add.clone(); 21]).await;
    raw.refuses("/cgi-bin/template/api_add_template", &[(add.0, 45026), (json!({}), 40037)]).await;
    raw.refuses("/cgi-bin/template/del_private_template", &[(json!({"template_id": "none"}), 40037)]).await;
    raw.refuses(
        "/cgi-bin/template/api_set_industry",
        &[(json!({"industry_id1": "0"}), 40102), (json!({"industry_id1": "21", "industry_id2": 20}), 0)],
    )
    .await;
    assert_eq!(raw.get("/cgi-bin/template/get_industry").await["primary_industry"]["second_class"], "公益");
}

#[tokio::test]
async fn notices_need_a_template_of_theirs() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let add = |tid: u64, kids: Value, scene: &str| json!({"tid": tid, "kidList": kids, "sceneDesc": scene});
    raw.refuses(
        "/wxaapi/newtmpl/addtemplate",
        &[
            (add(1, json!([1]), "提醒"), 200014),
            (add(9001, json!([]), "提醒"), 200020),
            (add(9001, json!([1]), ""), 200021),
        ],
    )
    .await;
    let send = json!({"touser": place.mei(), "template_id": "activity_changed", "data": {}});
    raw.refuses("/cgi-bin/message/subscribe/bizsend", &[(send, 40037)]).await;
}

#[tokio::test]
async fn mass_sends_are_checked_and_known_by_their_id_even_when_the_draft_is_gone() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let all: Vec<String> = place.simulator.phones().openids.clone();
    let text = |to: Value, id: &str| json!({"touser": to, "msgtype": "text", "text": {"content": "预告"}, "clientmsgid": id});
    let many: Vec<String> = (0..10_001).map(|n| format!("o{n}")).collect();
    raw.refuses(
        "/cgi-bin/message/mass/send",
        &[
            (text(json!([all[0]]), "a"), 40130),
            (text(json!(many), "a"), 40032),
            (text(json!(all), &"x".repeat(65)), 45067),
            (json!({"touser": all, "msgtype": "mpnews", "mpnews": {"media_id": "none"}}), 40007),
            (json!({"touser": all, "msgtype": "images", "images": {"media_ids": ["none"]}}), 40007),
            (json!({"touser": all, "msgtype": "smoke"}), 40008),
        ],
    )
    .await;

    let thumb = raw.upload("/cgi-bin/material/add_material?type=image", "a.jpg", b"\xff\xd8").await;
    let article = json!({"title": "大讲堂", "content": "<p>来</p>", "thumb_media_id": thumb["media_id"]});
    let draft = raw.post("/cgi-bin/draft/add", json!({"articles": [article]})).await["media_id"].clone();
    let news = json!({"touser": all, "msgtype": "mpnews", "mpnews": {"media_id": draft}, "clientmsgid": "n"});
    let first = raw.post("/cgi-bin/message/mass/send", news.clone()).await;
    assert!(first["msg_data_id"].is_u64(), "{first}");
    assert_eq!(raw.get("/cgi-bin/draft/count").await["total_count"], 0);
    raw.refuses("/cgi-bin/message/mass/send", &[(news.clone(), 45066)]).await;
    place.later(61);
    let again = raw.post("/cgi-bin/message/mass/send", news).await;
    assert_eq!((code(&again), &again["msg_id"]), (45065, &first["msg_id"]));

    place.hears("MassSendJobFinish").await;
    let today = place.simulator.now().date();
    let (today, tomorrow) = (today.to_string(), today.tomorrow().unwrap().to_string());
    raw.refuses(
        "/datacube/getarticletotal",
        &[
            (json!({"begin_date": today, "end_date": today}), 61501),
            (json!({"begin_date": today, "end_date": tomorrow}), 61501),
            (json!({"begin_date": "today", "end_date": today}), 61500),
        ],
    )
    .await;
    place.later(86_400);
    let raw = Raw::new(&place).await;
    let counted =
        raw.post("/datacube/getarticletotal", json!({"begin_date": today, "end_date": today})).await;
    let article = &counted["list"][0];
    assert_eq!(article["msgid"], format!("{}_1", first["msg_data_id"]));
    assert_eq!(article["details"][0]["int_page_read_count"], all.len());
    let words = raw.post("/cgi-bin/message/mass/send", text(json!(all), "t")).await["msg_id"].clone();
    place.hears(&words.to_string()).await;
    raw.refuses(
        "/cgi-bin/message/mass/delete",
        &[
            (json!({"msg_id": words}), 40059),
            (json!({"msg_id": first["msg_id"]}), 0),
            (json!({"msg_id": 1}), 40059),
        ],
    )
    .await;
    let gone = raw.post("/cgi-bin/message/mass/get", json!({"msg_id": first["msg_id"]})).await;
    assert_eq!(gone["msg_status"], "DELETE");
    raw.refuses("/cgi-bin/message/mass/get", &[(json!({"msg_id": 1}), 40059)]).await;
    raw.refuses("/cgi-bin/message/mass/speed/set", &[(json!({"speed": 5}), 45083), (json!({}), 45084)]).await;
    let preview = |to: Value| {
        let mut body = json!({"msgtype": "text", "text": {"content": "x"}});
        body.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
        body
    };
    raw.refuses(
        "/cgi-bin/message/mass/preview",
        &[
            (preview(json!({"towxname": "小梅"})), 0),
            (preview(json!({"towxname": "没有人"})), 40132),
            (preview(json!({"touser": "oNobody"})), 40003),
        ],
    )
    .await;
}

#[tokio::test]
async fn everybody_is_written_to_four_times_a_month() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let send = |n: usize| json!({"filter": {"is_to_all": true}, "msgtype": "text", "text": {"content": "x"}, "clientmsgid": format!("{n}")});
    let path = "/cgi-bin/message/mass/sendall";
    for n in 0..4 {
        raw.refuses(path, &[(send(n), 0)]).await;
    }
    raw.refuses(path, &[(send(4), 45028), (json!({"filter": {}, "msgtype": "text"}), 40035)]).await;
}

#[tokio::test]
async fn files_are_taken_by_kind_and_size() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let upload = async |kind: &str, name: &str, bytes: usize| {
        code(&raw.upload(&format!("/cgi-bin/media/upload?type={kind}"), name, &vec![b'x'; bytes]).await)
    };
    assert_eq!(upload("smoke", "a.jpg", 9).await, 40004);
    assert_eq!(upload("image", "a.bmp", 9).await, 40005);
    assert_eq!(upload("voice", "a.jpg", 9).await, 40005);
    assert_eq!(upload("image", "a.jpg", 0).await, 44001);
    assert_eq!(upload("voice", "a.amr", (2 << 20) + 1).await, 40010);
    assert_eq!(upload("thumb", "a.jpg", (64 << 10) + 1).await, 40012);
    assert_eq!(upload("image", "a.png", 9).await, 0);
    assert_eq!(code(&raw.upload("/cgi-bin/media/uploadimg", "a.gif", b"x").await), 40005);
    assert_eq!(code(&raw.upload("/cgi-bin/media/uploadimg", "a.jpg", &vec![0; 1 << 20]).await), 40009);
    assert_eq!(code(&raw.post("/cgi-bin/media/upload?type=image", json!({})).await), 41005);

    let refused = reqwest::get(raw.url("/cgi-bin/media/get?media_id=none")).await.unwrap();
    assert_eq!(refused.headers()["content-type"], "text/plain");
    assert!(refused.headers().get("content-disposition").is_none());
    let film = raw.upload("/cgi-bin/media/upload?type=video", "a.mp4", b"film").await;
    let id = film["media_id"].as_str().unwrap();
    let url = raw.get(&format!("/cgi-bin/media/get?media_id={id}")).await["video_url"].clone();
    assert!(url.as_str().unwrap().ends_with(&format!("/simulator/media/{id}")));
    let shown = reqwest::get(format!("{}/simulator/media/{id}", place.base)).await.unwrap();
    assert_eq!(shown.bytes().await.unwrap(), "film");
    place.later(3 * 86_400);
    let raw = Raw::new(&place).await;
    assert_eq!(code(&raw.get(&format!("/cgi-bin/media/get?media_id={id}")).await), 40007);
}

#[tokio::test]
async fn drafts_have_limits_and_published_articles_are_taken_back_one_by_one() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let thumb =
        raw.upload("/cgi-bin/material/add_material?type=image", "a.jpg", b"\xff\xd8").await["media_id"]
            .clone();
    let with = |name: &str, value: Value| {
        let mut article = json!({"title": "大讲堂", "content": "<p>来</p>", "thumb_media_id": thumb});
        article[name] = value;
        article
    };
    let add = |article: Value| json!({"articles": [article]});
    raw.refuses(
        "/cgi-bin/draft/add",
        &[
            (add(with("title", json!("题".repeat(33)))), 45003),
            (add(with("author", json!("名".repeat(17)))), 45110),
            (add(with("digest", json!("摘".repeat(129)))), 45004),
            (add(with("content", json!("文".repeat(20_000)))), 45002),
            (add(with("content_source_url", json!("u".repeat(1025)))), 45005),
            (add(with("thumb_media_id", json!("none"))), 40007),
            (add(with("article_type", json!("newspic"))), 45008),
            (json!({"articles": []}), 45008),
        ],
    )
    .await;
    let two = json!({"articles": [with("author", json!("甲")), with("author", json!("乙"))]});
    let draft = raw.post("/cgi-bin/draft/add", two).await["media_id"].clone();
    raw.refuses(
        "/cgi-bin/draft/update",
        &[
            (json!({"media_id": draft, "index": 2, "articles": with("author", json!("丙"))}), 40114),
            (json!({"media_id": "none", "index": 0, "articles": with("author", json!("丙"))}), 40007),
        ],
    )
    .await;
    raw.refuses("/cgi-bin/draft/batchget", &[(json!({"offset": 0, "count": 21}), 40007)]).await;
    let job = raw.post("/cgi-bin/freepublish/submit", json!({"media_id": draft})).await["publish_id"].clone();
    let status = async || raw.post("/cgi-bin/freepublish/get", json!({"publish_id": job})).await;
    let done = status().await;
    assert_eq!((&done["publish_status"], &done["article_detail"]["count"]), (&json!(0), &json!(2)));
    let article = &done["article_id"];
    raw.refuses(
        "/cgi-bin/freepublish/delete",
        &[
            (json!({"article_id": article, "index": 3}), 40114),
            (json!({"article_id": article, "index": 1}), 0),
            (json!({"article_id": article}), 0),
            (json!({"article_id": article}), 53600),
        ],
    )
    .await;
    assert_eq!(status().await["publish_status"], 5);
}

#[tokio::test]
async fn followers_and_tags_have_limits() {
    let place = Place::new().await;
    let (raw, mei) = (Raw::new(&place).await, place.mei());
    let list = |n: usize| json!({"user_list": vec![json!({"openid": mei}); n]});
    raw.refuses("/cgi-bin/user/info/batchget", &[(list(0), 40032), (list(101), 40032)]).await;
    assert_eq!(code(&raw.get("/cgi-bin/user/info?openid=oNobody").await), 40003);
    assert_eq!(code(&raw.get("/cgi-bin/user/get?next_openid=oNobody").await), 40003);
    let last = place.simulator.phones().openids.last().cloned().unwrap();
    let end = raw.get(&format!("/cgi-bin/user/get?next_openid={last}")).await;
    assert!(end["count"] == 0 && end.get("data").is_none(), "{end}");
    raw.refuses(
        "/cgi-bin/user/info/updateremark",
        &[
            (json!({"openid": mei, "remark": "备".repeat(29)}), 0),
            (json!({"openid": mei, "remark": "备".repeat(30)}), 45002),
        ],
    )
    .await;

    let tag = |name: &str| json!({"tag": {"name": name}});
    raw.refuses(
        "/cgi-bin/tags/create",
        &[(tag("骨干"), 0), (tag("骨干"), 45157), (tag("新人"), 0), (tag(&"字".repeat(11)), 45158)],
    )
    .await;
    raw.refuses(
        "/cgi-bin/tags/update",
        &[
            (json!({"tag": {"id": 2, "name": "x"}}), 45058),
            (json!({"tag": {"id": 99, "name": "x"}}), 45159),
            (json!({"tag": {"id": 101, "name": "骨干"}}), 45157),
            (json!({"tag": {"id": 101, "name": "新人"}}), 0),
        ],
    )
    .await;
    let of = |n: usize, id: u32| json!({"openid_list": vec![mei.clone(); n], "tagid": id});
    raw.refuses(
        "/cgi-bin/tags/members/batchtagging",
        &[
            (of(0, 100), 40032),
            (of(51, 100), 40032),
            (of(1, 77), 45159),
            (json!({"openid_list": ["oNobody"], "tagid": 100}), 49003),
            (of(50, 100), 0),
        ],
    )
    .await;
    raw.refuses("/cgi-bin/user/tag/get", &[(json!({"tagid": 77}), 45159), (json!({"tagid": 2}), 0)]).await;
    for n in 0..19 {
        let id = raw.post("/cgi-bin/tags/create", tag(&format!("第{n}"))).await["tag"]["id"].clone();
        let on = json!({"openid_list": [mei], "tagid": id});
        raw.refuses("/cgi-bin/tags/members/batchtagging", &[(on, 0)]).await;
    }
    raw.refuses("/cgi-bin/tags/members/batchtagging", &[(of(1, 101), 45059)]).await;
    for n in 21..100 {
        raw.refuses("/cgi-bin/tags/create", &[(tag(&format!("又{n}")), 0)]).await;
    }
    raw.refuses("/cgi-bin/tags/create", &[(tag("太多"), 45056)]).await;
    raw.refuses(
        "/cgi-bin/tags/members/batchblacklist",
        &[(json!({"openid_list": []}), 40032), (json!({"openid_list": vec![mei.clone(); 21]}), 40032)],
    )
    .await;
}

#[tokio::test]
async fn who_came_by_a_code_is_told_so() {
    let place = Place::new().await;
    let (raw, mei) = (Raw::new(&place).await, place.mei());
    let key = crate::wechat::event::SubscribeKey::Scene("unit_1".to_owned());
    place.simulator.deliver(&mei, Kind::Event(Event::Subscribe { key, ticket: None }), None).await;
    let info = raw.get(&format!("/cgi-bin/user/info?openid={mei}")).await;
    assert_eq!(
        (&info["subscribe_scene"], &info["qr_scene_str"]),
        (&json!("ADD_SCENE_QR_CODE"), &json!("unit_1"))
    );
}

#[tokio::test]
async fn menus_have_limits_and_the_tag_put_on_last_decides() {
    let place = Place::new().await;
    let (raw, mei) = (Raw::new(&place).await, place.mei());
    let button = |name: &str| json!({"type": "click", "name": name, "key": "k"});
    let menu = |buttons: Vec<Value>| json!({"button": buttons});
    let some = |name: &str, rule: Value| json!({"button": [button(name)], "matchrule": rule});
    raw.get("/cgi-bin/menu/delete").await;
    assert_eq!(code(&raw.get("/cgi-bin/menu/get").await), 46003);
    assert_eq!(raw.get("/cgi-bin/get_current_selfmenu_info").await["is_menu_open"], 0);
    raw.refuses("/cgi-bin/menu/addconditional", &[(some("甲", json!({"tag_id": 100})), 65303)]).await;
    raw.refuses(
        "/cgi-bin/menu/create",
        &[
            (menu(vec![button("a"), button("b"), button("c"), button("d")]), 40016),
            (menu(vec![button("十七个字节以上的名字")]), 40018),
            (menu(vec![json!({"type": "smoke", "name": "a"})]), 40017),
            (menu(vec![json!({"type": "click", "name": "a", "key": "k".repeat(129)})]), 40019),
            (menu(vec![json!({"type": "view", "name": "a", "url": "u".repeat(1025)})]), 40020),
            (menu(vec![button("a")]), 0),
        ],
    )
    .await;
    raw.refuses(
        "/cgi-bin/menu/addconditional",
        &[
            (some("甲", json!({"sex": "1"})), 65320),
            (some("甲", json!({})), 65305),
            (some("甲", json!({"tag_id": 100})), 0),
            (some("乙", json!({"tag_id": "101"})), 0),
        ],
    )
    .await;
    raw.refuses("/cgi-bin/menu/delconditional", &[(json!({"menuid": "1"}), 65301)]).await;
    raw.refuses("/cgi-bin/menu/trymatch", &[(json!({"user_id": "oNobody"}), 65313)]).await;
    let sees = async || {
        let seen = raw.post("/cgi-bin/menu/trymatch", json!({"user_id": mei})).await;
        seen["button"][0]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(sees().await, "a");
    place.simulator.with_phone(&mei, |phone| phone.tags = vec![101, 100]);
    assert_eq!(sees().await, "甲");
    place.simulator.with_phone(&mei, |phone| phone.tags = vec![100, 101]);
    assert_eq!(sees().await, "乙");
}

#[tokio::test]
async fn codes_and_short_keys_have_limits_and_a_ticket_has_a_picture() {
    let place = Place::new().await;
    let raw = Raw::new(&place).await;
    let create = |action: &str, scene: Value| json!({"action_name": action, "action_info": {"scene": scene}});
    raw.refuses(
        "/cgi-bin/qrcode/create",
        &[
            (create("QR_SMOKE", json!({"scene_id": 1})), 40053),
            (create("QR_SCENE", json!({"scene_id": 0})), 40054),
            (create("QR_LIMIT_SCENE", json!({"scene_id": 100_001})), 40054),
            (create("QR_STR_SCENE", json!({"scene_str": "x".repeat(65)})), 40054),
        ],
    )
    .await;
    let code_made =
        raw.post("/cgi-bin/qrcode/create", create("QR_STR_SCENE", json!({"scene_str": "unit_1"}))).await;
    assert_eq!(code_made["expire_seconds"], 60);
    let picture = async |ticket: &str| {
        let ticket = ticket.replace('=', "%3D");
        reqwest::get(format!("{}/simulator/api/cgi-bin/showqrcode?ticket={ticket}", place.base))
            .await
            .unwrap()
    };
    let shown = picture(code_made["ticket"].as_str().unwrap()).await;
    assert_eq!(
        (shown.status().as_u16(), &shown.headers()["content-type"]),
        (200, &"image/jpg".parse().unwrap())
    );
    assert_eq!(picture("none").await.status(), 404);
    place.simulator.account().permanent_codes = 100_000;
    let one_more = create("QR_LIMIT_STR_SCENE", json!({"scene_str": "x"}));
    raw.refuses("/cgi-bin/qrcode/create", &[(one_more, 45029)]).await;

    raw.refuses("/cgi-bin/shorten/gen", &[(json!({"long_data": "x".repeat(4097)}), 45002)]).await;
    let short = raw.post("/cgi-bin/shorten/gen", json!({"long_data": "x", "expire_seconds": 10})).await;
    let key = json!({"short_key": short["short_key"]});
    raw.refuses("/cgi-bin/shorten/fetch", &[(key.clone(), 0), (json!({"short_key": "none"}), 40060)]).await;
    place.later(10);
    raw.refuses("/cgi-bin/shorten/fetch", &[(key, 40060)]).await;
}

#[tokio::test]
async fn the_desk_knows_its_people_and_who_talks_with_whom() {
    let place = Place::new().await;
    let (raw, mei) = (Raw::new(&place).await, place.mei());
    let worker = |name: &str| json!({"kf_account": name, "nickname": "小王"});
    raw.refuses(
        "/customservice/kfaccount/add",
        &[
            (worker("wang"), 61452),
            (worker("elevenchars@gh"), 61453),
            (worker("wang@gh"), 0),
            (worker("wang@gh"), 61454),
            (worker("li@gh"), 0),
        ],
    )
    .await;
    raw.refuses("/customservice/kfaccount/update", &[(worker("zhao@gh"), 65401)]).await;
    assert_eq!(code(&raw.get("/customservice/kfaccount/del?kf_account=zhao@gh").await), 65401);
    let talk = |name: &str| json!({"kf_account": name, "openid": mei});
    raw.refuses("/customservice/kfsession/close", &[(talk("wang@gh"), 65413)]).await;
    raw.refuses(
        "/customservice/kfsession/create",
        &[
            (talk("zhao@gh"), 65401),
            (json!({"kf_account": "wang@gh", "openid": "oNobody"}), 40003),
            (talk("wang@gh"), 0),
            (talk("li@gh"), 65414),
        ],
    )
    .await;
    place.hears("KfCreateSession").await;
    raw.refuses("/customservice/kfsession/close", &[(talk("li@gh"), 65414), (talk("wang@gh"), 0)]).await;
    place.hears("KfCloseSession").await;
    let records = |from: u64, to: u64, number: u64| json!({"starttime": from, "endtime": to, "msgid": 1, "number": number});
    raw.refuses(
        "/customservice/msgrecord/getmsglist",
        &[(records(0, 86_401, 1), 65417), (records(0, 1, 10_001), 65416), (records(0, 1, 10_000), 0)],
    )
    .await;
}

#[tokio::test]
async fn an_oauth_code_is_good_once() {
    let place = Place::new().await;
    let (raw, mei, app) = (Raw::new(&place).await, place.mei(), keys().app_id);
    let exchange = async |code: &str, secret: &str| {
        let query = format!("appid={app}&secret={secret}&code={code}&grant_type=authorization_code");
        raw.get(&format!("/sns/oauth2/access_token?{query}")).await
    };
    let code_of_mei = format!("code-{mei}");
    assert_eq!(code(&exchange(&code_of_mei, "wrong").await), 40125);
    assert_eq!(code(&exchange("smoke", "secret").await), 40029);
    assert_eq!(exchange(&code_of_mei, "secret").await["openid"], json!(mei));
    assert_eq!(code(&exchange(&code_of_mei, "secret").await), 40163);
    assert_eq!(exchange(&format!("{code_of_mei}-2"), "secret").await["openid"], json!(mei));
    let refresh =
        format!("/sns/oauth2/refresh_token?appid={app}&grant_type=refresh_token&refresh_token=none");
    assert_eq!(code(&raw.get(&refresh).await), 40030);
    assert_eq!(code(&raw.get("/cgi-bin/ticket/getticket?type=none").await), 40097);
}
