use proptest::prelude::*;

use super::*;
use crate::wechat::event::{MassStatus, SubscribeKey, TemplateStatus};
use crate::wechat::xml::Writer;

const HEAD: &str = "<ToUserName>gh_0123456789ab</ToUserName><FromUserName>oUnion1</FromUserName>\
                    <CreateTime>1795400000</CreateTime>";

fn message(rest: &str) -> Inbound {
    Inbound::parse(format!("<xml>{HEAD}{rest}</xml>").as_bytes()).unwrap()
}

fn event(rest: &str) -> Event {
    message(&format!("<MsgType>event</MsgType>{rest}")).event().unwrap().clone()
}

fn refused(document: &str) -> String {
    Inbound::parse(document.as_bytes()).unwrap_err().to_string()
}

#[test]
fn header_elements_are_needed() {
    for name in ["ToUserName", "FromUserName", "CreateTime", "MsgType"] {
        let whole = format!("<xml>{HEAD}<MsgType>text</MsgType></xml>");
        let without =
            whole.replace(&format!("<{name}>"), "<Other>").replace(&format!("</{name}>"), "</Other>");
        assert_eq!(refused(&without), format!("{name} is missing or empty"));
    }
    assert_eq!(
        refused(&format!("<xml>{}<MsgType>text</MsgType></xml>", HEAD.replace("1795400000", "now"))),
        "CreateTime is not a number"
    );
    for odd in ["o".repeat(65), "o 1".into(), "民".into(), "o\u{1}".into()] {
        let document = format!("<xml>{}</xml>", HEAD.replace("oUnion1", &odd));
        assert_eq!(refused(&document), "FromUserName is longer than 64 bytes or holds what no id does");
    }
}

#[test]
fn names_of_events_are_compared_without_case() {
    for name in ["CLICK", "click", "Click", "<![CDATA[ CLICK ]]>"] {
        assert_eq!(
            event(&format!("<Event>{name}</Event><EventKey>k</EventKey>")),
            Event::Click { key: "k".into() }
        );
    }
    for name in ["CLICKS", "点", &"x".repeat(200)] {
        assert_eq!(event(&format!("<Event>{name}</Event>")), Event::Unknown { name: name.into() });
    }
    for nameless in ["<Event></Event>", ""] {
        assert_eq!(event(nameless), Event::Unknown { name: String::new() });
    }
}

#[test]
fn events_of_other_products_are_recognised() {
    for name in
        ["card_pass_check", "user_get_card", "WifiConnected", "weapp_audit_success", "poi_check_notify"]
    {
        assert_eq!(event(&format!("<Event>{name}</Event>")), Event::OtherProduct { name: name.into() });
    }
}

#[test]
fn a_template_job_is_not_an_unsubscribe() {
    let job =
        event("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>1</MsgID><Status>failed: system failed </Status>");
    let status = TemplateStatus::Failed("system failed".into());
    assert_eq!(job, Event::TemplateSendJobFinish { msg_id: "1".into(), status });
}

#[test]
fn the_scene_of_a_new_follower_loses_its_prefix_once() {
    let key = |key: &str| match event(&format!("<Event>subscribe</Event><EventKey>{key}</EventKey>")) {
        Event::Subscribe { key, .. } => key,
        other => panic!("{other:?}"),
    };
    assert_eq!(key(""), SubscribeKey::None);
    assert_eq!(key("qrscene_qrscene_1_2"), SubscribeKey::Scene("qrscene_1_2".into()));
    assert_eq!(key("last_trade_no_42"), SubscribeKey::Trade("42".into()));
    assert_eq!(key("scene_1"), SubscribeKey::Other("scene_1".into()));
}

#[test]
fn ends_of_mass_sends_keep_their_numbers() {
    let status =
        |status: &str| match event(&format!("<Event>MASSSENDJOBFINISH</Event><Status>{status}</Status>")) {
            Event::MassSendJobFinish(job) => job.status,
            other => panic!("{other:?}"),
        };
    assert_eq!(status("send success"), MassStatus::Success);
    assert_eq!(status("send fail"), MassStatus::Fail);
    assert_eq!(status("err(20431)"), MassStatus::Refused(20431));
    assert_eq!(status("err(x)"), MassStatus::Other("err(x)".into()));
}

#[test]
fn a_number_that_is_none_is_kept_as_it_came() {
    let message =
        message("<MsgType>location</MsgType><Location_X>north</Location_X><Scale>NaN</Scale><Idx>-</Idx>");
    assert_eq!(message.kind, Kind::Location(Place::default()));
    let extra: Vec<_> = message.extra.iter().map(|field| (&*field.name, &*field.text)).collect();
    assert_eq!(extra, [("Location_X", "north"), ("Scale", "NaN"), ("Idx", "-")]);
}

#[test]
fn fields_that_are_new_inside_of_a_known_group_are_kept() {
    let message = message(
        "<MsgType>event</MsgType><Event>scancode_push</Event>\
         <ScanCodeInfo><ScanType>qrcode</ScanType><Light>on</Light></ScanCodeInfo>",
    );
    let light = Field { name: "Light".into(), text: "on".into(), children: vec![] };
    assert_eq!(
        message.extra,
        [Field { name: "ScanCodeInfo".into(), text: String::new(), children: vec![light] }]
    );
}

#[test]
fn age_is_counted_from_the_message_s_own_time() {
    let message = message("<MsgType>text</MsgType>");
    assert_eq!(message.age(Time::from_unix_s(1_795_400_060)), Duration::from_secs(60));
    assert_eq!(message.age(Time::from_unix_s(1_795_399_000)), Duration::ZERO);
    let eternal = Inbound { created: i64::MIN, ..message };
    assert!(eternal.age(Time::from_unix_s(0)) > Duration::from_secs(86_400));
}

#[test]
fn a_retry_has_the_key_of_the_first_delivery() {
    let text = |id: &str| message(&format!("<MsgType>text</MsgType><MsgId>{id}</MsgId>")).key();
    assert_eq!(text("1"), text("1"));
    assert_ne!(text("1"), text("2"));
}

#[test]
fn events_that_share_a_second_have_keys_of_their_own() {
    let key = |rest: &str| message(&format!("<MsgType>event</MsgType>{rest}")).key();
    let rests = [
        "<Event>CLICK</Event><EventKey>a</EventKey>",
        "<Event>CLICK</Event><EventKey>b</EventKey>",
        "<Event>VIEW</Event><EventKey>a</EventKey>",
        "<Event>LOCATION</Event><Latitude>1</Latitude>",
        "<Event>LOCATION</Event><Latitude>2</Latitude>",
        "<Event>TEMPLATESENDJOBFINISH</Event><MsgID>1</MsgID>",
        "<Event>TEMPLATESENDJOBFINISH</Event><MsgID>2</MsgID>",
        "<Event>subscribe_msg_sent_event</Event><List><TemplateId>a</TemplateId></List>",
        "<Event>subscribe_msg_sent_event</Event><List><TemplateId>b</TemplateId></List>",
    ];
    for (at, rest) in rests.iter().enumerate() {
        assert_eq!(key(rest), key(rest));
        assert!(rests.iter().skip(at + 1).all(|other| key(other) != key(rest)), "{rest}");
    }
}

/// A document of names that mean something to the parser, in any arrangement.
#[derive(Debug, Clone)]
enum Node {
    Leaf(&'static str, String),
    Group(&'static str, Vec<Node>),
}

impl Node {
    fn write(&self, xml: &mut Writer) {
        match self {
            Node::Leaf(name, text) => xml.text(name, text),
            Node::Group(name, nodes) => xml.group(name, |xml| nodes.iter().for_each(|node| node.write(xml))),
        }
    }
}

const LEAVES: &[&str] = &[
    "MsgId",
    "MsgID",
    "MsgDataId",
    "Idx",
    "BusinessId",
    "UnionId",
    "Content",
    "bizmsgmenuid",
    "PicUrl",
    "MediaId",
    "Format",
    "MediaId16K",
    "Recognition",
    "ThumbMediaId",
    "Location_X",
    "Location_Y",
    "Scale",
    "Label",
    "Poiname",
    "Title",
    "Description",
    "Url",
    "FileTotalLen",
    "AppId",
    "EventKey",
    "Ticket",
    "Latitude",
    "Precision",
    "MenuId",
    "MenuID",
    "ScanType",
    "ScanResult",
    "Count",
    "PicMd5Sum",
    "Status",
    "TotalCount",
    "CheckState",
    "ArticleIdx",
    "ArticleUrl",
    "publish_id",
    "publish_status",
    "article_id",
    "count",
    "idx",
    "article_url",
    "fail_idx",
    "TemplateId",
    "SubscribeStatusString",
    "PopupScene",
    "ErrorCode",
    "KfAccount",
    "FromKfAccount",
    "ExpiredTime",
    "FailReason",
    "RefillTime",
    "OpenID",
    "UnionID",
    "RevokeInfo",
    "debug_str",
    "Novel",
    "List",
    "item",
];
const GROUPS: &[&str] = &[
    "ScanCodeInfo",
    "SendPicsInfo",
    "PicList",
    "item",
    "SendLocationInfo",
    "CopyrightCheckResult",
    "ResultList",
    "ArticleUrlResult",
    "PublishEventInfo",
    "article_detail",
    "SubscribeMsgPopupEvent",
    "SubscribeMsgSentEvent",
    "List",
    "Novel",
    "EventKey",
    "Idx",
];
const TYPES: &[&str] = &[
    "text",
    "image",
    "voice",
    "video",
    "shortvideo",
    "location",
    "link",
    "file",
    "miniprogrampage",
    "hologram",
];

fn node() -> impl Strategy<Value = Node> {
    let text = prop_oneof![
        "[0-9]{1,4}",
        "-?[0-9]{1,3}\\.[0-9]{1,3}",
        "(\\PC|[<>&\\]]){0,12}",
        Just("success".to_owned()),
        Just("failed: x".to_owned()),
        Just("err(7)".to_owned()),
        Just("qrscene_1".to_owned()),
        Just(String::new()),
    ];
    let leaf = (proptest::sample::select(LEAVES), text).prop_map(|(name, text)| Node::Leaf(name, text));
    leaf.prop_recursive(3, 24, 4, |inner| {
        let nodes = proptest::collection::vec(inner, 0..5);
        (proptest::sample::select(GROUPS), nodes).prop_map(|(name, nodes)| Node::Group(name, nodes))
    })
}

fn kind_of_message() -> impl Strategy<Value = (String, Option<String>)> {
    let events: Vec<_> = event::LABELS.iter().map(|label| label.replace("event.", "")).collect();
    prop_oneof![
        proptest::sample::select(TYPES).prop_map(|name| (name.to_owned(), None)),
        proptest::sample::select(events).prop_map(|name| ("event".to_owned(), Some(name))),
    ]
}

/// Without what may differ: the hash of the text, and in which order strange fields are kept.
fn comparable(mut message: Inbound) -> Inbound {
    fn sort(fields: &mut [Field]) {
        fields.iter_mut().for_each(|field| sort(&mut field.children));
        fields.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
    }
    sort(&mut message.extra);
    message.raw_hash = 0;
    message
}

proptest! {
    #[test]
    fn written_and_read_again_any_message_is_the_same(
        (msg_type, event) in kind_of_message(), nodes in proptest::collection::vec(node(), 0..12),
    ) {
        let mut xml = Writer::new(0);
        xml.text("ToUserName", "gh_0123456789ab");
        xml.text("FromUserName", "oUnion1");
        xml.number("CreateTime", 1_795_400_000);
        xml.text("MsgType", &msg_type);
        xml.optional("Event", event.as_deref());
        nodes.iter().for_each(|node| node.write(&mut xml));
        let message = Inbound::parse(xml.finish().as_bytes()).unwrap();
        let again = Inbound::parse(message.to_xml().as_bytes()).unwrap();
        prop_assert_eq!(comparable(again), comparable(message));
    }

    #[test]
    fn garbage_in_a_message_never_panics(rest in "(\\PC|[<>&;/!\\[\\]]|<Event>|</Event>|<List>|</List>){0,80}") {
        let _ = Inbound::parse(format!("<xml>{HEAD}<MsgType>event</MsgType>{rest}</xml>").as_bytes());
    }
}
