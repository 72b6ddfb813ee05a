//! The account's menu (自定义菜单), also for some followers (个性化菜单).

use serde_json::{Value, json};

use super::{Answered, Endpoint, Refused, Request, get, number, ok, post, refused, text, told};
use crate::wechat::menu::{Flaw, Menu};

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/menu/create", create),
    get("/cgi-bin/menu/get", show),
    get("/cgi-bin/menu/delete", delete),
    get("/cgi-bin/get_current_selfmenu_info", current),
    post("/cgi-bin/menu/addconditional", add_conditional),
    post("/cgi-bin/menu/delconditional", delete_conditional),
    post("/cgi-bin/menu/trymatch", try_match),
];

fn checked(body: &Value) -> Result<(), Refused> {
    let menu: Menu =
        serde_json::from_value(body.clone()).map_err(|_| refused(40016, "invalid button size"))?;
    let Some(problem) = menu.check().into_iter().next() else { return Ok(()) };
    let code = match &problem.flaw {
        Flaw::Buttons(_) => 40016,
        Flaw::SubButtons(_) | Flaw::TooDeep => 40023,
        Flaw::NoName | Flaw::NameTooLong { .. } => 40018,
        Flaw::UnknownType(_) | Flaw::NoType | Flaw::ParentHas(_) => 40017,
        Flaw::Needs("key") | Flaw::TooLong { field: "key", .. } => 40019,
        Flaw::Needs(_) | Flaw::TooLong { .. } => 40020,
        Flaw::PrivateCondition(_) => 65320,
        Flaw::NoCondition | Flaw::TagId | Flaw::Platform => 65305,
    };
    Err(refused(code, &problem.to_string()))
}

fn create(request: &Request) -> Answered {
    let body = request.json()?;
    checked(&body)?;
    request.with_account(|account| account.menu = Some(json!({"button": body["button"]})));
    ok()
}

fn show(request: &Request) -> Answered {
    request.with_account(|account| {
        let Some(menu) = &account.menu else { return Err(refused(46003, "menu no exist")) };
        let mut answer = json!({"menu": menu});
        if !account.conditional.is_empty() {
            let newest_first = account.conditional.iter().rev().map(|(_, menu)| menu);
            answer["conditionalmenu"] = newest_first.cloned().collect();
            answer["menu"]["menuid"] = json!(410_000_000);
        }
        told(answer)
    })
}

fn delete(request: &Request) -> Answered {
    request.with_account(|account| {
        account.menu = None;
        account.conditional.clear();
    });
    ok()
}

/// As the console shows it: lists under lists.
fn current(request: &Request) -> Answered {
    let menu = request.with_account(|account| account.menu.clone());
    let Some(menu) = menu else { return told(json!({"is_menu_open": 0})) };
    let listed = |button: &Value| {
        let mut button = button.clone();
        if let Some(list) = button["sub_button"].as_array().cloned() {
            button["sub_button"] = json!({"list": list});
        }
        button
    };
    let buttons: Vec<Value> = menu["button"].as_array().into_iter().flatten().map(listed).collect();
    told(json!({"is_menu_open": 1, "selfmenu_info": {"button": buttons}}))
}

fn add_conditional(request: &Request) -> Answered {
    let body = request.json()?;
    if body["matchrule"].as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(refused(65305, "there must be at least one match rule"));
    }
    checked(&body)?;
    request.with_account(|account| {
        if account.menu.is_none() {
            return Err(refused(65303, "there is no selfmenu, please create selfmenu first"));
        }
        let id = 410_000_000 + account.next();
        let menu = json!({"button": body["button"], "matchrule": body["matchrule"], "menuid": id});
        account.conditional.push((id, menu));
        told(json!({"menuid": id.to_string()}))
    })
}

fn delete_conditional(request: &Request) -> Answered {
    let body = request.json()?;
    let id = number(&body["menuid"]).unwrap_or(0);
    request.with_account(|account| {
        let before = account.conditional.len();
        account.conditional.retain(|(known, _)| *known != id);
        if account.conditional.len() == before { Err(refused(65301, "not exist this menuid")) } else { ok() }
    })
}

/// The newest that fits, else the default. Of several tags, the one put on last counts. Everybody is taken to use another platform than a phone.
fn try_match(request: &Request) -> Answered {
    let body = request.json()?;
    let tags = request.simulator.with_phone(text(&body, "user_id"), |phone| phone.tags.clone());
    let tags = tags.ok_or_else(|| refused(65313, "user_id error"))?;
    request.with_account(|account| {
        let fits = |menu: &&Value| {
            let tag = number(&menu["matchrule"]["tag_id"]);
            let platform = number(&menu["matchrule"]["client_platform_type"]);
            tag.is_none_or(|tag| tags.last().is_some_and(|last| u64::from(*last) == tag))
                && platform.is_none_or(|platform| platform == 3)
        };
        let special = account.conditional.iter().rev().map(|(_, menu)| menu).find(fits);
        match special.or(account.menu.as_ref()) {
            Some(menu) => told(json!({"button": menu["button"]})),
            None => Err(refused(46003, "menu no exist")),
        }
    })
}
