//! The chat page in a real browser: a follower taps, signs up, and the sign-up survives a reload and a kill.
//!
//! Needs Debian's `chromium` and `chromium-driver`. What the tests hold on to in the page:
//! `data-ready` on the body once it works, `data-busy` while something is under way; `data-menu` (a column of
//! the menu), `data-key` (its entries), `data-bubble` (what is said, by kind), `data-sends` (tappable links);
//! `data-follower` (who can be switched to), `data-act` and `data-ask` (what else a follower can do, at once and after
//! a question), `data-forward` (the clock), `data-wall` and `data-pane` (who is shown side by side), `data-fault`; `.peek` beside a bubble
//! opens what went over the wire for it, each message in a `data-raw`. By id: `toggle` and `text` (the keyboard),
//! `open-side`, `close-side` and `side` (the drawer), `follow`, `follow-scan` and `new-name`.

mod claim;
mod visit;

use std::process::Command;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use visit::{LAST, Screen, Visit};

const HOSTILE: &str = "<img src=x onerror=\"document.title='owned'\">";

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
    let members: Value =
        serde_json::from_str(include_str!("../../fixtures/members/sample.json")).expect("JSON");
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
