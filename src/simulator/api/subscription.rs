//! Subscription notices (订阅通知).

use serde_json::{Value, json};

use super::template::{card, check, find};
use super::{Answered, Endpoint, Request, done, get, number, ok, post, refused, text};
use crate::simulator::account::Template;
use crate::simulator::phone::Delivered;
use crate::wechat::event::{DeliveryEntry, Event};
use crate::wechat::message::Kind;

const TEMPLATES_MAX: usize = 25;

pub const ENDPOINTS: &[Endpoint] = &[
    get("/wxaapi/newtmpl/getcategory", |_| done(json!({"data": [{"id": 612, "name": "公益"}]}))),
    get("/wxaapi/newtmpl/getpubtemplatetitles", titles),
    get("/wxaapi/newtmpl/getpubtemplatekeywords", keywords),
    post("/wxaapi/newtmpl/addtemplate", add),
    post("/wxaapi/newtmpl/deltemplate", delete),
    get("/wxaapi/newtmpl/gettemplate", list),
    post("/cgi-bin/message/subscribe/bizsend", send),
];

/// Notices that the account has from the start.
pub const READY: &[(&str, &str, &str)] = &[
    (
        "insurance_deadline",
        "参保截止提醒",
        "保障名称：{{thing1.DATA}}\n截止时间：{{time2.DATA}}\n状态：{{phrase3.DATA}}\n备注：{{thing4.DATA}}",
    ),
    ("activity_notice", "活动通知", "活动名称：{{thing1.DATA}}\n活动时间：{{time2.DATA}}"),
];

fn titles(request: &Request) -> Answered {
    let limit = request.query("limit").parse().unwrap_or(30);
    let all = [json!({"tid": 9001, "title": "活动报名提醒", "type": 2, "categoryId": "612"})];
    let shown: Vec<&Value> = all.iter().take(limit).collect();
    done(json!({"count": all.len(), "data": shown}))
}

fn keywords(request: &Request) -> Answered {
    match request.query("tid") {
        "9001" => done(json!({"count": 1, "data": [
            {"kid": 1, "name": "活动名称", "example": "健步走", "rule": "thing"}]})),
        _ => Err(refused(200014, "tid is invalid")),
    }
}

fn add(request: &Request) -> Answered {
    let body = request.json()?;
    if number(&body["tid"]) != Some(9001) {
        return Err(refused(200014, "tid is invalid"));
    }
    let kids: Vec<u64> = body["kidList"].as_array().into_iter().flatten().filter_map(number).collect();
    if kids.is_empty() || kids.len() > 5 {
        return Err(refused(200020, "kidList is invalid"));
    }
    if text(&body, "sceneDesc").is_empty() {
        return Err(refused(200021, "sceneDesc is invalid"));
    }
    request.with_account(|account| {
        if account.notices.len() >= TEMPLATES_MAX {
            return Err(refused(200012, "template num exceeds limit"));
        }
        let id = account.next_id("notice");
        let content = "活动名称：{{thing1.DATA}}".to_owned();
        account.notices.push(Template { id: id.clone(), title: "活动报名提醒".to_owned(), content });
        done(json!({"priTmplId": id}))
    })
}

fn delete(request: &Request) -> Answered {
    let body = request.json()?;
    let id = text(&body, "priTmplId");
    request.with_account(|account| {
        let before = account.notices.len();
        account.notices.retain(|template| template.id != id);
        if account.notices.len() == before { Err(refused(20001, "template id is wrong")) } else { ok() }
    })
}

fn list(request: &Request) -> Answered {
    let shown = |template: &Template| json!({"priTmplId": template.id, "title": template.title, "content": template.content, "example": "", "type": 2});
    let templates: Vec<Value> = request.with_account(|account| account.notices.iter().map(shown).collect());
    done(json!({"data": templates}))
}

fn send(request: &Request) -> Answered {
    let body = request.json()?;
    let to = text(&body, "touser").to_owned();
    let template = request.with_account(|account| find(&account.notices, text(&body, "template_id")))?;
    check(&template, &body["data"])?;
    let taken = request.simulator.with_phone(&to, |phone| {
        if !phone.subscribed || !phone.consents.spend(&template.id) {
            return Err(refused(43101, "user refuse to accept the msg"));
        }
        let (by, what) = ("subscription", template.id.clone());
        phone.delivered.push(Delivered { by, what, client_id: None });
        Ok(())
    });
    taken.ok_or_else(|| refused(40003, "invalid openid"))??;
    let msg_id = request.simulator.next_message_id().to_string();
    request.simulator.show_called(
        &to,
        card(&template, &body),
        "/cgi-bin/message/subscribe/bizsend",
        &request.body,
    );
    let entry = DeliveryEntry {
        template_id: template.id,
        msg_id: msg_id.clone(),
        error_code: Some(0),
        error_status: "success".to_owned(),
    };
    request.simulator.tell_later(&to, Kind::Event(Event::SubscribeMsgSent { entries: vec![entry] }));
    done(json!({"msgid": msg_id}))
}
