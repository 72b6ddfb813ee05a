use std::time::Duration;

use super::record::{Came, Contact, Given, GivenAnswer, Reach, Seen};
use crate::moment::Time;

/// A message created longer ago than this has no effect.
pub const STALE: Duration = Duration::from_secs(24 * 3600);

/// Remembered messages of one follower, more than anybody sends while WeChat still tries to deliver the first of them; see
/// [`Seen::forgotten_s`] for those beyond.
const MESSAGES_MAX: usize = 32;
/// Longer than [`STALE`], so that what is forgotten by age is refused by age.
const REMEMBERED: Duration = Duration::from_secs(26 * 3600);
/// A message from the very second at which forgetting began is new only if it has just been sent.
const RETRIES_END_S: i64 = 15;
/// WeChat's retries end within about 15 s; a restart of ours may come between.
const ANSWERS_KEPT: Duration = Duration::from_secs(600);
const ANSWERS_MAX: usize = 8;
/// Three lists fit.
const ANSWERS_BYTES_MAX: usize = 3800;

/// What an arriving message is to us.
#[derive(Debug, PartialEq)]
pub enum Seenness<'a> {
    New,
    /// Handled before; the answer, if it is still kept.
    Known(Option<&'a GivenAnswer>),
}

impl Contact {
    pub fn new(now: Time) -> Contact {
        Contact {
            subscribed: true,
            first_seen: now,
            last_seen: now,
            came: Came::Unknown,
            followed: None,
            reach: Reach::default(),
            misses: 0,
            dialogue: None,
            why: None,
            rest: None,
            slot: None,
            own_rest: None,
            desk: None,
            seen: Seen::default(),
        }
    }

    /// Of who follows, and did nothing yet that we heard of.
    pub fn unheard(now: Time) -> Contact {
        Contact { last_seen: Time::default(), ..Contact::new(now) }
    }

    /// When they last wrote or tapped, if they ever did.
    pub fn heard(&self) -> Option<Time> {
        Some(self.last_seen).filter(|at| *at > Time::default())
    }
}

impl Seen {
    pub fn look_up(&self, key: u64, created_s: i64, now: Time) -> Seenness<'_> {
        if self.messages.has(key) {
            return Seenness::Known(self.answers.iter().find(|answer| answer.key == key));
        }
        let at_the_edge = created_s == self.forgotten_s && now.unix_s() - created_s > RETRIES_END_S;
        if created_s < self.forgotten_s || at_the_edge { Seenness::Known(None) } else { Seenness::New }
    }

    /// `created_s` is taken for no later than now: one message from the future must not make all that follow it
    /// count as forgotten.
    pub fn remember(&mut self, key: u64, created_s: i64, given: Given, now: Time) {
        let created_s = created_s.min(now.unix_s());
        let too_old = now.minus(REMEMBERED).unix_s();
        self.messages.drop_before(too_old);
        self.messages.push(key, created_s);
        while self.messages.len() > MESSAGES_MAX
            && let Some(created) = self.messages.drop_oldest()
        {
            self.forgotten_s = self.forgotten_s.max(created);
        }
        self.answers.retain(|answer| now.since(answer.at) <= ANSWERS_KEPT);
        self.answers.push(GivenAnswer { key, at: now, given });
        while self.answers.len() > 1
            && (self.answers.len() > ANSWERS_MAX || self.answers_bytes() > ANSWERS_BYTES_MAX)
        {
            self.answers.remove(0);
        }
    }

    fn answers_bytes(&self) -> usize {
        self.answers.iter().map(GivenAnswer::bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix_s(1_795_400_000);

    #[test]
    fn a_message_is_answered_once_and_then_known_with_its_answer() {
        let mut seen = Seen::default();
        assert_eq!(seen.look_up(7, NOW.unix_s(), NOW), Seenness::New);
        seen.remember(7, NOW.unix_s(), Given::Public("好".into()), NOW);
        let Seenness::Known(Some(answer)) = seen.look_up(7, NOW.unix_s(), NOW) else { panic!("not known") };
        assert_eq!(answer.given, Given::Public("好".into()));
    }

    #[test]
    fn what_is_forgotten_never_runs_again() {
        let mut seen = Seen::default();
        let sent: Vec<(u64, i64)> = (0..500).map(|n| (n, NOW.unix_s() + n as i64 / 3)).collect();
        for (key, created) in &sent {
            let now = Time::from_unix_s(*created);
            assert_eq!(seen.look_up(*key, *created, now), Seenness::New, "{key}");
            seen.remember(*key, *created, Given::Nothing, now);
        }
        assert!(seen.messages.len() <= MESSAGES_MAX);
        let later = NOW.plus(Duration::from_secs(3600));
        for (key, created) in &sent {
            assert_ne!(seen.look_up(*key, *created, later), Seenness::New, "{key}");
        }
    }

    #[test]
    fn a_message_from_the_future_mutes_nobody() {
        let mut seen = Seen::default();
        let month_ahead = NOW.plus(Duration::from_secs(30 * 86_400)).unix_s();
        seen.remember(1, month_ahead, Given::Nothing, NOW);
        for key in 2..200 {
            let now = NOW.plus(Duration::from_secs(key));
            assert_eq!(seen.look_up(key, now.unix_s(), now), Seenness::New, "{key}");
            seen.remember(key, now.unix_s(), Given::Nothing, now);
        }
    }

    #[test]
    fn a_retry_behind_two_long_answers_gets_its_own() {
        let mut seen = Seen::default();
        for key in 0..3 {
            seen.remember(key, NOW.unix_s(), Given::Public("长".repeat(410).into()), NOW);
        }
        assert!(matches!(seen.look_up(0, NOW.unix_s(), NOW), Seenness::Known(Some(_))));
    }

    #[test]
    fn long_answers_do_not_swell_the_row_and_the_latest_is_kept() {
        let mut seen = Seen::default();
        for key in 0..10 {
            seen.remember(key, NOW.unix_s(), Given::Public("长".repeat(600).into()), NOW);
        }
        assert!(seen.answers_bytes() <= ANSWERS_BYTES_MAX);
        assert!(matches!(seen.look_up(9, NOW.unix_s(), NOW), Seenness::Known(Some(_))));
        assert!(matches!(seen.look_up(0, NOW.unix_s(), NOW), Seenness::Known(None)));
    }
}
