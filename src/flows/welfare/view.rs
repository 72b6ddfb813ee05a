//! How benefits and coupons look: pure text from what is known.

use super::said;
use crate::content::{Content, TextSpec, Value};
use crate::domain::benefit::claim::Found;
use crate::domain::benefit::code::grouped;
use crate::domain::benefit::quiz::asked;
use crate::domain::benefit::record::*;
use crate::domain::benefit::rules::{self, Period, Refusal};
use crate::domain::benefit::stock;
use crate::domain::eligibility::Who;
use crate::flows::explain::eligibility::conditions;
use crate::flows::numbered;
use crate::flows::spoken;
use crate::flows::texts::words;
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
        items.push(format!("{link}\n   {}", state_line(turn, found)));
    }
    Ok(items.join("\n"))
}

/// `剩12份 立即领取` or what comes when.
fn state_line(turn: &Turn, found: &Found) -> String {
    let id = found.benefit.id;
    let claim = || claim_link(turn.content, id, &words::LINK_CLAIM);
    let remind = || Tap::Remind(id).link(&turn.say(&words::LINK_REMIND, &[]), spoken::REMIND[0]);
    let state = state(turn, found);
    match on(found, turn.now) {
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
fn state(turn: &Turn, found: &Found) -> String {
    let at = |time| ("at", Value::from(begins(time)));
    match on(found, turn.now) {
        Ok(()) => {
            let left = ("left", stock::left(&found.stock).into());
            match found.stock.release.as_ref().and_then(|release| release.draw).filter(|draw| !draw.done) {
                Some(draw) => turn.say(&words::COUPONS_DRAWN, &[left, at(draw.at)]),
                None => turn.say(&words::COUPONS_LEFT, &[left]),
            }
        }
        Err(Refusal::NotYet { next, stock }) => {
            turn.say(&words::COUPONS_COME, &[at(next), ("stock", stock.into())])
        }
        Err(Refusal::Gone { next: Some(next), .. }) => turn.say(&words::COUPONS_GONE_UNTIL, &[at(next)]),
        Err(Refusal::Gone { .. }) => turn.say(&words::COUPONS_GONE, &[]),
        Err(Refusal::NoCodes { next: Some(next) }) => turn.say(&words::NO_CODES_UNTIL, &[at(next)]),
        Err(Refusal::NoCodes { .. }) => turn.say(&words::NO_CODES, &[]),
        Err(Refusal::Suspended { .. }) => turn.say(&words::SUSPENDED, &[]),
        Err(_) => turn.say(&words::ENDED, &[]),
    }
}

pub fn detail(turn: &mut Turn, found: &Found) -> Result<String, Fault> {
    let terms = &found.benefit.terms;
    let values = [
        ("title", Value::from(&terms.title)),
        ("provider", Value::from(&terms.provider)),
        ("state", state(turn, found).into()),
        ("for_whom", for_whom(turn.content, terms).into()),
        ("limits", limits(turn, &terms.per_person).into()),
        ("good_for", good_for(turn, terms).into()),
    ];
    let mut text = turn.say(&said::DETAIL, &values);
    for line in [
        shortened(&terms.description),
        quiz(turn, terms),
        price(turn, terms.price.map(|price| price.fen)),
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
            let claim = [(&words::LINK_CLAIM, &*spoken::claim_coupon(id))];
            text.push_str(&numbered(turn, Tap::Claim(id), &claim));
        }
        Err(refusal) => {
            let (sentence, why) = super::no(turn.content, found.benefit.id, &refusal);
            turn.why = Some(why);
            text.push_str(&sentence);
        }
    }
    Ok(text)
}

fn for_whom(content: &Content, terms: &Terms) -> String {
    let say = |spec, values: &[_]| content.texts.render(spec, values);
    let asked = &terms.eligibility;
    let who = match asked.who {
        Who::CardHolder => Some(&words::FOR_CARD_HOLDERS),
        _ if asked.asks_for_a_member() => Some(&words::FOR_MEMBERS),
        _ => None,
    };
    let mut asks = conditions(content, asked);
    if terms.listed_only {
        asks.push(say(&words::FOR_LISTED, &[]));
    }
    if !terms.tags.is_empty() {
        asks.push(say(&words::FOR_TAGGED, &[]));
    }
    let who = who.map(|who| say(who, &[]));
    let some = ("asks", Value::from(asks.join("，")));
    match (who, asks.is_empty()) {
        (None, true) => say(&words::FOR_ALL, &[]),
        (None, false) => say(&words::FOR_ONLY, &[some]),
        (Some(who), true) => who,
        (Some(who), false) => say(&words::FOR_SOME, &[("who", who.into()), some]),
    }
}

fn limits(turn: &Turn, limits: &Limits) -> String {
    let asked = [
        (Period::Release, limits.release),
        (Period::Day, limits.day),
        (Period::Week, limits.week),
        (Period::Month, limits.month),
        (Period::InAll, limits.in_all),
    ];
    let limit = |(of, max): (Period, Option<u16>)| {
        let period = ("period", turn.say(period(of), &[]).into());
        max.map(|max| turn.say(&words::LIMIT, &[period, ("max", max.into())]))
    };
    let said: Vec<String> = asked.into_iter().filter_map(limit).collect();
    if said.is_empty() { turn.say(&words::NO_LIMIT, &[]) } else { said.join("，") }
}

/// In how long a time.
pub fn period(period: Period) -> &'static TextSpec {
    match period {
        Period::Release => &words::PER_RELEASE,
        Period::Day => &words::PER_DAY,
        Period::Week => &words::PER_WEEK,
        Period::Month => &words::PER_MONTH,
        Period::InAll => &words::IN_ALL,
    }
}

fn good_for(turn: &Turn, terms: &Terms) -> String {
    let days = ("days", terms.validity.days.into());
    match terms.validity.not_before {
        Some(from) => turn.say(&words::GOOD_FOR_FROM, &[("from", day(from).into()), days]),
        None => turn.say(&words::GOOD_FOR, &[days]),
    }
}

fn quiz(turn: &Turn, terms: &Terms) -> String {
    let Some(quiz) = asked(terms) else { return String::new() };
    let values = [("questions", quiz.questions.len().into()), ("needed", quiz.needed.into())];
    turn.say(&words::QUIZ_FIRST, &values)
}

/// Paid at the provider's, not here.
fn price(turn: &Turn, fen: Option<u32>) -> String {
    let Some(fen) = fen else { return String::new() };
    let yuan = format!("{}.{:02}", fen / 100, fen % 100);
    turn.say(&words::PRICE, &[("yuan", yuan.into())])
}

pub fn claimed(turn: &Turn, benefit: &Benefit, coupon: &Coupon) -> String {
    let links = actions(turn, benefit, coupon);
    let mut shown = lines(turn, benefit, coupon, true);
    if has_picture(benefit) {
        shown.push('\n');
        shown.push_str(&turn.say(&words::PICTURE_COMES, &[]));
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
    let shown = if is_live { lines(turn, benefit, coupon, false) } else { number(turn, coupon) };
    let values = [
        ("title", Value::from(&benefit.terms.title)),
        ("status", status(turn, coupon).into()),
        ("coupon", Value::raw(shown)),
    ];
    let text = turn.say(&said::COUPON, &values);
    let links = if is_live { actions(turn, benefit, coupon) } else { String::new() };
    format!("{text}\n{links}").trim_end().to_owned()
}

/// What is shown at the till, and until when it is good unless that is told already.
fn lines(turn: &Turn, benefit: &Benefit, coupon: &Coupon, with_end: bool) -> String {
    let terms = &benefit.terms;
    let code = coupon.code.as_ref().map(|code| grouped(code.reveal()));
    let mut lines = Vec::new();
    match (&terms.way, code) {
        (Way::Link { address }, Some(token)) => {
            let address = address.replace("{token}", &token.replace('-', ""));
            lines.push(turn.say(&words::COUPON_LINK, &[("link", address.into())]));
        }
        (Way::Grant, _) => lines.push(turn.say(&words::NO_CODE_NEEDED, &[])),
        (_, Some(code)) => lines.push(turn.say(&words::COUPON_CODE, &[("code", code.into())])),
        (_, None) => {}
    }
    if let Some(owner) = &coupon.owner {
        if owner.valid_from > owner.at {
            lines.push(turn.say(&words::USABLE_FROM, &[("from", day(owner.valid_from).into())]));
        }
        if with_end {
            lines.push(turn.say(&words::USABLE_UNTIL, &[("until", end(owner.until).into())]));
        }
    }
    lines.push(number(turn, coupon));
    let due = coupon.owner.as_ref().and_then(|owner| owner.due).map(|due| due.fen);
    let due = due.or(terms.price.map(|price| price.fen));
    for line in [price(turn, due), shortened(&terms.how_to_use)] {
        if !line.is_empty() {
            lines.push(neutral(&line).into_owned());
        }
    }
    lines.join("\n")
}

fn number(turn: &Turn, coupon: &Coupon) -> String {
    turn.say(&words::COUPON_NUMBER, &[("number", coupon.number.to_string().into())])
}

fn actions(turn: &Turn, benefit: &Benefit, coupon: &Coupon) -> String {
    let mut links = Vec::new();
    if has_picture(benefit) {
        links.push(
            Tap::CouponPicture(coupon.number).link(&turn.say(&words::LINK_PICTURE, &[]), spoken::PICTURE[0]),
        );
    }
    if benefit.terms.back.returns {
        links.push(
            Tap::ReturnCoupon(coupon.number).link(&turn.say(&words::LINK_RETURN, &[]), spoken::RETURN[0]),
        );
    }
    links.join("\n")
}

/// Its code is drawn for the till.
pub fn has_picture(benefit: &Benefit) -> bool {
    matches!(benefit.terms.way, Way::Imported | Way::Own)
}

/// 未使用 · 已使用 · 已过期 · 已退回 · 已作废
pub fn status(turn: &Turn, coupon: &Coupon) -> String {
    match &coupon.state {
        CouponState::Given => match until(coupon) {
            Some(until) if until <= turn.now => turn.say(&words::EXPIRED, &[]),
            Some(until) => turn.say(&words::UNUSED_UNTIL, &[("until", end(until).into())]),
            None => turn.say(&words::UNUSED, &[]),
        },
        CouponState::Redeemed(Redemption { at, place, .. }) => {
            let at = ("at", Value::from(*at));
            match place.is_empty() {
                true => turn.say(&words::USED_AT, &[at]),
                false => turn.say(&words::USED_AT_PLACE, &[at, ("place", place.into())]),
            }
        }
        state => turn.say(state_word(state.name()), &[]),
    }
}

pub fn state_word(state: &str) -> &'static TextSpec {
    match state {
        "given" => &words::UNUSED,
        "redeemed" => &words::USED,
        "expired" => &words::EXPIRED,
        "returned" => &words::RETURNED,
        "void" => &words::VOID,
        _ => &words::INVALID,
    }
}

fn until(coupon: &Coupon) -> Option<Time> {
    coupon.owner.as_ref().map(|owner| owner.until)
}

/// When the next ones come.
pub fn after(content: &Content, next: Option<Time>) -> String {
    match next {
        Some(next) => content.texts.render(&words::NEXT_BEGINS, &[("at", begins(next).into())]),
        None => content.texts.render(&words::NO_NEXT, &[]),
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
pub fn link_to(content: &Content, coupon: CouponNumber) -> String {
    Tap::Coupon(coupon).link(&content.texts.render(&words::LINK_SEE_COUPON, &[]), spoken::MY_COUPONS)
}

/// To claim one of a benefit, under the words of `spec`.
pub fn claim_link(content: &Content, id: u32, spec: &TextSpec) -> String {
    Tap::Claim(id).link(&content.texts.render(spec, &[]), &spoken::claim_coupon(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Expected, Source};
    use crate::domain::member::record::{Sex, Tier};
    use crate::flows::{notices, targets, texts};

    fn content() -> Content {
        let expected = Expected {
            texts: &texts::all(),
            notices: notices::FORMS,
            subscriptions: notices::SUBSCRIPTIONS,
            targets: targets::TARGETS,
            services: targets::SERVICES,
            commands: &[],
        };
        Content::load(&Source::Embedded, &expected).unwrap_or_else(|problems| panic!("{problems:?}")).0
    }

    #[test]
    fn whom_it_is_for_names_every_condition() {
        let content = content();
        let whom = |edit: fn(&mut Terms)| {
            let mut terms = sample_terms();
            edit(&mut terms);
            for_whom(&content, &terms)
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
