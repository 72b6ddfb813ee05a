//! Messages: to one follower, to many, to all.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;

const CUSTOM: &str = "/cgi-bin/message/custom/send";

#[tokio::test]
async fn customer_service_messages_of_every_kind() {
    let stub = Stub::start().await;
    let client = stub.client();
    let article =
        NewsArticle { title: s("通知"), description: s("d"), url: s("https://a"), picurl: s("https://p") };
    let kinds = [
        (text("已报名😀"), "text", json!({ "content": "已报名😀" })),
        (CustomMessage::Image { media_id: s("M") }, "image", json!({ "media_id": "M" })),
        (CustomMessage::Voice { media_id: s("M") }, "voice", json!({ "media_id": "M" })),
        (
            CustomMessage::Video {
                media_id: s("M"),
                thumb_media_id: s("T"),
                title: s("课"),
                description: s("d"),
            },
            "video",
            json!({ "media_id": "M", "thumb_media_id": "T", "title": "课", "description": "d" }),
        ),
        (
            CustomMessage::Music {
                title: s("歌"),
                description: s("d"),
                musicurl: s("https://a/1.mp3"),
                hqmusicurl: s("https://a/1h.mp3"),
                thumb_media_id: s("T"),
            },
            "music",
            json!({ "title": "歌", "description": "d", "musicurl": "https://a/1.mp3",
                "hqmusicurl": "https://a/1h.mp3", "thumb_media_id": "T" }),
        ),
        (
            CustomMessage::News { articles: article },
            "news",
            json!({ "articles": [{ "title": "通知", "description": "d", "url": "https://a", "picurl": "https://p" }] }),
        ),
        (CustomMessage::MpNews { media_id: s("M") }, "mpnews", json!({ "media_id": "M" })),
        (CustomMessage::MpNewsArticle { article_id: s("A") }, "mpnewsarticle", json!({ "article_id": "A" })),
        (
            CustomMessage::MsgMenu {
                head: s("满意吗"),
                list: vec![MenuChoice { id: s("101"), content: s("满意") }],
                tail: s("谢谢"),
            },
            "msgmenu",
            json!({ "head_content": "满意吗", "list": [{ "id": "101", "content": "满意" }], "tail_content": "谢谢" }),
        ),
        (CustomMessage::WxCard { card_id: s("C") }, "wxcard", json!({ "card_id": "C" })),
        (
            CustomMessage::MiniProgramPage {
                title: s("t"),
                appid: s("wx1"),
                pagepath: s("p"),
                thumb_media_id: s("T"),
            },
            "miniprogrampage",
            json!({ "title": "t", "appid": "wx1", "pagepath": "p", "thumb_media_id": "T" }),
        ),
    ];
    for (message, kind, object) in kinds {
        client.send_custom("o1", &message).await.unwrap();
        sent(&stub, "POST", CUSTOM, json!({ "touser": "o1", "msgtype": kind, kind: object }));
        let kept = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<CustomMessage>(&kept).unwrap(), message, "{kept}");
    }
    client.send_custom("o1", &text("已报名😀")).await.unwrap();
    assert_eq!(stub.last().text(), r#"{"touser":"o1","msgtype":"text","text":{"content":"已报名😀"}}"#);
    assert_eq!(stub.last().header("content-type"), "application/json");
    client.send_custom("o1", &text("一\u{b}二\n三\u{1f}")).await.unwrap();
    let body = r#"{"touser":"o1","msgtype":"text","text":{"content":"一二\n三"}}"#;
    assert_eq!(stub.last().text(), body, "what needs an escape that WeChat doesn't read");

    client.send_custom_as("staff1@gh", "o1", &text("好")).await.unwrap();
    let body = json!({ "touser": "o1", "msgtype": "text", "text": { "content": "好" },
        "customservice": { "kf_account": "staff1@gh" } });
    sent(&stub, "POST", CUSTOM, body);
}

#[tokio::test]
async fn a_text_or_menu_that_wechat_would_refuse_is_not_sent() {
    let stub = Stub::start().await;
    let client = stub.client();
    client.send_custom("o1", &text(&"工".repeat(682))).await.unwrap();
    let long = client.send_custom("o1", &text(&"工".repeat(683))).await.unwrap_err();
    assert_eq!(long.message, "text.content has 2049 bytes; WeChat takes 2048");
    assert_eq!((long.reaction, long.call), (Reaction::Permanent, CUSTOM));
    assert!(client.send_custom("o1", &text(" ")).await.is_err());
    let menu = CustomMessage::MsgMenu { head: s("h"), list: vec![], tail: s("t") };
    assert!(client.send_custom("o1", &menu).await.is_err());
    assert_eq!(stub.asked(CUSTOM).len(), 1);
}

#[tokio::test]
async fn the_typing_sign_bothers_nobody_where_it_can_not_be_shown() {
    let stub = Stub::start().await;
    let client = stub.client();
    client.typing("o1", true).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/message/custom/typing", json!({ "touser": "o1", "command": "Typing" }));
    for code in [45072, 45080, 45081] {
        stub.says(Told::error(code, "no"));
        client.typing("o1", false).await.unwrap();
    }
    assert_eq!(last(&stub).2["command"], "CancelTyping");
    stub.says(Told::error(45015, "no"));
    assert!(client.typing("o1", true).await.is_err());
}

#[tokio::test]
async fn template_messages() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "errcode": 0, "errmsg": "ok", "msgid": 3_557_254_367_693_750_277_u64 })));
    let message = TemplateMessage {
        touser: s("o1"),
        template_id: s("tpl"),
        url: Some(s("https://a")),
        miniprogram: Some(MiniProgram { appid: s("wx1"), pagepath: Some(s("p")) }),
        data: BTreeMap::from([(s("thing2"), s("健步走")), (s("time3"), s("2026年12月5日 09:00"))]),
        client_msg_id: Some(s("n7")),
    };
    assert_eq!(client.send_template(&message).await.unwrap(), "3557254367693750277");
    let body = json!({ "touser": "o1", "template_id": "tpl", "url": "https://a",
        "miniprogram": { "appid": "wx1", "pagepath": "p" },
        "data": { "thing2": { "value": "健步走" }, "time3": { "value": "2026年12月5日 09:00" } },
        "client_msg_id": "n7" });
    sent(&stub, "POST", "/cgi-bin/message/template/send", body);
    let kept = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<TemplateMessage>(&kept).unwrap(), message);

    let short = TemplateMessage { touser: s("o1"), template_id: s("t"), ..TemplateMessage::default() };
    client.send_template(&short).await.unwrap();
    assert_eq!(last(&stub).2, json!({ "touser": "o1", "template_id": "t", "data": {} }));
    let empty = TemplateMessage { data: BTreeMap::from([(s("thing2"), s(""))]), ..short };
    assert_eq!(client.send_template(&empty).await.unwrap_err().message, "data.thing2 is empty");
}

#[tokio::test]
async fn templates_of_the_account() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(
        json!({ "template_list": [{ "template_id": "T", "title": "报名", "content": "{{thing2.DATA}}" }] }),
    ));
    let templates = client.templates().await.unwrap();
    assert_eq!((templates[0].template_id.as_str(), templates[0].title.as_str()), ("T", "报名"));
    sent(&stub, "GET", "/cgi-bin/template/get_all_private_template", json!({}));
    stub.says(Told::json(json!({ "errcode": 0, "template_id": "T2" })));
    assert_eq!(client.add_template("43233", &[s("活动"), s("时间")]).await.unwrap(), "T2");
    let body = json!({ "template_id_short": "43233", "keyword_name_list": ["活动", "时间"] });
    sent(&stub, "POST", "/cgi-bin/template/api_add_template", body);
    client.add_template("TM0001", &[]).await.unwrap();
    assert_eq!(last(&stub).2, json!({ "template_id_short": "TM0001" }));
    client.delete_template("T2").await.unwrap();
    sent(&stub, "POST", "/cgi-bin/template/del_private_template", json!({ "template_id": "T2" }));
    client.set_industry(1, 4).await.unwrap();
    let body = json!({ "industry_id1": "1", "industry_id2": "4" });
    sent(&stub, "POST", "/cgi-bin/template/api_set_industry", body);
    stub.says(Told::json(json!({ "primary_industry": { "first_class": "其它", "second_class": "其它" }, "secondary_industry": [] })));
    let industries = client.industries().await.unwrap();
    assert_eq!(
        (industries.primary.first_class.as_str(), industries.secondary.first_class.as_str()),
        ("其它", "")
    );
}

#[tokio::test]
async fn subscription_notices() {
    let stub = Stub::start().await;
    let client = stub.client();
    let message = SubscriptionMessage {
        touser: s("o1"),
        template_id: s("tpl"),
        page: Some(s("https://a")),
        miniprogram: None,
        data: BTreeMap::from([(s("phrase4"), s("已通过"))]),
    };
    assert_eq!(client.send_subscription(&message).await.unwrap(), None);
    let body = json!({ "touser": "o1", "template_id": "tpl", "page": "https://a",
        "data": { "phrase4": { "value": "已通过" } } });
    sent(&stub, "POST", "/cgi-bin/message/subscribe/bizsend", body);
    stub.says(Told::json(json!({ "errcode": 0, "msgid": 1_700_827_132_819_554_304_u64 })));
    assert_eq!(client.send_subscription(&message).await.unwrap().as_deref(), Some("1700827132819554304"));

    stub.says(Told::json(
        json!({ "data": [{ "priTmplId": "P", "title": "进度", "type": "2" }], "errcode": 0 }),
    ));
    let templates = client.notice_templates().await.unwrap();
    assert_eq!((templates[0].template_id.as_str(), templates[0].kind), ("P", 2));
    sent(&stub, "GET", "/wxaapi/newtmpl/gettemplate", json!({}));
    stub.says(Told::json(json!({ "data": [{ "id": 616, "name": "公交" }] })));
    assert_eq!(client.notice_categories().await.unwrap(), [(616, s("公交"))]);
    stub.says(Told::json(
        json!({ "count": 55, "data": [{ "tid": 99, "title": "付款", "type": 2, "categoryId": "616" }] }),
    ));
    let found = client.public_templates(&[616, 2], 0, 30).await.unwrap();
    assert_eq!((found.count, found.templates[0].tid.as_str(), found.templates[0].category), (55, "99", 616));
    let query = json!({ "ids": "616,2", "start": "0", "limit": "30" });
    sent(&stub, "GET", "/wxaapi/newtmpl/getpubtemplatetitles", query);
    assert!(client.public_templates(&[616], 0, 31).await.is_err());
    stub.says(Told::json(
        json!({ "data": [{ "kid": 1, "name": "物品名称", "example": "名称", "rule": "thing" }] }),
    ));
    assert_eq!(client.public_keywords("99").await.unwrap()[0].rule, "thing");
    stub.says(Told::json(json!({ "errcode": 0, "priTmplId": "P2" })));
    assert_eq!(client.add_notice_template("401", &[1, 2], "报名结果").await.unwrap(), "P2");
    let body = json!({ "tid": "401", "kidList": [1, 2], "sceneDesc": "报名结果" });
    sent(&stub, "POST", "/wxaapi/newtmpl/addtemplate", body);
    client.delete_notice_template("P2").await.unwrap();
    sent(&stub, "POST", "/wxaapi/newtmpl/deltemplate", json!({ "priTmplId": "P2" }));
}

#[tokio::test]
async fn reads_of_articles() {
    let stub = Stub::start().await;
    let day = |reads: u32| json!({ "stat_date": "2026-12-02", "int_page_read_count": reads });
    let list = json!([
        { "msgid": "206227730_1", "title": "大讲堂", "details": [day(40), day(55)] },
        { "msgid": "206227730_2", "title": "手工课", "details": [] },
    ]);
    stub.says(Told::json(json!({ "list": list })));
    let reads = stub.client().article_reads(jiff::civil::date(2026, 12, 1)).await.unwrap();
    let read = |times| ArticleReads { data_id: s("206227730"), times };
    assert_eq!(reads, [read(55), read(0)]);
    let body = json!({ "begin_date": "2026-12-01", "end_date": "2026-12-01" });
    sent(&stub, "POST", "/datacube/getarticletotal", body);
}

#[tokio::test]
async fn mass_sends() {
    let stub = Stub::start().await;
    let client = stub.client();
    stub.says(Told::json(json!({ "errcode": 0, "msg_id": 34182, "msg_data_id": 206_227_730 })));
    let note = MassContent::Text { content: s("停水通知") };
    let done = client.mass_send_all(&note, "b7-0").await.unwrap();
    assert_eq!(done, MassSent { msg_id: s("34182"), msg_data_id: Some(s("206227730")) });
    let body = json!({ "filter": { "is_to_all": true }, "msgtype": "text", "text": { "content": "停水通知" },
        "clientmsgid": "b7-0" });
    sent(&stub, "POST", "/cgi-bin/message/mass/sendall", body);
    let news = MassContent::MpNews { media_id: s("D"), as_reprint: true };
    client.mass_send_tag(2, &news, "b7-1").await.unwrap();
    let body = json!({ "filter": { "is_to_all": false, "tag_id": 2 }, "msgtype": "mpnews",
        "mpnews": { "media_id": "D" }, "send_ignore_reprint": 1, "clientmsgid": "b7-1" });
    assert_eq!(last(&stub).2, body);
    client.mass_send(&[s("o1"), s("o2")], &note, "b7-2").await.unwrap();
    let body = json!({ "touser": ["o1", "o2"], "msgtype": "text", "text": { "content": "停水通知" },
        "clientmsgid": "b7-2" });
    sent(&stub, "POST", "/cgi-bin/message/mass/send", body);
    client.mass_preview("o1", &MassContent::Voice { media_id: s("V") }).await.unwrap();
    let body = json!({ "touser": "o1", "msgtype": "voice", "voice": { "media_id": "V" } });
    sent(&stub, "POST", "/cgi-bin/message/mass/preview", body);
    let pictures = MassContent::Images {
        media_ids: vec![s("A"), s("B")],
        recommend: Some(s("看图")),
        open_comment: true,
        only_fans_comment: false,
    };
    client.mass_send_all(&pictures, "b").await.unwrap();
    let images = json!({ "media_ids": ["A", "B"], "recommend": "看图", "need_open_comment": 1, "only_fans_can_comment": 0 });
    assert_eq!((&last(&stub).2["msgtype"], &last(&stub).2["images"]), (&json!("image"), &images));
    let film = MassContent::MpVideo { media_id: s("F"), title: Some(s("课")), description: None };
    client.mass_send_all(&film, "b").await.unwrap();
    assert_eq!(last(&stub).2["mpvideo"], json!({ "media_id": "F", "title": "课" }));
    client.mass_send_all(&MassContent::WxCard { card_id: s("C") }, "b").await.unwrap();
    assert_eq!(last(&stub).2["wxcard"], json!({ "card_id": "C" }));
}

#[tokio::test]
async fn mass_sends_that_wechat_would_refuse_are_not_sent() {
    let stub = Stub::start().await;
    let client = stub.client();
    let note = MassContent::Text { content: s("好") };
    let openids = |count: usize| (0..count).map(|n| format!("o{n}")).collect::<Vec<_>>();
    stub.says(Told::json(json!({ "msg_id": 1 })));
    client.mass_send(&openids(10_000), &note, &"x".repeat(64)).await.unwrap();
    let refused = [
        client.mass_send(&openids(1), &note, "b").await,
        client.mass_send(&openids(10_001), &note, "b").await,
        client.mass_send_all(&note, &"x".repeat(65)).await,
        client.mass_send_all(&note, "").await,
        client.mass_send_all(&MassContent::Text { content: "长".repeat(683) }, "b").await,
    ];
    assert!(refused.iter().all(|refused| refused.as_ref().unwrap_err().reaction == Reaction::Permanent));
    assert!(client.set_mass_speed(5).await.is_err());
    assert_eq!(stub.asked("/cgi-bin/message/mass/send").len(), 1);
    assert_eq!(stub.asked("/cgi-bin/message/mass/sendall").len(), 0);
}

#[tokio::test]
async fn what_becomes_of_a_mass_send() {
    let stub = Stub::start().await;
    let client = stub.client();
    for (word, status) in [
        ("SEND_SUCCESS", MassStatus::Sent),
        ("SENDING", MassStatus::Sending),
        ("SEND_FAIL", MassStatus::Failed),
        ("DELETE", MassStatus::Deleted),
        ("HELD", MassStatus::Other(s("HELD"))),
    ] {
        stub.says(Told::json(json!({ "msg_id": 34182, "msg_status": word })));
        assert_eq!(client.mass_status("34182").await.unwrap(), status);
    }
    sent(&stub, "POST", "/cgi-bin/message/mass/get", json!({ "msg_id": "34182" }));
    stub.says(Told::error(40059, "invalid msg id"));
    assert_eq!(client.mass_status("1").await.unwrap_err().reaction, Reaction::Retry);
    stub.says(Told::error(0, "ok"));
    client.mass_delete("34182", Some(2)).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/message/mass/delete", json!({ "msg_id": "34182", "article_idx": 2 }));
    client.set_mass_speed(4).await.unwrap();
    sent(&stub, "POST", "/cgi-bin/message/mass/speed/set", json!({ "speed": 4 }));
    stub.says(Told::json(json!({ "speed": 3, "realspeed": 15 })));
    assert_eq!(client.mass_speed().await.unwrap(), Speed { speed: 3, real: 15 });
    sent(&stub, "POST", "/cgi-bin/message/mass/speed/get", json!({}));
    stub.says(Told::json(json!({ "type": "video", "media_id": "MV", "created_at": 1 })));
    assert_eq!(client.mass_video("V", "课", "简介").await.unwrap(), "MV");
    let body = json!({ "media_id": "V", "title": "课", "description": "简介" });
    sent(&stub, "POST", "/cgi-bin/media/uploadvideo", body);
}
