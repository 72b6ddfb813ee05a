//! The checks, from the configuration outwards.

use super::{Check, State};
use crate::app::content_source;
use crate::cli::wechat::{client, words};
use crate::config::Config;
use crate::content::Severity;
use crate::dispatch::load_content;
use crate::wechat::Mode;
use crate::wechat::api::{self, Carrier, Client, TokenKind, What};

/// The calls whose counters decide whether followers are reached.
const COUNTED: &[(&str, &str)] = &[
    ("customer messages", "/cgi-bin/message/custom/send"),
    ("template messages", "/cgi-bin/message/template/send"),
    ("notices", "/cgi-bin/message/subscribe/bizsend"),
    ("mass sends", "/cgi-bin/message/mass/sendall"),
    ("sends to lists", "/cgi-bin/message/mass/send"),
    ("follower lists", "/cgi-bin/user/get"),
];

/// What of a daily limit may be gone before it deserves a look, in percent.
const USED_LOOK: u64 = 80;

/// What is asked of WeChat once there is a token.
const ASKED: &[&str] = &["pushes", "webhook", "menu", "templates", "notice templates", "followers"];

pub(super) async fn of(config: &Config) -> Vec<Check> {
    let mut checks = configuration(config);
    if config.wechat.api(&config.account).is_none() {
        let advice = "copy the AppSecret from the console (设置与开发 › 开发接口管理) into it, or into a file that \
                      account.app_secret_file names";
        checks.push(Check::wrong("access token", "account.app_secret is missing", advice));
        return skipped(checks);
    }
    let Ok(client) = client(config) else {
        let advice = "install them (Debian: ca-certificates)";
        checks.push(Check::wrong("access token", "HTTPS finds no CA certificates on this machine", advice));
        return skipped(checks);
    };
    let token = token(config, &client).await;
    let has_token = token.state == State::Ok;
    checks.push(token);
    if !has_token {
        return skipped(checks);
    }
    checks.push(pushes(&client).await);
    checks.push(webhook(&client).await);
    checks.push(menu(config, &client).await);
    checks.push(templates(&client).await);
    checks.push(notice_templates(&client).await);
    checks.push(followers(&client).await);
    for (about, path) in COUNTED {
        checks.push(counter(&client, about, path).await);
    }
    checks
}

fn skipped(mut checks: Vec<Check>) -> Vec<Check> {
    let counted = COUNTED.iter().map(|(about, _)| about);
    let not_asked = ASKED.iter().chain(counted);
    checks.extend(not_asked.map(|about| Check::new(about, State::Skipped, "needs an access token")));
    checks
}

fn configuration(config: &Config) -> Vec<Check> {
    let file = config.path.display();
    let mut checks = vec![Check::ok("configuration", format!("{file} can be used"))];
    if config.account.keys.mode != Mode::Safe {
        let advice = "choose 安全模式 in the console and set account.mode = \"safe\"";
        checks.push(Check::look(
            "mode",
            "pushes are not encrypted, so anybody may have written them",
            advice,
        ));
    }
    if config.staff.is_empty() {
        let advice = "`gonghui staff token` makes a token and its hash";
        checks.push(Check::look("staff", "there is no [[staff]]: nobody can publish anything", advice));
    }
    if config.wechat.api_base != api::BASE {
        let what = format!("wechat.api_base is {}, a stand-in for WeChat", config.wechat.api_base);
        checks.push(Check::look("address", what, format!("leave it out, or set it to {:?}", api::BASE)));
    }
    checks.push(content(config));
    checks
}

fn content(config: &Config) -> Check {
    let place = config.menus.path.as_ref().map_or("built in".to_owned(), |path| path.display().to_string());
    match load_content(&content_source(config)) {
        Ok(_) => Check::ok("menus and texts", place),
        Err(problems) => {
            let count = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
            let what = format!("{place}: {count} problems");
            Check::wrong("menus and texts", what, "`gonghui check` tells them")
        }
    }
}

async fn token(config: &Config, client: &Client) -> Check {
    let kind = match config.wechat.token_kind {
        TokenKind::Stable => "stable",
        TokenKind::Plain => "plain",
    };
    match client.check_credentials().await {
        Ok(()) => Check::ok("access token", format!("{kind} kind, from {}", config.wechat.api_base)),
        Err(failure) if failure.code.is_none() && failure.advice().is_none() => {
            let advice = format!(
                "may this machine reach {}? A firewall may stop it, or wechat.api_base is wrong",
                config.wechat.api_base
            );
            Check::wrong("access token", words(&failure), advice)
        }
        Err(failure) => refused("access token", &failure),
    }
}

async fn pushes(client: &Client) -> Check {
    match client.callback_ips().await {
        Ok(ips) => Check::ok("pushes", format!("come from {} addresses", ips.len())),
        Err(failure) => refused("pushes", &failure),
    }
}

/// WeChat's own test of the way to the address in its console.
async fn webhook(client: &Client) -> Check {
    let advice = "the address is set in the console (设置与开发 › 开发接口管理 › 服务器配置) and must be open to the world on port 80 or 443";
    match client.check_callback(What::All, Carrier::Any).await {
        Ok(check) if check.ping.is_empty() => {
            Check::look("webhook", "WeChat tells nothing of the way to it", advice)
        }
        Ok(check) => match check.ping.iter().find(|ping| ping.package_loss != "0%") {
            Some(ping) => {
                let what = format!("WeChat loses {} on its way to {}", ping.package_loss, ping.ip);
                Check::look("webhook", what, advice)
            }
            None => {
                let times: Vec<&str> = check.ping.iter().map(|ping| ping.time.as_str()).collect();
                Check::ok("webhook", format!("WeChat reaches it in {}", times.join(", ")))
            }
        },
        Err(failure) => refused("webhook", &failure),
    }
}

async fn menu(config: &Config, client: &Client) -> Check {
    let found = match client.menus().await {
        Ok(found) => found,
        Err(failure) => return refused("menu", &failure),
    };
    let push = "`gonghui menu diff` shows how, `gonghui menu push` changes the account";
    let Some(found) = found else { return own_menu(client).await };
    match load_content(&content_source(config)) {
        Ok((content, _)) if content.menu.button != found.menu.button => {
            Check::look("menu", "the account's differs from the files", push)
        }
        _ => Check::ok(
            "menu",
            format!("{} buttons, {} personalised", found.menu.button.len(), found.conditional.len()),
        ),
    }
}

/// Without one of the API's, the console may have made one.
async fn own_menu(client: &Client) -> Check {
    let push = "`gonghui menu push` makes the one of the files";
    match client.current_menu().await {
        Ok(current) if is_open(&current) => Check::look("menu", "was made in the console", push),
        Ok(_) => Check::look("menu", "the account has none", push),
        Err(failure) => refused("menu", &failure),
    }
}

/// WeChat writes it as a number; some accounts get a text.
fn is_open(current: &serde_json::Value) -> bool {
    let open = &current["is_menu_open"];
    open == 1 || open == "1" || open == true
}

async fn templates(client: &Client) -> Check {
    match client.templates().await {
        Ok(templates) => Check::ok("templates", format!("{} of 25", templates.len())),
        Err(failure) => refused("templates", &failure),
    }
}

async fn notice_templates(client: &Client) -> Check {
    match client.notice_templates().await {
        Ok(templates) => Check::ok("notice templates", format!("{} of 25", templates.len())),
        Err(failure) => refused("notice templates", &failure),
    }
}

async fn followers(client: &Client) -> Check {
    match client.users(None).await {
        Ok(page) => Check::ok("followers", page.total.to_string()),
        Err(failure) => refused("followers", &failure),
    }
}

async fn counter(client: &Client, about: &str, path: &str) -> Check {
    let quota = match client.quota(path).await {
        Ok(quota) => quota,
        Err(failure) => return refused(about, &failure),
    };
    if quota.daily_limit == 0 {
        return Check::ok(about, format!("{} today, without a limit", quota.used));
    }
    let used = format!("{} of {} used today", quota.used, quota.daily_limit);
    match quota.used.saturating_mul(100) / quota.daily_limit {
        percent if percent >= 100 => {
            Check::look(about, used, "they start anew at midnight; lower the rate if this comes again")
        }
        percent if percent >= USED_LOOK => Check::look(about, used, "what is left may not last the day"),
        _ => Check::ok(about, used),
    }
}

fn refused(about: &str, failure: &api::Failure) -> Check {
    let advice = failure.advice().map(str::to_owned);
    Check { advice, ..Check::new(about, State::Wrong, words(failure)) }
}
