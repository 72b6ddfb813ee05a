//! What types can't say: names that must be known, orders, and sums that make sense.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::record::*;
use super::super::rules::EventKind;
use super::{Example, Places, Report};

const KEY_MAX: usize = 40;
/// What fits a line of a list, and a reason in a notice.
const TITLE_CHARS_MAX: usize = 30;
/// Of pictures that aren't sorted, and of what nobody can name: see `domain::claim::pages`.
const SLOTS_OF_OURS: [&str; 2] = ["unsorted", "other"];
const SHARES_MAX: u8 = 100;
const YEARS_MAX: u8 = 10;

pub(super) fn head(scheme: &str, version: u32, in_force: &InForce, report: &mut Report) {
    if !is_key(scheme) {
        report.add(None, "scheme", format!("is 1 to {KEY_MAX} of a-z, 0-9 and _"));
    }
    if version == 0 {
        report.add(None, "version", "is a number from 1, such as the year");
    }
    if in_force.until.is_some_and(|until| until < in_force.from) {
        report.add(None, "in_force", "`until` is before `from`");
    }
}

/// Names that a programme uses of others.
pub(super) fn between(programmes: &[Programme], keys: &[String], report: &mut Report) {
    for programme in programmes {
        for other in &programme.cover.continues {
            if !keys.contains(other) {
                let place = format!("{}.cover.continues", programme.key);
                report.add(None, &place, format!("there is no programme `{other}`"));
            }
        }
    }
}

pub(super) fn examples(programme: &Programme, examples: &[Example], places: &Places, report: &mut Report) {
    if examples.is_empty() {
        report.add(places.line, &places.key, "has no [[programme.example]]; write one at least");
    }
    for (index, example) in examples.iter().enumerate() {
        if let Some(wrong) = example.wrong(programme) {
            let (line, place) = places.of("example", index);
            report.broken.push(report.problem(line, &place, format!("«{}»: {wrong}", example.title)));
        }
    }
}

pub(super) fn programme(programme: &Programme, places: &Places, report: &mut Report) {
    let mut check = Check { programme, places, report };
    check.whole();
    check.joining();
    check.benefits();
    check.lists();
}

struct Check<'a, 'r> {
    programme: &'a Programme,
    places: &'a Places,
    report: &'a mut Report<'r>,
}

impl Check<'_, '_> {
    fn at(&mut self, name: &str, index: usize, is_wrong: bool, message: &str) {
        if is_wrong {
            let (line, place) = self.places.of(name, index);
            self.report.add(line, &place, message);
        }
    }

    fn whole(&mut self) {
        let programme = self.programme;
        let mut wrong = |is_wrong: bool, message: &str| {
            if is_wrong {
                self.report.add(self.places.line, &self.places.key, message);
            }
        };
        wrong(!is_key(&programme.key), "`key` is 1 to 40 of a-z, 0-9 and _");
        wrong(programme.pays.is_empty(), "`pays` tells followers what it pays in a line or two");
        wrong(programme.join.how.is_empty(), "`join.how` names `unit`, `single` or both");
        wrong(programme.premiums.is_empty(), "has no [[programme.premium]]");
        wrong(programme.windows.is_empty(), "has no [[programme.window]]");
        wrong(programme.benefits.is_empty(), "has no [[programme.benefit]]");
        wrong(programme.review_chain.is_empty(), "`review_chain` names who approves");
        let chain: BTreeSet<&str> = programme.review_chain.iter().map(|level| level.name()).collect();
        wrong(chain.len() != programme.review_chain.len(), "`review_chain` names a level twice");
        let no_time = matches!(
            programme.filing.within,
            Some(Within::Days(0) | Within::WorkingDays(0) | Within::Months(0) | Within::Years(0))
        );
        wrong(no_time, "`filing.within` gives no day: leave it out where nothing is too late");
        wrong(programme.rounding.to <= Fen::ZERO, "`rounding.to` is an amount such as 0.01");
        let times = &programme.times;
        wrong(times.supplement_days == 0, "`times.supplement_days` gives the claimant a day at least");
        let late = times.remind_after_days.iter().any(|days| *days >= times.supplement_days);
        wrong(late, "`times.remind_after_days` are before the end of `supplement_days`");
        wrong(is_negative(programme.extra_approval_above), "`extra_approval_above` is negative");
        wrong(is_negative(programme.paper_above), "`paper_above` is negative");
        wrong(is_negative(Some(programme.instant.limit)), "`instant.limit` is negative");
        let none_between = |ages: Ages| ages.max.min(ages.max_female.unwrap_or(ages.max)) < ages.min;
        let ages = programme.join.ages.is_some_and(none_between);
        wrong(ages, "`join.ages.max` or `max_female` is below `min`");
        let nowhere = has_blank(&programme.join.districts_out);
        wrong(nowhere, "a name of `join.districts_out` is empty: nobody of any district could join");
        let keys: BTreeSet<&str> = programme.benefits.iter().map(|benefit| benefit.key.as_str()).collect();
        let unknown = programme.only_largest_of.iter().flatten().any(|key| !keys.contains(key.as_str()));
        wrong(unknown, "`only_largest_of` names a benefit that there isn't");
        wrong(keys.len() != programme.benefits.len(), "two benefits have the same key");
    }

    fn joining(&mut self) {
        for (index, premium) in self.programme.premiums.iter().enumerate() {
            self.at("premium", index, is_negative(Some(premium.fee)), "`fee` is negative");
            let years = (1..=YEARS_MAX).contains(&premium.years);
            self.at("premium", index, !years, "`years` is 1 to 10");
            let same = |other: &Premium| (other.years, &other.class) == (premium.years, &premium.class);
            let twice = self.programme.premiums.iter().take(index).any(same);
            self.at(
                "premium",
                index,
                twice,
                "another has the same `years` and `class`: nobody would pay this one",
            );
            let shares = (1..=SHARES_MAX).contains(&premium.shares_max);
            self.at("premium", index, !shares, "`shares_max` is 1 to 100");
        }
        for (index, window) in self.programme.windows.iter().enumerate() {
            self.at("window", index, window.until < window.from, "`until` is before `from`");
            let begins = window.cover_from.unwrap_or(window.from);
            let ends_before = |day: Date| window.cover_until.is_some_and(|until| until < day);
            self.at("window", index, ends_before(begins), "`cover_until` is before the cover begins");
            let last = window.cover_from.unwrap_or(window.until.tomorrow().unwrap_or(window.until));
            let pays_for_nothing = !ends_before(begins) && ends_before(last);
            self.at("window", index, pays_for_nothing, "whoever enters last has no day before `cover_until`");
        }
    }

    fn benefits(&mut self) {
        for (index, benefit) in self.programme.benefits.iter().enumerate() {
            let mut wrong = |is_wrong, message: &str| self.at("benefit", index, is_wrong, message);
            wrong(!is_key(&benefit.key), "`key` is 1 to 40 of a-z, 0-9 and _");
            wrong(benefit.events.is_empty(), "`events` names what it is for");
            wrong(benefit.caps.iter().any(|cap| cap.amount <= Fen::ZERO), "a cap is more than nothing");
            for code in benefit.when.diseases.iter() {
                let unknown = self.programme.disease(code).is_none();
                self.at("benefit", index, unknown, &format!("there is no disease `{code}`"));
            }
            self.shape(benefit, index);
        }
    }

    fn shape(&mut self, benefit: &Benefit, index: usize) {
        let mut wrong = |is_wrong, message: &str| self.at("benefit", index, is_wrong, message);
        let of_disease = |kind: &EventKind| matches!(kind, EventKind::Disease | EventKind::Outpatient);
        match &benefit.pays {
            Shape::Tiers(tiers) => {
                let ends: Vec<Option<Fen>> = tiers.tiers.iter().map(|tier| tier.up_to).collect();
                let closed = ends.split_last().is_none_or(|(_, others)| others.iter().all(Option::is_some));
                wrong(ends.is_empty(), "`tiers` is empty");
                wrong(!closed, "only the last tier goes without `up_to`");
                let known: Vec<Fen> = ends.into_iter().flatten().collect();
                let rising = known.windows(2).all(|pair| pair[0] < pair[1])
                    && known.iter().all(|end| *end > Fen::ZERO);
                wrong(!rising, "`up_to` rises from tier to tier");
                wrong(tiers.scope == Scope::Life, "`scope` is `stay` or `period`");
                wrong(is_negative(tiers.first_stay_bonus), "`first_stay_bonus` is negative");
                wrong(is_negative(tiers.minimum_on_death), "`minimum_on_death` is negative");
                wrong(
                    is_negative(tiers.deductible.map(|deductible| deductible.amount)),
                    "`deductible` is negative",
                );
                let dies = benefit.events.contains(&EventKind::Death);
                wrong(
                    tiers.minimum_on_death.is_some() && !dies,
                    "`minimum_on_death` needs `death` among `events`",
                );
            }
            Shape::Daily(daily) => {
                wrong(daily.amount <= Fen::ZERO, "`amount` is more than nothing");
                wrong(daily.from_day == 0, "`from_day` counts from 1");
            }
            Shape::Lump(lump) => {
                wrong(lump.amount <= Fen::ZERO, "`amount` is more than nothing");
                wrong(
                    lump.condolence.is_some_and(|condolence| condolence.amount <= Fen::ZERO),
                    "`condolence.amount` is more than nothing",
                );
                let nothing_listed =
                    benefit.events.iter().any(of_disease) && self.programme.diseases.is_empty();
                self.at("benefit", index, nothing_listed, "the programme has no [[programme.disease]]");
                for code in &lump.diseases {
                    let unknown = self.programme.disease(code).is_none();
                    self.at("benefit", index, unknown, &format!("there is no disease `{code}`"));
                }
            }
            Shape::Grades(grades) => {
                wrong(grades.amount <= Fen::ZERO, "`amount` is more than nothing");
                wrong(grades.table.is_empty(), "`table` is empty");
                let numbers: BTreeSet<u8> = grades.table.iter().map(|row| row.grade).collect();
                wrong(numbers.len() != grades.table.len(), "`table` has a grade twice");
            }
        }
    }

    fn lists(&mut self) {
        let mut codes = BTreeSet::new();
        for (index, disease) in self.programme.diseases.iter().enumerate() {
            self.at("disease", index, !codes.insert(&disease.code), "has the code of another");
            self.at("disease", index, disease.words.is_empty(), "`words` tells what hints at it");
            let blank = has_blank(&disease.unless_words);
            self.at(
                "disease",
                index,
                blank,
                "a word of `unless_words` is empty: no diagnosis would hint at it",
            );
            let blank = has_blank(&disease.words);
            self.at("disease", index, blank, "a word of `words` is empty: every diagnosis would hint at it");
            self.at("disease", index, is_negative(disease.amount), "`amount` is negative");
        }
        let (mut slots, mut titles) = (BTreeSet::new(), BTreeMap::new());
        for (index, document) in self.programme.documents.iter().enumerate() {
            // One paper may be asked for in several circumstances, each with its own way to get it.
            let twice = !slots.insert((&document.slot, format!("{:?}{:?}", document.events, document.when)));
            self.at("document", index, twice, "is asked for twice in the same circumstances");
            self.at("document", index, !is_key(&document.slot), "`slot` is 1 to 40 of a-z, 0-9 and _");
            self.at("document", index, document.pages_max == 0, "`pages_max` is 1 at least");
            let own = SLOTS_OF_OURS.contains(&document.slot.as_str());
            self.at(
                "document",
                index,
                own,
                "`slot` is a name that the service has for pictures without a paper",
            );
            let title = document.title.trim();
            let fits =
                (1..=TITLE_CHARS_MAX).contains(&title.chars().count()) && !title.contains(['<', '>', '\n']);
            self.at("document", index, !fits, "`title` is 1 to 30 characters, without < and >");
            let slot = *titles.entry(title).or_insert(document.slot.as_str());
            let other = format!("has the title of `{slot}`: followers choose a paper by its title");
            self.at("document", index, slot != document.slot, &other);
            for code in &document.when.diseases {
                let unknown = self.programme.disease(code).is_none();
                self.at("document", index, unknown, &format!("there is no disease `{code}`"));
            }
        }
    }
}

/// What contains nothing at all is in every text.
fn has_blank(words: &[String]) -> bool {
    words.iter().any(|word| word.trim().is_empty())
}

fn is_negative(amount: Option<Fen>) -> bool {
    amount.is_some_and(|amount| amount < Fen::ZERO)
}

fn is_key(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(fine)
}
