//! 常见问题: questions by topic, one tap from their answers, and whatever was asked in a follower's own words.

use serde::{Deserialize, Serialize};

use super::texts::consult as texts;
use super::{Input, Step, Tap, Turn, done, next};
use crate::content::{Asked, Content, Entry, Value, key_of};
use crate::store::Fault;
use crate::wechat::reply::neutral;

/// What was listed, by what names it in links: a number means what it meant when it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Topics(Vec<u32>),
    Questions(Vec<u32>),
}

type Stepped = Result<Step<State>, Fault>;

/// The topics.
pub fn home(turn: &Turn) -> Stepped {
    let topics = turn.content.faq.topics();
    if topics.is_empty() {
        return done(turn.say(&texts::NONE, &[]));
    }
    let line = |(index, topic): (usize, &&str)| {
        let number = index + 1;
        Tap::Questions(key_of(topic)).link(&format!("{number}. {}", neutral(topic)), &number.to_string())
    };
    let lines: Vec<String> = topics.iter().enumerate().map(line).collect();
    let text = turn.say(&texts::HOME, &[("topics", Value::raw(lines.join("\n")))]);
    next(State::Topics(topics.into_iter().map(key_of).collect()), text)
}

/// The questions of a topic. Of one that is no longer there: the topics.
pub fn topic(turn: &Turn, key: u32) -> Stepped {
    let Some(topic) = turn.content.faq.topic(key) else { return home(turn) };
    let entries: Vec<&Entry> = turn.content.faq.about(topic).collect();
    let values = [("topic", topic.into()), ("questions", listed(&entries))];
    next(of(&entries), turn.say(&texts::TOPIC, &values))
}

/// The answer to a question.
pub fn answer(turn: &Turn, key: u32) -> Stepped {
    match turn.content.faq.entry(key) {
        Some(entry) => done(turn.say(&texts::ANSWER, &[("answer", Value::raw(entry.answer()))])),
        None => done(turn.say(&texts::GONE, &[])),
    }
}

/// Asks which of these was meant.
pub fn choices(turn: &Turn, entries: &[&Entry]) -> Stepped {
    next(of(entries), turn.say(&texts::CHOICES, &[("questions", listed(entries))]))
}

/// What may have been asked besides what was answered.
pub fn besides(content: &Content, entries: &[&Entry]) -> String {
    let link =
        |entry: &&Entry| Tap::Question(entry.key()).link(neutral(&entry.question).as_ref(), &entry.question);
    let links: Vec<String> = entries.iter().map(link).collect();
    content.texts.render(&texts::BESIDES, &[("questions", Value::raw(links.join("\n")))])
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    let (State::Topics(keys) | State::Questions(keys)) = &state;
    if input.number().is_some() {
        return match (input.chosen(keys), &state) {
            (Some(key), State::Topics(_)) => topic(turn, *key),
            (Some(key), State::Questions(_)) => answer(turn, *key),
            (None, _) => {
                let text = turn.say(&texts::NO_SUCH_NUMBER, &[("count", keys.len().into())]);
                next(state, text)
            }
        };
    }
    // Whoever looks at questions asks one, also where a word of it names a service.
    match input.words().map(|words| turn.content.asked(words)) {
        Some(Asked::Sure(entry)) => answer(turn, entry.key()),
        Some(Asked::Maybe(entries)) => choices(turn, &entries),
        Some(Asked::Nothing) | None => Ok(Step::Pass),
    }
}

fn of(entries: &[&Entry]) -> State {
    State::Questions(entries.iter().map(|entry| entry.key()).collect())
}

fn listed(entries: &[&Entry]) -> Value<'static> {
    let line = |(index, entry): (usize, &&Entry)| {
        let number = index + 1;
        let shown = format!("{number}. {}", neutral(&entry.question));
        Tap::Question(entry.key()).link(&shown, &number.to_string())
    };
    Value::raw(entries.iter().enumerate().map(line).collect::<Vec<_>>().join("\n"))
}
