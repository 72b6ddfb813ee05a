//! All that is kept of a member, for themselves.

use super::words;
use crate::domain::activity::commands::mine as sign_ups;
use crate::domain::benefit::keep::mine as coupons;
use crate::domain::benefit::record::CouponNumber;
use crate::domain::media::commands::of_follower as pictures;
use crate::domain::member::binding::member_of;
use crate::domain::member::quality::quality;
use crate::domain::member::record::Named;
use crate::domain::member::{consent, list};
use crate::domain::tables::{LOOKS, PROFILES};
use crate::flows::Turn;
use crate::store::Fault;

/// Of each kind; an answer holds no more.
const SHOWN: usize = 20;

/// `None` of whom nothing is kept as a member.
pub fn lines(turn: &Turn) -> Result<Option<Vec<String>>, Fault> {
    let Some((id, member)) = member_of(turn.tx, turn.who)? else { return Ok(None) };
    let Some(named) = list::named(turn.tx, &member)? else { return Ok(None) };
    let Named { name, identity, phone, card } = named;
    let state = words::quality(quality(turn.tx, turn.who)?);
    let mut lines = vec![
        format!("会员号：{id}"),
        format!("姓名：{name}"),
        format!("身份证号：{identity}"),
        format!("手机号：{}", phone.unwrap_or_default()),
        format!("工会：{}", member.union),
        format!("区县：{}", member.district),
        format!("会籍：{}，{state}", words::tier(member.tier)),
        format!("服务卡：{} {}", words::card(&member, turn.now), card.unwrap_or_default()),
        format!("资料更新：{}", member.changed.chinese_with_year()),
    ];
    let consents = consent::all(turn.tx, turn.who)?;
    lines.extend(consents.iter().map(|consent| format!("同意书：{}", words::consent(consent))));
    for (_, look) in turn.tx.scan_back(&LOOKS, &(id,), None, SHOWN)?.rows {
        lines.push(format!("查看：{} {} {}", look.at.chinese_with_year(), words::looker(&look), look.why));
    }
    if let Some(profile) = turn.tx.get(&PROFILES, turn.who)? {
        lines.extend(
            profile.answers.iter().map(|(name, value)| format!("常用资料：{name} {}", value.reveal())),
        );
    }
    for (activity, sign_up) in sign_ups(turn.tx, turn.who, SHOWN)? {
        lines.push(format!("报名：{} {}", sign_up.number, activity.terms.title));
    }
    for (benefit, coupon) in coupons(turn.tx, turn.who, SHOWN)? {
        let CouponNumber { benefit: of, number } = coupon.number;
        lines.push(format!("券：{of}-{number} {}", benefit.terms.title));
    }
    match pictures(turn.tx, turn.who, SHOWN)?.len() {
        0 => {}
        count => lines.push(format!("发来的照片：{count}张，找人工可以看")),
    }
    Ok(Some(lines))
}
