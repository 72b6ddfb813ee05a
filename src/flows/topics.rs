//! 通知设置: which broadcasts a follower wants, and whether any.

use serde::{Deserialize, Serialize};

use super::{Input, Step, Tap, Turn, done, next, texts};
use crate::content::Value;
use crate::domain::broadcast::chunks::withdraw;
use crate::domain::broadcast::record::TOPICS;
use crate::domain::contact::choice;
use crate::flows::spoken;
use crate::store::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Choosing,
}

type Stepped = Result<Step<State>, Fault>;

/// What they get now, with a switch for each topic.
pub fn show(turn: &mut Turn) -> Stepped {
    if turn.reach.stopped {
        return done(turn.say(&texts::TOPICS_STOPPED, &[]));
    }
    let line = |(index, topic): (usize, &&str)| {
        let on = turn.reach.hears_of(topic);
        let number = index + 1;
        let link = Tap::Topic(number as u32, !on).link(&format!("{number}. {topic}"), topic);
        format!("{} {link}", if on { "✓" } else { "　" })
    };
    let items: Vec<String> = TOPICS.iter().enumerate().map(line).collect();
    let text = turn.say(&texts::TOPICS_LIST, &[("items", Value::raw(items.join("\n")))]);
    next(State::Choosing, text)
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    let State::Choosing = state;
    if input.is(spoken::ALL_TOPICS) {
        turn.reach.topics.clear();
        write_down(turn)?;
        return show(turn);
    }
    let named = TOPICS.iter().position(|topic| input.is(&[topic])).map(|index| index + 1);
    match named.or(input.number()) {
        Some(number) => match topic(number) {
            Some(topic) => switch(turn, number as u32, !turn.reach.hears_of(topic)),
            None => Ok(Step::Pass),
        },
        None => Ok(Step::Pass),
    }
}

/// By its number from 1.
fn topic(number: usize) -> Option<&'static str> {
    number.checked_sub(1).and_then(|index| TOPICS.get(index)).copied()
}

/// Turns a topic, by its number from 1, on or off. A tap on an old list does what that list said.
pub fn switch(turn: &mut Turn, number: u32, on: bool) -> Stepped {
    let Some(topic) = topic(number as usize).filter(|_| !turn.reach.stopped) else { return show(turn) };
    let wanted = |other: &&&str| if **other == topic { on } else { turn.reach.hears_of(other) };
    let chosen: Vec<String> = TOPICS.iter().filter(wanted).map(|topic| (*topic).to_owned()).collect();
    if chosen.is_empty() {
        return next(State::Choosing, turn.say(&texts::TOPICS_LAST, &[]));
    }
    // All of them is the same as none chosen, and holds for topics that come later too.
    turn.reach.topics = if chosen.len() == TOPICS.len() { Vec::new() } else { chosen };
    write_down(turn)?;
    show(turn)
}

/// Holds for what is about to be sent, too.
fn write_down(turn: &mut Turn) -> Result<(), Fault> {
    choice::write_down(turn.tx, turn.who, turn.reach)?;
    withdraw(turn.tx, turn.who, turn.reach)
}

/// 退订通知
pub fn stop(turn: &mut Turn) -> Stepped {
    turn.reach.stopped = true;
    write_down(turn)?;
    done(turn.say(&texts::TOPICS_STOP, &[]))
}

/// 恢复通知
pub fn resume(turn: &mut Turn) -> Stepped {
    if turn.reach.stopped {
        turn.reach.stopped = false;
        write_down(turn)?;
    }
    let resumed = turn.say(&texts::TOPICS_RESUMED, &[]);
    Ok(show(turn)?.after(&resumed))
}
