//! Seats that are for some people first (名额分配): who counts in which share, and what is kept for others.

use std::time::Duration;

use super::record::*;
use crate::domain::eligibility::eligible;
use crate::domain::member::standing::Standing;
use crate::moment::Time;

/// After unused seats open to all, who waits goes first; who comes meanwhile has what they left.
pub(super) const SETTLES: Duration = Duration::from_secs(60);

/// The first share that fits the person. `starts`: of the session, for ages.
pub fn share_of(quota: Option<&Quota>, standing: &Standing, starts: Time, now: Time) -> Option<u8> {
    let fits = |share: &Share| {
        let days = Duration::from_secs(86_400 * u64::from(share.new_within_days));
        let is_new = share.new_within_days == 0 || standing.bound.is_some_and(|bound| now < bound.plus(days));
        is_new && eligible(&share.who, standing, starts, now).is_ok()
    };
    let index = quota?.shares.iter().position(fits)?;
    u8::try_from(index).ok()
}

/// What each share has not used yet.
pub fn unused(quota: &Quota, count: &SessionCount) -> Vec<u32> {
    quota.shares.iter().zip(count.shares).map(|(share, taken)| share.seats.saturating_sub(taken)).collect()
}

/// Free seats that are kept for others than those of this share.
pub fn kept_for_others(quota: Option<&Quota>, count: &SessionCount, share: Option<u8>, now: Time) -> u32 {
    let Some(quota) = quota.filter(|quota| quota.opens.is_none_or(|opens| now < opens)) else { return 0 };
    let unused = unused(quota, count).into_iter().enumerate();
    unused.filter(|(index, _)| share.map(usize::from) != Some(*index)).map(|(_, seats)| seats).sum()
}

/// Did the unused seats open just now, with people waiting for them?
pub fn is_settling(quota: Option<&Quota>, count: &SessionCount, now: Time) -> bool {
    let opened = quota.and_then(|quota| quota.opens);
    count.waiting > 0 && opened.is_some_and(|opens| (opens..opens.plus(SETTLES)).contains(&now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eligibility::Eligibility;
    use crate::domain::member::record::{MemberId, Tier};

    const NOW: Time = Time::from_unix_s(1_795_400_000);

    fn share(name: &str, seats: u32, who: Eligibility) -> Share {
        Share { name: name.to_owned(), seats, who, new_within_days: 0 }
    }

    fn quota() -> Quota {
        let gig = Eligibility { tiers: vec![Tier::Interim], ..Eligibility::default() };
        let district = Eligibility { districts: vec!["鄞州".to_owned()], ..Eligibility::default() };
        let opens = Some(NOW.plus(Duration::from_secs(3600)));
        Quota { shares: vec![share("新就业", 3, gig), share("鄞州", 2, district)], opens }
    }

    #[test]
    fn the_first_share_that_fits_counts_and_a_newcomer_s_ends() {
        let mut quota = quota();
        let member = |tier, district: &str| Standing {
            member: Some(MemberId(1)),
            tier: Some(tier),
            district: Some(district.to_owned()),
            bound: Some(NOW.minus(Duration::from_secs(86_400 * 10))),
            ..Standing::default()
        };
        let of = |quota: &Quota, standing: &Standing| share_of(Some(quota), standing, NOW, NOW);
        assert_eq!(of(&quota, &member(Tier::Interim, "鄞州")), Some(0));
        assert_eq!(of(&quota, &member(Tier::Full, "鄞州")), Some(1));
        assert_eq!(of(&quota, &member(Tier::Full, "海曙")), None);
        assert_eq!(of(&quota, &Standing::default()), None);
        quota.shares[1].new_within_days = 7;
        assert_eq!(of(&quota, &member(Tier::Full, "鄞州")), None, "recognised ten days ago");
        quota.shares[1].new_within_days = 30;
        assert_eq!(of(&quota, &member(Tier::Full, "鄞州")), Some(1));
    }

    #[test]
    fn what_others_have_not_used_is_kept_for_them_until_it_opens() {
        let (quota, mut count) = (quota(), SessionCount::default());
        count.shares[0] = 1;
        let kept = |share, now| kept_for_others(Some(&quota), &count, share, now);
        assert_eq!((kept(None, NOW), kept(Some(0), NOW), kept(Some(1), NOW)), (4, 2, 2));
        let opens = quota.opens.unwrap();
        assert_eq!((kept(None, opens), kept(Some(1), opens)), (0, 0));
        let waiting = SessionCount { waiting: 1, ..count };
        assert!(is_settling(Some(&quota), &waiting, opens) && !is_settling(Some(&quota), &count, opens));
    }
}
