//! The story of a claim: a teacher in the chat, staff with the commands that the demo prints.

use std::process::Command;

use fantoccini::Locator;
use serde_json::Value;

use crate::visit::{Page, Screen, Visit};

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

/// By the made-up member that the demo prints.
async fn recognise(page: &Page) {
    let members: Value =
        serde_json::from_str(include_str!("../../fixtures/members/sample.json")).expect("JSON");
    let word = |name: &str| members[0][name].as_str().unwrap();
    page.menu("我的", "member.verify").await;
    page.tap_last(Some("同意")).await;
    for answer in [word("name"), word("identity"), word("phone"), word("union")] {
        page.say(answer).await;
    }
    page.tap_last(Some("确认")).await;
}

#[tokio::test]
async fn the_teachers_story_is_played_to_its_end_with_the_commands_that_the_demo_prints() {
    let visit = Visit::new(Screen::Desktop).await;
    let page = &visit.page;
    recognise(page).await;

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
    page.shows("读到了票据号和金额").await;
    page.say("发完了").await;
    page.say("提交申请").await;
    page.assert_told(&["材料还没有齐", "《出院小结（出院记录）》"]).await;
    tap_link(page, "出院小结（出院记录）").await;
    photograph(page, "discharge").await;
    page.say("发完了").await;
    page.tap_last(Some("发票信息对")).await;
    page.tap_last(Some("提交申请")).await;
    page.assert_told(&["提交成功！申请号：L000001", "恶性肿瘤"]).await;

    // What she didn't know of.
    page.tap_last(Some("一并申请")).await;
    for answer in [&found[0], "没做手术", "有单位"] {
        page.say(answer).await;
    }
    page.say("看材料清单").await;
    for sample in ["sealed-form", "letter", "record", "report"] {
        photograph(page, sample).await;
    }
    page.say("发完了").await;
    page.tap_last(Some("提交申请")).await;
    page.assert_told(&["提交成功！申请号：L000002"]).await;

    let script = std::fs::read_to_string(visit.folder.path().join("data/claim.sh")).expect("the steps");
    let (head, steps) = script.split_once("\n\n").expect("steps apart from what they all need");
    for (nth, step) in steps.split("\n\n").enumerate() {
        let done = Command::new("sh").args(["-e", "-c", &format!("{head}\n{step}")]).output();
        let done = done.expect("a shell");
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{step}\n{}{errors}", String::from_utf8_lossy(&done.stdout));
        match nth {
            // WeChat lets the service send five messages after one of hers: she asks before there are more, so that each
            // of the next two steps of the staff's, with four at most, is told at once.
            0 => {
                page.click("[data-forward='86400']").await;
                page.say("理赔进度").await;
            }
            1 => {
                page.shows("L000001 有新进展：已核准").await;
                page.shows("L000002 有新进展：已核准").await;
                page.say("理赔进度").await;
                let told = page.last().await;
                assert_eq!(told.matches("已核准").count(), 2, "{told}");
            }
            _ => {}
        }
    }

    page.shows("L000001 已到账").await;
    page.shows("L000002 已到账").await;
    page.menu("我的", "claim.status").await;
    let told = page.last().await;
    assert_eq!(told.matches("已到账").count(), 2, "{told}");
    page.say("1").await;
    page.assert_told(&["L000002", "已到账"]).await;
    page.tap_last(Some("怎么算的")).await;
    page.assert_told(&["10000.00元"]).await;
    visit.end().await;
}

#[tokio::test]
async fn a_draft_is_there_after_a_kill() {
    let visit = Visit::new(Screen::Desktop).await;
    recognise(&visit.page).await;
    let stay = days_of(&visit.page, "出院小结").await;
    visit.page.say("申请理赔").await;
    visit.page.tap_last(Some("同意")).await;
    for answer in ["本人", "住院", "样例市第一医院", &stay[0], &stay[1]] {
        visit.page.say(answer).await;
    }
    visit.page.assert_told(&["诊断"]).await;

    let visit = visit.kill_and_restart();
    let page = &visit.page;
    page.until("document.querySelectorAll('[data-bubble]').length === 0").await;
    page.say("申请理赔").await;
    page.tap_last(Some("继续上次的申请")).await;
    page.say("急性阑尾炎").await;
    page.say("理赔进度").await;
    page.tap_last(None).await;
    page.assert_told(&["L000001", "草稿"]).await;
    visit.end().await;
}
