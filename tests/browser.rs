//! The chat page in a real browser: a follower taps, signs up, and the sign-up survives a reload and a kill.
//!
//! Needs Debian's `chromium` and `chromium-driver`. What the tests hold on to in the page:
//! `data-ready` on the body once it works, `data-busy` while something is under way; `data-menu` (a column of
//! the menu), `data-key` (its entries), `data-bubble` (what is said, by kind), `data-sends` (tappable links);
//! `data-follower` (who can be switched to), `data-act` and `data-ask` (what else a follower can do, at once and after
//! a question), `data-forward` (the clock), `data-wall` and `data-pane` (who is shown side by side), `data-fault`; `.peek` beside a bubble
//! opens what went over the wire for it, each message in a `data-raw`. By id: `toggle` and `text` (the keyboard),
//! `open-side`, `close-side` and `side` (the drawer), `follow`, `follow-scan` and `new-name`.

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
const LAST: &str = "[...document.querySelectorAll('[data-bubble=\"text\"]')].at(-1)";
const HOSTILE: &str = "<img src=x onerror=\"document.title='owned'\">";

/// A process that is killed (SIGKILL) when dropped, with those that it started: a browser would outlive its
/// driver.
struct Running(Child);

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
enum Screen {
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
struct Visit {
    page: Page,
    address: String,
    service: Running,
    folder: TempDir,
    _driver: Running,
}

impl Visit {
    async fn new(screen: Screen) -> Visit {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (service, address) = demo(&folder.path().join("data"), 0);
        let (driver, driver_address) = driver();
        let page = Page(browser(&driver_address, &folder.path().join("profile"), screen).await);
        page.open(&address).await;
        Visit { page, address, service, folder, _driver: driver }
    }

    /// Kills the service (SIGKILL) and starts it again on the same data and port, under the open page.
    fn kill_and_restart(self) -> Visit {
        drop(self.service);
        let (service, again) = demo(&self.folder.path().join("data"), port_of(&self.address));
        assert_eq!(again, self.address);
        Visit { service, ..self }
    }

    async fn end(self) {
        self.page.0.close().await.expect("the browser ends");
    }
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
            if self.is(condition).await {
                return;
            }
            if tokio::time::Instant::now() > deadline {
                let text = self.0.find(Locator::Css("body")).await.expect("a body").text().await;
                panic!("waited in vain for {condition} in:\n{}", text.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn is(&self, condition: &str) -> bool {
        self.value(&format!("Boolean({condition})")).await == Value::Bool(true)
    }

    async fn value(&self, expression: &str) -> Value {
        self.0.execute(&format!("return {expression}"), vec![]).await.expect("a script runs")
    }

    /// What the stand-in is asked for, by the page's own script.
    async fn fetched(&self, path: &str, body: Value) -> Value {
        let script = "const done = arguments[2]; \
             const sent = { method: 'POST', body: JSON.stringify(arguments[1]), \
                            headers: { 'Content-Type': 'application/json' } }; \
             fetch(arguments[0], arguments[1] ? sent : {}).then((answer) => answer.json()).then(done, done)";
        self.0.execute_async(script, vec![json!(path), body]).await.expect("a script runs")
    }

    /// A call of WeChat's API, as the service would make it.
    async fn calls_wechat(&self, config: &Path, path: &str, body: Value) -> Value {
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
    async fn settle(&self) {
        self.until("(document.body.dataset.busy || '0') === '0'").await;
    }

    async fn reload(&self) {
        self.0.refresh().await.expect("a reload");
        self.until("document.body.dataset.ready === 'yes'").await;
    }

    async fn click(&self, selector: &str) {
        self.click_at(Locator::Css(selector)).await;
    }

    /// As a finger does: what is covered can't be tapped.
    async fn click_at(&self, place: Locator<'_>) {
        let found = match self.0.wait().at_most(PATIENCE).for_element(place).await {
            Ok(found) => found,
            Err(error) => panic!("{place:?}: {error}; said last: {}", self.last().await),
        };
        let clicked = found.click().await;
        clicked.unwrap_or_else(|error| panic!("{place:?} can't be clicked: {error}"));
        self.settle().await;
    }

    async fn menu(&self, column: &str, key: &str) {
        self.click(&format!("[data-menu='{column}']")).await;
        self.click(&format!("[data-key='{key}']")).await;
    }

    async fn say(&self, text: &str) {
        self.click("#toggle").await;
        let field = self.0.find(Locator::Id("text")).await.expect("a text box");
        field.send_keys(text).await.expect("typed");
        field.send_keys(&char::from(Key::Enter).to_string()).await.expect("sent");
        self.settle().await;
        self.click("#toggle").await;
    }

    /// What the account said last.
    async fn last(&self) -> String {
        let said = self.value(&format!("{LAST}?.textContent")).await;
        said.as_str().unwrap_or_default().to_owned()
    }

    /// Taps a link of the latest answer: the one that sends these words, or the first.
    async fn tap_last(&self, sends: Option<&str>) {
        let which = sends.map_or_else(|| "1".to_owned(), |words| format!("@data-sends='{words}'"));
        let path = format!("((//*[@data-bubble='text'])[last()]//*[@data-sends])[{which}]");
        self.click_at(Locator::XPath(&path)).await;
    }

    /// Presses a key, wherever the focus is.
    async fn press(&self, key: Key) {
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned());
        let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.0.perform_actions(keys).await.expect("a key is pressed");
    }

    async fn type_here(&self, text: &str) {
        let focused = self.0.active_element().await.expect("something has the focus");
        focused.send_keys(text).await.expect("keys arrive");
    }

    /// Goes on with the tabulator key until the focus is there, and seen to be.
    async fn tab_to(&self, selector: &str) {
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

    async fn assert_no_scrolling_sideways(&self, place: &str) {
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
    async fn sign_up(&self) {
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

#[tokio::test]
async fn a_follower_signs_up_and_the_sign_up_survives_a_reload_and_a_kill() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    page.menu("福利活动", "activity.list").await;
    assert!(page.last().await.contains("可以报名的活动"), "{}", page.last().await);
    page.sign_up().await;

    page.reload().await;
    assert!(page.last().await.contains("报名成功"), "the chat survives a reload");
    page.menu("我的", "activity.mine").await;
    assert!(page.last().await.contains("已报名"), "{}", page.last().await);

    let visit = visit.kill_and_restart();
    // The page was open all the while. The chat begins anew, the sign-up is there.
    visit.page.until("document.querySelectorAll('[data-bubble]').length === 0").await;
    visit.page.menu("我的", "activity.mine").await;
    assert!(visit.page.last().await.contains("已报名"), "after the kill: {}", visit.page.last().await);
    visit.end().await;
}

#[tokio::test]
async fn markup_stays_text_and_nothing_comes_from_another_host() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    page.say(HOSTILE).await;
    let shown =
        page.value("[...document.querySelectorAll('[data-bubble=\"mine\"]')].at(-1).textContent").await;
    assert_eq!(shown, HOSTILE);
    page.click(".row:last-child .peek").await;
    page.until("document.querySelectorAll('[data-raw]').length === 2").await;
    let raw = page.value("document.querySelector('[data-raw]').textContent").await;
    assert!(raw.as_str().is_some_and(|raw| raw.contains(HOSTILE)), "{raw}");
    assert!(page.is("document.title !== 'owned' && !document.querySelector('img')").await);
    page.reload().await;
    assert!(page.is("document.title !== 'owned' && !document.querySelector('img')").await);
    let foreign = "performance.getEntriesByType('resource').map((entry) => entry.name) \
                   .filter((name) => !name.startsWith(location.origin))";
    assert_eq!(page.value(foreign).await, json!([]));
    visit.end().await;
}

#[tokio::test]
async fn followers_have_chats_of_their_own_and_come_and_go() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    page.say("帮助").await;
    page.click("[data-follower='老王']").await;
    page.until("document.querySelectorAll('#chat [data-bubble]').length === 0").await;
    page.say("你好").await;
    page.click("[data-follower='小梅']").await;
    page.until("document.querySelector('[data-bubble=\"mine\"]')?.textContent === '帮助'").await;

    page.click("[data-act='unfollow']").await;
    page.until("document.getElementById('follow').checkVisibility()").await;
    page.reload().await;
    page.click("#follow").await;
    page.until(&format!("{LAST}?.textContent.includes('欢迎')")).await;

    let name = page.0.find(Locator::Id("new-name")).await.expect("a field for a name");
    name.send_keys(&format!("小新{}", char::from(Key::Enter))).await.expect("typed and sent");
    page.until("document.querySelector('[data-follower=\"小新\"][aria-pressed=\"true\"]')").await;
    page.until("document.getElementById('follow').checkVisibility()").await;
    page.click("#follow").await;
    page.until(&format!("{LAST}?.textContent.includes('欢迎')")).await;
    visit.end().await;
}

#[tokio::test]
async fn what_went_over_the_wire_can_be_read_both_ways() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    page.menu("福利活动", "activity.list").await;
    page.click(".row:last-child .peek").await;
    page.until("document.querySelectorAll('[data-raw]').length === 2").await;
    let [push, answer] =
        [0, 1].map(|nth| format!("document.querySelectorAll('[data-raw]')[{nth}].textContent"));
    assert!(page.is(&format!("/CDATA\\[CLICK\\][^]*CDATA\\[activity.list\\]/.test({push})")).await);
    assert!(page.is(&format!("{answer}.includes('可以报名的活动')")).await);
    let sealed =
        "/msg_signature=[^]*<Encrypt>[^]*<Encrypt>/.test(document.getElementById('wire').textContent)";
    assert!(page.is(sealed).await, "and as it was on the way, sealed");
    visit.end().await;
}

#[tokio::test]
async fn the_whole_page_fits_a_phone() {
    let visit = Visit::new(Screen::Phone).await;
    let page = &visit.page;
    page.assert_no_scrolling_sideways("an empty chat").await;
    page.menu("福利活动", "activity.list").await;
    page.say(&"https://example.cn/".repeat(12)).await;
    page.assert_no_scrolling_sideways("a chat with a long word").await;
    for column in ["福利活动", "服务大厅", "我的"] {
        page.click(&format!("[data-menu='{column}']")).await;
        page.assert_no_scrolling_sideways(column).await;
    }
    page.press(Key::Escape).await;
    page.click("#open-side").await;
    page.assert_no_scrolling_sideways("the drawer").await;
    page.click("#close-side").await;
    page.click(".peek").await;
    page.until("document.querySelector('[data-raw]')?.checkVisibility({ visibilityProperty: true })").await;
    page.assert_no_scrolling_sideways("the raw view").await;
    visit.end().await;
}

#[tokio::test]
async fn a_keyboard_is_enough() {
    let visit = Visit::new(Screen::Phone).await;
    let page = &visit.page;
    page.tab_to("#toggle").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.id === 'text'").await;
    page.type_here("帮助").await;
    page.press(Key::Enter).await;
    page.until(&format!("{LAST}?.textContent.includes('活动报名')")).await;

    page.tab_to("#toggle").await;
    page.press(Key::Enter).await;
    page.tab_to("[data-menu='我的']").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.dataset.key === 'member.verify'").await;
    page.press(Key::Escape).await;
    page.until(
        "document.activeElement.dataset.menu === '我的' && !document.querySelector('.submenu:not([hidden])')",
    )
    .await;

    page.press(Key::Enter).await;
    page.press(Key::Down).await;
    page.until("document.activeElement.dataset.key === 'activity.mine'").await;
    page.press(Key::Enter).await;
    page.until(&format!("{LAST}.textContent.includes('还没有报名')")).await;
    page.until("document.activeElement.dataset.menu === '我的'").await;
    visit.end().await;
}

#[tokio::test]
async fn the_drawer_holds_the_focus_and_gives_it_back() {
    let visit = Visit::new(Screen::Phone).await;
    let page = &visit.page;
    page.tab_to("#open-side").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.id === 'close-side'").await;
    page.tab_to("[data-act='unfollow']").await;
    assert!(page.is("document.querySelector('.phone').inert").await, "what it covers can't be reached");
    page.press(Key::Escape).await;
    page.until("document.activeElement.id === 'open-side'").await;

    page.press(Key::Enter).await;
    page.tab_to("[data-follower='阿强']").await;
    page.press(Key::Enter).await;
    page.until("!document.getElementById('side').checkVisibility({ visibilityProperty: true })").await;
    page.until("document.getElementById('who').textContent === '阿强'").await;
    visit.end().await;
}

#[tokio::test]
async fn who_left_comes_back_by_a_scanned_code() {
    let visit = Visit::new(Screen::Phone).await;
    let page = &visit.page;
    page.click("#open-side").await;
    page.click("[data-act='unfollow']").await;
    page.until("document.getElementById('dock').hidden").await;
    page.click("#follow-scan").await;
    page.until("!document.getElementById('dock').hidden").await;
    assert!(page.last().await.contains("扫码成功"), "{}", page.last().await);
    visit.end().await;
}

#[tokio::test]
async fn photos_voices_places_and_codes_are_sent_and_seen() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    page.click("[data-ask='picture']").await;
    page.click("#ask-body [value='sample:invoice']").await;
    page.until("document.querySelector('[data-bubble=\"photo\"] img')?.naturalWidth === 900").await;
    page.click("[data-ask='speak']").await;
    page.press(Key::Enter).await; // the field has the focus, with words in it
    page.until("document.querySelector('#chat').textContent.includes('〔语音〕我要报名')").await;
    page.until(&format!("{LAST}?.textContent.includes('可以报名的活动')")).await;
    page.click("[data-ask='place']").await;
    page.click("#ask-buttons .primary").await;
    page.until("document.querySelector('#chat').textContent.includes('〔位置〕宁波市海曙区')").await;
    page.click("[data-ask='scan']").await;
    page.type_here("unit_7").await;
    page.press(Key::Enter).await;
    page.until("document.querySelector('#chat').textContent.includes('〔扫码〕unit_7')").await;
    page.click("[data-ask='consent']").await;
    page.click("#ask-buttons [value='no']").await;
    page.until("document.querySelector('#chat').textContent.includes('拒绝订阅通知')").await;
    page.click("[data-ask='consent']").await;
    page.press(Key::Escape).await;
    page.until("!document.getElementById('ask').open").await;
    assert!(!page.is("document.querySelector('#chat').textContent.includes('同意订阅通知')").await);
    visit.end().await;
}

#[tokio::test]
async fn the_clock_goes_forward_by_a_tap() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    page.until("!document.getElementById('clock').hidden").await;
    page.click("[data-forward='259200']").await;
    page.until("document.getElementById('now').textContent.includes('快了 3 天')").await;
    page.click("[data-forward='3600']").await;
    page.until("document.getElementById('now').textContent.includes('快了 3 天 1 小时')").await;
    page.say("帮助").await;
    assert!(page.last().await.contains("活动报名"), "signed at the moved time: {}", page.last().await);
    visit.end().await;
}

#[tokio::test]
async fn what_the_account_sends_appears_by_itself_on_all_phones_that_are_looked_at() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    let config = visit.folder.path().join("data/gonghui.toml");
    page.say("你好").await;
    let openid = page.value("state.openid").await;

    let typing = json!({"touser": openid, "command": "Typing"});
    let typing = page.calls_wechat(&config, "message/custom/typing", typing).await;
    assert_eq!(typing["errcode"], 0, "{typing}");
    page.until("getComputedStyle(document.querySelector('.waiting')).visibility === 'visible'").await;
    let data = json!({"thing1": {"value": "茶艺体验课"},
        "character_string2": {"value": "A3-1-0001"}, "time3": {"value": "2026年12月5日 09:00"}});
    let card = json!({"touser": openid, "template_id": "activity_promoted", "data": data});
    let sent = page.calls_wechat(&config, "message/template/send", card).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    page.click("[data-ask='consent']").await;
    page.0
        .execute("document.getElementById('template').value = 'activity_notice'", vec![])
        .await
        .expect("chosen");
    page.click("#ask-buttons [value='yes']").await;
    let data = json!({"thing1": {"value": "周二手工课"}, "time2": {"value": "2026年12月8日 14:00"}});
    let notice = json!({"touser": openid, "template_id": "activity_notice", "data": data});
    let sent = page.calls_wechat(&config, "message/subscribe/bizsend", notice).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    page.until("document.querySelectorAll('[data-bubble=\"card\"]').length === 2").await;
    page.until("document.querySelector('[data-bubble=\"card\"] dd')?.textContent === '茶艺体验课'").await;
    let all = json!({"touser": [openid, "o2"], "msgtype": "text", "text": {"content": "群发的话"}});
    page.calls_wechat(&config, "message/mass/send", all).await;
    page.until("document.querySelector('[data-bubble=\"mass\"]')?.textContent.includes('群发的话')").await;

    page.click("#open-wall").await;
    page.until("document.querySelectorAll('[data-pane]').length === 3").await;
    page.until("document.querySelector('[data-pane] [data-bubble=\"card\"]')").await;
    page.click("[data-wall='阿强']").await;
    page.until("document.querySelectorAll('[data-pane]').length === 2").await;
    page.press(Key::Escape).await;
    page.until("document.getElementById('wall').hidden && document.activeElement.id === 'open-wall'").await;

    page.click("#calls-panel summary").await;
    page.until("document.getElementById('calls').textContent.includes('message/template/send')").await;
    page.until("document.getElementById('calls').textContent.includes('小梅')").await;
    page.click("#faults-panel summary").await;
    page.click("[data-fault='busy']").await;
    page.until("document.querySelector('[data-fault=\"busy\"]').getAttribute('aria-pressed') === 'true'")
        .await;
    let on = page.fetched("/simulator/faults", Value::Null).await;
    assert_eq!(on["api"][0]["code"], -1, "{on}");
    page.click("[data-fault='busy']").await;
    page.until("document.querySelector('[data-fault=\"busy\"]').getAttribute('aria-pressed') === 'false'")
        .await;
    assert_eq!(page.fetched("/simulator/faults", Value::Null).await["api"], json!([]));
    visit.end().await;
}

#[tokio::test]
async fn questions_and_phones_side_by_side_fit_a_phone() {
    let visit = Visit::new(Screen::Phone).await;
    let page = &visit.page;
    for tool in ["picture", "consent", "place"] {
        page.click("#open-side").await;
        page.click(&format!("[data-ask='{tool}']")).await;
        page.assert_no_scrolling_sideways(tool).await;
        page.press(Key::Escape).await;
    }
    page.click("#open-side").await;
    page.click("#faults-panel summary").await;
    page.assert_no_scrolling_sideways("the faults").await;
    page.click("#open-wall").await;
    assert_eq!(page.value("document.documentElement.scrollWidth").await, 360);
    page.click("#close-wall").await;
    visit.end().await;
}

#[tokio::test]
async fn a_newcomer_is_recognised_claims_a_coupon_and_a_till_takes_it() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    let members: Value = serde_json::from_str(include_str!("../fixtures/members/sample.json")).expect("JSON");
    let [name, identity, phone] =
        ["name", "identity", "phone"].map(|field| members[0][field].as_str().unwrap());

    page.menu("我的", "member.verify").await;
    page.tap_last(Some("同意")).await;
    for answer in [name, identity, phone, "样例纺织厂工会"] {
        page.say(answer).await;
    }
    assert!(page.last().await.contains("330****0017"), "{}", page.last().await);
    page.tap_last(Some("确认")).await;
    assert!(page.last().await.contains("认证成功"), "{}", page.last().await);

    page.menu("福利活动", "welfare.list").await;
    page.say("1").await;
    page.say("领取").await;
    let claimed = page.last().await;
    assert!(claimed.contains("领到了"), "{claimed}");
    // The picture follows by itself, and is one.
    page.until("document.querySelector('img.photo')?.naturalWidth > 50").await;
    let code =
        claimed.split("券码：").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a code");
    let code: String = code.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();

    let token = std::fs::read_to_string(visit.folder.path().join("data/staff.token")).expect("a token");
    let till = || {
        let server = visit.address.trim_end_matches("/simulator/");
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
        command.args(["benefit", "redeem", &code, "--place", "1号窗口", "--server", server]);
        command.env("GONGHUI_TOKEN", token.trim()).output().expect("the command runs")
    };
    assert!(till().status.success());
    page.menu("我的", "welfare.mine").await;
    page.until(&format!("{LAST}.textContent.includes('已使用')")).await;
    page.say("我的资料").await;
    assert!(page.last().await.contains("没有人看过"), "{}", page.last().await);
    visit.end().await;
}

/// The words of a sample's button that begin so: `出院小结 8月5日至8月20日` told of 出院小结.
async fn days_of(page: &Page, label: &str) -> Vec<String> {
    let told = page
        .value(&format!(
            "state.samples.map((sample) => sample.label).find((label) => label.startsWith('{label} '))"
        ))
        .await;
    let told = told.as_str().and_then(|told| told.split(' ').nth(1)).expect("a paper that tells days");
    told.split('至').map(str::to_owned).collect()
}

async fn photograph(page: &Page, sample: &str) {
    page.click("[data-ask='picture']").await;
    page.click(&format!("#ask-body [value='sample:{sample}']")).await;
}

/// Taps the latest link of the chat that sends these words.
async fn tap_link(page: &Page, words: &str) {
    page.click_at(Locator::XPath(&format!("(//*[@id='chat']//*[@data-sends='{words}'])[last()]"))).await;
}

#[tokio::test]
async fn the_teachers_story_is_played_to_its_end_with_the_commands_that_the_demo_prints() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    let members: Value = serde_json::from_str(include_str!("../fixtures/members/sample.json")).expect("JSON");
    let word = |name: &str| members[0][name].as_str().unwrap();
    page.menu("我的", "member.verify").await;
    page.tap_last(Some("同意")).await;
    for answer in [word("name"), word("identity"), word("phone"), word("union")] {
        page.say(answer).await;
    }
    page.tap_last(Some("确认")).await;

    // The first claim: the discharge note is forgotten, which is said when she is through.
    let stay = days_of(page, "出院小结").await;
    let found = days_of(page, "病理报告").await;
    page.say("申请理赔").await;
    page.tap_last(Some("同意")).await;
    for answer in ["本人", "住院", "样例市第一医院", &stay[0], &stay[1], "甲状腺乳头状癌"] {
        page.say(answer).await;
    }
    page.tap_last(Some("同意")).await;
    for answer in ["1", "6222020000000000000", "建设银行"] {
        page.say(answer).await;
    }
    for sample in ["invoice", "settlement"] {
        photograph(page, sample).await;
    }
    for (paper, sample) in [("身份证", "identity"), ("本人银行卡", "bank-card")] {
        tap_link(page, paper).await;
        photograph(page, sample).await;
    }
    // The invoice's code is read meanwhile.
    page.until("document.getElementById('chat').textContent.includes('读到了票据号和金额')").await;
    page.say("发完了").await;
    page.say("提交申请").await;
    let told = page.last().await;
    assert!(told.contains("材料还没有齐") && told.contains("《出院小结（出院记录）》"), "{told}");
    tap_link(page, "出院小结（出院记录）").await;
    photograph(page, "discharge").await;
    page.say("发完了").await;
    page.tap_last(Some("发票信息对")).await;
    page.tap_last(Some("提交申请")).await;
    let told = page.last().await;
    assert!(told.contains("提交成功！申请号：L000001") && told.contains("恶性肿瘤"), "{told}");

    // What she didn't know of.
    page.tap_last(Some("一并申请")).await;
    page.say(&found[0]).await;
    page.say("看材料清单").await;
    for sample in ["sealed-form", "letter", "record", "report"] {
        photograph(page, sample).await;
    }
    page.say("发完了").await;
    page.tap_last(Some("提交申请")).await;
    assert!(page.last().await.contains("L000002"), "{}", page.last().await);

    let script = std::fs::read_to_string(visit.folder.path().join("data/claim.sh")).expect("the steps");
    let (head, steps) = script.split_once("\n\n").expect("steps apart from what they all need");
    for (nth, step) in steps.split("\n\n").enumerate() {
        let done = Command::new("sh").args(["-e", "-c", &format!("{head}\n{step}")]).output();
        let done = done.expect("a shell");
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{step}\n{}{errors}", String::from_utf8_lossy(&done.stdout));
        if nth == 0 {
            page.click("[data-forward='86400']").await;
        }
    }

    page.menu("我的", "claim.status").await;
    let told = page.last().await;
    assert_eq!(told.matches("已到账").count(), 2, "{told}");
    page.say("1").await;
    let told = page.last().await;
    assert!(told.contains("L000002") && told.contains("已到账"), "{told}");
    page.tap_last(Some("怎么算的")).await;
    assert!(page.last().await.contains("10000.00元"), "{}", page.last().await);
    visit.end().await;
}
