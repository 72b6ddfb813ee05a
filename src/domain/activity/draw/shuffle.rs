//! The arithmetic of a draw, without store and clock: hashes, the order, and who gets a seat.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::record::{Choice, Outcome};

/// What is hashed first: what the list is drawn for.
pub fn header(activity: u32, seats: &[u32], waiting_max: u16) -> String {
    let mut text = format!("gonghui draw 1\nactivity A{activity}\n");
    for (index, seats) in seats.iter().enumerate() {
        text.push_str(&format!("seats {} {seats}\n", index + 1));
    }
    text.push_str(&format!("waiting {waiting_max}\n"));
    text
}

/// One ticket as it stands on the list: `entry 7 1 1:12:2 3:4:2`.
pub fn line(ticket: u32, class: u8, choices: &[Choice]) -> String {
    let mut text = format!("entry {ticket} {class}");
    for Choice { session, number, seats } in choices {
        text.push_str(&format!(" {session}:{number}:{seats}"));
    }
    text.push('\n');
    text
}

pub fn begin(header: &str) -> [u8; 32] {
    Sha256::digest(header.as_bytes()).into()
}

/// The hash of the list with one more line: a chain, so that a long list is hashed piece by piece.
pub fn extend(hash: &[u8; 32], line: &str) -> [u8; 32] {
    Sha256::new().chain_update(hash).chain_update(line.as_bytes()).finalize().into()
}

pub fn commitment(seed: &[u8]) -> [u8; 32] {
    Sha256::digest(seed).into()
}

/// Where a ticket stands within its class: smaller comes first.
pub fn place(seed: &[u8], list_hash: &[u8; 32], ticket: u32) -> [u8; 32] {
    // A key of any length is one for HMAC.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(seed) else { return [0; 32] };
    mac.chain_update(list_hash).chain_update(ticket.to_be_bytes()).finalize().into_bytes().into()
}

/// Seats and waiting lists of the sessions as they fill up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rooms {
    /// Free seats and people waiting, by session.
    pub rooms: Vec<(u32, u32)>,
    pub waiting_max: u16,
}

impl Rooms {
    /// The next in the order: the first of their choices with room for the whole party is a seat. With none, they
    /// wait for each, as far as its list takes them.
    pub fn seat(&mut self, choices: &[Choice]) -> Vec<Outcome> {
        let fits = |choice: &Choice| {
            self.room(choice.session).is_some_and(|(free, _)| u32::from(choice.seats) <= *free)
        };
        if let Some(won) = choices.iter().position(fits) {
            let choice = choices[won];
            if let Some((free, _)) = self.room_mut(choice.session) {
                *free -= u32::from(choice.seats);
            }
            let outcome = |index| if index == won { Outcome::Seat } else { Outcome::Lost };
            return (0..choices.len()).map(outcome).collect();
        }
        choices.iter().map(|choice| self.wait(choice.session)).collect()
    }

    fn wait(&mut self, session: u16) -> Outcome {
        let max = u32::from(self.waiting_max);
        match self.room_mut(session) {
            Some((_, waiting)) if *waiting < max => {
                *waiting += 1;
                Outcome::Waits(*waiting)
            }
            _ => Outcome::Lost,
        }
    }

    fn room(&self, session: u16) -> Option<&(u32, u32)> {
        self.rooms.get(usize::from(session).checked_sub(1)?)
    }

    fn room_mut(&mut self, session: u16) -> Option<&mut (u32, u32)> {
        self.rooms.get_mut(usize::from(session).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(session: u16, seats: u16) -> Choice {
        Choice { session, number: 1, seats }
    }

    #[test]
    fn one_seat_a_person_and_a_party_stays_together() {
        let mut rooms = Rooms { rooms: vec![(2, 0), (3, 0)], waiting_max: 1 };
        assert_eq!(rooms.seat(&[choice(1, 1), choice(2, 1)]), [Outcome::Seat, Outcome::Lost]);
        assert_eq!(rooms.seat(&[choice(1, 2), choice(2, 3)]), [Outcome::Lost, Outcome::Seat]);
        assert_eq!(rooms.seat(&[choice(2, 1), choice(1, 2)]), [Outcome::Waits(1), Outcome::Waits(1)]);
        assert_eq!(rooms.seat(&[choice(2, 1)]), [Outcome::Lost]);
        assert_eq!(rooms.seat(&[choice(1, 1)]), [Outcome::Seat]);
        assert_eq!(rooms.seat(&[choice(9, 1)]), [Outcome::Lost]);
    }

    #[test]
    fn every_byte_of_a_line_and_its_place_count() {
        let begun = begin(&header(12, &[30], 20));
        let one = line(1, 1, &[choice(1, 1)]);
        let two = line(2, 1, &[choice(1, 1)]);
        assert_eq!(one, "entry 1 1 1:1:1\n");
        assert_ne!(extend(&extend(&begun, &one), &two), extend(&extend(&begun, &two), &one));
        assert_ne!(place(&[7; 32], &begun, 1), place(&[7; 32], &begun, 2));
        assert_ne!(place(&[7; 32], &begun, 1), place(&[8; 32], &begun, 1));
    }
}
