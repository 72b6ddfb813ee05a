//! What menu keys and keywords may point at.

use crate::content::Target;

/// Every target: its key, and the title on the menu.
pub const TARGETS: &[Target] = &[
    to("activity.list", "活动报名"),
    to("activity.craft", "每周手工"),
    to("activity.family", "亲子托管"),
    to("activity.mine", "我的报名"),
    to("activity.cancel", "取消报名"),
    to("activity.check_in", "签到"),
    to("activity.accept", "接受"),
    to("activity.decline", "放弃"),
    to("activity.waiting", "候补进度"),
    to("activity.appeal", "申诉"),
    to("topics.home", "通知设置"),
    to("topics.stop", "退订通知"),
    to("topics.resume", "恢复通知"),
    to("staff.talk", "人工客服"),
    to("consult.home", "常见问题"),
    to("links.home", "职工服务"),
    to("welfare.list", "福利领取"),
    to("welfare.mine", "我的券包"),
    to("match.home", "相亲交友"),
    to("claim.home", "医疗互保"),
    to("claim.apply", "申请理赔"),
    to("claim.status", "理赔进度"),
    to("claim.go_on", "继续填"),
    to("claim.submit", "提交申请"),
    to("claim.invoices_right", "发票信息对"),
    to("claim.invoices_wrong", "发票信息不对"),
    to("claim.invoice", "填发票金额"),
    to("claim.say", "给工作人员留言"),
    to("claim.correct", "改资料"),
    to("claim.check", "核对资料"),
    to("claim.papers", "看材料清单"),
    to("claim.supplement", "补材料"),
    to("claim.sum", "怎么算的"),
    to("claim.account", "改银行账号"),
    to("claim.second", "一并申请"),
    to("claim.take_back", "撤回申请"),
    to("claim.give_up", "不申请了"),
    to("cover.mine", "我的保障"),
    to("cover.retired", "退休参保"),
    to("hardship.home", "困难帮扶"),
    to("rights.home", "维权咨询"),
    to("jobs.home", "求职培训"),
    to("skills.home", "技能培训"),
    to("study.home", "学历提升"),
    to("reading.home", "职工阅读"),
    to("travel.home", "职工出游"),
    to("feedback.home", "投诉建议"),
    to("consult.ask", "登记咨询"),
    to("hardship.test", "困难自测"),
    to("service.home", "全部服务"),
    to("service.mine", "我的办件"),
    to("member.join", "入会转会"),
    to("member.verify", "会员认证"),
    to("member.withdraw", "撤回同意"),
    to("member.leave", "退会"),
    to("member.unbind", "解绑"),
    to("member.erase", "注销"),
    to("member.data", "我的资料"),
    to("member.export", "导出我的资料"),
    to("member.home", "我的"),
];

/// Those that lead to forms of `menus/services.toml`.
pub const SERVICES: &[&str] = &[
    "rights.home",
    "hardship.home",
    "jobs.home",
    "skills.home",
    "study.home",
    "match.home",
    "consult.ask",
    "reading.home",
    "travel.home",
    "feedback.home",
];

const fn to(key: &'static str, title: &'static str) -> Target {
    Target { key, title }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_forms_is_a_target() {
        for key in SERVICES {
            assert!(TARGETS.iter().any(|target| target.key == *key), "{key}");
        }
    }
}
