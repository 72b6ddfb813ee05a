use serde_json::{Value, json};

use super::{Answered, Endpoint, Refused, Request, done, get, ok, open_post, post, refused, text, told};
use crate::simulator::account::count_in_month;

const CLEARED_A_MONTH: u32 = 10;

pub const ENDPOINTS: &[Endpoint] = &[
    get("/cgi-bin/getcallbackip", addresses),
    get("/cgi-bin/get_api_domain_ip", addresses),
    post("/cgi-bin/callback/check", check),
    post("/cgi-bin/clear_quota", clear),
    open_post("/cgi-bin/clear_quota/v2", clear_by_secret),
    post("/cgi-bin/openapi/quota/get", quota),
    post("/cgi-bin/openapi/quota/clear", clear_one),
    post("/cgi-bin/openapi/rid/get", rid),
];

fn addresses(_: &Request) -> Answered {
    told(json!({"ip_list": ["127.0.0.1", "127.0.0.0/30"]}))
}

fn check(request: &Request) -> Answered {
    let body = request.json()?;
    match text(&body, "action") {
        "dns" | "ping" | "all" => {}
        _ => return Err(refused(40201, "invalid action")),
    }
    match text(&body, "check_operator") {
        "DEFAULT" | "CHINANET" | "UNICOM" | "CAP" => {}
        _ => return Err(refused(40202, "invalid check_operator")),
    }
    done(json!({
        "dns": [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}],
        "ping": [{"ip": "127.0.0.1", "from_operator": "DEFAULT", "package_loss": "0%", "time": "0.079ms"}],
    }))
}

fn clear(request: &Request) -> Answered {
    let body = request.json()?;
    match text(&body, "appid") == request.simulator.0.settings.keys.app_id {
        true => cleared(request),
        false => Err(refused(40013, "invalid appid")),
    }
}

/// Without a token: who has lost count of those has their quota used up too. Takes what it needs from the body or the
/// address, since WeChat's page says both.
fn clear_by_secret(request: &Request) -> Answered {
    let body = request.json().unwrap_or_default();
    let given = |name: &str| match text(&body, name) {
        "" => request.query(name).to_owned(),
        given => given.to_owned(),
    };
    super::token::known(request, "client_credential", &given("appid"), &given("appsecret"))?;
    cleared(request)
}

/// Both ways together, ten times a month.
fn cleared(request: &Request) -> Answered {
    let may =
        request.with_account(|account| count_in_month(&mut account.cleared, request.now, CLEARED_A_MONTH));
    if !may {
        return Err(refused(48006, "forbid to clear quota because of reaching the limit"));
    }
    request.simulator.forget_counts(None);
    ok()
}

fn clear_one(request: &Request) -> Answered {
    let body = request.json()?;
    let path = text(&body, "cgi_path");
    daily_limit(path)?;
    request.simulator.forget_counts(Some(path));
    ok()
}

/// Of a new, verified account.
fn daily_limit(path: &str) -> Result<u64, Refused> {
    Ok(match path {
        path if path.starts_with("/sns/") => return Err(refused(76022, "could not use this cgi_path")),
        "/cgi-bin/token" => 2_000,
        "/cgi-bin/message/custom/send" => 500_000,
        "/cgi-bin/message/template/send" | "/cgi-bin/media/upload" | "/cgi-bin/qrcode/create" => 100_000,
        "/cgi-bin/media/get" => 200_000,
        "/cgi-bin/message/mass/send" | "/cgi-bin/message/mass/sendall" | "/cgi-bin/message/mass/preview" => {
            100
        }
        "/cgi-bin/user/get" | "/cgi-bin/draft/get" => 500,
        "/cgi-bin/user/info" | "/cgi-bin/user/info/batchget" => 5_000_000,
        "/cgi-bin/menu/create" | "/cgi-bin/menu/delete" => 1_000,
        path if path.starts_with("/cgi-bin/draft/") => 1_000,
        "/cgi-bin/freepublish/submit" | "/cgi-bin/freepublish/get" => 100,
        "/cgi-bin/freepublish/delete" => 10,
        path if super::is_known(path) => 10_000,
        _ => return Err(refused(76021, "cgi_path not found")),
    })
}

fn quota(request: &Request) -> Answered {
    let body = request.json()?;
    let path = text(&body, "cgi_path");
    let limit = daily_limit(path)?;
    let used = request.simulator.calls_of(path);
    done(json!({
        "quota": {"daily_limit": limit, "used": used, "remain": limit - used.min(limit)},
        "rate_limit": {"call_count": 10_000, "refresh_second": 60},
        "component_rate_limit": Value::Null,
    }))
}

fn rid(request: &Request) -> Answered {
    let body = request.json()?;
    match text(&body, "rid") {
        "" => Err(refused(76001, "rid not found")),
        _ => done(json!({"request": {"invoke_time": request.now.unix_s(), "cost_in_ms": 1}})),
    }
}
