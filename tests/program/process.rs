//! The program in a folder of its own, with a configuration, and a service of it that is running.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use gonghui::app::Machine;
use gonghui::moment::Clock;
use gonghui::wechat::{Keys, Mode, platform};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

const TOKEN: &str = "a-token-for-tests";
/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Folder(tempfile::TempDir);

/// What a finished program said.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a `gonghui.toml` that a service can run with, in plain mode, on a free port.
    pub fn configure(&self, more: &str) {
        fs::write(self.path().join("seal"), self.run(&["keys", "new"]).out).unwrap();
        let hash = hex::encode(Sha256::digest(TOKEN));
        let text = format!(
            "[account]\nid = \"gh_3c884a361561\"\ntoken = \"QDG6eK\"\nmode = \"plain\"\n\
             [server]\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"data/store\"\n\
             [keys]\nseal_file = \"seal\"\n\
             [[staff]]\nname = \"wang\"\nroles = [\"admin\"]\ntoken_sha256 = \"{hash}\"\n{more}"
        );
        fs::write(self.path().join("gonghui.toml"), text).unwrap();
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Said {
        let output = self.command(args).envs(environment.iter().copied()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }

    pub fn serve(&self) -> Service<'_> {
        self.serve_with(&[])
    }

    pub fn serve_with(&self, environment: &[(&str, &str)]) -> Service<'_> {
        let mut command = self.command(&["serve"]);
        let mut child = command.envs(environment.iter().copied()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (told, log) = channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
        let mut service = Service { folder: self, child, log, address: String::new(), ops: String::new() };
        let line: serde_json::Value = serde_json::from_str(&service.awaits("listening")).unwrap();
        let address = |key: &str| format!("http://{}", line[key].as_str().unwrap_or_default());
        (service.address, service.ops) = (address("address"), address("ops"));
        service
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
        command.args(args).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command
    }
}

/// Killed when a test fails; otherwise to be stopped.
pub struct Service<'a> {
    folder: &'a Folder,
    child: Child,
    log: Receiver<String>,
    address: String,
    ops: String,
}

impl Service<'_> {
    /// A command of staff's against this service, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.folder.command(args);
        command.env("GONGHUI_SERVER", &self.address).env("GONGHUI_TOKEN", TOKEN);
        command
    }

    /// A staff call that has to succeed.
    pub fn call(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let url = format!("{}/api/v1{path}", self.address);
        let (status, text) = send(http().post(url).bearer_auth(TOKEN).json(body));
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// At once, wherever it is (SIGKILL).
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What a follower reads who sends these words.
    pub fn say(&self, follower: &str, words: &str) -> String {
        self.post(follower, &format!("<MsgType>text</MsgType><Content>{words}</Content>"))
    }

    fn post(&self, follower: &str, fields: &str) -> String {
        static SERIAL: AtomicU64 = AtomicU64::new(7_000_000_000_000_001);
        let (now, id) = (Machine::default().moment().now, SERIAL.fetch_add(1, Ordering::Relaxed));
        let message = format!(
            "<xml><ToUserName>gh_3c884a361561</ToUserName><FromUserName>{follower}</FromUserName>\
             <CreateTime>{}</CreateTime>{fields}<MsgId>{id}</MsgId></xml>",
            now.unix_s()
        );
        let post = platform::post(&message, &keys(), &id.to_string(), now);
        let url = format!("{}/wechat?{}", self.address, post.query);
        send(http().post(url).body(post.body)).1
    }

    /// A command of staff's against this service.
    pub fn run(&self, args: &[&str]) -> Said {
        self.folder.run_with(args, &[("GONGHUI_SERVER", self.address.as_str()), ("GONGHUI_TOKEN", TOKEN)])
    }

    /// Stories and messages posted to this service.
    pub fn replay(&self, path: &str) -> Said {
        self.folder.run(&["replay", "--url", &self.address, path])
    }

    /// What somebody is told who follows the account, as XML.
    pub fn greeting(&self, follower: &str) -> String {
        let now = Machine::default().moment().now;
        let message = format!(
            "<xml><ToUserName>gh_3c884a361561</ToUserName><FromUserName>{follower}</FromUserName>\
             <CreateTime>{}</CreateTime><MsgType>event</MsgType><Event>subscribe</Event></xml>",
            now.unix_s()
        );
        let nonce = follower.trim_start_matches("oUnion");
        let post = platform::post(&message, &keys(), nonce, now);
        let url = format!("{}/wechat?{}", self.address, post.query);
        send(http().post(url).body(post.body)).1
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        send(http().get(format!("{}{path}", self.address)))
    }

    /// From the listener for operators.
    pub fn get_ops(&self, path: &str) -> (u16, String) {
        send(http().get(format!("{}{path}", self.ops)))
    }

    /// The next line of the log that holds these words.
    pub fn awaits(&self, words: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no line with {words:?}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Sends SIGHUP and waits for what the log then says.
    pub fn hang_up(&self, words: &str) {
        self.signal(Signal::HUP);
        self.awaits(words);
    }

    /// Sends SIGTERM; the exit code.
    pub fn stop(self) -> i32 {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Sends SIGTERM and waits until the service has heard it.
    pub fn begin_to_stop(&self) {
        self.signal(Signal::TERM);
        self.awaits("\"stopping\"");
    }

    /// The exit code of a service that was told to stop.
    pub fn ended(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// A post to the webhook that the service has begun to read, and whose last byte is missing.
    pub fn unfinished_post(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address.trim_start_matches("http://")).unwrap();
        let head = "POST /wechat HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        assert!(line.contains("100 Continue"), "{line}");
        stream
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn get(url: &str) -> (u16, String) {
    send(http().get(url))
}

pub fn post(url: &str, body: &serde_json::Value) -> (u16, String) {
    send(http().post(url).json(body))
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn send(request: reqwest::RequestBuilder) -> (u16, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sent = async {
        let response = request.send().await?;
        Ok::<_, reqwest::Error>((response.status().as_u16(), response.text().await?))
    };
    runtime.block_on(sent).unwrap()
}

fn keys() -> Keys {
    Keys {
        account: "gh_3c884a361561".to_owned(),
        app_id: String::new(),
        tokens: vec![SecretString::from("QDG6eK")],
        aes_keys: Vec::new(),
        mode: Mode::Plain,
        window: None,
    }
}
