//! Getting onto the list and off it, as long as it is open.

use super::record::{Choice, Entry};
use crate::domain::activity::record::*;
use crate::domain::activity::rules::Refusal;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::{Person, counted_for};
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
    let (seats, share) = (registration.party.seats(), registration.share);
    let choice = Choice { session, number, seats, share };
    let ticket = match ticket(tx, registration)? {
        Some(ticket) => ticket,
        None => {
            draw.tickets += 1;
            tx.put(&DRAWS, &activity, &draw)?;
            draw.tickets
        }
    };
    for person in counted_for(&registration.person(), &registration.follower) {
        tx.put(&DRAW_TICKETS, &(activity, person), &ticket)?;
    }
    let follower = Some(registration.follower.clone());
    let none = Entry { person: registration.person(), follower, choices: Vec::new(), class: 0, result: None };
    let mut entry = tx.get(&DRAW_ENTRIES, &(activity, ticket))?.unwrap_or(none);
    entry.choices.push(choice);
    tx.put(&DRAW_ENTRIES, &(activity, ticket), &entry)?;
    Ok(ticket)
}

/// Takes the sign-up off the list. While the draw runs nothing may be taken off. The ticket stays its person's.
pub fn withdraw(tx: &mut Tx, registration: &Registration) -> Result<Result<(), Refusal>, Fault> {
    let RegistrationNumber { activity, session, number } = registration.number;
    match tx.get(&DRAWS, &activity)? {
        Some(draw) if !draw.is_open() => return Ok(Err(Refusal::DrawRunning)),
        _ => {}
    }
    let Some(ticket) = ticket(tx, registration)? else { return Ok(Ok(())) };
    if let Some(mut entry) = tx.get(&DRAW_ENTRIES, &(activity, ticket))? {
        entry.choices.retain(|choice| (choice.session, choice.number) != (session, number));
        if entry.choices.is_empty() {
            tx.delete(&DRAW_ENTRIES, &(activity, ticket))?;
        } else {
            tx.put(&DRAW_ENTRIES, &(activity, ticket), &entry)?;
        }
    }
    Ok(Ok(()))
}

/// The ticket of a sign-up: of its member, or of its account.
pub fn ticket(tx: &Tx, registration: &Registration) -> Result<Option<u32>, Fault> {
    for person in counted_for(&registration.person(), &registration.follower) {
        let ticket = tx.get(&DRAW_TICKETS, &(registration.number.activity, person))?;
        if ticket.is_some() {
            return Ok(ticket);
        }
    }
    Ok(None)
}

/// The account was recognised as the member's: what it applied for is on the member's one ticket, as long as the list is
/// open.
pub fn adopt(tx: &mut Tx, registration: &Registration, member: MemberId) -> Result<(), Fault> {
    let activity = registration.number.activity;
    let key = (activity, Person::Member(member));
    let open = tx.get(&DRAWS, &activity)?.is_some_and(|draw| draw.is_open());
    let Some(own) = ticket(tx, registration)?.filter(|_| open) else { return Ok(()) };
    let Some(kept) = tx.get(&DRAW_TICKETS, &key)?.filter(|kept| *kept != own) else {
        tx.put(&DRAW_TICKETS, &key, &own)?;
        let Some(entry) = tx.get(&DRAW_ENTRIES, &(activity, own))? else { return Ok(()) };
        return tx.put(&DRAW_ENTRIES, &(activity, own), &Entry { person: key.1, ..entry });
    };
    tx.put(&DRAW_TICKETS, &(activity, Person::Follower(registration.follower.clone())), &kept)?;
    let Some(moved) = tx.get(&DRAW_ENTRIES, &(activity, own))? else { return Ok(()) };
    tx.delete(&DRAW_ENTRIES, &(activity, own))?;
    let entry = match tx.get(&DRAW_ENTRIES, &(activity, kept))? {
        Some(mut entry) => {
            entry.choices.extend(moved.choices);
            entry
        }
        None => Entry { person: key.1, ..moved },
    };
    tx.put(&DRAW_ENTRIES, &(activity, kept), &entry)
}
