//! What the outbox has to tell of benefits, in words and in the fields of a subscription notice.

use super::said;
use super::view::{after, begins, claim_link, end, link_to};
use crate::content::{Content, SubscriptionForm, Value};
use crate::domain::benefit::calendar;
use crate::domain::benefit::record::{Benefit, BenefitState, Coupon, CouponNumber, CouponState};
use crate::domain::benefit::remind::comes;
use crate::domain::outbox::record::Welfare;
use crate::domain::tables::{BENEFITS, COUPONS};
use crate::flows::notices::{COUPON_EXPIRING, RELEASE_SOON};
use crate::flows::texts::words;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// `None`: there is nothing to say of it any more, or it is a picture.
pub fn words(tx: &Tx, content: &Content, notice: &Welfare) -> Result<Option<String>, Fault> {
    let now = tx.moment().now;
    let say = |spec, values: &[(&str, Value)]| content.texts.render(spec, values);
    Ok(match notice {
        Welfare::Picture { .. } => None,
        Welfare::Won { coupon } => about(tx, *coupon)?.map(|(benefit, _)| {
            format!("{}\n{}", say(&said::NOTICE_WON, &title(&benefit)), link_to(content, *coupon))
        }),
        Welfare::NotDrawn { benefit, .. } => tx.get(&BENEFITS, benefit)?.map(|benefit| {
            let closed = matches!(benefit.state, BenefitState::Closed { .. });
            let next = calendar::next(&benefit.terms, now).filter(|_| !closed).map(|next| next.at);
            let values =
                [("title", Value::from(&benefit.terms.title)), ("after", after(content, next).into())];
            say(&said::NOTICE_NOT_DRAWN, &values)
        }),
        Welfare::DrawOff { benefit, release } => tx
            .get(&BENEFITS, benefit)?
            .map(|benefit| say(&said::NOTICE_DRAW_OFF, &about_release(&benefit, *release))),
        Welfare::Expiring { coupon } => {
            about(tx, *coupon)?.filter(|(_, kept)| is_live(kept)).map(|(benefit, kept)| {
                let until = until(&kept).map(end).unwrap_or_default();
                let values = [("title", Value::from(&benefit.terms.title)), ("until", until.into())];
                format!("{}\n{}", say(&said::NOTICE_EXPIRING, &values), link_to(content, *coupon))
            })
        }
        // Its provider may have told since that it was used, or staff made it void: then it is held against nobody.
        Welfare::Expired { coupon, paused } => {
            about(tx, *coupon)?.filter(|(_, kept)| is_expired(kept)).map(|(benefit, _)| match paused {
                Some(until) => {
                    let values = [("title", Value::from(&benefit.terms.title)), ("until", (*until).into())];
                    say(&said::NOTICE_EXPIRED_PAUSED, &values)
                }
                None => say(&said::NOTICE_EXPIRED, &title(&benefit)),
            })
        }
        Welfare::Replaced { coupon, .. } => about(tx, *coupon)?.map(|(benefit, _)| {
            format!("{}\n{}", say(&said::NOTICE_REPLACED, &title(&benefit)), link_to(content, *coupon))
        }),
        Welfare::Voided { coupon } => {
            about(tx, *coupon)?.map(|(benefit, _)| say(&said::NOTICE_VOIDED, &title(&benefit)))
        }
        Welfare::ReleaseSoon { benefit, release } => tx.get(&BENEFITS, benefit)?.map(|benefit| {
            // Staff may have paused or closed it before this could be told.
            match benefit.state == BenefitState::Published {
                true => soon(content, &benefit, *release, now),
                false => off(content, &benefit, *release),
            }
        }),
        Welfare::ReleaseMoved { benefit, release, next } => tx.get(&BENEFITS, benefit)?.map(|benefit| {
            let mut values = about_release(&benefit, *release);
            values.push(("next", begins(*next).into()));
            say(&said::NOTICE_MOVED, &values)
        }),
        Welfare::ReleaseOff { benefit, release } => tx.get(&BENEFITS, benefit)?.map(|benefit| {
            // Staff may have gone on since.
            match benefit.state == BenefitState::Published && comes(&benefit, *release) {
                true => soon(content, &benefit, *release, now),
                false => off(content, &benefit, *release),
            }
        }),
    })
}

fn off(content: &Content, benefit: &Benefit, release: Time) -> String {
    let mut values = about_release(benefit, release);
    match &benefit.state {
        BenefitState::Paused { reason } => {
            values.push(("reason", reason.into()));
            content.texts.render(&said::NOTICE_WITHHELD, &values)
        }
        _ => content.texts.render(&said::NOTICE_OFF, &values),
    }
}

fn soon(content: &Content, benefit: &Benefit, release: Time, now: Time) -> String {
    let spec = if now < release { &said::NOTICE_SOON } else { &said::NOTICE_BEGUN };
    let claim = claim_link(content, benefit.id, &words::LINK_CLAIM);
    format!("{}\n{claim}", content.texts.render(spec, &about_release(benefit, release)))
}

fn about_release(benefit: &Benefit, release: Time) -> Vec<(&'static str, Value<'_>)> {
    vec![("title", Value::from(&benefit.terms.title)), ("release", begins(release).into())]
}

/// In fields, for who agreed to one such notice.
pub fn subscription(tx: &Tx, content: &Content, notice: &Welfare) -> Result<Option<SubscriptionForm>, Fault> {
    let fill = |spec, values: &[(&str, Value)]| content.notices.fill_subscription(spec, values);
    Ok(match notice {
        Welfare::ReleaseSoon { benefit, release } => tx.get(&BENEFITS, benefit)?.and_then(|benefit| {
            if benefit.state != BenefitState::Published {
                return None;
            }
            let stock = calendar::latest(&benefit.terms, *release).map_or(0, |slot| slot.stock);
            let values = [
                ("title", Value::from(&benefit.terms.title)),
                ("release", (*release).into()),
                ("stock", stock.into()),
            ];
            fill(&RELEASE_SOON, &values)
        }),
        Welfare::Expiring { coupon } => about(tx, *coupon)?.and_then(|(benefit, coupon)| {
            let until = until(&coupon).unwrap_or_default();
            fill(&COUPON_EXPIRING, &[("title", Value::from(&benefit.terms.title)), ("until", until.into())])
        }),
        _ => None,
    })
}

/// What is drawn as a picture: the code of a coupon that can still be used.
pub fn picture(tx: &Tx, notice: &Welfare) -> Result<Option<String>, Fault> {
    let Welfare::Picture { coupon } = notice else { return Ok(None) };
    let live = about(tx, *coupon)?.filter(|(_, coupon)| is_live(coupon));
    Ok(live.and_then(|(_, coupon)| coupon.code).map(|code| code.reveal().clone()))
}

fn about(tx: &Tx, coupon: CouponNumber) -> Result<Option<(Benefit, Coupon)>, Fault> {
    Ok(tx.get(&BENEFITS, &coupon.benefit)?.zip(tx.get(&COUPONS, &coupon.key())?))
}

fn is_live(coupon: &Coupon) -> bool {
    coupon.state.name() == "given"
}

fn is_expired(coupon: &Coupon) -> bool {
    matches!(coupon.state, CouponState::Expired { .. })
}

fn title(benefit: &Benefit) -> [(&'static str, Value<'_>); 1] {
    [("title", Value::from(&benefit.terms.title))]
}

fn until(coupon: &Coupon) -> Option<Time> {
    coupon.owner.as_ref().map(|owner| owner.until)
}
