use super::form::{AskedForm, ClaimAct, ListWords};
use super::view::{self, ClaimBrief, ClaimFull, ClaimList, ClaimView};
use crate::domain::answer::or_refused;
use crate::domain::calendar;
use crate::domain::claim::queue::{self, Cursor, Order, Queue};
use crate::domain::claim::record::{Asked, Claim, ClaimId, Proposed, Status};
use crate::domain::claim::review::{self, Decided, Refusal, Reviewer};
use crate::domain::claim::{account, exclusion, judge, recover, refuse, sample};
use crate::domain::member::looks;
use crate::domain::member::record::MemberId;
use crate::domain::tables::CLAIM_PAGES;
use crate::staff::act as door;
use crate::staff::form::{reason, wrong};
use crate::staff::pictures::{self, Picture};
use crate::staff::{Act, ActError, Call, Role, perform};
use crate::store::{Fault, SealedFiles, Tx};

type Acted<T> = Result<T, ActError>;

const LISTED_MAX: usize = 100;
const LISTED: usize = 50;

/// A page of a queue. What is the caller's own isn't in it.
pub async fn list(call: &Call, words: ListWords) -> Acted<ClaimList> {
    let (queue, own) = (queue_of(&words)?, call.who.member);
    let after = words.after.as_deref().map(cursor).transpose()?;
    let limit = words.limit.unwrap_or(LISTED).clamp(1, LISTED_MAX);
    let seen = named("claim.list", format!("{queue:?}"));
    door::look(call, seen, move |tx| {
        let (rows, next) = queue::list(tx, &queue, after.as_ref(), limit)?;
        let (mut claims, calendar) = (Vec::with_capacity(rows.len()), calendar::of(tx)?);
        for (id, claim) in &rows {
            if !judge::concerns(tx, claim, own)? {
                claims.push(view::brief(tx, *id, claim, &calendar)?);
            }
        }
        Ok(ClaimList { claims, next: next.map(|next| format!("{}-{}", next.place, next.id)) })
    })
    .await
}

fn queue_of(words: &ListWords) -> Acted<Queue> {
    let asked = [
        ("due", words.due),
        ("due_soon", words.due_soon),
        ("sampled", words.sampled),
        ("assignee", words.assignee.is_some()),
        ("state", words.state.is_some() || words.order.is_some()),
    ];
    let mut asked = asked.into_iter().filter(|(_, asked)| *asked).map(|(name, _)| name);
    if let (Some(first), Some(second)) = (asked.next(), asked.next()) {
        return Err(wrong(second, format!("is another queue than `{first}`: ask for one of them")));
    }
    if words.due {
        return Ok(Queue::Due);
    }
    if words.due_soon {
        return Ok(Queue::DueSoon);
    }
    if words.sampled {
        return Ok(Queue::Sampled);
    }
    if let Some(assignee) = &words.assignee {
        return Ok(Queue::Assigned(assignee.clone()));
    }
    let state = words.state.as_deref().unwrap_or("submitted");
    let state: Status = state.parse().map_err(|()| {
        let known = Status::ALL.iter().map(|status| status.name()).collect::<Vec<_>>().join(", ");
        wrong("state", format!("must be one of {known}"))
    })?;
    match words.order.as_deref() {
        None | Some("age") => Ok(Queue::Of(state, Order::Age)),
        Some("amount") => Ok(Queue::Of(state, Order::Amount)),
        Some(_) => Err(wrong("order", "must be `age` or `amount`")),
    }
}

fn cursor(text: &str) -> Acted<Cursor> {
    let parsed = text
        .split_once('-')
        .and_then(|(place, id)| Some(Cursor { place: place.parse().ok()?, id: id.parse().ok()? }));
    parsed.ok_or_else(|| wrong("after", "must be the `next` of the page before"))
}

/// One claim, masked.
pub async fn get(call: &Call, id: ClaimId) -> Acted<ClaimView> {
    let own = call.who.member;
    let found = door::look(call, named("claim.get", id.to_string()), move |tx| {
        let claim = another_ones(tx, id, own)?;
        claim.map(|claim| view::shown(tx, id, &claim)).transpose()
    });
    found.await?.ok_or_else(missing)
}

/// What the claim tells of the person, in full. The reason is on the trail, and the member sees it.
pub async fn look(call: &Call, id: ClaimId, why: &str) -> Acted<ClaimFull> {
    let why = reason(why)?;
    let (own, by) = (call.who.member, call.who.name.clone());
    let seen = Act { detail: why.clone(), ..named("claim.look", id.to_string()) };
    let found = door::look(call, seen, move |tx| {
        let Some(claim) = another_ones(tx, id, own)? else { return Ok(None) };
        looks::note(tx, claim.claimant, &why, &by)?;
        view::full(tx, id, &claim).map(Some)
    });
    found.await?.ok_or_else(missing)
}

/// A page of a paper as it was sent, by the same rules as a look.
pub async fn page_picture(
    call: &Call,
    files: &SealedFiles,
    id: ClaimId,
    slot: String,
    page: u16,
    why: &str,
) -> Acted<(u64, Picture)> {
    let why = reason(why)?;
    let (own, by) = (call.who.member, call.who.name.clone());
    let seen = Act { detail: why.clone(), ..named("claim.picture", format!("{id} {slot} {page}")) };
    let found = door::look(call, seen, move |tx| {
        let Some(claim) = another_ones(tx, id, own)? else { return Ok(None) };
        let Some(page) = tx.get(&CLAIM_PAGES, &(id, slot.clone(), page))? else { return Ok(None) };
        looks::note(tx, claim.claimant, &why, &by)?;
        Ok(Some(page.picture))
    });
    let number = found.await?.ok_or_else(|| ActError::NotFound("such page".to_owned()))?;
    Ok((number, pictures::read(call, files, number).await?))
}

/// A claim that was handed in, and isn't the caller's own.
fn another_ones(tx: &Tx, id: ClaimId, own: Option<MemberId>) -> Result<Option<Claim>, Fault> {
    let Some(claim) = queue::get(tx, id)?.filter(|claim| claim.status != Status::Draft) else {
        return Ok(None);
    };
    Ok(if judge::concerns(tx, &claim, own)? { None } else { Some(claim) })
}

/// Does one act.
pub async fn act(call: &Call, id: ClaimId, act: ClaimAct) -> Acted<ClaimBrief> {
    act.check()?;
    let role = if act.is_money() { Role::Payment } else { Role::Claim };
    let request = serde_json::to_string(&act).unwrap_or_default();
    let done = Act { name: act.name(), subject: id.to_string(), role, detail: act.detail(), request };
    let reviewer = call.who.reviewer();
    perform(call, done, move |tx| {
        if let Err(refusal) = decide(tx, &reviewer, id, &act)? {
            return Ok(Err(refusal));
        }
        match queue::get(tx, id)? {
            Some(claim) => Ok(Ok((id.to_string(), view::brief(tx, id, &claim, &calendar::of(tx)?)?))),
            None => Ok(Err(Refusal::Unknown)),
        }
    })
    .await
}

fn decide(tx: &mut Tx, who: &Reviewer, id: ClaimId, act: &ClaimAct) -> Decided {
    match act {
        ClaimAct::Take {} => review::take(tx, who, id),
        ClaimAct::Release { reason } => review::release(tx, who, id, reason),
        ClaimAct::Hold { reason } => review::hold(tx, who, id, reason),
        ClaimAct::Unhold { reason } => review::unhold(tx, who, id, reason),
        ClaimAct::Accept {} => review::accept(tx, who, id),
        ClaimAct::Decline { reason, words } => refuse::decline(tx, who, id, reason, words),
        ClaimAct::Ask { papers, words } => {
            let one =
                |AskedForm { slot, reason }: &AskedForm| Asked { slot: slot.clone(), reason: reason.clone() };
            let asked: Vec<Asked> = papers.iter().map(one).collect();
            review::ask(tx, who, id, &asked, words)
        }
        ClaimAct::Page { slot, page, refused } => {
            review::judge_page(tx, who, id, (slot, *page), refused.as_deref())
        }
        ClaimAct::Enter(facts) => {
            review::enter(tx, who, id, &facts.names(), |details| facts.write_into(details))
        }
        ClaimAct::Adjust { amount, line, reason } => review::adjust(tx, who, id, (*amount, *line), reason),
        ClaimAct::Approve { reason, amount } => {
            if let Some(seen) = amount {
                or_refused!(review::comes_to(tx, who, id, *seen));
            }
            review::approve(tx, who, id, reason)
        }
        ClaimAct::SendBack { reason } => review::send_back(tx, who, id, reason),
        ClaimAct::Reject { reason, words, exclude } => refuse::reject(tx, who, id, reason, words, *exclude),
        ClaimAct::Reopen { reason } => review::reopen(tx, who, id, reason),
        ClaimAct::Supply { reason } => review::supply(tx, who, id, reason),
        ClaimAct::ConfirmAccount { reason, ends } => {
            if let Some(seen) = ends {
                or_refused!(account::is_as_seen(tx, who, id, seen));
            }
            account::confirm(tx, who, id, reason)
        }
        ClaimAct::LookAgain { agrees, reason } => sample::look_again(tx, who, id, *agrees, reason),
        ClaimAct::DecideAppeal { grants, words } => exclusion::decide(tx, who, id, *grants, words),
        ClaimAct::Account { account, reason } => account::enter(tx, who, id, &account.clone().into(), reason),
        ClaimAct::Reverse { reason, words, exclude: true, .. } => {
            recover::propose_with_exclusion(tx, who, id, reason, words)
        }
        ClaimAct::Reverse { amount, reason, words, .. } => {
            recover::propose(tx, who, id, (Proposed::Recovery, *amount), reason, words)
        }
        ClaimAct::WriteOff { reason, words } => {
            recover::propose(tx, who, id, (Proposed::WriteOff, None), reason, words)
        }
        ClaimAct::ConfirmMoney { amount } => recover::confirm(tx, who, id, *amount),
        ClaimAct::DismissMoney {} => recover::dismiss(tx, who, id),
    }
}

fn named(name: &'static str, subject: String) -> Act {
    Act::plain(name, subject, Role::Claim)
}

fn missing() -> ActError {
    ActError::NotFound("such claim".to_owned())
}
