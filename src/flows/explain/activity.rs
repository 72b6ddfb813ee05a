use super::{Explained, Facts};
use crate::content::{Content, TextSpec};
use crate::domain::activity::history;
use crate::domain::activity::record::{ConsentKind, Period, Status};
use crate::domain::activity::rules::Refusal;
use crate::flows::texts::{self, RefusalTexts, words};

impl Explained for Refusal {
    fn texts(&self) -> RefusalTexts {
        match self {
            Refusal::NotEligible(why) => why.texts(),
            _ => texts::refusal(texts::ACTIVITY_REFUSALS, self.code()),
        }
    }

    fn facts(&self, content: &Content) -> Facts<'_> {
        let say = |spec| content.texts.render(spec, &[]);
        match self {
            Refusal::CalledOff { reason } => vec![("reason", reason.into())],
            Refusal::NotYetOpen { opens } => vec![("opens", (*opens).into())],
            Refusal::Closed { closed } => vec![("closed", (*closed).into())],
            Refusal::SessionStarted { started } => vec![("started", (*started).into())],
            Refusal::AlreadyHolds { number, status } => {
                let state = match status {
                    Status::Waiting => &words::HELD_WAITING,
                    Status::Applied => &words::HELD_APPLIED,
                    Status::Offered { .. } => &words::HELD_OFFERED,
                    _ => &words::HELD,
                };
                vec![("number", number.to_string().into()), ("state", say(state).into())]
            }
            Refusal::KeptForOthers { needed, left, opens } => {
                let mut facts = vec![("needed", (*needed).into()), ("left", (*left).into())];
                facts.extend(opens.map(|opens| ("opens", opens.into())));
                facts
            }
            Refusal::PersonLimit { max } => vec![("max", (*max).into())],
            Refusal::WrongAdultAge { min, max } => vec![("min", (*min).into()), ("max", (*max).into())],
            Refusal::ConsentMissing { kind } => vec![("consent", say(consent(*kind)).into())],
            Refusal::AttendedTooLittle { series, came, of, min } => vec![
                ("series", series.into()),
                ("came", (*came).into()),
                ("of", (*of).into()),
                ("min", (*min).into()),
            ],
            Refusal::Full { needed, left } => vec![("needed", (*needed).into()), ("left", (*left).into())],
            Refusal::WaitingListFull { waiting } => vec![("waiting", (*waiting).into())],
            Refusal::NotEligible(why) => why.facts(content),
            Refusal::WrongChildAge { min, max } => vec![("min", (*min).into()), ("max", (*max).into())],
            Refusal::SeriesLimit { series, max } => vec![("series", series.into()), ("max", (*max).into())],
            Refusal::PartyTooLarge { companions_max, children_max } => {
                vec![("companions", (*companions_max).into()), ("children", (*children_max).into())]
            }
            Refusal::TooFewChildren { min } => vec![("min", (*min).into())],
            Refusal::DeadlinePassed { deadline } => vec![("deadline", (*deadline).into())],
            Refusal::TooManyChoices { max } => vec![("max", (*max).into())],
            Refusal::OfferGone { until } | Refusal::CheckInOver { until } => {
                vec![("until", (*until).into())]
            }
            Refusal::CheckInNotYet { from } => vec![("from", (*from).into())],
            Refusal::Barred { until, halves, days } => {
                let absences = history::count(*halves);
                vec![("until", (*until).into()), ("absences", absences.into()), ("days", (*days).into())]
            }
            Refusal::PeriodLimit { series, max, period } => {
                vec![("series", series.into()), ("max", (*max).into()), ("period", say(this(*period)).into())]
            }
            Refusal::CoolingDown { series, days, from } => {
                vec![("series", series.into()), ("days", (*days).into()), ("from", (*from).into())]
            }
            Refusal::RoundsToWait { series, rounds, left } => {
                vec![("series", series.into()), ("rounds", (*rounds).into()), ("left", (*left).into())]
            }
            Refusal::WrongCode { left } => vec![("left", (*left).into())],
            Refusal::KitSent { tracking } => vec![("tracking", tracking.into())],
            Refusal::NotTagged
            | Refusal::HeldElsewhere
            | Refusal::DrawRunning
            | Refusal::NoOffer
            | Refusal::NothingToCheckIn
            | Refusal::CheckedIn
            | Refusal::NoKit
            | Refusal::NothingToAppeal
            | Refusal::AlreadyAppealed
            | Refusal::UnknownActivity
            | Refusal::UnknownSession
            | Refusal::AnswerMissing { .. }
            | Refusal::AnswerWrong { .. }
            | Refusal::NoticeNotAgreed
            | Refusal::NotSignedUp => Vec::new(),
        }
    }
}

/// What a consent is called.
pub fn consent(kind: ConsentKind) -> &'static TextSpec {
    match kind {
        ConsentKind::Guardian => &words::CONSENT_GUARDIAN,
        ConsentKind::Health => &words::CONSENT_HEALTH,
        ConsentKind::Photo => &words::CONSENT_PHOTO,
    }
}

fn this(period: Period) -> &'static TextSpec {
    match period {
        Period::Month => &words::EACH_MONTH,
        Period::Quarter => &words::EACH_QUARTER,
        Period::Year => &words::EACH_YEAR,
    }
}
