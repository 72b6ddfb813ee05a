//! Pulling the account's followers from WeChat, page by page: what is wanted, and how far it is.

use serde::{Deserialize, Serialize};

use crate::domain::contact::record::{Came, Contact, FollowerId};
use crate::domain::tables::{CONTACTS, FOLLOWER_SYNC};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// There is one at a time.
const ONLY: u8 = 0;
const WHY_CHARS_MAX: usize = 300;

/// One pull. It goes on from `next` after a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pull {
    pub state: PullState,
    /// Tags and the time of following are asked for as well: a call for every hundred followers.
    pub details: bool,
    /// The last openid of the last page that was written down whole.
    #[serde(default)]
    pub next: Option<String>,
    /// Followers that WeChat says there are.
    #[serde(default)]
    pub total: u64,
    /// Followers written down.
    #[serde(default)]
    pub done: u64,
    /// Of these, unknown before.
    #[serde(default)]
    pub new: u64,
    pub asked: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullState {
    Running,
    Done {
        at: Time,
    },
    /// It was given up; asking again goes on from where it was.
    Failed {
        why: String,
    },
}

/// What WeChat tells of one follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub openid: String,
    /// Absent without details.
    pub details: Option<Details>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub tags: Vec<u32>,
    pub followed: Option<Time>,
    /// The QR code's scene by which they came.
    pub scene: Option<String>,
}

pub fn get(tx: &Tx) -> Result<Option<Pull>, Fault> {
    tx.get(&FOLLOWER_SYNC, &ONLY)
}

/// Asks for a pull. One that runs goes on; one that failed goes on from where it was.
pub fn request(tx: &mut Tx, details: bool) -> Result<Pull, Fault> {
    let asked = tx.moment().now;
    let fresh = Pull { state: PullState::Running, details, next: None, total: 0, done: 0, new: 0, asked };
    let sync = match get(tx)? {
        Some(sync) if sync.state == PullState::Running => return Ok(sync),
        Some(sync) if matches!(sync.state, PullState::Failed { .. }) && sync.details == details => {
            Pull { state: PullState::Running, ..sync }
        }
        _ => fresh,
    };
    tx.put(&FOLLOWER_SYNC, &ONLY, &sync)?;
    Ok(sync)
}

/// Writes down followers of a page that WeChat listed; returns how many were unknown. Of those that are known only what
/// WeChat told changes, so that it may be done twice.
pub fn write_down(tx: &mut Tx, known: &[Known]) -> Result<u64, Fault> {
    let now = tx.moment().now;
    let mut new = 0;
    for follower in known {
        let who = FollowerId::new(follower.openid.as_str());
        let before = tx.get(&CONTACTS, &who)?;
        new += u64::from(before.is_none());
        let mut contact = before.clone().unwrap_or_else(|| Contact::unheard(now));
        contact.subscribed = true;
        if let Some(details) = &follower.details {
            contact.reach.tags.clone_from(&details.tags);
            contact.followed = details.followed.or(contact.followed);
            if let (Came::Unknown, Some(scene)) = (&contact.came, &details.scene) {
                contact.came = Came::Scanned(scene.chars().take(64).collect());
            }
        }
        if before.as_ref() != Some(&contact) {
            tx.put(&CONTACTS, &who, &contact)?;
        }
    }
    Ok(new)
}

/// A page was written down whole.
pub fn advance(tx: &mut Tx, page: u64, new: u64, total: u64, next: Option<&str>) -> Result<(), Fault> {
    let at = tx.moment().now;
    let Some(mut sync) = get(tx)? else { return Ok(()) };
    (sync.done, sync.new, sync.total) = (sync.done + page, sync.new + new, total);
    match next {
        Some(next) => sync.next = Some(next.to_owned()),
        None => (sync.next, sync.state) = (None, PullState::Done { at }),
    }
    tx.put(&FOLLOWER_SYNC, &ONLY, &sync)
}

/// The pull that runs, if one does, is given up.
pub fn fail(tx: &mut Tx, why: &str) -> Result<(), Fault> {
    let Some(mut sync) = get(tx)?.filter(|sync| sync.state == PullState::Running) else { return Ok(()) };
    sync.state = PullState::Failed { why: why.chars().take(WHY_CHARS_MAX).collect() };
    tx.put(&FOLLOWER_SYNC, &ONLY, &sync)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::CATALOG;
    use crate::store::testing::Bench;

    fn listed(openid: &str, tags: Option<Vec<u32>>) -> Known {
        let details = tags.map(|tags| Details { tags, followed: Some(Time::from_unix_s(9)), scene: None });
        Known { openid: openid.to_owned(), details }
    }

    #[test]
    fn who_is_known_keeps_what_we_know_and_who_left_follows_again() {
        let mut bench = Bench::new(CATALOG);
        let mei = FollowerId::new("oMei");
        bench
            .run(|tx| {
                let mut contact = Contact::new(tx.moment().now);
                (contact.subscribed, contact.misses) = (false, 2);
                tx.put(&CONTACTS, &mei, &contact)
            })
            .unwrap();
        let page = [listed("oMei", Some(vec![100])), listed("oNew", None)];
        assert_eq!(bench.run(|tx| write_down(tx, &page)).unwrap(), 1);
        assert_eq!(bench.run(|tx| write_down(tx, &page)).unwrap(), 0, "twice changes nothing");
        let contact = bench.run(|tx| tx.get(&CONTACTS, &mei)).unwrap().unwrap();
        assert_eq!((contact.subscribed, contact.misses, &contact.reach.tags[..]), (true, 2, &[100][..]));
        assert!(contact.heard().is_some());
        let new = bench.run(|tx| tx.get(&CONTACTS, &FollowerId::new("oNew"))).unwrap().unwrap();
        assert_eq!(new.heard(), None, "to be listed by WeChat is not to write");
    }

    #[test]
    fn a_pull_that_failed_goes_on_from_where_it_was() {
        let mut bench = Bench::new(CATALOG);
        bench.run(|tx| request(tx, true)).unwrap();
        bench.run(|tx| advance(tx, 10, 3, 25, Some("o10"))).unwrap();
        let running = bench.run(|tx| request(tx, false)).unwrap();
        assert_eq!((running.done, running.details), (10, true), "one at a time");
        bench.run(|tx| fail(tx, "WeChat says no")).unwrap();
        let again = bench.run(|tx| request(tx, true)).unwrap();
        assert_eq!((again.next.as_deref(), again.done, again.state), (Some("o10"), 10, PullState::Running));
        bench.run(|tx| advance(tx, 15, 0, 25, None)).unwrap();
        assert!(matches!(bench.run(|tx| get(tx)).unwrap().unwrap().state, PullState::Done { .. }));
        bench.run(|tx| fail(tx, "WeChat takes no tags")).unwrap();
        assert!(matches!(bench.run(|tx| get(tx)).unwrap().unwrap().state, PullState::Done { .. }));
        assert_eq!(bench.run(|tx| request(tx, true)).unwrap().done, 0, "the next one is from the start");
    }
}
