use serde_json::{Value, json};

use super::{Answered, Endpoint, Request, done, get, ok, open_post, post, refused, text, told};

pub const ENDPOINTS: &[Endpoint] = &[
    get("/cgi-bin/getcallbackip", addresses),
    get("/cgi-bin/get_api_domain_ip", addresses),
    post("/cgi-bin/callback/check", check),
    post("/cgi-bin/clear_quota", clear),
    open_post("/cgi-bin/clear_quota/v2", |_| ok()),
    post("/cgi-bin/openapi/quota/get", quota),
    post("/cgi-bin/openapi/quota/clear", |_| ok()),
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
        true => ok(),
        false => Err(refused(40013, "invalid appid")),
    }
}

fn quota(request: &Request) -> Answered {
    let body = request.json()?;
    let limit = match text(&body, "cgi_path") {
        path if path.starts_with("/sns/") => return Err(refused(76022, "could not use this cgi_path")),
        "/cgi-bin/message/custom/send" => 500_000,
        "/cgi-bin/message/template/send" => 100_000,
        "/cgi-bin/message/mass/send" | "/cgi-bin/message/mass/sendall" => 100,
        "/cgi-bin/user/get" => 500,
        "/cgi-bin/user/info" | "/cgi-bin/user/info/batchget" => 5_000_000,
        "/cgi-bin/menu/create" => 1_000,
        path if path.starts_with("/cgi-bin/") || path.starts_with("/wxaapi/") => 10_000,
        _ => return Err(refused(76021, "cgi_path not found")),
    };
    let path = text(&body, "cgi_path").to_owned();
    let used = request.simulator.calls_of(&path);
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
