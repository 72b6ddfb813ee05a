//! 我的: what is kept of a member, who looked at it, and every way out.

use super::{State, Stepped, choices, chosen, export, words};
use crate::content::service::Form;
use crate::content::{TextSpec, Value};
use crate::domain::activity::{forget, holder, kit};
use crate::domain::benefit::keep::usable;
use crate::domain::claim::retain;
use crate::domain::media::commands::of_follower as pictures;
use crate::domain::member::binding::{Refusal, member_of, unbind};
use crate::domain::member::consent::Separate;
use crate::domain::member::parted::KEPT_FOR;
use crate::domain::member::quality::{Quality, quality};
use crate::domain::member::record::{Consent, Look, MemberId, Purpose};
use crate::domain::member::{application, consent, erase, list};
use crate::domain::tables::{LOOKS, PROFILES};
use crate::flows::spoken::{
    ACCOUNT_DATA, ALL_CONSENTS, DATA, ERASE, LEAVE, MEMBERSHIP, PENDING, UNBIND, VERIFY, WITHDRAW,
    WITHDRAW_CONSENT,
};
use crate::flows::texts::{membership as texts, words as said};
use crate::flows::{Input, Step, Turn, done, next, offers};
use crate::privacy::{mask_address, mask_card, mask_identity, mask_phone};
use crate::store::Fault;

const UNION_CHARS: std::ops::RangeInclusive<usize> = 2..=60;
/// Looks that are shown, the latest first.
const LOOKS_SHOWN: usize = 5;

/// Sign-ups and photos that are counted.
const COUNTED: usize = 100;

pub fn home(turn: &mut Turn) -> Stepped {
    let standing = quality(turn.tx, turn.who)?;
    let Some((id, member)) = member_of(turn.tx, turn.who)? else { return stranger(turn, standing) };
    let name = list::named(turn.tx, &member)?.map(|named| named.name).unwrap_or_default();
    let values = [
        ("number", Value::from(id.to_string())),
        ("name", name.into()),
        ("state", words::state(turn, standing, &member).into()),
        ("union", Value::from(&member.union)),
        ("card", words::card(turn, &member).into()),
        ("choices", Value::raw(choices(MEMBERSHIP))),
    ];
    let mut text = turn.say(&texts::HOME, &values);
    if matches!(standing, Quality::Left | Quality::Suspended) {
        let state = turn.say(words::quality(standing), &[]);
        text = format!("{}\n\n{text}", turn.say(&texts::NOT_IN, &[("state", state.into())]));
    }
    next(State::Home, text)
}

/// Whose account is no member's: how far they are.
fn stranger(turn: &mut Turn, standing: Quality) -> Stepped {
    match standing {
        Quality::Pending { since } => {
            let values = [("since", since.into()), ("choices", Value::raw(choices(PENDING)))];
            next(State::Pending, turn.say(&texts::HOME_PENDING, &values))
        }
        Quality::Mismatch => done(turn.say(&texts::HOME_MISMATCH, &[])),
        _ => done(turn.say(&texts::HOME_STRANGER, &[])),
    }
}

pub fn pending(turn: &mut Turn, input: &Input) -> Stepped {
    if chosen(input, PENDING) == Some(0) { ask_to_withdraw_all(turn) } else { Ok(Step::Pass) }
}

pub fn choose(turn: &mut Turn, input: &Input) -> Stepped {
    match chosen(input, MEMBERSHIP) {
        Some(0) => data(turn),
        Some(3) => join(turn),
        Some(4) => ask_to_leave(turn),
        Some(5) => ask_to_unbind(turn),
        Some(6) => ask_to_erase(turn),
        // 我的报名, 我的券包: flows of their own, found by their words.
        _ => Ok(Step::Pass),
    }
}

/// 我的资料, masked as it is on every screen.
pub fn data(turn: &mut Turn) -> Stepped {
    let Some((id, member)) = member_of(turn.tx, turn.who)? else { return account_data(turn) };
    let Some(named) = list::named(turn.tx, &member)? else { return account_data(turn) };
    let consents = consent::all(turn.tx, turn.who)?;
    let since = member.account.as_ref().map_or(member.changed, |account| account.since);
    let number = named.card.as_deref().map(mask_card).unwrap_or_default();
    let values = [
        ("number", Value::from(id.to_string())),
        ("name", Value::from(&named.name)),
        ("identity", mask_identity(&named.identity).into()),
        ("phone", named.phone.as_deref().map(mask_phone).unwrap_or_default().into()),
        ("union", Value::from(&member.union)),
        ("district", Value::from(&member.district)),
        ("tier", turn.say(words::tier(member.tier), &[]).into()),
        ("state", words::state(turn, quality(turn.tx, turn.who)?, &member).into()),
        ("card", format!("{} {number}", words::card(turn, &member)).trim().to_owned().into()),
        ("since", since.into()),
        ("consents", agreed(turn, &consents).into()),
        ("sign_ups", sign_ups_kept(turn).into()),
        ("looks", looks(turn, id)?.into()),
        ("choices", Value::raw(choices(DATA))),
    ];
    next(State::Data, turn.say(&texts::DATA, &values))
}

/// What an account holds that is no member's: who signed up with a phone number and an address may see them, and have
/// them erased, like anybody (Art. 44-47).
fn account_data(turn: &mut Turn) -> Stepped {
    let consents = consent::all(turn.tx, turn.who)?;
    let profile = turn.tx.get(&PROFILES, turn.who)?.unwrap_or_default();
    let known = |kind: &str, mask: fn(&str) -> String| match profile.answers.get(kind) {
        Some(value) => mask(value.reveal()),
        None => turn.say(&texts::NONE_KEPT, &[]),
    };
    let (phone, address) = (known("phone", mask_phone), known("address", mask_address));
    let sign_ups = holder::mine(turn.tx, turn.who, COUNTED)?.len();
    let photos = pictures(turn.tx, turn.who, COUNTED)?.len();
    let holds = consents.iter().any(|consent| consent.withdrawn.is_none());
    let words = ACCOUNT_DATA.iter().copied().chain(holds.then_some(WITHDRAW_CONSENT)).collect::<Vec<_>>();
    let values = [
        ("phone", phone.into()),
        ("address", address.into()),
        ("sign_ups", sign_ups.into()),
        ("photos", photos.into()),
        ("consents", agreed(turn, &consents).into()),
        ("sign_ups_kept", sign_ups_kept(turn).into()),
        ("choices", Value::raw(choices(&words))),
    ];
    next(State::AccountData, turn.say(&texts::ACCOUNT_DATA, &values))
}

fn sign_ups_kept(turn: &Turn) -> String {
    let values = [
        ("days", forget::KEPT_DAYS.into()),
        ("children_days", forget::CHILDREN_KEPT_DAYS.into()),
        ("kit_days", (kit::KEPT_FOR.as_secs() / 86_400).into()),
    ];
    turn.say(&texts::SIGN_UPS_KEPT, &values)
}

pub fn choose_account_data(turn: &mut Turn, input: &Input) -> Stepped {
    let words: Vec<&str> = ACCOUNT_DATA.iter().copied().chain([WITHDRAW_CONSENT]).collect();
    match chosen(input, &words) {
        Some(0) => export::page(turn, 0),
        Some(1) => ask_to_erase(turn),
        Some(2) => ask_to_withdraw(turn),
        _ => Ok(Step::Pass),
    }
}

/// All that was agreed to, also what was taken back; the latest first.
fn agreed(turn: &Turn, consents: &[Consent]) -> String {
    if consents.is_empty() {
        return turn.say(&texts::CONSENTS_NONE, &[]);
    }
    consents.iter().rev().map(|consent| words::consent(turn, consent)).collect::<Vec<_>>().join("\n")
}

fn looks(turn: &Turn, id: MemberId) -> Result<String, Fault> {
    let looks: Vec<Look> = turn
        .tx
        .scan_back(&LOOKS, &(id,), None, LOOKS_SHOWN)?
        .rows
        .into_iter()
        .map(|(_, look)| look)
        .collect();
    if looks.is_empty() {
        return Ok(turn.say(&texts::LOOKS_NONE, &[]));
    }
    let line = |look: &Look| {
        let by = words::looker(turn, look);
        turn.say(&said::LOOK, &[("at", look.at.into()), ("by", by.into()), ("why", Value::from(&look.why))])
    };
    Ok(looks.iter().map(line).collect::<Vec<_>>().join("\n"))
}

pub fn choose_data(turn: &mut Turn, input: &Input) -> Stepped {
    match chosen(input, DATA) {
        Some(0) => export::page(turn, 0),
        Some(1) => ask_to_withdraw(turn),
        Some(2) => ask_to_unbind(turn),
        Some(3) => ask_to_erase(turn),
        _ if matches!(input, Input::Back) => home(turn),
        _ => Ok(Step::Pass),
    }
}

pub fn ask_to_unbind(turn: &mut Turn) -> Stepped {
    ask(turn, State::Unbinding, &texts::ASK_UNBIND, UNBIND)
}

/// Of a member, and of who told something without being one.
pub fn ask_to_erase(turn: &mut Turn) -> Stepped {
    let choices = ("choices", Value::raw(choices(ERASE)));
    let text = if let Some((member, _)) = member_of(turn.tx, turn.who)? {
        let claims = match retain::open(turn.tx, member)? {
            0 => String::new(),
            count => turn.say(&texts::CLAIMS_GO, &[("count", count.into())]),
        };
        let [coupons, claims] = [coupons(turn, &texts::COUPONS_GO)?, claims]
            .map(|line| if line.is_empty() { line } else { format!("{line}\n") });
        let values = [("coupons", Value::raw(coupons)), ("claims", Value::raw(claims)), choices];
        turn.say(&texts::ASK_ERASE, &values)
    } else {
        turn.say(&texts::ASK_ERASE_ACCOUNT, &[choices])
    };
    next(State::Erasing, text)
}

/// What becomes of coupons that can still be used, if there are any.
fn coupons(turn: &Turn, spec: &TextSpec) -> Result<String, Fault> {
    Ok(match usable(turn.tx, turn.who)?.len() {
        0 => String::new(),
        count => turn.say(spec, &[("count", count.into())]),
    })
}

/// 撤回同意: which one, if there are separate ones (个人信息保护法 Art. 15: as easily as it was given).
pub fn ask_to_withdraw(turn: &mut Turn) -> Stepped {
    let held = consent::separate(turn.tx, turn.who)?;
    if held.is_empty() {
        return ask_to_withdraw_all(turn);
    }
    let words = named(turn, &held);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let text = turn.say(&texts::ASK_WHICH_CONSENT, &[("choices", Value::raw(choices(&words)))]);
    next(State::WithdrawingOne(held), text)
}

/// As they are listed, and all of them at the end.
fn named(turn: &Turn, held: &[Separate]) -> Vec<String> {
    let services = &turn.content.services.forms;
    let name = |one: &Separate| match one {
        Separate::Health => turn.say(words::purpose(Purpose::Health), &[]),
        Separate::Bank => turn.say(words::purpose(Purpose::Bank), &[]),
        Separate::Service(text) => {
            let agreed =
                |form: &&Form| form.consent.as_ref().is_some_and(|words| consent::name_of(words) == *text);
            let title = services.iter().find(agreed).map(|form| form.title.clone());
            // Of words that are no longer shown, only what names them is known.
            title.unwrap_or_else(|| turn.say(&said::TO_SERVICE_BY_TEXT, &[("text", text.into())]))
        }
    };
    held.iter().map(name).chain([ALL_CONSENTS.to_owned()]).collect()
}

/// Which one is meant. One tap on an old list takes nothing back: it is asked once.
pub fn withdrawing_one(turn: &mut Turn, mut held: Vec<Separate>, input: &Input) -> Stepped {
    let words = named(turn, &held);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(at) = chosen(input, &words) else {
        return if matches!(input, Input::Back) { data(turn) } else { Ok(Step::Pass) };
    };
    if at >= held.len() {
        return ask_to_withdraw_all(turn);
    }
    let what = words.get(at).copied().unwrap_or_default();
    let values = [("what", Value::from(what)), ("choices", Value::raw(choices(WITHDRAW)))];
    let ask = turn.say(&texts::ASK_WITHDRAW_ONE, &values);
    next(State::WithdrawingThis(held.swap_remove(at)), ask)
}

/// Nothing more is taken for it; what was handed in goes on, for what was done stays done.
pub fn withdrawing_this(turn: &mut Turn, one: &Separate, input: &Input) -> Stepped {
    if input.names_a_service() || input.asks() {
        return Ok(Step::Pass);
    }
    if chosen(input, WITHDRAW) != Some(0) && !input.is_yes() {
        return done(turn.say(&texts::KEPT, &[]));
    }
    consent::withdraw_one(turn.tx, turn.who, one)?;
    let spec = match one {
        Separate::Health | Separate::Bank => &texts::CLAIM_CONSENT_WITHDRAWN,
        Separate::Service(_) => &texts::SERVICE_CONSENT_WITHDRAWN,
    };
    done(turn.say(spec, &[]))
}

/// Of a member, and of who has asked to be one.
fn ask_to_withdraw_all(turn: &mut Turn) -> Stepped {
    let has_consent = consent::all(turn.tx, turn.who)?.iter().any(|consent| consent.withdrawn.is_none());
    if !has_consent && member_of(turn.tx, turn.who)?.is_none() {
        return done(turn.say(&texts::NO_CONSENT, &[]));
    }
    let coupons = coupons(turn, &texts::COUPONS_STAY)?;
    let values = [("coupons", Value::raw(coupons)), ("choices", Value::raw(choices(WITHDRAW)))];
    next(State::Withdrawing, turn.say(&texts::ASK_WITHDRAW, &values))
}

/// 退会
pub fn ask_to_leave(turn: &mut Turn) -> Stepped {
    ask(turn, State::Leaving, &texts::ASK_LEAVE, LEAVE)
}

fn ask(turn: &mut Turn, state: State, spec: &TextSpec, words: &[&str]) -> Stepped {
    if member_of(turn.tx, turn.who)?.is_none() {
        return done(turn.explain(&Refusal::NotBound));
    }
    next(state, turn.say(spec, &[("choices", Value::raw(choices(words)))]))
}

pub fn unbinding(turn: &mut Turn, input: &Input) -> Stepped {
    if input.names_a_service() || input.asks() {
        return Ok(Step::Pass);
    }
    if chosen(input, UNBIND) != Some(0) && !input.is_yes() {
        return done(turn.say(&texts::KEPT, &[]));
    }
    match unbind(turn.tx, turn.who)? {
        Ok(_) => {
            let days = KEPT_FOR.as_secs() / 86_400;
            done(turn.say(&texts::UNBOUND, &[("days", days.into())]))
        }
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

pub fn withdrawing(turn: &mut Turn, input: &Input) -> Stepped {
    if input.names_a_service() || input.asks() {
        return Ok(Step::Pass);
    }
    if chosen(input, WITHDRAW) != Some(0) && !input.is_yes() {
        return done(turn.say(&texts::KEPT, &[]));
    }
    erase::withdraw(turn.tx, turn.who)?;
    turn.forgets = true;
    done(turn.say(&texts::WITHDRAWN, &[]))
}

pub fn leaving(turn: &mut Turn, input: &Input) -> Stepped {
    if input.names_a_service() || input.asks() {
        return Ok(Step::Pass);
    }
    if chosen(input, LEAVE) != Some(0) && !input.is_yes() {
        return done(turn.say(&texts::KEPT, &[]));
    }
    match application::ask_to_leave(turn.tx, turn.who)? {
        Some(_) => done(turn.say(&texts::LEAVE_ASKED, &[])),
        None => done(turn.explain(&Refusal::NotBound)),
    }
}

pub fn erasing(turn: &mut Turn, input: &Input) -> Stepped {
    if input.names_a_service() || input.asks() {
        return Ok(Step::Pass);
    }
    // A plain yes is too little for what can't be undone.
    if chosen(input, ERASE) != Some(0) {
        return done(turn.say(&texts::KEPT, &[]));
    }
    turn.forgets = true;
    match erase::erase(turn.tx, turn.who)? {
        Some(_) => done(turn.say(&texts::ERASED, &[])),
        None => done(turn.say(&texts::ACCOUNT_ERASED, &[])),
    }
}

/// 入会转会
pub fn join(turn: &mut Turn) -> Stepped {
    match member_of(turn.tx, turn.who)? {
        None => offers(&[VERIFY], turn.say(&texts::JOIN, &[("choices", Value::raw(choices(&[VERIFY])))])),
        Some((_, member)) => {
            let text = turn.say(&texts::ASK_TRANSFER, &[("union", member.union.into())]);
            next(State::Transfer, text)
        }
    }
}

pub fn transfer(turn: &mut Turn, input: &Input) -> Stepped {
    let union = input.words().unwrap_or_default().trim().to_owned();
    if !UNION_CHARS.contains(&union.chars().count()) || !input.is_own_words() {
        return if matches!(input, Input::Back) { home(turn) } else { Ok(join(turn)?.again()) };
    }
    match application::ask_to_transfer(turn.tx, turn.who, &union)? {
        Some(_) => done(turn.say(&texts::TRANSFER_ASKED, &[("union", union.into())])),
        None => done(turn.explain(&Refusal::NotBound)),
    }
}
