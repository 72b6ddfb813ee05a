//! What followers say to us: the words that the flows understand. A choice is shown as the word that answers it, tapped or
//! typed, so the choices are here, and a link sends one of these; what links are called, and every sentence, is in
//! `menus/texts.toml`. Wordings of yes, numbers and days are in `input` and `days`, names of services in `targets`.

use crate::domain::benefit::record::BenefitCode;

// What works everywhere.
pub const STOP: &[&str] = &["取消", "退出", "不办了", "不弄了", "不填了", "不报了"];
const RESIGNED: [&str; 5] = ["算了", "那就", "那", "还是", "我"];
pub const BACK: &[&str] = &["返回", "上一步"];
pub const HELP: &[&str] = &["帮助", "菜单", "help"];
pub const PERSON: &[&str] = &["人工", "人工客服", "转人工"];
pub const WHY: &[&str] = &["为什么", "为啥"];
pub const LEAVE_DESK: &[&str] = &["返回", "退出人工", "结束人工", "退出", "取消"];

// Asked in several places.
pub const AGREE: &[&str] = &["同意", "不同意"];
pub const YES: &str = "确认";
pub const AGAIN: &str = "重填";
pub const CORRECT: &[&str] = &["修改", "改"];
pub const SKIP: &str = "跳过";
pub const NOTHING: &[&str] = &[SKIP, "无", "没有"];
pub const NOT_KNOWN: &[&str] =
    &[SKIP, "没有", "无", "不知道", "不清楚", "不晓得", "不记得", "忘了", "说不准", "没有单位"];
pub const NEXT_PAGE: &str = "下一页";
pub const PREVIOUS_PAGE: &str = "上一页";
pub const MORE: &str = "更多";
pub const GO_ON: &str = "继续";
/// After the last photo.
pub const ENOUGH: &str = "发完了";
/// An answer that stands.
pub const KEEP: &str = "保留";
pub const FINISHED: &str = "完了";
pub const ENOUGH_TOO: &[&str] = &[
    FINISHED,
    "好了",
    "没有了",
    "没了",
    "发好了",
    "都发了",
    "全发了",
    "都发完了",
    "拍好了",
    "拍完了",
    "传完了",
    "传好了",
];
pub const WITHDRAW: &[&str] = &["确认撤回", "不撤回"];
pub const APPEAL: &str = "申诉";
pub const SUBMIT: &str = "提交";
/// In front of a number that we gave.
pub const OF_NUMBER: [&str; 2] = ["报名号", "编号"];

// Where a link leads, as the menu and the keywords name it.
pub const VERIFY: &str = "会员认证";
pub const MY_SIGN_UPS: &str = "我的报名";
pub const MY_COUPONS: &str = "我的券包";
pub const MY_CASES: &str = "我的办件";
pub const ACTIVITIES: &str = "活动报名";
pub const CLAIM: &str = "申请理赔";
pub const CLAIM_STATUS: &str = "理赔进度";
pub const SELF_TEST: &str = "困难自测";

// Activities.
pub const SIGN_UP: &str = "报名";
pub const SIGN_UP_TOO: &[&str] = &[SIGN_UP, "我要报名", "立即报名"];
pub const MORE_ACTIVITIES: &[&str] = &[NEXT_PAGE, MORE, "更多活动"];
/// What may stand before and behind the day by which a session is called.
pub const BEFORE_SESSION: [&str; 7] = ["我", "要", "想", "选", "报", "参加", "换到"];
pub const BEHIND_SESSION: [&str; 6] = ["那一场", "那场", "这场", "场", "的课", "的"];
/// Says of no activity which one is meant.
pub const OF_ANY_ACTIVITY: [&str; 4] = ["活动", "报名", "参加", "周末"];
pub const NOBODY: &[&str] = &[
    "没有",
    "无",
    "不带",
    "不带人",
    "没人",
    "就我",
    "就我自己",
    "就我一个",
    "就我一个人",
    "我一个人",
    "只有我",
    "我自己",
    "自己",
];
pub const CANCEL: &[&str] = &["取消报名", "退报"];
pub const CONFIRM_CANCEL: &str = "确认取消";
pub const ACCEPT: &str = "接受";
pub const DECLINE: &str = "放弃";
pub const ABOUT_DRAW: &str = "抽签说明";
pub const TO_ADDRESS: &str = "填写收件地址";
pub const CHANGE_ADDRESS: &str = "改收件地址";
/// How a question of the form may begin; its answer is shown without it.
pub const POLITE: [&str; 4] = ["请输入", "请填写", "请选择", "请问"];
/// What an activity is about that the menu's pages list.
pub const CRAFT: &[&str] = &["手工", "DIY"];
pub const FAMILY: &[&str] = &["亲子", "托管", "夏令营"];

// Topics of broadcasts.
pub const ALL_TOPICS: &[&str] = &["全部", "都要", "全部都要"];

// Benefits.
pub const REMIND: &[&str] = &["提醒我", "提醒"];
const TAKE: &str = "领取";
/// With the benefit before their eyes; 再答一次 after a quiz that was not passed.
pub const CLAIM_COUPON: &[&str] = &[TAKE, "立即领取", "领", "抢", "再答一次", "再答"];
pub const PICTURE: &[&str] = &["二维码", "看二维码", "券码"];
pub const RETURN: &[&str] = &["退回", "退券", "退回这张券"];
pub const CONFIRM_RETURN: &[&str] = &["确认退回", "退回"];

// Membership.
/// Of who somebody says that they are: all is right, or which part isn't.
pub const RIGHT: &[&str] = &[YES, "姓名错了", "身份证号错了", "手机号错了", "单位错了"];
/// What those parts are called within a sentence.
pub const PARTS: [&[&str]; 4] =
    [&["姓名", "名字"], &["身份证"], &["手机", "电话"], &["单位", "工会", "公司"]];
pub const WRONG: &[&str] = &["错", "不对", "不是", "有误", "改", "换"];
pub const NOT_WRONG: &[&str] = &["没错", "没有错", "不错"];
pub const MISSED: &[&str] = &[AGAIN, "请工会核实"];
pub const MOVE: &[&str] = &["换到这个微信", "不换"];
pub const MOVE_TOO: &[&str] = &["换", "要换", "要", "换过来"];
pub const MEMBERSHIP: &[&str] = &["我的资料", MY_SIGN_UPS, MY_COUPONS, "转会", "退会", "解绑", "注销"];
pub const PENDING: &[&str] = &["撤回申请", "人工"];
pub const DATA: &[&str] = &["导出我的资料", WITHDRAW_CONSENT, "解绑", "注销"];
pub const ACCOUNT_DATA: &[&str] = &["导出我的资料", "注销"];
pub const WITHDRAW_CONSENT: &str = "撤回同意";
/// Of the consents that are listed: every one, and the membership with them.
pub const ALL_CONSENTS: &str = "全部撤回";
pub const UNBIND: &[&str] = &["确认解绑", "不解绑"];
pub const ERASE: &[&str] = &["确认注销", "不注销"];
pub const LEAVE: &[&str] = &["确认退会", "不退会"];

// Cases.
pub const CASE_RESUME: &[&str] = &[CASE_GO_ON, "重新填"];
pub const CASE_REVIEW: &[&str] = &[SUBMIT, "改一改", "先存着"];
pub const CASE_GO_ON: &str = "继续填";
pub const CASE_SAY: &str = "补充留言";
pub const CASE_SAY_TOO: &[&str] = &["补充", "留言", "回复"];
pub const CASE_APPEAL: &str = "申请复核";
pub const CASE_WITHDRAW: &str = "撤回办件";
pub const CASE_REPORT: &str = "举报对方";
pub const CASE_LIST: &str = "看全部办件";
/// To somebody who was proposed.
pub const WILLING: &str = "愿意";
pub const WILLING_TOO: &[&str] = &[WILLING, "我愿意"];
pub const UNWILLING: &str = "不愿意";
pub const UNWILLING_TOO: &[&str] = &[UNWILLING, "不合适"];

/// What is said without what people begin with who give something up: `算了，我不报了吧`.
pub fn resigned(folded: &str) -> &str {
    let bare = folded.strip_suffix('吧').unwrap_or(folded);
    RESIGNED.iter().fold(bare, |bare, begin| bare.strip_prefix(begin).unwrap_or(bare))
}

/// `领取W12`, as the links send it.
pub fn claim_coupon(id: u32) -> String {
    format!("{TAKE}{}", BenefitCode(id))
}

/// The benefit of it.
pub fn coupon_claimed(words: &str) -> Option<u32> {
    let words = words.trim();
    let code = words.strip_prefix(TAKE).or_else(|| words.strip_prefix('领'))?;
    code.trim().parse::<BenefitCode>().ok().map(|code| code.0)
}

/// `5分`
pub fn stars(stars: u8) -> String {
    format!("{stars}分")
}

/// `5分`, `4星`; a bare number chooses from the list.
pub fn stars_said(words: &str) -> Option<u8> {
    let digits = words.trim().strip_suffix(['分', '星'])?;
    digits.trim().parse().ok().filter(|stars| (1..=5).contains(stars))
}
