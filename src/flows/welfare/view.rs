//! How benefits and coupons look: pure text from what is known.

use super::said;
use crate::content::Value;
use crate::domain::benefit::claim::Found;
use crate::domain::benefit::code::grouped;
use crate::domain::benefit::quiz::asked;
use crate::domain::benefit::record::*;
use crate::domain::benefit::rules::{self, Refusal};
use crate::domain::benefit::stock;
use crate::domain::eligibility::Who;
use crate::flows::explain::eligibility::conditions;
use crate::flows::{Tap, Turn};
use crate::moment::Time;
use crate::store::Fault;
use crate::wechat::reply::neutral;

/// So much of a long description is shown; a follower reads it on a phone.
const DESCRIPTION_CHARS: usize = 300;

/// Every benefit with what can be done with it now.
pub fn items(turn: &Turn, found: &[Found]) -> Result<String, Fault> {
    let mut items = Vec::new();
    for (index, found) in found.iter().enumerate() {
        let number = index + 1;
        let title = format!("{number}. {}", neutral(&found.benefit.terms.title));
        let link = Tap::Benefit(found.benefit.id).link(&title, &number.to_string());
        items.push(format!("{link}\n   {}", state_line(found, turn.now)));
    }
    Ok(items.join("\n"))
}

/// `剩12份 立即领取` or what comes when.
fn state_line(found: &Found, now: Time) -> String {
    let id = found.benefit.id;
    let claim = || Tap::Claim(id).link("立即领取", &format!("领取{}", BenefitCode(id)));
    let remind = || Tap::Remind(id).link("提醒我", "提醒我");
    let state = state(found, now);
    match on(found, now) {
        Ok(()) => format!("{state} {}", claim()),
        Err(
            Refusal::NotYet { .. } | Refusal::Gone { next: Some(_), .. } | Refusal::NoCodes { next: Some(_) },
        ) => format!("{state} {}", remind()),
        Err(_) => state,
    }
}

/// What is on comes before what is to come, soonest first, and that before what is over.
pub fn rank(found: &Found, now: Time) -> (u8, Option<Time>) {
    match on(found, now) {
        Ok(()) => (0, None),
        Err(Refusal::NotYet { next, .. }) => (1, Some(next)),
        Err(Refusal::Gone { next: Some(next), .. } | Refusal::NoCodes { next: Some(next) }) => {
            (1, Some(next))
        }
        Err(_) => (2, None),
    }
}

/// Is there something to claim for anybody?
fn on(found: &Found, now: Time) -> Result<(), Refusal> {
    rules::on(&found.benefit, now)?;
    rules::in_stock(&found.benefit.terms, &found.stock, None, now)
}

/// In words: `剩12份`, `已领完，12月2日(周三) 10:00 再放`.
fn state(found: &Found, now: Time) -> String {
    match on(found, now) {
        Ok(()) => {
            match found.stock.release.as_ref().and_then(|release| release.draw).filter(|draw| !draw.done) {
                Some(draw) => format!("{}份，{} 摇号", stock::left(&found.stock), begins(draw.at)),
                None => format!("剩{}份", stock::left(&found.stock)),
            }
        }
        Err(Refusal::NotYet { next, stock }) => format!("{} 放{stock}份", begins(next)),
        Err(Refusal::Gone { next: Some(next), .. }) => format!("这批已领完，{} 再放", begins(next)),
        Err(Refusal::Gone { .. }) => "已领完".to_owned(),
        Err(Refusal::NoCodes { next: Some(next) }) => format!("券码还没到，{} 再放", begins(next)),
        Err(Refusal::NoCodes { .. }) => "券码还没到".to_owned(),
        Err(Refusal::Suspended { .. }) => "暂停发放".to_owned(),
        Err(_) => "已结束".to_owned(),
    }
}

pub fn detail(turn: &mut Turn, found: &Found) -> Result<String, Fault> {
    let terms = &found.benefit.terms;
    let values = [
        ("title", Value::from(&terms.title)),
        ("provider", Value::from(&terms.provider)),
        ("state", state(found, turn.now).into()),
        ("for_whom", for_whom(terms).into()),
        ("limits", limits(&terms.per_person).into()),
        ("good_for", good_for(terms).into()),
    ];
    let mut text = turn.say(&said::DETAIL, &values);
    for line in [
        shortened(&terms.description),
        quiz(terms),
        price(terms.price.map(|price| price.fen)),
        shortened(&terms.how_to_use),
    ] {
        if !line.is_empty() {
            text.push('\n');
            text.push_str(&neutral(&line));
        }
    }
    text.push('\n');
    match on(found, turn.now) {
        Ok(()) => {
            let id = found.benefit.id;
            text.push_str(&Tap::Claim(id).link("1. 立即领取", &format!("领取{}", BenefitCode(id))));
        }
        Err(refusal) => {
            let (sentence, why) = super::no(turn.content, found.benefit.id, &refusal);
            turn.why = Some(why);
            text.push_str(&sentence);
        }
    }
    Ok(text)
}

fn for_whom(terms: &Terms) -> String {
    let asked = &terms.eligibility;
    let who = match asked.who {
        Who::CardHolder => Some("5·1服务卡持卡会员"),
        _ if asked.asks_for_a_member() => Some("认证会员"),
        _ => None,
    };
    let mut asks = conditions(asked);
    if terms.listed_only {
        asks.push("名单里的人".to_owned());
    }
    if !terms.tags.is_empty() {
        asks.push("有指定标签的粉丝".to_owned());
    }
    match (who, asks.is_empty()) {
        (None, true) => "所有人".to_owned(),
        (None, false) => format!("仅限{}", asks.join("，")),
        (Some(who), true) => who.to_owned(),
        (Some(who), false) => format!("{who}（{}）", asks.join("，")),
    }
}

fn limits(limits: &Limits) -> String {
    let words = [
        ("每批", limits.release),
        ("每天", limits.day),
        ("每周", limits.week),
        ("每月", limits.month),
        ("一共", limits.in_all),
    ];
    let words: Vec<_> =
        words.iter().filter_map(|(period, max)| max.map(|max| format!("{period}{max}份"))).collect();
    if words.is_empty() { "不限".to_owned() } else { words.join("，") }
}

fn good_for(terms: &Terms) -> String {
    let from = terms.validity.not_before.map(|from| format!("{}起，", day(from))).unwrap_or_default();
    format!("{from}领到后{}天", terms.validity.days)
}

fn quiz(terms: &Terms) -> String {
    match asked(terms) {
        Some(quiz) => format!("先答{}题，答对{}题就能领", quiz.questions.len(), quiz.needed),
        None => String::new(),
    }
}

/// Paid at the provider's, not here.
fn price(fen: Option<u32>) -> String {
    fen.map(|fen| format!("到店支付 {}.{:02} 元", fen / 100, fen % 100)).unwrap_or_default()
}

pub fn claimed(turn: &Turn, benefit: &Benefit, coupon: &Coupon) -> String {
    let links = actions(benefit, coupon);
    let mut shown = lines(benefit, coupon, true);
    if has_picture(benefit) {
        shown.push_str("\n二维码马上发来，出示它或券码都行。");
    }
    let values = [
        ("title", Value::from(&benefit.terms.title)),
        ("coupon", Value::raw(shown)),
        ("links", Value::raw(links)),
    ];
    turn.say(&said::CLAIMED, &values).trim_end().to_owned()
}

pub fn coupon(turn: &Turn, benefit: &Benefit, coupon: &Coupon) -> String {
    let is_live = coupon.state == CouponState::Given && until(coupon).is_some_and(|until| turn.now < until);
    let shown = if is_live { lines(benefit, coupon, false) } else { format!("编号：{}", coupon.number) };
    let values = [
        ("title", Value::from(&benefit.terms.title)),
        ("status", status(coupon, turn.now).into()),
        ("coupon", Value::raw(shown)),
    ];
    let text = turn.say(&said::COUPON, &values);
    let links = if is_live { actions(benefit, coupon) } else { String::new() };
    format!("{text}\n{links}").trim_end().to_owned()
}

/// What is shown at the till, and until when it is good unless that is told already.
fn lines(benefit: &Benefit, coupon: &Coupon, with_end: bool) -> String {
    let terms = &benefit.terms;
    let code = coupon.code.as_ref().map(|code| grouped(code.reveal()));
    let mut lines = Vec::new();
    match (&terms.way, code) {
        (Way::Link { address }, Some(token)) => {
            let address = address.replace("{token}", &token.replace('-', ""));
            lines.push(format!("领取链接：{}", neutral(&address)));
        }
        (Way::Grant, _) => lines.push("不用出示券码，工作人员会为您办理".to_owned()),
        (_, Some(code)) => lines.push(format!("券码：{}", neutral(&code))),
        (_, None) => {}
    }
    if let Some(owner) = &coupon.owner {
        if owner.valid_from > owner.at {
            lines.push(format!("从{}起可用", day(owner.valid_from)));
        }
        if with_end {
            lines.push(format!("有效期：到{}", end(owner.until)));
        }
    }
    lines.push(format!("编号：{}", coupon.number));
    let due = coupon.owner.as_ref().and_then(|owner| owner.due).map(|due| due.fen);
    let due = due.or(terms.price.map(|price| price.fen));
    for line in [price(due), shortened(&terms.how_to_use)] {
        if !line.is_empty() {
            lines.push(neutral(&line));
        }
    }
    lines.join("\n")
}

fn actions(benefit: &Benefit, coupon: &Coupon) -> String {
    let mut links = Vec::new();
    if has_picture(benefit) {
        links.push(Tap::CouponPicture(coupon.number).link("再发二维码", "二维码"));
    }
    if benefit.terms.back.returns {
        links.push(Tap::ReturnCoupon(coupon.number).link("用不上，退回", "退回"));
    }
    links.join("\n")
}

/// Its code is drawn for the till.
pub fn has_picture(benefit: &Benefit) -> bool {
    matches!(benefit.terms.way, Way::Imported | Way::Own)
}

/// 未使用 · 已使用 · 已过期 · 已退回 · 已作废
pub fn status(coupon: &Coupon, now: Time) -> String {
    match &coupon.state {
        CouponState::Given => match until(coupon) {
            Some(until) if until <= now => "已过期".to_owned(),
            Some(until) => format!("未使用，{}前有效", end(until)),
            None => "未使用".to_owned(),
        },
        CouponState::Redeemed(Redemption { at, place, .. }) if place.is_empty() => {
            format!("已使用（{}）", at.chinese())
        }
        CouponState::Redeemed(Redemption { at, place, .. }) => format!("已使用（{}，{place}）", at.chinese()),
        state => state_word(state.name()).to_owned(),
    }
}

pub fn state_word(state: &str) -> &'static str {
    match state {
        "given" => "未使用",
        "redeemed" => "已使用",
        "expired" => "已过期",
        "returned" => "已退回",
        "void" => "已作废",
        _ => "已失效",
    }
}

fn until(coupon: &Coupon) -> Option<Time> {
    coupon.owner.as_ref().map(|owner| owner.until)
}

/// When the next ones come.
pub fn after(next: Option<Time>) -> String {
    match next {
        Some(next) => format!("下一批 {} 开始", begins(next)),
        None => "没有下一批了".to_owned(),
    }
}

/// There may be two releases in one minute.
pub fn begins(at: Time) -> String {
    at.chinese_to_the_second()
}

/// Midnight is the end of the day before: `12月31日(周四) 24:00`.
pub fn end(until: Time) -> String {
    match until.clock().as_str() {
        "00:00" => format!("{} 24:00", day(until.minus(std::time::Duration::from_secs(1)))),
        _ => until.chinese(),
    }
}

fn day(time: Time) -> String {
    let whole = time.chinese();
    whole.split(' ').next().unwrap_or_default().to_owned()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(DESCRIPTION_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// For the notices, which have no turn.
pub fn link_to(coupon: CouponNumber) -> String {
    Tap::Coupon(coupon).link("查看这张券", "我的券包")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::member::record::{Sex, Tier};

    #[test]
    fn whom_it_is_for_names_every_condition() {
        let whom = |edit: fn(&mut Terms)| {
            let mut terms = sample_terms();
            edit(&mut terms);
            for_whom(&terms)
        };
        assert_eq!(whom(|_| {}), "所有人");
        assert_eq!(whom(|terms| terms.listed_only = true), "仅限名单里的人");
        assert_eq!(whom(|terms| terms.tags = vec![101]), "仅限有指定标签的粉丝");
        assert_eq!(whom(|terms| terms.eligibility.who = Who::CardHolder), "5·1服务卡持卡会员");
        assert_eq!(whom(|terms| terms.eligibility.bound_days = 7), "认证会员（认证满7天）");
        let all = whom(|terms| {
            let asked = &mut terms.eligibility;
            asked.tiers = vec![Tier::Full, Tier::Retained];
            asked.districts = vec!["鄞州".to_owned(), "海曙".to_owned()];
            asked.unions = vec!["样例厂工会".to_owned()];
            (asked.age, asked.sex, asked.bound_days) = (Some((18, 45)), Some(Sex::Female), 7);
            (terms.tags, terms.listed_only) = (vec![101], true);
        });
        let expected = "认证会员（正式会员、保留会籍的退休会员，鄞州、海曙，样例厂工会，18到45周岁，女性，认证满7天，\
                        名单里的人，有指定标签的粉丝）";
        assert_eq!(all, expected);
    }
}
