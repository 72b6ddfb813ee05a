//! Tags (标签) of followers.

use serde_json::{Value, json};

use super::users::page;
use super::{Answered, Endpoint, Refused, Request, get, number, ok, post, refused, text, texts, told};

const TAGS_MAX: usize = 100;
const NAME_BYTES_MAX: usize = 30;
const AT_ONCE_MAX: usize = 50;
const OF_ONE_MAX: usize = 20;
const SYSTEM: [u32; 3] = [0, 1, 2];
/// Tags of more have to be taken off first.
const DELETED_WITH_MAX: usize = 100_000;
const FIRST: u32 = 100;

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/tags/create", create),
    get("/cgi-bin/tags/get", list),
    post("/cgi-bin/tags/update", update),
    post("/cgi-bin/tags/delete", delete),
    post("/cgi-bin/tags/members/batchtagging", |request| tag(request, true)),
    post("/cgi-bin/tags/members/batchuntagging", |request| tag(request, false)),
    post("/cgi-bin/tags/getidlist", of_follower),
    post("/cgi-bin/user/tag/get", members),
];

fn name(body: &Value) -> Result<String, Refused> {
    match text(&body["tag"], "name") {
        "" => Err(refused(45157, "invalid tag name")),
        name if name.len() > NAME_BYTES_MAX => Err(refused(45158, "tag name too long")),
        name => Ok(name.to_owned()),
    }
}

fn own(request: &Request, id: Option<u64>) -> Result<u32, Refused> {
    let invalid = || refused(45159, "invalid tag id");
    let id = id.and_then(|id| u32::try_from(id).ok()).ok_or_else(invalid)?;
    if SYSTEM.contains(&id) {
        return Err(refused(45058, "can't modify sys tag"));
    }
    match request.with_account(|account| account.tags.contains_key(&id)) {
        true => Ok(id),
        false => Err(invalid()),
    }
}

fn create(request: &Request) -> Answered {
    let name = name(&request.json()?)?;
    request.with_account(|account| {
        if account.tags.values().any(|known| *known == name) {
            return Err(refused(45157, "invalid tag name"));
        }
        if account.tags.len() >= TAGS_MAX {
            return Err(refused(45056, "too many tag now, no need to add new"));
        }
        let id = account.tags.keys().next_back().map_or(FIRST, |last| last + 1);
        account.tags.insert(id, name.clone());
        told(json!({"tag": {"id": id, "name": name}}))
    })
}

fn list(request: &Request) -> Answered {
    let tags = request.with_account(|account| account.tags.clone());
    let phones = request.simulator.phones();
    let count = |id: &u32| phones.by_openid.values().filter(|phone| phone.tags.contains(id)).count();
    let tags: Vec<Value> =
        tags.iter().map(|(id, name)| json!({"id": id, "name": name, "count": count(id)})).collect();
    told(json!({"tags": tags}))
}

fn update(request: &Request) -> Answered {
    let body = request.json()?;
    let (id, name) = (own(request, number(&body["tag"]["id"]))?, name(&body)?);
    request.with_account(|account| {
        if account.tags.iter().any(|(other, known)| *other != id && *known == name) {
            return Err(refused(45157, "invalid tag name"));
        }
        account.tags.insert(id, name);
        ok()
    })
}

fn delete(request: &Request) -> Answered {
    let body = request.json()?;
    let id = own(request, number(&body["tag"]["id"]))?;
    let mut phones = request.simulator.phones();
    let members = phones.by_openid.values().filter(|phone| phone.tags.contains(&id)).count();
    if members > DELETED_WITH_MAX {
        return Err(refused(45057, "can't delete the tag that has too many fans"));
    }
    phones.by_openid.values_mut().for_each(|phone| phone.tags.retain(|tag| *tag != id));
    drop(phones);
    request.with_account(|account| account.tags.remove(&id));
    ok()
}

fn tag(request: &Request, add: bool) -> Answered {
    let body = request.json()?;
    let id = own(request, number(&body["tagid"]))?;
    let openids = texts(&body["openid_list"]);
    if openids.is_empty() || openids.len() > AT_ONCE_MAX {
        return Err(refused(40032, "invalid openid list size"));
    }
    let mut phones = request.simulator.phones();
    for openid in &openids {
        let phone = phones.by_openid.get(openid).ok_or_else(|| refused(49003, "openid not match appid"))?;
        if add && phone.tags.len() >= OF_ONE_MAX && !phone.tags.contains(&id) {
            return Err(refused(45059, "can not add this tag to a user"));
        }
    }
    for openid in &openids {
        let Some(phone) = phones.by_openid.get_mut(openid) else { continue };
        phone.tags.retain(|tag| *tag != id);
        if add {
            phone.tags.push(id);
        }
    }
    ok()
}

fn of_follower(request: &Request) -> Answered {
    let body = request.json()?;
    let tags = request.simulator.with_phone(text(&body, "openid"), |phone| json!({"tagid_list": phone.tags}));
    tags.map_or_else(|| Err(refused(40003, "invalid openid")), told)
}

fn members(request: &Request) -> Answered {
    let body = request.json()?;
    let id = match number(&body["tagid"]).and_then(|id| u32::try_from(id).ok()) {
        Some(id) if SYSTEM.contains(&id) => id,
        _ => own(request, number(&body["tagid"]))?,
    };
    let phones = request.simulator.phones();
    let has = |openid: &&String| phones.by_openid.get(*openid).is_some_and(|phone| phone.tags.contains(&id));
    let all: Vec<String> = phones.openids.iter().filter(has).cloned().collect();
    told(page(&all, text(&body, "next_openid")))
}
