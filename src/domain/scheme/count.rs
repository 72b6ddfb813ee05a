//! How each shape of benefit is counted, step by step.

use jiff::civil::Date;

use super::record::*;
use super::rules::*;

pub struct Counting<'a> {
    pub programme: &'a Programme,
    pub cover: &'a Cover,
    pub facts: &'a Facts,
    pub before: &'a Before,
    /// The day that counts.
    pub day: Date,
}

/// The lines of one benefit, or why it pays nothing.
type Counted = Result<Vec<Line>, NotCovered>;

impl Counting<'_> {
    pub fn run(&self) -> Result<Computation, NotCovered> {
        if self.programme.cover.ends_after_payment && !self.before.period.lumps.is_empty() {
            return Err(NotCovered::EndedByPayment);
        }
        let of_kind =
            || self.programme.benefits.iter().filter(|benefit| benefit.events.contains(&self.facts.kind));
        if of_kind().next().is_none() {
            return Err(NotCovered::KindNotCovered { kind: self.facts.kind });
        }
        let (mut lines, mut why) = (Vec::new(), None);
        for benefit in of_kind().filter(|benefit| benefit.when.holds(self.facts)) {
            match self.counted(benefit) {
                Ok(counted) => lines.push((benefit, counted)),
                // A disease of another of the programme's benefits says less than what is wrong with its own.
                Err(NotCovered::DiseaseNotListed) if why.is_some() => {}
                Err(no) if why.is_none() || why == Some(NotCovered::DiseaseNotListed) => why = Some(no),
                Err(_) => {}
            }
        }
        if lines.is_empty() {
            return Err(why.unwrap_or(NotCovered::Circumstances));
        }
        self.keep_largest(&mut lines);
        let lines: Vec<Line> = lines.into_iter().flat_map(|(_, lines)| lines).collect();
        let total = sum(&lines);
        if total <= Fen::ZERO {
            return Err(self.nothing(&lines));
        }
        let by_amount = lines.iter().any(|line| line.what == What::SelfBorne);
        let guessed = by_amount && self.facts.borne().is_some_and(|borne| borne.guessed);
        Ok(Computation { lines, total, guessed })
    }

    fn counted(&self, benefit: &Benefit) -> Counted {
        let mut lines = match &benefit.pays {
            Shape::Tiers(tiers) => self.tiers(benefit, tiers)?,
            Shape::Daily(daily) => self.daily(benefit, daily)?,
            Shape::Lump(lump) => self.lump(benefit, lump)?,
            Shape::Grades(grades) => self.grades(benefit, grades)?,
        };
        self.cap(benefit, &mut lines);
        if let Shape::Tiers(Tiers { minimum_on_death: Some(minimum), .. }) = &benefit.pays
            && self.facts.has_died()
        {
            let more = minimum.minus(self.before.period.total).minus(sum(&lines));
            if more > Fen::ZERO {
                lines.push(Line { amount: more, ..line(benefit, What::Minimum, *minimum) });
            }
        }
        Ok(lines)
    }

    fn waiting(&self) -> Result<(), NotCovered> {
        match self.cover.waiting_until {
            Some(until) if self.cover.waits_on(self.day) => Err(NotCovered::Waiting { until }),
            _ => Ok(()),
        }
    }

    fn tiers(&self, benefit: &Benefit, tiers: &Tiers) -> Counted {
        self.waiting()?;
        let nothing_known = tiers.minimum_on_death.filter(|_| self.facts.has_died()).map(|_| Fen::ZERO);
        let borne = self.facts.borne().map(|borne| borne.amount).or(nothing_known);
        let borne = borne.ok_or(NotCovered::AmountUnknown)?.at_least_zero();
        let mut lines = vec![line(benefit, What::SelfBorne, borne)];
        let mut rest = borne;
        if let Some(deductible) = tiers.deductible {
            let taken = deductible.amount.minus(self.had(deductible.per, |had| &had.deducted, benefit));
            let taken = taken.at_least_zero().min(rest);
            lines.push(line(benefit, What::Deductible, taken));
            rest = rest.minus(taken);
        }
        let mut from = self.had(tiers.scope, |had| &had.tiered, benefit);
        for (number, tier) in (1u16..).zip(&tiers.tiers) {
            let room = tier.up_to.map_or(rest, |up_to| up_to.minus(from).at_least_zero());
            let part = room.min(rest);
            if part > Fen::ZERO {
                let except = tier.except.iter().find(|except| except.when.holds(self.facts));
                let broken = tier.first_or_broken_rate.filter(|_| self.cover.first_or_broken);
                let rate = except.map(|except| except.rate).or(broken).unwrap_or(tier.rate);
                let amount = self.share(part, rate);
                let of = line(benefit, What::Tier, part);
                lines.push(Line { rate: Some(rate), count: Some(number), amount, ..of });
            }
            (rest, from) = (rest.minus(part), from.plus(part));
        }
        let bonus = tiers.first_stay_bonus.filter(|_| !self.before.period.bonuses.contains(&benefit.key));
        if let Some(bonus) = bonus.filter(|_| self.facts.kind == EventKind::Inpatient) {
            lines.push(Line { amount: bonus, ..line(benefit, What::FirstStay, bonus) });
        }
        Ok(lines)
    }

    fn daily(&self, benefit: &Benefit, daily: &Daily) -> Counted {
        self.waiting()?;
        let days = self.facts.days().ok_or(NotCovered::DaysUnknown)?;
        let counting = days.saturating_sub(daily.from_day.saturating_sub(1));
        if counting == 0 {
            return Err(NotCovered::TooFewDays { from_day: daily.from_day });
        }
        let left = daily.max_days.map(|max| {
            let had = match max.per {
                Scope::Stay => 0,
                Scope::Period => self.before.period.days.get(&benefit.key).copied().unwrap_or(0),
                Scope::Life => self.before.life.days.get(&benefit.key).copied().unwrap_or(0),
            };
            max.days.saturating_sub(had)
        });
        let paid = left.map_or(counting, |left| left.min(counting));
        let a_day = daily.amount.times(u32::from(self.cover.shares));
        let of = line(benefit, What::Days, a_day);
        Ok(vec![Line { count: Some(paid), amount: a_day.times(u32::from(paid)), ..of }])
    }

    fn lump(&self, benefit: &Benefit, lump: &Lump) -> Counted {
        let disease = self.listed(lump)?;
        let code = disease.map(|disease| disease.code.clone()).unwrap_or_default();
        self.not_paid_before(benefit, lump, &code)?;
        if let Some(condolence) = self.within_waiting(lump)? {
            let of = line(benefit, What::Condolence, condolence);
            return Ok(vec![Line { amount: condolence, ..of }]);
        }
        let amount = disease.and_then(|disease| disease.amount).unwrap_or(lump.amount);
        let rate = disease.map_or(Rate::WHOLE, |disease| disease.share);
        let shares = if lump.whatever_shares { 1 } else { self.cover.shares };
        let a_share = self.share(amount, rate);
        let of = line(benefit, What::Lump, amount);
        let count = Some(u16::from(shares));
        Ok(vec![Line { rate: Some(rate), count, amount: a_share.times(u32::from(shares)), ..of }])
    }

    /// The disease that it is paid for; none where the event is none.
    fn listed(&self, lump: &Lump) -> Result<Option<&Disease>, NotCovered> {
        let of_disease = matches!(self.facts.kind, EventKind::Disease | EventKind::Outpatient);
        if !of_disease && lump.diseases.is_empty() {
            return Ok(None);
        }
        let code = self.facts.disease.as_ref().ok_or(NotCovered::DiseaseUnknown)?;
        let fits = lump.diseases.is_empty() || lump.diseases.contains(code);
        self.programme.disease(code).filter(|_| fits).map(Some).ok_or(NotCovered::DiseaseNotListed)
    }

    fn not_paid_before(&self, benefit: &Benefit, lump: &Lump, disease: &str) -> Result<(), NotCovered> {
        let (life, period) = (&self.before.life, &self.before.period);
        let same = (benefit.key.clone(), disease.to_owned());
        let of_benefit = |(key, _): &(String, String)| *key == benefit.key;
        // What was found within the waiting days is no first diagnosis later.
        let known = !disease.is_empty() && life.condoled.contains(&same);
        let paid = match lump.often {
            Often::Once => life.lumps.iter().any(of_benefit),
            Often::OncePerPeriod => period.lumps.iter().any(of_benefit),
            Often::OncePerDisease => life.lumps.contains(&same),
            Often::EachTime => return Ok(()),
        };
        if paid || known { Err(NotCovered::PaidBefore) } else { Ok(()) }
    }

    /// What is paid instead within the waiting days, if it is one of them.
    fn within_waiting(&self, lump: &Lump) -> Result<Option<Fen>, NotCovered> {
        let number = self.cover.day_number(self.day);
        match (self.waiting(), lump.condolence) {
            (Ok(()), _) => Ok(None),
            (Err(_), Some(condolence)) if number >= condolence.from_day => Ok(Some(condolence.amount)),
            (Err(no), _) => Err(no),
        }
    }

    fn grades(&self, benefit: &Benefit, grades: &Grades) -> Counted {
        self.waiting()?;
        let grade = self.facts.grade.ok_or(NotCovered::GradeUnknown)?;
        let row = grades.table.iter().find(|row| row.grade == grade);
        let row = row.ok_or(NotCovered::GradeNotListed { grade })?;
        let shares = u32::from(self.cover.shares);
        let amount = self.share(grades.amount, row.rate).times(shares);
        let of = line(benefit, What::Grade, grades.amount.times(shares));
        Ok(vec![Line { rate: Some(row.rate), count: Some(u16::from(grade)), amount, ..of }])
    }

    /// What a benefit may come to here, by the bill and by its caps.
    pub fn room(&self, benefit: &Benefit) -> Option<Fen> {
        let bill = self.facts.personal_amount.or(self.facts.total).filter(|_| benefit.within_personal_amount);
        let caps = self.caps(benefit).map(|(_, limit, had)| limit.minus(had).at_least_zero());
        bill.into_iter().chain(caps).min()
    }

    fn caps(&self, benefit: &Benefit) -> impl Iterator<Item = (What, Fen, Fen)> {
        benefit.caps.iter().map(|cap| {
            let what = match cap.per {
                Scope::Stay => What::CapStay,
                Scope::Period => What::CapPeriod,
                Scope::Life => What::CapLife,
            };
            (what, cap.amount, self.had(cap.per, |had| &had.paid, benefit))
        })
    }

    fn cap(&self, benefit: &Benefit, lines: &mut Vec<Line>) {
        let personal = self.facts.personal_amount.filter(|_| benefit.within_personal_amount);
        let personal = personal.map(|amount| (What::WithinPersonal, amount, Fen::ZERO));
        for (what, limit, had) in personal.into_iter().chain(self.caps(benefit)) {
            let counted = sum(lines);
            let over = counted.minus(limit.minus(had).at_least_zero());
            if over > Fen::ZERO {
                // A limit is no multiple of what is rounded to: what is left is the last one below it.
                let over = Rounding::Up.of(over, Rate::WHOLE, self.programme.rounding.to).min(counted);
                lines.push(Line { amount: Fen::ZERO.minus(over), ..line(benefit, what, limit) });
            }
        }
    }

    /// Of benefits that don't add up, such as disability or death, the person has the largest in all.
    fn keep_largest(&self, counted: &mut [(&Benefit, Vec<Line>)]) {
        for group in &self.programme.only_largest_of {
            let of_group = |key: &String| group.contains(key);
            let paid = &self.before.period.paid;
            let mut had: Fen = paid.iter().filter(|(key, _)| of_group(key)).map(|(_, paid)| *paid).sum();
            let mut here: Vec<&mut (&Benefit, Vec<Line>)> =
                counted.iter_mut().filter(|(benefit, _)| of_group(&benefit.key)).collect();
            here.sort_by_key(|(_, lines)| std::cmp::Reverse(sum(lines)));
            for (benefit, lines) in here {
                let (amount, off) = (sum(lines), had.min(sum(lines)));
                if off > Fen::ZERO {
                    let of = line(benefit, What::OnlyLargest, had);
                    lines.push(Line { amount: Fen::ZERO.minus(off), ..of });
                }
                had = had.max(amount);
            }
        }
    }

    fn share(&self, amount: Fen, rate: Rate) -> Fen {
        self.programme.rounding.mode.of(amount, rate, self.programme.rounding.to)
    }

    /// What was counted of a benefit before, within that scope.
    fn had(
        &self,
        scope: Scope,
        of: fn(&super::rules::Counted) -> &std::collections::BTreeMap<String, Fen>,
        benefit: &Benefit,
    ) -> Fen {
        let counted = match scope {
            Scope::Stay => return Fen::ZERO,
            Scope::Period => &self.before.period,
            Scope::Life => &self.before.life,
        };
        of(counted).get(&benefit.key).copied().unwrap_or_default()
    }

    /// Why lines come to nothing.
    fn nothing(&self, lines: &[Line]) -> NotCovered {
        let find = |wanted: &[What]| lines.iter().rev().find(|line| wanted.contains(&line.what));
        if let Some(capped) = find(&[What::CapStay, What::CapPeriod, What::CapLife, What::OnlyLargest]) {
            return NotCovered::CapReached { cap: capped.base };
        }
        let borne = find(&[What::SelfBorne]).is_some_and(|line| line.base > Fen::ZERO);
        match (find(&[What::Deductible]), find(&[What::Days])) {
            (Some(taken), _) if borne => NotCovered::BelowDeductible { deductible: self.deductible(taken) },
            (_, Some(days)) => NotCovered::CapReached { cap: self.all_days(days) },
            _ => NotCovered::NothingBorne,
        }
    }

    /// What all days come to for which that line's benefit is paid.
    fn all_days(&self, line: &Line) -> Fen {
        let of = self.programme.benefits.iter().find(|benefit| benefit.key == line.benefit);
        let max = of.and_then(|benefit| match &benefit.pays {
            Shape::Daily(daily) => daily.max_days,
            _ => None,
        });
        max.map_or(Fen::ZERO, |max| line.base.times(u32::from(max.days)))
    }

    /// What of the deductible is left to be borne, of which that line took a part.
    fn deductible(&self, taken: &Line) -> Fen {
        let of = self.programme.benefits.iter().find(|benefit| benefit.key == taken.benefit);
        let left = of.and_then(|benefit| match &benefit.pays {
            Shape::Tiers(Tiers { deductible: Some(cap), .. }) => {
                Some(cap.amount.minus(self.had(cap.per, |had| &had.deducted, benefit)))
            }
            _ => None,
        });
        left.unwrap_or(taken.base)
    }
}

fn sum(lines: &[Line]) -> Fen {
    lines.iter().map(|line| line.amount).sum()
}

/// A line that adds nothing yet.
fn line(benefit: &Benefit, what: What, base: Fen) -> Line {
    let (key, rule) = (benefit.key.clone(), benefit.rule.clone());
    Line { benefit: key, rule, what, base, rate: None, count: None, amount: Fen::ZERO }
}
