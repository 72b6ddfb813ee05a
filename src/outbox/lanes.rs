//! Rates and pauses: one lane for each kind of call, so that a quota used up in one holds up no other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::outbox::record::Way;
use crate::moment::Time;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    Custom,
    Subscription,
    Template,
    Mass,
    Media,
    /// Calls that only ask.
    Lookup,
}

impl Lane {
    pub const ALL: [Lane; 6] =
        [Lane::Custom, Lane::Subscription, Lane::Template, Lane::Mass, Lane::Media, Lane::Lookup];

    pub fn name(self) -> &'static str {
        match self {
            Lane::Custom => "custom",
            Lane::Subscription => "subscription",
            Lane::Template => "template",
            Lane::Mass => "mass",
            Lane::Media => "media",
            Lane::Lookup => "lookup",
        }
    }
}

impl From<Way> for Lane {
    fn from(way: Way) -> Lane {
        match way {
            Way::Custom => Lane::Custom,
            Way::Subscription => Lane::Subscription,
            Way::Template => Lane::Template,
            Way::Preview => Lane::Mass,
        }
    }
}

/// Calls a second, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    pub custom: u32,
    pub subscription: u32,
    pub template: u32,
    pub mass: u32,
    pub media: u32,
    pub lookup: u32,
}

impl Default for Rates {
    /// WeChat allows 500,000 customer-service and 100,000 template messages a day and names no rate for them;
    /// mass sends are 60 a minute.
    fn default() -> Rates {
        Rates { custom: 200, subscription: 200, template: 200, mass: 1, media: 20, lookup: 20 }
    }
}

impl Rates {
    fn of(&self, lane: Lane) -> u32 {
        match lane {
            Lane::Custom => self.custom,
            Lane::Subscription => self.subscription,
            Lane::Template => self.template,
            Lane::Mass => self.mass,
            Lane::Media => self.media,
            Lane::Lookup => self.lookup,
        }
    }
}

/// After so many calls in a row that got no usable answer, WeChat is taken to be out of reach.
const TROUBLES_MAX: u32 = 5;
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// Cheap to clone; clones share their pauses.
#[derive(Clone)]
pub struct Lanes(Arc<Mutex<State>>);

struct State {
    paces: BTreeMap<Lane, Pace>,
    held: BTreeMap<Lane, Time>,
    troubles: u32,
    out_of_reach_until: Option<Time>,
}

/// Slots at an even distance.
struct Pace {
    distance: Duration,
    next: Option<Instant>,
}

impl Lanes {
    pub fn new(rates: &Rates) -> Lanes {
        let pace = |lane| Pace { distance: Duration::from_secs(1) / rates.of(lane).max(1), next: None };
        let paces = Lane::ALL.into_iter().map(|lane| (lane, pace(lane))).collect();
        let state = State { paces, held: BTreeMap::new(), troubles: 0, out_of_reach_until: None };
        Lanes(Arc::new(Mutex::new(state)))
    }

    /// Waits for this lane's next slot.
    pub async fn slot(&self, lane: Lane) {
        let slot = {
            let mut state = self.state();
            let Some(pace) = state.paces.get_mut(&lane) else { return };
            let now = Instant::now();
            let slot = pace.next.unwrap_or(now).max(now);
            pace.next = Some(slot + pace.distance);
            slot
        };
        tokio::time::sleep_until(slot).await;
    }

    /// Until when this lane waits.
    pub fn held(&self, lane: Lane, now: Time) -> Option<Time> {
        self.state().held.get(&lane).copied().filter(|until| *until > now)
    }

    /// Until when nothing is tried at all.
    pub fn out_of_reach(&self, now: Time) -> Option<Time> {
        self.state().out_of_reach_until.filter(|until| *until > now)
    }

    pub fn hold(&self, lane: Lane, until: Time) {
        self.state().held.insert(lane, until);
    }

    /// WeChat answered.
    pub fn answered(&self) {
        let mut state = self.state();
        (state.troubles, state.out_of_reach_until) = (0, None);
    }

    /// No usable answer came. After some of them in a row everything waits, longer each time: rows cost nothing
    /// while they wait.
    pub fn troubled(&self, now: Time) {
        let mut state = self.state();
        state.troubles = state.troubles.saturating_add(1);
        if let Some(more) = state.troubles.checked_sub(TROUBLES_MAX) {
            let pause = Duration::from_secs(1 << more.min(6)).min(LONGEST_HOLD);
            state.out_of_reach_until = Some(now.plus(pause));
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn a_lane_that_waits_holds_up_no_other() {
        let (lanes, now) = (Lanes::new(&Rates::default()), at("2026-11-30T10:00:00+08:00"));
        let until = now.plus(Duration::from_secs(60));
        lanes.hold(Lane::Custom, until);
        assert_eq!(lanes.held(Lane::Custom, now), Some(until));
        assert_eq!(lanes.held(Lane::Template, now), None);
        assert_eq!(lanes.held(Lane::Custom, until), None);
    }

    #[test]
    fn a_dead_platform_is_left_alone_longer_and_longer_until_it_answers() {
        let (lanes, now) = (Lanes::new(&Rates::default()), at("2026-11-30T10:00:00+08:00"));
        (0..4).for_each(|_| lanes.troubled(now));
        assert_eq!(lanes.out_of_reach(now), None);
        lanes.troubled(now);
        let first = lanes.out_of_reach(now).unwrap();
        (0..100).for_each(|_| lanes.troubled(now));
        let last = lanes.out_of_reach(now).unwrap();
        assert!(first.since(now) <= Duration::from_secs(1) && last.since(now) == LONGEST_HOLD);
        lanes.answered();
        assert_eq!(lanes.out_of_reach(now), None);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_a_lane_keep_their_distance() {
        let lanes = Lanes::new(&Rates { custom: 10, ..Rates::default() });
        let began = Instant::now();
        for _ in 0..21 {
            lanes.slot(Lane::Custom).await;
        }
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }
}
