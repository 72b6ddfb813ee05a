use serde::{Deserialize, Serialize};

use crate::domain::activity::commands::Application;
use crate::domain::activity::record::{Activity, Companions, QuestionKind, Terms};
use crate::domain::tables::PROFILES;
use crate::flows::Turn;
use crate::store::Fault;

/// What a follower has said so far. Sealed where it is stored.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Draft {
    pub activity: u32,
    pub session: Option<u16>,
    pub companions: Option<u8>,
    pub children: Option<u8>,
    pub ages: Vec<u8>,
    pub answers: Vec<(String, String)>,
    /// Optional questions that were passed over.
    pub skipped: Vec<String>,
    pub agreed: Option<u16>,
    /// Wrong answers in a row to the question being asked.
    #[serde(default)]
    pub tries: u8,
}

/// One thing to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Session,
    Companions,
    Children,
    /// The age of the child with this number, from 1.
    ChildAge(usize),
    /// The question at this index.
    Question(usize),
    Notice,
}

impl Draft {
    pub fn new(activity: u32) -> Draft {
        Draft { activity, ..Draft::default() }
    }

    /// Fills in what is known from earlier sign-ups.
    pub fn know(&mut self, turn: &Turn, activity: &Activity) -> Result<(), Fault> {
        let asks = |kind: &QuestionKind| matches!(kind, QuestionKind::Phone | QuestionKind::Address);
        if !activity.terms.questions.iter().any(|question| asks(&question.kind)) {
            return Ok(());
        }
        let Some(profile) = turn.tx.get(&PROFILES, turn.who)? else { return Ok(()) };
        for question in &activity.terms.questions {
            let kind = match question.kind {
                QuestionKind::Phone => "phone",
                QuestionKind::Address => "address",
                _ => continue,
            };
            if let Some(known) = profile.answers.get(kind) {
                self.answers.push((question.name.clone(), known.reveal().clone()));
            }
        }
        Ok(())
    }

    /// The first thing that is not known yet.
    pub fn next_ask(&self, terms: &Terms) -> Option<Ask> {
        if self.session.is_none() {
            return Some(Ask::Session);
        }
        if terms.party.max_companions > 0 && self.companions.is_none() {
            return Some(Ask::Companions);
        }
        if terms.party.max_children > 0 && self.children.is_none() {
            return Some(Ask::Children);
        }
        if terms.party.child_age.is_some() && self.ages.len() < usize::from(self.children.unwrap_or(0)) {
            return Some(Ask::ChildAge(self.ages.len() + 1));
        }
        let open = |name: &String| !self.skipped.contains(name) && self.answer(name).is_none();
        if let Some(index) = terms.questions.iter().position(|question| open(&question.name)) {
            return Some(Ask::Question(index));
        }
        let notice = terms.notice.as_ref()?;
        (self.agreed != Some(notice.version)).then_some(Ask::Notice)
    }

    /// Everything that was asked, in order, for correcting and for going back.
    pub fn asked(&self, terms: &Terms) -> Vec<Ask> {
        let mut asked = Vec::new();
        if terms.sessions.len() > 1 {
            asked.push(Ask::Session);
        }
        if terms.party.max_companions > 0 {
            asked.push(Ask::Companions);
        }
        if terms.party.max_children > 0 {
            asked.push(Ask::Children);
        }
        asked.extend((0..terms.questions.len()).map(Ask::Question));
        asked
    }

    /// Makes something unknown again, so that it is asked again.
    pub fn forget(&mut self, ask: &Ask, terms: &Terms) {
        match ask {
            Ask::Session => self.session = None,
            Ask::Companions => self.companions = None,
            Ask::Children | Ask::ChildAge(_) => {
                self.children = None;
                self.ages.clear();
            }
            Ask::Question(index) => {
                if let Some(question) = terms.questions.get(*index) {
                    self.answers.retain(|(name, _)| *name != question.name);
                    self.skipped.retain(|name| *name != question.name);
                }
            }
            Ask::Notice => self.agreed = None,
        }
        self.tries = 0;
    }

    /// Is it known already?
    pub fn knows(&self, ask: &Ask, terms: &Terms) -> bool {
        match ask {
            Ask::Session => self.session.is_some(),
            Ask::Companions => self.companions.is_some(),
            Ask::Children => self.children.is_some(),
            Ask::ChildAge(number) => self.ages.len() >= *number,
            Ask::Question(index) => terms.questions.get(*index).is_some_and(|question| {
                self.answer(&question.name).is_some() || self.skipped.contains(&question.name)
            }),
            Ask::Notice => self.agreed.is_some(),
        }
    }

    pub fn answer(&self, name: &str) -> Option<&str> {
        self.answers.iter().find(|(given, _)| given == name).map(|(_, answer)| answer.as_str())
    }

    pub fn party(&self) -> Companions {
        let children = usize::from(self.children.unwrap_or(0));
        let mut ages = self.ages.clone();
        ages.resize(children, 0);
        Companions { companions: self.companions.unwrap_or(0), children: ages }
    }

    pub fn application(&self) -> Application {
        Application {
            activity: self.activity,
            session: self.session.unwrap_or(0),
            party: self.party(),
            answers: self.answers.clone(),
            agreed: self.agreed,
        }
    }
}
