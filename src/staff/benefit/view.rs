use serde::{Deserialize, Serialize};

use super::form::BenefitForm;
use crate::domain::benefit::claim::Found;
use crate::domain::benefit::manage::state_name;
use crate::domain::benefit::record::*;
use crate::domain::benefit::{calendar, rules, stock};
use crate::moment::{Time, rfc3339};
use crate::store::{Fault, Tx};

/// What every act answers: enough to go on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenefitBrief {
    pub id: String,
    pub title: String,
    pub provider: String,
    /// `draft`, `published`, `paused` or `closed`.
    pub state: String,
    /// What staff have to see to, if nobody can get one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub stock: CountsView,
    /// Fewer are left than `alarm_below` says: load or top up.
    #[serde(default)]
    pub low: bool,
    #[serde(default)]
    pub alarm_below: u32,
    /// The latest release that has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseView>,
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    pub next_release: Option<Time>,
}

/// loaded = left + held + taken + void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CountsView {
    pub loaded: u32,
    pub left: u32,
    pub held: u32,
    pub taken: u32,
    pub void: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReleaseView {
    #[serde(with = "rfc3339")]
    pub at: Time,
    /// Can something of it still be claimed?
    pub open: bool,
    pub stock: u32,
    pub carried_in: u32,
    pub added: u32,
    pub left: u32,
    pub given: u32,
    pub carried_out: u32,
    pub lapsed: u32,
    /// Given to accounts that had just begun to follow.
    pub newcomers: u32,
    /// Who took part in its draw.
    pub tries: u32,
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    pub gone: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenefitList {
    pub benefits: Vec<BenefitBrief>,
    /// To be given as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A benefit with all that staff wrote, in the shape in which they wrote it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenefitView {
    #[serde(flatten)]
    pub brief: BenefitBrief,
    #[serde(with = "rfc3339")]
    pub created: Time,
    #[serde(with = "rfc3339")]
    pub changed: Time,
    /// Codes that came together, the latest ones.
    pub lots: Vec<LotView>,
    pub benefit: BenefitForm,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LotView {
    pub lot: String,
    pub supplier: String,
    pub codes: u32,
    /// Numbers of the first and the last, `W12-000001`.
    pub first: String,
    pub last: String,
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub by: String,
}

/// A coupon as staff and merchants see it: its code masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CouponView {
    pub number: String,
    pub benefit: String,
    pub title: String,
    pub provider: String,
    /// `left`, `given`, `redeemed`, `expired`, `returned` or `void`.
    pub state: String,
    /// The last four characters, unless it was asked for with a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_fen: Option<u32>,
    /// A payment within the account would have had until then; today it is paid at the provider's.
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    pub hold_until: Option<Time>,
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    pub claimed: Option<Time>,
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    pub valid_from: Option<Time>,
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    pub valid_until: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeemed: Option<RedeemedView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RedeemedView {
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub by: String,
    pub place: String,
}

/// A coupon that was made void, and the one in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voided {
    pub void: CouponView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<CouponView>,
}

const LOTS_SHOWN: usize = 20;

pub fn brief(found: &Found, now: Time) -> BenefitBrief {
    let Counts { loaded, left, held, taken, void } = found.stock.pool;
    let terms = &found.benefit.terms;
    let latest = found.stock.release.as_ref();
    let closed = matches!(found.benefit.state, BenefitState::Closed { .. });
    BenefitBrief {
        id: BenefitCode(found.benefit.id).to_string(),
        title: terms.title.clone(),
        provider: terms.provider.clone(),
        state: state_name(&found.benefit.state).to_owned(),
        why: lacks_codes(found).map(str::to_owned),
        stock: CountsView { loaded, left, held, taken, void },
        low: found.benefit.state == BenefitState::Published && stock::is_low(&found.stock, terms),
        alarm_below: terms.alarm_below,
        release: latest.map(|latest| {
            let open = rules::on(&found.benefit, now)
                .and_then(|()| rules::in_stock(terms, &found.stock, None, now))
                .is_ok();
            ReleaseView { left: stock::left(&found.stock), ..release(latest, open) }
        }),
        next_release: calendar::next(terms, now).filter(|_| !closed).map(|next| next.at),
    }
}

fn lacks_codes(found: &Found) -> Option<&'static str> {
    let terms = &found.benefit.terms;
    let is_shown = matches!(found.benefit.state, BenefitState::Published | BenefitState::Paused { .. });
    let lacks = is_shown && terms.way == Way::Imported && found.stock.pool.left == 0;
    lacks.then_some(match terms.mode {
        Mode::Lottery { .. } => {
            "no code is left, and the next draw waits until `gonghui benefit codes` loads some"
        }
        Mode::FirstCome | Mode::Quiz => {
            "no code is left, and nobody gets one until `gonghui benefit codes` loads some"
        }
    })
}

pub fn release(release: &Release, open: bool) -> ReleaseView {
    ReleaseView {
        at: release.at,
        open,
        stock: release.stock,
        carried_in: release.carried_in,
        added: release.added,
        left: release.left,
        given: release.given,
        carried_out: release.carried_out,
        lapsed: release.lapsed,
        newcomers: release.newcomers,
        tries: release.tries,
        gone: release.gone,
    }
}

pub fn full(tx: &Tx, found: &Found) -> Result<BenefitView, Fault> {
    let id = found.benefit.id;
    let lots = tx.scan_back(&crate::domain::tables::LOTS, &(id,), None, LOTS_SHOWN)?.rows;
    let number = |number| CouponNumber { benefit: id, number }.to_string();
    let mut lots: Vec<LotView> = lots
        .into_iter()
        .map(|((_, lot), kept)| LotView {
            lot,
            supplier: kept.supplier,
            codes: kept.count,
            first: number(kept.first),
            last: number(kept.last),
            at: kept.at,
            by: kept.by,
        })
        .collect();
    lots.sort_by_key(|lot| lot.at);
    Ok(BenefitView {
        brief: brief(found, tx.moment().now),
        created: found.benefit.created,
        changed: found.benefit.changed,
        lots,
        benefit: BenefitForm::from(&found.benefit.terms),
    })
}

pub fn coupon(benefit: &Benefit, coupon: &Coupon, revealed: bool) -> CouponView {
    let owner = coupon.owner.as_ref();
    let due = owner.and_then(|owner| owner.due);
    let code = coupon.code.as_ref().map(|code| code.reveal());
    let redeemed = match &coupon.state {
        CouponState::Redeemed(Redemption { at, by, place }) => {
            Some(RedeemedView { at: *at, by: by.clone(), place: place.clone() })
        }
        _ => None,
    };
    CouponView {
        number: coupon.number.to_string(),
        benefit: BenefitCode(benefit.id).to_string(),
        title: benefit.terms.title.clone(),
        provider: benefit.terms.provider.clone(),
        state: coupon.state.name().to_owned(),
        code: code.map(|code| if revealed { code.clone() } else { masked(code) }),
        price_fen: due.map(|due| due.fen).or(benefit.terms.price.map(|price| price.fen)),
        hold_until: due.map(|due| due.hold_until),
        claimed: owner.map(|owner| owner.at),
        valid_from: owner.map(|owner| owner.valid_from),
        valid_until: owner.map(|owner| owner.until),
        redeemed,
    }
}

/// `…CDEF`; of a short code less.
fn masked(code: &str) -> String {
    let shown = (code.chars().count() / 3).min(4);
    let hidden = code.chars().count() - shown;
    format!("…{}", code.chars().skip(hidden).collect::<String>())
}
