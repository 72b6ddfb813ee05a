//! What can be done with a claim: tapped under it, whatever runs by then; or typed, where a claim of the follower's
//! takes it.

use super::{State, Stepped, account, facts, invoices, papers, review, status, view, with};
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::record::{ClaimId, Status};
use crate::domain::claim::rules::{Act, Refusal, leads};
use crate::domain::claim::{queue, second};
use crate::domain::member::binding::id_of;
use crate::flows::{Input, Step, Tap, Turn, membership};
use crate::store::Fault;

const LOOKED_AT: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    GoOn,
    Submit,
    ConfirmInvoices,
    DoubtInvoices,
    TypeInvoice,
    Correct,
    /// Leave words for the staff.
    Say,
    /// See the whole of it before it is handed in again.
    Check,
    Papers,
    Supply,
    /// How was it counted?
    Sum,
    Account,
    Appeal,
    /// A second claim for the same illness.
    Second,
    Withdraw,
    /// The same of a draft.
    GiveUp,
}

impl Deed {
    pub const ALL: &[Deed] = &[
        Deed::GoOn,
        Deed::Submit,
        Deed::ConfirmInvoices,
        Deed::DoubtInvoices,
        Deed::TypeInvoice,
        Deed::Correct,
        Deed::Say,
        Deed::Check,
        Deed::Papers,
        Deed::Supply,
        Deed::Sum,
        Deed::Account,
        Deed::Appeal,
        Deed::Second,
        Deed::Withdraw,
        Deed::GiveUp,
    ];

    /// In links and targets, so it is never changed.
    pub fn name(self) -> &'static str {
        match self {
            Deed::GoOn => "go_on",
            Deed::Submit => "submit",
            Deed::ConfirmInvoices => "invoices_right",
            Deed::DoubtInvoices => "invoices_wrong",
            Deed::TypeInvoice => "invoice",
            Deed::Correct => "correct",
            Deed::Say => "say",
            Deed::Check => "check",
            Deed::Papers => "papers",
            Deed::Supply => "supplement",
            Deed::Sum => "sum",
            Deed::Account => "account",
            Deed::Appeal => "contest",
            Deed::Second => "second",
            Deed::Withdraw => "take_back",
            Deed::GiveUp => "give_up",
        }
    }

    pub fn named(name: &str) -> Option<Deed> {
        Deed::ALL.iter().copied().find(|deed| deed.name() == name)
    }

    /// As it is shown, and typed.
    pub fn word(self) -> &'static str {
        super::spoken::deed(self)
    }
}

pub fn words(deeds: &[Deed]) -> Vec<&'static str> {
    deeds.iter().map(|deed| deed.word()).collect()
}

/// A line each, to be tapped, or typed by number or words.
pub fn links(id: ClaimId, deeds: &[Deed]) -> String {
    let line = |(number, deed): (usize, &Deed)| {
        Tap::OfClaim(view::tap_number(id), *deed).link(&format!("{number}. {}", deed.word()), deed.word())
    };
    (1..).zip(deeds).map(line).collect::<Vec<_>>().join("\n")
}

/// Which of these was chosen?
pub fn chosen(input: &Input, deeds: &[Deed]) -> Option<Deed> {
    membership::chosen(input, &words(deeds)).and_then(|at| deeds.get(at)).copied()
}

/// Can it be done with the claim as it is?
pub fn may(turn: &Turn, own: &Own, deed: Deed) -> Result<bool, Fault> {
    let claim = &own.before;
    Ok(match deed {
        Deed::GoOn
        | Deed::Submit
        | Deed::ConfirmInvoices
        | Deed::DoubtInvoices
        | Deed::TypeInvoice
        | Deed::Check
        | Deed::Papers
        | Deed::Supply => claim.status.takes_papers(),
        Deed::Correct => draft::may_tell(claim),
        Deed::Say => draft::may_say(claim),
        Deed::Sum => status::has_sum(claim),
        Deed::Account => claim.status == Status::PayFailed,
        Deed::Appeal => status::may_appeal(claim),
        Deed::Second => second::offer(turn.tx, own.id, claim)?.is_some(),
        Deed::Withdraw => claim.status == Status::Draft || leads(claim.status, Act::Withdraw).is_some(),
        Deed::GiveUp => claim.status == Status::Draft,
    })
}

/// Tapped: what can't be done any more is said, with where the claim stands.
pub fn follow(turn: &mut Turn, id: ClaimId, deed: Deed) -> Stepped {
    with(turn, id, |turn, own| {
        if may(turn, &own, deed)? {
            return go(turn, own, deed);
        }
        let status = own.before.status;
        let shown = status::detail(turn, own.id)?;
        let no = turn.explain(&Refusal::NotNow { status });
        Ok(shown.after(&no))
    })
}

/// Typed where nothing of claims was asked: of the claim that takes it, or the choice if there are several. `None`: none
/// does.
pub fn typed(turn: &mut Turn, deed: Deed) -> Result<Option<Step<State>>, Fault> {
    let Some(member) = id_of(turn.tx, turn.who)? else { return Ok(None) };
    let mut able = Vec::new();
    for (id, before) in queue::of_member(turn.tx, member, LOOKED_AT)? {
        let own = Own { id, before };
        if may(turn, &own, deed)? {
            able.push(own);
        }
    }
    Ok(match able.len() {
        0 => None,
        1 => able.pop().map(|own| go(turn, own, deed)).transpose()?,
        _ => Some(status::list(turn)?),
    })
}

pub fn go(turn: &mut Turn, own: Own, deed: Deed) -> Stepped {
    match deed {
        Deed::GoOn => facts::go_on(turn, own),
        Deed::Submit => review::submit(turn, &own),
        Deed::ConfirmInvoices => review::confirm_invoices(turn, &own),
        Deed::DoubtInvoices | Deed::TypeInvoice => invoices::begin(turn, &own),
        Deed::Correct => review::ask_what(turn, &own),
        Deed::Say => status::ask_words(turn, own.id),
        Deed::Check => review::show(turn, own.id),
        Deed::Papers | Deed::Supply => papers::show(turn, own.id, None),
        Deed::Sum => status::sum(turn, &own),
        Deed::Account => account::begin(turn, own.id),
        Deed::Appeal => status::ask_appeal(turn, own.id),
        Deed::Second => review::second(turn, own),
        Deed::Withdraw | Deed::GiveUp => status::ask_to_withdraw(turn, own.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::targets::TARGETS;

    #[test]
    fn what_is_shown_can_be_typed_where_no_dialogue_runs() {
        for deed in Deed::ALL {
            assert_eq!(Deed::named(deed.name()), Some(*deed));
            let leads_on = TARGETS.iter().any(|target| target.title == deed.word());
            assert!(leads_on, "{}", deed.word());
        }
    }
}
