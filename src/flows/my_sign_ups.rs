//! 我的报名: what a follower signed up for, and giving it back.

use serde::{Deserialize, Serialize};

use super::sign_up::view as view_of;
use super::texts::{self, words};
use super::{Input, Step, Tap, Turn, done, kit, next, offer};
use crate::content::Value;
use crate::domain::activity::commands::{cancel, how_cancelled, waiting_position};
use crate::domain::activity::holder::{SessionKey, mine_below, own};
use crate::domain::activity::record::*;
use crate::domain::activity::rules::{self, Refusal};
use crate::domain::activity::{draw, history};
use crate::domain::tables::ACTIVITIES;
use crate::flows::numbered;
use crate::flows::spoken;
use crate::store::Fault;
use crate::wechat::reply::{menu_link, neutral};

/// Sessions shown at a time.
const SHOWN: usize = 8;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum State {
    Listing {
        shown: Vec<RegistrationNumber>,
        /// Where the next page begins.
        #[serde(default)]
        next: Option<SessionKey>,
    },
    Detail {
        number: RegistrationNumber,
    },
    Cancelling {
        number: RegistrationNumber,
        /// They read that it counts half an absence.
        #[serde(default)]
        late: bool,
    },
    Offered {
        number: RegistrationNumber,
    },
}

impl State {
    /// Is something asked, and not only shown?
    pub fn is_question(&self) -> bool {
        matches!(self, State::Cancelling { .. } | State::Offered { .. })
    }
}

type Stepped = Result<Step<State>, Fault>;

pub fn list(turn: &mut Turn) -> Stepped {
    page(turn, None)
}

/// 取消报名: the only one that can be given back is meant; of several, one is chosen first.
pub fn which_to_cancel(turn: &mut Turn) -> Stepped {
    let (mine, after) = mine_below(turn.tx, turn.who, None, SHOWN)?;
    let is_meant = |(activity, held): &(_, Registration)| {
        held.status.is_live() && how_cancelled(activity, held, turn.now).is_ok()
    };
    let mut meant = mine.iter().filter(|one| is_meant(one)).map(|(_, held)| held.number);
    match (meant.next(), meant.next()) {
        (Some(number), None) if after.is_none() => ask_to_cancel(turn, number),
        _ => list(turn),
    }
}

fn page(turn: &mut Turn, below: Option<SessionKey>) -> Stepped {
    let (mut mine, mut after) = mine_below(turn.tx, turn.who, below, SHOWN)?;
    // A page holds none if all of its places are another account's by now.
    while mine.is_empty() && after.is_some() {
        (mine, after) = mine_below(turn.tx, turn.who, after, SHOWN)?;
    }
    if mine.is_empty() {
        return done(turn.say(&texts::MY_NONE, &[]));
    }
    let mut lines = Vec::new();
    for (index, (activity, registration)) in mine.iter().enumerate() {
        let title = neutral(&activity.terms.title);
        let label = format!("{}. {title}", index + 1);
        let link = Tap::Mine(registration.number).link(&label, &(index + 1).to_string());
        let status = status(turn, activity, registration)?;
        lines.push(format!("{link}\n   {} · {status}", when(activity, registration.number)));
    }
    let mut text = turn.say(&texts::MY_LIST, &[("items", Value::raw(lines.join("\n")))]);
    if after.is_some() {
        text.push('\n');
        text.push_str(&menu_link(&turn.say(&words::LINK_NEXT_PAGE, &[]), spoken::NEXT_PAGE, "next"));
    }
    let shown = mine.iter().map(|(_, registration)| registration.number).collect();
    next(State::Listing { shown, next: after }, text)
}

pub fn detail(turn: &mut Turn, number: RegistrationNumber) -> Stepped {
    let Some((activity, registration)) = own(turn.tx, turn.who, number)? else {
        return done(turn.explain(&Refusal::NotSignedUp));
    };
    let status = status(turn, &activity, &registration)?;
    let values = [
        ("title", Value::from(&activity.terms.title)),
        ("number", number.to_string().into()),
        ("status", status.into()),
        ("when", when(&activity, number).into()),
        ("place", view_of::place(turn.content, &activity.terms.place).into()),
        ("seats", registration.party.seats().into()),
    ];
    let mut text = turn.say(&texts::MY_DETAIL, &values);
    if let (Place::Online { link: Some(link) }, Status::Confirmed) =
        (&activity.terms.place, &registration.status)
    {
        text.push('\n');
        text.push_str(&turn.say(&words::LESSON_LINK, &[("link", link.into())]));
    }
    if registration.status == Status::Confirmed
        && let Some(line) = view_of::insurance(turn, &activity.terms)
    {
        text.push_str(&format!("\n{line}"));
    }
    if let Some(at) = registration.forgotten {
        text.push('\n');
        text.push_str(&turn.say(&texts::MY_ERASED, &[("at", at.into())]));
    }
    if let Some(reason) = &registration.refused {
        text.push('\n');
        let taken_back = registration.status == Status::Cancelled { by: By::Staff };
        let spec = if taken_back { &texts::MY_TAKEN_BACK } else { &texts::MY_REFUSED };
        text.push_str(&turn.say(spec, &[("reason", reason.into())]));
    }
    text.push_str(&kit::status(turn, &activity, &registration)?);
    text.push_str(&offer::passed_over(turn, number)?);
    if activity.terms.mode.draw().is_some() {
        text.push('\n');
        text.push_str(&view_of::draw_link(turn, activity.id));
    }
    if matches!(registration.attendance, Some(Attendance::Absent { .. })) {
        text.push('\n');
        text.push_str(&Tap::Appeal(number).link(&turn.say(&words::LINK_APPEAL, &[]), spoken::APPEAL));
    }
    let is_settled = !registration.status.is_live() || registration.attendance.is_some();
    let is_off = matches!(activity.state, ActivityState::Cancelled { .. });
    if is_settled || is_off || is_over(turn, &activity, number) {
        return done(text);
    }
    if let Status::Offered { .. } = registration.status {
        let choices = offer::choices(turn.content, number);
        return next(State::Offered { number }, format!("{text}\n{choices}"));
    }
    if registration.status == Status::Confirmed {
        text.push_str(&view_of::giving_back(turn.content, &activity, &registration, turn.now));
    }
    if how_cancelled(&activity, &registration, turn.now).is_ok() {
        text.push('\n');
        text.push_str(&numbered(turn, Tap::Cancel(number), &[(&words::LINK_CANCEL, spoken::CANCEL[0])]));
    }
    next(State::Detail { number }, text)
}

pub fn ask_to_cancel(turn: &mut Turn, number: RegistrationNumber) -> Stepped {
    match own(turn.tx, turn.who, number)? {
        Some((activity, registration)) if registration.status.is_live() => {
            let by = match how_cancelled(&activity, &registration, turn.now) {
                Ok(by) => by,
                Err(refusal) => return done(turn.explain(&refusal)),
            };
            let yes = [(&words::LINK_CONFIRM_CANCEL, spoken::CONFIRM_CANCEL)];
            let yes = numbered(turn, Tap::ConfirmCancel(number), &yes);
            let mut values = vec![
                ("title", Value::from(&activity.terms.title)),
                ("when", when(&activity, number).into()),
                ("choices", Value::raw(yes)),
            ];
            let text = match (by, activity.terms.settings.absence) {
                (By::Late, Some(rule)) => {
                    let consequence = consequence(turn, &registration, rule)?;
                    values.push(("deadline", rules::cancel_deadline(&activity.terms, number.session).into()));
                    values.push(("consequence", consequence.into()));
                    turn.say(&texts::MY_ASK_LATE_CANCEL, &values)
                }
                (By::PromotedLate, _) => turn.say(&texts::MY_ASK_CANCEL_PROMOTED, &values),
                (By::Moved, _) => turn.say(&texts::MY_ASK_CANCEL_MOVED, &values),
                _ if registration.status == Status::Applied && activity.terms.mode == Mode::Review => {
                    turn.say(&texts::MY_ASK_WITHDRAW_REVIEW, &values)
                }
                _ if registration.status == Status::Applied => turn.say(&texts::MY_ASK_WITHDRAW, &values),
                _ => turn.say(&texts::MY_ASK_CANCEL, &values),
            };
            next(State::Cancelling { number, late: by == By::Late }, text)
        }
        _ => done(turn.explain(&Refusal::NotSignedUp)),
    }
}

/// What half an absence more would come to.
fn consequence(turn: &Turn, registration: &Registration, rule: Absence) -> Result<String, Fault> {
    let history = history::of_holder(turn.tx, registration)?;
    let struck = history::would_strike(&history, 1, rule, turn.now);
    let mut values = vec![
        ("absences", Value::from(history::count(struck.halves))),
        ("within", rule.within_days.into()),
        ("max", rule.count.into()),
        ("days", rule.bar_days.into()),
    ];
    let nearly = struck.halves + 2 >= 2 * u32::from(rule.count);
    Ok(match struck.barred {
        Some(until) => {
            values.push(("until", until.into()));
            turn.say(&texts::MY_LATE_BARS, &values)
        }
        None if nearly => turn.say(&texts::MY_LATE_NEARLY, &values),
        None => turn.say(&texts::MY_LATE_COUNTS, &values),
    })
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    match state {
        State::Listing { next: Some(below), .. } if input.is(&[spoken::NEXT_PAGE, spoken::MORE]) => {
            page(turn, Some(below))
        }
        State::Listing { shown, .. } => match input.chosen(&shown) {
            Some(number) => detail(turn, *number),
            None => Ok(Step::Pass),
        },
        State::Detail { number } if input.number() == Some(1) || input.is(spoken::CANCEL) => {
            ask_to_cancel(turn, number)
        }
        State::Detail { .. } if matches!(input, Input::Back) => list(turn),
        State::Detail { .. } => Ok(Step::Pass),
        State::Offered { number } if input.number() == Some(1) || input.is_yes() => {
            answer_offer(turn, number, true)
        }
        State::Offered { number } if input.number() == Some(2) || input.is_no() => {
            answer_offer(turn, number, false)
        }
        State::Offered { .. } if matches!(input, Input::Back) => list(turn),
        State::Offered { .. } => Ok(Step::Pass),
        State::Cancelling { number, late } if input.is_yes() || input.number() == Some(1) => {
            match !late && is_late(turn, number)? {
                true => ask_to_cancel(turn, number), // the deadline passed since they were asked
                false => give_back(turn, number),
            }
        }
        State::Cancelling { number, .. } if input.is_no() || matches!(input, Input::Back) => {
            let kept = turn.say(&texts::MY_KEPT, &[]);
            Ok(detail(turn, number)?.after(&kept))
        }
        State::Cancelling { number, .. } => Ok(ask_to_cancel(turn, number)?.again()),
    }
}

fn answer_offer(turn: &mut Turn, number: RegistrationNumber, accept: bool) -> Stepped {
    match offer::settle(turn, number, accept)? {
        Step::Done(reply) => Ok(Step::Done(reply)),
        Step::Next(..) | Step::Again(..) | Step::Offers(..) | Step::Pass => Ok(Step::Pass),
    }
}

/// Who stops where it is asked whether to give a seat back may take that for a yes.
pub fn stands(turn: &Turn, state: &State) -> Result<Option<String>, Fault> {
    let State::Cancelling { number, .. } = state else { return Ok(None) };
    let own = own(turn.tx, turn.who, *number)?.filter(|(_, registration)| registration.status.is_live());
    Ok(own.map(|(activity, _)| {
        let stands = turn.say(&texts::MY_STANDS, &[("title", (&activity.terms.title).into())]);
        format!("{stands}\n{}", view_of::link_to(turn.content, *number))
    }))
}

fn give_back(turn: &mut Turn, number: RegistrationNumber) -> Stepped {
    match cancel(turn.tx, turn.who, number)? {
        Ok(registration) => {
            let Some(activity) = turn.tx.get(&ACTIVITIES, &number.activity)? else {
                return done(turn.explain(&Refusal::UnknownActivity));
            };
            let title = Value::from(&activity.terms.title);
            let mut values = vec![("title", title), ("number", number.to_string().into())];
            let late = registration.status == Status::Cancelled { by: By::Late };
            let Some(rule) = activity.terms.settings.absence.filter(|_| late) else {
                return done(turn.say(&texts::MY_CANCELLED, &values));
            };
            let history = history::of_holder(turn.tx, &registration)?;
            let absences = history::count(history.halves(rule.within_days, turn.now));
            values.extend([("absences", absences.into()), ("within", rule.within_days.into())]);
            match history.bar(turn.now) {
                Some(bar) => {
                    values.push(("until", bar.until.into()));
                    done(turn.say(&texts::MY_CANCELLED_BARRED, &values))
                }
                None => {
                    values.extend([("max", rule.count.into()), ("days", rule.bar_days.into())]);
                    done(turn.say(&texts::MY_CANCELLED_LATE, &values))
                }
            }
        }
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

fn is_late(turn: &Turn, number: RegistrationNumber) -> Result<bool, Fault> {
    let own = own(turn.tx, turn.who, number)?.filter(|(_, registration)| registration.status.is_live());
    Ok(own.is_some_and(|(activity, held)| how_cancelled(&activity, &held, turn.now) == Ok(By::Late)))
}

fn when(activity: &Activity, number: RegistrationNumber) -> String {
    let session = activity.terms.session(number.session);
    session.map(view_of::span).unwrap_or_default()
}

fn is_over(turn: &Turn, activity: &Activity, number: RegistrationNumber) -> bool {
    let session = activity.terms.session(number.session);
    session.is_some_and(|session| session.ends <= turn.now)
}

/// 已报名 · 候补(第2位) · 已取消 · 活动已取消 · 已结束
pub fn status(turn: &Turn, activity: &Activity, registration: &Registration) -> Result<String, Fault> {
    let is_off = matches!(activity.state, ActivityState::Cancelled { .. });
    if is_off && (!registration.status.is_live() || registration.attendance.is_none()) {
        return Ok(turn.say(&words::CALLED_OFF, &[]));
    }
    let over = is_over(turn, activity, registration.number);
    let said = match (&registration.attendance, &registration.status) {
        (Some(Attendance::Present { .. }), _) => &words::CAME,
        (Some(Attendance::Absent { .. }), _) => &words::ABSENT,
        (Some(Attendance::Excused { .. }), _) => &words::EXCUSED,
        (None, Status::Applied) if activity.terms.mode == Mode::Review => &words::IN_REVIEW,
        (None, Status::Applied) => return applied(turn, activity, registration),
        (None, Status::Lost) => &words::LOST,
        (None, Status::Offered { until }) => {
            return Ok(turn.say(&words::OFFERED, &[("until", (*until).into())]));
        }
        (None, Status::Cancelled { by }) => match by {
            By::Refused => &words::TURNED_DOWN,
            By::Undecided => &words::UNDECIDED,
            By::Staff => &words::TAKEN_BACK,
            By::Lapsed => &words::LAPSED,
            By::Declined => &words::DECLINED,
            By::WonOther => &words::WON_OTHER,
            By::Late if activity.terms.settings.absence.is_some() => &words::GIVEN_BACK_LATE,
            _ => &words::GIVEN_BACK,
        },
        (None, Status::Confirmed) if over => &words::OVER,
        (None, Status::Confirmed) => &words::CONFIRMED,
        (None, Status::Waiting)
            if rules::session(activity, registration.number.session, turn.now).is_err() =>
        {
            &words::WAITED_IN_VAIN
        }
        (None, Status::Waiting) => match waiting_position(turn.tx, registration.number)? {
            Some(position) => return Ok(turn.say(&words::WAITING_AT, &[("position", position.into())])),
            None => &words::WAITING,
        },
    };
    Ok(turn.say(said, &[]))
}

/// 待抽签, with the ticket to look for when it is drawn.
fn applied(turn: &Turn, activity: &Activity, registration: &Registration) -> Result<String, Fault> {
    let ticket = draw::apply::ticket(turn.tx, registration)?.unwrap_or_default();
    let at = activity.terms.mode.draw().map(|terms| terms.at.chinese()).unwrap_or_default();
    Ok(turn.say(&words::IN_DRAW, &[("ticket", ticket.into()), ("at", at.into())]))
}
