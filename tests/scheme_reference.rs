//! What schemes pay, against an independent reference in Python that reads the same files; and files for every shape
//! that `domain.md` found in other cities.

use std::io::Write;
use std::process::{Command, Stdio};

use gonghui::domain::scheme::file::{SchemeFile, read, read_all};
use gonghui::domain::scheme::record::{Fen, Programme, Shape};
use gonghui::domain::scheme::rules::{self, Before, Cover, EventKind, Facts, Insurance};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

const PERSONS: usize = 6000;

/// The shipped files and those of other cities, by name.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["schemes", "tests/schemes"] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name != "holidays.toml" {
                files.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn read_files() -> Vec<(String, SchemeFile)> {
    let read = |(name, text): (String, String)| {
        let file = read(&name, &text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        (name, file)
    };
    files().into_iter().map(read).collect()
}

#[test]
fn every_city_s_shape_is_expressed_and_its_worked_examples_hold() {
    let files = read_files();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "accident.toml",
        "beijing.toml",
        "national.toml",
        "ningbo.toml",
        "ningbo_education.toml",
        "shanghai.toml",
        "shanghai_card.toml",
        "shaoxing.toml",
        "zhangzhou.toml",
        "zhejiang.toml",
    ];
    assert_eq!(names, expected);
    let pays =
        || files.iter().flat_map(|(_, file)| &file.programmes).flat_map(|programme| &programme.benefits);
    assert!(pays().any(|benefit| matches!(benefit.pays, Shape::Tiers(_))));
    assert!(pays().any(|benefit| matches!(benefit.pays, Shape::Daily(_))));
    assert!(pays().any(|benefit| matches!(benefit.pays, Shape::Lump(_))));
    assert!(pays().any(|benefit| matches!(benefit.pays, Shape::Grades(_))));
    let texts = self::files();
    assert!(read_all(texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))).is_ok());
}

#[test]
fn a_wrong_example_and_every_other_problem_is_told_at_once_with_its_line() {
    let text = include_str!("../schemes/ningbo.toml")
        .replacen("pays = 2900", "pays = 2901", 1)
        .replacen("fee = 130", "fee = \"130.005\"", 1)
        .replacen("often = \"once\"", "often = \"twice\"", 1)
        .replacen("slot = \"discharge\"", "slot = \"dis-charge\"", 1);
    let problems = read("ningbo.toml", &text).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let line_of = |words: &str| text.lines().position(|line| line.contains(words)).unwrap() + 1;
    let has = |line: usize, words: &str| {
        told.iter().any(|told| told.starts_with(&format!("ningbo.toml:{line}  ")) && told.contains(words))
    };
    assert!(told.iter().any(|told| told.contains("expected 2901.00, got 2900.00")), "{told:#?}");
    assert!(has(line_of("130.005"), "at most two decimals"), "{told:#?}");
    assert!(told.iter().any(|told| told.contains("unknown variant `twice`")), "{told:#?}");
    assert!(has(line_of("dis-charge") - 1, "`slot` is 1 to 40 of a-z"), "{told:#?}");
}

#[test]
fn a_file_that_says_nothing_of_rounding_is_refused() {
    for (name, text) in files() {
        let without = text.replacen("[programme.rounding]\nmode = \"half_up\"\nto = 0.01\n", "", 1);
        assert_ne!(without, text, "{name} rounds");
        let problems = read(&name, &without).unwrap_err();
        assert!(
            problems.iter().any(|problem| problem.message.contains("missing field `rounding`")),
            "{name}"
        );
    }
}

/// One person with one cover, and what happens to them.
struct Case {
    file: String,
    programme: Programme,
    cover: Cover,
    events: Vec<Facts>,
}

/// Chance from a fixed seed, so that a difference can be looked at again.
struct Dice(TestRng);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// Often near what rules turn on, down to the fen.
    fn amount(&mut self) -> Fen {
        let marks = [0, 30_000, 100_000, 299_999, 300_000, 1_000_000, 5_000_000, 9_000_000];
        match self.below(4) {
            0 => Fen(marks[self.below(8) as usize] + self.below(3) as i64 - 1).at_least_zero(),
            1 => Fen(self.below(200_000) as i64),
            2 => Fen(self.below(2_000_000) as i64),
            _ => Fen(self.below(30_000_000) as i64),
        }
    }

    fn maybe<T>(&mut self, one_in: u64, value: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        if self.one_in(one_in) { Some(value(self)) } else { None }
    }

    fn day(&mut self, cover: &Cover) -> Date {
        let term = cover.from.until(cover.until).unwrap().get_days() as u64;
        // Sometimes a day before or after the cover, more often one of the first hundred.
        let day = if self.one_in(2) { self.below(100) } else { self.below(term + 20) };
        cover.from.saturating_add((day as i64 - 3).days())
    }

    fn cover(&mut self, programme: &Programme) -> Cover {
        let years = programme.premiums[self.below(programme.premiums.len() as u64) as usize].years;
        let from = date(2024, 5, 1).saturating_add((self.below(365) as i64).days());
        Cover {
            scheme: String::new(),
            version: 1,
            programme: programme.key.clone(),
            kinds: programme.kinds(),
            shares: 1 + self.below(3) as u8,
            from,
            until: from.saturating_add(i64::from(years).years()).saturating_sub(1.day()),
            rules_from: from,
            rules_until: None,
            first_or_broken: self.one_in(2),
            waiting_until: self.maybe(2, |dice| from.saturating_add((dice.below(95) as i64).days())),
            unit: String::new(),
        }
    }

    fn facts(&mut self, programme: &Programme, cover: &Cover) -> Facts {
        let kinds = programme.kinds();
        let kind = kinds[self.below(kinds.len() as u64) as usize];
        let day = self.day(cover);
        let disease = |dice: &mut Dice| match programme.diseases.len() as u64 {
            0 => "none".to_owned(),
            count => programme.diseases[dice.below(count) as usize].code.clone(),
        };
        let is_stay = kind == EventKind::Inpatient;
        Facts {
            kind,
            admitted: self.maybe(2, |dice| day.saturating_sub((dice.below(40) as i64 - 1).days())),
            discharged: Some(day).filter(|_| is_stay),
            diagnosed: Some(day).filter(|_| matches!(kind, EventKind::Disease | EventKind::Outpatient)),
            happened: Some(day).filter(|_| matches!(kind, EventKind::Accident | EventKind::Death)),
            disease: if self.one_in(10) { None } else { Some(disease(self)) },
            hospital: String::new(),
            total: self.maybe(2, Dice::amount),
            fund_paid: self.maybe(2, Dice::amount),
            self_borne: self.maybe(2, Dice::amount),
            subsidy: self.maybe(3, Dice::amount),
            personal_amount: self.maybe(2, Dice::amount),
            days: self.maybe(2, |dice| dice.below(200) as u16),
            operated: self.one_in(2),
            insurance: if self.one_in(3) { Insurance::Uninsured } else { Insurance::Employee },
            out_of_town: self.one_in(2),
            relief: self.one_in(4),
            grade: self.maybe(2, |dice| dice.below(12) as u8),
            died: self.one_in(4),
            relative: self.one_in(8),
            no_unit: self.one_in(8),
            no_stay: self.one_in(8),
            of_illness: self.one_in(4),
        }
    }
}

fn cases() -> Vec<Case> {
    let files = read_files();
    let all: Vec<(&String, &Programme)> = files
        .iter()
        .flat_map(|(name, file)| file.programmes.iter().map(move |programme| (name, programme)))
        .collect();
    let mut dice = Dice(TestRng::from_seed(RngAlgorithm::ChaCha, &[26; 32]));
    let case = |number: usize| {
        let (file, programme) = all[number % all.len()];
        let cover = dice.cover(programme);
        let events = (0..1 + dice.below(5)).map(|_| dice.facts(programme, &cover)).collect();
        Case { file: file.clone(), programme: programme.clone(), cover, events }
    };
    (0..PERSONS).map(case).collect()
}

/// What the service makes of them, in fen.
fn counted(case: &Case) -> Vec<Option<i64>> {
    let mut before = Before::default();
    let mut count = |facts: &Facts| {
        let counted = rules::benefit(&case.programme, &case.cover, facts, &before).ok()?;
        let sum: Fen = counted.lines.iter().map(|line| line.amount).sum();
        assert_eq!(sum, counted.total, "the lines add up");
        assert!(counted.total > Fen::ZERO);
        before.add(facts, &counted.lines, counted.total, true);
        Some(counted.total.0)
    };
    case.events.iter().map(&mut count).collect()
}

#[test]
fn another_program_that_reads_the_same_files_comes_to_the_same_sums() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files() {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let cases = cases();
    let line = |case: &Case| {
        let line = serde_json::json!({
            "file": case.file, "programme": case.programme.key, "cover": case.cover, "events": case.events,
        });
        format!("{line}\n")
    };
    let input: String = cases.iter().map(line).collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scheme_reference.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = command.spawn().expect("python3 runs");
    let mut stdin = python.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    let mut paid = 0;
    assert_eq!(answers.lines().count(), cases.len());
    for (case, answer) in cases.iter().zip(answers.lines()) {
        let expected: Vec<Option<i64>> = serde_json::from_str(answer).unwrap();
        let counted = counted(case);
        let (cover, events) = (&case.cover, &case.events);
        assert_eq!(counted, expected, "{} {cover:?}\n{events:#?}", case.file);
        paid += counted.iter().flatten().count();
    }
    // Chance that mostly comes to nothing would prove little.
    assert!(paid > PERSONS, "{paid} of the events were paid");
}
