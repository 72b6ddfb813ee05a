//! A demo of its own, a browser, and the chat page as a person would use it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);
const INSTALL: &str = "apt-get install chromium chromium-driver fonts-noto-cjk";
/// More than there are things to tab to.
const TABS_MAX: usize = 60;
/// What the account said last, as an expression of the page.
pub const LAST: &str = "[...document.querySelectorAll('[data-bubble=\"text\"]')].at(-1)";

/// A process that is killed (SIGKILL) when dropped, with those that it started: a browser would outlive its
/// driver.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Starts a program and waits for the line of its output in which `find` finds something.
fn start(command: &mut Command, find: impl Fn(&str) -> Option<String> + Send + 'static) -> (Running, String) {
    let program = command.get_program().to_string_lossy().into_owned();
    let started = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = started.unwrap_or_else(|error| panic!("{program} can't be started ({error}); {INSTALL}"));
    let stdout = child.stdout.take().expect("a pipe");
    let running = Running(child);
    let (tell, told) = mpsc::channel();
    // Reads to the end, or the program would block on a full pipe.
    std::thread::spawn(move || {
        for found in BufReader::new(stdout).lines().map_while(Result::ok).filter_map(|line| find(&line)) {
            let _ = tell.send(found); // who asked has the first one and may be gone
        }
    });
    let found = told.recv_timeout(PATIENCE);
    (
        running,
        found.unwrap_or_else(|_| panic!("{program} ended, or said for {PATIENCE:?} not where it listens")),
    )
}

/// Listens at the given port, or at a free one (0).
fn demo(data: &Path, port: u16) -> (Running, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
    command.args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(data);
    // As on an empty machine behind a company's proxy: what stays in the machine needs neither.
    command.env("http_proxy", "http://127.0.0.1:9").env_remove("no_proxy").env_remove("NO_PROXY");
    command.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    let address =
        |line: &str| line.split_whitespace().find(|word| word.ends_with("/simulator/")).map(str::to_owned);
    start(&mut command, address)
}

fn driver() -> (Running, String) {
    start(Command::new("chromedriver").arg("--port=0"), |line| {
        let port = line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok()?;
        Some(format!("http://127.0.0.1:{port}"))
    })
}

fn port_of(address: &str) -> u16 {
    let port = address.rsplit(':').next().and_then(|rest| rest.split('/').next());
    port.and_then(|port| port.parse().ok()).expect("an address with a port")
}

/// What the page is looked at with.
#[derive(Clone, Copy)]
pub enum Screen {
    Desktop,
    /// 360 by 740 pixels; a window can't be that narrow, an emulated phone can.
    Phone,
}

async fn browser(driver: &str, profile: &Path, screen: Screen) -> Client {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,860",
        &format!("--user-data-dir={}", profile.display()),
    ];
    let mut chrome = json!({"args": arguments});
    if let Screen::Phone = screen {
        let metrics = json!({"width": 360, "height": 740, "pixelRatio": 1, "mobile": true, "touch": false});
        chrome["mobileEmulation"] = json!({"deviceMetrics": metrics});
    }
    let options = json!({"goog:chromeOptions": chrome});
    let Value::Object(options) = options else { unreachable!("an object was written above") };
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(options)
        .connect(driver)
        .await
        .unwrap_or_else(|error| panic!("chromedriver can't start chromium ({error}); {INSTALL}"))
}

/// A demo on a folder of its own and a browser that has its page open.
pub struct Visit {
    pub page: Page,
    pub address: String,
    service: Running,
    pub folder: TempDir,
    _driver: Running,
}

impl Visit {
    pub async fn new(screen: Screen) -> Visit {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (service, address) = demo(&folder.path().join("data"), 0);
        let (driver, driver_address) = driver();
        let page = Page(browser(&driver_address, &folder.path().join("profile"), screen).await);
        page.open(&address).await;
        Visit { page, address, service, folder, _driver: driver }
    }

    /// Kills the service (SIGKILL) and starts it again on the same data and port, under the open page.
    pub fn kill_and_restart(self) -> Visit {
        drop(self.service);
        let (service, again) = demo(&self.folder.path().join("data"), port_of(&self.address));
        assert_eq!(again, self.address);
        Visit { service, ..self }
    }

    pub async fn end(self) {
        self.page.0.close().await.expect("the browser ends");
    }
}

/// The chat page, used as a person would.
pub struct Page(pub Client);

impl Page {
    pub async fn open(&self, address: &str) {
        self.0.goto(address).await.expect("the page loads");
        self.until("document.body.dataset.ready === 'yes'").await;
    }

    /// Waits for something to be true in the page.
    pub async fn until(&self, condition: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if self.is(condition).await {
                return;
            }
            if tokio::time::Instant::now() > deadline {
                panic!("waited in vain for {condition} in:\n{}", self.text().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for these words to stand somewhere in the chat.
    pub async fn shows(&self, words: &str) {
        self.until(&format!("document.getElementById('chat').textContent.includes('{words}')")).await;
    }

    /// All that the page shows.
    async fn text(&self) -> String {
        let body = self.0.find(Locator::Css("body")).await.expect("a body");
        body.text().await.unwrap_or_default()
    }

    pub async fn is(&self, condition: &str) -> bool {
        self.value(&format!("Boolean({condition})")).await == Value::Bool(true)
    }

    pub async fn value(&self, expression: &str) -> Value {
        self.0.execute(&format!("return {expression}"), vec![]).await.expect("a script runs")
    }

    /// What the stand-in is asked for, by the page's own script.
    pub async fn fetched(&self, path: &str, body: Value) -> Value {
        let script = "const done = arguments[2]; \
             const sent = { method: 'POST', body: JSON.stringify(arguments[1]), \
                            headers: { 'Content-Type': 'application/json' } }; \
             fetch(arguments[0], arguments[1] ? sent : {}).then((answer) => answer.json()).then(done, done)";
        self.0.execute_async(script, vec![json!(path), body]).await.expect("a script runs")
    }

    /// A call of WeChat's API, as the service would make it.
    pub async fn calls_wechat(&self, config: &Path, path: &str, body: Value) -> Value {
        let config: toml::Table =
            std::fs::read_to_string(config).expect("a configuration").parse().expect("TOML");
        let of = |name: &str| config["account"][name].clone();
        let granted =
            json!({"grant_type": "client_credential", "appid": of("app_id"), "secret": of("app_secret")});
        let granted = self.fetched("/simulator/api/cgi-bin/stable_token", granted).await;
        let token = granted["access_token"].as_str().expect("a token");
        self.fetched(&format!("/simulator/api/cgi-bin/{path}?access_token={token}"), body).await
    }

    /// Waits until nothing is under way.
    pub async fn settle(&self) {
        self.until("(document.body.dataset.busy || '0') === '0'").await;
    }

    pub async fn reload(&self) {
        self.0.refresh().await.expect("a reload");
        self.until("document.body.dataset.ready === 'yes'").await;
    }

    pub async fn click(&self, selector: &str) {
        self.click_at(Locator::Css(selector)).await;
    }

    /// As a finger does: what is covered can't be tapped.
    pub async fn click_at(&self, place: Locator<'_>) {
        let found = match self.0.wait().at_most(PATIENCE).for_element(place).await {
            Ok(found) => found,
            Err(error) => panic!("{place:?}: {error} in:\n{}", self.text().await),
        };
        let clicked = found.click().await;
        clicked.unwrap_or_else(|error| panic!("{place:?} can't be clicked: {error}"));
        self.settle().await;
    }

    pub async fn menu(&self, column: &str, key: &str) {
        self.click(&format!("[data-menu='{column}']")).await;
        self.click(&format!("[data-key='{key}']")).await;
    }

    pub async fn say(&self, text: &str) {
        self.click("#toggle").await;
        let field = self.0.find(Locator::Id("text")).await.expect("a text box");
        field.send_keys(text).await.expect("typed");
        field.send_keys(&char::from(Key::Enter).to_string()).await.expect("sent");
        self.settle().await;
        self.click("#toggle").await;
    }

    /// What the account said last.
    pub async fn last(&self) -> String {
        let said = self.value(&format!("{LAST}?.textContent")).await;
        said.as_str().unwrap_or_default().to_owned()
    }

    /// The account's latest words hold all of these.
    pub async fn assert_told(&self, words: &[&str]) {
        let told = self.last().await;
        if let Some(missing) = words.iter().find(|words| !told.contains(**words)) {
            panic!("told no {missing} in:\n{}", self.text().await);
        }
    }

    /// Taps a link of the latest answer: the one that sends these words, or the first.
    pub async fn tap_last(&self, sends: Option<&str>) {
        let which = sends.map_or_else(|| "1".to_owned(), |words| format!("@data-sends='{words}'"));
        let path = format!("((//*[@data-bubble='text'])[last()]//*[@data-sends])[{which}]");
        self.click_at(Locator::XPath(&path)).await;
    }

    /// Presses a key, wherever the focus is.
    pub async fn press(&self, key: Key) {
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned());
        let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.0.perform_actions(keys).await.expect("a key is pressed");
    }

    pub async fn type_here(&self, text: &str) {
        let focused = self.0.active_element().await.expect("something has the focus");
        focused.send_keys(text).await.expect("keys arrive");
    }

    /// Goes on with the tabulator key until the focus is there, and seen to be.
    pub async fn tab_to(&self, selector: &str) {
        for _ in 0..TABS_MAX {
            if self.is(&format!("document.activeElement.matches(\"{selector}\")")).await {
                let seen = "document.activeElement.matches(':focus-visible') && \
                            getComputedStyle(document.activeElement).outlineStyle !== 'none'";
                assert!(self.is(seen).await, "the focus on {selector} can be seen");
                return;
            }
            self.press(Key::Tab).await;
        }
        panic!("{selector} can't be reached with the tabulator key");
    }

    pub async fn assert_no_scrolling_sideways(&self, place: &str) {
        let widths = self.value("[innerWidth, document.documentElement.scrollWidth]").await;
        assert_eq!(widths, json!([360, 360]), "{place}");
        let beyond = self
            .value(
                "[...document.querySelectorAll('.phone, .phone *, .side.open, .side.open *')] \
                 .filter((node) => node.checkVisibility({ visibilityProperty: true })) \
                 .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5) \
                 .map((node) => node.outerHTML.slice(0, 120))",
            )
            .await;
        assert_eq!(beyond, json!([]), "{place}: out of sight at the right");
    }

    /// Answers whatever the sign-up asks until it is done.
    pub async fn sign_up(&self) {
        self.tap_last(None).await; // the first activity
        self.tap_last(Some("报名")).await;
        for _ in 0..20 {
            let asked = self.last().await;
            if asked.contains("报名成功") {
                return;
            }
            if asked.contains("手机") && !asked.contains("确认报名吗") {
                self.say("13800001234").await;
            } else if asked.contains("地址") && !asked.contains("确认报名吗") {
                self.say("宁波市海曙区解放北路91号3幢202室").await;
            } else if asked.contains("几岁") {
                self.say("8").await;
            } else if asked.contains("整数") {
                self.say("170").await; // the first try at 身高 got a range for an answer
            } else {
                let links = self.is(&format!("{LAST}.querySelector('[data-sends]')")).await;
                if links { self.tap_last(None).await } else { self.say("张三").await }
            }
        }
        panic!("the sign-up went round in circles; last: {}", self.last().await);
    }
}
