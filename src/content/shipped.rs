//! The files in `menus/` keep what they promise: followers' own ways of asking lead where they should.

use super::*;

const fn to(key: &'static str, title: &'static str) -> Target {
    Target { key, title }
}

const EXPECTED: Expected = Expected {
    texts: &[],
    notices: &[],
    subscriptions: &[],
    targets: &[
        to("activity.list", "活动报名"),
        to("welfare.list", "福利领取"),
        to("activity.craft", "每周手工"),
        to("activity.family", "亲子托管"),
        to("match.home", "相亲交友"),
        to("claim.home", "医疗互保"),
        to("claim.apply", "申请理赔"),
        to("hardship.home", "困难帮扶"),
        to("rights.home", "维权咨询"),
        to("jobs.home", "求职培训"),
        to("member.join", "入会转会"),
        to("member.verify", "会员认证"),
        to("activity.mine", "我的报名"),
        to("welfare.mine", "我的券包"),
        to("activity.check_in", "签到"),
        to("activity.accept", "接受"),
        to("activity.decline", "放弃"),
        to("activity.waiting", "候补进度"),
        to("activity.appeal", "申诉"),
        to("cover.mine", "我的保障"),
        to("cover.retired", "退休参保"),
        to("claim.status", "理赔进度"),
        to("staff.talk", "人工客服"),
        to("claim.supplement", "补材料"),
        to("member.unbind", "解绑"),
        to("member.erase", "注销"),
        to("member.withdraw", "撤回同意"),
        to("member.leave", "退会"),
        to("member.data", "我的资料"),
        to("member.home", "我的"),
        to("study.home", "学历提升"),
        to("reading.home", "职工阅读"),
        to("travel.home", "职工出游"),
        to("feedback.home", "投诉建议"),
        to("consult.ask", "我要咨询"),
        to("hardship.test", "困难自测"),
        to("service.home", "全部服务"),
        to("service.mine", "我的办件"),
        to("topics.home", "通知设置"),
        to("topics.stop", "退订通知"),
        to("topics.resume", "恢复通知"),
    ],
    services: &[
        "rights.home",
        "hardship.home",
        "jobs.home",
        "study.home",
        "match.home",
        "consult.ask",
        "reading.home",
        "travel.home",
        "feedback.home",
    ],
    commands: &["取消", "返回", "帮助", "菜单", "人工"],
};

fn shipped() -> Content {
    let (content, problems) = Content::load(&Source::Embedded, &EXPECTED).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())
    });
    let warnings = problems.iter().filter(|problem| problem.severity == Severity::Warning);
    // What the service says is declared in other rooms.
    let here: Vec<_> = warnings.filter(|problem| !problem.message.starts_with("is never said")).collect();
    assert!(here.is_empty(), "{here:#?}");
    content
}

fn answer<'k>(content: &'k Content, text: &str) -> &'k str {
    match content.keywords.find(text) {
        Found::Hit { target: RuleTarget::Flow(key), .. } => key,
        Found::Hit { target: RuleTarget::Answer(name), .. } => name,
        Found::Nothing { .. } => "nothing",
    }
}

#[test]
fn the_menu_has_three_by_five_buttons_and_each_answers_to_its_name() {
    let content = shipped();
    let shape: Vec<usize> = content.menu.button.iter().map(|top| top.sub_button.len()).collect();
    assert_eq!(shape, [5, 5, 5]);
    for button in content.menu.leaves() {
        assert_eq!(Some(answer(&content, &button.name)), button.key.as_deref(), "{}", button.name);
    }
    for target in EXPECTED.targets {
        assert_eq!(answer(&content, target.title), target.key, "{}", target.title);
    }
}

#[test]
fn what_followers_ask_leads_where_it_should() {
    let content = shipped();
    let check = |target: &str, texts: &[&str]| {
        for text in texts {
            assert_eq!(answer(&content, text), target, "{text}");
        }
    };
    check("activity.list", &["報名", "我想报名", "有什么活动？", "周末的健步走还能报名吗"]);
    check("activity.craft", &["ＤＩＹ", "手工 报名", "怎么报名手工课"]);
    check("activity.family", &["小候鳥", "夏令营怎么报名", "亲子活动"]);
    check("activity.mine", &["我的报名", "我想取消报名"]);
    check("cover.mine", &["我的保障", "参保", "保障查询", "我参保了没有"]);
    check("cover.retired", &["退休参保", "退休人员参保"]);
    check("activity.waiting", &["候补到第几位了", "排第几", "候补进度"]);
    check("activity.check_in", &["签到", "签到 123456"]);
    check("welfare.list", &["电影券", "1分钱坐地铁", "公交优惠"]);
    check("welfare.mine", &["我的券在哪里"]);
    check("match.home", &["相親", "给我介绍个找对象的活动"]);
    check("claim.home", &["医保", "住院了怎么办", "怎么报销", "理赔"]);
    check("claim.apply", &["申请理赔", "我要报销"]);
    check("claim.status", &["理赔进度", "查一下报销进度"]);
    check("claim.supplement", &["补材料", "补交出院小结"]);
    check("topics.home", &["通知设置", "我想订阅"]);
    check("topics.stop", &["退订", "TD", "怎么取消订阅", "退訂通知"]);
    check("topics.resume", &["恢复通知"]);
    check("hardship.home", &["家里困难", "困难补助"]);
    check("rights.home", &["老板欠薪", "工伤", "12351", "找律师", "劳动仲裁"]);
    check("jobs.home", &["工作", "我要找工作", "有没有技能培训"]);
    check("study.home", &["学历提升", "读大专有补助吗"]);
    check("reading.home", &["职工书屋在哪", "想借书"]);
    check("travel.home", &["疗休养", "想去旅游"]);
    check("feedback.home", &["我要投诉", "提个建议"]);
    check("hardship.test", &["困难自测", "自测"]);
    check("service.mine", &["我的办件", "办件进度"]);
    check("member.join", &["转会", "我要入会", "怎么加入工会"]);
    check("member.verify", &["会員認證", "绑定"]);
    check("member.unbind", &["解绑"]);
    check("member.erase", &["注销账号"]);
    check("member.data", &["我的资料"]);
    check("member.home", &["我的"]);
    check("staff.talk", &["客服", "我要找人工", "你们电话多少"]);
}

#[test]
fn common_questions_have_answers() {
    let content = shipped();
    let check = |name: &str, text: &str| assert_eq!(answer(&content, text), format!("faq.{name}"), "{text}");
    check("index", "常见问题");
    check("who_can_join", "我能参保吗");
    check("who_can_join", "怎么参加互保");
    check("no_union", "我们单位没有工会怎么办？");
    check("no_union", "公司没建工会");
    check("join_alone", "个人能参保吗");
    check("when_to_join", "今年什么时候参保");
    check("when_to_join", "错过参保了");
    check("when_it_starts", "互保什么时候生效");
    check("when_it_starts", "觀察期多久");
    check("new_employer", "换单位了互保还有效吗");
    check("retiring", "我年中退休怎么办");
    check("withdraw", "可以退保吗");
    check("many_stays", "一年住几次院都能报吗");
    check("many_stays", "报销要手续费吗");
    check("how_much", "住院能报多少？");
    check("two_benefits", "特殊病种和住院能同时申请吗");
    check("papers", "理赔需要什么材料");
    check("unit_seal", "单位证明怎么开");
    check("paper_forgotten", "少交了材料怎么办");
    check("when_paid", "多久到账");
    check("other_city", "外地住院能报吗");
    check("outpatient", "门诊能报吗");
    check("illness_before", "以前得过这个病能赔吗");
    check("in_situ", "原位癌算吗");
    check("by_family", "家人能代办吗");
    check("wrong_account", "银行卡填错了");
    check("originals", "发票原件给了商业保险");
    check("no_seat", "每次都抢不到");
    check("card", "怎么办5·1服务卡");
    check("not_found", "查不到我的信息");
    check("number_taken", "身份证被绑定了");
    check("no_code", "收不到验证码");
}

#[test]
fn urgent_words_come_first() {
    let content = shipped();
    for text in ["我不想活了", "工友受傷了，怎么报销", "明天去讨薪堵路", "报名的时候有人跳楼"]
    {
        let found = content.keywords.find(text);
        let Found::Hit { target: RuleTarget::Answer(name), urgent: true, .. } = found else {
            panic!("{text}: {found:?}")
        };
        assert_eq!(name, "urgent.person");
    }
    let said = content.texts.answer("urgent.person");
    assert!(["12351", "110", "120"].iter().all(|phone| said.contains(phone)), "{said}");
}

#[test]
fn slips_are_offered_the_nearest() {
    let content = shipped();
    let near = |text: &str| match content.keywords.find(text) {
        Found::Nothing { near } => near.iter().map(|s| s.title).collect::<Vec<_>>(),
        found => panic!("{text}: {found:?}"),
    };
    assert_eq!(near("医疗互相保"), ["医疗互保"]);
    assert_eq!(near("每周手宫"), ["每周手工"]);
    assert_eq!(near("报明")[0], "活动报名");
    assert_eq!(near("今天天气真好"), [""; 0]);
}

#[test]
fn welcomes_are_short_and_press_nobody_to_share() {
    let content = shipped();
    for name in ["welcome.follow", "welcome.scan"] {
        let said = content.texts.answer(name);
        assert!(said.lines().count() <= 5, "{said}");
        assert!(said.contains("认证") && said.contains("人工"), "{said}");
        assert!(!["分享", "转发", "邀请"].iter().any(|word| said.contains(word)), "{said}");
    }
}
