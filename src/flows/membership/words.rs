//! What is stored, in a member's words.

use crate::domain::member::quality::Quality;
use crate::domain::member::record::{
    ApplicationState, Card, CardState, Consent, Look, Member, Purpose, Tier, Wish,
};
use crate::moment::Time;

pub fn card(member: &Member, now: Time) -> String {
    let Some(card) = &member.card else { return "没有5·1服务卡".to_owned() };
    let bank = &card.bank;
    match card.state_at(now) {
        CardState::Active => format!("5·1服务卡（{bank}）使用中{}", until(card)),
        CardState::Lost => format!("5·1服务卡（{bank}）已挂失"),
        CardState::Expired => format!("5·1服务卡（{bank}）已过期"),
    }
}

fn until(card: &Card) -> String {
    let last = card.until.map(|until| until.minus(std::time::Duration::from_millis(1)).date());
    last.map(|day| format!("，{}年{}月{}日前有效", day.year(), day.month(), day.day())).unwrap_or_default()
}

pub fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Full => "正式会员",
        Tier::Interim => "周转库会员",
        Tier::Retained => "会籍保留（退休）",
    }
}

/// To what, when, to which words, and until when.
pub fn consent(consent: &Consent) -> String {
    let what = match consent.purpose {
        Purpose::Membership => "会员认证",
        Purpose::Health => "理赔的健康信息",
        Purpose::Bank => "理赔的银行账户",
        Purpose::Service => "服务办理的个人情况",
    };
    let withdrawn = consent.withdrawn.map(|at| format!("，{} 撤回", at.chinese_with_year()));
    let (at, text) = (consent.at.chinese_with_year(), &consent.text);
    format!("{what}：{at} 同意（文本 {text}）{}", withdrawn.unwrap_or_default())
}

/// What a member is, and that they are changing unions.
pub fn state(standing: Quality, member: &Member) -> String {
    let changes = if member.changes_union { "，转会办理中" } else { "" };
    format!("{}{changes}", quality(standing))
}

pub fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Unknown => "未认证",
        Quality::Pending { .. } => "待审核",
        Quality::Mismatch => "信息不符",
        Quality::Verified => "已认证",
        Quality::Retained => "会籍保留",
        Quality::Left => "已转出",
        Quality::Suspended => "停用",
    }
}

pub fn wish(wish: &Wish) -> &'static str {
    match wish {
        Wish::Join { .. } => "核实会员身份",
        Wish::Transfer { .. } => "转会",
        Wish::Leave { .. } => "退会",
    }
}

pub fn decision(state: &ApplicationState) -> &'static str {
    match state {
        ApplicationState::Open => "核实中",
        ApplicationState::Approved => "已同意",
        ApplicationState::Refused { .. } => "没有同意",
    }
}

/// What an answer that is kept for the next sign-up is called.
pub fn profile(kind: &str) -> &'static str {
    if kind == "phone" { "手机号" } else { "地址" }
}

pub fn looker(look: &Look) -> String {
    if look.by.is_empty() {
        "工会工作人员".to_owned()
    } else {
        format!("工会工作人员（{}）", look.by)
    }
}
