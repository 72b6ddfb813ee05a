//! Getting onto the list and off it, as long as it is open.

use super::record::{Choice, Entry};
use crate::domain::activity::record::*;
use crate::domain::activity::rules::Refusal;
use crate::domain::tables::{DRAW_ENTRIES, DRAW_TICKETS, DRAWS};
use crate::store::{Fault, Tx};

/// May another choice be added?
pub fn open(tx: &Tx, activity: &Activity, held: usize) -> Result<Result<(), Refusal>, Fault> {
    let Some(terms) = activity.terms.mode.draw() else { return Ok(Ok(())) };
    let draw = tx.get(&DRAWS, &activity.id)?;
    Ok(match draw {
        Some(draw) if draw.is_open() && tx.moment().now < terms.at => {
            match held < usize::from(terms.choices_max) {
                true => Ok(()),
                false => Err(Refusal::TooManyChoices { max: terms.choices_max }),
            }
        }
        _ => Err(Refusal::Closed { closed: activity.terms.sign_up.closes.min(terms.at) }),
    })
}

/// Puts the sign-up onto its person's ticket, which it makes for the first choice. Gives the ticket's number.
pub fn enter(tx: &mut Tx, registration: &Registration) -> Result<u32, Fault> {
    let RegistrationNumber { activity, session, number } = registration.number;
    let Some(mut draw) = tx.get(&DRAWS, &activity)? else { return Ok(0) };
    let person = registration.person();
    let choice = Choice { session, number, seats: registration.party.seats() };
    let ticket = match tx.get(&DRAW_TICKETS, &(activity, person.clone()))? {
        Some(ticket) => ticket,
        None => {
            draw.tickets += 1;
            tx.put(&DRAW_TICKETS, &(activity, person.clone()), &draw.tickets)?;
            tx.put(&DRAWS, &activity, &draw)?;
            draw.tickets
        }
    };
    let none = Entry { person, choices: Vec::new(), class: 0, result: None };
    let mut entry = tx.get(&DRAW_ENTRIES, &(activity, ticket))?.unwrap_or(none);
    entry.choices.push(choice);
    tx.put(&DRAW_ENTRIES, &(activity, ticket), &entry)?;
    Ok(ticket)
}

/// Takes the sign-up off the list. While the draw runs nothing may be taken off.
pub fn withdraw(tx: &mut Tx, registration: &Registration) -> Result<Result<(), Refusal>, Fault> {
    let RegistrationNumber { activity, session, number } = registration.number;
    match tx.get(&DRAWS, &activity)? {
        Some(draw) if !draw.is_open() => return Ok(Err(Refusal::DrawRunning)),
        _ => {}
    }
    let person = registration.person();
    let Some(ticket) = tx.get(&DRAW_TICKETS, &(activity, person.clone()))? else { return Ok(Ok(())) };
    if let Some(mut entry) = tx.get(&DRAW_ENTRIES, &(activity, ticket))? {
        entry.choices.retain(|choice| (choice.session, choice.number) != (session, number));
        if entry.choices.is_empty() {
            tx.delete(&DRAW_ENTRIES, &(activity, ticket))?;
            tx.delete(&DRAW_TICKETS, &(activity, person))?;
        } else {
            tx.put(&DRAW_ENTRIES, &(activity, ticket), &entry)?;
        }
    }
    Ok(Ok(()))
}

/// The ticket of a sign-up, and its draw's entry.
pub fn ticket(tx: &Tx, registration: &Registration) -> Result<Option<u32>, Fault> {
    tx.get(&DRAW_TICKETS, &(registration.number.activity, registration.person()))
}
