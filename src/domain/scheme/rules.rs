//! What is true of an event under a scheme: pure decisions on values. [`benefit`] estimates before a claim is handed in
//! and decides afterwards.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::count;
use super::record::{After, Benefit, Disease, DocumentRule, Fen, Programme, Rate, Within};
use crate::moment::calendar::Calendar;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    #[default]
    Inpatient,
    /// 特种重病: a first diagnosis.
    Disease,
    Accident,
    Death,
    /// 门诊大病
    Outpatient,
}

impl EventKind {
    pub const ALL: &'static [EventKind] = &[
        EventKind::Inpatient,
        EventKind::Disease,
        EventKind::Accident,
        EventKind::Death,
        EventKind::Outpatient,
    ];

    pub fn name(self) -> &'static str {
        match self {
            EventKind::Inpatient => "inpatient",
            EventKind::Disease => "disease",
            EventKind::Accident => "accident",
            EventKind::Death => "death",
            EventKind::Outpatient => "outpatient",
        }
    }
}

/// The medical insurance that settled the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Insurance {
    #[default]
    Employee,
    Resident,
    Uninsured,
}

/// One event, as the papers tell it. What isn't known yet is absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    pub kind: EventKind,
    pub admitted: Option<Date>,
    pub discharged: Option<Date>,
    pub diagnosed: Option<Date>,
    /// Of an accident or a death.
    pub happened: Option<Date>,
    /// A code of the programme's list.
    pub disease: Option<String>,
    pub hospital: String,
    pub total: Option<Fen>,
    pub fund_paid: Option<Fen>,
    /// 个人承担, by the settlement; the civil-servant subsidy is off already.
    pub self_borne: Option<Fen>,
    /// 公务员医疗补助
    pub subsidy: Option<Fen>,
    /// 个人支付金额, by the invoice.
    pub personal_amount: Option<Fen>,
    /// In hospital, if the dates don't tell.
    pub days: Option<u16>,
    pub operated: bool,
    pub insurance: Insurance,
    pub out_of_town: bool,
    /// The bill is one of 医保减负.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub relief: bool,
    /// Of the disability, 1 the worst.
    pub grade: Option<u8>,
    pub died: bool,
    pub relative: bool,
    /// There is no unit that could seal a paper.
    pub no_unit: bool,
    /// Of an accident: nobody was in hospital for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_stay: bool,
    /// Of a death: it came of an illness.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_illness: bool,
}

/// The self-borne part, and whether it is only a guess from the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Borne {
    pub amount: Fen,
    pub guessed: bool,
}

impl Facts {
    /// The day that counts: of discharge for a stay, of the first diagnosis for a disease (`domain.md` 1.3).
    pub fn day(&self) -> Option<Date> {
        match self.kind {
            EventKind::Inpatient => self.discharged,
            EventKind::Disease | EventKind::Outpatient => self.diagnosed,
            EventKind::Accident | EventKind::Death => self.happened,
        }
    }

    pub fn has_died(&self) -> bool {
        self.died || self.kind == EventKind::Death
    }

    /// Days in hospital: the day of discharge doesn't count, but one is the least.
    pub fn days(&self) -> Option<u16> {
        let between = || {
            let days = self.admitted?.until(self.discharged?).ok()?.get_days();
            u16::try_from(days).ok().map(|days| days.max(1))
        };
        self.days.or_else(between).or(self.no_stay.then_some(0))
    }

    /// What can't be true together, for whoever enters it; `today`: no day comes after it.
    pub fn contradiction(&self, today: Date) -> Option<&'static str> {
        let days = [self.admitted, self.discharged, self.diagnosed, self.happened];
        if days.into_iter().flatten().any(|day| day > today) {
            return Some("a day is still to come");
        }
        if let Some((admitted, discharged)) = self.admitted.zip(self.discharged) {
            if discharged < admitted {
                return Some("the discharge is before the admission");
            }
            let between = admitted.until(discharged).map_or(0, |span| span.get_days());
            if self.days.is_some_and(|days| i32::from(days) > between + 1) {
                return Some("there are fewer days between admission and discharge than `days`");
            }
        }
        (!self.fits_the_bill())
            .then_some("`fund_paid`, `subsidy` and what the person bore come to more than `total`, the bill")
    }

    /// The parts of the bill are no more than the bill.
    pub fn fits_the_bill(&self) -> bool {
        let Some(total) = self.total else { return true };
        let paid = self.fund_paid.unwrap_or_default().plus(self.subsidy.unwrap_or_default());
        let known = [self.self_borne, self.personal_amount];
        paid <= total && known.into_iter().flatten().all(|part| paid.plus(part) <= total)
    }

    pub fn borne(&self) -> Option<Borne> {
        let settled = self
            .total
            .zip(self.fund_paid)
            .map(|(total, fund)| total.minus(fund).minus(self.subsidy.unwrap_or_default()).at_least_zero());
        let known = self.self_borne.or(settled).map(|amount| Borne { amount, guessed: false });
        known.or_else(|| self.personal_amount.map(|amount| Borne { amount, guessed: true }))
    }
}

/// What one policy gives under one version of its scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    pub scheme: String,
    pub version: u32,
    pub programme: String,
    pub kinds: Vec<EventKind>,
    pub shares: u8,
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Events of these days are judged by this version.
    pub rules_from: Date,
    pub rules_until: Option<Date>,
    /// Not the continuation of an earlier cover.
    pub first_or_broken: bool,
    /// The last of the waiting days.
    pub waiting_until: Option<Date>,
    /// Empty for who joined singly.
    pub unit: String,
}

impl Cover {
    /// The policy year (or term) is named by the year in which it begins.
    pub fn year(&self) -> u16 {
        self.from.year().unsigned_abs()
    }

    pub fn holds_on(&self, day: Date) -> bool {
        (self.from..=self.until).contains(&day)
            && self.rules_from <= day
            && self.rules_until.is_none_or(|until| day <= until)
    }

    /// Days of cover up to this one, which counts; 1 on the first.
    pub fn day_number(&self, day: Date) -> u16 {
        let days = day.since(self.from).map_or(0, |span| span.get_days());
        u16::try_from(days.saturating_add(1)).unwrap_or(0)
    }

    pub fn waits_on(&self, day: Date) -> bool {
        self.waiting_until.is_some_and(|until| day <= until)
    }
}

/// What the same person had before from the same programme, by what was granted and stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Before {
    /// In this cover's term.
    pub period: Counted,
    pub life: Counted,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    pub total: Fen,
    /// By benefit.
    pub paid: BTreeMap<String, Fen>,
    /// By benefit: what went through its tiers.
    pub tiered: BTreeMap<String, Fen>,
    pub deducted: BTreeMap<String, Fen>,
    pub days: BTreeMap<String, u16>,
    /// Benefits whose bonus for the first stay was paid.
    pub bonuses: BTreeSet<String>,
    /// (benefit, disease) of lump sums; the disease is empty where there was none.
    pub lumps: BTreeSet<(String, String)>,
    /// The same of condolences.
    pub condoled: BTreeSet<(String, String)>,
}

impl Before {
    /// Counts an earlier claim: its facts, how it was counted, and what it came to.
    pub fn add(&mut self, facts: &Facts, lines: &[Line], total: Fen, in_period: bool) {
        self.life.add(facts, lines, total);
        if in_period {
            self.period.add(facts, lines, total);
        }
    }

    /// Counts what staff added to a benefit of an earlier claim, or took off.
    pub fn adjust(&mut self, benefit: &str, amount: Fen, in_period: bool) {
        for counted in
            [Some(&mut self.life), Some(&mut self.period).filter(|_| in_period)].into_iter().flatten()
        {
            let paid = counted.paid.entry(benefit.to_owned()).or_default();
            *paid = paid.plus(amount);
        }
    }
}

impl Counted {
    fn add(&mut self, facts: &Facts, lines: &[Line], total: Fen) {
        self.total = self.total.plus(total);
        for line in lines {
            let key = || line.benefit.clone();
            let more = |sums: &mut BTreeMap<String, Fen>, amount: Fen| {
                let sum = sums.entry(line.benefit.clone()).or_default();
                *sum = sum.plus(amount);
            };
            more(&mut self.paid, line.amount);
            let of_disease = || (key(), facts.disease.clone().unwrap_or_default());
            match line.what {
                What::Tier => more(&mut self.tiered, line.base),
                What::Deductible => more(&mut self.deducted, line.base),
                What::Days => *self.days.entry(key()).or_default() += line.count.unwrap_or(0),
                What::FirstStay => drop(self.bonuses.insert(key())),
                What::Lump => drop(self.lumps.insert(of_disease())),
                What::Condolence => drop(self.condoled.insert(of_disease())),
                _ => {}
            }
        }
    }
}

/// How a claim was counted. The lines' amounts add up to the total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computation {
    pub lines: Vec<Line>,
    pub total: Fen,
    /// By the invoice alone: the settlement will say more exactly.
    pub guessed: bool,
}

/// One step: what was counted, by which article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub benefit: String,
    /// The article, as the file has it.
    pub rule: String,
    /// Which words tell it; [`What::name`] is their key.
    pub what: What,
    /// What it is counted of, or up to.
    pub base: Fen,
    #[serde(default)]
    pub rate: Option<Rate>,
    /// Shares, days, the number of a tier or the grade.
    #[serde(default)]
    pub count: Option<u16>,
    /// What it adds to the total, or takes from it.
    pub amount: Fen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The self-borne part that all follows from; adds nothing.
    SelfBorne,
    /// Taken off it first; adds nothing.
    Deductible,
    /// A share of a part of it.
    Tier,
    FirstStay,
    /// Days in hospital.
    Days,
    /// For a disease, an accident or a death.
    Lump,
    /// 慰问金 within the waiting days.
    Condolence,
    /// By the grade of a disability.
    Grade,
    /// No more than the person paid by the bill.
    WithinPersonal,
    CapStay,
    CapPeriod,
    CapLife,
    /// At least so much to who died.
    Minimum,
    /// Not besides what another benefit of its group paid.
    OnlyLargest,
}

impl What {
    /// The name of its text.
    pub fn name(self) -> &'static str {
        match self {
            What::SelfBorne => "self_borne",
            What::Deductible => "deductible",
            What::Tier => "tier",
            What::FirstStay => "first_stay",
            What::Days => "days",
            What::Lump => "lump",
            What::Condolence => "condolence",
            What::Grade => "grade",
            What::WithinPersonal => "within_personal",
            What::CapStay => "cap_stay",
            What::CapPeriod => "cap_period",
            What::CapLife => "cap_life",
            What::Minimum => "minimum",
            What::OnlyLargest => "only_largest",
        }
    }
}

/// Why nothing is paid. `code()` is stable: texts, API and metrics use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCovered {
    /// The person is in no programme.
    NoCover,
    /// None of the person's programmes takes a claim by a relative.
    NoRelatives,
    /// None of the person's programmes pays for such an event.
    KindNotCovered {
        kind: EventKind,
    },
    /// The event lies outside of the cover.
    OutsideCover {
        from: Date,
        until: Date,
    },
    Waiting {
        until: Date,
    },
    /// Papers that were handed in for the person were false: nothing is paid of these days.
    Excluded {
        until: Date,
    },
    /// The day that counts isn't known.
    DayUnknown,
    AmountUnknown,
    DaysUnknown,
    DiseaseUnknown,
    DiseaseNotListed,
    GradeUnknown,
    GradeNotListed {
        grade: u8,
    },
    /// None of the programme's benefits is for these circumstances.
    Circumstances,
    BelowDeductible {
        deductible: Fen,
    },
    /// Nothing was self-borne.
    NothingBorne,
    TooFewDays {
        from_day: u16,
    },
    CapReached {
        cap: Fen,
    },
    PaidBefore,
    /// A payment ended the cover.
    EndedByPayment,
}

impl NotCovered {
    /// Nothing says no: it isn't known yet, and papers will tell.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            NotCovered::DayUnknown
                | NotCovered::AmountUnknown
                | NotCovered::DaysUnknown
                | NotCovered::DiseaseUnknown
                | NotCovered::GradeUnknown
        )
    }

    /// Every code, for the test that finds a sentence for each.
    pub const CODES: &'static [&'static str] = &[
        "no_cover",
        "no_relatives",
        "kind_not_covered",
        "outside_cover",
        "waiting",
        "excluded",
        "day_unknown",
        "amount_unknown",
        "days_unknown",
        "disease_unknown",
        "disease_not_listed",
        "grade_unknown",
        "grade_not_listed",
        "circumstances",
        "below_deductible",
        "nothing_borne",
        "too_few_days",
        "cap_reached",
        "paid_before",
        "ended_by_payment",
    ];

    pub fn code(&self) -> &'static str {
        match self {
            NotCovered::NoCover => "no_cover",
            NotCovered::NoRelatives => "no_relatives",
            NotCovered::KindNotCovered { .. } => "kind_not_covered",
            NotCovered::OutsideCover { .. } => "outside_cover",
            NotCovered::Waiting { .. } => "waiting",
            NotCovered::Excluded { .. } => "excluded",
            NotCovered::DayUnknown => "day_unknown",
            NotCovered::AmountUnknown => "amount_unknown",
            NotCovered::DaysUnknown => "days_unknown",
            NotCovered::DiseaseUnknown => "disease_unknown",
            NotCovered::DiseaseNotListed => "disease_not_listed",
            NotCovered::GradeUnknown => "grade_unknown",
            NotCovered::GradeNotListed { .. } => "grade_not_listed",
            NotCovered::Circumstances => "circumstances",
            NotCovered::BelowDeductible { .. } => "below_deductible",
            NotCovered::NothingBorne => "nothing_borne",
            NotCovered::TooFewDays { .. } => "too_few_days",
            NotCovered::CapReached { .. } => "cap_reached",
            NotCovered::PaidBefore => "paid_before",
            NotCovered::EndedByPayment => "ended_by_payment",
        }
    }
}

/// The covers under which an event of that kind and day may be claimed, the latest first. Several programmes may pay
/// for one illness, each by a claim of its own.
pub fn choices(covers: &[Cover], kind: EventKind, day: Date) -> Result<Vec<&Cover>, NotCovered> {
    if covers.is_empty() {
        return Err(NotCovered::NoCover);
    }
    let of_kind: Vec<&Cover> = covers.iter().filter(|cover| cover.kinds.contains(&kind)).collect();
    let mut holding: Vec<&Cover> = of_kind.iter().copied().filter(|cover| cover.holds_on(day)).collect();
    holding.sort_by_key(|cover| std::cmp::Reverse((!cover.waits_on(day), cover.from)));
    if !holding.is_empty() {
        return Ok(holding);
    }
    let nearest = of_kind.into_iter().min_by_key(|cover| {
        let days = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days());
        days(day, cover.from).max(days(cover.until, day))
    });
    Err(match nearest {
        Some(cover) => NotCovered::OutsideCover { from: cover.from, until: cover.until },
        None => NotCovered::KindNotCovered { kind },
    })
}

/// What an event comes to.
pub fn benefit(
    programme: &Programme,
    cover: &Cover,
    facts: &Facts,
    before: &Before,
) -> Result<Computation, NotCovered> {
    let day = facts.day().ok_or(NotCovered::DayUnknown)?;
    if !(cover.from..=cover.until).contains(&day) {
        return Err(NotCovered::OutsideCover { from: cover.from, until: cover.until });
    }
    count::Counting { programme, cover, facts, before, day }.run()
}

/// The most that a benefit may come to, by the bill and by its caps; `None`: it has no limit. While it isn't known what
/// the person paid by the bill, that is the whole of it.
pub fn most(
    programme: &Programme,
    cover: &Cover,
    facts: &Facts,
    before: &Before,
    benefit: &str,
) -> Option<Fen> {
    let counting = count::Counting { programme, cover, facts, before, day: facts.day()? };
    counting.room(programme.benefits.iter().find(|known| known.key == benefit)?)
}

/// Was more counted than the self-borne part where no more than what the person paid by the bill is given, and that
/// isn't known?
pub fn is_uncapped(programme: &Programme, facts: &Facts, computed: &Computation) -> bool {
    let borne = facts.borne().map(|borne| borne.amount).unwrap_or_default();
    let counted = |benefit: &Benefit| {
        let lines = computed.lines.iter().filter(|line| line.benefit == benefit.key);
        lines.map(|line| line.amount).sum::<Fen>()
    };
    let capped = programme.benefits.iter().filter(|benefit| benefit.within_personal_amount);
    facts.personal_amount.is_none() && capped.into_iter().any(|benefit| counted(benefit) > borne)
}

/// The papers that these facts ask for, with those that aren't missed.
pub fn documents<'p>(programme: &'p Programme, facts: &Facts) -> Vec<&'p DocumentRule> {
    let asked = |rule: &&DocumentRule| {
        (rule.events.is_empty() || rule.events.contains(&facts.kind)) && rule.when.holds(facts)
    };
    programme.documents.iter().filter(asked).collect()
}

/// The papers without which a claim isn't whole.
pub fn required_documents<'p>(programme: &'p Programme, facts: &Facts) -> Vec<&'p DocumentRule> {
    documents(programme, facts).into_iter().filter(|rule| !rule.optional).collect()
}

/// Diseases of the programme that a diagnosis hints at: one part of it has a word of the disease's, and none with which
/// it is something else. What is said of one illness says nothing of the next.
pub fn hints<'p>(programme: &'p Programme, diagnosis: &str) -> Vec<&'p Disease> {
    let parts = parts(diagnosis);
    let says = |part: &str, words: &[String]| words.iter().any(|word| part.contains(&word.to_lowercase()));
    let hinted = |disease: &&Disease| {
        parts.iter().any(|part| says(part, &disease.words) && !says(part, &disease.unless_words))
    };
    programme.diseases.iter().filter(hinted).collect()
}

/// What a diagnosis names, one by one, in lower case. What stands in brackets belongs to what is before them.
fn parts(diagnosis: &str) -> Vec<String> {
    const BETWEEN: &[char] = &['，', '。', '；', '、', '：', ',', '.', ';', ':', '+', '＋', '/', '\n'];
    const WORDS_BETWEEN: &[&str] = &["合并", "伴", "及"];
    let said = WORDS_BETWEEN.iter().fold(diagnosis.to_lowercase(), |said, word| said.replace(word, "，"));
    let mut parts = Vec::new();
    for piece in said.split(BETWEEN) {
        let mut part = String::new();
        for word in piece.split_whitespace() {
            // A blank parts what is written in Chinese; `CKD 5` is one name.
            let goes_on = part.ends_with(|c: char| c.is_ascii()) || word.starts_with(|c: char| c.is_ascii());
            if !goes_on {
                parts.push(std::mem::take(&mut part));
            }
            part.push_str(word);
        }
        parts.push(part);
    }
    parts
}

/// Whether a claim is filed when it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeliness {
    /// `until` is the last day; none if there is no limit.
    InTime {
        until: Option<Date>,
    },
    /// The first day on which it is late. Told and asked about, never a reason to refuse by itself.
    Late {
        since: Date,
    },
    TooEarly {
        from: Date,
    },
}

/// `None` if the day that counts isn't known.
pub fn filing(
    programme: &Programme,
    cover: &Cover,
    facts: &Facts,
    today: Date,
    calendar: &Calendar,
) -> Option<Timeliness> {
    let filing = &programme.filing;
    let day_of_cover = |number: u16| cover.from.saturating_add(i64::from(number.saturating_sub(1)).days());
    let opens = [filing.not_before_day.map(day_of_cover), programme.cover.claims_open_from];
    if let Some(from) = opens.into_iter().flatten().max().filter(|from| today < *from) {
        return Some(Timeliness::TooEarly { from });
    }
    let begins = match filing.after {
        After::Event => facts.day()?,
        After::CoverEnd => cover.until,
    };
    let until = filing.within.map(|within| match within {
        Within::Days(days) => begins.saturating_add(i64::from(days).days()),
        Within::WorkingDays(days) => calendar.working_days_after(begins, days),
        Within::Months(months) => begins.saturating_add(i64::from(months).months()),
        Within::Years(years) => begins.saturating_add(i64::from(years).years()),
    });
    Some(match until {
        Some(until) if today > until => Timeliness::Late { since: until.saturating_add(1.day()) },
        until => Timeliness::InTime { until },
    })
}
