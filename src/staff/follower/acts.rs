use super::view::{self, FollowerList, FollowerView, Happening, Timeline};
use crate::domain::activity::holder::mine;
use crate::domain::broadcast::record::BroadcastCode;
use crate::domain::broadcast::timeline::of_follower;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{CONTACTS, MAILBOXES, OUTBOX, RUNS};
use crate::privacy::Short;
use crate::staff::act::look;
use crate::staff::activity::status_name;
use crate::staff::{Act, ActError, Call, Role};
use crate::store::{Fault, Tx};

/// Followers on one page.
const LIST_MAX: usize = 100;
/// Followers looked at for one page, in several turns of the writer.
const LOOKED_AT_PER_STEP: usize = 200;
const STEPS_PER_CALL: usize = 25;
/// The latest broadcasts that a timeline tells of.
const BROADCASTS_LOOKED_AT: usize = 50;
const SIGN_UPS_SHOWN: usize = 50;
const NOTICES_SHOWN: usize = 50;

/// Followers in the order of their ids, of one tag if it is given. Every look is on the trail.
pub async fn find(
    call: &Call,
    tag: Option<u32>,
    after: Option<String>,
    limit: usize,
) -> Result<FollowerList, ActError> {
    let detail = tag.map(|tag| format!("tag {tag}")).unwrap_or_default();
    look(call, act("follower.find", String::new(), detail), |_| Ok(())).await?;
    let limit = limit.clamp(1, LIST_MAX);
    let mut followers = Vec::new();
    let mut after = after.map(FollowerId::new);
    for _ in 0..STEPS_PER_CALL {
        let (from, room) = (after.clone(), limit - followers.len());
        let (found, next) = call.read(move |tx| page(tx, tag, from.as_ref(), room)).await?;
        followers.extend(found);
        after = next;
        if after.is_none() || followers.len() >= limit {
            break;
        }
    }
    Ok(FollowerList { followers, next: after.map(|who| who.as_str().to_owned()) })
}

/// Those of the next few who fit, at most `room`, and where to go on.
fn page(
    tx: &Tx,
    tag: Option<u32>,
    after: Option<&FollowerId>,
    room: usize,
) -> Result<(Vec<FollowerView>, Option<FollowerId>), Fault> {
    let looked_at = if tag.is_some() { LOOKED_AT_PER_STEP } else { room };
    let page = tx.scan(&CONTACTS, &(), after, looked_at)?;
    let mut found = Vec::new();
    for (index, (who, contact)) in page.rows.iter().enumerate() {
        if tag.is_none_or(|tag| contact.reach.tags.contains(&tag)) {
            found.push(view::follower(who, contact, tx.moment().now));
            if found.len() == room {
                let more = index + 1 < page.rows.len() || page.next.is_some();
                return Ok((found, more.then(|| who.clone())));
            }
        }
    }
    Ok((found, page.next))
}

pub async fn get(call: &Call, openid: &str) -> Result<FollowerView, ActError> {
    let of = FollowerId::new(openid);
    let found = look(call, act("follower.look", shown(openid), String::new()), move |tx| {
        let contact = tx.get(&CONTACTS, &of)?;
        Ok(contact.map(|contact| view::follower(&of, &contact, tx.moment().now)))
    });
    found.await?.ok_or_else(|| ActError::NotFound("such follower".to_owned()))
}

/// What was sent to a follower and what they did, as far as it is stored, latest first.
pub async fn timeline(call: &Call, openid: &str) -> Result<Timeline, ActError> {
    let of = FollowerId::new(openid);
    let found =
        look(call, act("follower.timeline", shown(openid), String::new()), move |tx| happenings(tx, &of));
    let happenings = found.await?.ok_or_else(|| ActError::NotFound("such follower".to_owned()))?;
    Ok(Timeline { openid: openid.to_owned(), happenings })
}

fn happenings(tx: &Tx, who: &FollowerId) -> Result<Option<Vec<Happening>>, Fault> {
    let Some(contact) = tx.get(&CONTACTS, who)? else { return Ok(None) };
    let plain = |at, what: &str| Happening {
        at,
        what: what.to_owned(),
        subject: String::new(),
        title: String::new(),
        state: String::new(),
        reason: None,
    };
    let mut happenings: Vec<_> = contact.heard().map(|at| plain(at, "last_seen")).into_iter().collect();
    happenings.extend(contact.followed.map(|followed| plain(followed, "followed")));
    for (activity, registration) in mine(tx, who, SIGN_UPS_SHOWN)? {
        let state = status_name(&registration.status);
        happenings.push(Happening {
            subject: registration.number.to_string(),
            title: activity.terms.title,
            state: state.to_owned(),
            ..plain(registration.changed, "sign_up")
        });
    }
    for (broadcast, standing) in of_follower(tx, who, BROADCASTS_LOOKED_AT)? {
        let run = tx.get(&RUNS, &broadcast.id)?;
        let since = run.map(|run| run.sending_since.unwrap_or(run.started));
        happenings.push(Happening {
            subject: BroadcastCode(broadcast.id).to_string(),
            title: broadcast.plan.title,
            state: standing.name().to_owned(),
            reason: standing.reason(),
            ..plain(since.unwrap_or(broadcast.changed), "broadcast")
        });
    }
    for id in tx.get(&MAILBOXES, who)?.unwrap_or_default().into_iter().rev().take(NOTICES_SHOWN) {
        if let Some(row) = tx.get(&OUTBOX, &id)? {
            happenings.push(Happening {
                subject: id.to_string(),
                title: row.notice.name().to_owned(),
                state: row.state.name().to_owned(),
                ..plain(row.created, "notice")
            });
        }
    }
    happenings.sort_by_key(|happening| std::cmp::Reverse(happening.at));
    Ok(Some(happenings))
}

fn act(name: &'static str, subject: String, detail: String) -> Act {
    Act { name, subject, role: Role::Broadcast, detail, request: String::new() }
}

fn shown(openid: &str) -> String {
    Short(openid).to_string()
}
