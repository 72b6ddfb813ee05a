//! Menus, codes, articles, media, counters.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::wechat::menu::Menu;

#[tokio::test]
async fn menus_and_personalised_ones() {
    let stub = Stub::start().await;
    let client = stub.client();
    let button = json!({ "type": "click", "name": "报名", "key": "activity.list" });
    let menu: Menu = serde_json::from_value(json!({ "button": [button] })).unwrap();
    client.create_menu(&menu).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/menu/create", json!({ "button": [button] }));
    let theirs = json!({ "button": [button], "matchrule": { "tag_id": "2" }, "menuid": 208_396_993 });
    stub.says(Told::json(
        json!({ "menu": { "button": [button], "menuid": 208_396_938 }, "conditionalmenu": [theirs] }),
    ));
    let found = client.menus().await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(&found.conditional[0]).unwrap(), theirs);
    assert_eq!(found.menu.button, menu.button);
    sent(&stub, "GET", "/cgi-bin/menu/get", json!({}));
    stub.says(Told::error(46003, "menu no exist"));
    assert_eq!(client.menus().await.unwrap(), None);

    stub.says(Told::json(json!({ "menuid": "208379533" })));
    assert_eq!(client.add_conditional_menu(&found.conditional[0]).await.unwrap(), "208379533");
    let body = json!({ "button": [button], "matchrule": { "tag_id": "2" } });
    sent(&stub, "POST", "/cgi-bin/menu/addconditional", body);
    assert!(client.add_conditional_menu(&menu).await.is_err());
    client.delete_conditional_menu("208379533").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/menu/delconditional", json!({ "menuid": "208379533" }));
    stub.says(Told::json(json!({ "button": [button] })));
    assert_eq!(client.try_match("o1").await.unwrap(), menu.button);
    sent(&stub, "POST", "/cgi-bin/menu/trymatch", json!({ "user_id": "o1" }));
    client.delete_menus().await.unwrap();
    sent(&stub, "GET", "/cgi-bin/menu/delete", json!({}));
    stub.says(Told::json(json!({ "is_menu_open": 1, "selfmenu_info": { "button": [] } })));
    assert_eq!(client.current_menu().await.unwrap()["is_menu_open"], 1);
    sent(&stub, "GET", "/cgi-bin/get_current_selfmenu_info", json!({}));

    let long: Menu = serde_json::from_value(
        json!({ "button": [{ "type": "click", "name": "六个汉字太长", "key": "k" }] }),
    )
    .unwrap();
    let refused = client.create_menu(&long).await.unwrap_err();
    assert!(refused.message.contains("18 bytes"), "{refused}");
}

#[tokio::test]
async fn qr_codes_and_short_keys() {
    let stub = Stub::start().await;
    let client = stub.client();
    let week = Duration::from_secs(604_800);
    stub.says(Told::json(
        json!({ "ticket": "gQH4==", "expire_seconds": 604_800, "url": "http://weixin.qq.com/q/k" }),
    ));
    let code = client.create_qr(&Scene::Name(s("unit_3302")), week).await.unwrap();
    assert_eq!((code.ticket.as_str(), code.expire_seconds), ("gQH4==", Some(604_800)));
    let body = json!({ "expire_seconds": 604_800, "action_name": "QR_STR_SCENE",
        "action_info": { "scene": { "scene_str": "unit_3302" } } });
    sent(&stub, "POST", "/cgi-bin/qrcode/create", body);
    client.create_qr(&Scene::Id(7), week).await.unwrap();
    assert_eq!(last(&stub).2["action_name"], "QR_SCENE");
    client.create_permanent_qr(&Scene::Id(100_000)).await.unwrap();
    let body =
        json!({ "action_name": "QR_LIMIT_SCENE", "action_info": { "scene": { "scene_id": 100_000 } } });
    assert_eq!(last(&stub).2, body);
    client.create_permanent_qr(&Scene::Name(s("门厅"))).await.unwrap();
    assert_eq!(last(&stub).2["action_name"], "QR_LIMIT_STR_SCENE");
    for refused in [
        client.create_qr(&Scene::Id(0), week).await,
        client.create_qr(&Scene::Name("x".repeat(65)), week).await,
        client.create_qr(&Scene::Name(s("x")), Duration::from_secs(2_592_001)).await,
        client.create_permanent_qr(&Scene::Id(100_001)).await,
    ] {
        assert_eq!(refused.unwrap_err().reaction, Reaction::Permanent);
    }
    stub.says(Told::json(json!({ "short_key": "k1" })));
    assert_eq!(client.shorten("长数据", week).await.unwrap(), "k1");
    sent(&stub, "POST", "/cgi-bin/shorten/gen", json!({ "long_data": "长数据", "expire_seconds": 604_800 }));
    assert!(client.shorten(&"x".repeat(4097), week).await.is_err());
    stub.says(Told::json(json!({ "long_data": "长数据", "create_time": 1, "expire_seconds": 9 })));
    assert_eq!(client.fetch_short_key("k1").await.unwrap().long_data, "长数据");
    sent(&stub, "POST", "/cgi-bin/shorten/fetch", json!({ "short_key": "k1" }));
}

fn article(title: &str) -> Article {
    Article::News {
        title: s(title),
        author: s("工会"),
        digest: String::new(),
        content: s("<p>正文</p>"),
        content_source_url: String::new(),
        thumb_media_id: s("T"),
        need_open_comment: 0,
        only_fans_can_comment: 0,
    }
}

#[tokio::test]
async fn drafts_and_publishing() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "media_id": "D" })));
    assert_eq!(client.add_draft(&[article("通知")]).await.unwrap(), "D");
    let written = json!({ "article_type": "news", "title": "通知", "author": "工会", "content": "<p>正文</p>",
        "thumb_media_id": "T", "need_open_comment": 0, "only_fans_can_comment": 0 });
    sent(&stub, "POST", "/cgi-bin/draft/add", json!({ "articles": [written] }));
    client.update_draft("D", 0, &article("通知")).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/draft/update", json!({ "media_id": "D", "index": 0, "articles": written }));
    for refused in [vec![], vec![article("")], vec![article(&"题".repeat(33))], vec![article("a"); 9]] {
        assert_eq!(client.add_draft(&refused).await.unwrap_err().reaction, Reaction::Permanent);
    }
    client.draft("D").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/draft/get", json!({ "media_id": "D" }));
    client.delete_draft("D").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/draft/delete", json!({ "media_id": "D" }));
    stub.says(Told::json(json!({ "total_count": 3, "item": [{ "media_id": "D" }] })));
    assert_eq!(client.draft_count().await.unwrap(), 3);
    sent(&stub, "GET", "/cgi-bin/draft/count", json!({}));
    assert_eq!(client.drafts(0, 20).await.unwrap().items[0]["media_id"], "D");
    sent(&stub, "POST", "/cgi-bin/draft/batchget", json!({ "offset": 0, "count": 20, "no_content": 1 }));
    assert!(client.drafts(0, 21).await.is_err());

    stub.says(Told::json(json!({ "publish_id": 100_000_001, "msg_data_id": 1 })));
    assert_eq!(client.publish("D").await.unwrap(), "100000001");
    sent(&stub, "POST", "/cgi-bin/freepublish/submit", json!({ "media_id": "D" }));
    let detail = json!({ "count": 1, "item": [{ "idx": 1, "article_url": "https://mp/s/u" }] });
    stub.says(Told::json(json!({ "publish_id": "1", "publish_status": 0, "article_id": "A", "article_detail": detail, "fail_idx": [] })));
    let published = client.publication("1").await.unwrap();
    assert_eq!((published.state, published.article_id.as_deref()), (PublicationState::Published, Some("A")));
    assert_eq!(published.urls, ["https://mp/s/u"]);
    sent(&stub, "POST", "/cgi-bin/freepublish/get", json!({ "publish_id": "1" }));
    stub.says(Told::json(json!({ "publish_status": 2, "article_detail": [], "fail_idx": [1, 2] })));
    let refused = client.publication("1").await.unwrap();
    assert_eq!((refused.state, refused.failed), (PublicationState::NotOriginal, vec![1, 2]));
    stub.says(Told::json(json!({ "total_count": 0, "item": "" })));
    client.unpublish("A", None).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/freepublish/delete", json!({ "article_id": "A", "index": 0 }));
    client.published_article("A").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/freepublish/getarticle", json!({ "article_id": "A" }));
    assert_eq!(client.published(20, 20).await.unwrap(), PublishedPage::default());
    sent(
        &stub,
        "POST",
        "/cgi-bin/freepublish/batchget",
        json!({ "offset": 20, "count": 20, "no_content": 1 }),
    );
}

#[tokio::test]
async fn permanent_media() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "voice_count": 1, "video_count": "2", "image_count": 3, "news_count": 4 })));
    assert_eq!(client.material_counts().await.unwrap().video_count, 2);
    sent(&stub, "GET", "/cgi-bin/material/get_materialcount", json!({}));
    let item = json!({ "media_id": "M", "name": "海报.jpg", "update_time": 7, "url": "http://mmbiz" });
    stub.says(Told::json(json!({ "total_count": 1, "item_count": 1, "item": [item] })));
    let page = client.materials(MaterialKind::Image, 0, 20).await.unwrap();
    assert_eq!((page.total, page.items[0].name.as_str()), (1, "海报.jpg"));
    let body = json!({ "type": "image", "offset": 0, "count": 20 });
    sent(&stub, "POST", "/cgi-bin/material/batchget_material", body);
    client.delete_material("M").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/material/del_material", json!({ "media_id": "M" }));
}

#[tokio::test]
async fn addresses_counters_and_checks() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "ip_list": ["127.0.0.1", "101.226.103.0/25"] })));
    assert_eq!(client.callback_ips().await.unwrap(), ["127.0.0.1", "101.226.103.0/25"]);
    assert_eq!(client.api_ips().await.unwrap().len(), 2);
    sent(&stub, "GET", "/cgi-bin/get_api_domain_ip", json!({}));
    let counted = json!({ "daily_limit": 500_000, "used": "12", "remain": 499_988 });
    stub.says(Told::json(json!({ "errcode": 0, "quota": counted, "rate_limit": { "call_count": 1 } })));
    let quota = client.quota("/cgi-bin/message/custom/send").await.unwrap();
    assert_eq!(quota, Quota { daily_limit: 500_000, used: 12, remain: 499_988 });
    let body = json!({ "cgi_path": "/cgi-bin/message/custom/send" });
    sent(&stub, "POST", "/cgi-bin/openapi/quota/get", body.clone());
    client.clear_quota_of("/cgi-bin/message/custom/send").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/openapi/quota/clear", body);
    client.clear_quota().await.unwrap();
    sent(&stub, "POST", "/cgi-bin/clear_quota", json!({ "appid": "wx5823bf96d3bd56c7" }));
    client.clear_quota_by_secret().await.unwrap();
    let asked = stub.last();
    assert_eq!((asked.path.as_str(), asked.query.get("access_token")), ("/cgi-bin/clear_quota/v2", None));
    assert_eq!(asked.json(), json!({ "appid": "wx5823bf96d3bd56c7", "appsecret": "the-app-secret" }));
    assert_eq!(json!(asked.query), asked.json());
    client.explain_rid("65a0").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/openapi/rid/get", json!({ "rid": "65a0" }));
    let ping = json!({ "ip": "1.2.3.4", "from_operator": "CAP", "package_loss": "0%", "time": "23.079ms" });
    stub.says(Told::json(json!({ "dns": [{ "ip": "1.2.3.4", "real_operator": "UNICOM" }], "ping": [ping] })));
    let check = client.check_callback(What::All, Carrier::Any).await.unwrap();
    assert_eq!((check.dns[0].real_operator.as_str(), check.ping[0].time.as_str()), ("UNICOM", "23.079ms"));
    let body = json!({ "action": "all", "check_operator": "DEFAULT" });
    sent(&stub, "POST", "/cgi-bin/callback/check", body);
}

#[tokio::test]
async fn a_page_gets_its_signature_and_the_ticket_is_fetched_once() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "errcode": 0, "ticket": "TICKET", "expires_in": 7200 })));
    for _ in 0..3 {
        let config = client.js_config("https://gh.example.cn/m?a=1#top").await.unwrap();
        let signed = js_signature("TICKET", &config.nonce, config.timestamp, "https://gh.example.cn/m?a=1");
        assert_eq!(config.signature, signed);
        assert_eq!((config.app_id.as_str(), config.timestamp), ("wx5823bf96d3bd56c7", 1_795_400_000));
    }
    let tickets = || stub.asked("/cgi-bin/ticket/getticket").len();
    assert_eq!((tickets(), stub.last().query["type"].as_str()), (1, "jsapi"));
    stub.clock.advance(7200 - 200);
    client.js_config("https://gh.example.cn/").await.unwrap();
    assert_eq!(tickets(), 2);
}
