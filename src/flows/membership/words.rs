//! What is stored, in a member's words.

use crate::content::{TextSpec, Value};
use crate::domain::member::quality::Quality;
use crate::domain::member::record::{
    ApplicationState, Card, CardState, Consent, Look, Member, Purpose, Tier, Wish,
};
use crate::flows::Turn;
use crate::flows::days::written;
use crate::flows::texts::words;

pub fn card(turn: &Turn, member: &Member) -> String {
    let Some(card) = &member.card else { return turn.say(&words::NO_CARD, &[]) };
    let bank = ("bank", Value::from(&card.bank));
    match (card.state_at(turn.now), until(card)) {
        (CardState::Active, Some(until)) => {
            turn.say(&words::CARD_ACTIVE_UNTIL, &[bank, ("until", until.into())])
        }
        (CardState::Active, None) => turn.say(&words::CARD_ACTIVE, &[bank]),
        (CardState::Lost, _) => turn.say(&words::CARD_LOST, &[bank]),
        (CardState::Expired, _) => turn.say(&words::CARD_EXPIRED, &[bank]),
    }
}

/// The last day on which it is good.
fn until(card: &Card) -> Option<String> {
    let last = card.until.map(|until| until.minus(std::time::Duration::from_millis(1)).date());
    last.map(written)
}

pub fn tier(tier: Tier) -> &'static TextSpec {
    match tier {
        Tier::Full => &words::TIER_FULL,
        Tier::Interim => &words::TIER_INTERIM,
        Tier::Retained => &words::TIER_KEPT,
    }
}

/// To what, when, to which words, and until when.
pub fn consent(turn: &Turn, consent: &Consent) -> String {
    let what = turn.say(purpose(consent.purpose), &[]);
    let at = consent.at.chinese_with_year();
    let [what, at, text] = [("what", what.into()), ("at", at.into()), ("text", Value::from(&consent.text))];
    match consent.withdrawn {
        Some(withdrawn) => {
            let withdrawn = withdrawn.chinese_with_year();
            turn.say(&words::AGREED_UNTIL, &[what, at, text, ("withdrawn", withdrawn.into())])
        }
        None => turn.say(&words::AGREED, &[what, at, text]),
    }
}

/// What was agreed to.
pub fn purpose(purpose: Purpose) -> &'static TextSpec {
    match purpose {
        Purpose::Membership => &words::TO_MEMBERSHIP,
        Purpose::Health => &words::TO_HEALTH,
        Purpose::Bank => &words::TO_BANK,
        Purpose::Service => &words::TO_SERVICE,
    }
}

/// What a member is, and that they are changing unions.
pub fn state(turn: &Turn, standing: Quality, member: &Member) -> String {
    let state = turn.say(quality(standing), &[]);
    match member.changes_union {
        true => turn.say(&words::CHANGES_UNION, &[("state", state.into())]),
        false => state,
    }
}

pub fn quality(quality: Quality) -> &'static TextSpec {
    match quality {
        Quality::Unknown => &words::IS_UNKNOWN,
        Quality::Pending { .. } => &words::IS_PENDING,
        Quality::Mismatch => &words::IS_MISMATCH,
        Quality::Verified => &words::IS_VERIFIED,
        Quality::Retained => &words::IS_RETAINED,
        Quality::Left => &words::OUT_LEFT,
        Quality::Suspended => &words::IS_SUSPENDED,
    }
}

pub fn wish(wish: &Wish) -> &'static TextSpec {
    match wish {
        Wish::Join { .. } => &words::WISH_JOIN,
        Wish::Transfer { .. } => &words::WISH_TRANSFER,
        Wish::Leave { .. } => &words::WISH_LEAVE,
    }
}

pub fn decision(state: &ApplicationState) -> &'static TextSpec {
    match state {
        ApplicationState::Open => &words::WISH_OPEN,
        ApplicationState::Approved => &words::WISH_APPROVED,
        ApplicationState::Refused { .. } => &words::WISH_REFUSED,
    }
}

/// What an answer that is kept for the next sign-up is called.
pub fn profile(kind: &str) -> &'static TextSpec {
    if kind == "phone" { &words::PHONE } else { &words::KEPT_ADDRESS }
}

pub fn looker(turn: &Turn, look: &Look) -> String {
    match look.by.as_str() {
        "" => turn.say(&words::LOOKER, &[]),
        by => turn.say(&words::LOOKER_NAMED, &[("by", by.into())]),
    }
}
