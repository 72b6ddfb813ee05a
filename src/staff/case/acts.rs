use super::form::{CaseAct, ListWords};
use super::view::{self, CaseBrief, CaseFull, CaseList, CaseView};
use crate::domain::calendar;
use crate::domain::case::entries;
use crate::domain::case::pairs;
use crate::domain::case::queue::{self, Cursor, Queue};
use crate::domain::case::record::{Case, CaseId, Status};
use crate::domain::case::work::{self, Decided, Refusal, Worker};
use crate::domain::member::looks;
use crate::domain::member::standing::Person;
use crate::moment::Time;
use crate::staff::act as door;
use crate::staff::form::{reason, wrong};
use crate::staff::pictures::{self, Picture};
use crate::staff::{Act, ActError, Call, Role, perform};
use crate::store::{Fault, SealedFiles, Tx};

type Acted<T> = Result<T, ActError>;

const LISTED_MAX: usize = 100;
const LISTED: usize = 50;

/// A page of a queue. What isn't the caller's to see or of another desk is left out, so that a page may have fewer.
/// `kinds` are those that can be begun now; there may be cases of earlier ones.
pub async fn list(call: &Call, words: ListWords, kinds: &[String]) -> Acted<CaseList> {
    let queue = queue_of(&words)?;
    let after = words.after.as_deref().map(cursor).transpose()?;
    let limit = words.limit.unwrap_or(LISTED).clamp(1, LISTED_MAX);
    let (seen, worker) = (named("case.list", format!("{queue:?}")), call.who.worker());
    let doubted = words.kind.clone().filter(|kind| !kinds.contains(kind));
    let listed = door::look(call, seen, move |tx| {
        if let Some(kind) = &doubted
            && !queue::has_kind(tx, kind)?
        {
            return Ok(None);
        }
        let (rows, next) = queue::list(tx, &queue, after.as_ref(), limit)?;
        let (mut cases, calendar) = (Vec::with_capacity(rows.len()), calendar::of(tx)?);
        let is_meant = |case: &Case| {
            words.desk.as_ref().is_none_or(|desk| case.plan.desk == *desk) && (case.unread || !words.unread)
        };
        for (id, case) in rows.iter().filter(|(_, case)| is_meant(case)) {
            if worker.may_see(tx, case)? {
                cases.push(view::brief(tx, *id, case, &calendar)?);
            }
        }
        Ok(Some(CaseList {
            cases,
            next: next.map(|next| format!("{}-{}-{}", next.rank, next.at.unix_ms(), next.id)),
        }))
    });
    listed.await?.ok_or_else(|| wrong("kind", format!("must be one of {}", kinds.join(", "))))
}

fn queue_of(words: &ListWords) -> Acted<Queue> {
    if words.due {
        return Ok(Queue::Due);
    }
    if words.due_soon {
        return Ok(Queue::DueSoon);
    }
    if let Some(assignee) = &words.assignee {
        return Ok(Queue::Assigned(assignee.clone()));
    }
    let state: Status = words.state.as_deref().unwrap_or("open").parse().map_err(|()| {
        let known = Status::ALL.iter().map(|status| status.name()).collect::<Vec<_>>().join(", ");
        wrong("state", format!("must be one of {known}"))
    })?;
    Ok(match &words.kind {
        Some(kind) => Queue::OfKind(kind.clone(), state),
        None => Queue::Of(state),
    })
}

fn cursor(text: &str) -> Acted<Cursor> {
    let mut parts = text.splitn(3, '-');
    let mut part = || parts.next().unwrap_or_default();
    let parsed = (part().parse(), part().parse(), part().parse());
    match parsed {
        (Ok(rank), Ok(at), Ok(id)) => Ok(Cursor { rank, at: Time::from_unix_ms(at), id }),
        _ => Err(wrong("after", "must be the `next` of the page before")),
    }
}

/// The case, if it is handed in and the caller's to see.
fn seen(tx: &Tx, worker: &Worker, id: CaseId) -> Result<Option<Case>, Fault> {
    match queue::get(tx, id)? {
        Some(case) if case.status != Status::Draft && worker.may_see(tx, &case)? => Ok(Some(case)),
        _ => Ok(None),
    }
}

/// One case, masked.
pub async fn get(call: &Call, id: CaseId) -> Acted<CaseView> {
    let worker = call.who.worker();
    let found = door::look(call, named("case.get", id.to_string()), move |tx| {
        seen(tx, &worker, id)?.map(|case| view::shown(tx, id, &case)).transpose()
    });
    found.await?.ok_or_else(missing)
}

/// Whose the case is among the staff.
pub async fn desk_of(call: &Call, id: CaseId) -> Acted<Option<String>> {
    Ok(call.read(move |tx| Ok(queue::get(tx, id)?.map(|case| case.plan.desk))).await?)
}

/// What was told in the case, in full. The reason is on the trail, and the member sees it.
pub async fn look(call: &Call, id: CaseId, why: &str) -> Acted<CaseFull> {
    let (why, worker) = (reason(why)?, call.who.worker());
    let works = call.who.has(Role::Case); // an auditor answers nobody
    let act = Act { detail: why.clone(), ..named("case.look", id.to_string()) };
    let found = door::look(call, act, move |tx| {
        let Some(case) = seen(tx, &worker, id)? else { return Ok(None) };
        note(tx, &case, &why, &worker.name)?;
        if works {
            work::read(tx, id, &case)?;
        }
        view::full(tx, id, &case).map(Some)
    });
    found.await?.ok_or_else(missing)
}

/// A picture of the case as it was sent, by the same rules as a look.
pub async fn picture(
    call: &Call,
    files: &SealedFiles,
    id: CaseId,
    picture: u64,
    why: &str,
) -> Acted<Picture> {
    let (why, worker) = (reason(why)?, call.who.worker());
    let act = Act { detail: why.clone(), ..named("case.picture", format!("{id} {picture}")) };
    let found = door::look(call, act, move |tx| {
        let Some(case) = seen(tx, &worker, id)? else { return Ok(None) };
        if !entries::pictures(tx, id)?.contains(&picture) {
            return Ok(None);
        }
        note(tx, &case, &why, &worker.name).map(Some)
    });
    found.await?.ok_or_else(|| ActError::NotFound("such picture".to_owned()))?;
    pictures::read(call, files, picture).await
}

/// A member reads who looked, and why.
fn note(tx: &mut Tx, case: &Case, why: &str, by: &str) -> Result<(), Fault> {
    match case.whose {
        Person::Member(member) => looks::note(tx, member, why, by),
        Person::Follower(_) => Ok(()),
    }
}

/// Does one act.
pub async fn act(call: &Call, id: CaseId, act: CaseAct) -> Acted<CaseBrief> {
    act.check()?;
    let request = serde_json::to_string(&act).unwrap_or_default();
    let done =
        Act { name: act.name(), subject: id.to_string(), role: Role::Case, detail: act.detail(), request };
    let worker = call.who.worker();
    perform(call, done, move |tx| {
        if let Err(refusal) = decide(tx, &worker, id, &act)? {
            return Ok(Err(refusal));
        }
        match queue::get(tx, id)? {
            Some(case) => Ok(Ok((id.to_string(), view::brief(tx, id, &case, &calendar::of(tx)?)?))),
            None => Ok(Err(Refusal::Unknown)),
        }
    })
    .await
}

fn decide(tx: &mut Tx, who: &Worker, id: CaseId, act: &CaseAct) -> Decided {
    match act {
        CaseAct::Take {} => work::take(tx, who, id),
        CaseAct::Release { reason } => work::release(tx, who, id, reason),
        CaseAct::Hand { to, desk, reason } => work::hand(tx, who, id, to.as_deref(), desk.as_deref(), reason),
        CaseAct::Note { reason } => work::note(tx, who, id, reason),
        CaseAct::Message { words } => work::message(tx, who, id, words),
        CaseAct::Ask { words } => work::ask(tx, who, id, words),
        CaseAct::Supply { reason } => work::supply(tx, who, id, reason),
        CaseAct::Step { to, words } => work::step(tx, who, id, to.as_deref(), words),
        CaseAct::Class { to } => work::class(tx, who, id, to),
        CaseAct::Close { outcome, words } => work::close(tx, who, id, outcome, words),
        CaseAct::Refuse { reason, words } => work::refuse(tx, who, id, reason, words),
        CaseAct::Reopen { words } => work::reopen(tx, who, id, words),
        CaseAct::Propose { with, words, words_to_other } => match with.parse() {
            Ok(other) => pairs::propose(tx, who, id, other, [words, words_to_other]),
            Err(()) => Ok(Err(Refusal::Unknown)),
        },
        CaseAct::Clear { reason } => work::clear(tx, who, id, reason),
    }
}

fn named(name: &'static str, subject: String) -> Act {
    Act::plain(name, subject, Role::Case)
}

fn missing() -> ActError {
    ActError::NotFound("such case".to_owned())
}
