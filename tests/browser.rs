//! The chat page in a real browser: a follower taps, signs up, and the sign-up survives a reload and a kill.
//!
//! Needs Debian's `chromium` and `chromium-driver`. What the test holds on to in the page:
//! `data-ready` on the body once it works, `data-busy` while something is under way; `data-menu` (a column of
//! the menu), `data-key` (its entries), `data-bubble` (what is said, by kind), `data-sends` (tappable links).

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);
const HOSTILE: &str = "<img src=x onerror=\"document.title='owned'\">";

/// A process that is killed (SIGKILL) when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and waits for the line of its output in which `find` finds something.
fn start(command: &mut Command, find: impl Fn(&str) -> Option<String>) -> (Running, String) {
    let program = command.get_program().to_string_lossy().into_owned();
    let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = started.unwrap_or_else(|error| {
        panic!(
            "{program} can't be started ({error}); apt-get install chromium chromium-driver fonts-noto-cjk"
        )
    });
    let stdout = child.stdout.take().expect("a pipe");
    let running = Running(child);
    let mut lines = BufReader::new(stdout).lines();
    let found = lines.by_ref().map_while(Result::ok).find_map(|line| find(&line));
    // Somebody has to go on reading, or the program would block.
    std::thread::spawn(move || lines.count());
    (running, found.unwrap_or_else(|| panic!("{program} ended before it said where it listens")))
}

fn demo(data: &Path) -> (Running, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
    command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(data);
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

async fn browser(driver: &str, profile: &Path) -> Client {
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
    let options = json!({"goog:chromeOptions": {"args": arguments}});
    let Value::Object(options) = options else { unreachable!("an object was written above") };
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(options)
        .connect(driver)
        .await
        .expect("chromedriver starts chromium")
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
    let (service, address) = demo(&data);
    let (_driver, driver_address) = driver();
    let page = Page(browser(&driver_address, &folder.path().join("profile")).await);

    page.0.set_window_size(1280, 860).await.expect("a wide window");
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
    let (_service, address) = demo(&data);
    page.open(&address).await;
    page.menu("我的", "activity.mine").await;
    assert!(page.last().await.contains("已报名"), "after the kill: {}", page.last().await);

    page.say(HOSTILE).await;
    let shown = "return [...document.querySelectorAll('.mine .bubble')].at(-1).textContent";
    assert_eq!(
        page.0.execute(shown, vec![]).await.expect("a script runs"),
        Value::String(HOSTILE.to_owned())
    );
    page.until("document.title !== 'owned' && !document.querySelector('.chat img')").await;

    let hosts = "return performance.getEntriesByType('resource').filter((e) => !e.name.startsWith(location.origin)).map((e) => e.name)";
    assert_eq!(
        page.0.execute(hosts, vec![]).await.expect("a script runs"),
        json!([]),
        "nothing from another host"
    );
    page.0.close().await.expect("the browser ends");
}

#[tokio::test]
async fn the_page_works_by_keyboard_and_at_a_phones_width() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_service, address) = demo(&folder.path().join("data"));
    let (_driver, driver_address) = driver();
    let page = Page(browser(&driver_address, &folder.path().join("profile")).await);

    // Chromium's windows are not narrower than 500 pixels; a frame of 360 is.
    page.open(&address).await;
    page.0.set_window_size(500, 760).await.expect("a narrow window");
    let narrow = "document.documentElement.style.width = '360px'; document.body.style.width = '360px'; \
                  return document.querySelector('.desk').scrollWidth <= 360 && \
                  document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(
        page.0.execute(narrow, vec![]).await.expect("a script runs"),
        Value::Bool(true),
        "no scrolling sideways"
    );

    let key = |key: Key| char::from(key).to_string();
    let focused = |page: &Client| {
        let page = page.clone();
        async move { page.active_element().await.expect("something has the focus") }
    };
    let toggle = page.0.find(Locator::Id("toggle")).await.expect("a toggle");
    toggle.send_keys(&key(Key::Enter)).await.expect("Enter on the toggle");
    page.until("document.activeElement.id === 'text'").await;
    focused(&page.0).await.send_keys(&format!("帮助{}", key(Key::Enter))).await.expect("typed and sent");
    page.until(
        "[...document.querySelectorAll('[data-bubble=\"text\"]')].at(-1)?.textContent.includes('活动报名')",
    )
    .await;

    toggle.send_keys(&key(Key::Enter)).await.expect("back to the menu");
    let column = page.0.find(Locator::Css("[data-menu='我的']")).await.expect("a column");
    column.send_keys(&key(Key::Enter)).await.expect("Enter opens it");
    page.until("document.activeElement.dataset.key === 'member.verify'").await;
    focused(&page.0).await.send_keys(&key(Key::Escape)).await.expect("Escape");
    page.until("document.activeElement.dataset.menu === '我的' && document.querySelector('.submenu:not([hidden])') === null").await;
    page.0.close().await.expect("the browser ends");
}
