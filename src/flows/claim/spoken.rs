//! The words that a claim's flow understands, among them its choices: see [`crate::flows::spoken`].

use super::Deed;
use crate::domain::claim::record::Circumstance;
use crate::domain::scheme::rules::EventKind;

pub const HOME: &[&str] = &["申请理赔", "理赔进度", "我的保障"];
pub const RESUME: &[&str] = &["继续上次的申请", "重新开始"];
pub const WHOM: &[&str] = &["本人", "亲属"];
pub const RELATIONS: &[&str] = &["父亲", "母亲", "儿子", "女儿", "配偶"];
pub const OTHER_KIND: &str = "都不是";
pub const DAY_IS_RIGHT: &[&str] = &["日期没错，继续"];
pub const NOT_SURE: &str = "说不清";
pub const NO_GRADE: &str = "没有评等级";
pub const SENT: &[&str] = &[crate::flows::spoken::ENOUGH, "核对申请", "下一步"];
pub const CLEAR: &str = "全部重拍";
pub const OUT_OF_REACH: &str = "拿不到这份材料";
pub const UNCOVERED: &[&str] = &["直接提交", "先不提交"];
pub const LEAVE_TO_STAFF: &str = "说不清，请工作人员看";
pub const REMOVE: &str = "发错了，删掉";
pub const LIST: &str = "看全部申请";
pub const OLDER: &str = "看更早的";

/// How people say that they were in hospital, and that they weren't.
pub const STAYED: &[&str] = &[
    "住院",
    "住院了",
    "住了院",
    "住过院",
    "住院过",
    "我住院了",
    "我住了院",
    "我住过院",
    "住了医院",
    "住过医院",
    "住医院",
    "住进医院",
    "住院治疗",
    "生病住院",
    "因病住院",
    "生病住院了",
    "生病住了院",
];
/// How people tell what happened, within a sentence.
pub const KINDS_SAID: &[(EventKind, &[&str])] = &[
    (EventKind::Inpatient, &["住院", "住了院", "住过院", "住了医院", "住过医院", "住医院", "住进医院"]),
    (EventKind::Disease, &["重病", "大病", "癌", "肿瘤"]),
    (EventKind::Accident, &["意外", "受伤", "摔", "车祸"]),
];
/// In what didn't happen.
pub const NOT: [char; 3] = ['没', '不', '未'];
pub const NOT_STAYED: &[&str] = &["没有住院", "没住院", "没有住过院", "没住过院", "没住", "没有", "未住院"];

/// What a name of a bank, short or long, has at its end: 建行, 农业银行.
pub const BANK_END: char = '行';
/// Before the name of a bank.
pub const NATIONAL: &str = "中国";
/// Of banks and their branches, and of nobody's name.
pub const OF_BANKS: [&str; 4] = ["银行", "支行", "分行", "信用社"];

pub const ONESELF: &[&str] = &[
    "本人",
    "我",
    "我自己",
    "自己",
    "我本人",
    "给我",
    "给自己",
    "给我自己",
    "打给我",
    "打给我自己",
    "打给自己",
];
/// What people call a relative, with its name in the list that is offered.
pub const CALLED: &[(&str, &[&str])] = &[
    ("父亲", &["父亲", "爸爸", "爸", "老爸"]),
    ("母亲", &["母亲", "妈妈", "妈", "老妈"]),
    ("儿子", &["儿子"]),
    ("女儿", &["女儿"]),
    ("配偶", &["配偶", "老公", "老婆", "丈夫", "妻子", "爱人"]),
];
pub const STILL_IN: &[&str] =
    &["还没出院", "没出院", "没有出院", "还没有出院", "未出院", "还在住院", "还在住", "还在医院", "住着院"];
pub const SAME_DAY: &[&str] = &["当天", "当日", "同一天", "同日", "当天出院", "同一天出院", "当天就出院了"];
/// In full, and as lists of banks have it.
pub const RURAL_BANK: [&str; 2] = ["农村商业银行", "农商银行"];
/// 给我妈妈申请
pub const FOR: &[&str] = &["给", "帮", "替", "为"];
pub const MY: &[&str] = &["我的", "我"];
pub const TO_CLAIM: &str = "申请";
pub const ACCOUNT: &[&str] = &["银行卡", "卡号", "账号", "银行卡号", "银行账号", "收款人", "户名"];
pub const GO_ON: &[&str] = &["继续", "继续填", "接着填", "接着办", "接着来"];

/// What can be answered to a question about the circumstances.
pub fn answers(what: Circumstance) -> &'static [&'static str] {
    match what {
        Circumstance::Disease => &[NOT_SURE],
        Circumstance::Grade => &[NO_GRADE],
        Circumstance::Operated => &["做过手术", "没做手术"],
        Circumstance::Cause => &["意外", "疾病"],
        Circumstance::Stay => &["住院了", "没有住院"],
        Circumstance::HasUnit => &["有单位", "没有单位"],
        Circumstance::OutOfTown => &["本市医院", "外地医院"],
        Circumstance::Insured => &["职工医保", "居民医保", "没有医保"],
    }
}

pub fn deed(deed: Deed) -> &'static str {
    match deed {
        Deed::GoOn => "继续填",
        Deed::Submit => "提交申请",
        Deed::ConfirmInvoices => "发票信息对",
        Deed::DoubtInvoices => "发票信息不对",
        Deed::TypeInvoice => "填发票金额",
        Deed::Correct => "改资料",
        Deed::Say => "给工作人员留言",
        Deed::Check => "核对资料",
        Deed::Papers => "看材料清单",
        Deed::Supply => "补材料",
        Deed::Sum => "怎么算的",
        Deed::Account => "改银行账号",
        Deed::Appeal => crate::flows::spoken::APPEAL,
        Deed::Second => "一并申请",
        Deed::Withdraw => "撤回申请",
        Deed::GiveUp => "不申请了",
    }
}

/// `5级`, of a disability.
pub fn grade(grade: u8) -> String {
    format!("{grade}级")
}

pub fn grade_said(words: &str) -> Option<u8> {
    words.trim().strip_suffix('级')?.trim().parse().ok()
}

/// A page of a paper, to be taken away.
pub fn remove(page: u16) -> String {
    format!("删掉第{page}张")
}
