use serde::{Deserialize, Serialize};

use crate::domain::activity::commands::Application;
use crate::domain::activity::record::{
    Activity, Companions, ConsentKind, ConsentTerms, Place, Question, Terms,
};
use crate::domain::activity::rules;
use crate::domain::member::standing::standing;
use crate::domain::tables::PROFILES;
use crate::flows::Turn;
use crate::moment::Time;
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
    /// Of the follower, unless it is known, and of companions.
    #[serde(default)]
    pub adult_ages: Vec<u8>,
    /// The follower's own age is known from the federation's list.
    #[serde(default)]
    pub age_known: bool,
    /// Kind, version, yes or no.
    #[serde(default)]
    pub consents: Vec<(ConsentKind, u16, bool)>,
    /// What they were last asked to confirm.
    #[serde(default)]
    pub shown: Option<Shown>,
}

/// When and where, as a follower saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    starts: Time,
    ends: Time,
    /// `None`: online.
    place: Option<String>,
}

/// One thing to ask; they stand in the order of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ask {
    Session,
    Companions,
    /// Of the companion with this number, from 1; 0 is the follower.
    AdultAge(usize),
    Children,
    /// The age of the child with this number, from 1.
    ChildAge(usize),
    /// The question at this index.
    Question(usize),
    Notice,
    /// The consent at this index.
    Consent(usize),
}

impl Ask {
    /// What the links of its answers name it by.
    pub fn place(self) -> u32 {
        let nth = |first: u32, index: usize| first.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
        match self {
            Ask::Session => 2,
            Ask::Companions => 3,
            Ask::AdultAge(_) => 4,
            Ask::Children => 5,
            Ask::ChildAge(_) => 6,
            Ask::Notice => 7,
            Ask::Consent(index) => nth(10, index),
            Ask::Question(index) => nth(100, index),
        }
    }
}

impl Draft {
    pub fn new(activity: u32) -> Draft {
        Draft { activity, ..Draft::default() }
    }

    /// Fills in what is known from earlier sign-ups.
    pub fn know(&mut self, turn: &Turn, activity: &Activity) -> Result<(), Fault> {
        if activity.terms.settings.adult_age.is_some() {
            self.age_known = standing(turn.tx, turn.who)?.birthday.is_some();
        }
        let own: Vec<_> = activity.terms.own_questions().collect();
        if own.is_empty() {
            return Ok(());
        }
        let Some(profile) = turn.tx.get(&PROFILES, turn.who)? else { return Ok(()) };
        let known = |(kind, question): (&str, &Question)| {
            Some((question.name.clone(), profile.answers.get(kind)?.reveal().clone()))
        };
        self.answers.extend(own.into_iter().filter_map(known));
        Ok(())
    }

    /// When and where that would be, as things stand.
    pub fn shows(&self, terms: &Terms) -> Option<Shown> {
        let session = terms.session(self.session?)?;
        let place = match &terms.place {
            Place::At(place) => Some(place.clone()),
            Place::Online { .. } => None,
        };
        Some(Shown { starts: session.starts, ends: session.ends, place })
    }

    /// Whether the follower's own age is asked may change meanwhile: they are recognised, or have another account.
    pub fn ask_ages_anew(&mut self, turn: &Turn, terms: &Terms) -> Result<(), Fault> {
        let age_known = standing(turn.tx, turn.who)?.birthday.is_some();
        if terms.settings.adult_age.is_some() && age_known != self.age_known {
            self.age_known = age_known;
            self.adult_ages.clear();
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
        if terms.settings.adult_age.is_some() && self.adult_ages.len() < self.adults_asked() {
            return Some(Ask::AdultAge(self.adult_ages.len() + usize::from(self.age_known)));
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
        if terms.notice.as_ref().is_some_and(|notice| self.agreed != Some(notice.version)) {
            return Some(Ask::Notice);
        }
        let party = self.party();
        let open = |asked: &ConsentTerms| {
            let said = |(kind, version, _): &(ConsentKind, u16, bool)| {
                (kind, version) == (&asked.kind, &asked.version)
            };
            rules::concerns(asked, &party) && !self.consents.iter().any(said)
        };
        terms.settings.consents.iter().position(open).map(Ask::Consent)
    }

    pub fn adults_asked(&self) -> usize {
        usize::from(self.companions.unwrap_or(0)) + usize::from(!self.age_known)
    }

    /// Everything that was asked, in order, for correcting.
    pub fn asked(&self, terms: &Terms) -> Vec<Ask> {
        let mut asked = Vec::new();
        if terms.sessions.len() > 1 {
            asked.push(Ask::Session);
        }
        if terms.party.max_companions > 0 {
            asked.push(Ask::Companions);
        }
        if terms.settings.adult_age.is_some() && self.adults_asked() > 0 {
            asked.push(Ask::AdultAge(usize::from(self.age_known)));
        }
        if terms.party.max_children > 0 {
            asked.push(Ask::Children);
        }
        asked.extend((0..terms.questions.len()).map(Ask::Question));
        asked
    }

    /// All that was said so far, in order.
    pub fn told(&self, terms: &Terms) -> impl Iterator<Item = Ask> {
        let consents = (0..terms.settings.consents.len()).map(Ask::Consent);
        let all = self.asked(terms).into_iter().chain([Ask::Notice]).chain(consents);
        all.filter(|ask| self.knows(*ask, terms))
    }

    /// Makes something unknown again, so that it is asked again.
    pub fn forget(&mut self, ask: Ask, terms: &Terms) {
        match ask {
            Ask::Session => self.session = None,
            Ask::Companions => {
                self.companions = None;
                self.adult_ages.clear();
            }
            Ask::AdultAge(_) => self.adult_ages.clear(),
            Ask::Children | Ask::ChildAge(_) => {
                self.children = None;
                self.ages.clear();
            }
            Ask::Question(index) => {
                if let Some(question) = terms.questions.get(index) {
                    self.answers.retain(|(name, _)| *name != question.name);
                    self.skipped.retain(|name| *name != question.name);
                }
            }
            Ask::Notice => self.agreed = None,
            Ask::Consent(index) => {
                if let Some(asked) = terms.settings.consents.get(index) {
                    self.consents.retain(|(kind, ..)| *kind != asked.kind);
                }
            }
        }
    }

    /// Is it known already?
    fn knows(&self, ask: Ask, terms: &Terms) -> bool {
        match ask {
            Ask::Session => self.session.is_some(),
            Ask::Companions => self.companions.is_some(),
            Ask::AdultAge(_) => !self.adult_ages.is_empty(),
            Ask::Consent(index) => terms
                .settings
                .consents
                .get(index)
                .is_some_and(|asked| self.consents.iter().any(|(kind, ..)| *kind == asked.kind)),
            Ask::Children => self.children.is_some(),
            Ask::ChildAge(number) => self.ages.len() >= number,
            Ask::Question(index) => terms.questions.get(index).is_some_and(|question| {
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
        Companions {
            companions: self.companions.unwrap_or(0),
            children: ages,
            adult_ages: self.adult_ages.clone(),
            ..Companions::default()
        }
    }

    pub fn application(&self) -> Application {
        Application {
            activity: self.activity,
            session: self.session.unwrap_or(0),
            party: self.party(),
            answers: self.answers.clone(),
            agreed: self.agreed,
            consents: self.consents.clone(),
        }
    }
}
