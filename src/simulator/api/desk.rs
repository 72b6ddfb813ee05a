//! The customer-service desk (客服).

use serde_json::{Value, json};

use super::{Answered, Endpoint, Refused, Request, done, get, number, ok, post, refused, text, told};
use crate::wechat::event::Event;
use crate::wechat::message::Kind;

const RECORDS_MAX: u64 = 10_000;
const RECORDS_SPAN_S: u64 = 86_400;

pub const ENDPOINTS: &[Endpoint] = &[
    get("/cgi-bin/customservice/getkflist", list),
    get("/cgi-bin/customservice/getonlinekflist", online),
    post("/customservice/kfaccount/add", add),
    post("/customservice/kfaccount/update", update),
    post("/customservice/kfaccount/inviteworker", invite),
    post("/customservice/kfaccount/del", delete),
    get("/customservice/kfaccount/del", delete),
    post("/customservice/kfaccount/uploadheadimg", portray),
    post("/customservice/kfsession/create", open_session),
    post("/customservice/kfsession/close", close_session),
    get("/customservice/kfsession/getsession", session),
    get("/customservice/kfsession/getsessionlist", sessions),
    get("/customservice/kfsession/getwaitcase", |_| told(json!({"count": 0, "waitcaselist": []}))),
    post("/customservice/msgrecord/getmsglist", records),
];

fn list(request: &Request) -> Answered {
    let account = |(name, nick): (&String, &String)| json!({"kf_account": name, "kf_nick": nick, "kf_id": "1001", "kf_headimgurl": ""});
    let all: Vec<Value> = request.with_account(|kept| kept.desk.iter().map(account).collect());
    told(json!({"kf_list": all}))
}

fn online(request: &Request) -> Answered {
    let worker =
        |name: &String| json!({"kf_account": name, "status": 1, "kf_id": "1001", "accepted_case": 0});
    let all: Vec<Value> = request.with_account(|kept| kept.desk.keys().map(worker).collect());
    told(json!({"kf_online_list": all}))
}

/// `name@wechatid`, the name of at most ten letters and digits.
fn well_named(body: &Value) -> Result<String, Refused> {
    let account = text(body, "kf_account");
    let (name, _) = account.split_once('@').ok_or_else(|| refused(61452, "invalid kf_account"))?;
    let plain = !name.is_empty() && name.len() <= 10 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { Ok(account.to_owned()) } else { Err(refused(61453, "kf_account too long or illegal")) }
}

fn known(request: &Request, name: &str) -> Result<String, Refused> {
    match request.with_account(|account| account.desk.contains_key(name)) {
        true => Ok(name.to_owned()),
        false => Err(refused(65401, "invalid custom service account")),
    }
}

fn add(request: &Request) -> Answered {
    let body = request.json()?;
    let name = well_named(&body)?;
    let nick = text(&body, "nickname").to_owned();
    request.with_account(|account| match account.desk.contains_key(&name) {
        true => Err(refused(61454, "kf_account existed")),
        false => {
            account.desk.insert(name, nick);
            ok()
        }
    })
}

fn portray(request: &Request) -> Answered {
    known(request, request.query("kf_account"))?;
    ok()
}

/// Nothing is kept of what the desk's people write: a list that is always empty, of a day at most.
fn records(request: &Request) -> Answered {
    let body = request.json()?;
    let (from, to) = (number(&body["starttime"]), number(&body["endtime"]));
    let (Some(from), Some(to)) = (from, to) else {
        return Err(refused(65416, "invalid parameter"));
    };
    match number(&body["number"]) {
        Some(1..=RECORDS_MAX) if from <= to => {}
        _ => return Err(refused(65416, "invalid parameter")),
    }
    if to - from > RECORDS_SPAN_S {
        return Err(refused(65417, "invalid time, interval too long"));
    }
    told(json!({"recordlist": [], "number": 0, "msgid": 1}))
}

fn update(request: &Request) -> Answered {
    let body = request.json()?;
    let name = known(request, text(&body, "kf_account"))?;
    request.with_account(|account| account.desk.insert(name, text(&body, "nickname").to_owned()));
    ok()
}

fn invite(request: &Request) -> Answered {
    known(request, text(&request.json()?, "kf_account"))?;
    ok()
}

fn delete(request: &Request) -> Answered {
    let named = match request.query("kf_account") {
        "" => text(&request.json()?, "kf_account").to_owned(),
        name => name.to_owned(),
    };
    let name = known(request, &named)?;
    request.with_account(|account| account.desk.remove(&name));
    ok()
}

fn open_session(request: &Request) -> Answered {
    let body = request.json()?;
    let name = known(request, text(&body, "kf_account"))?;
    let openid = text(&body, "openid").to_owned();
    if request.simulator.with_phone(&openid, |phone| phone.subscribed) != Some(true) {
        return Err(refused(40003, "invalid openid"));
    }
    request.with_account(|account| match account.sessions.get(&openid) {
        Some((other, _)) if *other != name => Err(refused(65414, "user is accepted by another worker")),
        Some(_) => ok(),
        None => {
            account.sessions.insert(openid.clone(), (name.clone(), request.now));
            request.simulator.tell_later(&openid, Kind::Event(Event::KfCreateSession { account: name }));
            ok()
        }
    })
}

fn close_session(request: &Request) -> Answered {
    let body = request.json()?;
    let name = known(request, text(&body, "kf_account"))?;
    let openid = text(&body, "openid");
    request.with_account(|account| {
        match account.sessions.get(openid) {
            None => return Err(refused(65413, "no such session")),
            Some((other, _)) if *other != name => {
                return Err(refused(65414, "user is accepted by another worker"));
            }
            Some(_) => account.sessions.remove(openid),
        };
        request.simulator.tell_later(openid, Kind::Event(Event::KfCloseSession { account: name }));
        ok()
    })
}

fn session(request: &Request) -> Answered {
    let found = request.with_account(|account| account.sessions.get(request.query("openid")).cloned());
    let (name, since) = found.unwrap_or_default();
    done(json!({"kf_account": name, "createtime": since.unix_s()}))
}

fn sessions(request: &Request) -> Answered {
    let name = known(request, request.query("kf_account"))?;
    request.with_account(|account| {
        let of_worker = account.sessions.iter().filter(|(_, (worker, _))| *worker == name);
        let session = |(openid, (_, at)): (&String, &(String, crate::moment::Time))| {
            json!({"openid": openid, "createtime": at.unix_s()})
        };
        told(json!({"sessionlist": of_worker.map(session).collect::<Vec<_>>()}))
    })
}
