use super::{Explained, Facts};
use crate::domain::benefit::rules::{Period, Refusal};
use crate::flows::texts::{self, RefusalTexts, welfare};
use crate::flows::welfare::view::{after, begins, state_word};

impl Explained for Refusal {
    fn texts(&self) -> RefusalTexts {
        match self {
            Refusal::NotEligible(why) => why.texts(),
            _ => texts::refusal(welfare::REFUSALS, self.code()),
        }
    }

    fn facts(&self) -> Facts<'_> {
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
                let again = again
                    .map_or("不能再领了".to_owned(), |again| format!("{} 起可以再领", again.chinese()));
                vec![("period", period_word(*period).into()), ("max", (*max).into()), ("after", again.into())]
            }
            Refusal::NotEligible(why) => why.facts(),
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
                let free = |next| format!("您从 {} 那一批起不受这个限制", begins(next));
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
            Refusal::NoLongerYours { state } => vec![("state", state_word(state).into())],
            Refusal::UnknownBenefit
            | Refusal::Ended
            | Refusal::NotListed
            | Refusal::NotTagged
            | Refusal::UnknownCoupon
            | Refusal::NotReturnable => Vec::new(),
        }
    }
}

fn period_word(period: Period) -> &'static str {
    match period {
        Period::Release => "每批",
        Period::Day => "每天",
        Period::Week => "每周",
        Period::Month => "每月",
        Period::InAll => "一共",
    }
}
