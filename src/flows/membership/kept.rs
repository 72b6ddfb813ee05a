//! All that is kept of a follower, room by room, in lines for themselves (个人信息保护法 Art. 45).

use super::words;
use crate::content::{TextSpec, Value};
use crate::domain::activity::forget;
use crate::domain::activity::history::{self, History};
use crate::domain::activity::holder;
use crate::domain::activity::kit::Kit;
use crate::domain::activity::record::*;
use crate::domain::benefit::record::CouponState;
use crate::domain::benefit::{keep, wallet};
use crate::domain::case::record::{Case, CaseId};
use crate::domain::case::{entries, queue as cases};
use crate::domain::claim::notes::NoteKind;
use crate::domain::claim::record::{Claim, ClaimId};
use crate::domain::claim::{notes, queue as claims};
use crate::domain::media::commands::of_follower as pictures;
use crate::domain::member::binding::member_of;
use crate::domain::member::quality::quality;
use crate::domain::member::record::{Member, MemberId, Named};
use crate::domain::member::standing::{counted_for, person_of};
use crate::domain::member::{application, consent, list};
use crate::domain::scheme::commands::policies;
use crate::domain::tables::*;
use crate::flows::texts::{export as texts, words as said};
use crate::flows::{Turn, claim, explain, my_sign_ups, service, sign_up, welfare};
use crate::store::Fault;

/// Of each kind the latest; who has more is told to ask for the rest.
pub(super) const OF_A_KIND: usize = 200;

/// The lines so far.
pub(super) struct Kept<'a, 'b, 't> {
    turn: &'a Turn<'b, 't>,
    pub lines: Vec<String>,
    /// There is more of some kind than is told.
    pub cut: bool,
}

/// All of it; no lines: nothing is kept.
pub(super) fn kept<'a, 'b, 't>(turn: &'a Turn<'b, 't>) -> Result<Kept<'a, 'b, 't>, Fault> {
    let mut kept = Kept { turn, lines: Vec::new(), cut: false };
    if let Some((id, member)) = member_of(turn.tx, turn.who)? {
        kept.member(id, &member)?;
    }
    kept.account()?;
    kept.sign_ups()?;
    kept.welfare()?;
    kept.cases()?;
    Ok(kept)
}

impl Kept<'_, '_, '_> {
    fn say(&mut self, spec: &TextSpec, values: &[(&str, Value)]) {
        let text = self.turn.say(spec, values);
        self.lines.extend(text.lines().map(|line| line.trim_end().to_owned()));
    }

    /// At most [`OF_A_KIND`] of what was found.
    fn some<T>(&mut self, mut found: Vec<T>) -> Vec<T> {
        self.cut |= found.len() > OF_A_KIND;
        found.truncate(OF_A_KIND);
        found
    }

    fn member(&mut self, id: MemberId, member: &Member) -> Result<(), Fault> {
        let tx = &self.turn.tx;
        let Some(named) = list::named(tx, member)? else { return Ok(()) };
        let Named { name, identity, phone, card } = named;
        let state = self.turn.say(words::quality(quality(tx, self.turn.who)?), &[]);
        let covers = policies(tx, &list::index(tx, &identity)?)?;
        let looks = tx.scan_back(&LOOKS, &(id,), None, OF_A_KIND + 1)?.rows;
        let claims = claims::of_member(tx, id, OF_A_KIND + 1)?;
        self.say(
            &texts::MEMBER,
            &[
                ("number", id.to_string().into()),
                ("name", name.into()),
                ("identity", identity.into()),
                ("phone", phone.unwrap_or_default().into()),
                ("union", Value::from(&member.union)),
                ("district", Value::from(&member.district)),
                ("tier", self.turn.say(words::tier(member.tier), &[]).into()),
                ("state", state.into()),
                ("card", words::card(self.turn, member).into()),
                ("card_number", card.unwrap_or_default().into()),
                ("changed", member.changed.chinese_with_year().into()),
            ],
        );
        for (_, look) in self.some(looks) {
            let at = look.at.chinese_with_year();
            let by = words::looker(self.turn, &look);
            self.say(&texts::LOOK, &[("at", at.into()), ("by", by.into()), ("why", look.why.into())]);
        }
        for (key, policy) in covers {
            let days = [("from", key.from.to_string().into()), ("until", policy.until.to_string().into())];
            let days = self.turn.say(&said::KEPT_COVER_DAYS, &days);
            let values = [
                ("programme", format!("{} {}", key.scheme, key.programme).into()),
                ("days", days.into()),
                ("shares", policy.shares.into()),
                ("unit", policy.unit.into()),
            ];
            self.say(&texts::COVER, &values);
        }
        for (id, claim) in self.some(claims) {
            self.claim(id, &claim)?;
        }
        Ok(())
    }

    fn claim(&mut self, id: ClaimId, claim: &Claim) -> Result<(), Fault> {
        let values = [
            ("number", id.to_string().into()),
            ("kind", self.turn.say(claim::words::kind(claim.kind), &[]).into()),
            ("status", claim::status_of(self.turn, claim.status).into()),
            ("created", claim.created.chinese_with_year().into()),
            ("since", claim.since.chinese_with_year().into()),
            ("amount", claim.amount.map(|amount| amount.to_string()).unwrap_or_default().into()),
        ];
        self.say(&texts::CLAIM, &values);
        self.lines.extend(claim::whole_facts(self.turn, claim)?.lines().map(|line| format!("　{line}")));
        let remark = claim.details.reveal().remark.clone();
        if !remark.is_empty() {
            self.say(&texts::CLAIM_REMARK, &[("words", remark.into())]);
        }
        // Of the notes on it, what they wrote themselves.
        let own = notes::of(self.turn.tx, id)?.into_iter().filter(|note| note.kind == NoteKind::Said);
        for note in own {
            self.say(&texts::CLAIM_REMARK, &[("words", note.words.into_revealed().into())]);
        }
        Ok(())
    }

    /// What the account holds, member or not.
    fn account(&mut self) -> Result<(), Fault> {
        let (tx, who) = (&self.turn.tx, self.turn.who);
        let contact = tx.get(&CONTACTS, who)?;
        let consents = consent::all(tx, who)?;
        let applications = tx.scan_back(&APPLICATIONS_OF, &(who.clone(),), None, OF_A_KIND + 1)?.rows;
        let profile = tx.get(&PROFILES, who)?.unwrap_or_default();
        let photos = pictures(tx, who, OF_A_KIND)?.len();
        if let Some(contact) = contact {
            let topics = self.turn.reach.topics.join("、");
            let values = [
                ("first", contact.first_seen.chinese_with_year().into()),
                ("last", contact.heard().unwrap_or(tx.moment().now).chinese_with_year().into()),
                ("topics", topics.into()),
            ];
            self.say(&texts::CONTACT, &values);
        }
        for consent in &consents {
            let consent = words::consent(self.turn, consent);
            self.say(&texts::CONSENT, &[("consent", consent.into())]);
        }
        for ((_, id), ()) in self.some(applications) {
            let Some(asked) = self.turn.tx.get(&APPLICATIONS, &id)? else { continue };
            let named =
                application::named(self.turn.tx, &asked)?.map(|Named { name, identity, phone, .. }| {
                    format!("{name} {identity} {}", phone.unwrap_or_default())
                });
            let values = [
                ("wish", self.turn.say(words::wish(&asked.wish), &[]).into()),
                ("state", self.turn.say(words::decision(&asked.state), &[]).into()),
                ("at", asked.created.chinese_with_year().into()),
                ("named", named.unwrap_or_default().into()),
            ];
            self.say(&texts::APPLICATION, &values);
        }
        for (kind, value) in &profile.answers {
            let value = value.reveal().clone();
            let kind = self.turn.say(words::profile(kind), &[]);
            self.say(&texts::PROFILE, &[("kind", kind.into()), ("value", value.into())]);
        }
        if photos > 0 {
            self.say(&texts::PHOTOS, &[("count", photos.into())]);
        }
        Ok(())
    }

    fn sign_ups(&mut self) -> Result<(), Fault> {
        let (tx, who) = (&self.turn.tx, self.turn.who);
        let mine = holder::mine(tx, who, OF_A_KIND + 1)?;
        let history = history::of(tx, &person_of(tx, who)?, who)?;
        for (activity, registration) in self.some(mine) {
            self.sign_up(&activity, &registration)?;
        }
        self.history(&history);
        Ok(())
    }

    fn sign_up(&mut self, activity: &Activity, registration: &Registration) -> Result<(), Fault> {
        let number = registration.number;
        let session = activity.terms.session(number.session);
        let values = [
            ("number", number.to_string().into()),
            ("title", Value::from(&activity.terms.title)),
            ("when", session.map(sign_up::view::span).unwrap_or_default().into()),
            ("status", my_sign_ups::status(self.turn, activity, registration)?.into()),
            ("created", registration.created.chinese_with_year().into()),
        ];
        self.say(&texts::SIGN_UP, &values);
        let party = &registration.party;
        if party.heads() > 1 || !party.adult_ages.is_empty() {
            let values = [("companions", party.companions.into()), ("children", party.children.len().into())];
            self.say(&texts::PARTY, &values);
            // An age that was erased is 0.
            let ages = party.adult_ages.iter().chain(&party.children).filter(|age| **age > 0);
            let ages = ages.map(u8::to_string).collect::<Vec<_>>().join("、");
            if !ages.is_empty() {
                self.say(&texts::AGES, &[("ages", ages.into())]);
            }
        }
        for Answer { name, value } in &registration.answers {
            let question = activity.terms.questions.iter().find(|question| question.name == *name);
            let asked = question.map_or(name, |question| &question.ask);
            let value = match value {
                AnswerValue::Plain(value) => value,
                AnswerValue::Phone(value) | AnswerValue::Address(value) | AnswerValue::Text(value) => {
                    value.reveal()
                }
            };
            self.say(&texts::ANSWER, &[("asked", asked.into()), ("value", value.into())]);
        }
        if let Some(at) = registration.forgotten {
            self.say(&texts::ERASED, &[("at", at.chinese_with_year().into())]);
        } else if forget::has_told(registration) {
            let until = forget::kept_until(activity, registration).chinese_with_year();
            self.say(&texts::KEPT_UNTIL, &[("until", until.into())]);
        }
        if let Some((version, at)) = registration.agreed {
            let at = at.chinese_with_year();
            self.say(&texts::NOTICE, &[("version", version.into()), ("at", at.into())]);
        }
        for consented in &registration.consents {
            let given = if consented.given { &said::KEPT_AGREED } else { &said::KEPT_NOT_AGREED };
            let values = [
                ("consent", self.turn.say(explain::activity::consent(consented.kind), &[]).into()),
                ("given", self.turn.say(given, &[]).into()),
                ("version", consented.version.into()),
                ("at", consented.at.chinese_with_year().into()),
            ];
            self.say(&texts::CONSENTED, &values);
        }
        let excused = match &registration.attendance {
            Some(Attendance::Excused { reason }) => Some(reason),
            _ => None,
        };
        if let Some(reason) = registration.refused.as_ref().or(excused) {
            self.say(&texts::REASON, &[("reason", reason.into())]);
        }
        if let Some(kit) = self.turn.tx.get(&KITS, &number.key())? {
            self.kit(&kit);
        }
        if let Some(appeal) = self.turn.tx.get(&APPEALS, &number.key())? {
            let at = appeal.at.chinese_with_year();
            let says = appeal.says.into_revealed();
            self.say(&texts::APPEAL, &[("says", says.into()), ("at", at.into())]);
            if let Some(answer) = appeal.answer {
                self.say(&texts::REASON, &[("reason", answer.reason.into())]);
            }
        }
        Ok(())
    }

    fn kit(&mut self, kit: &Kit) {
        let parcel = kit.state.parcel().map(|(courier, tracking)| format!("{courier} {tracking}"));
        let to = kit
            .to
            .as_ref()
            .map(|to| format!("{} {} {}", to.name.reveal(), to.phone.reveal(), to.address.reveal()));
        let values = [("to", to.unwrap_or_default().into()), ("parcel", parcel.unwrap_or_default().into())];
        self.say(&texts::KIT, &values);
    }

    /// Absences, bars, luck in draws, seats and lessons of series.
    fn history(&mut self, history: &History) {
        for strike in &history.strikes {
            let values = [
                ("number", strike.number.to_string().into()),
                ("absences", history::count(u32::from(strike.halves)).into()),
                ("at", strike.at.chinese_with_year().into()),
            ];
            self.say(&texts::STRIKE, &values);
            if let Some(reason) = &strike.lifted {
                let reason = match reason.as_str() {
                    "came" => self.turn.say(&said::KEPT_CAME, &[]),
                    "moved" => self.turn.say(&said::KEPT_MOVED, &[]),
                    said_by_staff => said_by_staff.to_owned(),
                };
                self.say(&texts::LIFTED, &[("reason", reason.into())]);
            }
        }
        for bar in &history.bars {
            self.say(&texts::BAR, &[("until", bar.until.chinese_with_year().into())]);
        }
        if let Some(lost) = history.lost {
            self.say(&texts::LOST, &[("at", lost.chinese_with_year().into())]);
        }
        for win in &history.wins {
            let at = win.at.chinese_with_year();
            let number = win.number.to_string();
            self.say(
                &texts::WIN,
                &[("series", Value::from(&win.series)), ("number", number.into()), ("at", at.into())],
            );
        }
        for attended in &history.turns {
            let came = if attended.came { &said::KEPT_CAME } else { &said::KEPT_STAYED_AWAY };
            let values = [
                ("series", Value::from(&attended.series)),
                ("round", attended.round.into()),
                ("number", attended.number.to_string().into()),
                ("came", self.turn.say(came, &[]).into()),
            ];
            self.say(&texts::TURN, &values);
        }
    }

    fn welfare(&mut self) -> Result<(), Fault> {
        let (tx, who) = (&self.turn.tx, self.turn.who);
        let coupons = keep::mine(tx, who, OF_A_KIND + 1)?;
        let person = person_of(tx, who)?;
        let wallet = wallet::of(tx, &person, who)?;
        let mut quizzes = Vec::new();
        for person in counted_for(&person, who) {
            quizzes.extend(tx.scan(&QUIZ_TRIES, &(person,), None, OF_A_KIND)?.rows);
        }
        for (benefit, coupon) in self.some(coupons) {
            let given = coupon.owner.as_ref().map(|owner| owner.at.chinese_with_year()).unwrap_or_default();
            let code = coupon.code.as_ref().filter(|_| coupon.state != CouponState::Left);
            let values = [
                ("number", coupon.number.to_string().into()),
                ("title", Value::from(&benefit.terms.title)),
                ("state", welfare::view::status(self.turn, &coupon).into()),
                ("given", given.into()),
                ("code", code.map(|code| code.reveal().clone()).unwrap_or_default().into()),
            ];
            self.say(&texts::COUPON, &values);
        }
        for at in wallet.unused() {
            self.say(&texts::UNUSED, &[("at", at.chinese_with_year().into())]);
        }
        if let Some((until, expired)) = wallet.paused() {
            let until = until.chinese_with_year();
            self.say(&texts::PAUSE, &[("until", until.into()), ("expired", expired.into())]);
        }
        if let Some((until, why)) = wallet.banned() {
            let until = until.chinese_with_year();
            self.say(&texts::BAN, &[("until", until.into()), ("why", why.into())]);
        }
        for ((_, benefit), tries) in quizzes {
            let Some(benefit) = self.turn.tx.get(&BENEFITS, &benefit)? else { continue };
            let passed = if tries.passed { &said::KEPT_PASSED } else { &said::KEPT_NOT_PASSED };
            let values = [
                ("title", Value::from(&benefit.terms.title)),
                ("tries", tries.tries.into()),
                ("passed", self.turn.say(passed, &[]).into()),
            ];
            self.say(&texts::QUIZ, &values);
        }
        Ok(())
    }

    fn cases(&mut self) -> Result<(), Fault> {
        let found = cases::of_follower(self.turn.tx, self.turn.who, OF_A_KIND + 1)?;
        for (id, case) in self.some(found) {
            self.case(id, &case)?;
        }
        Ok(())
    }

    fn case(&mut self, id: CaseId, case: &Case) -> Result<(), Fault> {
        let values = [
            ("number", id.to_string().into()),
            ("title", Value::from(&case.plan.title)),
            ("status", service::status_of(self.turn, case).into()),
            ("created", case.created.chinese_with_year().into()),
        ];
        self.say(&texts::CASE, &values);
        for (_, answer) in entries::answers(self.turn.tx, id)? {
            let value = answer.value.reveal().clone();
            self.say(&texts::ANSWER, &[("asked", Value::from(&answer.title)), ("value", value.into())]);
        }
        for (_, entry) in entries::of(self.turn.tx, id)? {
            let line = service::entry_line(self.turn, case, &entry);
            self.lines.extend(line.iter().flat_map(|line| line.lines()).map(|line| format!("　{line}")));
        }
        Ok(())
    }
}
