//! The chat page in a real browser: a follower taps, signs up, and the sign-up survives a reload and a kill.
//!
//! Needs Debian's `chromium` and `chromium-driver`. What the test holds on to in the page:
//! `data-ready` on the body once it works, `data-busy` while something is under way; `data-menu` (a column of
//! the menu), `data-key` (its entries), `data-bubble` (what is said, by kind), `data-sends` (tappable links),
//! `data-act` (what else one can do), `data-raw` (a message as it went over the wire); the ids `toggle`, `text`,
//! `open-side`, `close-side`, `follow-scan`, and `.peek` beside a bubble.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);
const HOSTILE: &str = "<img src=x onerror=\"document.title='owned'\">";

const TO_INSTALL: &str = "apt-get install chromium chromium-driver fonts-noto-cjk";

/// A process that is killed (SIGKILL) when dropped, and with it those that it started: a driver's browser
/// would go on without it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Starts a program and waits for the line of its output in which `find` finds something.
fn start(command: &mut Command, find: impl Fn(&str) -> Option<String>) -> (Running, String) {
    let program = command.get_program().to_string_lossy().into_owned();
    let started = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child =
        started.unwrap_or_else(|error| panic!("{program} can't be started ({error}); {TO_INSTALL}"));
    let stdout = child.stdout.take().expect("a pipe");
    let running = Running(child);
    let mut lines = BufReader::new(stdout).lines();
    let found = lines.by_ref().map_while(Result::ok).find_map(|line| find(&line));
    // Somebody has to go on reading, or the program would block.
    std::thread::spawn(move || lines.count());
    (running, found.unwrap_or_else(|| panic!("{program} ended before it said where it listens")))
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

/// `screen`: width and height of the page.
async fn browser(driver: &str, profile: &Path, (width, height): (u32, u32)) -> Client {
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
        &format!("--user-data-dir={}", profile.display()),
    ];
    let metrics = json!({"width": width, "height": height, "pixelRatio": 1, "mobile": false, "touch": false});
    let emulation = json!({"deviceMetrics": metrics});
    let options = json!({"goog:chromeOptions": {"args": arguments, "mobileEmulation": emulation}});
    let Value::Object(options) = options else { unreachable!("an object was written above") };
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(options)
        .connect(driver)
        .await
        .unwrap_or_else(|error| panic!("chromedriver can't start chromium ({error}); {TO_INSTALL}"))
}

/// The chat page, used as a person would.
struct Page(Client);

impl Page {
    async fn open(&self, address: &str) {
        self.0.goto(address).await.expect("the page loads");
        self.until("document.body.dataset.ready === 'yes'").await;
    }

    /// Waits for something to be true in the page.
    async fn until(&self, condition: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let script = format!("return Boolean({condition})");
            if self.0.execute(&script, vec![]).await.expect("a script runs") == Value::Bool(true) {
                return;
            }
            if tokio::time::Instant::now() > deadline {
                let text = self.0.find(Locator::Css("body")).await.expect("a body").text().await;
                panic!("waited in vain for {condition} in:\n{}", text.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn click(&self, selector: &str) {
        let found = self.0.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}")).click().await.expect("it can be clicked");
        self.until("(document.body.dataset.busy || '0') === '0'").await;
    }

    async fn menu(&self, column: &str, key: &str) {
        self.0
            .find(Locator::Css(&format!("[data-menu='{column}']")))
            .await
            .expect("a column")
            .click()
            .await
            .expect("a click");
        self.click(&format!("[data-key='{key}']")).await;
    }

    async fn say(&self, text: &str) {
        self.until("document.getElementById('say').hidden === false || (document.getElementById('toggle').click(), true)").await;
        let field = self.0.find(Locator::Id("text")).await.expect("a text box");
        field.send_keys(text).await.expect("typed");
        field.send_keys(&char::from(Key::Enter).to_string()).await.expect("sent");
        self.until("(document.body.dataset.busy || '0') === '0'").await;
        self.0.find(Locator::Id("toggle")).await.expect("a toggle").click().await.expect("back to the menu");
    }

    async fn script(&self, script: &str) -> Value {
        self.0.execute(script, vec![]).await.expect("a script runs")
    }

    /// Presses a key, wherever the focus is.
    async fn press(&self, key: Key) {
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned());
        let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.0.perform_actions(keys).await.expect("a key is pressed");
    }

    async fn types(&self, text: &str) {
        self.0.active_element().await.expect("a focus").send_keys(text).await.expect("typed");
    }

    /// Goes on with Tab until the focus is where the condition (of `it`) holds.
    async fn tab_to(&self, condition: &str) {
        for _ in 0..40 {
            self.press(Key::Tab).await;
            let there = format!("const it = document.activeElement; return Boolean({condition})");
            if self.script(&there).await == Value::Bool(true) {
                return;
            }
        }
        panic!("Tab does not reach {condition}");
    }

    async fn fits(&self) {
        let wide = "return [document.documentElement, document.getElementById('chat'), document.getElementById('side')] \
                    .filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.id || it.tagName)";
        assert_eq!(self.script(wide).await, json!([]), "nothing scrolls sideways");
    }

    /// What the account said last.
    async fn last(&self) -> String {
        let script =
            "return [...document.querySelectorAll('[data-bubble=\"text\"]')].at(-1)?.textContent || ''";
        self.0.execute(script, vec![]).await.expect("a script runs").as_str().unwrap_or_default().to_owned()
    }

    /// Taps the first link of the latest answer whose words satisfy the CSS condition.
    async fn tap_last(&self, sends: &str) {
        let script = format!(
            "const all = document.querySelectorAll('[data-bubble=\"text\"]'); \
             const link = all[all.length - 1].querySelector('button.tap{sends}'); link.click();"
        );
        self.0.execute(&script, vec![]).await.expect("the latest answer has that link");
        self.until("(document.body.dataset.busy || '0') === '0'").await;
    }

    /// Answers whatever the sign-up asks until it is done.
    async fn sign_up(&self) {
        self.tap_last("").await; // the first activity
        self.tap_last("[data-sends=\"报名\"]").await;
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
                let has_link = "document.querySelectorAll('[data-bubble=\"text\"]').length > 0 && \
                                [...document.querySelectorAll('[data-bubble=\"text\"]')].at(-1).querySelector('button.tap')";
                let linked = self
                    .0
                    .execute(&format!("return Boolean({has_link})"), vec![])
                    .await
                    .expect("a script runs");
                if linked == Value::Bool(true) { self.tap_last("").await } else { self.say("张三").await }
            }
        }
        panic!("the sign-up went round in circles; last: {}", self.last().await);
    }
}

#[tokio::test]
async fn a_follower_signs_up_and_the_sign_up_survives_a_reload_and_a_kill() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let (service, address) = demo(&data, 0);
    let (_driver, driver_address) = driver();
    let page = Page(browser(&driver_address, &folder.path().join("profile"), (1280, 800)).await);

    page.open(&address).await;
    page.menu("福利活动", "activity.list").await;
    assert!(page.last().await.contains("可以报名的活动"), "{}", page.last().await);
    page.sign_up().await;

    page.0.refresh().await.expect("a reload");
    page.until("document.body.dataset.ready === 'yes'").await;
    assert!(page.last().await.contains("报名成功"), "the chat survives a reload");
    page.menu("我的", "activity.mine").await;
    assert!(page.last().await.contains("已报名"), "{}", page.last().await);

    drop(service); // SIGKILL
    let (_service, again) = demo(&data, port_of(&address));
    assert_eq!(again, address);
    // The page was open all the while. The chat begins anew, the sign-up is there.
    page.until("document.querySelectorAll('[data-bubble]').length === 0").await;
    page.menu("我的", "activity.mine").await;
    assert!(page.last().await.contains("已报名"), "after the kill: {}", page.last().await);
    page.0.close().await.expect("the browser ends");
}

#[tokio::test]
async fn what_a_hostile_follower_writes_is_shown_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_service, address) = demo(&folder.path().join("data"), 0);
    let (_driver, driver_address) = driver();
    let page = Page(browser(&driver_address, &folder.path().join("profile"), (1280, 800)).await);

    page.open(&address).await;
    page.say(HOSTILE).await;
    let shown = "return [...document.querySelectorAll('[data-bubble=\"mine\"]')].at(-1).textContent";
    assert_eq!(page.script(shown).await, json!(HOSTILE));
    page.click(".row:last-child .peek").await;
    page.until("document.querySelectorAll('[data-raw]').length === 2").await;
    let raw = "return [...document.querySelectorAll('[data-raw]')].map((it) => it.textContent).join('\\n')";
    let raw = page.script(raw).await.as_str().unwrap_or_default().to_owned();
    assert!(raw.contains(HOSTILE) && raw.contains("<ToUserName>"), "{raw}");
    page.until("document.title !== 'owned' && document.querySelector('img') === null").await;

    let hosts = "return performance.getEntriesByType('resource').map((it) => it.name).filter((it) => !it.startsWith(location.origin))";
    assert_eq!(page.script(hosts).await, json!([]), "nothing from another host");
    page.0.close().await.expect("the browser ends");
}

#[tokio::test]
async fn the_page_works_by_keyboard_and_at_a_phones_width() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_service, address) = demo(&folder.path().join("data"), 0);
    let (_driver, driver_address) = driver();
    let page = Page(browser(&driver_address, &folder.path().join("profile"), (360, 740)).await);

    page.open(&address).await;
    assert_eq!(page.script("return innerWidth").await, json!(360));
    page.fits().await;

    page.tab_to("it.id === 'toggle'").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.id === 'text'").await;
    page.types("帮助").await;
    page.press(Key::Enter).await;
    page.until(
        "[...document.querySelectorAll('[data-bubble=\"text\"]')].at(-1)?.textContent.includes('活动报名')",
    )
    .await;
    page.types(&"W".repeat(300)).await;
    page.press(Key::Enter).await;
    page.until("document.querySelectorAll('[data-bubble=\"mine\"]').length === 2").await;
    page.fits().await;

    page.script("document.getElementById('toggle').focus()").await;
    page.press(Key::Enter).await;
    page.tab_to("it.dataset.menu === '我的'").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.dataset.key === 'member.verify'").await;
    page.press(Key::Escape).await;
    page.until("document.activeElement.dataset.menu === '我的' && document.querySelector('.submenu:not([hidden])') === null").await;
    page.press(Key::Enter).await;
    page.press(Key::Down).await;
    page.until("document.activeElement.dataset.key === 'activity.mine'").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.dataset.menu === '我的'").await;
    page.until(
        "[...document.querySelectorAll('[data-bubble=\"text\"]')].at(-1).textContent.includes('还没有报名')",
    )
    .await;
    page.0.close().await.expect("the browser ends");
}

#[tokio::test]
async fn on_a_phone_the_drawer_holds_the_focus_and_a_scanned_code_leads_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_service, address) = demo(&folder.path().join("data"), 0);
    let (_driver, driver_address) = driver();
    let page = Page(browser(&driver_address, &folder.path().join("profile"), (360, 740)).await);

    page.open(&address).await;
    page.tab_to("it.id === 'open-side'").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.id === 'close-side'").await;
    page.tab_to("it.dataset.act === 'unfollow'").await;
    assert_eq!(page.script("return document.activeElement.closest('.phone')").await, Value::Null);
    page.press(Key::Escape).await;
    page.until("document.activeElement.id === 'open-side'").await;

    page.press(Key::Enter).await;
    page.click("[data-act='unfollow']").await;
    page.until("document.getElementById('dock').hidden").await;
    page.click("#follow-scan").await;
    page.until("!document.getElementById('dock').hidden").await;
    assert!(page.last().await.contains("扫码成功"), "{}", page.last().await);
    page.0.close().await.expect("the browser ends");
}
