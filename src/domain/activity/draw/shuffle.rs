//! The arithmetic of a draw, without store and clock: hashes, the order, and who gets a seat.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::record::{Choice, Outcome};

/// What is hashed first: what the list is drawn for. `shares`: by session, if there are any.
pub fn header(activity: u32, seats: &[u32], shares: &[Vec<u32>], waiting_max: u16) -> String {
    let edition = if shares.is_empty() { 1 } else { 2 };
    let mut text = format!("gonghui draw {edition}\nactivity A{activity}\n");
    for (session, seats) in (1..).zip(seats) {
        text.push_str(&format!("seats {session} {seats}\n"));
    }
    for (session, shares) in (1..).zip(shares) {
        for (share, seats) in (1..).zip(shares) {
            text.push_str(&format!("share {session} {share} {seats}\n"));
        }
    }
    text.push_str(&format!("waiting {waiting_max}\n"));
    text
}

/// One ticket as it stands on the list: `entry 7 1 1:12:2 3:4:2`; where there are shares `entry 7 1 1:12:2:1 3:4:2:0`.
pub fn line(ticket: u32, class: u8, choices: &[Choice], has_shares: bool) -> String {
    let mut text = format!("entry {ticket} {class}");
    for Choice { session, number, seats, share } in choices {
        text.push_str(&format!(" {session}:{number}:{seats}"));
        if has_shares {
            text.push_str(&format!(":{}", share.map_or(0, |share| share + 1)));
        }
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
    /// By session.
    pub rooms: Vec<Room>,
    pub waiting_max: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Room {
    pub free: u32,
    pub waiting: u32,
    /// Of the free seats, those that are for each share first.
    pub kept: Vec<u32>,
}

impl Room {
    fn kept_for_others(&self, share: Option<u8>) -> u32 {
        let others = self.kept.iter().enumerate().filter(|(index, _)| share.map(usize::from) != Some(*index));
        others.map(|(_, seats)| seats).sum()
    }
}

impl Rooms {
    pub fn has_shares(&self) -> bool {
        self.rooms.iter().any(|room| !room.kept.is_empty())
    }

    /// The next in the order, while what the shares have not used is kept for them. `None`: no seat for them yet.
    pub fn seat_first(&mut self, choices: &[Choice]) -> Option<Vec<Outcome>> {
        let free =
            |room: &Room, choice: &Choice| room.free.saturating_sub(room.kept_for_others(choice.share));
        self.seat_if(choices, free)
    }

    /// The next in the order, with nothing kept: the first of their choices with room for the whole party is a seat. With
    /// none, they wait for each, as far as its list takes them.
    pub fn seat(&mut self, choices: &[Choice]) -> Vec<Outcome> {
        match self.seat_if(choices, |room, _| room.free) {
            Some(outcomes) => outcomes,
            None => choices.iter().map(|choice| self.wait(choice.session)).collect(),
        }
    }

    fn seat_if(&mut self, choices: &[Choice], free: fn(&Room, &Choice) -> u32) -> Option<Vec<Outcome>> {
        let fits = |choice: &Choice| {
            self.room(choice.session).is_some_and(|room| u32::from(choice.seats) <= free(room, choice))
        };
        let won = choices.iter().position(fits)?;
        let choice = choices[won];
        if let Some(room) = self.room_mut(choice.session) {
            room.free -= u32::from(choice.seats);
            if let Some(kept) = choice.share.and_then(|share| room.kept.get_mut(usize::from(share))) {
                *kept = kept.saturating_sub(u32::from(choice.seats));
            }
        }
        let outcome = |index| if index == won { Outcome::Seat } else { Outcome::Lost };
        Some((0..choices.len()).map(outcome).collect())
    }

    fn wait(&mut self, session: u16) -> Outcome {
        let max = u32::from(self.waiting_max);
        match self.room_mut(session) {
            Some(room) if room.waiting < max => {
                room.waiting += 1;
                Outcome::Waits(room.waiting)
            }
            _ => Outcome::Lost,
        }
    }

    fn room(&self, session: u16) -> Option<&Room> {
        self.rooms.get(usize::from(session).checked_sub(1)?)
    }

    fn room_mut(&mut self, session: u16) -> Option<&mut Room> {
        self.rooms.get_mut(usize::from(session).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(session: u16, seats: u16) -> Choice {
        Choice { session, number: 1, seats, share: None }
    }

    fn room(free: u32, kept: &[u32]) -> Room {
        Room { free, kept: kept.to_vec(), ..Room::default() }
    }

    #[test]
    fn one_seat_a_person_and_a_party_stays_together() {
        let mut rooms = Rooms { rooms: vec![room(2, &[]), room(3, &[])], waiting_max: 1 };
        assert_eq!(rooms.seat(&[choice(1, 1), choice(2, 1)]), [Outcome::Seat, Outcome::Lost]);
        assert_eq!(rooms.seat(&[choice(1, 2), choice(2, 3)]), [Outcome::Lost, Outcome::Seat]);
        assert_eq!(rooms.seat(&[choice(2, 1), choice(1, 2)]), [Outcome::Waits(1), Outcome::Waits(1)]);
        assert_eq!(rooms.seat(&[choice(2, 1)]), [Outcome::Lost]);
        assert_eq!(rooms.seat(&[choice(1, 1)]), [Outcome::Seat]);
        assert_eq!(rooms.seat(&[choice(9, 1)]), [Outcome::Lost]);
    }

    #[test]
    fn a_share_has_its_seats_first_and_what_it_leaves_is_for_all() {
        let mut rooms = Rooms { rooms: vec![room(4, &[2, 1])], waiting_max: 5 };
        let of = |share, seats| [Choice { share, ..choice(1, seats) }];
        let seat = Some(vec![Outcome::Seat]);
        assert_eq!(rooms.seat_first(&of(None, 1)), seat, "one seat is in no share");
        assert_eq!(rooms.seat_first(&of(None, 1)), None);
        assert_eq!(rooms.seat_first(&of(Some(1), 2)), None, "a party is whole or not at all");
        assert_eq!(rooms.seat_first(&of(Some(0), 1)), seat);
        assert_eq!(rooms.seat_first(&of(Some(0), 2)), None, "what is left is another share's");
        assert_eq!(rooms.rooms[0], room(2, &[1, 1]));
        assert_eq!(rooms.seat(&of(None, 2)), [Outcome::Seat]);
        assert_eq!(rooms.seat(&of(Some(1), 1)), [Outcome::Waits(1)]);
    }

    #[test]
    fn every_byte_of_a_line_and_its_place_count() {
        let begun = begin(&header(12, &[30], &[], 20));
        let one = line(1, 1, &[choice(1, 1)], false);
        let two = line(2, 1, &[choice(1, 1)], false);
        assert_eq!(one, "entry 1 1 1:1:1\n");
        assert_eq!(line(1, 1, &[Choice { share: Some(1), ..choice(1, 1) }], true), "entry 1 1 1:1:1:2\n");
        assert_ne!(extend(&extend(&begun, &one), &two), extend(&extend(&begun, &two), &one));
        assert_ne!(place(&[7; 32], &begun, 1), place(&[7; 32], &begun, 2));
        assert_ne!(place(&[7; 32], &begun, 1), place(&[8; 32], &begun, 1));
    }
}
