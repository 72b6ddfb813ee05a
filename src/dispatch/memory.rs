//! The storm: what is told from memory, without a commit. At ten o'clock many times more people tap than there are
//! coupons, and nearly all of them get the same answer.
//!
//! It is fed after the commit from what was written, may be late, and is never the reason to say yes: whoever isn't
//! surely told the same by the store goes on to the store. Restarting empties it, which costs some commits.

mod counts;
mod recent;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use xxhash_rust::xxh3::xxh3_64;

use super::{Outcome, Turned};
use crate::content::{Content, normalise};
use crate::domain::benefit::claim::Holders;
use crate::domain::benefit::rules::Refusal;
use crate::flows::Tap;
use crate::flows::spoken;
use crate::flows::texts::welfare;
use crate::flows::welfare::{How, Told, no};
use crate::moment::Time;
use crate::wechat::message::{Inbound, Kind};
use crate::wechat::reply::Reply;

pub use counts::{ClaimCounts, Counts};
use recent::{Pace, Paced, Recent};

/// What a deployment decides about claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Claims that one follower may try in a minute; beyond that they are told to wait.
    pub tries_a_minute: u8,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { tries_a_minute: 10 }
    }
}

/// Once in so long a claim for what is gone goes to the store all the same: something may have come back.
const RECHECK: Duration = Duration::from_secs(1);
/// Answers are kept this long for WeChat's retries, which end after 15 s.
const RETRIED_WITHIN: Duration = Duration::from_secs(60);
/// «为什么» and «提醒我» after an answer from memory.
const ASKED_WITHIN: Duration = Duration::from_secs(600);
/// So many messages, and so many followers, are remembered; beyond that the store is asked.
const REMEMBERED_MAX: usize = 200_000;
/// Of a release with more winners than this, nothing is told from memory.
const WINNERS_MAX: usize = 200_000;
/// A message that was under way for longer is the store's business.
const FRESH: Duration = Duration::from_secs(60);

/// Cheap to clone; clones are one memory.
#[derive(Clone)]
pub struct Memory(Arc<Shared>);

struct Shared {
    settings: Settings,
    gone: ArcSwap<HashMap<u32, Arc<Gone>>>,
    /// Benefit → how often something of it was given or came back: what was loaded before is no longer true.
    moved: Mutex<HashMap<u32, u64>>,
    loading: Mutex<HashSet<u32>>,
    /// Message → the answer it was given here.
    answers: Mutex<Recent<Given>>,
    /// Follower → the last answer that they were given here.
    last: Mutex<Recent<Last>>,
    last_kept: AtomicU64,
    pace: Mutex<Pace>,
    counts: Counts,
}

/// None left of a release.
struct Gone {
    refusal: Refusal,
    /// The next release.
    until: Option<Time>,
    /// Who has one of it is not told that it is gone.
    holders: HashSet<u64>,
    /// When the store last said so, Unix milliseconds.
    checked_ms: AtomicI64,
    /// Everybody is told the same: put together once, and again when staff edit the texts.
    words: ArcSwapOption<(Arc<Content>, Words)>,
}

/// A refusal and its reason.
#[derive(Clone)]
struct Words {
    text: Arc<str>,
    why: Arc<str>,
}

#[derive(Clone)]
struct Given {
    text: Arc<str>,
    created: i64,
}

/// What may be asked of an answer right after it.
#[derive(Clone)]
struct Last {
    benefit: u32,
    why: Arc<str>,
}

/// A load of who has one of a release, as long as nothing moves meanwhile.
pub struct Load {
    pub benefit: u32,
    refusal: Refusal,
    moved: u64,
    holders: HashSet<u64>,
}

impl Memory {
    pub fn new(settings: Settings) -> Memory {
        Memory(Arc::new(Shared {
            settings,
            gone: ArcSwap::default(),
            moved: Mutex::default(),
            loading: Mutex::default(),
            answers: Mutex::new(Recent::new(RETRIED_WITHIN, REMEMBERED_MAX)),
            last: Mutex::new(Recent::new(ASKED_WITHIN, REMEMBERED_MAX)),
            last_kept: AtomicU64::new(0),
            pace: Mutex::default(),
            counts: Counts::default(),
        }))
    }

    /// What was counted since the start.
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// The answer, if it is one that needs no commit.
    pub fn answer(&self, content: &Arc<Content>, message: &Inbound, now: Time) -> Option<Turned> {
        let who = xxh3_64(message.from.as_bytes());
        let Kind::Text { content: words, menu_id } = &message.kind else {
            self.forget_last(who);
            return None;
        };
        let tapped = menu_id.as_deref().and_then(|id| id.parse::<Tap>().ok());
        let claimed = match (tapped, menu_id) {
            (Some(Tap::Claim(benefit)), _) => Some(benefit),
            (_, None) => spoken::coupon_claimed(&normalise(words)).or_else(|| spoken::coupon_claimed(words)),
            _ => None,
        };
        let claimed = match claimed {
            Some(benefit) => benefit,
            None => {
                return self.why(words, who, now).map(|why| turned(message, why.to_string(), now.unix_s()));
            }
        };
        if now.since(Time::from_unix_s(message.created)) > FRESH {
            return None;
        }
        let key = message.key().0 ^ who.rotate_left(17);
        if let Some(given) = lock(&self.0.answers).get(key, now) {
            return Some(turned(message, given.text.to_string(), given.created));
        }
        let Some(Words { text, why }) = self.told(content, claimed, who, key, now) else {
            self.forget_last(who); // the store gives its own reason
            return None;
        };
        let given = Given { text, created: now.unix_s() };
        let reply = turned(message, given.text.to_string(), given.created);
        lock(&self.0.answers).keep(key, given, now);
        if lock(&self.0.last).keep(who, Last { benefit: claimed, why }, now) {
            self.0.last_kept.fetch_add(1, Ordering::Relaxed);
        }
        Some(reply)
    }

    /// A claim that the store answered counts towards the pace, however it was worded.
    pub fn count_try(&self, follower: &str, message: u64, now: Time) {
        let who = xxh3_64(follower.as_bytes());
        let key = message ^ who.rotate_left(17);
        lock(&self.0.pace).count(who, key, self.0.settings.tries_a_minute, now);
    }

    /// May this follower claim no more in this minute? A claim within a dialogue (`1`, `领取`) is known to be one
    /// only where the dialogue is, so that is told. How often is allowed.
    pub fn held_back(&self, message: &Inbound, now: Time) -> Option<u8> {
        let Kind::Text { .. } = message.kind else { return None };
        let (who, max) = (xxh3_64(message.from.as_bytes()), self.0.settings.tries_a_minute);
        let key = message.key().0 ^ who.rotate_left(17);
        lock(&self.0.pace).is_full(who, key, max, now).then_some(max)
    }

    /// The message as it is meant: 提醒我, typed right after an answer from here, which no dialogue knows of, stands for
    /// the link that it named.
    pub fn in_context(&self, message: Arc<Inbound>, now: Time) -> Arc<Inbound> {
        let Kind::Text { content: words, menu_id: None } = &message.kind else { return message };
        if self.0.last_kept.load(Ordering::Relaxed) == 0 || !spoken::REMIND.contains(&&*normalise(words)) {
            return message;
        }
        let who = xxh3_64(message.from.as_bytes());
        let Some(last) = lock(&self.0.last).get(who, now) else { return message };
        let menu_id = Some(Tap::Remind(last.benefit).to_string());
        let kind = Kind::Text { content: words.clone(), menu_id };
        Arc::new(Inbound { kind, ..Inbound::clone(&message) })
    }

    fn forget_last(&self, who: u64) {
        if self.0.last_kept.load(Ordering::Relaxed) > 0 {
            lock(&self.0.last).forget(who);
        }
    }

    /// The sentence and its reason.
    fn told(&self, content: &Arc<Content>, benefit: u32, who: u64, key: u64, now: Time) -> Option<Words> {
        let max = self.0.settings.tries_a_minute;
        match lock(&self.0.pace).count(who, key, max, now) {
            Paced::New => {}
            // The store has its answer, which may have been another.
            Paced::Again => return None,
            Paced::TooFast => {
                self.0.counts.count_from_memory(benefit, "too_fast");
                let why = [("max", max.into())];
                return Some(Words {
                    text: content.texts.render(&welfare::TOO_FAST, &[]).into(),
                    why: content.texts.render(&welfare::TOO_FAST_WHY, &why).into(),
                });
            }
        }
        let gone = self.0.gone.load();
        let gone = gone.get(&benefit)?;
        if gone.holders.contains(&who) || gone.until.is_some_and(|until| now >= until) || gone.is_due(now) {
            return None;
        }
        self.0.counts.count_from_memory(benefit, "gone_from_memory");
        Some(gone.words(content, benefit))
    }

    /// What «为什么» asks for right after an answer from memory. Whatever else is said ends that.
    fn why(&self, words: &str, who: u64, now: Time) -> Option<Arc<str>> {
        if self.0.last_kept.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut last = lock(&self.0.last);
        let asked = super::route::COMMANDS.iter().any(|(command, known)| {
            *command == super::route::Command::Why && known.contains(&&*normalise(words))
        });
        let kept = if asked { last.get(who, now) } else { last.forget(who).and(None) };
        kept.map(|last| last.why)
    }

    /// What a turn wrote, once it is acknowledged. `Some`: the store is to be asked who has one.
    pub fn learn(&self, told: &Told, now: Time) -> Option<Load> {
        let Told { benefit, how } = told;
        self.0.counts.count(*benefit, how.name());
        match how {
            How::Given { left, low } => {
                self.0.counts.left(*benefit, *left);
                if *low {
                    tracing::warn!(benefit, left, "little is left of a benefit; top it up");
                }
                *lock(&self.0.moved).entry(*benefit).or_default() += 1;
                self.drop_gone(*benefit);
                None
            }
            How::TooFast => None,
            How::Gone(refusal) => self.learn_gone(*benefit, refusal, now),
            How::Refused("not_yet" | "ended" | "suspended" | "unknown_benefit") => {
                self.drop_gone(*benefit);
                None
            }
            How::Refused(_) => None,
        }
    }

    fn learn_gone(&self, benefit: u32, refusal: &Refusal, now: Time) -> Option<Load> {
        if let Some(gone) = self.0.gone.load().get(&benefit).filter(|gone| gone.refusal == *refusal) {
            gone.checked_ms.fetch_max(now.unix_ms(), Ordering::Relaxed);
            return None;
        }
        if !lock(&self.0.loading).insert(benefit) {
            return None;
        }
        let moved = lock(&self.0.moved).get(&benefit).copied().unwrap_or_default();
        Some(Load { benefit, refusal: refusal.clone(), moved, holders: HashSet::new() })
    }

    /// Ends a load, with whoever has one; `None` if it failed.
    pub fn loaded(&self, load: Load, whole: bool, now: Time) {
        lock(&self.0.loading).remove(&load.benefit);
        let moved = lock(&self.0.moved);
        let still = moved.get(&load.benefit).copied().unwrap_or_default() == load.moved;
        if !whole || !still || load.holders.len() > WINNERS_MAX {
            return;
        }
        let Refusal::Gone { next, .. } = load.refusal else { return };
        let gone = Arc::new(Gone {
            refusal: load.refusal,
            until: next,
            holders: load.holders,
            checked_ms: AtomicI64::new(now.unix_ms()),
            words: ArcSwapOption::empty(),
        });
        self.0.gone.rcu(|all| {
            let mut all = HashMap::clone(all);
            all.insert(load.benefit, Arc::clone(&gone));
            all
        });
    }

    fn drop_gone(&self, benefit: u32) {
        if !self.0.gone.load().contains_key(&benefit) {
            return;
        }
        self.0.gone.rcu(|all| {
            let mut all = HashMap::clone(all);
            all.remove(&benefit);
            all
        });
    }
}

impl Load {
    /// Takes a page of those who have one; where to go on.
    pub fn add(&mut self, page: &Holders) -> Option<u32> {
        self.holders.extend(page.holders.iter().map(|who| xxh3_64(who.as_str().as_bytes())));
        page.next.filter(|_| self.holders.len() <= WINNERS_MAX)
    }

    /// When the release began that none is left of.
    pub fn release(&self) -> Time {
        match self.refusal {
            Refusal::Gone { release, .. } => release,
            _ => Time::default(),
        }
    }
}

impl Gone {
    fn words(&self, content: &Arc<Content>, benefit: u32) -> Words {
        if let Some(known) = &*self.words.load()
            && Arc::ptr_eq(&known.0, content)
        {
            return known.1.clone();
        }
        let (text, why) = no(content, benefit, &self.refusal);
        let words = Words { text: text.into(), why: why.into() };
        self.words.store(Some(Arc::new((Arc::clone(content), words.clone()))));
        words
    }

    /// Is it this claim's turn to ask the store again?
    fn is_due(&self, now: Time) -> bool {
        let checked = self.checked_ms.load(Ordering::Relaxed);
        if now.since(Time::from_unix_ms(checked)) < RECHECK {
            return false;
        }
        let now = now.unix_ms();
        self.checked_ms.compare_exchange(checked, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

fn turned(message: &Inbound, text: String, created: i64) -> Turned {
    Turned {
        follower: message.from.clone(),
        reply: Some(Reply::Text { content: text }),
        reply_created: created,
        flow: "welfare_memory",
        outcome: Outcome::Refused,
        key: message.key().0,
        told: None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
