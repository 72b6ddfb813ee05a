//! What a scheme file says; `docs/SCHEMES.md` explains every key. The same types are the file's and the store's.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::rules::{EventKind, Facts, Insurance};
use crate::domain::member::record::Sex;
use crate::moment::Time;

pub use super::money::{Fen, Rate, Rounding};

/// A programme's name within its scheme, such as `inpatient_active`.
pub type ProgrammeKey = String;

/// An adopted version of a scheme; its programmes are rows of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemeHeader {
    pub title: String,
    pub in_force: InForce,
    pub assumed: Vec<String>,
    /// In the order of the file.
    pub programmes: Vec<ProgrammeHead>,
    pub adopted: Time,
}

/// What lists need of a programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeHead {
    pub key: ProgrammeKey,
    pub title: String,
    pub kinds: Vec<EventKind>,
}

/// One person's place in a programme, from an enrolment on. Its key has the person (by the identity index), the
/// scheme, the programme and the first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The last day.
    pub until: Date,
    pub shares: u8,
    pub how: How,
    /// The unit's union; empty for who joined singly.
    pub unit: String,
    /// For reports; empty where it isn't known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    pub entered: Date,
    pub first_or_broken: bool,
    #[serde(default)]
    pub waiting_until: Option<Date>,
    /// What tells whether a name is the one on the list ([`name_index`](crate::domain::member::list::name_index)); places
    /// that were entered before it was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<[u8; 16]>,
    /// What was booked for it; an early place doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premium: Option<Fen>,
}

impl Policy {
    /// One share that a unit took for the person, entered on time: nothing to wait for.
    pub fn of_unit(unit: &str, entered: Date, until: Date) -> Policy {
        Policy {
            until,
            shares: 1,
            how: How::Unit,
            unit: unit.to_owned(),
            district: String::new(),
            entered,
            first_or_broken: false,
            waiting_until: None,
            name: None,
            premium: None,
        }
    }
}

/// Days on which events are judged by a version: from the first to the last, or until a later version begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InForce {
    pub from: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// It is meant to judge events of days that were over when it was adopted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backdated: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    pub key: ProgrammeKey,
    pub title: String,
    /// What it pays, in a line or two.
    pub pays: Vec<String>,
    /// What it doesn't.
    #[serde(default)]
    pub excludes: Vec<String>,
    pub join: Join,
    #[serde(rename = "premium")]
    pub premiums: Vec<Premium>,
    #[serde(default, rename = "window")]
    pub windows: Vec<Window>,
    pub cover: CoverRule,
    /// Written in every file: what half a fen becomes is a rule like any other.
    pub rounding: RoundingRule,
    #[serde(rename = "benefit")]
    pub benefits: Vec<Benefit>,
    /// Groups of benefits out of which a person has only the largest, such as disability or death.
    #[serde(default)]
    pub only_largest_of: Vec<Vec<String>>,
    #[serde(default, rename = "disease")]
    pub diseases: Vec<Disease>,
    #[serde(default, rename = "document")]
    pub documents: Vec<DocumentRule>,
    #[serde(default)]
    pub filing: Filing,
    #[serde(default)]
    pub times: Times,
    /// Who approves, in this order.
    #[serde(default = "city_alone")]
    pub review_chain: Vec<Level>,
    /// Above this one more approves.
    #[serde(default)]
    pub extra_approval_above: Option<Fen>,
    /// Of the claims that people approved, this share is looked at again.
    #[serde(default)]
    pub second_look: Rate,
    #[serde(default)]
    pub instant: Instant,
    /// From this on the originals are wanted on paper.
    #[serde(default)]
    pub paper_above: Option<Fen>,
    /// Banks that money goes to; empty is any.
    #[serde(default)]
    pub allowed_banks: Vec<String>,
    /// May a claim be made for a parent or child?
    #[serde(default)]
    pub relatives: bool,
}

fn city_alone() -> Vec<Level> {
    vec![Level::City]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// 集体参保: on the list of the unit's union.
    Unit,
    /// 个人参保
    Single,
}

/// Who may be in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    pub how: Vec<How>,
    /// In one line, for followers.
    pub who: String,
    /// Whole years on the first day of cover, both included.
    #[serde(default)]
    pub ages: Option<Ages>,
    #[serde(default)]
    pub sex: Option<Sex>,
    /// Of a unit's people whom the programme is for, so many are enrolled at least.
    #[serde(default)]
    pub min_participation: Option<Rate>,
    /// A unit below this number of people enrols all of them.
    #[serde(default)]
    pub all_below: Option<u32>,
    /// One unit enrols everybody with the same term and shares.
    #[serde(default)]
    pub same_for_unit: bool,
    /// Districts whose people can't join.
    #[serde(default)]
    pub districts_out: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ages {
    pub min: u8,
    pub max: u8,
    /// Where women retire earlier.
    #[serde(default)]
    pub max_female: Option<u8>,
}

/// A fee for a term; the first of a class is the usual one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Premium {
    /// For one share.
    pub fee: Fen,
    pub years: u8,
    /// Of the work's danger, where fees differ by it.
    #[serde(default)]
    pub class: Option<String>,
    #[serde(default = "one")]
    pub shares_max: u8,
}

fn one() -> u8 {
    1
}

/// When one may join, and from when that covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub from: Date,
    pub until: Date,
    /// 补保: after the window proper.
    #[serde(default)]
    pub late: bool,
    /// For people who began to work for the unit after its window, alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_hires: bool,
    /// Empty: in whatever way the programme allows.
    #[serde(default)]
    pub how: Vec<How>,
    /// A fixed first day, also before the entry; without it the day after the entry.
    #[serde(default)]
    pub cover_from: Option<Date>,
    /// A fixed last day; without it the term's.
    #[serde(default)]
    pub cover_until: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoverRule {
    /// Days from the first on which a first or broken entry doesn't pay (免责期, 等待期).
    pub waiting_days: u16,
    /// The same for a late entry that is first or broken.
    pub late_waiting_days: u16,
    /// Renewed within so many days after the end is no break.
    pub continuity_days: u16,
    /// A renewal begins on the day after the old cover, not on the window's day.
    pub renewal_follows: bool,
    /// Programmes whose cover counts as this one's before it: who retires goes on.
    pub continues: Vec<ProgrammeKey>,
    /// No claim is taken before this day.
    pub claims_open_from: Option<Date>,
    /// The cover ends when a lump sum was paid.
    pub ends_after_payment: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundingRule {
    pub mode: Rounding,
    /// Every line is a multiple of it.
    pub to: Fen,
}

/// One thing that a programme pays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    pub key: String,
    /// The article of the notice, as a claimant is told it.
    pub rule: String,
    pub events: Vec<EventKind>,
    #[serde(default)]
    pub when: When,
    pub pays: Shape,
    /// Never more than what the person paid by the bill (个人支付金额).
    #[serde(default)]
    pub within_personal_amount: bool,
    #[serde(default)]
    pub caps: Vec<Cap>,
    /// Where the city pays it without a claim (免申即享), but in these circumstances. Noted for who reads the rules: nothing
    /// is paid here that nobody claimed.
    #[serde(default)]
    pub automatic_unless: Option<Vec<When>>,
}

impl Benefit {
    /// The circumstances for which it has a rate of their own.
    pub fn exceptions(&self) -> impl Iterator<Item = &When> {
        let tiers = if let Shape::Tiers(tiers) = &self.pays { tiers.tiers.as_slice() } else { &[] };
        tiers.iter().flat_map(|tier| &tier.except).map(|except| &except.when)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Tiers(Tiers),
    Daily(Daily),
    Lump(Lump),
    Grades(Grades),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One stay, or one claim.
    #[default]
    Stay,
    /// The cover's term; of a year's cover the policy year.
    Period,
    Life,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub per: Scope,
    pub amount: Fen,
}

/// Shares of the self-borne part (个人承担), step by step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    #[serde(default)]
    pub deductible: Option<Cap>,
    /// Rising; the last may be open.
    pub tiers: Vec<Tier>,
    /// Do the tiers begin anew with each stay, or go on through the period?
    #[serde(default)]
    pub scope: Scope,
    /// Paid besides for the first stay of a period.
    #[serde(default)]
    pub first_stay_bonus: Option<Fen>,
    /// Who dies within the period has had at least this.
    #[serde(default)]
    pub minimum_on_death: Option<Fen>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    #[serde(default)]
    pub up_to: Option<Fen>,
    pub rate: Rate,
    /// For a first or broken entry.
    #[serde(default)]
    pub first_or_broken_rate: Option<Rate>,
    /// The first whose circumstances hold goes before the others.
    #[serde(default)]
    pub except: Vec<Exception>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    pub when: When,
    pub rate: Rate,
}

/// An allowance for each day in hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    /// For one share.
    pub amount: Fen,
    /// The first day of a stay that counts, from 1.
    #[serde(default = "first_day")]
    pub from_day: u16,
    #[serde(default)]
    pub max_days: Option<DaysMax>,
}

fn first_day() -> u16 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysMax {
    pub per: Scope,
    pub days: u16,
}

/// A fixed sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lump {
    /// For one share.
    pub amount: Fen,
    /// The same whatever the shares.
    #[serde(default)]
    pub whatever_shares: bool,
    /// Codes of `diseases` it is for; empty is all of them, or no disease where the event is none.
    #[serde(default)]
    pub diseases: Vec<String>,
    #[serde(default)]
    pub often: Often,
    /// 慰问金 within the waiting days.
    #[serde(default)]
    pub condolence: Option<Condolence>,
}

/// How often a lump sum is paid to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Often {
    #[default]
    Once,
    /// Once a period.
    OncePerPeriod,
    OncePerDisease,
    EachTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condolence {
    /// The first day of cover on which it is paid, from 1.
    pub from_day: u16,
    pub amount: Fen,
}

/// A share of a sum by the grade of a disability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grades {
    /// For one share.
    pub amount: Fen,
    pub table: Vec<GradeRate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeRate {
    pub grade: u8,
    pub rate: Rate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disease {
    pub code: String,
    pub name: String,
    /// Words of a diagnosis that hint at it.
    pub words: Vec<String>,
    /// Words with which, in the same part of the diagnosis, it is something else.
    #[serde(default)]
    pub unless_words: Vec<String>,
    /// What must be so besides, such as an operation.
    #[serde(default)]
    pub qualifiers: Vec<String>,
    /// For one share, instead of the benefit's.
    #[serde(default)]
    pub amount: Option<Fen>,
    /// Of the benefit's amount.
    #[serde(default = "whole")]
    pub share: Rate,
    #[serde(default)]
    pub proof: Vec<String>,
}

fn whole() -> Rate {
    Rate::WHOLE
}

/// Circumstances of an event. All that is said must hold; nothing said always holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insured: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_town: Option<bool>,
    /// 医保减负: the medical insurance gave something back besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relief: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub died: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_relative: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_unit: Option<bool>,
    /// Of a death: it came of an illness, rather than of an accident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_illness: Option<bool>,
    /// The disability has a grade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graded: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_borne_over: Option<Fen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_over: Option<u16>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diseases: Vec<String>,
}

impl When {
    pub fn holds(&self, facts: &Facts) -> bool {
        let is = |asked: Option<bool>, so: bool| asked.is_none_or(|asked| asked == so);
        is(self.insured, facts.insurance != Insurance::Uninsured)
            && is(self.out_of_town, facts.out_of_town)
            && is(self.relief, facts.relief)
            && is(self.operated, facts.operated)
            && is(self.died, facts.has_died())
            && is(self.for_relative, facts.relative)
            && is(self.has_unit, !facts.no_unit)
            && is(self.of_illness, facts.of_illness)
            && is(self.graded, facts.grade.is_some())
            && self.self_borne_over.is_none_or(|over| facts.borne().is_some_and(|borne| borne.amount > over))
            && self.days_over.is_none_or(|over| facts.days().is_some_and(|days| days > over))
            && (self.diseases.is_empty()
                || facts.disease.as_ref().is_some_and(|code| self.diseases.contains(code)))
    }
}

/// A paper that a claim needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRule {
    /// Names its place in a claim: `invoice`, `settlement`, `discharge`.
    pub slot: String,
    pub title: String,
    /// How to get it, in one line.
    pub how: String,
    /// Empty: for every kind.
    #[serde(default)]
    pub events: Vec<EventKind>,
    #[serde(default)]
    pub when: When,
    /// Asked for, and not missed.
    #[serde(default)]
    pub optional: bool,
    #[serde(default = "nine")]
    pub pages_max: u16,
    /// The same picture may be in several claims: a card is photographed once.
    #[serde(default)]
    pub reusable: bool,
}

impl DocumentRule {
    /// Of one paper, if the file says nothing else.
    pub const PAGES_MAX: u16 = 9;
}

fn nine() -> u16 {
    DocumentRule::PAGES_MAX
}

/// Until when a claim is filed. Late is told and asked about, never refused by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filing {
    pub within: Option<Within>,
    pub after: After,
    /// Not before this day of cover, from 1.
    pub not_before_day: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    Days(u16),
    WorkingDays(u16),
    Months(u16),
    Years(u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// Discharge, first diagnosis, accident or death.
    #[default]
    Event,
    CoverEnd,
}

/// What is promised, in working days, and given to the claimant, in days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// Working days to the first look.
    pub first_look: u16,
    /// Working days from 受理 to the money.
    pub decide: u16,
    /// Days for what is missing (补正).
    pub supplement_days: u16,
    /// Days after which the claimant is reminded of it.
    pub remind_after_days: Vec<u16>,
    /// Days for an appeal.
    pub appeal_days: u16,
    /// Days for which a finding of false papers excludes the person; 0: it doesn't.
    pub excluded_days: u16,
}

impl Default for Times {
    fn default() -> Self {
        Times {
            first_look: 2,
            decide: 30,
            supplement_days: 30,
            remind_after_days: vec![7, 27],
            appeal_days: 30,
            excluded_days: 365,
        }
    }
}

/// Who approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Unit,
    District,
    City,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Unit => "unit",
            Level::District => "district",
            Level::City => "city",
        }
    }
}

/// 即时赔付: approved by rule when nothing is missing and the facts agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Instant {
    pub on: bool,
    pub limit: Fen,
    /// Of those approved so, this share is looked at again.
    pub sample: Rate,
}

impl Programme {
    /// Every kind of event that it pays for.
    pub fn kinds(&self) -> Vec<EventKind> {
        let paid = |kind: &EventKind| self.benefits.iter().any(|benefit| benefit.events.contains(kind));
        EventKind::ALL.iter().copied().filter(paid).collect()
    }

    pub fn disease(&self, code: &str) -> Option<&Disease> {
        self.diseases.iter().find(|disease| disease.code == code)
    }

    /// The grades of a disability that it pays for after such an event, the worst first.
    pub fn grades_of(&self, kind: EventKind) -> Vec<u8> {
        let tables =
            self.benefits.iter().filter(|benefit| benefit.events.contains(&kind)).filter_map(|benefit| {
                if let Shape::Grades(grades) = &benefit.pays { Some(&grades.table) } else { None }
            });
        let grades: BTreeSet<u8> = tables.flatten().map(|row| row.grade).collect();
        grades.into_iter().collect()
    }
}
