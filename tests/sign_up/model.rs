//! What must happen, said as plainly as possible: rows in a list, everything recounted each time.

use gonghui::domain::activity::commands::Registered;
use gonghui::domain::activity::manage::ManageRefusal;
use gonghui::domain::activity::record::{Registration, Status};
use gonghui::domain::activity::rules::Refusal;

use super::place::{CANCEL_BEFORE, SESSIONS_START, SIGN_UP_CLOSES, START, Variant, follower};

/// An answer, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Confirmed(u32),
    Waiting { number: u32, position: usize },
    Done,
    AlreadyHolds { number: u32, waiting: bool },
    No(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Confirmed,
    Waiting,
    /// Until that hour.
    Offered {
        until: u64,
    },
    Cancelled,
}

/// What a follower was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Promoted,
    Offered,
    Lapsed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub number: u32,
    pub who: u16,
    pub seats: u32,
    pub stands: Stands,
}

#[derive(Debug)]
pub struct Model {
    variant: Variant,
    closed: bool,
    capacities: [u32; 2],
    sessions: [Vec<Row>; 2],
    declined: Vec<(u16, u32)>,
    /// Who was told what, in order: (what, session, number).
    pub told: Vec<(Told, u16, u32)>,
}

impl Model {
    pub fn new(variant: Variant) -> Model {
        let sessions = [Vec::new(), Vec::new()];
        let capacities = variant.capacities;
        Model { declined: Vec::new(), variant, closed: false, capacities, sessions, told: Vec::new() }
    }

    pub fn sign_up(&mut self, hour: u64, who: u16, session: u16, companions: u8) -> Said {
        if self.closed || hour >= SIGN_UP_CLOSES {
            return Said::No("closed");
        }
        if !(1..=2).contains(&session) {
            return Said::No("unknown_session");
        }
        if let Some(held) = self.live(session).find(|row| row.who == who) {
            let waiting = held.stands == Stands::Waiting;
            return Said::AlreadyHolds { number: held.number, waiting };
        }
        let held = [1, 2].iter().flat_map(|session| self.live(*session)).filter(|row| row.who == who).count();
        if self.variant.series_max.is_some_and(|max| held >= usize::from(max)) {
            return Said::No("series_limit");
        }
        if companions > self.variant.companions_max {
            return Said::No("party_too_large");
        }
        let (seats, capacity) = (1 + u32::from(companions), self.capacities[index(session)]);
        let waiting = self.waiting(session).count();
        let number = self.sessions[index(session)].len() as u32 + 1;
        let stands = if self.taken(session) + seats <= capacity {
            Stands::Confirmed
        } else if self.variant.waiting_max == 0 || seats > capacity {
            return Said::No("full");
        } else if waiting >= usize::from(self.variant.waiting_max) {
            return Said::No("waiting_list_full");
        } else {
            Stands::Waiting
        };
        self.sessions[index(session)].push(Row { number, who, seats, stands });
        match stands {
            Stands::Waiting => Said::Waiting { number, position: waiting + 1 },
            _ => Said::Confirmed(number),
        }
    }

    pub fn cancel(&mut self, hour: u64, who: u16, session: u16, number: u32) -> Said {
        let row = self.sessions[index(session)].iter_mut().find(|row| row.number == number && row.who == who);
        match row {
            None | Some(Row { stands: Stands::Cancelled, .. }) => return Said::No("not_signed_up"),
            Some(Row { stands: Stands::Offered { .. }, .. }) => {
                return self.answer(hour, who, session, number, false);
            }
            Some(Row { stands: Stands::Confirmed, .. }) if hour >= CANCEL_BEFORE => {
                return Said::No("deadline_passed");
            }
            Some(row) => row.stands = Stands::Cancelled,
        }
        self.move_up(hour, session);
        Said::Done
    }

    /// 接受, or 放弃.
    pub fn answer(&mut self, hour: u64, who: u16, session: u16, number: u32, accept: bool) -> Said {
        let row = self.sessions[index(session)].iter_mut().find(|row| row.number == number && row.who == who);
        let Some(row) = row else { return Said::No("not_signed_up") };
        let lapsed = self.told.contains(&(Told::Lapsed, session, number));
        let declined = self.declined.contains(&(session, number));
        match (row.stands, accept) {
            (Stands::Confirmed, true) => Said::Done,
            (Stands::Offered { .. }, true) => {
                row.stands = Stands::Confirmed;
                Said::Done
            }
            (Stands::Offered { .. }, false) => {
                row.stands = Stands::Cancelled;
                self.declined.push((session, number));
                self.move_up(hour, session);
                Said::Done
            }
            (Stands::Cancelled, true) if lapsed => Said::No("offer_gone"),
            (Stands::Cancelled, false) if declined => Said::Done,
            _ => Said::No("no_offer"),
        }
    }

    /// Offers whose time is over pass on, the earliest first; of one hour, in the order of their timers' names.
    pub fn lapse(&mut self, hour: u64) {
        loop {
            let over = |session: u16| {
                let rows = self.sessions[index(session)].iter();
                rows.filter_map(move |row| match row.stands {
                    Stands::Offered { until } if until <= hour => {
                        Some((until, session, row.number.to_string()))
                    }
                    _ => None,
                })
            };
            let Some((_, session, number)) = over(1).chain(over(2)).min() else { return };
            let number: u32 = number.parse().unwrap();
            self.sessions[index(session)][number as usize - 1].stands = Stands::Cancelled;
            self.told.push((Told::Lapsed, session, number));
            self.move_up(hour, session);
        }
    }

    pub fn capacity(&mut self, hour: u64, session: u16, seats: u32) -> Said {
        if seats < self.taken(session) {
            return Said::No("capacity_below_taken");
        }
        self.capacities[index(session)] = seats;
        self.move_up(hour, session);
        Said::Done
    }

    pub fn close(&mut self) -> Said {
        self.closed = true;
        Said::Done
    }

    pub fn publish(&mut self, hour: u64) -> Said {
        if self.closed && hour >= SIGN_UP_CLOSES {
            return Said::No("sign_up_over");
        }
        self.closed = false;
        Said::Done
    }

    /// The first who waits and fits, again and again; who is too many for what is free keeps their place.
    fn move_up(&mut self, hour: u64, session: u16) {
        if hour >= SESSIONS_START {
            return;
        }
        loop {
            let free = self.capacities[index(session)] - self.taken(session);
            let rows = self.sessions[index(session)].iter_mut();
            let next = rows.filter(|row| row.stands == Stands::Waiting).find(|row| row.seats <= free);
            let Some(row) = next else { return };
            let (stands, told) = match self.variant.offers {
                true => (Stands::Offered { until: offer_ends(hour) }, Told::Offered),
                false => (Stands::Confirmed, Told::Promoted),
            };
            row.stands = stands;
            let number = row.number;
            self.told.push((told, session, number));
        }
    }

    /// The follower's latest sign-up there, live or not.
    pub fn latest(&self, who: u16, session: u16) -> Option<u32> {
        self.sessions[index(session)].iter().rfind(|row| row.who == who).map(|row| row.number)
    }

    pub fn first(&self, session: u16) -> Option<u32> {
        self.sessions[index(session)].first().map(|row| row.number)
    }

    pub fn position(&self, session: u16, number: u32) -> Option<usize> {
        self.waiting(session).position(|row| row.number == number).map(|index| index + 1)
    }

    pub fn holder(&self, session: u16, number: u32) -> u16 {
        self.sessions[index(session)][number as usize - 1].who
    }

    pub fn rows(&self) -> Vec<(u16, Row)> {
        let of = |session: u16| self.sessions[index(session)].iter().map(move |row| (session, *row));
        of(1).chain(of(2)).collect()
    }

    fn live(&self, session: u16) -> impl Iterator<Item = &Row> {
        self.sessions[index(session)].iter().filter(|row| row.stands != Stands::Cancelled)
    }

    fn waiting(&self, session: u16) -> impl Iterator<Item = &Row> {
        self.live(session).filter(|row| row.stands == Stands::Waiting)
    }

    fn taken(&self, session: u16) -> u32 {
        let holds = |row: &&Row| matches!(row.stands, Stands::Confirmed | Stands::Offered { .. });
        self.live(session).filter(holds).map(|row| row.seats).sum()
    }
}

/// Twelve hours, two in the last day, never past the start.
fn offer_ends(hour: u64) -> u64 {
    let hours = if SESSIONS_START - hour <= 24 { 2 } else { 12 };
    (hour + hours).min(SESSIONS_START)
}

fn index(session: u16) -> usize {
    usize::from(session) - 1
}

impl Said {
    pub fn of_sign_up(answer: Result<Registered, Refusal>) -> Said {
        match answer {
            Ok(Registered::Confirmed { number }) => Said::Confirmed(number.number),
            Ok(Registered::Waiting { number, position }) => Said::Waiting { number: number.number, position },
            Ok(applied) => panic!("nothing is drawn here: {applied:?}"),
            Err(refusal) => Said::of_refusal(Some(refusal)),
        }
    }

    pub fn of_refusal(refusal: Option<Refusal>) -> Said {
        match refusal {
            None => Said::Done,
            Some(Refusal::AlreadyHolds { number, status }) => {
                let waiting = status == Status::Waiting;
                Said::AlreadyHolds { number: number.number, waiting }
            }
            Some(refusal) => Said::No(refusal.code()),
        }
    }

    pub fn of_staff(refusal: Option<ManageRefusal>) -> Said {
        refusal.map_or(Said::Done, |refusal| Said::No(refusal.code()))
    }
}

impl Row {
    pub fn of(row: &Registration) -> Row {
        let who = (0..=u16::MAX).find(|who| follower(*who) == row.follower).unwrap();
        let stands = match row.status {
            Status::Confirmed => Stands::Confirmed,
            Status::Waiting => Stands::Waiting,
            Status::Offered { until } => Stands::Offered { until: until.since(START).as_secs() / 3600 },
            Status::Cancelled { .. } => Stands::Cancelled,
            ref other => panic!("nobody should be {other:?}"),
        };
        Row { number: row.number.number, who, seats: u32::from(row.party.seats()), stands }
    }
}
