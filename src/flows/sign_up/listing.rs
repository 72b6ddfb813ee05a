use std::sync::Arc;

use crate::flows::spoken;
use serde::{Deserialize, Serialize};

use super::{State, Stepped, view};
use crate::content::normalise;
use crate::domain::activity::commands::listed;
use crate::domain::activity::record::{Activity, ActivityCode};
use crate::domain::tables::ACTIVITIES;
use crate::flows::{Input, Step, Turn, done, next, texts};
use crate::moment::Time;
use crate::store::Fault;

const PAGE: usize = 5;
/// Activities looked through for one page of a filtered list.
const LOOKED_THROUGH_MAX: usize = 200;
/// So much of a title names its activity.
const NAME_CHARS_MIN: usize = 2;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    pub filter: Filter,
    /// Where this page began.
    from: Option<(Time, u32)>,
    shown: Vec<u32>,
    /// Where the next page begins, if there is one.
    next: Option<(Time, u32)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Filter {
    All,
    /// 每周手工
    Craft,
    /// 亲子托管
    Family,
    Words(String),
}

impl Filter {
    fn takes(&self, activity: &Activity) -> bool {
        let terms = &activity.terms;
        let about = |words: &[&str]| {
            words.iter().any(|word| terms.category.contains(word) || terms.title.contains(word))
        };
        match self {
            Filter::All => true,
            Filter::Craft => about(spoken::CRAFT),
            Filter::Family => terms.party.max_children > 0 || about(spoken::FAMILY),
            Filter::Words(words) => {
                normalise(&format!("{}{}", terms.title, terms.category)).contains(&normalise(words))
            }
        }
    }
}

pub fn again(turn: &mut Turn, listing: Listing) -> Stepped {
    show_page(turn, listing.filter, listing.from)
}

/// A page of the list. Words that fit nothing show the whole list and say so.
pub fn show_page(turn: &mut Turn, filter: Filter, from: Option<(Time, u32)>) -> Stepped {
    let (found, after) = page(turn, &filter, from)?;
    if found.is_empty() {
        return match filter {
            Filter::All => done(turn.say(&texts::ACTIVITY_NONE, &[])),
            Filter::Words(words) => {
                let none =
                    turn.say(&texts::ACTIVITY_NONE_LIKE, &[("words", crate::content::Value::quote(&words))]);
                look_at_these(&none, show_page(turn, Filter::All, None)?)
            }
            Filter::Craft | Filter::Family => {
                let none = turn.say(&texts::ACTIVITY_NONE_OF_KIND, &[]);
                look_at_these(&none, show_page(turn, Filter::All, None)?)
            }
        };
    }
    let text = view::list(turn, &found, after.is_some())?;
    let shown = found.iter().map(|activity| activity.id).collect();
    next(State::Listing(Listing { filter, from, shown, next: after }), text)
}

/// Where there is nothing at all, «look at these» would be wrong.
fn look_at_these(first: &str, step: Step<State>) -> Stepped {
    Ok(if let Step::Done(_) = step { step } else { step.after(first) })
}

type Cursor = Option<(Time, u32)>;

fn page(turn: &Turn, filter: &Filter, from: Cursor) -> Result<(Vec<Arc<Activity>>, Cursor), Fault> {
    let mut found = Vec::new();
    let mut cursor = from;
    let mut looked_through = 0;
    while looked_through < LOOKED_THROUGH_MAX {
        let (activities, after) = listed(turn.tx, cursor, PAGE)?;
        looked_through += activities.len().max(1);
        for activity in activities {
            let place = (activity.terms.sign_up.closes, activity.id);
            if filter.takes(&activity) {
                if found.len() == PAGE {
                    return Ok((found, cursor));
                }
                found.push(activity);
            }
            cursor = Some(place);
        }
        if after.is_none() {
            return Ok((found, None));
        }
    }
    Ok((found, cursor))
}

pub fn step(turn: &mut Turn, listing: Listing, input: &Input) -> Stepped {
    if input.is(spoken::MORE_ACTIVITIES) {
        return match listing.next {
            Some(cursor) => show_page(turn, listing.filter, Some(cursor)),
            None => show_page(turn, listing.filter, None),
        };
    }
    if matches!(input, Input::Back) || input.is(&[spoken::PREVIOUS_PAGE]) && listing.from.is_some() {
        return match listing.from {
            Some(_) => show_page(turn, listing.filter, None),
            None => Ok(Step::Pass),
        };
    }
    let by_code =
        input.words().and_then(|words| words.trim().parse::<ActivityCode>().ok()).map(|code| code.0);
    let by_number = input.chosen(&listing.shown).copied();
    match by_number.or(by_code).or(by_title(turn, &listing, input)?) {
        Some(id) => super::show(turn, id, Some(listing)),
        None if input.number().is_some() => {
            let text = turn.say(&texts::ACTIVITY_NO_SUCH_NUMBER, &[("count", listing.shown.len().into())]);
            next(State::Listing(listing), text)
        }
        None => Ok(Step::Pass),
    }
}

/// The one of those shown that was named.
fn by_title(turn: &Turn, listing: &Listing, input: &Input) -> Result<Option<u32>, Fault> {
    let mut shown = Vec::new();
    for id in &listing.shown {
        shown.extend(turn.tx.get_shared(&ACTIVITIES, id)?);
    }
    Ok(named_among(&shown, input.words().unwrap_or_default()))
}

/// The activity whose title that is, or else the only one in whose title it stands.
fn named_among(activities: &[Arc<Activity>], words: &str) -> Option<u32> {
    let words = normalise(words);
    if words.chars().count() < NAME_CHARS_MIN {
        return None;
    }
    let titled = |activity: &Arc<Activity>| (activity.id, normalise(&activity.terms.title));
    let titles: Vec<_> = activities.iter().map(titled).filter(|(_, title)| title.contains(&words)).collect();
    match titles.iter().find(|(_, title)| *title == words) {
        Some((id, _)) => Some(*id),
        None if titles.len() == 1 => titles.first().map(|(id, _)| *id),
        None => None,
    }
}

/// What words lead to that stand in the titles or categories of activities: the one that they name, or else a list.
/// `None`: they stand in none.
pub fn named(turn: &mut Turn, words: &str) -> Result<Option<Step<State>>, Fault> {
    if normalise(words).chars().count() < NAME_CHARS_MIN {
        return Ok(None);
    }
    let filter = Filter::Words(words.to_owned());
    let (found, after) = page(turn, &filter, None)?;
    match named_among(&found, words).filter(|_| after.is_none()) {
        Some(id) => super::show(turn, id, None).map(Some),
        None if found.is_empty() => Ok(None),
        None => show_page(turn, filter, None).map(Some),
    }
}

/// The one activity of which words that want to sign up say more than of any other: `报名夏令营`, `想学游泳`.
pub fn wanted(turn: &mut Turn, words: &str) -> Result<Option<Step<State>>, Fault> {
    let words = spoken::OF_ANY_ACTIVITY.iter().fold(normalise(words), |words, word| words.replace(word, " "));
    let (mut said, mut cursor, mut looked_through) = (Vec::new(), None, 0);
    while looked_through < LOOKED_THROUGH_MAX {
        let (activities, after) = listed(turn.tx, cursor, PAGE)?;
        looked_through += activities.len().max(1);
        for activity in &activities {
            // With its category: 亲子 names all that are for families, and none of them.
            let named = normalise(&format!("{}{}", activity.terms.title, activity.terms.category));
            said.push((shared_chars(&words, &named), activity.id));
        }
        cursor = after;
        if cursor.is_none() {
            break;
        }
    }
    let most = said.iter().map(|(chars, _)| *chars).max().filter(|most| *most >= NAME_CHARS_MIN);
    let mut meant = said.iter().filter(|(chars, _)| Some(*chars) == most).map(|(_, id)| *id);
    match (meant.next(), meant.next()) {
        (Some(id), None) => super::show(turn, id, None).map(Some),
        _ => Ok(None),
    }
}

/// The longest piece of a name that stands in the words, in characters.
fn shared_chars(words: &str, name: &str) -> usize {
    let name: Vec<char> = name.chars().collect();
    let stands = |from: usize, to: usize| {
        name.get(from..to).is_some_and(|piece| words.contains(&piece.iter().collect::<String>()))
    };
    let (mut longest, mut from) = (0, 0);
    while from + longest < name.len() {
        if stands(from, from + longest + 1) { longest += 1 } else { from += 1 }
    }
    longest
}

/// The activity whose title the words are.
pub fn titled(turn: &mut Turn, words: &str) -> Result<Option<Step<State>>, Fault> {
    let title = normalise(words);
    if title.chars().count() < NAME_CHARS_MIN {
        return Ok(None);
    }
    let (found, _) = page(turn, &Filter::Words(title.clone()), None)?;
    match found.iter().find(|activity| normalise(&activity.terms.title) == title) {
        Some(activity) => super::show(turn, activity.id, None).map(Some),
        None => Ok(None),
    }
}
