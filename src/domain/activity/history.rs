//! What earlier sign-ups of one person mean for the next: absences, lost draws, seats won in a series.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bar::Bar;
use super::record::*;
use super::rules::Refusal;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::{Person, counted_for};
use crate::domain::tables::{BINDINGS, HISTORIES, MEMBERS};
use crate::moment::Time;
use crate::store::{Fault, Tx};

pub(super) const DAY: Duration = Duration::from_secs(86_400);
/// How long a lost draw or an absence counts in draws.
const COUNTS_FOR: Duration = Duration::from_secs(365 * 86_400);
/// A row stays small: what is older than this many goes.
const STRIKES_MAX: usize = 24;
const WINS_MAX: usize = 60;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// Oldest first.
    pub strikes: Vec<Strike>,
    /// May not sign up as long as one lasts.
    pub bars: Vec<Bar>,
    /// Of older rows, which had the end of one bar alone: it is read as a bar, and not written again.
    #[serde(skip_serializing)]
    pub barred: Option<Time>,
    /// The last lost draw, unless one was won since.
    pub lost: Option<Time>,
    /// Seats in series that limit them, oldest first.
    pub wins: Vec<Win>,
    /// Sessions of series that ask for attendance, oldest first.
    pub turns: Vec<Attended>,
}

/// Whether somebody came to one session of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attended {
    pub number: RegistrationNumber,
    pub series: String,
    pub round: u32,
    pub came: bool,
}

/// An absence, or half of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Strike {
    pub at: Time,
    pub number: RegistrationNumber,
    pub halves: u8,
    /// Why staff took it back.
    #[serde(default)]
    pub lifted: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Win {
    pub at: Time,
    pub number: RegistrationNumber,
    pub series: String,
    #[serde(default)]
    pub round: Option<u32>,
}

impl History {
    /// Halves of absences that count at `now`.
    pub fn halves(&self, within_days: u16, now: Time) -> u32 {
        let since = now.minus(DAY * u32::from(within_days));
        let counts = |strike: &&Strike| strike.lifted.is_none() && strike.at > since;
        self.strikes.iter().filter(counts).map(|strike| u32::from(strike.halves)).sum()
    }

    /// Adds what another row has; the same absence counts once, and not at all if it was taken back in either. Written down
    /// anew after that, it counts again.
    fn merge(&mut self, other: History) {
        for strike in other.strikes {
            match self.strikes.iter_mut().find(|known| known.number == strike.number) {
                Some(known) if known.at < strike.at => *known = strike,
                Some(known) if known.at > strike.at => {}
                Some(known) => known.lifted = known.lifted.take().or(strike.lifted),
                None => self.strikes.push(strike),
            }
        }
        for win in other.wins {
            if !self.wins.iter().any(|known| known.number == win.number) {
                self.wins.push(win);
            }
        }
        for turn in other.turns {
            if !self.turns.iter().any(|known| known.number == turn.number) {
                self.turns.push(turn);
            }
        }
        self.turns.sort_by_key(|turn| (turn.round, turn.number));
        self.strikes.sort_by_key(|strike| strike.at);
        self.wins.sort_by_key(|win| win.at);
        for bar in other.bars {
            if !self.bars.contains(&bar) {
                self.bars.push(bar);
            }
        }
        self.end_bars();
        self.lost = self.lost.max(other.lost);
        self.keep_short();
    }

    /// Bars end with the absences that they stood by.
    fn end_bars(&mut self) {
        let lifted = |number| self.strikes.iter().any(|s| s.number == number && s.lifted.is_some());
        self.bars.retain_mut(|bar| bar.stands_without(lifted));
    }

    /// The bar that lasts longest.
    pub fn bar(&self, now: Time) -> Option<&Bar> {
        self.bars.iter().filter(|bar| now < bar.until).max_by_key(|bar| bar.until)
    }

    fn keep_short(&mut self) {
        self.strikes.drain(..self.strikes.len().saturating_sub(STRIKES_MAX));
        self.wins.drain(..self.wins.len().saturating_sub(WINS_MAX));
        self.turns.drain(..self.turns.len().saturating_sub(WINS_MAX));
    }

    /// The class in a draw: 0 before 1 before 2.
    pub fn class(&self, terms: &DrawTerms, now: Time) -> u8 {
        let since = now.minus(COUNTS_FOR);
        let absent = self.strikes.iter().any(|s| s.lifted.is_none() && s.halves > 1 && s.at > since);
        match () {
            () if terms.absent_last && absent => 2,
            () if terms.lost_first && self.lost.is_some_and(|lost| lost > since) => 0,
            () => 1,
        }
    }
}

/// All that counts for this person and the account they use.
pub fn of(tx: &Tx, person: &Person, who: &FollowerId) -> Result<History, Fault> {
    read(tx, &counted_for(person, who))
}

/// All that counts for who signed up.
pub fn of_holder(tx: &Tx, registration: &Registration) -> Result<History, Fault> {
    read(tx, &rows_of(tx, registration)?)
}

fn read(tx: &Tx, rows: &[Person]) -> Result<History, Fault> {
    let mut history = History::default();
    for row in rows {
        let mut kept = tx.get(&HISTORIES, row)?.unwrap_or_default();
        let unexplained = kept.barred.take().map(|until| Bar::unexplained(until, &kept.strikes));
        kept.bars.extend(unexplained);
        history.merge(kept);
    }
    Ok(history)
}

fn save(tx: &mut Tx, rows: &[Person], history: &History) -> Result<(), Fault> {
    for row in rows {
        tx.put(&HISTORIES, row, history)?;
    }
    Ok(())
}

/// Where what comes of a sign-up is written: for the member that signed up, or that its account is now; for that account;
/// and for the account that the member has since.
fn rows_of(tx: &Tx, registration: &Registration) -> Result<Vec<Person>, Fault> {
    let who = &registration.follower;
    let member = match registration.member {
        Some(member) => Some(member),
        None => tx.get(&BINDINGS, who)?,
    };
    let Some(member) = member else { return Ok(vec![Person::Follower(who.clone())]) };
    let mut rows = counted_for(&Person::Member(member), who);
    let account = tx.get(&MEMBERS, &member)?.and_then(|member| member.account);
    rows.extend(account.filter(|now| now.follower != *who).map(|now| Person::Follower(now.follower)));
    Ok(rows)
}

/// The account was recognised as the member's: what counted for it counts for the member from here on.
pub(super) fn carry(tx: &mut Tx, who: &FollowerId, member: MemberId) -> Result<(), Fault> {
    let rows = counted_for(&Person::Member(member), who);
    let history = read(tx, &rows)?;
    if history == History::default() { Ok(()) } else { save(tx, &rows, &history) }
}

/// What a strike came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Struck {
    pub halves: u32,
    /// Newly barred, until then.
    pub barred: Option<Time>,
}

/// Writes an absence down; as many as the activity's rule says bar from signing up. One sign-up is struck once.
pub fn strike(
    tx: &mut Tx,
    registration: &Registration,
    halves: u8,
    rule: Absence,
) -> Result<Option<Struck>, Fault> {
    let (rows, now) = (rows_of(tx, registration)?, tx.moment().now);
    let mut history = read(tx, &rows)?;
    let is_known = |strike: &Strike| strike.number == registration.number && strike.lifted.is_none();
    if history.strikes.iter().any(is_known) {
        return Ok(None);
    }
    history.strikes.retain(|strike| strike.number != registration.number); // it was taken back by mistake
    let struck = would_strike(&history, halves, rule, now);
    history.strikes.push(Strike { at: now, number: registration.number, halves, lifted: None });
    history.keep_short();
    history.bars.retain(|bar| now < bar.until);
    history.bars.extend(Bar::of(&history.strikes, rule, now));
    save(tx, &rows, &history)?;
    Ok(Some(struck))
}

/// What a strike of so many halves would come to now.
pub fn would_strike(history: &History, halves: u8, rule: Absence, now: Time) -> Struck {
    let sum = history.halves(rule.within_days, now) + u32::from(halves);
    let barred = (sum >= 2 * u32::from(rule.count)).then(|| now.plus(DAY * u32::from(rule.bar_days)));
    Struck { halves: sum, barred }
}

/// Takes an absence back; with it go the bars that stood by it. False if there was none to take back.
pub fn lift(tx: &mut Tx, registration: &Registration, reason: &str) -> Result<bool, Fault> {
    let rows = rows_of(tx, registration)?;
    let mut history = read(tx, &rows)?;
    let open = |strike: &&mut Strike| strike.number == registration.number && strike.lifted.is_none();
    let Some(strike) = history.strikes.iter_mut().find(open) else { return Ok(false) };
    strike.lifted = Some(reason.to_owned());
    history.end_bars();
    save(tx, &rows, &history)?;
    Ok(true)
}

/// Does an earlier absence, or a seat that they had in the series, speak against another one?
pub fn may_have_another(history: &History, terms: &Terms, now: Time) -> Result<(), Refusal> {
    if let (Some(bar), Some(_)) = (history.bar(now), terms.settings.absence) {
        let (until, halves, days) = (bar.until, bar.halves(), bar.rule.within_days);
        return Err(Refusal::Barred { until, halves, days });
    }
    let Some(series) = &terms.series else { return Ok(()) };
    attended_enough(history, terms.settings.attendance_min, series)?;
    let wins = || history.wins.iter().filter(|win| win.series == series.name);
    if let Some(PerPeriod { count, period }) = series.per_period {
        let had = wins().filter(|win| period.holds_both(win.at, now)).count();
        if had >= usize::from(count) {
            return Err(Refusal::PeriodLimit { series: series.name.clone(), max: count, period });
        }
    }
    let Some(last) = wins().next_back() else { return Ok(()) };
    let from = last.at.plus(DAY * u32::from(series.cool_down_days));
    if now < from {
        return Err(Refusal::CoolingDown { series: series.name.clone(), days: series.cool_down_days, from });
    }
    let rounds = u32::from(series.cool_down_rounds);
    match (last.round, series.round) {
        (Some(won), Some(this)) if rounds > 0 && this > won && this - won <= rounds => {
            let left = rounds - (this - won) + 1;
            Err(Refusal::RoundsToWait { series: series.name.clone(), rounds: series.cool_down_rounds, left })
        }
        _ => Ok(()),
    }
}

/// Who came to too little of the round before is not in this one.
fn attended_enough(history: &History, min: Option<u8>, series: &Series) -> Result<(), Refusal> {
    let (Some(min), Some(before)) = (min, series.round.and_then(|round| round.checked_sub(1))) else {
        return Ok(());
    };
    let turns = history.turns.iter().filter(|turn| turn.series == series.name && turn.round == before);
    let came = turns.clone().filter(|turn| turn.came).count() as u32;
    let of = turns.count() as u32;
    if came * 100 >= of * u32::from(min) {
        return Ok(());
    }
    Err(Refusal::AttendedTooLittle { series: series.name.clone(), came, of, min })
}

/// Writes down whether somebody came to a session of a round; `None`: it counts neither way.
pub(super) fn attended(
    tx: &mut Tx,
    terms: &Terms,
    registration: &Registration,
    came: Option<bool>,
) -> Result<(), Fault> {
    let (Some(_), Some(series)) = (terms.settings.attendance_min, &terms.series) else { return Ok(()) };
    let Some(round) = series.round else { return Ok(()) };
    let rows = rows_of(tx, registration)?;
    let mut history = read(tx, &rows)?;
    history.turns.retain(|turn| turn.number != registration.number);
    if let Some(came) = came {
        let (number, series) = (registration.number, series.name.clone());
        history.turns.push(Attended { number, series, round, came });
    }
    history.keep_short();
    save(tx, &rows, &history)
}

/// A seat was got: it counts where the series limits seats, and in draws the luck begins anew.
pub(super) fn won(tx: &mut Tx, activity: &Activity, registration: &Registration) -> Result<(), Fault> {
    let limits = activity.terms.series.as_ref().filter(|series| series.limits_seats());
    let draws = activity.terms.mode.draw().is_some();
    if limits.is_none() && !draws {
        return Ok(());
    }
    let (rows, at) = (rows_of(tx, registration)?, tx.moment().now);
    let mut history = read(tx, &rows)?;
    if draws {
        history.lost = None;
    }
    if let Some(series) = limits {
        let (number, round) = (registration.number, series.round);
        history.wins.push(Win { at, number, series: series.name.clone(), round });
        history.keep_short();
    }
    save(tx, &rows, &history)
}

/// The seat was given back in time, or the activity called off: it doesn't count.
pub(super) fn unwon(tx: &mut Tx, activity: &Activity, registration: &Registration) -> Result<(), Fault> {
    if !activity.terms.series.as_ref().is_some_and(Series::limits_seats) {
        return Ok(());
    }
    let rows = rows_of(tx, registration)?;
    let mut history = read(tx, &rows)?;
    history.wins.retain(|win| win.number != registration.number);
    save(tx, &rows, &history)
}

pub(super) fn lost(tx: &mut Tx, registration: &Registration) -> Result<(), Fault> {
    let rows = rows_of(tx, registration)?;
    let mut history = read(tx, &rows)?;
    history.lost = Some(tx.moment().now);
    save(tx, &rows, &history)
}

/// Halves as people count: `1`, `1.5`.
pub fn count(halves: u32) -> String {
    match halves % 2 {
        0 => (halves / 2).to_string(),
        _ => format!("{}.5", halves / 2),
    }
}

impl Terms {
    /// Does what the person did earlier matter here?
    pub fn asks_for_history(&self) -> bool {
        self.settings.absence.is_some()
            || self.settings.attendance_min.is_some()
            || self.series.as_ref().is_some_and(Series::limits_seats)
    }
}

impl Series {
    fn limits_seats(&self) -> bool {
        self.per_period.is_some() || self.cool_down_days > 0 || self.cool_down_rounds > 0
    }
}
