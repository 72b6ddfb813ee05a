//! What is posted to those who have a seat: their address, asked once the seat is certain, and its way.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::holder;
use super::record::*;
use super::rules::Refusal;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Addresses are erased so long after the parcel went, or after the session if it never did, where the activity doesn't
/// say.
pub const KEPT_FOR: Duration = Duration::from_secs(60 * 86_400);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kit {
    /// `None` once it is erased.
    pub to: Option<Recipient>,
    pub state: KitState,
    pub changed: Time,
    pub erase: Time,
    /// Parcels (courier, tracking number) that came back before this address was given: couriers' lists go on naming them.
    #[serde(default)]
    pub came_back: Vec<(String, String)>,
}

impl Kit {
    /// Is nothing new in what is said of that parcel?
    fn is_of_before(&self, parcel: (&str, &str)) -> bool {
        self.came_back.iter().any(|(courier, tracking)| parcel == (courier, tracking))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    pub name: Sealed<String>,
    pub phone: Sealed<String>,
    pub address: Sealed<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KitState {
    /// 待寄
    ToSend,
    /// 已寄
    Sent { courier: String, tracking: String, at: Time },
    /// 签收
    Delivered { courier: String, tracking: String },
    /// 退回
    Returned { courier: String, tracking: String },
}

impl KitState {
    pub fn name(&self) -> &'static str {
        match self {
            KitState::ToSend => "to_send",
            KitState::Sent { .. } => "sent",
            KitState::Delivered { .. } => "delivered",
            KitState::Returned { .. } => "returned",
        }
    }

    pub fn parcel(&self) -> Option<(&str, &str)> {
        match self {
            KitState::ToSend => None,
            KitState::Sent { courier, tracking, .. }
            | KitState::Delivered { courier, tracking }
            | KitState::Returned { courier, tracking } => Some((courier, tracking)),
        }
    }
}

fn kept_for(activity: &Activity) -> Duration {
    let days = activity.terms.settings.kit.as_ref().map(|kit| kit.keep_days).unwrap_or_default();
    if days == 0 { KEPT_FOR } else { Duration::from_secs(86_400 * u64::from(days)) }
}

/// May the follower say where it goes?
pub fn may_address(
    tx: &Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Result<(Activity, Registration), Refusal>, Fault> {
    let Some((activity, registration)) = holder::own(tx, who, number)? else {
        return Ok(Err(Refusal::NotSignedUp));
    };
    if activity.terms.settings.kit.is_none() || registration.status != Status::Confirmed {
        return Ok(Err(Refusal::NoKit));
    }
    let kit = tx.get(&KITS, &number.key())?;
    Ok(match kit.map(|kit| kit.state) {
        Some(KitState::Sent { tracking, .. } | KitState::Delivered { tracking, .. }) => {
            Err(Refusal::KitSent { tracking })
        }
        // What came back goes out again, to where it can arrive.
        Some(KitState::ToSend | KitState::Returned { .. }) | None => Ok((activity, registration)),
    })
}

/// Where it goes; may be said again until it is on its way.
pub fn address(
    tx: &mut Tx,
    who: &FollowerId,
    number: RegistrationNumber,
    to: Recipient,
) -> Result<Result<(), Refusal>, Fault> {
    let (activity, _) = match may_address(tx, who, number)? {
        Ok(may) => may,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = tx.moment().now;
    let ends = activity.terms.session(number.session).map_or(now, |session| session.ends);
    let erase = ends.max(now).plus(kept_for(&activity));
    let mut came_back = Vec::new();
    if let Some(before) = tx.get(&KITS, &number.key())? {
        came_back = before.came_back;
        if let KitState::Returned { courier, tracking } = before.state {
            came_back.push((courier, tracking));
        }
    }
    let kit = Kit { to: Some(to), state: KitState::ToSend, changed: now, erase, came_back };
    put(tx, number, &kit)?;
    Ok(Ok(()))
}

fn put(tx: &mut Tx, number: RegistrationNumber, kit: &Kit) -> Result<(), Fault> {
    timers::set(tx, kit.erase, Timer::EraseKit { registration: number })?;
    tx.put(&KITS, &number.key(), kit)
}

/// What came of one line of a courier's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracked {
    Told,
    /// It was known already.
    Known,
    /// There is no such parcel to send.
    Unknown,
}

/// A tracking number: the follower is told, once.
pub fn sent(
    tx: &mut Tx,
    number: RegistrationNumber,
    courier: &str,
    tracking: &str,
) -> Result<Tracked, Fault> {
    let (Some(mut kit), Some(registration)) =
        (tx.get(&KITS, &number.key())?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(Tracked::Unknown);
    };
    if kit.state.parcel() == Some((courier, tracking)) || kit.is_of_before((courier, tracking)) {
        return Ok(Tracked::Known);
    }
    let now = tx.moment().now;
    let kept_for = tx.get(&ACTIVITIES, &number.activity)?.map_or(KEPT_FOR, |activity| kept_for(&activity));
    kit.state = KitState::Sent { courier: courier.to_owned(), tracking: tracking.to_owned(), at: now };
    (kit.changed, kit.erase) = (now, now.plus(kept_for));
    put(tx, number, &kit)?;
    holder::tell(tx, &registration, Telling::KitSent { number })?;
    Ok(Tracked::Told)
}

/// 签收 or 退回, as the courier says. `said`: courier and tracking number, for a parcel of which neither is known. Of one
/// that came back the follower is told, once.
pub fn arrived(
    tx: &mut Tx,
    number: RegistrationNumber,
    said: Option<(&str, &str)>,
    returned: bool,
) -> Result<Tracked, Fault> {
    let (Some(mut kit), Some(registration)) =
        (tx.get(&KITS, &number.key())?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(Tracked::Unknown);
    };
    let Some((courier, tracking)) = said.or(kit.state.parcel()) else { return Ok(Tracked::Unknown) };
    let (courier, tracking) = (courier.to_owned(), tracking.to_owned());
    let state = match returned {
        true => KitState::Returned { courier, tracking },
        false => KitState::Delivered { courier, tracking },
    };
    let is_known = kit.state == state || said.is_some_and(|parcel| kit.is_of_before(parcel));
    if is_known {
        return Ok(Tracked::Known);
    }
    (kit.state, kit.changed) = (state, tx.moment().now);
    tx.put(&KITS, &number.key(), &kit)?;
    if returned {
        holder::tell(tx, &registration, Telling::KitReturned { number })?;
    }
    Ok(Tracked::Told)
}

/// The address goes when its time has come; that something was sent stays.
pub fn erase(tx: &mut Tx, number: RegistrationNumber) -> Result<(), Fault> {
    let Some(mut kit) = tx.get(&KITS, &number.key())? else { return Ok(()) };
    if tx.moment().now < kit.erase || kit.to.is_none() {
        return Ok(());
    }
    kit.to = None;
    tx.put(&KITS, &number.key(), &kit)
}
