use std::sync::Arc;

use super::view::{
    self, BroadcastBrief, BroadcastList, BroadcastView, ListedView, PreviewView, Progress, Report,
};
use crate::domain::broadcast::manage::{self, LISTED_PER_COMMAND};
use crate::domain::broadcast::preview as counting;
use crate::domain::broadcast::record::{Broadcast, BroadcastCode, Policy};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::tables::{BROADCASTS, MEMBERS, PREVIEWS, RUNS};
use crate::privacy::Short;
use crate::staff::form::{said_why, wrong};
use crate::staff::{Act, ActError, AsOf, Call, Caller, Refuse, Role, perform, permit};
use crate::store::{Fault, Tx};

/// Followers looked at in one turn of the writer, so that a preview of everybody stalls nobody.
const LOOKED_AT_PER_STEP: usize = 200;
/// Turns that one call for a preview takes; the next call goes on from there.
const STEPS_PER_CALL: usize = 50;
/// Broadcasts on one page of the list.
const LIST_MAX: usize = 100;

type Acted = Result<BroadcastBrief, ActError>;

pub async fn create(call: &Call, body: &str) -> Acted {
    let act = act("broadcast.create", String::new(), body);
    permit(call, &act).await?;
    let plan = super::parse(body).map_err(ActError::Invalid)?;
    let author = call.who.name.clone();
    act_on(call, act, move |tx| manage::create(tx, &author, plan.clone())).await
}

/// Replaces what was written, as long as nobody has approved it; it has to be previewed again.
pub async fn change(call: &Call, id: BroadcastCode, as_of: AsOf, body: &str) -> Acted {
    let act = act("broadcast.change", id.to_string(), &as_of.with(body));
    permit(call, &act).await?;
    let plan = super::parse(body).map_err(ActError::Invalid)?;
    let author = call.who.name.clone();
    act_on(call, act, move |tx| {
        let changed = tx.get(&BROADCASTS, &id.0)?.map(|found| found.changed);
        as_of.and(tx, id, changed, |tx| manage::change(tx, id.0, &author, plan.clone()))
    })
    .await
}

/// Puts followers, by openid or by member number, onto the list that the condition `listed` asks for. A member whom no
/// account was bound to counts as unknown.
pub async fn add_to_list(
    call: &Call,
    id: BroadcastCode,
    openids: Vec<String>,
) -> Result<ListedView, ActError> {
    if openids.is_empty() || openids.len() > LISTED_PER_COMMAND {
        return Err(wrong("openids", format!("must be 1 to {LISTED_PER_COMMAND} at a time")));
    }
    if let Some(index) = openids.iter().position(|openid| !is_openid(openid)) {
        return Err(wrong(&format!("openids[{index}]"), "is no OpenID"));
    }
    let act = act("broadcast.list", id.to_string(), &openids.join("\n"));
    let author = call.who.name.clone();
    perform(call, act, move |tx| {
        let followers = openids.iter().map(|who| account_of(tx, who)).collect::<Result<Vec<_>, _>>()?;
        let listed = manage::add_to_list(tx, id.0, &author, &followers)?;
        Ok(listed.map(|listed| {
            let id = id.to_string();
            let manage::Listed { added, known, unknown, total } = listed;
            (id.clone(), ListedView { id, added, known, unknown, total })
        }))
    })
    .await
}

/// The account of a member's number such as `M000001`; anything else is an openid.
fn account_of(tx: &Tx, who: &str) -> Result<FollowerId, Fault> {
    let account = match who.parse::<MemberId>() {
        Ok(id) => tx.get(&MEMBERS, &id)?.and_then(|member| member.account),
        Err(()) => None,
    };
    Ok(account.map_or_else(|| FollowerId::new(who), |account| account.follower))
}

fn is_openid(openid: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !openid.is_empty() && openid.len() <= 64 && openid.bytes().all(plain)
}

/// Counts whom it would reach. A large account is counted in several calls: as long as the answer isn't `done`, the same
/// call goes on. With `to`, the message also goes to that follower, the staff's own.
pub async fn preview(
    call: &Call,
    id: BroadcastCode,
    to: Option<String>,
    policy: &Policy,
) -> Result<PreviewView, ActError> {
    let going_on = to.is_none() && may_act(&call.who).is_ok() && is_counting(call, id).await?;
    if !going_on {
        begin_preview(call, id, to, policy.clone()).await?;
    }
    for _ in 0..STEPS_PER_CALL {
        if !call.submit(move |tx| counting::step(tx, id.0, LOOKED_AT_PER_STEP)).await? {
            break;
        }
    }
    let read = move |tx: &mut Tx| {
        let (broadcast, counted) = (tx.get(&BROADCASTS, &id.0)?, tx.get(&PREVIEWS, &id.0)?);
        Ok(broadcast
            .zip(counted)
            .map(|(broadcast, counted)| view::preview(&broadcast, &counted, tx.moment().now)))
    };
    let found = call.read(read).await?;
    found.ok_or_else(|| ActError::NotFound(format!("preview of {id}")))
}

async fn is_counting(call: &Call, id: BroadcastCode) -> Result<bool, ActError> {
    let counted = call.read(move |tx| tx.get(&PREVIEWS, &id.0)).await?;
    Ok(counted.is_some_and(|counted| !counted.done))
}

async fn begin_preview(
    call: &Call,
    id: BroadcastCode,
    to: Option<String>,
    policy: Policy,
) -> Result<(), ActError> {
    let mut act = act("broadcast.preview", id.to_string(), to.as_deref().unwrap_or_default());
    act.detail = to.as_ref().map(|to| format!("to {}", Short(to))).unwrap_or_default();
    let to = to.map(FollowerId::new);
    perform(call, act, move |tx| {
        if let Some(to) = &to
            && let Err(refusal) = manage::show(tx, id.0, to)?
        {
            return Ok(Err(refusal));
        }
        Ok(counting::begin(tx, id.0, &policy)?.map(|_| (id.to_string(), ())))
    })
    .await
}

/// Somebody else than its authors says that it may go out.
pub async fn approve(call: &Call, id: BroadcastCode, as_of: AsOf, policy: &Policy) -> Acted {
    let (name, policy) = (call.who.name.clone(), policy.clone());
    let act = act("broadcast.approve", id.to_string(), &as_of.with(""));
    act_on(call, act, move |tx| {
        let changed = tx.get(&BROADCASTS, &id.0)?.map(|found| found.changed);
        as_of.and(tx, id, changed, |tx| manage::approve(tx, id.0, &name, &policy))
    })
    .await
}

pub async fn start(call: &Call, id: BroadcastCode, policy: &Policy) -> Acted {
    let policy = policy.clone();
    let act = act("broadcast.start", id.to_string(), "");
    act_on(call, act, move |tx| manage::start(tx, id.0, &policy)).await
}

pub async fn pause(call: &Call, id: BroadcastCode) -> Acted {
    act_on(call, act("broadcast.pause", id.to_string(), ""), move |tx| manage::pause(tx, id.0)).await
}

pub async fn resume(call: &Call, id: BroadcastCode) -> Acted {
    act_on(call, act("broadcast.resume", id.to_string(), ""), move |tx| manage::resume(tx, id.0)).await
}

/// Ends it for good: who has not got it won't.
pub async fn cancel(call: &Call, id: BroadcastCode, reason: &str) -> Acted {
    let reason: Arc<str> = said_why(reason, "it goes onto the trail")?.into();
    let mut act = act("broadcast.cancel", id.to_string(), &reason);
    act.detail = reason.to_string();
    act_on(call, act, move |tx| manage::cancel(tx, id.0, &reason)).await
}

fn act(name: &'static str, subject: String, request: &str) -> Act {
    Act { name, subject, role: Role::Broadcast, detail: String::new(), request: request.to_owned() }
}

async fn act_on<R: Refuse>(
    call: &Call,
    act: Act,
    command: impl Fn(&mut Tx) -> Result<Result<Broadcast, R>, Fault> + Send + Sync + 'static,
) -> Acted {
    perform(call, act, move |tx| {
        Ok(match command(tx)? {
            Ok(broadcast) => Ok((BroadcastCode(broadcast.id).to_string(), view::brief(tx, &broadcast)?)),
            Err(refusal) => Err(refusal),
        })
    })
    .await
}

fn may_act(who: &Caller) -> Result<(), ActError> {
    if who.has(Role::Broadcast) { Ok(()) } else { Err(ActError::NotAllowed(Role::Broadcast.name())) }
}

fn may_look(who: &Caller) -> Result<(), ActError> {
    if who.has(Role::Auditor) { Ok(()) } else { may_act(who) }
}

/// Broadcasts, the latest first, from before `after`.
pub async fn list(
    call: &Call,
    after: Option<BroadcastCode>,
    limit: usize,
) -> Result<BroadcastList, ActError> {
    may_look(&call.who)?;
    let limit = limit.clamp(1, LIST_MAX);
    let after = after.map(|code| code.0);
    let read = move |tx: &Tx| {
        let page = tx.scan_back(&BROADCASTS, &(), after.as_ref(), limit)?;
        let broadcasts =
            page.rows.iter().map(|(_, broadcast)| view::brief(tx, broadcast)).collect::<Result<_, _>>()?;
        Ok(BroadcastList { broadcasts, next: page.next.map(|id| BroadcastCode(id).to_string()) })
    };
    Ok(call.read(move |tx| read(tx)).await?)
}

pub async fn get(call: &Call, id: BroadcastCode) -> Result<BroadcastView, ActError> {
    may_look(&call.who)?;
    let found =
        call.read(move |tx| tx.get(&BROADCASTS, &id.0)?.map(|b| view::full(tx, &b)).transpose()).await?;
    found.ok_or_else(|| ActError::NotFound(format!("broadcast {id}")))
}

pub async fn progress(call: &Call, id: BroadcastCode) -> Result<Progress, ActError> {
    started(call, id, view::progress).await
}

pub async fn report(call: &Call, id: BroadcastCode) -> Result<Report, ActError> {
    started(call, id, view::report).await
}

async fn started<T: Send + 'static>(
    call: &Call,
    id: BroadcastCode,
    look: impl Fn(&Tx, &Broadcast, &crate::domain::broadcast::ledger::Run) -> Result<T, Fault>
    + Send
    + Sync
    + 'static,
) -> Result<T, ActError> {
    may_look(&call.who)?;
    let read = move |tx: &mut Tx| {
        let Some(broadcast) = tx.get(&BROADCASTS, &id.0)? else { return Ok(None) };
        let run = tx.get(&RUNS, &id.0)?;
        Ok(Some(run.map(|run| look(tx, &broadcast, &run)).transpose()?))
    };
    match call.read(read).await? {
        Some(Some(looked)) => Ok(looked),
        Some(None) => Err(ActError::Refused {
            code: "not_started",
            message: format!("the broadcast {id} was not started"),
        }),
        None => Err(ActError::NotFound(format!("broadcast {id}"))),
    }
}
