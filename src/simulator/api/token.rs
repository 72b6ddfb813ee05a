//! Access tokens. The two kinds know nothing of each other.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;

use super::{Answered, Endpoint, Refused, Request, open_get, open_post, refused, text, told};

const LIVES: Duration = Duration::from_secs(7200);
/// A stable token's successor is given out this long before its end.
const RENEWED_AHEAD: Duration = Duration::from_secs(300);
/// How long a plain token outlives its successor's coming.
const OVERLAP: Duration = Duration::from_secs(300);
const FORCED_A_DAY: usize = 20;
const FORCED_APART: Duration = Duration::from_secs(30);

pub const ENDPOINTS: &[Endpoint] =
    &[open_get("/cgi-bin/token", plain), open_post("/cgi-bin/stable_token", stable)];

fn plain(request: &Request) -> Answered {
    let (app_id, secret) = (request.query("appid"), request.query("secret"));
    known(request, request.query("grant_type"), app_id, secret)?;
    let fresh = fresh(request, "plain");
    request.with_account(|account| {
        let tokens = &mut account.tokens;
        // A token made anew puts an end to the one before it, soon.
        let soon = request.now.plus(OVERLAP);
        tokens.earlier.retain(|(_, until)| *until > request.now);
        tokens.earlier.extend(tokens.plain.take().map(|(token, until)| (token, until.min(soon))));
        tokens.plain = Some((fresh.clone(), request.now.plus(LIVES)));
    });
    granted(&fresh, LIVES)
}

fn stable(request: &Request) -> Answered {
    let body = request.json()?;
    known(request, text(&body, "grant_type"), text(&body, "appid"), text(&body, "secret"))?;
    let force = body["force_refresh"].as_bool().unwrap_or(false);
    if force {
        may_force(request)?;
    }
    let kept = request.with_account(|account| account.tokens.stable.clone());
    if let Some((token, until)) = kept.filter(|(_, until)| !force && request.now.plus(RENEWED_AHEAD) < *until)
    {
        return granted(&token, until.since(request.now));
    }
    let fresh = fresh(request, "stable");
    request.with_account(|account| {
        let tokens = &mut account.tokens;
        tokens.earlier.retain(|(_, until)| *until > request.now);
        // One that was renewed ahead of its end lives until then; one made anew by force dies.
        tokens.earlier.extend(tokens.stable.take().filter(|_| !force));
        tokens.stable = Some((fresh.clone(), request.now.plus(LIVES)));
    });
    granted(&fresh, LIVES)
}

fn may_force(request: &Request) -> Result<(), Refused> {
    request.with_account(|account| {
        let day = Duration::from_secs(86_400);
        account.tokens.forced.retain(|at| request.now.since(*at) < day);
        let too_soon = account.tokens.forced.last().is_some_and(|at| request.now.since(*at) < FORCED_APART);
        if too_soon || account.tokens.forced.len() >= FORCED_A_DAY {
            return Err(refused(45009, "reach max api daily quota limit"));
        }
        account.tokens.forced.push(request.now);
        Ok(())
    })
}

pub fn known(request: &Request, grant: &str, app_id: &str, secret: &str) -> Result<(), Refused> {
    let settings = &request.simulator.0.settings;
    let expected = settings.app_secret.as_ref().map_or("", |secret| secret.expose_secret());
    match () {
        () if grant != "client_credential" => Err(refused(40002, "invalid grant_type")),
        () if app_id.is_empty() => Err(refused(41002, "appid missing")),
        () if app_id != settings.keys.app_id => Err(refused(40013, "invalid appid")),
        () if secret.is_empty() => Err(refused(41004, "appsecret missing")),
        () if secret != expected => Err(refused(40125, "invalid appsecret, view more at the console")),
        () => Ok(()),
    }
}

/// Long, as WeChat's are, and never the same twice.
fn fresh(request: &Request, kind: &str) -> String {
    use sha2::{Digest, Sha256};
    let number = request.with_account(super::super::account::Account::next);
    let seed = request.simulator.0.clock.moment().seed;
    let hash = hex::encode(Sha256::digest(format!("{kind} {number} {seed} {}", request.now.unix_ms())));
    format!("99_{hash}{hash}")
}

fn granted(token: &str, lives: Duration) -> Answered {
    told(json!({"access_token": token, "expires_in": lives.as_secs()}))
}

/// The token of a call.
pub fn check(request: &Request) -> Result<(), Refused> {
    let given = request.query("access_token");
    if given.is_empty() {
        return Err(refused(41001, "access_token missing"));
    }
    let until = request.with_account(|account| {
        let tokens = &account.tokens;
        let all = tokens.stable.iter().chain(&tokens.plain).chain(&tokens.earlier);
        let mut all = all.map(|(token, until)| (token, until));
        all.find(|(token, _)| *token == given).map(|(_, until)| *until)
    });
    match until {
        Some(until) if until > request.now => Ok(()),
        Some(_) => Err(refused(42001, "access_token expired")),
        None if given.len() < 20 => Err(refused(40014, "invalid access_token")),
        None => Err(refused(40001, "invalid credential, access_token is invalid or not latest")),
    }
}
