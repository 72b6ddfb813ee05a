//! The files in `menus/` keep what they promise: followers' own ways of asking lead where they should.

use super::load_content;
use crate::content::{Asked, Content, Found, RuleTarget, Source, Understood};
use crate::flows::targets::TARGETS;

fn shipped() -> Content {
    let (content, warnings) = load_content(&Source::Embedded).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())
    });
    assert!(warnings.is_empty(), "{warnings:#?}");
    content
}

fn answer<'k>(content: &'k Content, text: &str) -> &'k str {
    match content.understand(text) {
        Understood::Rule { target: RuleTarget::Flow(key), .. } => key,
        Understood::Rule { target: RuleTarget::Answer(name), .. } => name,
        Understood::Question(entry) => &entry.id,
        Understood::Questions(_) => "questions",
        Understood::Nothing { .. } => "nothing",
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
    for target in TARGETS {
        assert_eq!(answer(&content, target.title), target.key, "{}", target.title);
        // So that it is known for one in the middle of something else, too.
        let named = content.keywords.named(target.title).map(|rule| &rule.target);
        assert_eq!(named, Some(&RuleTarget::Flow(target.key)), "{}", target.title);
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
    check("activity.mine", &["我的报名", "我的候补", "我想看看我报的名"]);
    check("activity.cancel", &["取消报名", "我想取消报名", "取消周六的报名"]);
    check("cover.mine", &["我的保障", "参保", "保障查询", "我参保了没有"]);
    check("cover.retired", &["退休参保", "退休人员参保"]);
    check("activity.waiting", &["候补到第几位了", "排第几", "候补进度"]);
    check("activity.check_in", &["签到", "签到 123456"]);
    check("welfare.list", &["电影券", "1分钱坐地铁", "公交优惠"]);
    check("welfare.mine", &["我的券在哪里"]);
    check("match.home", &["相親", "给我介绍个找对象的活动"]);
    check("claim.home", &["互保", "互助保障", "医疗互助保障", "医保", "住院了怎么办", "怎么报销", "理赔"]);
    check("claim.apply", &["申请理赔", "我要报销"]);
    check("claim.status", &["理赔进度", "查一下报销进度"]);
    check("claim.supplement", &["补材料", "补交出院小结"]);
    check("topics.home", &["通知设置", "我想订阅"]);
    check(
        "topics.stop",
        &["退订", "TD", "怎么取消订阅", "退訂通知", "别再给我发消息了", "不要再发了", "不想再收通知"],
    );
    check("topics.resume", &["恢复通知"]);
    check("hardship.home", &["家里困难", "困难补助"]);
    check("rights.home", &["老板欠薪", "工伤", "找律师", "劳动仲裁"]);
    check("jobs.home", &["工作", "我要找工作", "有没有培训"]);
    check("skills.home", &["技能培训", "有没有技能培训"]);
    check("study.home", &["学历提升", "读大专有补助吗"]);
    check("consult.home", &["常见问题", "咨询"]);
    check("links.home", &["职工服务", "更多服务"]);
    check("reading.home", &["职工书屋在哪", "想借书"]);
    check("travel.home", &["疗休养", "想去旅游"]);
    check("feedback.home", &["我要投诉", "提个建议"]);
    check("hardship.test", &["困难自测", "自测"]);
    check("service.mine", &["我的办件", "办件进度", "多久回复我", "两个月了没人理我", "谁处理的"]);
    check("member.join", &["转会", "我要入会", "怎么加入工会"]);
    check("member.verify", &["会員認證", "绑定"]);
    check("member.unbind", &["解绑"]);
    check("member.erase", &["注销账号"]);
    check("member.data", &["我的资料"]);
    check("member.export", &["怎么导出我的资料"]);
    check("member.home", &["我的"]);
    check("staff.talk", &["客服", "我要找人工", "你们电话多少", "12351", "12351打不了"]);
}

/// How followers ask, and what they mean: none of these is a wording of the file.
const ASKED: &[(&str, &str)] = &[
    ("what_is_it", "互助保障到底是个什么东西"),
    ("what_is_it", "互保到底是不是一种商业保险"),
    ("who_can_join", "外地来打工的能参加互保吗"),
    ("who_can_join", "参保需要什么条件"),
    ("who_can_join", "哪些人可以参加医疗互助"),
    ("no_union", "我们公司没有成立工会，怎么参保呢"),
    ("no_union", "单位没建工会怎么办啊"),
    ("join_alone", "我自己一个人能不能买互保"),
    ("join_alone", "可以个人名义投保吗"),
    ("when_to_join", "今年几月份可以参保"),
    ("when_to_join", "参保什么时候截止"),
    ("when_to_join", "错过参保时间怎么办"),
    ("when_it_starts", "参保以后哪天生效"),
    ("when_it_starts", "觀察期有多久"),
    ("when_it_starts", "互保什么时候开始生效"),
    ("premium", "参加互保要交多少钱一年"),
    ("premium", "保费是多少"),
    ("continuous", "去年断保了今年能续吗"),
    ("new_employer", "我换公司了，之前的互保还有用吗"),
    ("new_employer", "辞职以后保障还有效吗"),
    ("retiring", "我今年要退休了，互保还有用吗"),
    ("retired_where", "退休人员去哪里交费参保"),
    ("two_units", "两家公司都帮我参保了"),
    ("withdraw", "中途能不能退保"),
    ("withdraw", "互保可以退钱吗"),
    ("how_to_claim", "住院费用怎么申请报销"),
    ("how_to_claim", "报销在哪里申请"),
    ("many_stays", "今年第二次住院还可以报销吗"),
    ("many_stays", "住了三次院是不是都能报"),
    ("many_stays", "一年能报销几次"),
    ("many_stays", "一年可以理赔几次"),
    ("how_much", "一年最多报多少"),
    ("many_stays", "报销一年有没有次数限制"),
    ("claim_fee", "申请理赔收不收手续费"),
    ("claim_fee", "报销多次会不会多收钱"),
    ("how_much", "住院可以报百分之几"),
    ("how_much", "报销的比例是多少"),
    ("how_much", "多少钱能报销，住院花了八千"),
    ("critical_list", "大病都包括哪几种病"),
    ("critical_list", "尿毒症算特种重病吗"),
    ("women_list", "女职工险能保什么病"),
    ("women_list", "得了乳腺癌能赔吗"),
    ("two_benefits", "住院和特殊病种可以同时申请吗"),
    ("when_paid", "理赔的钱几天到账"),
    ("when_paid", "申请报销后多久能打款"),
    ("when_paid", "都一个月了钱还没到账"),
    ("claim_deadline", "出院半年了还能申请报销吗"),
    ("claim_deadline", "住院报销期限是多长"),
    ("other_city", "在杭州住院属于异地，能报销吗"),
    ("other_city", "外省住院可以理赔吗"),
    ("outpatient", "看门诊的钱能不能报"),
    ("outpatient", "没住院只是门诊可以报吗"),
    ("illness_before", "参保前得过的病还赔吗"),
    ("illness_before", "有既往病史能报吗"),
    ("in_situ", "宫颈原位癌能赔多少"),
    ("papers", "申请报销要带哪些资料"),
    ("papers", "理赔要准备什么手续"),
    ("unit_seal", "报告表要找谁盖公章"),
    ("unit_seal", "单位的证明在哪里开"),
    ("paper_forgotten", "我少交了一份出院记录"),
    ("supplement_deadline", "补材料最晚要几天内"),
    ("photo", "材料照片拍糊了看不清"),
    ("lost_paper", "住院发票弄丢了还能报销吗"),
    ("lost_paper", "没有出院小结怎么办"),
    ("lost_paper", "没有出院记录能报吗"),
    ("originals", "发票原件交给商业保险公司了"),
    ("by_family", "可以帮我爸爸代办理赔吗"),
    ("by_family", "子女替父母办报销"),
    ("wrong_account", "银行卡号写错了咋办"),
    ("which_bank", "宁波银行的卡行不行"),
    ("appeal", "理赔被驳回了，我不服"),
    ("how_to_sign_up", "请问在哪里报名参加活动"),
    ("no_seat", "活动名额每次都抢不到"),
    ("waiting_list", "候补轮到我会怎么通知"),
    ("cancel_sign_up", "报名的活动临时有事去不了"),
    ("cancel_sign_up", "有事来不了"),
    ("draw", "为什么没中"),
    ("absence", "报名了没去参加活动会怎么样"),
    ("kit", "手工课的材料包几时寄出"),
    ("children", "孩子几岁能参加亲子活动"),
    ("check_in", "活动现场怎么签到"),
    ("coupon_where", "领的电影券在哪儿看"),
    ("coupon_gone", "券被抢光了，下次几点"),
    ("coupon_unused", "优惠券忘记用过期了"),
    ("coupon_transfer", "券可以送给别人用吗"),
    ("card", "服务卡要怎么申请办"),
    ("not_found", "为什么认证的时候查不到我的信息"),
    ("number_taken", "身份证号已经被别的微信绑定了"),
    ("change_phone", "我的手机号换了怎么修改"),
    ("privacy", "上传身份证会不会泄露隐私"),
    ("hotline", "工会热线打不通怎么办"),
    ("childbirth", "生二胎的住院费可以报销么"),
    ("childbirth", "剖腹产住院能报销吗"),
    ("childbirth", "生育津贴在哪里领"),
    ("work_injury", "工伤住院互保能报吗"),
    ("work_injury", "工伤怎么报销"),
    ("accident", "交通事故住院能报吗"),
    ("accident", "骑电动车摔伤住院能理赔吗"),
    ("still_in", "还没出院，先报一部分行不行"),
    ("wrong_photo", "照片传错了怎么办"),
    ("e_invoice", "医院给的是电子票据，可以吗"),
    ("who_can_join", "农村医保的可以参加互保吗"),
    ("what_is_it", "互保会不会影响医保报销"),
    ("critical_list", "脑梗算大病吗"),
    ("appeal", "钱数不对怎么办"),
    ("when_paid", "多久能批下来"),
    ("unpaid_wages", "欠我三个月工资了 找谁"),
    ("unpaid_wages", "老板跑了 工钱没结"),
    ("unpaid_wages", "包工头欠我两万工资跑了，怎么办"),
    ("dismissed", "公司要裁我"),
    ("dismissed", "我被开除了有没有钱赔"),
    ("no_contract", "厂里没签劳动合同"),
    ("overtime", "加班费一小时算多少"),
    ("leave", "请问产假可以休几天"),
    ("harassed", "车间主任对我性骚扰"),
    ("died", "我丈夫过世了"),
    ("no_money_to_heal", "我妈病了，没钱治"),
    ("cannot_phone", "我耳朵听不见 不能打电话"),
    ("is_it_a_robot", "对面是不是机器人"),
    ("cannot_type", "我打字不会"),
    ("not_content", "服务太差了"),
    ("change_sign_up", "报名以后人数能改吗"),
    ("draw", "为什么我没中签"),
    ("hotline", "你们周六上不上班"),
    ("card_lost", "我的5·1卡丢了咋办"),
    ("card_lost", "服务卡不见了怎么补"),
    ("pregnant", "我怀孕5个月了，公司让我上夜班"),
    ("pregnant", "怀孕了被公司辞退怎么办"),
    ("pregnant", "流产了有假吗"),
    ("not_mine", "我收到别人的通知了"),
    ("labour_model", "我是劳模，有什么待遇"),
    ("labour_model", "劳模疗休养"),
    ("passport", "我是外国人，护照可以认证吗"),
    ("died", "我老公上个月走了"),
    ("died", "他走了还能报吗"),
    ("which_bank", "卡是我老婆的行不行"),
    ("many_stays", "我生病住了两个医院，后来转院，怎么报"),
    ("no_code", "我的发票没有二维码"),
    ("change_sign_up", "我报了周六的想改到周日"),
    ("change_sign_up", "不是，我要换到星期天"),
    ("cannot_phone", "我是聋人，打不了电话，怎么联系你们"),
    ("young_worker", "学生暑假可以打工吗"),
];

/// The same, written down before the file was last worked on: nothing in it was chosen to answer these.
const ASKED_ANEW: &[(&str, &str)] = &[
    ("papers", "申请互助金要准备些什么材料"),
    ("papers", "出院了，报销要带哪些东西过去"),
    ("how_to_send", "材料是拍照发给你们吗"),
    ("how_to_send", "资料怎么上传"),
    ("how_to_send", "理赔的材料往哪里交"),
    ("other_city", "去上海看病能赔吗"),
    ("other_city", "在外地看病可以报吗"),
    ("other_city", "老家住的院能不能报"),
    ("critical_list", "肺癌算不算特种重病"),
    ("critical_list", "胃癌可以赔吗"),
    ("critical_list", "白血病能报吗"),
    ("women_list", "卵巢癌女职工安康能赔吗"),
    ("how_much", "做胆结石手术能报多少钱"),
    ("how_much", "骨折开刀住院报销几成"),
    ("how_much", "剖腹产住院能报多少"),
    ("first_stay", "首次住院补贴200元是怎么回事"),
    ("first_stay", "二次住院还给200元不"),
    ("appeal", "审核说不赔我不认可"),
    ("appeal", "理赔结果我想申诉"),
    ("when_paid", "审核通过了多久能收到钱"),
    ("when_paid", "报销的钱还要等几天"),
    ("claim_deadline", "住院报销最迟什么时候要申请"),
    ("illness_before", "参保前查出来的病赔不赔"),
    ("outpatient", "门诊拍片的钱能报吗"),
    ("outpatient", "配药的费用能不能报"),
    ("unit_seal", "委托授权书在哪里领"),
    ("unit_seal", "盖章的表格哪里有"),
    ("photo", "照片要怎么拍才算清楚"),
    ("lost_paper", "结算单找不到了怎么补"),
    ("by_family", "老公住院我来帮他申请行不行"),
    ("wrong_account", "收款的卡号填错了怎么改"),
    ("which_bank", "建设银行的卡能收款吗"),
    ("supplement_deadline", "补材料要在几天之内"),
    ("paper_forgotten", "上次忘了交出院小结"),
    ("premium", "一份互保多少钱"),
    ("when_to_join", "明年参保什么时候开始"),
    ("withdraw", "不想参加互保了能退费吗"),
    ("no_union", "公司没工会，想参加互保"),
    ("absence", "报名活动没去成会不会拉黑"),
    ("coupon_unused", "领了电影券没用会怎样"),
    ("kit", "材料包寄到哪了"),
    ("waiting_list", "候补要等多久才轮到"),
    ("cancel_sign_up", "报了活动去不了怎么取消"),
    ("check_in", "签到码扫不出来怎么办"),
    ("not_found", "认证说查无此人"),
    ("number_taken", "换手机了身份证绑在原来的微信"),
    ("two_benefits", "得了癌症住院两个都能申请吗"),
    ("in_situ", "原位癌能赔几千"),
    ("originals", "发票原件被保险公司收走了"),
    ("retired_where", "退休了在哪里交互保的钱"),
    ("when_it_starts", "刚参保就住院了能报吗"),
];

/// Asked before the bar of a sure answer was last raised, and again nothing was written to answer them; those that mean
/// nothing are no matter of the file.
const ASKED_SINCE: &[(&str, &str)] = &[
    ("new_employer", "我下个月要跳槽了，互保还管不管"),
    ("how_much", "在职的住院自费部分能报八成吗"),
    ("papers", "特种重病申请要交什么表"),
    ("many_stays", "今年住了两回院，两回都能赔吗"),
    ("claim_deadline", "确诊半年了还来得及申请吗"),
    ("lost_paper", "医保结算单被我弄丢了"),
    ("which_bank", "我只有邮政储蓄的卡可以吗"),
    ("privacy", "病历给你们会不会被别人看到"),
    ("when_paid", "审核过了钱怎么还不到"),
    ("outpatient", "做透析不住院给报吗"),
    ("coupon_where", "我抢到的券去哪里用"),
    ("cancel_sign_up", "周末的课我去不成了"),
    ("not_found", "认证老是失败怎么回事"),
    ("premium", "女职工安康要交几块钱"),
    ("continuous", "忘记续保了怎么补救"),
    ("hotline", "工会的电话热线是几号"),
    ("appeal", "赔的钱比我算的少，想找人复查"),
    ("", "食堂几点开饭"),
    ("", "公积金怎么提取"),
    ("", "社保卡丢了去哪补办"),
    ("how_to_claim", "出院了下一步怎么申请"),
    ("", "我想改一下就诊医院的名字"),
    ("leave", "产假有多少天"),
    ("waiting_list", "排队排到我会通知吗"),
    ("who_can_join", "临时工可以参保吗"),
    ("premium", "大病互助一年交多少"),
    ("when_to_join", "几月份开始参保登记"),
    ("new_employer", "从单位辞职了互保会停吗"),
    ("many_stays", "上半年住过院，下半年又住院，还能再报吗"),
    ("claim_fee", "代办理赔要收手续费是不是骗子"),
    ("how_much", "退休人员住院按什么比例报"),
    ("critical_list", "做了心脏支架算特种重病吗"),
    ("two_benefits", "大病报了，住院还能再报一次吗"),
    ("when_paid", "钱什么时候打到我卡上"),
    ("", "我交的申请审核到哪一步了"),
    ("other_city", "在北京做的手术能不能理赔"),
    ("papers", "住院理赔都要交哪些单据"),
    ("how_to_send", "材料能不能寄过来"),
    ("lost_paper", "出院小结不见了，能不能补"),
    ("by_family", "我妈住院了，我可以替她申请吗"),
    ("wrong_account", "收款的银行卡注销了怎么换一张"),
    ("which_bank", "交通银行的卡能不能用"),
    ("appeal", "不给赔，我要怎么申诉"),
    ("cancel_sign_up", "临时有事不能参加活动怎么取消"),
    ("coupon_unused", "券过期了还能补发吗"),
    ("not_found", "输了身份证号说查不到信息"),
    ("", "医院食堂的饭票能报吗"),
    ("", "明天上班吗"),
    ("", "怎么给孩子报小学"),
    ("", "我走了，再见"),
    ("", "社保卡掉了"),
    ("", "周日还有位置吗"),
];

/// What must get the answer that was meant at once, of a hundred.
const AT_ONCE_MIN: usize = 95;
/// The same of [`ASKED_ANEW`], and what must have it among those that are offered. A floor: what it reached when written.
const ANEW_AT_ONCE_MIN: usize = 64;
const ANEW_OFFERED_MIN: usize = 72;

#[test]
fn questions_find_their_answers_in_any_words() {
    let content = shipped();
    let missed: Vec<_> =
        ASKED.iter().filter(|(meant, text)| answer(&content, text) != *meant).map(|(_, text)| text).collect();
    let at_once = 100 * (ASKED.len() - missed.len()) / ASKED.len();
    assert!(ASKED.len() >= 60 && at_once >= AT_ONCE_MIN, "{at_once} of a hundred: {missed:?}");
}

#[test]
fn wordings_that_nobody_thought_of_are_mostly_answered_or_offered() {
    let content = shipped();
    let offered = |meant: &str, text: &str| match content.understand(text) {
        Understood::Questions(near) | Understood::Rule { near, .. }
            if near.iter().any(|entry| entry.id == meant) =>
        {
            true
        }
        _ => answer(&content, text) == meant,
    };
    let share = |found: &dyn Fn(&str, &str) -> bool| {
        100 * ASKED_ANEW.iter().filter(|(meant, text)| found(meant, text)).count() / ASKED_ANEW.len()
    };
    let at_once = share(&|meant, text| answer(&content, text) == meant);
    let in_all = share(&offered);
    let lost: Vec<_> = ASKED_ANEW.iter().filter(|(meant, text)| !offered(meant, text)).collect();
    assert!(at_once >= ANEW_AT_ONCE_MIN && in_all >= ANEW_OFFERED_MIN, "{at_once}, {in_all}: {lost:?}");
}

/// Of all that is asked here, so many may get the answer to another question as if it were surely theirs.
const SURELY_WRONG_MAX: usize = 1;

#[test]
fn a_wrong_answer_is_hardly_ever_given_as_a_sure_one() {
    let content = shipped();
    let all = || [ASKED, ASKED_ANEW, ASKED_SINCE].into_iter().flatten();
    let wrong: Vec<_> = all()
        .filter_map(|(meant, text)| match content.faq.ask(text) {
            Asked::Sure(entry) if entry.id != *meant => Some((*text, entry.id.as_str())),
            _ => None,
        })
        .collect();
    assert!(wrong.len() <= SURELY_WRONG_MAX, "{wrong:?}");
    let meant = || ASKED_SINCE.iter().filter(|(meant, _)| !meant.is_empty());
    let found = meant().filter(|(meant, text)| match content.faq.ask(text) {
        Asked::Sure(entry) => entry.id == *meant,
        Asked::Maybe(entries) => entries.iter().any(|entry| entry.id == *meant),
        Asked::Nothing => false,
    });
    assert!(2 * found.count() >= meant().count());
}

#[test]
fn a_question_that_says_more_than_an_answer_has_is_not_surely_its() {
    let content = shipped();
    for (text, meant) in [
        ("一年内可以申请多次报销吗会不会扣钱", "many_stays"),
        ("修改银行账号", "wrong_account"),
        ("怎么修改银行卡", "wrong_account"),
        ("没有银行卡", "which_bank"),
        ("会费多少钱", "dues"),
        ("单位不给参保怎么办", "unit_refuses"),
        ("单位不给发工资", "unpaid_wages"),
        ("父母住院能报吗", "family_ill"),
        ("子女替父母办报销", "by_family"),
        ("怎么退会", "member.leave"),
        ("我的理赔到哪了", "claim.status"),
    ] {
        assert_eq!(answer(&content, text), meant, "{text}");
    }
    // Of these nothing in the file is the answer, though a word of each is in one.
    let others = ["单位不给请假", "投诉多久有结果"];
    for text in ["修改银行预留手机", "注销银行卡", "单位给买商业险吗"].into_iter().chain(others)
    {
        assert!(!matches!(content.faq.ask(text), Asked::Sure(_)), "{text}");
    }
}

#[test]
fn a_keyword_of_a_whole_field_leaves_what_says_more_to_questions() {
    let content = shipped();
    for (text, meant) in [
        ("怎么交材料", "how_to_send"),
        ("外地看病", "other_city"),
        ("甲状腺癌能赔吗", "critical_list"),
        ("阑尾炎手术能报多少", "how_much"),
        ("第二次住院还有200吗", "first_stay"),
        ("调查委托授权书", "unit_seal"),
        ("住院", "claim.home"),
        ("怎么报销", "claim.home"),
    ] {
        assert_eq!(answer(&content, text), meant, "{text}");
    }
}

#[test]
fn the_order_of_words_and_chatter_do_not_matter() {
    let content = shipped();
    for text in ["多少 报销 住院", "请问一下，住院能报销多少呀", "报多少？住院！", "住院 报銷 比例"]
    {
        assert_eq!(answer(&content, text), "how_much", "{text}");
    }
}

#[test]
fn what_may_mean_several_questions_offers_three_at_most() {
    let content = shipped();
    let Understood::Questions(entries) = content.understand("发票") else { panic!() };
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["e_invoice", "lost_paper", "originals"]);
}

#[test]
fn what_nobody_answers_finds_nothing() {
    let content = shipped();
    let pasted = "今天我去公园看花，天气很好，心情也不错。".repeat(40);
    for text in
        ["今天天气真好", "asdf", "啊啊啊啊", "宁波明天下雨吗", "中午吃什么", "孩子作业好多", "😀", &pasted]
    {
        assert_eq!(answer(&content, text), "nothing", "{text}");
    }
}

#[test]
fn every_question_that_is_listed_has_a_short_answer() {
    let content = shipped();
    let faq = &content.faq;
    assert!(faq.entries().len() >= 40);
    assert_eq!(faq.topics().iter().map(|topic| faq.about(topic).count()).sum::<usize>(), faq.entries().len());
    for entry in faq.entries() {
        assert!(entry.answer().lines().count() <= 6, "{}", entry.id);
        assert_eq!(faq.entry(entry.key()), Some(entry));
    }
}

/// How people say that they or others are in danger.
const URGENT: &[&str] = &[
    "活着真没意思",
    "想不开",
    "我撑不下去了",
    "活的好累",
    "我想一了百了",
    "想跳下去算了",
    "吃了一瓶安眠药",
    "老公又动手了 我躲在厕所",
    "他天天打我",
    "老板不给钱还打我骂我",
    "我被老公打了",
    "有人砍人",
    "工友从架子上掉下来了！！！",
    "刚刚从脚手架掉下来，流好多血",
    "手被机器压了",
    "手指被切断了",
    "手指头断了",
    "骑电瓶车被撞了对方跑了",
    "我被车撞了",
    "煤气中毒了",
    "人没呼吸了",
];

/// The same words, and no danger.
const NOT_URGENT: &[&str] = &[
    "钱什么时候打我卡里",
    "没人打我电话",
    "怎么打人工电话",
    "钱被打回来了",
    "互助金打到我卡上了",
    "老公要动手术",
    "活动真没意思",
    "干活太累了没有补贴吗",
    "工资被压了三个月",
    "断保了还能续吗",
    "没办法参加活动了",
    "生活困难",
    "名额被人抢了",
];

#[test]
fn what_may_be_told_of_the_past_has_the_question_below() {
    let content = shipped();
    for (text, meant) in [("意外受伤能报吗", "accident"), ("去年摔伤住院能报吗", "accident")]
    {
        let Understood::Rule { target: RuleTarget::Answer(name), near, .. } = content.understand(text) else {
            panic!("{text}")
        };
        assert_eq!(name, "urgent.person", "{text}");
        assert!(near.iter().any(|entry| entry.id == meant), "{text}: {near:?}");
    }
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
    for text in URGENT {
        assert_eq!(answer(&content, text), "urgent.person", "{text}");
    }
    for text in NOT_URGENT {
        assert_ne!(answer(&content, text), "urgent.person", "{text}");
    }
    let said = content.texts.answer("urgent.person");
    assert!(["12351", "110", "120"].iter().all(|phone| said.contains(phone)), "{said}");
}

#[test]
fn slips_are_offered_the_nearest() {
    let content = shipped();
    let near = |text: &str| match content.keywords.find(text) {
        Found::Nothing { near } => near.iter().map(|s| s.words).collect::<Vec<_>>(),
        found => panic!("{text}: {found:?}"),
    };
    assert_eq!(near("医疗互相保"), ["医疗互保", "我的保障"], "and what is nearest after it");
    assert_eq!(near("每周手宫"), ["每周手工"]);
    assert_eq!(near("报明")[0], "活动报名");
    assert_eq!(near("今天天气真好"), [""; 0]);
    for text in ["撤回甲请", "提交审请", "接受名鹅"] {
        for words in near(text) {
            assert_ne!(answer(&content, words), "nothing", "{text}: {words}");
        }
    }
    assert_eq!(near("撤回甲请")[0], "撤回申请");
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
