//! Web pages: authorization (OAuth 2.0) and the JS-SDK's ticket.

use secrecy::ExposeSecret;
use serde_json::json;

use super::{Answered, Endpoint, Refused, Request, done, get, open_get, refused, told};

pub const ENDPOINTS: &[Endpoint] = &[
    open_get("/sns/oauth2/access_token", exchange),
    open_get("/sns/oauth2/refresh_token", refresh),
    open_get("/sns/userinfo", user),
    open_get("/sns/auth", |request| openid(request).and_then(|_| super::ok())),
    get("/cgi-bin/ticket/getticket", ticket),
];

/// A code is a follower's openid with this in front, and with a `-` and anything behind to tell it from others of the
/// same follower: whoever stands in for the browser makes it.
const CODE: &str = "code-";
const TOKEN: &str = "web-";

fn known(request: &Request, openid: &str) -> Result<String, Refused> {
    let known = request.simulator.with_phone(openid, |_| ()).is_some();
    known.then(|| openid.to_owned()).ok_or_else(|| refused(40029, "invalid code"))
}

fn granted(openid: &str) -> Answered {
    told(json!({
        "access_token": format!("{TOKEN}{openid}"), "expires_in": 7200, "refresh_token": format!("{TOKEN}{openid}"),
        "openid": openid, "scope": "snsapi_base",
    }))
}

fn exchange(request: &Request) -> Answered {
    let settings = &request.simulator.0.settings;
    if request.query("appid") != settings.keys.app_id {
        return Err(refused(40013, "invalid appid"));
    }
    let secret = settings.app_secret.as_ref().map_or("", |secret| secret.expose_secret());
    if request.query("secret") != secret {
        return Err(refused(40125, "invalid appsecret"));
    }
    grant_type(request, "authorization_code")?;
    let code = request.query("code");
    let named = code.strip_prefix(CODE).ok_or_else(|| refused(40029, "invalid code"))?;
    let openid = known(request, named.split_once('-').map_or(named, |(openid, _)| openid))?;
    match request.with_account(|account| account.used_codes.insert(code.to_owned())) {
        true => granted(&openid),
        false => Err(refused(40163, "code been used")),
    }
}

fn grant_type(request: &Request, expected: &str) -> Result<(), Refused> {
    let fits = request.query("grant_type") == expected;
    fits.then_some(()).ok_or_else(|| refused(40002, "invalid grant_type"))
}

fn refresh(request: &Request) -> Answered {
    if request.query("appid") != request.simulator.0.settings.keys.app_id {
        return Err(refused(40013, "invalid appid"));
    }
    grant_type(request, "refresh_token")?;
    let token = request.query("refresh_token").strip_prefix(TOKEN);
    granted(&known(request, token.ok_or_else(|| refused(40030, "invalid refresh_token"))?)?)
}

fn openid(request: &Request) -> Result<String, Refused> {
    let token = request.query("access_token").strip_prefix(TOKEN).unwrap_or_default();
    match token == request.query("openid") && !token.is_empty() {
        true => Ok(token.to_owned()),
        false => Err(refused(40003, "invalid openid")),
    }
}

fn user(request: &Request) -> Answered {
    let openid = openid(request)?;
    told(json!({"openid": openid, "nickname": "", "sex": 0, "province": "", "city": "", "country": "",
                "headimgurl": "", "privilege": []}))
}

fn ticket(request: &Request) -> Answered {
    match request.query("type") {
        "jsapi" | "wx_card" => done(json!({"ticket": "TICKET-1_simulated", "expires_in": 7200})),
        _ => Err(refused(40097, "invalid args")),
    }
}
