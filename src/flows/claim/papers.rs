//! The checklist: what is there, what is missing, how to get it; a picture goes to the slot that is open.

use std::time::Duration;

use super::Deed;
use super::spoken;
use super::spoken::{CLEAR, OUT_OF_REACH, SENT};
use super::{State, Stepped, begin, review, said, sorting, status, view, with};
use crate::content::Value;
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::pages::{self, UNSORTED};
use crate::domain::claim::record::{Asked, ClaimId, Page, PageState};
use crate::domain::claim::rules::Refusal;
use crate::domain::claim::{completeness, judge, moves};
use crate::domain::scheme::record::DocumentRule;
use crate::domain::scheme::rules as scheme;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::{ENOUGH_TOO, SUBMIT};
use crate::flows::texts::claiming as texts;
use crate::flows::{Input, Tap, Turn, done, next};
use crate::store::Fault;

/// Pictures that wait to be sorted.
pub(super) const UNSORTED_MAX: u16 = 20;
/// So long after a picture came it may be meant to be sent anew.
const ASKED_AGAIN: Duration = Duration::from_secs(30 * 60);
const WHY_CHARS: std::ops::RangeInclusive<usize> = 4..=200;

/// A paper of the checklist.
pub struct Item {
    /// Its place among the programme's papers, which never changes under one version of the rules.
    pub index: usize,
    pub rule: DocumentRule,
    pub pages: Vec<(u16, Page)>,
    /// Staff asked for it, and nothing answers that yet.
    pub asked: bool,
    /// The claimant said why it can't be had.
    pub out_of_reach: bool,
    /// No cover is known: it may be sent, and nobody has to.
    pub voluntary: bool,
}

impl Item {
    /// Nothing more is needed of it.
    pub fn is_there(&self) -> bool {
        self.out_of_reach || self.is_sent() || self.voluntary && !self.asked
    }

    pub fn is_sent(&self) -> bool {
        let counts = self.pages.iter().any(|(_, page)| page.state.counts());
        !self.asked && !self.out_of_reach && counts
    }
}

pub fn items(turn: &Turn, own: &Own) -> Result<Vec<Item>, Fault> {
    let Some(programme) = judge::papers_by(turn.tx, &own.before)? else { return Ok(Vec::new()) };
    let voluntary = own.before.ruling.is_none();
    let all = pages::of(turn.tx, own.id)?;
    let (asked, _) = moves::asked(turn.tx, own.id, &own.before)?;
    // Two papers may fill one slot, each in circumstances of its own.
    let of_facts = scheme::documents(&programme, &own.before.details.reveal().facts);
    let by_facts = |slot: &str| of_facts.iter().any(|rule| rule.slot == slot);
    let first =
        |rule: &DocumentRule| programme.documents.iter().find(|known| known.slot == rule.slot) == Some(rule);
    let rules = programme.documents.iter().enumerate().filter(|(_, rule)| {
        let asked = asked.iter().any(|asked| asked.slot == rule.slot);
        match of_facts.contains(rule) {
            true => !rule.optional || asked,
            // Staff may want what the facts don't ask for.
            false => asked && !by_facts(&rule.slot) && first(rule),
        }
    });
    let item = |(index, rule): (usize, &DocumentRule)| {
        let pages: Vec<(u16, Page)> = all
            .iter()
            .filter(|(slot, ..)| *slot == rule.slot)
            .map(|(_, number, page)| (*number, page.clone()))
            .collect();
        let open =
            |asked: &Asked| asked.slot == rule.slot && !completeness::is_answered(&own.before, asked, &all);
        let out_of_reach = completeness::is_out_of_reach(&own.before, &rule.slot);
        Item { index, rule: rule.clone(), pages, asked: asked.iter().any(open), out_of_reach, voluntary }
    };
    Ok(rules.map(item).collect())
}

/// The checklist; `open`: the paper that the next picture is for, or the first that is missing.
pub fn show(turn: &mut Turn, id: ClaimId, open: Option<&str>) -> Stepped {
    with(turn, id, |turn, own| {
        if !own.before.status.takes_papers() {
            return status::detail(turn, own.id);
        }
        if !sorting::unsorted(turn, &own)?.is_empty() {
            return sorting::ask(turn, own);
        }
        let items = items(turn, &own)?;
        let named = open.and_then(|slot| items.iter().find(|item| item.rule.slot == slot));
        let open = named.or_else(|| items.iter().find(|item| !item.is_there()));
        let there = items.iter().filter(|item| item.is_sent()).count();
        let voluntary = items.iter().any(|item| item.voluntary && !item.is_sent());
        let ask = match open {
            Some(item) => turn.say(
                &texts::SEND_PAPER,
                &[("paper", Value::from(&item.rule.title)), ("how", Value::from(&item.rule.how))],
            ),
            None if items.is_empty() => turn.say(&texts::NO_PAPERS, &[]),
            None if voluntary => turn.say(&texts::NO_COVER_PAPERS, &[]),
            None if there < items.len() => turn.say(&texts::NOTHING_MORE, &[]),
            None => turn.say(&texts::ALL_THERE, &[]),
        };
        let mut lines: Vec<String> =
            (1..).zip(&items).map(|(number, item)| line(turn, own.id, number, item)).collect();
        lines.push(numbered(items.len() + 1, SENT[0]));
        let values = [
            ("there", Value::from(there)),
            ("needed", items.len().into()),
            ("items", Value::raw(lines.join("\n"))),
            ("ask", ask.into()),
        ];
        let slot = open.map(|item| item.rule.slot.clone());
        next(State::Papers(own.id, slot), turn.say(&texts::PAPERS, &values))
    })
}

fn numbered(number: usize, words: &str) -> String {
    crate::wechat::reply::menu_link(&format!("{number}. {words}"), words, "text")
}

/// `✓ 1. 住院发票（2张）`
fn line(turn: &Turn, id: ClaimId, number: usize, item: &Item) -> String {
    let mark = match item.is_sent() {
        _ if item.out_of_reach => "–",
        true => "✓",
        false => "○",
    };
    let tap = Tap::Paper(view::tap_number(id), u32::try_from(item.index).unwrap_or_default());
    let label = format!("{number}. {}", item.rule.title);
    format!("{mark} {}{}", tap.link(&label, &item.rule.title), state(turn, item))
}

/// What came of it so far; of what was sent and doesn't count, why.
pub fn state(turn: &Turn, item: &Item) -> String {
    let counting = item.pages.iter().filter(|(_, page)| page.state.counts()).count();
    match (item.asked, item.pages.last()) {
        _ if item.out_of_reach => turn.say(&texts::PAPER_OUT_OF_REACH, &[]),
        (_, Some((_, page))) if counting == 0 => view::page(turn, page),
        (true, _) => turn.say(&texts::PAPER_ASKED, &[]),
        (false, Some(_)) => turn.say(&texts::PAPER_PAGES, &[("count", counting.into())]),
        (false, None) => String::new(),
    }
}

/// Does another paper than the open one wait for its picture again, since a moment ago? Whoever was just told that it is
/// unclear may send that one.
pub fn is_awaited_again(turn: &Turn, id: ClaimId, open: &str) -> Result<bool, Fault> {
    let pages = pages::of(turn.tx, id)?;
    let lately = |page: &Page| turn.now.since(page.added) < ASKED_AGAIN;
    let is_bad =
        |page: &Page| matches!(page.state, PageState::Lost | PageState::Unclear { .. } | PageState::Repeated);
    let there = |slot: &str| pages.iter().any(|(of, _, page)| of == slot && page.state.counts());
    let bad = pages.iter().filter(|(_, _, page)| is_bad(page) && lately(page));
    Ok(bad.into_iter().any(|(slot, ..)| slot != open && slot != UNSORTED && !there(slot)))
}

/// A picture came.
pub fn arrived(turn: &mut Turn, id: ClaimId, slot: Option<&str>, picture: u64) -> Stepped {
    if !begin::has_agreed(turn)? {
        return begin::renew(turn, id, vec![picture]);
    }
    with(turn, id, |turn, own| {
        if !own.before.status.takes_papers() {
            let no = turn.explain(&Refusal::NotNow { status: own.before.status });
            return done(no);
        }
        let rule = match slot {
            Some(slot) => items(turn, &own)?.into_iter().map(|item| item.rule).find(|rule| rule.slot == slot),
            None => None,
        };
        let (slot, max) =
            rule.as_ref().map_or((UNSORTED, UNSORTED_MAX), |rule| (rule.slot.as_str(), rule.pages_max));
        match pages::add(turn.tx, own.id, slot, picture, max)? {
            Ok(number) => match rule {
                Some(rule) => {
                    let values = [("paper", Value::from(&rule.title)), ("page", number.into())];
                    let got = turn.say(&texts::GOT_PAGE, &values);
                    let again = Tap::Paper(view::tap_number(own.id), index_of(turn, &own, &rule.slot)?);
                    let more = turn.say(&texts::ONE_MORE_PAGE, &[("paper", Value::from(&rule.title))]);
                    let got = format!("{got}\n{}", again.link(&more, &rule.title));
                    Ok(show(turn, own.id, None)?.after(&got))
                }
                None => sorting::ask(turn, own),
            },
            Err(refusal) => {
                let no = turn.explain(&refusal);
                Ok(show(turn, own.id, None)?.after(&no))
            }
        }
    })
}

fn index_of(turn: &Turn, own: &Own, slot: &str) -> Result<u32, Fault> {
    let items = items(turn, own)?;
    let index = items.iter().find(|item| item.rule.slot == slot).map(|item| item.index);
    Ok(index.and_then(|index| u32::try_from(index).ok()).unwrap_or_default())
}

/// Tapped: the paper at that place of the programme's list.
pub fn open(turn: &mut Turn, id: ClaimId, index: u32) -> Stepped {
    with(turn, id, |turn, own| {
        let items = items(turn, &own)?;
        match items.into_iter().find(|item| u32::try_from(item.index) == Ok(index)) {
            Some(item) => show_slot(turn, &own, &item),
            None => show(turn, own.id, None),
        }
    })
}

/// The name of a paper that the claim asks for, and nobody's.
pub fn is_one(turn: &Turn, own: &Own, words: &str) -> Result<bool, Fault> {
    Ok(items(turn, own)?.iter().any(|item| item.rule.title.contains(words)))
}

pub fn choose(turn: &mut Turn, id: ClaimId, slot: Option<String>, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return review::show(turn, id);
    }
    with(turn, id, |turn, own| {
        let items = items(turn, &own)?;
        let mut words: Vec<&str> = items.iter().map(|item| item.rule.title.as_str()).collect();
        words.push(SENT[0]);
        match said::paper(input, &words) {
            Some(at) => match items.get(at) {
                Some(item) => show_slot(turn, &own, item),
                None => review::show(turn, own.id),
            },
            None if input.is(&[SUBMIT, Deed::Submit.word()]) => review::submit(turn, &own),
            None if input.is(SENT) || input.is(ENOUGH_TOO) => review::show(turn, own.id),
            None if matches!(input, Input::Other) => show(turn, own.id, slot.as_deref()),
            None => Ok(show(turn, own.id, slot.as_deref())?.again()),
        }
    })
}

/// One paper: how to get it, the pages that are there; the next picture is one more.
fn show_slot(turn: &mut Turn, own: &Own, item: &Item) -> Stepped {
    if !own.before.status.takes_papers() {
        return status::detail(turn, own.id);
    }
    let pages: Vec<String> = item
        .pages
        .iter()
        .map(|(number, page)| {
            let values = [
                ("page", Value::from(*number)),
                ("when", page.added.into()),
                ("state", view::page(turn, page).into()),
            ];
            turn.say(&texts::PAGE, &values)
        })
        .collect();
    let words = slot_words(item);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let values = [
        ("paper", Value::from(&item.rule.title)),
        ("how", Value::from(&item.rule.how)),
        ("pages", pages.join("\n").into()),
        ("choices", Value::raw(choices(&words))),
    ];
    next(State::Slot(own.id, item.rule.slot.clone()), view::tight(&turn.say(&texts::SLOT, &values)))
}

/// What can be done with its pages. One that staff accepted stays.
fn slot_words(item: &Item) -> Vec<String> {
    let mut words: Vec<String> = removable(item).map(spoken::remove).collect();
    if words.len() > 1 {
        words.push(CLEAR.to_owned());
    }
    if item.asked {
        words.push(OUT_OF_REACH.to_owned());
    }
    words.push(Deed::Papers.word().to_owned());
    words
}

fn removable(item: &Item) -> impl Iterator<Item = u16> {
    let stays = |page: &Page| matches!(page.state, PageState::Accepted { .. });
    item.pages.iter().filter(move |(_, page)| !stays(page)).map(|(number, _)| *number)
}

pub fn look(turn: &mut Turn, id: ClaimId, slot: &str, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let item = items(turn, &own)?.into_iter().find(|item| item.rule.slot == slot);
        let Some(item) = item else { return show(turn, own.id, None) };
        let words = slot_words(&item);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let numbers: Vec<u16> = removable(&item).collect();
        let remove = match chosen(input, &words) {
            Some(at) if at < numbers.len() => numbers.get(at).copied().into_iter().collect(),
            Some(at) if words.get(at) == Some(&CLEAR) => numbers,
            Some(at) if words.get(at) == Some(&OUT_OF_REACH) => return ask_why(turn, own.id, &item),
            Some(_) => return show(turn, own.id, None),
            None if matches!(input, Input::Back) => return show(turn, own.id, None),
            None if matches!(input, Input::Other) => return show_slot(turn, &own, &item),
            None => return Ok(show_slot(turn, &own, &item)?.again()),
        };
        if !own.before.status.takes_papers() {
            return status::detail(turn, own.id);
        }
        for number in remove {
            pages::remove(turn.tx, own.id, slot, number)?;
        }
        let removed = turn.say(&texts::REMOVED, &[]);
        Ok(show(turn, own.id, Some(slot))?.after(&removed))
    })
}

fn ask_why(turn: &mut Turn, id: ClaimId, item: &Item) -> Stepped {
    let values = [("paper", Value::from(&item.rule.title))];
    next(State::OutOfReach(id, item.rule.slot.clone()), turn.say(&texts::ASK_WHY_NOT, &values))
}

/// Why a paper that was asked for can't be had.
pub fn why_not(turn: &mut Turn, id: ClaimId, slot: &str, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let item = items(turn, &own)?.into_iter().find(|item| item.rule.slot == slot);
        let Some(item) = item.filter(|item| item.asked) else { return show(turn, own.id, None) };
        let why = input.words().unwrap_or_default().trim().to_owned();
        if !WHY_CHARS.contains(&why.chars().count()) || !input.is_own_words() {
            return match input {
                Input::Back => show_slot(turn, &own, &item),
                _ => Ok(ask_why(turn, own.id, &item)?.again()),
            };
        }
        match draft::out_of_reach(turn.tx, &own, slot, &why)? {
            Ok(_) => {
                let noted = turn.say(&texts::NOTED_WHY_NOT, &[("paper", Value::from(&item.rule.title))]);
                Ok(show(turn, own.id, None)?.after(&noted))
            }
            Err(refusal) => done(turn.explain(&refusal)),
        }
    })
}
