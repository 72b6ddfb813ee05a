use std::collections::BTreeMap;
use std::time::Duration;

use super::record::{Atom, Condition};
use crate::domain::activity::record::Status;
use crate::domain::contact::record::{Contact, FollowerId, Reach};
use crate::domain::tables::{ACTIVITIES, LISTS, PLACES, REGISTRATIONS};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// What is known of one follower, as far as a condition asks. `None` is "not known".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub openid: String,
    pub now: Time,
    pub listed: Option<bool>,
    pub reach: Reach,
    /// Membership comes with 会员认证; until then nothing of it is known.
    pub member: Option<bool>,
    pub card_holder: Option<bool>,
    pub district: Option<String>,
    pub union: Option<String>,
    pub followed: Option<Time>,
    pub last_seen: Option<Time>,
    pub sign_ups: BTreeMap<u32, SignUps>,
}

/// How a follower stands to one activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignUps {
    pub seated: bool,
    pub waiting: bool,
    /// Seated in a session that is over.
    pub attended: bool,
}

/// Sessions of one activity that a follower may have signed up for.
const SESSIONS_MAX: usize = 50;

impl Facts {
    /// Reads no more than `condition` asks for. `list` is the broadcast whose list counts.
    pub fn load(
        tx: &Tx,
        who: &FollowerId,
        contact: &Contact,
        condition: &Condition,
        list: u32,
    ) -> Result<Facts, Fault> {
        let listed = match condition.asks_for_list() {
            true => Some(tx.get(&LISTS, &(list, who.clone()))?.is_some()),
            false => None,
        };
        let mut sign_ups = BTreeMap::new();
        for activity in condition.activities() {
            sign_ups.insert(activity, signed_up(tx, who, activity)?);
        }
        Ok(Facts {
            openid: who.as_str().to_owned(),
            now: tx.moment().now,
            listed,
            reach: contact.reach.clone(),
            followed: contact.followed,
            last_seen: Some(contact.last_seen),
            sign_ups,
            ..Facts::default()
        })
    }
}

/// By the follower's own list of places, so that it costs the same however many signed up.
fn signed_up(tx: &Tx, who: &FollowerId, activity: u32) -> Result<SignUps, Fault> {
    let mut found = SignUps::default();
    let places = tx.scan(&PLACES, &(who.clone(), activity), None, SESSIONS_MAX)?;
    for ((_, _, session), number) in places.rows {
        let registration = tx.get(&REGISTRATIONS, &(activity, session, number))?;
        match registration.map(|registration| registration.status) {
            Some(Status::Confirmed) => {
                found.seated = true;
                found.attended |= is_over(tx, activity, session)?;
            }
            Some(Status::Waiting) => found.waiting = true,
            Some(Status::Cancelled { .. }) | None => {}
        }
    }
    Ok(found)
}

fn is_over(tx: &Tx, activity: u32, session: u16) -> Result<bool, Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &activity)? else { return Ok(false) };
    let session = activity.terms.sessions.get(usize::from(session).saturating_sub(1));
    Ok(session.is_some_and(|session| session.ends <= tx.moment().now))
}

impl Condition {
    /// Does it hold for this follower? What turns on something unknown doesn't, and neither does its opposite.
    pub fn holds(&self, facts: &Facts) -> bool {
        self.ask(facts) == Some(true)
    }

    fn ask(&self, facts: &Facts) -> Option<bool> {
        match self {
            Condition::Is(atom) => atom.ask(facts),
            Condition::Not(inner) => inner.ask(facts).map(|so| !so),
            Condition::All(parts) => several(parts, facts, false),
            Condition::Any(parts) => several(parts, facts, true),
        }
    }
}

/// One part that is `decisive` decides, whatever isn't known of the others.
fn several(parts: &[Condition], facts: &Facts, decisive: bool) -> Option<bool> {
    let mut answer = Some(!decisive);
    for part in parts {
        match part.ask(facts) {
            Some(so) if so == decisive => return Some(decisive),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

impl Atom {
    fn ask(&self, facts: &Facts) -> Option<bool> {
        let stands = |id: &u32, how: fn(&SignUps) -> bool| facts.sign_ups.get(id).map(how);
        match self {
            Atom::Everyone => Some(true),
            Atom::Listed => facts.listed,
            Atom::Openid(openid) => Some(*openid == facts.openid),
            Atom::Tag(number) => Some(facts.reach.tags.contains(number)),
            Atom::Member => facts.member,
            Atom::CardHolder => facts.card_holder,
            Atom::District(name) => facts.district.as_ref().map(|district| district == name),
            Atom::Union(name) => facts.union.as_ref().map(|union| union == name),
            Atom::FollowedSince(date) => facts.followed.map(|followed| followed.date() >= *date),
            Atom::SeenWithin(days) => {
                let span = Duration::from_secs(u64::from(*days) * 24 * 3600);
                facts.last_seen.map(|seen| facts.now.since(seen) <= span)
            }
            Atom::SeenBefore(date) => facts.last_seen.map(|seen| seen.date() < *date),
            Atom::Topic(name) => Some(facts.reach.hears_of(name)),
            Atom::SignedUp(id) => stands(id, |place| place.seated || place.waiting),
            Atom::Waiting(id) => stands(id, |place| place.waiting),
            Atom::Attended(id) => stands(id, |place| place.attended),
        }
    }
}
