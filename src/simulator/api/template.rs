//! Template messages (模板消息).

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answered, Endpoint, Refused, Request, done, get, number, ok, post, refused, text, told};
use crate::simulator::account::Template;
use crate::simulator::phone::{Delivered, Shown};
use crate::wechat::api::value_flaw;
use crate::wechat::event::{Event, TemplateStatus};
use crate::wechat::message::Kind;

const TEMPLATES_MAX: usize = 25;
const CLIENT_ID_HOLDS: Duration = Duration::from_secs(600);

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/template/api_set_industry", set_industries),
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

/// WeChat's 41 trades, of which the stand-in knows the names of few.
const INDUSTRIES: std::ops::RangeInclusive<u64> = 1..=41;

fn set_industries(request: &Request) -> Answered {
    let body = request.json()?;
    let id = |name: &str| number(&body[name]).filter(|id| INDUSTRIES.contains(id));
    let (Some(first), Some(second)) = (id("industry_id1"), id("industry_id2")) else {
        return Err(refused(40102, "invalid industry id"));
    };
    request.with_account(|account| account.industries = Some((first, second)));
    ok()
}

fn industries(request: &Request) -> Answered {
    let (first, second) = request.with_account(|account| account.industries).unwrap_or((20, 21));
    let industry = |id: u64| match id {
        20 => json!({"first_class": "政府与公共事业", "second_class": "学术科研"}),
        21 => json!({"first_class": "政府与公共事业", "second_class": "公益"}),
        other => json!({"first_class": "行业", "second_class": other.to_string()}),
    };
    told(json!({"primary_industry": industry(first), "secondary_industry": industry(second)}))
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
    if request.with_account(|account| account.blocked.contains(&to)) {
        return Err(refused(43019, "require remove blacklist"));
    }
    if body["miniprogram"].is_object() && text(&body["miniprogram"], "appid").is_empty() {
        return Err(refused(40166, "invalid appid"));
    }
    let client_id = body["client_msg_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let msg_id = request.simulator.next_message_id();
    if let Some(known) = client_id.as_deref().and_then(|id| taken(request, &to, id, msg_id)) {
        return done(json!({"msgid": known}));
    }
    let delivered = Delivered { by: "template", what: template.id.clone(), client_id };
    request.simulator.with_phone(&to, |phone| phone.delivered.push(delivered.clone()));
    let card = card(&template, &body);
    request.simulator.show_called(&to, card, "/cgi-bin/message/template/send", &request.body);
    let event = Event::TemplateSendJobFinish { msg_id: msg_id.to_string(), status: TemplateStatus::Success };
    request.simulator.tell_later(&to, Kind::Event(event));
    done(json!({"msgid": msg_id}))
}

/// For the same follower and id only one message goes out, for ten minutes: the number of an earlier one; else the id is
/// this one's from now on.
fn taken(request: &Request, to: &str, client_id: &str, msg_id: u64) -> Option<u64> {
    let (key, now) = ((to.to_owned(), client_id.to_owned()), request.now);
    request.with_account(|account| {
        let known = account.template_ids.get(&key).filter(|(at, _)| now.since(*at) < CLIENT_ID_HOLDS);
        let known = known.map(|(_, msg_id)| *msg_id);
        if known.is_none() {
            account.template_ids.insert(key, (now, msg_id));
        }
        known
    })
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
    // With both, the mini-program wins.
    let has_program = body["miniprogram"].is_object();
    let url = body["url"].as_str().or_else(|| body["page"].as_str()).filter(|_| !has_program);
    Shown::Card {
        title: template.title.clone(),
        lines: template.lines(value),
        url: url.map(str::to_owned).filter(|url| !url.is_empty()),
    }
}
