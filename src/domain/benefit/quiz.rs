//! The quiz before a claim: so many right answers in one go, and so many goes in a release. Then it is first come,
//! first served.

use super::calendar;
use super::claim::{Found, counted_for};
use super::record::*;
use super::rules::Refusal;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::standing::{Person, standing};
use crate::domain::tables::QUIZ_TRIES;
use crate::store::{Fault, Tx};

/// How one go ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Passed,
    Failed { right: u8, tries_left: u8 },
}

/// May this person claim without a quiz, or with the one they have passed?
pub fn passed(
    tx: &Tx,
    found: &Found,
    person: &Person,
    who: &FollowerId,
) -> Result<Result<(), Refusal>, Fault> {
    let Some(quiz) = asked(&found.benefit.terms) else { return Ok(Ok(())) };
    let tries = tries(tx, found, person, who)?;
    if tries.passed {
        return Ok(Ok(()));
    }
    if tries.tries >= quiz.tries {
        let next = calendar::next(&found.benefit.terms, tx.moment().now).map(|next| next.at);
        return Ok(Err(Refusal::QuizFailed { tries: quiz.tries, next }));
    }
    Ok(Err(Refusal::AnswerFirst { questions: quiz.questions.len(), needed: quiz.needed }))
}

/// Counts a go whose last question was answered. Who may not claim anyhow was not asked.
pub fn answer(tx: &mut Tx, found: &Found, who: &FollowerId, answers: &[u8]) -> Result<Answered, Fault> {
    let Some(quiz) = asked(&found.benefit.terms) else { return Ok(Answered::Passed) };
    let person = standing(tx, who)?.person(who);
    let mut tries = tries(tx, found, &person, who)?;
    if tries.passed {
        return Ok(Answered::Passed);
    }
    let right = quiz.right(answers);
    let allowed = tries.tries < quiz.tries;
    tries.tries = tries.tries.saturating_add(1);
    tries.passed = allowed && right >= quiz.needed;
    for person in counted_for(&person, who) {
        tx.put(&QUIZ_TRIES, &(person, found.benefit.id), &tries)?;
    }
    if tries.passed {
        return Ok(Answered::Passed);
    }
    Ok(Answered::Failed { right, tries_left: quiz.tries.saturating_sub(tries.tries) })
}

pub fn asked(terms: &Terms) -> Option<&Quiz> {
    terms.quiz.as_ref().filter(|_| terms.mode == Mode::Quiz)
}

/// Of the release that is on: for the member and for the account, whichever tried more often.
fn tries(tx: &Tx, found: &Found, person: &Person, who: &FollowerId) -> Result<QuizTries, Fault> {
    let release = found.stock.release.as_ref().map(|release| release.at).unwrap_or_default();
    let mut all = QuizTries { release, ..QuizTries::default() };
    for person in counted_for(person, who) {
        let kept = tx.get(&QUIZ_TRIES, &(person, found.benefit.id))?.unwrap_or_default();
        if kept.release == release {
            all.tries = all.tries.max(kept.tries);
            all.passed |= kept.passed;
        }
    }
    Ok(all)
}
