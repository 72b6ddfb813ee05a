//! What a person asks of a person (办件): the form, what became of it, and what is said to and fro. Which services there
//! are is data; this is the one dialogue for all of them.
//!
//! The case itself is the draft: it is kept for weeks and over releases. The dialogue only says where in it the follower
//! is.

mod asking;
mod begin;
mod mine;
mod pairs;
mod parse;
mod review;
mod self_test;
mod view;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

pub use begin::{home, lead, talk};
pub use mine::{detail, list, offered, rate};
pub use pairs::answer as answer_proposal;
pub use self_test::begin as self_test;
pub use view::{line as entry_line, status as status_of};

use super::{Input, Step, Turn, done};
use crate::content::service::{Form, Limit as FormLimit, Stage as FormStage, Who as FormWho};
use crate::domain::case::draft::{self, Own};
use crate::domain::case::record::{Case, CaseId, Limit, Plan, Round, Stage};
use crate::domain::eligibility::{Eligibility, Who};
use crate::flows::texts::service as texts;
use crate::moment::Time;
use crate::store::Fault;

/// Where the follower is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Which of several services?
    Choosing(Vec<String>),
    /// 单独同意 to what a service asks.
    Consent(String),
    /// A draft is there: go on with it, or begin anew?
    Resume(CaseId),
    /// The question of that name.
    Asking(CaseId, String),
    Review(CaseId),
    Correcting(CaseId),
    List(Vec<CaseId>),
    Detail(CaseId),
    Saying(CaseId),
    Withdrawing(CaseId),
    Appealing(CaseId),
    /// 举报 of whom was proposed.
    Reporting(CaseId, u64),
    /// 困难自测: which district, then the numbers, which are kept nowhere.
    TestDistrict,
    TestNumbers(String),
}

type Stepped = Result<Step<State>, Fault>;

impl State {
    /// In the middle of a form? What was told is kept with the draft.
    pub fn is_filling(&self) -> bool {
        matches!(self, State::Asking(..) | State::Review(_) | State::Correcting(_))
    }

    /// Is something asked, and not only shown?
    pub fn is_question(&self) -> bool {
        !matches!(self, State::Choosing(_) | State::List(_) | State::Detail(_))
    }

    /// Is a picture an answer to what was asked?
    pub fn wants_picture(&self) -> bool {
        matches!(self, State::Asking(..) | State::Saying(_) | State::Detail(_))
    }
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    match state {
        State::Choosing(kinds) => begin::choose(turn, kinds, input),
        State::Consent(kind) => begin::consent(turn, &kind, input),
        State::Resume(id) => begin::resume(turn, id, input),
        State::Asking(id, name) => asking::answer(turn, id, &name, input),
        State::Review(id) => review::choose(turn, id, input),
        State::Correcting(id) => review::correct(turn, id, input),
        State::List(ids) => mine::choose(turn, ids, input),
        State::Detail(id) => mine::act(turn, id, input),
        State::Saying(id) => mine::saying(turn, id, input),
        State::Withdrawing(id) => mine::withdrawing(turn, id, input),
        State::Appealing(id) => mine::appealing(turn, id, input),
        State::Reporting(id, proposal) => pairs::reporting(turn, id, proposal, input),
        State::TestDistrict => self_test::district(turn, input),
        State::TestNumbers(district) => self_test::numbers(turn, district, input),
    }
}

/// With the case, if it is the follower's own; somebody else's is as good as none.
fn with(turn: &mut Turn, id: CaseId, go: impl FnOnce(&mut Turn, Own) -> Stepped) -> Stepped {
    match draft::own(turn.tx, turn.who, id)? {
        Ok(own) => go(turn, own),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

/// With a draft and its form as it is now. A service that is no longer offered says so.
fn with_form(turn: &mut Turn, id: CaseId, go: impl FnOnce(&mut Turn, Own, &Form) -> Stepped) -> Stepped {
    with(turn, id, |turn, own| {
        let content = turn.content;
        match content.services.form(&own.before.kind) {
            Some(form) if own.before.submitted.is_none() => go(turn, own, form),
            Some(_) => mine::detail(turn, own.id),
            None => done(turn.say(&texts::GONE, &[])),
        }
    })
}

/// Who may ask for it, as the rules read it.
fn eligibility(form: &Form) -> Eligibility {
    let who = match form.who.who {
        FormWho::Anyone => Who::Anyone,
        FormWho::Member => Who::Member,
        FormWho::CardHolder => Who::CardHolder,
    };
    Eligibility { who, districts: form.who.districts.clone(), age: form.who.age, ..Eligibility::default() }
}

/// What the form promises now, to somebody of that district.
fn plan(form: &Form, district: Option<&str>) -> Plan {
    let stages = |stages: &[FormStage]| {
        let one = |stage: &FormStage| Stage {
            name: stage.name.clone(),
            title: stage.title.clone(),
            limit: limit(stage.limit),
            class: stage.class.clone(),
        };
        stages.iter().map(one).collect()
    };
    Plan {
        title: form.title.clone(),
        version: form.version,
        desk: form.desk_of(district).to_owned(),
        steps: stages(&form.steps),
        classes: stages(&form.classes),
        urgent: limit(form.urgent_limit),
        answer_days: form.answer_days,
        appeal_days: form.appeal_days,
        keep_days: form.keep_days,
        rating: form.rating,
        pairs: form.pairs,
        kept_by_law: form.kept_by_law,
        round: round(form),
    }
}

/// When it may be applied for.
fn round(form: &Form) -> Option<Round> {
    let round = form.round.as_ref()?;
    let at = |on: DateTime| Time::at(on.date(), on.hour(), on.minute());
    Some(Round { opens: at(round.opens)?, closes: at(round.closes)?, quota: round.quota })
}

fn limit(limit: FormLimit) -> Limit {
    match limit {
        FormLimit::Days(days) => Limit::Days(days),
        FormLimit::Hours(hours) => Limit::Hours(hours),
    }
}

/// Taps carry small numbers; a case beyond them is found by its number in the list.
pub fn tap_number(id: CaseId) -> u32 {
    u32::try_from(id.0).unwrap_or_default()
}

/// Does the case take what its follower says?
fn takes_messages(case: &Case) -> bool {
    draft::takes_messages(case.status)
}
