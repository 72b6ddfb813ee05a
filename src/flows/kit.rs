//! Where a parcel goes: asked once the seat is certain.

use serde::{Deserialize, Serialize};

use super::sign_up::bad_answer;
use super::texts::{self, words};
use super::{Input, Step, Tap, Turn, done, next};
use crate::content::{Content, Value};
use crate::domain::activity::answers;
use crate::domain::activity::kit::{self, Recipient};
use crate::domain::activity::record::*;
use crate::domain::tables::{ACTIVITIES, KITS, PROFILES};
use crate::flows::numbered;
use crate::flows::spoken;
use crate::privacy::{mask_address, mask_phone};
use crate::store::{Fault, Sealed};

/// Sealed where it is stored: see `Dialogue::is_draft`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    number: RegistrationNumber,
    name: Option<String>,
    phone: Option<String>,
    address: Option<String>,
}

type Stepped = Result<Step<State>, Fault>;

/// The line that asks for the address, where there is a parcel and no address yet.
pub fn invitation(turn: &Turn, activity: &Activity, registration: &Registration) -> Result<String, Fault> {
    let Some(terms) = &activity.terms.settings.kit else { return Ok(String::new()) };
    let number = registration.number;
    if registration.status != Status::Confirmed || turn.tx.get(&KITS, &number.key())?.is_some() {
        return Ok(String::new());
    }
    Ok(format!("\n{}", turn.say(&texts::KIT_INVITE, &invite(turn.content, terms, number))))
}

/// To say anew where it goes.
pub fn change_link(content: &Content, number: RegistrationNumber) -> String {
    Tap::Kit(number).link(&content.texts.render(&words::LINK_CHANGE_ADDRESS, &[]), spoken::CHANGE_ADDRESS)
}

pub fn invite<'a>(
    content: &Content,
    terms: &'a KitTerms,
    number: RegistrationNumber,
) -> [(&'static str, Value<'a>); 2] {
    let link = Tap::Kit(number).link(&content.texts.render(&words::LINK_TO_ADDRESS, &[]), spoken::TO_ADDRESS);
    [("what", (&terms.what).into()), ("link", Value::raw(link))]
}

pub fn begin(turn: &mut Turn, number: RegistrationNumber) -> Stepped {
    if let Err(refusal) = kit::may_address(turn.tx, turn.who, number)? {
        return done(turn.explain(&refusal));
    }
    let profile = turn.tx.get(&PROFILES, turn.who)?.unwrap_or_default();
    let known = |kind: &str| profile.answers.get(kind).map(|known| known.reveal().clone());
    let (mut phone, mut address) = (known("phone"), known("address"));
    // Where this parcel was to go is not kept for others, but is no news for itself.
    if let Some(to) = turn.tx.get(&KITS, &number.key())?.and_then(|kit| kit.to) {
        (phone, address) = (Some(to.phone.into_revealed()), Some(to.address.into_revealed()));
    }
    go_on(turn, State { number, name: None, phone, address })
}

fn go_on(turn: &mut Turn, state: State) -> Stepped {
    let text = match &state {
        State { name: None, .. } => turn.say(&texts::KIT_ASK_NAME, &[("what", what(turn, &state)?.into())]),
        State { phone: None, .. } => turn.say(&texts::KIT_ASK_PHONE, &[]),
        State { address: None, .. } => turn.say(&texts::KIT_ASK_ADDRESS, &[]),
        State { name: Some(name), phone: Some(phone), address: Some(address), .. } => {
            let answer = Tap::Kit(state.number);
            let choices = [(&words::LINK_YES, spoken::YES), (&words::LINK_AGAIN, spoken::AGAIN)];
            let choices = numbered(turn, answer, &choices);
            let values = [
                ("name", Value::from(name)),
                ("phone", mask_phone(phone).into()),
                ("address", mask_address(address).into()),
                ("choices", Value::raw(choices)),
            ];
            turn.say(&texts::KIT_CONFIRM, &values)
        }
    };
    next(state, text)
}

pub fn step(turn: &mut Turn, mut state: State, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return match (&state.name, &state.phone, &state.address) {
            (None, ..) => Ok(Step::Pass),
            (_, _, Some(_)) => go_on(turn, State { address: None, ..state }),
            (_, Some(_), _) => go_on(turn, State { phone: None, ..state }),
            _ => go_on(turn, State { name: None, ..state }),
        };
    }
    let kind = match &state {
        State { name: None, .. } => QuestionKind::Text { max_chars: 20 },
        State { phone: None, .. } => QuestionKind::Phone,
        State { address: None, .. } => QuestionKind::Address,
        _ if input.is_yes() || input.number() == Some(1) => return submit(turn, state),
        _ if input.is_no()
            || input.number() == Some(2)
            || input.is(&[spoken::AGAIN])
            || input.is(spoken::CORRECT) =>
        {
            let number = state.number;
            return go_on(turn, State { number, name: None, phone: None, address: None });
        }
        _ => return Ok(go_on(turn, state)?.again()),
    };
    // A link tapped twice or the name of a service is no address either, though it is long enough for one.
    let takes_any_words = !matches!(kind, QuestionKind::Phone);
    if takes_any_words && !input.is_name() {
        return Ok(go_on(turn, state)?.again());
    }
    let question = Question { name: String::new(), ask: String::new(), kind, required: true };
    match answers::check(&question, input.words().unwrap_or_default()) {
        Ok(value) => {
            let blank = [&mut state.name, &mut state.phone, &mut state.address];
            if let Some(blank) = blank.into_iter().find(|field| field.is_none()) {
                *blank = Some(value);
            }
            go_on(turn, state)
        }
        Err(why) => {
            let text = bad_answer(turn, &question.kind, &why);
            Ok(next(state, text)?.again())
        }
    }
}

fn submit(turn: &mut Turn, state: State) -> Stepped {
    let what = what(turn, &state)?;
    let sealed = |field: Option<String>| Sealed::new(field.unwrap_or_default());
    let to =
        Recipient { name: sealed(state.name), phone: sealed(state.phone), address: sealed(state.address) };
    if let Err(refusal) = kit::address(turn.tx, turn.who, state.number, to)? {
        return done(turn.explain(&refusal));
    }
    let erase = turn.tx.get(&KITS, &state.number.key())?.map(|kit| kit.erase).unwrap_or_default();
    let mut text = turn.say(&texts::KIT_TAKEN, &[("what", what.into()), ("erase", erase.into())]);
    let activity = turn.tx.get(&ACTIVITIES, &state.number.activity)?;
    if let Some(post_by) = activity.and_then(|a| a.terms.settings.kit).and_then(|kit| kit.post_by) {
        text.push('\n');
        text.push_str(&turn.say(&texts::KIT_POST_BY, &[("post_by", post_by.into())]));
    }
    done(text)
}

fn what(turn: &Turn, state: &State) -> Result<String, Fault> {
    let activity = turn.tx.get(&ACTIVITIES, &state.number.activity)?;
    Ok(activity.and_then(|activity| activity.terms.settings.kit).unwrap_or_default().what)
}

/// How the parcel is doing, for 我的报名; with a link to say or change where it goes.
pub fn status(turn: &Turn, activity: &Activity, registration: &Registration) -> Result<String, Fault> {
    let Some(terms) = &activity.terms.settings.kit else { return Ok(String::new()) };
    let number = registration.number;
    let Some(kit) = turn.tx.get(&KITS, &number.key())? else {
        return invitation(turn, activity, registration);
    };
    let what = ("what", Value::from(&terms.what));
    let link = || ("link", Value::raw(change_link(turn.content, number)));
    let line = match &kit.state {
        kit::KitState::ToSend => turn.say(&words::KIT_TO_SEND, &[what, link()]),
        kit::KitState::Sent { courier, tracking, .. } => {
            let values = [what, ("courier", courier.into()), ("tracking", tracking.into())];
            turn.say(&words::KIT_ON_ITS_WAY, &values)
        }
        kit::KitState::Delivered { .. } => turn.say(&words::KIT_DELIVERED, &[what]),
        kit::KitState::Returned { .. } => turn.say(&words::KIT_CAME_BACK, &[what, link()]),
    };
    Ok(format!("\n{line}"))
}

impl State {
    /// Does a link to this sign-up answer what is asked?
    pub fn is_about(&self, number: RegistrationNumber) -> bool {
        self.number == number
    }
}
