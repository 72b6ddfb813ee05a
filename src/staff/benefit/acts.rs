use std::sync::Arc;
use std::time::Duration;

use super::view::{self, BenefitBrief, BenefitList, BenefitView, ReleaseView};
use crate::domain::benefit::claim::find;
use crate::domain::benefit::manage::{self, ManageRefusal};
use crate::domain::benefit::record::{Benefit, BenefitCode};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::tables::{BENEFITS, RELEASES};
use crate::staff::act::see;
use crate::staff::form::{self, wrong};
use crate::staff::{Act, ActError, AsOf, Call, Refuse, Role, perform, permit};
use crate::store::{Fault, Tx};

/// Benefits on one page of the list.
const LIST_MAX: usize = 100;
/// People put on a list in one call.
const LISTED_MAX: usize = 1000;
const TOP_UP_MAX: u32 = 1_000_000;
const PAUSE_DAYS_MAX: u16 = 3650;

type Acted = Result<BenefitBrief, ActError>;
type Decided<R> = Result<Result<Benefit, R>, Fault>;

pub async fn create(call: &Call, body: &str) -> Acted {
    let act = act("benefit.create", String::new(), body);
    permit(call, &act).await?;
    let terms = super::parse(body).map_err(ActError::Invalid)?;
    act_on(call, act, move |tx| manage::create(tx, terms.clone()).map(Ok::<_, ManageRefusal>)).await
}

pub async fn change(call: &Call, id: BenefitCode, as_of: AsOf, body: &str) -> Acted {
    let act = act("benefit.change", id.to_string(), &as_of.with(body));
    permit(call, &act).await?;
    let terms = super::parse(body).map_err(ActError::Invalid)?;
    act_on(call, act, move |tx| {
        let changed = tx.get(&BENEFITS, &id.0)?.map(|found| found.changed);
        as_of.and(tx, id, changed, |tx| manage::change(tx, id.0, terms.clone()))
    })
    .await
}

/// Shows it to followers, or goes on after a pause.
pub async fn publish(call: &Call, id: BenefitCode) -> Acted {
    let act = act("benefit.publish", id.to_string(), "");
    act_on(call, act, move |tx| manage::publish(tx, id.0)).await
}

/// Nobody claims until it is published again. Followers read the reason.
pub async fn pause(call: &Call, id: BenefitCode, reason: &str) -> Acted {
    let reason = said_why(reason)?;
    let act = Act { detail: reason.to_string(), ..act("benefit.pause", id.to_string(), &reason) };
    act_on(call, act, move |tx| manage::pause(tx, id.0, &reason)).await
}

pub async fn close(call: &Call, id: BenefitCode) -> Acted {
    let act = act("benefit.close", id.to_string(), "");
    act_on(call, act, move |tx| manage::close(tx, id.0)).await
}

/// So many more in the release that is on.
pub async fn top_up(call: &Call, id: BenefitCode, stock: u32) -> Acted {
    if !(1..=TOP_UP_MAX).contains(&stock) {
        return Err(wrong("stock", "must be 1 to 1000000"));
    }
    let detail = format!("{stock} more");
    let act = Act { detail, ..act("benefit.top_up", id.to_string(), &stock.to_string()) };
    act_on(call, act, move |tx| manage::top_up(tx, id.0, stock)).await
}

/// Puts members (`M000123`) and followers (OpenIDs) on the benefit's list; how many were not on it.
pub async fn add_to_list(call: &Call, id: BenefitCode, people: &[String]) -> Result<u32, ActError> {
    if people.is_empty() || people.len() > LISTED_MAX {
        return Err(wrong("people", "1 to 1000 in one call"));
    }
    let people = people.iter().enumerate().map(|(n, text)| {
        person(text).ok_or_else(|| {
            wrong(&format!("people[{n}]"), "is no member's number like M000123, and no OpenID")
        })
    });
    let people = people.collect::<Result<Vec<_>, _>>()?;
    let request = format!("{people:?}");
    let act =
        Act { detail: format!("{} people", people.len()), ..act("benefit.list", id.to_string(), &request) };
    perform(call, act, move |tx| {
        Ok(manage::add_to_list(tx, id.0, &people)?.map(|added| (id.to_string(), added)))
    })
    .await
}

/// This person claims nothing for so many days. They read the reason.
pub async fn pause_person(call: &Call, whom: &str, days: u16, reason: &str) -> Result<(), ActError> {
    let (paused, reason) = (named(whom)?, said_why(reason)?);
    if !(1..=PAUSE_DAYS_MAX).contains(&days) {
        return Err(wrong("days", "must be 1 to 3650"));
    }
    let until = call.at.now.plus(Duration::from_secs(u64::from(days) * 86_400));
    let act = Act { detail: reason.to_string(), ..act("benefit.pause_person", subject(&paused), &reason) };
    perform(call, act, move |tx| {
        Ok(manage::pause_person(tx, &paused, until, &reason)?.map(|()| (subject(&paused), ())))
    })
    .await
}

/// Ends a person's pause, with a reason for the trail.
pub async fn lift(call: &Call, whom: &str, reason: &str) -> Result<(), ActError> {
    let (paused, reason) = (named(whom)?, said_why(reason)?);
    let act = Act { detail: reason.to_string(), ..act("benefit.lift_pause", subject(&paused), &reason) };
    perform(call, act, move |tx| Ok(manage::lift(tx, &paused)?.map(|()| (subject(&paused), ())))).await
}

pub fn act(name: &'static str, subject: String, request: &str) -> Act {
    Act { name, subject, role: Role::Benefit, detail: String::new(), request: request.to_owned() }
}

/// For the trail, or for followers.
pub fn said_why(reason: &str) -> Result<Arc<str>, ActError> {
    Ok(form::said_why(reason, "it is kept")?.into())
}

fn named(whom: &str) -> Result<Person, ActError> {
    person(whom).ok_or_else(|| wrong("people", "each is a member's number like M000123, or an OpenID"))
}

/// `M000123` is a member; what else holds letters, digits, `-` and `_` alone, and not only digits, is an OpenID.
fn person(text: &str) -> Option<Person> {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_number = text.chars().all(|c| c.is_ascii_digit());
    if is_number || text.len() > 64 || !text.chars().all(plain) {
        return None;
    }
    let member = text.strip_prefix(['M', 'm']).and_then(|digits| digits.parse().ok());
    Some(member.map_or_else(|| Person::Follower(FollowerId::new(text)), |id| Person::Member(MemberId(id))))
}

/// For the trail, which holds no whole OpenID.
fn subject(person: &Person) -> String {
    match person {
        Person::Member(member) => member.to_string(),
        Person::Follower(who) => format!("{who:?}"),
    }
}

async fn act_on<R: Refuse + From<ManageRefusal>>(
    call: &Call,
    act: Act,
    command: impl Fn(&mut Tx) -> Decided<R> + Send + Sync + 'static,
) -> Acted {
    perform(call, act, move |tx| {
        let benefit = match command(tx)? {
            Ok(benefit) => benefit,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let now = tx.moment().now;
        let brief = find(tx, benefit.id)?.map(|found| view::brief(&found, now));
        Ok(brief.map(|brief| (brief.id.clone(), brief)).ok_or(ManageRefusal::Unknown.into()))
    })
    .await
}

pub async fn get(call: &Call, id: BenefitCode) -> Result<BenefitView, ActError> {
    let act = Act::plain("benefit.show", id.to_string(), Role::Benefit);
    let read = move |tx: &Tx| find(tx, id.0)?.map(|found| view::full(tx, &found)).transpose();
    let found = see(call, act, read).await?;
    found.ok_or_else(|| ActError::NotFound(format!("benefit {id}")))
}

/// Benefits by number, from after `after`.
pub async fn list(call: &Call, after: Option<BenefitCode>, limit: usize) -> Result<BenefitList, ActError> {
    let act = Act::plain("benefit.list", String::new(), Role::Benefit);
    let (limit, after) = (limit.clamp(1, LIST_MAX), after.map(|code| code.0));
    let read = move |tx: &Tx| {
        let page = tx.scan(&BENEFITS, &(), after.as_ref(), limit)?;
        let mut benefits = Vec::new();
        for (id, _) in &page.rows {
            benefits.extend(find(tx, *id)?.map(|found| view::brief(&found, tx.moment().now)));
        }
        Ok(BenefitList { benefits, next: page.next.map(|id| BenefitCode(id).to_string()) })
    };
    see(call, act, read).await
}

/// The releases that are over, the latest first.
pub async fn releases(call: &Call, id: BenefitCode) -> Result<Vec<ReleaseView>, ActError> {
    let act = Act::plain("benefit.releases", id.to_string(), Role::Benefit);
    let read = move |tx: &Tx| {
        let latest = find(tx, id.0)?.and_then(|found| found.over); // written down by the next claim
        let earlier = tx.scan_back(&RELEASES, &(id.0,), None, LIST_MAX)?.rows;
        Ok(latest.into_iter().chain(earlier.into_iter().map(|(_, release)| release)).collect::<Vec<_>>())
    };
    let over = see(call, act, read).await?;
    Ok(over.iter().map(|release| view::release(release, false)).collect())
}
