//! 医疗互保: applying for the mutual aid, sending papers, and what became of a claim.
//!
//! The claim itself is the draft: it is kept for weeks and over releases. The dialogue only says where in it the
//! follower is, so it may end at any time and nothing is lost.

mod account;
mod begin;
mod deeds;
mod facts;
mod invoices;
mod papers;
mod review;
mod said;
mod sorting;
mod spoken;
mod status;
mod view;
pub mod words;

pub(super) use view::tight;

use serde::{Deserialize, Serialize};

pub use begin::{apply, home};
pub use deeds::{Deed, follow, typed};
pub use facts::Fact;
pub use invoices::InvoiceField;
pub use papers::open as open_paper;
pub use sorting::offered;
pub use status::{appeal, appealed, detail, list, step_name};
pub use view::{status as status_of, whole_facts};

use super::texts::{self as all_texts, claiming as texts};
use super::{Input, Step, Tap, Turn, done};
use crate::content::Value;
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::record::{ClaimId, Relative, Status};
use crate::store::Fault;

/// Where the follower is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum State {
    Home,
    /// 单独同意 to what is told of one's health.
    Consent,
    /// The same anew for a claim that is there already, and for pictures that came for it.
    Renew(ClaimId, Vec<u64>),
    /// A draft is there: go on with it, or begin anew?
    Resume(ClaimId),
    /// For oneself or a relative?
    Whom,
    Relative(Whom),
    Kind(Whom),
    /// Something that no cover is known for?
    OtherKind(Whom),
    Fact(ClaimId, Fact),
    /// 单独同意 to keeping the bank account.
    BankConsent(ClaimId),
    /// The same anew for an account that is told already, when the claim was to be handed in.
    RenewBank(ClaimId),
    Account(ClaimId, Account),
    /// The next picture is for the open slot.
    Papers(ClaimId, Option<String>),
    Slot(ClaimId, String),
    /// Why can't that paper be had?
    OutOfReach(ClaimId, String),
    /// Which paper is the oldest picture that isn't sorted yet? As an earlier version asked.
    Sorting(ClaimId),
    /// Which paper is that picture?
    SortingOf(ClaimId, u64),
    /// Pictures came, and several claims may want them.
    WhichClaim(Vec<u64>),
    Review(ClaimId),
    /// No cover is known: hand it in all the same, and why?
    Uncovered(ClaimId),
    Correcting(ClaimId),
    /// What of the invoices is wrong?
    Invoices(ClaimId),
    /// What that invoice has there, by its place among the claim's; one more is new.
    Invoice(ClaimId, usize, InvoiceField),
    /// Words for the staff.
    Saying(ClaimId),
    List(Vec<ClaimId>),
    Detail(ClaimId),
    Withdrawing(ClaimId),
    Appealing(ClaimId),
}

/// For whom, as far as it was told; nothing: for oneself.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Whom {
    relation: Option<String>,
    name: Option<String>,
    identity: Option<String>,
}

impl Whom {
    fn relative(&self) -> Option<Relative> {
        let (relation, name, identity) = (self.relation.clone()?, self.name.clone()?, self.identity.clone()?);
        Some(Relative { relation, name, identity })
    }
}

impl std::fmt::Debug for Whom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Whom [hidden]")
    }
}

/// A bank account, as far as it was told.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    holder: Option<String>,
    number: Option<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account [hidden]")
    }
}

type Stepped = Result<Step<State>, Fault>;

impl State {
    /// Does it hold what the follower told, and is not in the claim yet?
    pub fn is_draft(&self) -> bool {
        match self {
            State::Relative(_) | State::Account(..) => true,
            State::Kind(whom) | State::OtherKind(whom) => *whom != Whom::default(),
            _ => false,
        }
    }

    /// Is something asked, and not only shown?
    pub fn is_question(&self) -> bool {
        !matches!(self, State::Home | State::List(_) | State::Detail(_))
    }

    /// The claim that it is about.
    fn claim(&self) -> Option<ClaimId> {
        match self {
            State::Renew(id, _) => Some(*id),
            _ => self.of_pictures().map(|(id, _)| id),
        }
    }

    /// The same, if pictures belong to it.
    fn of_pictures(&self) -> Option<(ClaimId, Option<&str>)> {
        match self {
            State::Papers(id, slot) => Some((*id, slot.as_deref())),
            State::Slot(id, slot) | State::OutOfReach(id, slot) => Some((*id, Some(slot))),
            State::Resume(id)
            | State::Fact(id, _)
            | State::BankConsent(id)
            | State::RenewBank(id)
            | State::Account(id, _)
            | State::Sorting(id)
            | State::SortingOf(id, _)
            | State::Review(id)
            | State::Uncovered(id)
            | State::Correcting(id)
            | State::Invoices(id)
            | State::Invoice(id, ..)
            | State::Saying(id)
            | State::Detail(id)
            | State::Withdrawing(id)
            | State::Appealing(id) => Some((*id, None)),
            State::Home
            | State::Consent
            | State::Renew(..)
            | State::Whom
            | State::Relative(_)
            | State::Kind(_)
            | State::OtherKind(_)
            | State::WhichClaim(_)
            | State::List(_) => None,
        }
    }

    pub fn wants_picture(&self) -> bool {
        matches!(self, State::WhichClaim(_) | State::Renew(..)) || self.of_pictures().is_some()
    }
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    if let Input::Picture(picture) = input {
        return match (&state, state.of_pictures()) {
            (State::WhichClaim(pictures), _) => sorting::another(turn, pictures, *picture),
            (State::Renew(id, pictures), _) => {
                sorting::with_one_more(turn, pictures, *picture, |turn, all| begin::renew(turn, *id, all))
            }
            (State::Papers(id, Some(open)), _) if papers::is_awaited_again(turn, *id, open)? => {
                papers::arrived(turn, *id, None, *picture)
            }
            (State::Account(id, account), _) => account::pictured(turn, *id, account.clone(), *picture),
            (_, Some((id, slot))) => papers::arrived(turn, id, slot, *picture),
            _ => Ok(Step::Pass),
        };
    }
    match state {
        State::Home => begin::choose(turn, input),
        State::Consent => begin::consent(turn, input),
        State::Renew(id, pictures) => begin::renewed(turn, id, pictures, input),
        State::Resume(id) => begin::resume(turn, id, input),
        State::Whom => begin::whom(turn, input),
        State::Relative(whom) => begin::relative(turn, whom, input),
        State::Kind(whom) => begin::kind(turn, whom, input),
        State::OtherKind(whom) => begin::other_kind(turn, whom, input),
        State::Fact(id, fact) => facts::answer(turn, id, fact, input),
        State::BankConsent(id) => account::consent(turn, id, input),
        State::RenewBank(id) => account::renewed(turn, id, input),
        State::Account(id, account) => account::answer(turn, id, account, input),
        State::Papers(id, slot) => papers::choose(turn, id, slot, input),
        State::Slot(id, slot) => papers::look(turn, id, &slot, input),
        State::OutOfReach(id, slot) => papers::why_not(turn, id, &slot, input),
        State::Sorting(id) => sorting::answer(turn, id, None, input),
        State::SortingOf(id, picture) => sorting::answer(turn, id, Some(picture), input),
        State::WhichClaim(pictures) => sorting::which_claim(turn, pictures, input),
        State::Review(id) => review::choose(turn, id, input),
        State::Uncovered(id) => review::uncovered(turn, id, input),
        State::Correcting(id) => review::correct(turn, id, input),
        State::Invoices(id) => invoices::choose(turn, id, input),
        State::Invoice(id, nth, field) => invoices::answer(turn, id, nth, field, input),
        State::Saying(id) => status::saying(turn, id, input),
        State::List(ids) => status::choose(turn, ids, input),
        State::Detail(id) => status::act(turn, id, input),
        State::Withdrawing(id) => status::withdrawing(turn, id, input),
        State::Appealing(id) => status::appealing(turn, id, input),
    }
}

/// What is filled in may have been handed in without the claimant: all that was asked for was there.
pub fn is_undone(turn: &Turn, state: &State) -> Result<bool, Fault> {
    match state {
        State::Papers(id, _)
        | State::Slot(id, _)
        | State::OutOfReach(id, _)
        | State::Sorting(id)
        | State::SortingOf(id, _)
        | State::Review(id)
        | State::Resume(id) => {
            Ok(draft::own(turn.tx, turn.who, *id)?.is_ok_and(|own| own.before.status.takes_papers()))
        }
        _ => Ok(true),
    }
}

/// Where the claim stands that it is about, or how to see that of those that were listed. `None`: it isn't handed in, or is
/// about none.
pub fn stands(turn: &mut Turn, state: &State) -> Result<Option<String>, Fault> {
    if let State::List(_) = state {
        return Ok(Some(turn.say(&texts::LIST_AGAIN, &[])));
    }
    let Some(id) = state.claim() else { return Ok(None) };
    let own = match draft::own(turn.tx, turn.who, id)? {
        Ok(own) if own.before.status == Status::Draft => return Ok(None),
        Ok(own) => own,
        Err(refusal) => return Ok(Some(turn.explain(&refusal))),
    };
    let label = turn.say(&all_texts::words::SEE_CLAIM, &[]);
    let values = [
        ("number", Value::from(id.to_string())),
        ("status", view::status(turn, own.before.status).into()),
        ("link", Value::raw(Tap::MyClaim(view::tap_number(id)).link(&label, &id.to_string()))),
    ];
    Ok(Some(turn.say(&texts::STANDS, &values)))
}

/// With the claim, if it is the follower's own; somebody else's is as good as none.
fn with(turn: &mut Turn, id: ClaimId, go: impl FnOnce(&mut Turn, Own) -> Stepped) -> Stepped {
    match draft::own(turn.tx, turn.who, id)? {
        Ok(own) => go(turn, own),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}
