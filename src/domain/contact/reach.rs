//! What WeChat lets us send to one follower, and what they want to hear.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::moment::Time;

/// Kept in the contact's row, so that what changes with each message costs no write of its own. What is empty is
/// not stored.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Allowance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tap: Option<Allowance>,
    /// Subscription template → notices consented to (订阅通知: one consent, one notice).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consents: Vec<(String, u16)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<MonthCounts>,
    /// Topics that the follower chose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// The follower said 退订通知: nothing is broadcast to them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    /// The account's tags that this follower has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<u32>,
    /// Sends whose result WeChat tells later, latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    awaited: Vec<(String, Origin)>,
}

/// So many customer-service messages, until then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Allowance(u8, Time);

/// What was sent in a calendar month of Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct MonthCounts {
    /// Since the year 0.
    month: u32,
    mass: u8,
    notices: u8,
}

/// What a send belonged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    Outbox(u64),
    Broadcast(u32),
}

/// Customer-service messages that a follower's act allows (WeChat, 客服消息). The figures changed before (20 until
/// 2023), so they are settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// After a message, for 48 hours.
    pub after_message: u8,
    /// After a menu click, a tap on a link, a scan or following, for one minute.
    pub after_tap: u8,
    /// Mass-sent messages that reach a follower in a calendar month (WeChat, 群发).
    pub mass_a_month: u8,
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas { after_message: 5, after_tap: 3, mass_a_month: 4 }
    }
}

const MESSAGE_WINDOW: Duration = Duration::from_secs(48 * 3600);
const TAP_WINDOW: Duration = Duration::from_secs(60);
/// A call that begins in the window's last moments would arrive after it.
const MARGIN: Duration = Duration::from_secs(5);
const AWAITED_MAX: usize = 4;
const CONSENTS_MAX: usize = 25; // as many as an account has templates

impl Reach {
    /// The follower sent a message. How allowances add up is not documented, so a new one takes the place of the
    /// old one of its kind.
    pub fn messaged(&mut self, now: Time, quotas: &Quotas) {
        self.message = Some(Allowance(quotas.after_message, now.plus(MESSAGE_WINDOW)));
    }

    /// The follower tapped, scanned or followed.
    pub fn tapped(&mut self, now: Time, quotas: &Quotas) {
        self.tap = Some(Allowance(quotas.after_tap, now.plus(TAP_WINDOW)));
    }

    /// May a customer-service message be sent now?
    pub fn custom_is_open(&self, now: Time) -> bool {
        [self.tap, self.message].into_iter().flatten().any(|allowance| allowance.is_open(now))
    }

    /// Counts one customer-service message, on the allowance that ends first.
    pub fn spend_custom(&mut self, now: Time) {
        let open = [&mut self.tap, &mut self.message].into_iter().flatten();
        if let Some(first) = open.filter(|allowance| allowance.is_open(now)).min_by_key(|a| a.1) {
            first.0 -= 1;
        }
    }

    /// WeChat says that the window is shut or the quota used up, whatever we counted.
    pub fn shut_custom(&mut self) {
        (self.tap, self.message) = (None, None);
    }

    /// The follower agreed to one more notice by this template.
    pub fn consent(&mut self, template: &str) {
        if let Some((_, count)) = self.consents.iter_mut().find(|(known, _)| known == template) {
            *count = count.saturating_add(1);
        } else if self.consents.len() < CONSENTS_MAX {
            self.consents.push((template.to_owned(), 1));
        }
    }

    /// No more notices by this template: refused, or the consents are used up.
    pub fn refuse(&mut self, template: &str) {
        self.consents.retain(|(known, _)| known != template);
    }

    pub fn consents_to(&self, template: &str) -> bool {
        self.consents.iter().any(|(known, count)| known == template && *count > 0)
    }

    pub fn spend_consent(&mut self, template: &str) {
        if let Some((_, count)) = self.consents.iter_mut().find(|(known, _)| known == template) {
            *count = count.saturating_sub(1);
        }
        self.consents.retain(|(_, count)| *count > 0);
    }

    /// Mass-sent messages that WeChat still delivers to this follower in this month.
    pub fn mass_left(&self, now: Time, quotas: &Quotas) -> u8 {
        quotas.mass_a_month.saturating_sub(self.counts(now).mass)
    }

    pub fn count_mass(&mut self, now: Time) {
        let counts = self.counts(now);
        self.month = Some(MonthCounts { mass: counts.mass.saturating_add(1), ..counts });
    }

    /// Broadcasts of any way that reached this follower in this month.
    pub fn notices_this_month(&self, now: Time) -> u8 {
        self.counts(now).notices
    }

    pub fn count_notice(&mut self, now: Time) {
        let counts = self.counts(now);
        self.month = Some(MonthCounts { notices: counts.notices.saturating_add(1), ..counts });
    }

    /// Does the follower want to hear of this topic? Who chose none hears of all.
    pub fn hears_of(&self, topic: &str) -> bool {
        !self.stopped && (self.topics.is_empty() || self.topics.iter().any(|chosen| chosen == topic))
    }

    /// A mass send that was counted was not made after all.
    pub fn uncount_mass(&mut self, now: Time) {
        let counts = self.counts(now);
        let (mass, notices) = (counts.mass.saturating_sub(1), counts.notices.saturating_sub(1));
        self.month = Some(MonthCounts { mass, notices, ..counts });
    }

    /// Remembers whose send this was, for WeChat's later word on it.
    pub fn await_result(&mut self, msg_id: &str, of: Origin) {
        if self.awaited.len() >= AWAITED_MAX {
            self.awaited.remove(0);
        }
        self.awaited.push((msg_id.to_owned(), of));
    }

    /// Whose send WeChat tells the result of.
    pub fn result_of(&mut self, msg_id: &str) -> Option<Origin> {
        let at = self.awaited.iter().position(|(awaited, _)| awaited == msg_id)?;
        Some(self.awaited.remove(at).1)
    }

    /// The follower left: what WeChat allowed is void, what they chose is theirs to choose anew.
    pub fn left(&mut self) {
        let month = self.month; // following anew gives no new quota
        *self = Reach { month, ..Reach::default() };
    }

    fn counts(&self, now: Time) -> MonthCounts {
        let date = now.date();
        let month = u32::from(date.year().unsigned_abs()) * 12 + u32::from(date.month().unsigned_abs());
        self.month.filter(|counts| counts.month == month).unwrap_or(MonthCounts {
            month,
            mass: 0,
            notices: 0,
        })
    }
}

impl Allowance {
    fn is_open(self, now: Time) -> bool {
        self.0 > 0 && now.plus(MARGIN) < self.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix_s(1_795_400_000);
    const QUOTAS: Quotas = Quotas { after_message: 5, after_tap: 3, mass_a_month: 4 };

    fn after(seconds: u64) -> Time {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_message_opens_the_window_for_48_hours_and_five_messages() {
        let mut reach = Reach::default();
        assert!(!reach.custom_is_open(NOW));
        reach.messaged(NOW, &QUOTAS);
        assert!(reach.custom_is_open(after(48 * 3600 - 60)));
        assert!(!reach.custom_is_open(after(48 * 3600)));
        for _ in 0..5 {
            assert!(reach.custom_is_open(NOW));
            reach.spend_custom(NOW);
        }
        assert!(!reach.custom_is_open(NOW));
        reach.messaged(after(60), &QUOTAS);
        assert!(reach.custom_is_open(after(60)));
    }

    #[test]
    fn what_ends_first_is_spent_first() {
        let mut reach = Reach::default();
        reach.messaged(NOW, &QUOTAS);
        reach.tapped(NOW, &QUOTAS);
        (0..3).for_each(|_| reach.spend_custom(NOW));
        let later = after(61);
        for _ in 0..5 {
            assert!(reach.custom_is_open(later));
            reach.spend_custom(later);
        }
        assert!(!reach.custom_is_open(later));
    }

    #[test]
    fn counts_begin_anew_with_the_month_of_shanghai() {
        let end = Time::parse("2026-11-30T23:59:00+08:00").unwrap();
        let next = Time::parse("2026-12-01T00:00:00+08:00").unwrap();
        let mut reach = Reach::default();
        (0..4).for_each(|_| reach.count_mass(end));
        reach.count_notice(end);
        assert_eq!((reach.mass_left(end, &QUOTAS), reach.notices_this_month(end)), (0, 1));
        assert_eq!((reach.mass_left(next, &QUOTAS), reach.notices_this_month(next)), (4, 0));
    }

    #[test]
    fn a_consent_is_good_for_one_notice_and_a_refusal_ends_them_all() {
        let mut reach = Reach::default();
        reach.consent("tpl");
        reach.consent("tpl");
        reach.spend_consent("tpl");
        assert!(reach.consents_to("tpl") && !reach.consents_to("other"));
        reach.spend_consent("tpl");
        assert!(!reach.consents_to("tpl"));
        reach.consent("tpl");
        reach.refuse("tpl");
        assert!(!reach.consents_to("tpl"));
    }

    #[test]
    fn following_anew_gives_no_new_month() {
        let mut reach = Reach::default();
        reach.messaged(NOW, &QUOTAS);
        reach.count_mass(NOW);
        reach.stopped = true;
        reach.left();
        assert!(!reach.custom_is_open(NOW) && !reach.stopped);
        assert_eq!(reach.mass_left(NOW, &QUOTAS), 3);
    }

    #[test]
    fn the_result_of_a_send_finds_its_origin_once() {
        let mut reach = Reach::default();
        (0..6).for_each(|n| reach.await_result(&n.to_string(), Origin::Outbox(n)));
        assert_eq!(reach.result_of("5"), Some(Origin::Outbox(5)));
        assert_eq!(reach.result_of("5"), None);
        assert_eq!(reach.result_of("0"), None, "only the latest are kept");
    }
}
