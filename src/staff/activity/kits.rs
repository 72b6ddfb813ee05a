//! What is posted: the courier's list out, tracking numbers in.

use serde::{Deserialize, Serialize};

use super::acts::{Seen, act};
use crate::domain::activity::kit::{self, Kit, Tracked};
use crate::domain::activity::manage::ManageRefusal;
use crate::domain::activity::record::*;
use crate::domain::tables::{ACTIVITIES, KITS, REGISTRATIONS};
use crate::privacy::{mask_address, mask_name, mask_phone};
use crate::staff::act::look;
use crate::staff::form::{self, Problems};
use crate::staff::{ActError, Call, perform, permit};
use crate::store::Tx;

pub const PARCELS_PER_PAGE: usize = 200;
/// Tracking numbers taken by one call: each is a notice as well.
pub const PARCELS_PER_CALL: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    pub number: String,
    /// Masked unless a reason was given; empty once they are erased.
    pub name: String,
    pub phone: String,
    pub address: String,
    pub what: String,
    /// `to_send`, `sent`, `delivered` or `returned`.
    pub state: String,
    pub courier: String,
    pub tracking: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelList {
    pub title: String,
    /// Confirmed sign-ups, whether or not they said where it goes.
    pub confirmed: u32,
    pub parcels: Vec<Parcel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackingForm {
    pub parcels: Vec<TrackedForm>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackedForm {
    pub number: String,
    /// May be left out of what was delivered or returned, if it is known already, as may `tracking`.
    #[serde(default)]
    pub courier: String,
    #[serde(default)]
    pub tracking: String,
    #[serde(default)]
    pub state: ParcelState,
}

impl TrackedForm {
    fn parcel(&self) -> Option<(&str, &str)> {
        Some((self.courier.trim(), self.tracking.as_str())).filter(|said| *said != ("", ""))
    }

    /// What is wrong with it.
    fn wrong(&self) -> Option<&'static str> {
        let Some((courier, tracking)) = self.parcel() else {
            return (self.state == ParcelState::Sent).then_some("has no tracking number");
        };
        let plain = tracking.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        match () {
            () if !(1..=20).contains(&courier.chars().count()) => {
                Some("the courier must have 1 to 20 characters")
            }
            () if !plain || !(4..=40).contains(&tracking.len()) => {
                Some("the tracking number must be 4 to 40 letters and digits")
            }
            () => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelState {
    #[default]
    Sent,
    Delivered,
    Returned,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingDone {
    /// What was new; who gets a parcel is told that it was sent or came back.
    pub told: usize,
    /// What was known already.
    pub known: usize,
    /// Numbers without a parcel to send.
    pub unknown: Vec<String>,
    /// What can't be; the others went in.
    pub refused: Vec<RefusedParcel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedParcel {
    /// Its place in `parcels`, from 0.
    pub index: usize,
    pub number: String,
    pub message: String,
}

/// A page of parcels. With a reason, where they go is shown whole, and the members read who saw theirs. Every look is on
/// the trail.
pub async fn list(
    call: &Call,
    id: ActivityCode,
    after: Option<RegistrationNumber>,
    reveal: Option<&str>,
) -> Result<ParcelList, ActError> {
    let seen = Seen::with(call, reveal);
    let name = if seen.is_whole() { "activity.kits_revealed" } else { "activity.kits" };
    let mut act = act(name, id.to_string(), "");
    act.detail = reveal.unwrap_or_default().to_owned();
    let after = after.map(|number| number.key());
    let found = look(call, act, move |tx| {
        let Some(activity) = tx.get(&ACTIVITIES, &id.0)? else { return Ok(None) };
        page(tx, &activity, after, &seen).map(Some)
    });
    found.await?.ok_or_else(|| ActError::NotFound(format!("activity {id}")))
}

fn page(
    tx: &mut Tx,
    activity: &Activity,
    after: Option<(u32, u16, u32)>,
    seen: &Seen,
) -> Result<ParcelList, crate::store::Fault> {
    let page = tx.scan(&KITS, &(activity.id,), after.as_ref(), PARCELS_PER_PAGE)?;
    let what = activity.terms.settings.kit.clone().unwrap_or_default().what;
    let (mut parcels, mut members) = (Vec::new(), Vec::new());
    for ((_, session, number), kit) in page.rows {
        let number = RegistrationNumber { activity: activity.id, session, number };
        let seated = tx.get(&REGISTRATIONS, &number.key())?.filter(|row| row.status == Status::Confirmed);
        if let Some(row) = seated {
            members.extend(row.member);
            parcels.push(parcel(number, &kit, &what, seen.is_whole()));
        }
    }
    seen.note(tx, members)?;
    let confirmed = super::view::brief(tx, activity)?.counts.confirmed;
    let next = page
        .next
        .map(|(activity, session, number)| RegistrationNumber { activity, session, number }.to_string());
    Ok(ParcelList { title: activity.terms.title.clone(), confirmed, parcels, next })
}

fn parcel(number: RegistrationNumber, kit: &Kit, what: &str, revealed: bool) -> Parcel {
    let (courier, tracking) = kit.state.parcel().unwrap_or_default();
    let (name, phone, address) = match &kit.to {
        Some(to) if revealed => {
            (to.name.reveal().clone(), to.phone.reveal().clone(), to.address.reveal().clone())
        }
        Some(to) => {
            (mask_name(to.name.reveal()), mask_phone(to.phone.reveal()), mask_address(to.address.reveal()))
        }
        None => Default::default(),
    };
    Parcel {
        number: number.to_string(),
        name,
        phone,
        address,
        what: what.to_owned(),
        state: kit.state.name().to_owned(),
        courier: courier.to_owned(),
        tracking: tracking.to_owned(),
    }
}

/// What the courier says; who it is for is told, once.
pub async fn track(call: &Call, id: ActivityCode, body: &str) -> Result<TrackingDone, ActError> {
    let act = act("activity.tracking", id.to_string(), body);
    permit(call, &act).await?;
    let form: TrackingForm = form::read(body).map_err(ActError::Invalid)?;
    let mut problems = Problems::default();
    problems.unless(form.parcels.len() <= PARCELS_PER_CALL, "parcels", "at most 100 at a time");
    if !problems.0.is_empty() {
        return Err(ActError::Invalid(problems.0));
    }
    perform(call, act, move |tx| {
        if tx.get(&ACTIVITIES, &id.0)?.is_none() {
            return Ok(Err(ManageRefusal::Unknown));
        }
        let mut done = TrackingDone { told: 0, known: 0, unknown: Vec::new(), refused: Vec::new() };
        for (index, parcel) in form.parcels.iter().enumerate() {
            if let Some(message) = parcel.wrong() {
                let (number, message) = (parcel.number.clone(), message.to_owned());
                done.refused.push(RefusedParcel { index, number, message });
                continue;
            }
            let number = parcel.number.parse::<RegistrationNumber>().ok().filter(|n| n.activity == id.0);
            let tracked = match number {
                Some(number) => one(tx, number, parcel)?,
                None => Tracked::Unknown,
            };
            match tracked {
                Tracked::Told => done.told += 1,
                Tracked::Known => done.known += 1,
                Tracked::Unknown => done.unknown.push(parcel.number.clone()),
            }
        }
        Ok(Ok((id.to_string(), done)))
    })
    .await
}

fn one(
    tx: &mut Tx,
    number: RegistrationNumber,
    parcel: &TrackedForm,
) -> Result<Tracked, crate::store::Fault> {
    match parcel.state {
        ParcelState::Sent => kit::sent(tx, number, parcel.courier.trim(), &parcel.tracking),
        ParcelState::Delivered => kit::arrived(tx, number, parcel.parcel(), false),
        ParcelState::Returned => kit::arrived(tx, number, parcel.parcel(), true),
    }
}
