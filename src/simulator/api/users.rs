//! Followers (用户), and the blacklist.

use serde_json::{Value, json};

use super::{Answered, Endpoint, Request, get, ok, post, refused, text, texts, told};
use crate::simulator::phone::Phone;

const A_PAGE: usize = 10_000;
const INFOS_MAX: usize = 100;
const REMARK_CHARS_MAX: usize = 29;

pub const ENDPOINTS: &[Endpoint] = &[
    get("/cgi-bin/user/get", list),
    get("/cgi-bin/user/info", info),
    post("/cgi-bin/user/info/batchget", infos),
    post("/cgi-bin/user/info/updateremark", remark),
    post("/cgi-bin/tags/members/getblacklist", blacklist),
    post("/cgi-bin/tags/members/batchblacklist", |request| block(request, true)),
    post("/cgi-bin/tags/members/batchunblacklist", |request| block(request, false)),
];

/// A page of openids after one, in the order in which they follow.
pub fn page(all: &[String], next: &str) -> Value {
    let from = match next {
        "" => 0,
        next => all.iter().position(|openid| openid == next).map_or(all.len(), |at| at + 1),
    };
    let page: Vec<&String> = all.iter().skip(from).take(A_PAGE).collect();
    match page.last() {
        None => json!({"total": all.len(), "count": 0, "next_openid": ""}),
        Some(last) => {
            json!({"total": all.len(), "count": page.len(), "next_openid": last, "data": {"openid": page}})
        }
    }
}

fn list(request: &Request) -> Answered {
    let phones = request.simulator.phones();
    let follows = |openid: &&String| phones.by_openid.get(*openid).is_some_and(|phone| phone.subscribed);
    let all: Vec<String> = phones.openids.iter().filter(follows).cloned().collect();
    let next = request.query("next_openid");
    if !next.is_empty() && !all.iter().any(|openid| openid == next) {
        return Err(refused(40003, "invalid openid"));
    }
    told(page(&all, next))
}

fn shown(openid: &str, phone: &Phone) -> Value {
    if !phone.subscribed {
        return json!({"subscribe": 0, "openid": openid});
    }
    let (scene, id, words) = match &phone.scene {
        None => ("ADD_SCENE_SEARCH", 0, ""),
        Some(scene) => match scene.parse::<u32>() {
            Ok(id) => ("ADD_SCENE_QR_CODE", id, ""),
            Err(_) => ("ADD_SCENE_QR_CODE", 0, scene.as_str()),
        },
    };
    json!({
        "subscribe": 1, "openid": openid, "nickname": "", "sex": 0, "language": "zh_CN", "city": "", "province": "",
        "country": "", "headimgurl": "", "subscribe_time": phone.followed.unix_s(), "remark": phone.remark,
        "groupid": 0, "tagid_list": phone.tags, "subscribe_scene": scene, "qr_scene": id, "qr_scene_str": words,
    })
}

fn info(request: &Request) -> Answered {
    let openid = request.query("openid");
    let shown = request.simulator.with_phone(openid, |phone| shown(openid, phone));
    shown.map_or_else(|| Err(refused(40003, "invalid openid")), told)
}

fn infos(request: &Request) -> Answered {
    let body = request.json()?;
    let asked = body["user_list"].as_array().cloned().unwrap_or_default();
    if asked.is_empty() || asked.len() > INFOS_MAX {
        return Err(refused(40032, "invalid openid list size"));
    }
    let phones = request.simulator.phones();
    let mut list = Vec::new();
    for user in &asked {
        let openid = text(user, "openid");
        let phone = phones.by_openid.get(openid).ok_or_else(|| refused(40003, "invalid openid"))?;
        list.push(shown(openid, phone));
    }
    told(json!({"user_info_list": list}))
}

fn remark(request: &Request) -> Answered {
    let body = request.json()?;
    let remark = text(&body, "remark").to_owned();
    if remark.chars().count() > REMARK_CHARS_MAX {
        return Err(refused(45002, "remark size out of limit"));
    }
    let done = request.simulator.with_phone(text(&body, "openid"), |phone| phone.remark = remark.clone());
    done.map_or_else(|| Err(refused(40003, "invalid openid")), |()| ok())
}

fn blacklist(request: &Request) -> Answered {
    let body = request.json()?;
    let blocked = request.with_account(|account| account.blocked.clone());
    told(page(&blocked, text(&body, "begin_openid")))
}

fn block(request: &Request, block: bool) -> Answered {
    let body = request.json()?;
    let openids = texts(&body["openid_list"]);
    if openids.is_empty() || openids.len() > 20 {
        return Err(refused(40032, "invalid openid list size"));
    }
    if openids.iter().any(|openid| request.simulator.with_phone(openid, |_| ()).is_none()) {
        return Err(refused(40003, "invalid openid"));
    }
    request.with_account(|account| {
        account.blocked.retain(|openid| !openids.contains(openid));
        if block {
            account.blocked.extend(openids.clone());
        }
    });
    ok()
}
