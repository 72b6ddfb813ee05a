//! What menu keys and keywords may point at.

use crate::content::{Target, TextSpec};

/// Every target: its key, the title on the menu, and whether its flow comes later.
pub const TARGETS: &[Target] = &[
    now("activity.list", "活动报名"),
    now("activity.craft", "每周手工"),
    now("activity.family", "亲子托管"),
    now("activity.mine", "我的报名"),
    now("activity.check_in", "签到"),
    now("activity.accept", "接受"),
    now("activity.decline", "放弃"),
    now("activity.waiting", "候补进度"),
    now("activity.appeal", "申诉"),
    now("topics.home", "通知设置"),
    now("topics.stop", "退订通知"),
    now("topics.resume", "恢复通知"),
    now("staff.talk", "人工客服"),
    now("consult.home", "常见问题"),
    now("links.home", "职工服务"),
    now("welfare.list", "福利领取"),
    now("welfare.mine", "我的券包"),
    coming("match.home", "相亲交友"),
    now("claim.home", "医疗互保"),
    now("claim.apply", "申请理赔"),
    now("claim.status", "理赔进度"),
    now("claim.supplement", "补材料"),
    now("cover.mine", "我的保障"),
    now("cover.retired", "退休参保"),
    coming("hardship.home", "困难帮扶"),
    coming("rights.home", "维权咨询"),
    coming("jobs.home", "求职培训"),
    coming("study.home", "学历提升"),
    now("member.join", "入会转会"),
    now("member.verify", "会员认证"),
    now("member.withdraw", "撤回同意"),
    now("member.leave", "退会"),
    now("member.unbind", "解绑"),
    now("member.erase", "注销"),
    now("member.data", "我的资料"),
    now("member.home", "我的"),
];

/// What is said for a target whose flow comes later: what it will do and how to reach a person meanwhile.
const LATER: &[(&str, TextSpec)] = &[
    ("match.home", TextSpec::new("later.match.home", &[])),
    ("hardship.home", TextSpec::new("later.hardship.home", &[])),
    ("rights.home", TextSpec::new("later.rights.home", &[])),
    ("jobs.home", TextSpec::new("later.jobs.home", &[])),
    ("study.home", TextSpec::new("later.study.home", &[])),
];

const fn now(key: &'static str, title: &'static str) -> Target {
    Target { key, title, later: false }
}

const fn coming(key: &'static str, title: &'static str) -> Target {
    Target { key, title, later: true }
}

pub fn later(key: &str) -> Option<&'static TextSpec> {
    LATER.iter().find(|(known, _)| *known == key).map(|(_, spec)| spec)
}

pub fn later_texts() -> impl Iterator<Item = &'static TextSpec> {
    LATER.iter().map(|(_, spec)| spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_says_so_and_nothing_else_does() {
        for target in TARGETS {
            assert_eq!(target.later, later(target.key).is_some(), "{}", target.key);
        }
    }
}
