use std::time::Duration;

use super::record::{Notice, Way};
use crate::moment::{Moment, Time};

/// WeChat sends one template message per follower and client id, for so long (模板消息).
pub const CLIENT_ID_HOLDS: Duration = Duration::from_secs(600);
/// Tried so long; then it waits for the follower's next message.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(3 * 86_400);

/// A damaged row is mended by people: it, or what speaks of it, is tried again so often.
pub const MENDED_WITHIN: Duration = Duration::from_secs(3_600);

const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(1800);
/// How often something is sent again of which nobody knows whether it arrived.
const DOUBTFUL_ATTEMPTS_MAX: u16 = 3;

/// What to do when it isn't known whether a call had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDoubt {
    Repeat,
    /// Staff decide.
    Ask,
}

/// A template message with its client id is repeated without harm. Of the others, a fact is better told twice than
/// never; staff's own words are theirs to repeat.
pub fn after_doubt(notice: &Notice, way: Way, begun: Time, attempts: u16, now: Time) -> AfterDoubt {
    if way == Way::Template && now.since(begun) < CLIENT_ID_HOLDS {
        return AfterDoubt::Repeat;
    }
    match notice {
        Notice::Said { .. } => AfterDoubt::Ask,
        _ if attempts >= DOUBTFUL_ATTEMPTS_MAX => AfterDoubt::Ask,
        Notice::LateReply { .. }
        | Notice::OwnReply { .. }
        | Notice::Promoted { .. }
        | Notice::SeatOffered { .. }
        | Notice::OfferLapsed { .. }
        | Notice::DrawWon { .. }
        | Notice::DrawLost { .. }
        | Notice::Reminder { .. }
        | Notice::Absent { .. }
        | Notice::AppealAnswered { .. }
        | Notice::Reviewed { .. }
        | Notice::TakenBack { .. }
        | Notice::KitSent { .. }
        | Notice::KitReturned { .. }
        | Notice::PictureLost { .. }
        | Notice::ApplicationApproved { .. }
        | Notice::ApplicationRefused { .. }
        | Notice::AccountMoved { .. }
        | Notice::BroadcastPreview { .. }
        | Notice::Claim(_)
        | Notice::Case(_)
        | Notice::Welfare(_)
        | Notice::ActivityCancelled { .. }
        | Notice::ActivityChanged { .. } => AfterDoubt::Repeat,
    }
}

/// When to try again after so many attempts: doubling, up to half an hour, scattered by a quarter.
pub fn next_attempt(attempts: u16, moment: Moment) -> Time {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(12));
    let pause = doubled.min(LONGEST_PAUSE).as_millis() as u64;
    moment.now.plus(Duration::from_millis(pause * 3 / 4 + moment.seed % (pause / 2 + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::record::Moved;
    use crate::store::Sealed;

    #[test]
    fn pauses_double_up_to_half_an_hour_and_differ() {
        let now = Time::from_unix_s(1_795_400_000);
        let pause = |attempts, seed| next_attempt(attempts, Moment { now, seed }).since(now);
        for seed in [0, 1, 77, u64::MAX] {
            assert!(
                pause(1, seed) >= Duration::from_millis(1500)
                    && pause(1, seed) <= Duration::from_millis(2500)
            );
            assert!(pause(5, seed) > pause(3, seed));
            assert!(pause(60_000, seed) <= LONGEST_PAUSE * 5 / 4);
        }
        assert_ne!(pause(4, 1), pause(4, 500));
    }

    #[test]
    fn only_what_may_be_told_twice_is_repeated_blindly() {
        let at = Time::from_unix_s(1_795_400_000);
        let later = at.plus(CLIENT_ID_HOLDS);
        let said = Notice::Said { text: Sealed::new("您好".to_owned()) };
        let changed = Notice::ActivityChanged { activity: 1, number: None, moved: Moved::Time };
        assert_eq!(after_doubt(&said, Way::Custom, at, 1, at), AfterDoubt::Ask);
        assert_eq!(after_doubt(&said, Way::Template, at, 9, at), AfterDoubt::Repeat);
        assert_eq!(after_doubt(&said, Way::Template, at, 1, later), AfterDoubt::Ask);
        assert_eq!(after_doubt(&changed, Way::Custom, at, 1, at), AfterDoubt::Repeat);
        assert_eq!(after_doubt(&changed, Way::Custom, at, 3, at), AfterDoubt::Ask);
    }
}
