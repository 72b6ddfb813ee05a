//! What is told of draws, offers, reminders, absences and parcels.

use std::time::Duration;

use super::{about, starts};
use crate::content::{Content, FilledForm, Slot, TextSpec, Value};
use crate::domain::activity::history::count;
use crate::domain::activity::kit::KitState;
use crate::domain::activity::record::*;
use crate::domain::activity::rules;
use crate::domain::activity::waiting::waiting_position;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{ACTIVITIES, KITS, REGISTRATIONS};
use crate::flows::sign_up::view as view_of;
use crate::flows::spoken;
use crate::flows::texts::{self, words};
use crate::flows::{Tap, kit, offer};
use crate::store::{Fault, Tx};
use crate::wechat::reply::neutral;

const NAMED: &[Slot] = &[Slot::text("title"), Slot::text("number"), Slot::time("starts")];
pub(super) const SEAT_OFFERED: TextSpec = TextSpec::new(
    "seat_offered",
    &[Slot::text("title"), Slot::text("number"), Slot::time("starts"), Slot::time("until")],
);
pub(super) const OFFER_LAPSED: TextSpec = TextSpec::new("offer_lapsed", NAMED);
pub(super) const DRAW_WON: TextSpec = TextSpec::new("draw_won", NAMED);
pub(super) const DRAW_LOST: TextSpec = TextSpec::new("draw_lost", NAMED);
pub(super) const REVIEWED: TextSpec = TextSpec::new("reviewed", NAMED);
pub(super) const TAKEN_BACK: TextSpec = TextSpec::new("taken_back", NAMED);
pub(super) const REMINDER: TextSpec = TextSpec::new("reminder", NAMED);
pub(super) const ABSENT: TextSpec = TextSpec::new("absent", NAMED);
pub(super) const APPEAL_ANSWERED: TextSpec = TextSpec::new("appeal_answered", NAMED);
pub(super) const KIT_SENT: TextSpec = TextSpec::new("kit_sent", NAMED);
pub(super) const KIT_RETURNED: TextSpec = TextSpec::new("kit_returned", NAMED);

/// The sign-up that the notice is about.
fn number(notice: &Notice) -> Option<RegistrationNumber> {
    notice.seat()?.1
}

fn form_of(notice: &Notice) -> Option<&'static TextSpec> {
    Some(match notice {
        Notice::SeatOffered { .. } => &SEAT_OFFERED,
        Notice::OfferLapsed { .. } => &OFFER_LAPSED,
        Notice::DrawWon { .. } => &DRAW_WON,
        Notice::DrawLost { .. } => &DRAW_LOST,
        Notice::Reminder { .. } => &REMINDER,
        Notice::Absent { .. } => &ABSENT,
        Notice::AppealAnswered { .. } => &APPEAL_ANSWERED,
        Notice::Reviewed { .. } => &REVIEWED,
        Notice::TakenBack { .. } => &TAKEN_BACK,
        Notice::KitSent { .. } => &KIT_SENT,
        Notice::KitReturned { .. } => &KIT_RETURNED,
        _ => return None,
    })
}

/// As a template message; what it says is a fact that the follower's own act led to.
pub fn form(tx: &Tx, content: &Content, notice: &Notice) -> Result<Option<FilledForm>, Fault> {
    let (Some(number), Some(spec)) = (number(notice), form_of(notice)) else { return Ok(None) };
    let Some(activity) = tx.get(&ACTIVITIES, &number.activity)? else { return Ok(None) };
    let mut values = vec![
        ("title", Value::from(&activity.terms.title)),
        ("number", number.to_string().into()),
        ("starts", starts(&activity, number.session).into()),
    ];
    if let Notice::SeatOffered { until, .. } = notice {
        values.push(("until", (*until).into()));
    }
    Ok(content.notices.fill(spec, &values))
}

/// As text; `None` when what it speaks of is gone.
pub fn words(tx: &Tx, content: &Content, notice: &Notice) -> Result<Option<String>, Fault> {
    let Some(number) = number(notice) else { return Ok(None) };
    let (Some(activity), Some(registration)) =
        (tx.get(&ACTIVITIES, &number.activity)?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(None);
    };
    if is_past(tx, notice, &activity, &registration) {
        return Ok(None);
    }
    let about = Told { tx, content, activity: &activity, registration: &registration };
    Ok(Some(match notice {
        Notice::SeatOffered { until, .. } => about.offered(*until),
        Notice::OfferLapsed { .. } => about.say(&texts::NOTICE_OFFER_LAPSED, &[]),
        Notice::DrawWon { .. } => about.won()?,
        Notice::DrawLost { .. } => about.not_drawn()?,
        Notice::Reminder { hours, .. } => about.reminder(*hours)?,
        Notice::Absent { halves, barred, .. } => about.absent(*halves, *barred),
        Notice::AppealAnswered { lifted, reason, .. } => {
            let spec = if *lifted { &texts::NOTICE_APPEAL_LIFTED } else { &texts::NOTICE_APPEAL_REJECTED };
            about.say(spec, &[("reason", reason.into())])
        }
        Notice::Reviewed { .. } => about.reviewed()?,
        Notice::TakenBack { .. } => about.say(
            &texts::NOTICE_TAKEN_BACK,
            &[("reason", registration.refused.clone().unwrap_or_default().into())],
        ),
        Notice::KitSent { .. } | Notice::KitReturned { .. } => return about.parcel(notice),
        _ => return Ok(None),
    }))
}

/// What it tells is over by the time it could be told: saying it now would confuse.
fn is_past(tx: &Tx, notice: &Notice, activity: &Activity, registration: &Registration) -> bool {
    let now = tx.moment().now;
    let starts = starts(activity, registration.number.session);
    match notice {
        Notice::SeatOffered { until, .. } => {
            now >= *until || registration.status != (Status::Offered { until: *until })
        }
        Notice::DrawWon { .. } => registration.status != Status::Confirmed,
        Notice::DrawLost { .. } => !matches!(registration.status, Status::Waiting | Status::Lost),
        // Staff know better since, or it was moved.
        Notice::Absent { .. } => !matches!(registration.attendance, Some(Attendance::Absent { .. })),
        Notice::Reviewed { .. } => !matches!(
            registration.status,
            Status::Confirmed | Status::Cancelled { by: By::Refused | By::Undecided }
        ),
        Notice::TakenBack { .. } => registration.status != (Status::Cancelled { by: By::Staff }),
        Notice::Reminder { hours, .. } => {
            let last_hours = starts.since(now) <= LAST_HOURS;
            now >= starts || (*hours > SOON && last_hours) || registration.status != Status::Confirmed
        }
        _ => false,
    }
}

/// A reminder of so many hours before is the last one, with all that is needed.
const SOON: u16 = 3;
const LAST_HOURS: Duration = Duration::from_secs(SOON as u64 * 3600);

struct Told<'a, 't> {
    tx: &'a Tx<'t>,
    content: &'a Content,
    activity: &'a Activity,
    registration: &'a Registration,
}

impl Told<'_, '_> {
    /// With what every notice of a sign-up may name.
    fn say(&self, spec: &TextSpec, more: &[(&'static str, Value)]) -> String {
        let terms = &self.activity.terms;
        let mut values = about(self.activity, self.registration.number).to_vec();
        values.push(("place", view_of::place(self.content, &terms.place).into()));
        let deadline = rules::cancel_deadline(terms, self.registration.number.session);
        values.push(("cancel_before", deadline.into()));
        values.extend(more.iter().cloned());
        values.retain(|(name, _)| spec.slots.iter().any(|slot| slot.name == *name));
        self.content.texts.render(spec, &values)
    }

    fn mine(&self) -> String {
        view_of::link_to(self.content, self.registration.number)
    }

    fn offered(&self, until: crate::moment::Time) -> String {
        let choices = offer::choices(self.content, self.registration.number);
        let more = [("until", until.into()), ("choices", Value::raw(choices))];
        self.say(&texts::NOTICE_SEAT_OFFERED, &more)
    }

    fn won(&self) -> Result<String, Fault> {
        let mut text = self.say(&texts::NOTICE_DRAW_WON, &[]);
        text.push_str(&self.giving_back());
        text.push_str(&self.kit()?);
        Ok(format!("{text}\n{}\n{}", self.check(), self.mine()))
    }

    fn reviewed(&self) -> Result<String, Fault> {
        if let Some(reason) = &self.registration.refused {
            return Ok(self.say(&texts::NOTICE_REVIEW_REFUSED, &[("reason", reason.into())]));
        }
        if self.registration.status != Status::Confirmed {
            return Ok(self.say(&texts::NOTICE_REVIEW_UNDECIDED, &[]));
        }
        let text = self.say(&texts::NOTICE_REVIEW_ACCEPTED, &[]);
        Ok(format!("{text}{}{}\n{}", self.giving_back(), self.kit()?, self.mine()))
    }

    fn giving_back(&self) -> String {
        view_of::giving_back(self.content, self.activity, self.registration, self.tx.moment().now)
    }

    fn check(&self) -> String {
        Tap::Draw(self.activity.id)
            .link(&self.content.texts.render(&words::CHECK_DRAW, &[]), spoken::ABOUT_DRAW)
    }

    /// The invitation to say where the parcel goes.
    fn kit(&self) -> Result<String, Fault> {
        let number = self.registration.number;
        let Some(terms) = &self.activity.terms.settings.kit else { return Ok(String::new()) };
        if self.registration.status != Status::Confirmed || self.tx.get(&KITS, &number.key())?.is_some() {
            return Ok(String::new());
        }
        let text = self.content.texts.render(&texts::KIT_INVITE, &kit::invite(self.content, terms, number));
        Ok(format!("\n{text}"))
    }

    /// The place in the list as it is when it is told.
    fn not_drawn(&self) -> Result<String, Fault> {
        let position = waiting_position(self.tx, self.registration.number)?;
        let text = match position {
            Some(position) => {
                let how = view_of::seat_comes(self.content, &self.activity.terms);
                self.say(&texts::NOTICE_DRAW_WAITS, &[("position", position.into()), ("how", how.into())])
            }
            None => self.say(&texts::NOTICE_DRAW_LOST, &[]),
        };
        Ok(format!("{text}\n{}", self.check()))
    }

    /// In the last hours with what is needed to take part.
    fn reminder(&self, hours: u16) -> Result<String, Fault> {
        let soon = hours <= SOON;
        let mut text =
            self.say(if soon { &texts::NOTICE_REMINDER_SOON } else { &texts::NOTICE_REMINDER }, &[]);
        let terms = &self.activity.terms;
        match &terms.place {
            Place::Online { link: Some(link) } if soon => {
                let link = neutral(link);
                let values = [("link", Value::from(&*link))];
                text.push_str(&format!(
                    "\n{}",
                    self.content.texts.render(&texts::NOTICE_LESSON_LINK, &values)
                ));
            }
            Place::At(_) if soon && terms.settings.check_in == CheckIn::Code => {
                text.push_str(&format!("\n{}", self.content.texts.render(&texts::NOTICE_CHECK_IN, &[])));
            }
            _ if !soon => text.push_str(&self.kit()?),
            _ => {}
        }
        Ok(format!("{text}\n{}", self.mine()))
    }

    fn absent(&self, halves: u32, barred: Option<crate::moment::Time>) -> String {
        let rule = self.activity.terms.settings.absence.unwrap_or_default();
        let mut more = vec![("absences", count(halves).into()), ("within", rule.within_days.into())];
        let spec = match barred {
            Some(until) => {
                more.push(("until", until.into()));
                &texts::NOTICE_BARRED
            }
            None => {
                more.extend([("max", rule.count.into()), ("days", rule.bar_days.into())]);
                &texts::NOTICE_ABSENT
            }
        };
        let appeal = Tap::Appeal(self.registration.number)
            .link(&self.content.texts.render(&words::LINK_APPEAL, &[]), spoken::APPEAL);
        format!("{}{appeal}", self.say(spec, &more))
    }

    /// As long as it is so: a parcel may have come back, or gone again, since.
    fn parcel(&self, notice: &Notice) -> Result<Option<String>, Fault> {
        let number = self.registration.number;
        let spec = match notice {
            Notice::KitReturned { .. } => &texts::NOTICE_KIT_RETURNED,
            _ => &texts::NOTICE_KIT_SENT,
        };
        let kit = self.tx.get(&KITS, &number.key())?;
        let (courier, tracking) = match (kit.map(|kit| kit.state), notice) {
            (Some(KitState::Sent { courier, tracking, .. }), Notice::KitSent { .. })
            | (Some(KitState::Returned { courier, tracking }), Notice::KitReturned { .. }) => {
                (courier, tracking)
            }
            _ => return Ok(None),
        };
        let what = self.activity.terms.settings.kit.clone().unwrap_or_default().what;
        let link = kit::change_link(self.content, number);
        let more = [
            ("what", what.into()),
            ("courier", courier.into()),
            ("tracking", tracking.into()),
            ("link", Value::raw(link)),
        ];
        Ok(Some(self.say(spec, &more)))
    }
}
