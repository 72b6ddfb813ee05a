use super::texts;
use crate::content::{Content, TextSpec, Value};
use crate::domain::activity::rules::Refusal;

/// A refusal in one sentence, and the whole of it: which rule, which fact, what would change it.
pub fn words(content: &Content, refusal: &Refusal) -> (String, String) {
    let (spec, why) = texts::refusal(refusal.code());
    let values = facts(refusal);
    (render(content, spec, &values), render(content, why, &values))
}

fn render(content: &Content, spec: &TextSpec, values: &[(&'static str, Value)]) -> String {
    content.texts.render(spec, values)
}

/// The facts of a refusal, by the names of the slots in its two texts.
fn facts(refusal: &Refusal) -> Vec<(&'static str, Value<'_>)> {
    match refusal {
        Refusal::CalledOff { reason } => vec![("reason", reason.into())],
        Refusal::NotYetOpen { opens } => vec![("opens", (*opens).into())],
        Refusal::Closed { closed } => vec![("closed", (*closed).into())],
        Refusal::SessionStarted { started } => vec![("started", (*started).into())],
        Refusal::AlreadyHolds { number, waiting } => {
            let state = if *waiting { "候补中" } else { "已报名" };
            vec![("number", number.to_string().into()), ("state", state.into())]
        }
        Refusal::Full { needed, left } => vec![("needed", (*needed).into()), ("left", (*left).into())],
        Refusal::WaitingListFull { waiting } => vec![("waiting", (*waiting).into())],
        Refusal::WrongDistrict { districts } => vec![("districts", districts.join("、").into())],
        Refusal::WrongAge { min, max } | Refusal::WrongChildAge { min, max } => {
            vec![("min", (*min).into()), ("max", (*max).into())]
        }
        Refusal::SeriesLimit { series, max } => vec![("series", series.into()), ("max", (*max).into())],
        Refusal::PartyTooLarge { companions_max, children_max } => {
            vec![("companions", (*companions_max).into()), ("children", (*children_max).into())]
        }
        Refusal::TooFewChildren { min } => vec![("min", (*min).into())],
        Refusal::DeadlinePassed { deadline } => vec![("deadline", (*deadline).into())],
        Refusal::UnknownActivity
        | Refusal::UnknownSession
        | Refusal::MembersOnly
        | Refusal::CardHoldersOnly
        | Refusal::AnswerMissing { .. }
        | Refusal::AnswerWrong { .. }
        | Refusal::NoticeNotAgreed
        | Refusal::NotSignedUp => Vec::new(),
    }
}
