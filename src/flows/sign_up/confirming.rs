use super::filling::go_on;
use super::{Draft, State, Stepped, again, refused, view};
use crate::domain::activity::commands::{Registered, register};
use crate::domain::activity::record::{Activity, Terms};
use crate::domain::activity::rules::Refusal;
use crate::domain::tables::REGISTRATIONS;
use crate::flows::spoken;
use crate::flows::{Input, Turn, done, kit, next, texts};

pub fn show(turn: &mut Turn, activity: &Activity, mut draft: Draft) -> Stepped {
    draft.shown = draft.shows(&activity.terms);
    let text = view::summary(turn, activity, &draft)?;
    next(State::Confirming(draft), text)
}

pub fn step(turn: &mut Turn, activity: &Activity, draft: Draft, input: &Input) -> Stepped {
    let correctable = !draft.asked(&activity.terms).is_empty();
    if input.is_yes() || input.is(&[spoken::SIGN_UP]) || input.number() == Some(1) {
        return submit(turn, activity, draft);
    }
    let wants_back = matches!(input, Input::Back) || input.is_no();
    if correctable && (wants_back || input.is(spoken::CORRECT) || input.number() == Some(2)) {
        let text = view::correctable(turn, activity, &draft)?;
        return next(State::Correcting(draft), text);
    }
    if wants_back {
        return super::show(turn, activity.id, None);
    }
    again(turn, activity, State::Confirming(draft))
}

/// Which answer is to be corrected?
pub fn correct(turn: &mut Turn, activity: &Activity, draft: Draft, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return show(turn, activity, draft);
    }
    let asked = draft.asked(&activity.terms);
    match input.chosen(&asked) {
        Some(ask) => {
            let question = view::question(turn, activity, *ask)?;
            next(State::Changing { draft, ask: *ask }, question)
        }
        None => again(turn, activity, State::Correcting(draft)),
    }
}

fn submit(turn: &mut Turn, activity: &Activity, mut draft: Draft) -> Stepped {
    // What staff changed while the follower was filling in is asked now, and what they see now is what they confirm.
    draft.ask_ages_anew(turn, &activity.terms)?;
    if draft.next_ask(&activity.terms).is_some() {
        return go_on(turn, activity, draft);
    }
    if let (Some(shown), Some(stands)) = (&draft.shown, draft.shows(&activity.terms))
        && *shown != stands
    {
        let lead = turn.say(&texts::SIGN_UP_CHANGED, &[]);
        return Ok(show(turn, activity, draft)?.after(&lead));
    }
    match register(turn.tx, turn.who, &draft.application())? {
        Ok(Registered::Confirmed { number }) => {
            let values = view::done(turn.content, activity, number);
            let link = view::link_to(turn.content, number);
            let mut text = turn.say(&texts::SIGN_UP_DONE, &values);
            text.push('\n');
            text.push_str(&view::cancelling(turn.content, &activity.terms, number.session, turn.now));
            if activity.terms.settings.kit.is_some()
                && let Some(registration) = turn.tx.get(&REGISTRATIONS, &number.key())?
            {
                text.push_str(&kit::invitation(turn, activity, &registration)?);
            }
            done(format!("{text}\n{link}"))
        }
        Ok(Registered::Applied { number, ticket }) => {
            let mut values = view::done(turn.content, activity, number);
            values.push(("ticket", ticket.into()));
            let at = activity.terms.mode.draw().map(|terms| terms.at).unwrap_or_default();
            values.push(("at", at.into()));
            let how = view::draw_link(turn, activity.id);
            let link = view::link_to(turn.content, number);
            done(format!("{}\n{how}\n{link}", turn.say(&texts::SIGN_UP_APPLIED, &values)))
        }
        Ok(Registered::UnderReview { number }) => {
            let link = view::link_to(turn.content, number);
            let values = view::done(turn.content, activity, number);
            done(format!("{}\n{link}", turn.say(&texts::SIGN_UP_UNDER_REVIEW, &values)))
        }
        Ok(Registered::Waiting { number, position }) => {
            let mut values = view::done(turn.content, activity, number);
            values.push(("position", position.into()));
            values.push(("how", view::seat_comes(turn.content, &activity.terms).into()));
            let link = view::link_to(turn.content, number);
            done(format!("{}\n{link}", turn.say(&texts::SIGN_UP_WAITING, &values)))
        }
        // What may be answered changed.
        Err(Refusal::AnswerMissing { name } | Refusal::AnswerWrong { name, .. }) => {
            draft.answers.retain(|(given, _)| *given != name);
            draft.skipped.retain(|given| *given != name);
            go_on(turn, activity, draft)
        }
        // Another session or fewer people may do.
        Err(Refusal::Full { .. } | Refusal::WaitingListFull { .. } | Refusal::KeptForOthers { .. })
            if can_be_less(&activity.terms) =>
        {
            show(turn, activity, draft)
        }
        Err(refusal) => refused(turn, &refusal),
    }
}

fn can_be_less(terms: &Terms) -> bool {
    terms.sessions.len() > 1 || terms.party.max_companions > 0 || terms.party.max_children > 0
}
