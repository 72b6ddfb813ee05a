//! Template messages (模板消息).

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answered, Endpoint, Refused, Request, done, get, ok, post, refused, text, told};
use crate::simulator::account::Template;
use crate::simulator::phone::{Delivered, Shown};
use crate::wechat::api::value_flaw;
use crate::wechat::event::{Event, TemplateStatus};
use crate::wechat::message::Kind;

const TEMPLATES_MAX: usize = 25;
const CLIENT_ID_HOLDS: Duration = Duration::from_secs(600);

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/template/api_set_industry", |_| ok()),
    get("/cgi-bin/template/get_industry", industries),
    post("/cgi-bin/template/api_add_template", add),
    get("/cgi-bin/template/get_all_private_template", list),
    post("/cgi-bin/template/del_private_template", delete),
    post("/cgi-bin/message/template/send", send),
];

/// Templates that the account has from the start: id, title, content.
pub const READY: &[(&str, &str, &str)] = &[
    (
        "activity_promoted",
        "候补成功通知",
        "活动名称：{{thing1.DATA}}\n报名编号：{{character_string2.DATA}}\n活动时间：{{time3.DATA}}",
    ),
    (
        "activity_reminder",
        "活动开始提醒",
        "活动名称：{{thing1.DATA}}\n报名编号：{{character_string2.DATA}}\n开始时间：{{time3.DATA}}\n活动地点：{{thing4.DATA}}",
    ),
    ("activity_changed", "活动变更提醒", "活动名称：{{thing1.DATA}}\n活动时间：{{time2.DATA}}"),
    ("activity_cancelled", "活动取消通知", "活动名称：{{thing1.DATA}}\n取消原因：{{thing2.DATA}}"),
];

pub fn ready(list: &[(&str, &str, &str)]) -> Vec<Template> {
    let template = |(id, title, content): &(&str, &str, &str)| Template {
        id: (*id).to_owned(),
        title: (*title).to_owned(),
        content: (*content).to_owned(),
    };
    list.iter().map(template).collect()
}

fn industries(_: &Request) -> Answered {
    let industry = json!({"first_class": "政府与公共事业", "second_class": "公益慈善"});
    told(json!({"primary_industry": industry, "secondary_industry": industry}))
}

fn add(request: &Request) -> Answered {
    let body = request.json()?;
    let short = text(&body, "template_id_short").to_owned();
    if short.is_empty() {
        return Err(refused(40037, "invalid template_id"));
    }
    let keywords = super::texts(&body["keyword_name_list"]);
    request.with_account(|account| {
        if account.templates.len() >= TEMPLATES_MAX {
            return Err(refused(45026, "template num exceeds limit"));
        }
        let line = |(index, word): (usize, &String)| format!("{word}：{{{{thing{}.DATA}}}}", index + 1);
        let content = keywords.iter().enumerate().map(line).collect::<Vec<_>>().join("\n");
        let id = account.next_id("template");
        account.templates.push(Template { id: id.clone(), title: short.clone(), content });
        done(json!({"template_id": id}))
    })
}

fn list(request: &Request) -> Answered {
    let shown = |template: &Template| {
        json!({"template_id": template.id, "title": template.title, "primary_industry": "", "deputy_industry": "",
               "content": template.content, "example": ""})
    };
    let templates: Vec<Value> = request.with_account(|account| account.templates.iter().map(shown).collect());
    told(json!({"template_list": templates}))
}

fn delete(request: &Request) -> Answered {
    let body = request.json()?;
    let id = text(&body, "template_id");
    request.with_account(|account| {
        let before = account.templates.len();
        account.templates.retain(|template| template.id != id);
        if account.templates.len() == before { Err(refused(40037, "invalid template_id")) } else { ok() }
    })
}

fn send(request: &Request) -> Answered {
    let body = request.json()?;
    let to = text(&body, "touser").to_owned();
    let template = request.with_account(|account| find(&account.templates, text(&body, "template_id")))?;
    check(&template, &body["data"])?;
    let subscribed = request.simulator.with_phone(&to, |phone| phone.subscribed);
    match subscribed {
        None => return Err(refused(40003, "invalid openid")),
        Some(false) => return Err(refused(43004, "require subscribe")),
        Some(true) => {}
    }
    let client_id = body["client_msg_id"].as_str().map(str::to_owned);
    let now = request.now;
    let known = request.with_account(|account| {
        let key = (to.clone(), client_id.clone()?);
        let (at, msg_id) = *account.template_ids.get(&key)?;
        (now.since(at) < CLIENT_ID_HOLDS).then_some(msg_id)
    });
    if let Some(msg_id) = known {
        return done(json!({"msgid": msg_id}));
    }
    let msg_id = request.simulator.next_message_id();
    if let Some(client_id) = &client_id {
        request.with_account(|account| {
            account.template_ids.insert((to.clone(), client_id.clone()), (now, msg_id))
        });
    }
    let delivered = Delivered { by: "template", what: template.id.clone(), client_id };
    request.simulator.with_phone(&to, |phone| phone.delivered.push(delivered.clone()));
    let card = card(&template, &body);
    request.simulator.show_called(&to, card, "/cgi-bin/message/template/send", &request.body);
    let event = Event::TemplateSendJobFinish { msg_id: msg_id.to_string(), status: TemplateStatus::Success };
    request.simulator.tell_later(&to, Kind::Event(event));
    done(json!({"msgid": msg_id}))
}

pub fn find(templates: &[Template], id: &str) -> Result<Template, Refused> {
    let found = templates.iter().find(|template| template.id == id).cloned();
    found.ok_or_else(|| refused(40037, "invalid template_id"))
}

/// Every field of the template is filled, each as its kind asks.
pub fn check(template: &Template, data: &Value) -> Result<(), Refused> {
    for key in template.fields() {
        let value = data[key]["value"].as_str().unwrap_or_default();
        if value_flaw(key, value).is_some() {
            return Err(refused(47003, &format!("argument invalid! data.{key}.value invalid")));
        }
    }
    Ok(())
}

pub fn card(template: &Template, body: &Value) -> Shown {
    let value = |key: &str| body["data"][key]["value"].as_str().unwrap_or_default().to_owned();
    let url = body["url"].as_str().or_else(|| body["page"].as_str());
    Shown::Card {
        title: template.title.clone(),
        lines: template.lines(value),
        url: url.map(str::to_owned).filter(|url| !url.is_empty()),
    }
}
