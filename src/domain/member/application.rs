//! What followers ask staff for: to be entered though the list lacks them, to change unions, or to leave.

use super::binding::{attach, is_brought, may_be_one, member_of};
use super::list::{Entered, Listed, enter, seal_fresh};
use super::record::*;
use super::standing::{Person, account_of};
use crate::domain::contact::record::FollowerId;
use crate::domain::counters::next_number;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{APPLICATIONS, APPLICATIONS_OF, APPLICATIONS_OPEN, BINDINGS, MEMBERS};
use crate::domain::timers::{self, Timer};
use crate::domain::trail::commands::{Note, append};
use crate::moment::Time;
use crate::store::{Bytes, Fault, Sealed, Tx};

const OF_ONE_FOLLOWER: usize = 100;

/// Why staff can't decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDecided {
    Unknown,
    Decided,
    /// The identity number is another account's member.
    Taken,
}

/// Asks to be entered. One that is open already is replaced.
pub fn ask_to_join(
    tx: &mut Tx,
    who: &FollowerId,
    named: &Named,
    union: &str,
    pictures: Vec<u64>,
) -> Result<u64, Fault> {
    forget_of(tx, who)?;
    let (slot, person) = seal_fresh(tx, named)?;
    open(tx, who, Wish::Join { slot, person, union: union.to_owned(), pictures })
}

/// Asks to change unions (转会). One that is open already is replaced.
pub fn ask_to_transfer(tx: &mut Tx, who: &FollowerId, union: &str) -> Result<Option<u64>, Fault> {
    let Some((member, row)) = member_of(tx, who)? else { return Ok(None) };
    forget_of(tx, who)?;
    let from = Some(row.union);
    let id = open(tx, who, Wish::Transfer { member, union: union.to_owned(), from })?;
    mark_changing(tx, member, Some(id))?;
    Ok(Some(id))
}

/// Asks to leave the union (退会). One that is open already is replaced.
pub fn ask_to_leave(tx: &mut Tx, who: &FollowerId) -> Result<Option<u64>, Fault> {
    let Some((member, _)) = member_of(tx, who)? else { return Ok(None) };
    forget_of(tx, who)?;
    open(tx, who, Wish::Leave { member }).map(Some)
}

fn mark_changing(tx: &mut Tx, id: MemberId, transfer: Option<u64>) -> Result<(), Fault> {
    let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(()) };
    tx.put(&MEMBERS, &id, &Member { changes_union: transfer.is_some(), transfer, ..member })
}

/// That application is decided: a union vouches again, unless the member has asked anew by another account since.
fn unmark(tx: &mut Tx, id: MemberId, application: u64) -> Result<(), Fault> {
    let asked_anew = |member: &Member| member.transfer.is_some_and(|transfer| transfer != application);
    match tx.get(&MEMBERS, &id)?.filter(|member| member.changes_union && !asked_anew(member)) {
        Some(_) => mark_changing(tx, id, None),
        None => Ok(()),
    }
}

/// The list has the member as they are now, who may have asked for that union (转会): then it is the union's own word, and
/// nobody has to decide. Done by a timer, for a list is entered many rows at a time.
pub(super) fn look_at_list(tx: &mut Tx, id: MemberId, member: &Member) -> Result<(), Fault> {
    match decided_by_list(tx, id, member)? {
        Some(_) => timers::set(tx, tx.moment().now, Timer::TransferListed { member: id }),
        None => Ok(()),
    }
}

/// Approves what the list has decided, if it still has.
pub fn settle_by_list(tx: &mut Tx, id: MemberId) -> Result<(), Fault> {
    let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(()) };
    let Some(application) = decided_by_list(tx, id, &member)? else { return Ok(()) };
    if approve(tx, application, Seen::default())?.is_ok() {
        let (subject, detail) = (application.to_string(), "by the list");
        append(tx, Note { who: "service", act: "member.approve", subject: &subject, detail, done: true })?;
    }
    Ok(())
}

/// The open application that asks for the union which the list has brought; one for another union is for staff, and so is
/// that of who isn't active.
fn decided_by_list(tx: &Tx, id: MemberId, member: &Member) -> Result<Option<u64>, Fault> {
    if !member.changes_union || member.state != MemberState::Active {
        return Ok(None);
    }
    let asked = match (member.transfer, &member.account) {
        (Some(number), _) => tx.get(&APPLICATIONS, &number)?.map(|application| (number, application)),
        (None, Some(account)) => latest(tx, &account.follower)?,
        (None, None) => None,
    };
    let is_brought = |application: &Application| match &application.wish {
        Wish::Transfer { member: of, union, from: Some(from) } => {
            *of == id && is_brought(union, from, &member.union)
        }
        _ => false,
    };
    let open = asked.filter(|(_, application)| application.state == ApplicationState::Open);
    Ok(open.filter(|(_, application)| is_brought(application)).map(|(number, _)| number))
}

fn open(tx: &mut Tx, who: &FollowerId, wish: Wish) -> Result<u64, Fault> {
    let id = next_number(tx, "applications")?;
    let now = tx.moment().now;
    let application = Application {
        follower: who.clone(),
        wish,
        state: ApplicationState::Open,
        created: now,
        changed: now,
    };
    tx.put(&APPLICATIONS, &id, &application)?;
    tx.put(&APPLICATIONS_OPEN, &id, &())?;
    tx.put(&APPLICATIONS_OF, &(who.clone(), id), &())?;
    Ok(id)
}

/// The latest of a follower.
pub fn latest(tx: &Tx, who: &FollowerId) -> Result<Option<(u64, Application)>, Fault> {
    let last = tx.scan_back(&APPLICATIONS_OF, &(who.clone(),), None, 1)?.rows.into_iter().next();
    let Some(((_, id), ())) = last else { return Ok(None) };
    Ok(tx.get(&APPLICATIONS, &id)?.map(|application| (id, application)))
}

/// Since when staff look at who this follower says they are.
pub fn asks_to_join_since(tx: &Tx, who: &FollowerId) -> Result<Option<Time>, Fault> {
    let open = latest(tx, who)?.map(|(_, application)| application).filter(|application| {
        application.state == ApplicationState::Open && matches!(application.wish, Wish::Join { .. })
    });
    Ok(open.map(|application| application.created))
}

/// What the applicant is called and so on; `None` for a transfer, or when it is not kept any more.
pub fn named(tx: &Tx, application: &Application) -> Result<Option<Named>, Fault> {
    match &application.wish {
        Wish::Join { slot, person, .. } if !person.reveal().0.is_empty() => {
            tx.open_for(*slot, person.reveal())
        }
        _ => Ok(None),
    }
}

/// The union and district that staff saw.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen<'a> {
    /// As the federation writes it; empty: as the applicant wrote it.
    pub union: &'a str,
    /// Empty: as it was.
    pub district: &'a str,
}

/// Staff agree: the applicant becomes a member here, or the member's union changes. They are told.
pub fn approve(tx: &mut Tx, id: u64, seen: Seen) -> Result<Result<MemberId, NotDecided>, Fault> {
    let mut application = match undecided(tx, id)? {
        Ok(application) => application,
        Err(why) => return Ok(Err(why)),
    };
    let who = application.follower.clone();
    let member = match (&application.wish, named(tx, &application)?) {
        (Wish::Join { union, .. }, Some(named)) => match admit(tx, &who, named, union, seen)? {
            Ok(member) => member,
            Err(why) => return Ok(Err(why)),
        },
        (Wish::Transfer { member, union, from }, _) => {
            let Some(mut row) = living(tx, *member)? else { return Ok(Err(NotDecided::Unknown)) };
            // The list may have brought it meanwhile, by the name that it has there.
            let is_there =
                from.as_ref().is_some_and(|from| *from != row.union) && may_be_one(union, &row.union);
            let wished = if is_there { row.union.clone() } else { union.clone() };
            join_union(&mut row, &wished, seen);
            row.changed = tx.moment().now;
            tx.put(&MEMBERS, member, &row)?;
            *member
        }
        (Wish::Leave { member }, _) => {
            let Some(mut row) = living(tx, *member)? else { return Ok(Err(NotDecided::Unknown)) };
            row.state = MemberState::Left;
            row.changed = tx.moment().now;
            tx.put(&MEMBERS, member, &row)?;
            *member
        }
        (Wish::Join { .. }, None) => return Ok(Err(NotDecided::Unknown)),
    };
    decide(tx, id, &mut application, ApplicationState::Approved)?;
    tell(tx, &application, Notice::ApplicationApproved { application: id })?;
    Ok(Ok(member))
}

/// The member belongs to that union from here on; who had left is a member again.
fn join_union(row: &mut Member, wished: &str, seen: Seen) {
    row.union = if seen.union.is_empty() { wished } else { seen.union }.to_owned();
    if row.state == MemberState::Left {
        row.state = MemberState::Active;
    }
    if !seen.district.is_empty() {
        row.district = seen.district.to_owned();
    }
}

fn living(tx: &Tx, id: MemberId) -> Result<Option<Member>, Fault> {
    Ok(tx.get(&MEMBERS, &id)?.filter(|member| !matches!(member.state, MemberState::Erased { .. })))
}

/// Enters the applicant, or lets them be the one that the list has: staff saw who they are, what they are called, and
/// where they work. A union that the list has under a name much the same keeps that name.
fn admit(
    tx: &mut Tx,
    who: &FollowerId,
    named: Named,
    union: &str,
    seen: Seen,
) -> Result<Result<MemberId, NotDecided>, Fault> {
    let listed = match super::list::find(tx, &named.identity)? {
        Some(id) => tx.get(&MEMBERS, &id)?.map(|member| (id, member)),
        None => None,
    };
    let id = match listed {
        Some((_, Member { account: Some(account), .. })) if account.follower != *who => {
            return Ok(Err(NotDecided::Taken));
        }
        Some((id, mut member)) if let Some(known) = super::list::named(tx, &member)? => {
            super::list::rename(tx, &mut member, &Named { card: known.card, ..named })?;
            let wished =
                if may_be_one(union, &member.union) { member.union.clone() } else { union.to_owned() };
            join_union(&mut member, &wished, seen);
            member.changed = tx.moment().now;
            tx.put(&MEMBERS, &id, &member)?;
            id
        }
        _ => {
            let row = Listed {
                name: named.name,
                identity: named.identity,
                phone: named.phone,
                district: seen.district.to_owned(),
                union: if seen.union.is_empty() { union } else { seen.union }.to_owned(),
                ..Listed::default()
            };
            let (Entered::Added(id) | Entered::Changed(id) | Entered::Unchanged(id)) = enter(tx, &row, true)?
            else {
                return Ok(Err(NotDecided::Unknown));
            };
            id
        }
    };
    if tx.get(&BINDINGS, who)?.is_none()
        && let Some(row) = tx.get(&MEMBERS, &id)?
    {
        attach(tx, id, row, who)?;
    }
    Ok(Ok(id))
}

/// Staff say no, with a reason that the follower reads.
pub fn refuse(tx: &mut Tx, id: u64, why: &str) -> Result<Result<(), NotDecided>, Fault> {
    let mut application = match undecided(tx, id)? {
        Ok(application) => application,
        Err(why) => return Ok(Err(why)),
    };
    decide(tx, id, &mut application, ApplicationState::Refused { why: why.to_owned() })?;
    tell(tx, &application, Notice::ApplicationRefused { application: id })?;
    Ok(Ok(()))
}

/// A member is told by the account that is theirs now.
fn tell(tx: &mut Tx, application: &Application, notice: Notice) -> Result<(), Fault> {
    let now = match application.wish {
        Wish::Transfer { member, .. } | Wish::Leave { member } => account_of(tx, &Person::Member(member))?,
        Wish::Join { .. } => None,
    };
    enqueue(tx, now.as_ref().unwrap_or(&application.follower), notice).map(drop)
}

fn undecided(tx: &Tx, id: u64) -> Result<Result<Application, NotDecided>, Fault> {
    Ok(match tx.get(&APPLICATIONS, &id)? {
        None => Err(NotDecided::Unknown),
        Some(application) if application.state != ApplicationState::Open => Err(NotDecided::Decided),
        Some(application) => Ok(application),
    })
}

fn decide(tx: &mut Tx, id: u64, application: &mut Application, state: ApplicationState) -> Result<(), Fault> {
    application.state = state;
    application.changed = tx.moment().now;
    if let Wish::Transfer { member, .. } = application.wish {
        unmark(tx, member, id)?;
    }
    let forgotten = forget(application);
    tx.delete(&APPLICATIONS_OPEN, &id)?;
    tx.put(&APPLICATIONS, &id, application)?;
    let Some(slot) = forgotten else { return Ok(()) };
    super::erase::destroy_later(tx, slot)
}

/// Takes out what names the applicant: a member's own row has it now, or nobody needs it.
fn forget(application: &mut Application) -> Option<u64> {
    match &mut application.wish {
        Wish::Join { slot, person, .. } if !person.reveal().0.is_empty() => {
            *person = Sealed::new(Bytes::default());
            Some(*slot)
        }
        _ => None,
    }
}

/// 注销: nothing is left of what the follower asked for, nor of what staff answered.
pub(super) fn erase_of(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    forget_of(tx, who)?;
    for (key, ()) in tx.scan_back(&APPLICATIONS_OF, &(who.clone(),), None, OF_ONE_FOLLOWER)?.rows {
        tx.delete(&APPLICATIONS, &key.1)?;
        tx.delete(&APPLICATIONS_OF, &key)?;
    }
    Ok(())
}

/// Takes back what the follower asked for and what it told of them.
pub fn forget_of(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    for ((_, id), ()) in tx.scan_back(&APPLICATIONS_OF, &(who.clone(),), None, OF_ONE_FOLLOWER)?.rows {
        let Some(mut application) = tx.get(&APPLICATIONS, &id)? else { continue };
        if application.state == ApplicationState::Open {
            let why = "taken back".to_owned();
            decide(tx, id, &mut application, ApplicationState::Refused { why })?;
        }
    }
    Ok(())
}
