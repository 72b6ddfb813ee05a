//! A deployment in a folder of its own, and the real binary running it, for tests that use the product as
//! followers, staff and operators do.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod follower;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use gonghui::app::Machine;
use gonghui::moment::{Clock, Time};
use gonghui::wechat::{Keys, Mode, envelope::AesKey};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub const ACCOUNT: &str = "gh_3c884a361561";
pub const TOKEN: &str = "a-token-of-the-tests-alone";
/// 32 times 7, and another key.
pub const SEAL: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
pub const OTHER_SEAL: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";
pub const APP_SECRET: &str = "a-secret-of-the-tests-alone";
const APP_ID: &str = "wx5823bf96d3bd56c7";
const WECHAT_TOKEN: &str = "QDG6eK";
const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
/// A debug build on a busy machine takes its time; nothing waits this long if all is well.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// Within which a service that was told to stop is gone.
pub const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// A configuration and its store.
pub struct Site {
    folder: TempDir,
}

impl Site {
    pub fn new() -> Site {
        let site = Site { folder: tempfile::tempdir().unwrap() };
        site.configure("gonghui.toml", "store", SEAL);
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Writes a configuration; its store lies in the folder `store`.
    pub fn configure(&self, name: &str, store: &str, seal: &str) -> PathBuf {
        let hash = hex::encode(Sha256::digest(TOKEN));
        let text = format!(
            r#"[account]
id = "{ACCOUNT}"
app_id = "{APP_ID}"
token = "{WECHAT_TOKEN}"
encoding_aes_key = "{AES_KEY}"
mode = "safe"
[server]
listen = "127.0.0.1:0"
[store]
engine = "sled"
path = "{store}"
cache_mib = 8
[keys]
seal = "{seal}"
[[staff]]
name = "wang"
roles = ["admin"]
token_sha256 = "{hash}"
"#
        );
        self.write(name, &text)
    }

    /// Lets the service listen on this port, and call WeChat at that address as fast as it can.
    pub fn connect(&self, port: u16, api_base: &str) {
        let text = std::fs::read_to_string(self.path("gonghui.toml")).unwrap();
        let text = text
            .replace("127.0.0.1:0", &format!("127.0.0.1:{port}"))
            .replace("[server]", &format!("app_secret = \"{APP_SECRET}\"\n[server]"));
        let more = format!(
            "[wechat]\napi_base = \"{api_base}\"\n[broadcast]\ntwo_persons = false\npreview_message = false\n\
             [outbox]\ntemplate_per_second = 100000\nlookup_per_second = 1000\n"
        );
        self.write("gonghui.toml", &(text + &more));
    }

    /// The program with these arguments, run in the deployment's folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program(args);
        command.current_dir(self.folder.path()).env("GONGHUI_TOKEN", TOKEN);
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    pub fn serve(&self) -> Service {
        self.serve_with("gonghui.toml")
    }

    /// Starts the service and returns when it answers.
    pub fn serve_with(&self, config: &str) -> Service {
        let mut child = self
            .command(&["serve", "--config", config])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = read_lines(child.stderr.take().unwrap());
        let mut service = Service { child, base: String::new() };
        let mut said = String::new();
        while service.base.is_empty() {
            let line = log.recv_timeout(START_PATIENCE).unwrap_or_else(|_| panic!("it said only: {said}"));
            let told: Value = serde_json::from_str(&line).unwrap_or_default();
            if told["message"] == "listening" {
                service.base = format!("http://{}", told["address"].as_str().unwrap());
            }
            said.push_str(&line);
        }
        service
    }
}

/// The binary with an environment that holds nothing of ours.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
    command.args(args).env_clear();
    command
}

/// Hands on what comes, so that the pipe never fills.
fn read_lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = send.send(line); // nobody listens once it runs
        }
    });
    lines
}

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// Its output, if it succeeded.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.out
    }

    /// Its output as JSON, if it succeeded.
    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// What it complained of, if it failed with this code.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self.err
    }
}

/// A running service; dropping it kills it.
pub struct Service {
    child: Child,
    pub base: String,
}

impl Service {
    /// At once, wherever it is (SIGKILL).
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// In order (SIGTERM); `None` if it was not gone in time.
    pub fn stop(mut self) -> Option<ExitStatus> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let step = Duration::from_millis(10);
        for _ in 0..STOP_PATIENCE.as_millis() / step.as_millis() {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(step);
        }
        None
    }

    /// A staff call that has to succeed.
    pub async fn staff(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let url = format!("{}/api/v1{path}", self.base);
        let mut request = http().request(method.parse().unwrap(), url).bearer_auth(TOKEN);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Creates and publishes an activity; its id.
    pub async fn open_activity(&self, activity: &Value) -> String {
        let id = self.staff("POST", "/activities", Some(activity)).await["id"].as_str().unwrap().to_owned();
        self.staff("POST", &format!("/activities/{id}/publish"), None).await;
        id
    }

    pub async fn roster(&self, id: &str) -> Value {
        self.staff("GET", &format!("/activities/{id}/roster"), None).await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

pub fn keys() -> Keys {
    Keys {
        account: ACCOUNT.to_owned(),
        app_id: APP_ID.to_owned(),
        tokens: vec![SecretString::from(WECHAT_TOKEN)],
        aes_keys: vec![AesKey::parse(AES_KEY).unwrap()],
        mode: Mode::Safe,
        window: None,
    }
}

pub fn now() -> Time {
    Machine::default().moment().now
}

/// An activity whose sign-up is open, tomorrow's with so many seats.
pub fn activity(title: &str, capacity: u32, waiting: u16, questions: Value) -> Value {
    let hours = |hours: i64| Time::from_unix_s(now().unix_s() + hours * 3600).to_string();
    json!({
        "title": title,
        "category": "健身",
        "description": "沿三江口走八公里",
        "place": "三江口",
        "sessions": [{ "starts": hours(48), "ends": hours(50), "capacity": capacity }],
        "sign_up": { "opens": hours(-1), "closes": hours(24), "cancel_before": hours(24) },
        "waiting_list": waiting,
        "eligibility": { "who": "anyone" },
        "questions": questions,
    })
}

/// Gives `text` to a command's standard input.
pub fn feed(command: &mut Command, text: &str) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

/// Every file below a folder with its content, to see whether anything was touched.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.clone(), std::fs::read(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Chance from a seed (SplitMix64), so that a failure can be told again.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
