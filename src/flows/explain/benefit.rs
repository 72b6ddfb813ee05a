use super::{Explained, Facts};
use crate::content::Content;
use crate::domain::benefit::rules::Refusal;
use crate::flows::texts::{self, RefusalTexts, welfare, words};
use crate::flows::welfare::view::{self, begins, state_word};

impl Explained for Refusal {
    fn texts(&self) -> RefusalTexts {
        match self {
            Refusal::NotEligible(why) => why.texts(),
            _ => texts::refusal(welfare::REFUSALS, self.code()),
        }
    }

    fn facts(&self, content: &Content) -> Facts<'_> {
        let say = |spec, values: &[_]| content.texts.render(spec, values);
        let after = |next| view::after(content, next);
        match self {
            Refusal::Suspended { reason } | Refusal::DrawWaits { reason } => vec![("reason", reason.into())],
            Refusal::NotYet { next, stock } => {
                vec![("next", begins(*next).into()), ("stock", (*stock).into())]
            }
            Refusal::Gone { release, offered, next, .. } => {
                let after = after(*next).into();
                vec![("release", begins(*release).into()), ("offered", (*offered).into()), ("after", after)]
            }
            Refusal::NoCodes { next } => vec![("after", after(*next).into())],
            Refusal::AlreadyHad { coupon, next } => {
                vec![("number", coupon.to_string().into()), ("after", after(*next).into())]
            }
            Refusal::LimitReached { period, max, again } => {
                let again = match again {
                    Some(again) => say(&words::AGAIN_FROM, &[("again", (*again).into())]),
                    None => say(&words::NOT_AGAIN, &[]),
                };
                let period = say(view::period(*period), &[]);
                vec![("period", period.into()), ("max", (*max).into()), ("after", again.into())]
            }
            Refusal::NotEligible(why) => why.facts(content),
            Refusal::PausedForUnused { expired, until } => {
                vec![("expired", (*expired).into()), ("until", (*until).into())]
            }
            Refusal::PausedByStaff { reason, until } => {
                vec![("reason", reason.into()), ("until", (*until).into())]
            }
            Refusal::CoolingDown { days, until } => {
                vec![("days", (*days).into()), ("until", (*until).into())]
            }
            Refusal::TooNew { minutes, percent, next } => {
                let free = |next| say(&words::FREE_FROM, &[("next", begins(next).into())]);
                let after = next.map_or_else(|| after(None), free);
                vec![("minutes", (*minutes).into()), ("percent", (*percent).into()), ("after", after.into())]
            }
            Refusal::AnswerFirst { questions, needed } => {
                vec![("questions", (*questions).into()), ("needed", (*needed).into())]
            }
            Refusal::QuizFailed { tries, next } => {
                vec![("tries", (*tries).into()), ("after", after(*next).into())]
            }
            Refusal::AlreadyEntered { draws } => vec![("draws", begins(*draws).into())],
            Refusal::NoLongerYours { state } => vec![("state", say(state_word(state), &[]).into())],
            Refusal::UnknownBenefit
            | Refusal::DrawLacksCodes
            | Refusal::Ended
            | Refusal::NotListed
            | Refusal::NotTagged
            | Refusal::UnknownCoupon
            | Refusal::NotReturnable => Vec::new(),
        }
    }
}
