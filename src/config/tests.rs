use super::*;

use crate::moment::Time;
use crate::staff::Role;
use crate::wechat::Mode;
use crate::wechat::api::TokenKind;
use secrecy::ExposeSecret;
use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const SEAL: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

const WHOLE: &str = r#"
[account]
id = "gh_3c884a361561"
app_id = "wx5823bf96d3bd56c7"
token = "QDG6eK"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
[store]
path = "data/store"
[keys]
seal = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
"#;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::parse(Path::new("gonghui.toml"), text, &environment).map_err(|problems| problems.to_string())
}

#[test]
fn a_short_file_is_enough_and_the_defaults_are_the_documented_ones() {
    let config = parse(WHOLE, &[]).unwrap();
    assert_eq!(config.account.keys.mode, Mode::Safe);
    assert_eq!(config.account.keys.window, None);
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.path, "/wechat");
    assert_eq!(config.server.body_max, 65_536);
    assert_eq!(config.server.reply_deadline, Duration::from_millis(4_500));
    assert_eq!(config.server.drain, Duration::from_secs(8));
    assert_eq!(config.store.engine, EngineKind::Sled);
    assert_eq!(config.keys.seal.expose()[31], 31);
    assert_eq!(config.wechat.api_base, "https://api.weixin.qq.com");
    assert_eq!(config.wechat.token_kind, TokenKind::Stable);
    let Wechat { connect_timeout, timeout, media_timeout, .. } = config.wechat;
    assert_eq!([connect_timeout, timeout, media_timeout].map(|span| span.as_secs()), [5, 10, 60]);
    assert!(config.staff.is_empty());
}

#[test]
fn every_problem_is_told_at_once_with_its_place_and_the_nearest_key() {
    let text = r#"
[account]
id = "gonghui"
tokn = "QDG6eK"
mode = "secure"
encoding_aes_key = "short"
[server]
listen = "localhost"
public_url = "gh.example.org"
body_max = "64KB"
reply_deadline = "6s"
queue_max = 5
[store]
path = 7
[kesy]
seal = "x"
[[staff]]
name = "activities"
roles = ["activities"]
token_sha256 = "abc"
[[staff]]
name = "activities"
role = ["activity"]
"#;
    let expected = "\
gonghui.toml     keys.seal                 is missing; set it here, as `seal_file`, or as GONGHUI_KEYS__SEAL
gonghui.toml:2   account.app_id            is missing; only mode = \"plain\" works without it
gonghui.toml:2   account.token             is missing; set it here, as `token_file`, or as GONGHUI_ACCOUNT__TOKEN
gonghui.toml:3   account.id                must be the account's original id, like \"gh_3c884a361561\"
gonghui.toml:4   account.tokn              unknown key; did you mean `token`?
gonghui.toml:5   account.mode              must be \"plain\", \"compatible\" or \"safe\"
gonghui.toml:6   account.encoding_aes_key  must be the 43 letters and digits of WeChat's console
gonghui.toml:8   server.listen             must be an address and port like \"127.0.0.1:8080\"
gonghui.toml:9   server.public_url         must be like \"https://gh.example.org\", with no slash at its end
gonghui.toml:10  server.body_max           must be a size like \"64KiB\" or \"1MiB\"
gonghui.toml:11  server.reply_deadline     must be under 5s, when WeChat gives up
gonghui.toml:12  server.queue_max          unknown key; did you mean `store.queue_max`?
gonghui.toml:14  store.path                must be a text in quotes
gonghui.toml:15  kesy                      unknown section; did you mean `keys`?
gonghui.toml:19  staff.0.roles             no role \"activities\"; there are activity, benefit, merchant, claim, payment, broadcast, case, member, auditor, admin
gonghui.toml:20  staff.0.token_sha256      must be a SHA-256 in 64 hexadecimal digits
gonghui.toml:21  staff.1.roles             is missing; set it here or as GONGHUI_STAFF__1__ROLES
gonghui.toml:21  staff.1.token_sha256      is missing; `gonghui staff token` makes one
gonghui.toml:22  staff.1.name              is taken by another member of the staff
gonghui.toml:23  staff.1.role              unknown key; did you mean `roles`?";
    assert_eq!(parse(text, &[]).unwrap_err(), expected);
}

#[test]
fn syntax_errors_name_their_lines() {
    let told = parse("[account]\nid = \n\n[server\n", &[]).unwrap_err();
    let places: Vec<&str> = told.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(places, ["gonghui.toml:2", "gonghui.toml:4"], "{told}");
}

#[test]
fn the_environment_overrides_every_key_and_its_mistakes_are_named() {
    let config = parse(
        WHOLE,
        &[
            ("GONGHUI_ACCOUNT__TOKEN", "fromenv"),
            ("GONGHUI_SERVER__CONNECTIONS_MAX", "12"),
            ("GONGHUI_STORE__ENGINE", "memory"),
            ("GONGHUI_STAFF__0__NAME", "auditor"),
            ("GONGHUI_STAFF__0__ROLES", "auditor,case"),
            ("GONGHUI_STAFF__0__TOKEN_SHA256", &"ab".repeat(32)),
            ("GONGHUI_TOKEN", "the client's, no setting"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.account.keys.tokens[0].expose_secret(), "fromenv");
    assert_eq!(config.server.connections_max, 12);
    assert_eq!(config.store.engine, EngineKind::Memory);
    assert_eq!(config.staff[0].caller.roles, [Role::Auditor, Role::Case]);

    let told = parse(WHOLE, &[("GONGHUI_ACCOUNT__TOKN", "x"), ("GONGHUI_SERVER__DRAIN", "1h")]).unwrap_err();
    let expected = "\
GONGHUI_ACCOUNT__TOKN  account.tokn  unknown key; did you mean `token`?
GONGHUI_SERVER__DRAIN  server.drain  must be at most 8s: after 10s the service has to be gone";
    assert_eq!(told, expected);
    let told = parse(WHOLE, &[("GONGHUI_STOR__PATH", "x")]).unwrap_err();
    assert_eq!(told, "GONGHUI_STOR__PATH  stor.path  unknown key; did you mean `store.path`?");
    let told = parse(WHOLE, &[("GONGHUI_ACCOUNT_TOKEN", "x")]).unwrap_err();
    let expected = "GONGHUI_ACCOUNT_TOKEN  account.token  is not read: two `_` stand between section and key, GONGHUI_ACCOUNT__TOKEN";
    assert_eq!(told, expected);
}

#[test]
fn a_file_with_no_line_is_named_for_a_wrong_key_of_an_absent_section() {
    let told =
        parse("", &[("GONGHUI_STORE__ENGINE", "memory"), ("GONGHUI_ACCOUNT__MODE", "plain")]).unwrap_err();
    let keys: Vec<&str> = told.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(keys, ["account.id", "account.token", "keys.seal"]);
}

#[test]
fn secrets_come_from_files_beside_the_configuration_without_their_line_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "QDG6eK\n").unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    std::fs::write(
        folder.path().join("gonghui.toml"),
        WHOLE.replace("token = \"QDG6eK\"", "token_file = \"token\""),
    )
    .unwrap();
    let path = folder.path().join("gonghui.toml");

    let config = Config::load(&path, &Environment::new()).unwrap();
    assert_eq!(config.account.keys.tokens[0].expose_secret(), "QDG6eK");
    assert_eq!(config.store.path, folder.path().join("data/store"));

    let environment = [("GONGHUI_ACCOUNT__TOKEN".to_owned(), "fromenv".to_owned())].into();
    assert_eq!(Config::load(&path, &environment).unwrap().account.keys.tokens[0].expose_secret(), "fromenv");

    for (file, told) in [("empty", "is empty"), ("nowhere", "can't be read")] {
        let environment = [("GONGHUI_KEYS__SEAL_FILE".to_owned(), file.to_owned())].into();
        let problems = Config::load(&path, &environment).unwrap_err();
        assert!(problems.to_string().contains(told), "{problems}");
        assert_eq!(problems.list().len(), 1, "{problems}");
    }
}

#[test]
fn a_secret_that_every_user_of_the_machine_can_read_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    };
    let by_file = WHOLE.replace("token = \"QDG6eK\"", "token_file = \"token\"");
    let warned = |token: u32, toml: u32| -> Vec<String> {
        file("token", "QDG6eK\n", token);
        let config = Config::load(&file("gonghui.toml", &by_file, toml), &Environment::new()).unwrap();
        config.warnings.iter().map(|warning| format!("{} {}", warning.key, warning.message)).collect()
    };
    assert_eq!(warned(0o640, 0o600), [] as [String; 0]);
    let of_token = warned(0o644, 0o600);
    assert!(
        matches!(&of_token[..], [one] if one.starts_with("account.token_file") && one.contains("(mode 644): `chmod 600")),
        "{of_token:?}"
    );
    let of_config: Vec<_> = warned(0o600, 0o604);
    assert!(matches!(&of_config[..], [one] if one.contains("gonghui.toml")), "once: {of_config:?}");
}

#[test]
fn a_secret_given_twice_is_refused() {
    let text = WHOLE.replace("token = ", "token_file = \"x\"\ntoken = ");
    let told = parse(&text, &[]).unwrap_err();
    assert_eq!(told, "gonghui.toml:6  account.token  is given twice: keep `token` or `token_file`");
}

#[test]
fn the_replay_window_is_on_in_plain_mode_only_unless_told_otherwise() {
    let window = |mode: &str, window: &[(&str, &str)]| {
        let environment = [&[("GONGHUI_ACCOUNT__MODE", mode)], window].concat();
        parse(WHOLE, &environment).unwrap().account.keys.window
    };
    let ten_minutes = Some(Duration::from_secs(600));
    assert_eq!(window("plain", &[]), ten_minutes);
    assert_eq!(window("safe", &[]), None);
    assert_eq!(window("safe", &[("GONGHUI_ACCOUNT__REPLAY_WINDOW", "10m")]), ten_minutes);
    assert_eq!(window("plain", &[("GONGHUI_ACCOUNT__REPLAY_WINDOW", "off")]), None);
}

#[test]
fn nothing_that_is_secret_is_printed() {
    let config = parse(WHOLE, &[("GONGHUI_ACCOUNT__APP_SECRET", "appsecret")]).unwrap();
    let printed = format!("{config:?}");
    for secret in ["QDG6eK", AES_KEY, SEAL, "appsecret"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn calls_to_wechat_are_set_up_once_the_secret_is_there() {
    let config = parse(WHOLE, &[]).unwrap();
    assert!(config.wechat.api(&config.account).is_none());
    let text = format!(
        "{WHOLE}[wechat]\napi_base = \"http://127.0.0.1:1/api/\"\ntoken_kind = \"plain\"\ntimeout = \"3s\"\n"
    );
    let config = parse(&text, &[("GONGHUI_ACCOUNT__APP_SECRET", "appsecret")]).unwrap();
    let api = config.wechat.api(&config.account).unwrap();
    assert_eq!((api.base.as_str(), api.app_id.as_str()), ("http://127.0.0.1:1/api", "wx5823bf96d3bd56c7"));
    assert_eq!((api.token_kind, api.timeout), (TokenKind::Plain, Duration::from_secs(3)));
    assert_eq!(api.app_secret.expose_secret(), "appsecret");

    let told = parse(WHOLE, &[("GONGHUI_WECHAT__TOKEN_KIND", "new"), ("GONGHUI_WECHAT__TIMEOUT", "1h")])
        .unwrap_err();
    let expected = "\
GONGHUI_WECHAT__TIMEOUT     wechat.timeout     must be at most 10m
GONGHUI_WECHAT__TOKEN_KIND  wechat.token_kind  must be \"stable\" or \"plain\"";
    assert_eq!(told, expected);
}

#[test]
fn a_small_union_may_do_with_one_person_for_broadcasts() {
    let defaults = parse(WHOLE, &[]).unwrap().broadcast;
    assert!(defaults.two_persons && defaults.preview_message);
    assert_eq!((defaults.monthly_cap, defaults.quotas.mass_a_month), (4, 4));
    let text = format!(
        "{WHOLE}[broadcast]\ntwo_persons = false\nmonthly_cap = 2\nkeep = \"30d\"\n[outbox]\nmass_a_month = 8\n"
    );
    let policy = parse(&text, &[("GONGHUI_BROADCAST__PREVIEW_MESSAGE", "false")]).unwrap().broadcast;
    assert!(!policy.two_persons && !policy.preview_message);
    assert_eq!((policy.monthly_cap, policy.quotas.mass_a_month), (2, 8));
    assert_eq!(policy.keep, Duration::from_secs(30 * 86_400));
    let wrong =
        parse(&format!("{WHOLE}[broadcast]\ntwo_persons = 1\nstop_percent = 101\n"), &[]).unwrap_err();
    assert!(wrong.contains("broadcast.two_persons   must be true or false"), "{wrong}");
    assert!(wrong.contains("broadcast.stop_percent  must be 1 to 100"), "{wrong}");
}

#[test]
fn a_merchant_is_bound_to_one_provider_and_does_nothing_else() {
    let hash = "1".repeat(64);
    let staff = |more: &str| format!("{WHOLE}[[staff]]\nname = \"till\"\ntoken_sha256 = \"{hash}\"\n{more}");
    let config = parse(&staff("roles = [\"merchant\"]\nprovider = \"宁波公交\""), &[]).unwrap();
    assert_eq!(config.staff[0].caller.provider.as_deref(), Some("宁波公交"));
    let lasting = parse(&staff("roles = [\"case\"]\nexpires = \"2027-06-30\""), &[]).unwrap();
    assert_eq!(lasting.staff[0].until, Time::parse("2027-07-01T00:00:00+08:00").ok());
    let told = |more: &str| parse(&staff(more), &[]).unwrap_err();
    assert!(told("roles = [\"case\"]\nexpires = \"soon\"").contains("staff.0.expires  must be a day"));
    assert!(told("roles = [\"merchant\"]").contains("staff.0.provider  is missing"));
    assert!(told("roles = [\"benefit\"]\nprovider = \"x\"").contains("for the role `merchant` alone"));
    assert!(told("roles = [\"merchant\", \"admin\"]\nprovider = \"x\"").contains("no other role"));
}

#[test]
fn how_often_a_follower_may_try_to_claim_is_a_setting() {
    assert_eq!(parse(WHOLE, &[]).unwrap().welfare.tries_a_minute, 10);
    assert_eq!(parse(WHOLE, &[("GONGHUI_WELFARE__TRIES_A_MINUTE", "3")]).unwrap().welfare.tries_a_minute, 3);
    assert!(
        parse(&format!("{WHOLE}[welfare]\ntries_a_minute = 0\n"), &[])
            .unwrap_err()
            .contains("tries_a_minute")
    );
}

/// The keys of a README's table; the second and later ones of a row are of the first one's section.
fn documented(readme: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for row in readme.lines().filter(|line| line.starts_with("| `")) {
        let names =
            row.split('|').nth(1).unwrap_or_default().split(',').map(|name| name.trim().trim_matches('`'));
        let mut section = "";
        for name in names.filter(|name| !name.starts_with("[[")) {
            let (of, key) = name.split_once('.').unwrap_or((section, name));
            section = of;
            keys.insert(format!("{of}.{key}"));
        }
    }
    keys
}

#[test]
fn both_readmes_name_every_setting_and_none_that_there_is_not() {
    let path = Path::new("gonghui.toml");
    let mut reader = Reader::new(path, source::flatten("gonghui.toml", WHOLE, &Environment::new()).unwrap());
    Config::read(path, &mut reader);
    // What holds for every secret, and the table of staff, have a sentence of their own.
    let is_row = |key: &&String| !key.ends_with("_file") && !key.starts_with("staff.");
    let known: BTreeSet<String> = reader.known().iter().filter(is_row).cloned().collect();
    for readme in [include_str!("../../README.md"), include_str!("../../README.zh.md")] {
        assert_eq!(documented(readme), known);
    }
}
