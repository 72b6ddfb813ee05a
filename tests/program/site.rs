//! A deployment in a folder of its own, and the real binary running it, for tests that use the product as
//! followers, staff and operators do.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use gonghui::app::Machine;
use gonghui::moment::{Clock, Time};
use gonghui::wechat::{Keys, Mode, envelope::AesKey};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::follower::Follower;

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
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// A folder for the program to work in, mostly with a configuration.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// With a configuration for a service in safe mode, on a free port.
    pub fn new() -> Site {
        let site = Site::empty();
        site.configure("gonghui.toml", "data/store", SEAL);
        site
    }

    pub fn empty() -> Site {
        Site { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Writes a configuration; its store lies at `store`.
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

    /// The program with these arguments, run in this folder by somebody without a token.
    pub fn stranger(&self, args: &[&str]) -> Command {
        let mut command = program(args);
        command.current_dir(self.folder.path());
        command
    }

    /// The program with these arguments, run in this folder by a member of staff.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.stranger(args);
        command.env("GONGHUI_TOKEN", TOKEN);
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Ran {
        Ran::from(self.command(args).envs(environment.iter().copied()).output().unwrap())
    }

    pub fn serve(&self) -> Service {
        self.serve_with("gonghui.toml", &[])
    }

    /// Starts the service and returns when it answers.
    pub fn serve_with(&self, config: &str, environment: &[(&str, &str)]) -> Service {
        let mut command = self.command(&["serve", "--config", config]);
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = read_lines(child.stderr.take().unwrap());
        let folder = self.folder.path().to_owned();
        let mut service = Service { folder, child, log, base: String::new(), ops: String::new() };
        let line: Value = serde_json::from_str(&service.awaits("listening")).unwrap();
        let address = |key: &str| format!("http://{}", line[key].as_str().unwrap_or_default());
        (service.base, service.ops) = (address("address"), address("ops"));
        service
    }
}

/// The binary with an environment that holds nothing of ours, and nothing to read.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
    command.args(args).env_clear().stdin(Stdio::null());
    command
}

/// Hands on what comes, so that the pipe never fills.
fn read_lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = send.send(line); // nobody listens once the service is gone
        }
    });
    lines
}

/// What a command came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }
}

impl Ran {
    /// Its output, if it succeeded.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, 0, "{self:#?}");
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
        assert_eq!(self.code, code, "{self:#?}");
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self.err
    }
}

/// A running service; dropping it kills it.
pub struct Service {
    folder: PathBuf,
    child: Child,
    log: Receiver<String>,
    pub base: String,
    /// Of the listener for operators.
    ops: String,
}

impl Service {
    /// A command of staff's against this service, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program(args);
        command.current_dir(&self.folder).env("GONGHUI_SERVER", &self.base).env("GONGHUI_TOKEN", TOKEN);
        command
    }

    /// A command of staff's against this service.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// The next line of the log that holds these words.
    pub fn awaits(&self, words: &str) -> String {
        let mut said = Vec::new();
        loop {
            let line = self.log.recv_timeout(START_PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no line with {words:?}, only {said:#?}"));
            if line.contains(words) {
                return line;
            }
            said.push(line);
        }
    }

    /// At once, wherever it is (SIGKILL).
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// In order (SIGTERM); the exit code.
    pub fn stop(self) -> i32 {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Sends SIGTERM and waits until the service has heard it.
    pub fn begin_to_stop(&self) {
        self.signal(Signal::TERM);
        self.awaits("\"stopping\"");
    }

    /// The exit code of a service that was told to stop, and has to be gone in time.
    pub fn ended(mut self) -> i32 {
        let step = Duration::from_millis(10);
        for _ in 0..STOP_PATIENCE.as_millis() / step.as_millis() {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(step);
        }
        panic!("still running {STOP_PATIENCE:?} after SIGTERM");
    }

    /// Sends SIGHUP and waits for what the log then says.
    pub fn hang_up(&self, words: &str) {
        self.signal(Signal::HUP);
        self.awaits(words);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        ask(http().get(format!("{}{path}", self.base)))
    }

    /// From the listener for operators.
    pub fn get_ops(&self, path: &str) -> (u16, String) {
        ask(http().get(format!("{}{path}", self.ops)))
    }

    /// What a follower reads who sends these words.
    pub fn say(&self, follower: &str, words: &str) -> String {
        let follower = Follower::named(follower);
        wait(follower.send(&self.base, &follower.say(words))).unwrap().text
    }

    /// What somebody is told who follows the account.
    pub fn greeting(&self, follower: &str) -> String {
        let follower = Follower::named(follower);
        wait(follower.send(&self.base, &follower.subscribe())).unwrap().text
    }

    /// A post to the webhook that the service has begun to read, and whose last byte is missing.
    pub fn unfinished_post(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.base.trim_start_matches("http://")).unwrap();
        let head = "POST /wechat HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        assert!(line.contains("100 Continue"), "{line}");
        stream
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

/// Somebody with a wish, and a phone.
pub trait GoesOn: Send + 'static {
    /// Does what comes next for it, until there is no more or no answer comes.
    fn go_on(&mut self, base: &str) -> impl Future<Output = ()> + Send;
}

/// Rounds of a crash test: so many, or as `GONGHUI_CRASH_ROUNDS` says for a long run by hand.
pub fn rounds(usual: u64) -> u64 {
    std::env::var_os("GONGHUI_CRASH_ROUNDS").map_or(usual, |n| n.to_str().unwrap().parse().unwrap())
}

/// Lets everybody go on until the service is killed.
pub async fn kill_amid<P: GoesOn>(service: Service, people: Vec<P>, after: Duration) -> Vec<P> {
    let going = |mut person: P| {
        let base = service.base.clone();
        tokio::spawn(async move {
            person.go_on(&base).await;
            person
        })
    };
    let tasks: Vec<_> = people.into_iter().map(going).collect();
    tokio::time::sleep(after).await; // the moment of the kill, not a wait for anything
    service.kill();
    let mut people = Vec::new();
    for task in tasks {
        people.push(task.await.unwrap());
    }
    people
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// Status and text of an answer, for tests that do one thing after another.
pub fn ask(request: reqwest::RequestBuilder) -> (u16, String) {
    wait(async {
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    })
}

pub fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
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
