use super::form::{CardStateName, RowForm, StateName};
use super::view::{self, FullView, ImportView, MemberView};
use super::{Refusal, field};
use crate::domain::member::binding;
use crate::domain::member::list::{self, BadRow, Entered, Listed, ROWS_MAX};
use crate::domain::member::looks;
use crate::domain::member::record::{Member, MemberId, MemberState};
use crate::domain::tables::MEMBERS;
use crate::staff::act;
use crate::staff::form::reason;
use crate::staff::{Act, ActError, Call, FieldError, Role, perform};
use crate::store::{Fault, Tx};

const FILE_CHARS_MAX: usize = 100;

type Acted<T> = Result<T, ActError>;

/// Enters one member, or what changed of them; one who was erased too, since staff know that they wish it.
pub async fn add(call: &Call, form: RowForm) -> Acted<MemberView> {
    let request = format!("{form:?}");
    let row = Listed::try_from(form).and_then(|row| list::check(row, call.at.now));
    let row = row.map_err(|why: BadRow| ActError::Invalid(vec![field(&why)]))?;
    perform(call, act("member.add", String::new(), request), move |tx| match list::enter(tx, &row, true)? {
        Entered::Added(id) | Entered::Changed(id) | Entered::Unchanged(id) => shown(tx, id),
        Entered::Erased => Ok(Err(Refusal::Erased)),
    })
    .await
}

pub async fn get(call: &Call, id: MemberId) -> Acted<MemberView> {
    let seen = act("member.get", id.to_string(), String::new());
    let found = act::look(call, seen, move |tx| masked(tx, id)).await?;
    found.ok_or_else(|| ActError::NotFound("such member".to_owned()))
}

/// By identity number, which is not kept on the trail; whose it is, is.
pub async fn find(call: &Call, identity: String) -> Acted<MemberView> {
    let today = call.at.now.date();
    let identity = crate::domain::member::identity::parse(&identity, today)
        .map_err(|why| ActError::Invalid(vec![field(&BadRow::Identity(why))]))?;
    let id = call.read(move |tx| list::find(tx, &identity)).await?;
    let seen = act("member.find", id.map(|id| id.to_string()).unwrap_or_default(), String::new());
    let found = act::look(call, seen, move |tx| id.map_or(Ok(None), |id| masked(tx, id)));
    found.await?.ok_or_else(|| ActError::NotFound("such member".to_owned()))
}

/// What names the member, in full; the reason is on the trail, and the member sees it.
pub async fn look(call: &Call, id: MemberId, why: String) -> Acted<FullView> {
    let why = reason(&why)?;
    let mut seen = act("member.look", id.to_string(), String::new());
    seen.detail.clone_from(&why);
    let by = call.who.name.clone();
    let found = act::look(call, seen, move |tx| {
        let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(None) };
        let Some(named) = list::named(tx, &member)? else { return Ok(None) };
        looks::note(tx, id, &why, &by)?;
        Ok(Some(view::full(id.to_string(), named, Vec::new())))
    });
    found.await?.ok_or_else(|| ActError::NotFound("such member".to_owned()))
}

/// `back`: somebody else had moved the member to that account, which may have let go of them since.
pub async fn unbind(call: &Call, id: MemberId, why: String, back: bool) -> Acted<MemberView> {
    let why = reason(&why)?;
    let name = if back { "member.take_back" } else { "member.unbind" };
    let mut done = act(name, id.to_string(), why.clone());
    done.detail = why;
    perform(call, done, move |tx| {
        let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(Err(Refusal::Unknown)) };
        if back && member.moved_from.is_none() {
            return Ok(Err(Refusal::NeverMoved));
        }
        let part = if back { binding::take_back } else { binding::unbind_by_staff };
        match part(tx, id)? {
            Ok(()) => shown(tx, id),
            Err(refusal) => Ok(Err(refusal.into())),
        }
    })
    .await
}

pub async fn set_card(call: &Call, id: MemberId, state: CardStateName) -> Acted<MemberView> {
    let done = act("member.card", id.to_string(), format!("{state:?}"));
    change(call, done, id, move |member| match &mut member.card {
        Some(card) => {
            card.state = state.into();
            Ok(())
        }
        None => Err(Refusal::NoCard),
    })
    .await
}

pub async fn set_state(call: &Call, id: MemberId, state: StateName, why: String) -> Acted<MemberView> {
    let why = reason(&why)?;
    let mut done = act("member.state", id.to_string(), format!("{state:?} {why}"));
    done.detail = format!("{state:?}: {why}");
    change(call, done, id, move |member| {
        member.state = state.into();
        Ok(())
    })
    .await
}

async fn change(
    call: &Call,
    act: Act,
    id: MemberId,
    change: impl Fn(&mut Member) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Acted<MemberView> {
    perform(call, act, move |tx| {
        let Some(mut member) = tx.get(&MEMBERS, &id)? else { return Ok(Err(Refusal::Unknown)) };
        if matches!(member.state, MemberState::Erased { .. }) {
            return Ok(Err(Refusal::Erased));
        }
        if let Err(refusal) = change(&mut member) {
            return Ok(Err(refusal));
        }
        member.changed = tx.moment().now;
        tx.put(&MEMBERS, &id, &member)?;
        shown(tx, id)
    })
    .await
}

/// Begins to import a file, or tells how far its import is. `file` names its content; given how many `rows` it has,
/// a file that was entered whole begins anew.
pub async fn start_import(call: &Call, file: String, rows: Option<u64>) -> Acted<ImportView> {
    check_file(&file)?;
    perform(call, act("member.import", file.clone(), String::new()), move |tx| {
        let import = match rows {
            Some(rows) => list::begin_import(tx, &file, rows)?,
            None => list::import_of(tx, &file)?,
        };
        Ok(Ok::<_, Refusal>((file.clone(), view::import(&import, &[]))))
    })
    .await
}

/// The rows that follow the first `first` of the file: all are entered but the bad ones, or none.
pub async fn import(call: &Call, file: String, first: u64, rows: Vec<RowForm>) -> Acted<ImportView> {
    check_file(&file)?;
    if rows.is_empty() || rows.len() > ROWS_MAX {
        let message = format!("1 to {ROWS_MAX} rows at once");
        return Err(ActError::Invalid(vec![FieldError { field: "rows".to_owned(), message }]));
    }
    let rows: Vec<Result<Listed, BadRow>> = rows.into_iter().map(Listed::try_from).collect();
    let mut done = act("member.import_rows", file.clone(), String::new());
    done.detail = format!("{} rows from {first}", rows.len());
    perform(call, done, move |tx| {
        let imported = list::import(tx, &file, first, &rows)?;
        Ok(imported.map(|(import, bad)| (file.clone(), view::import(&import, &bad))).map_err(Refusal::from))
    })
    .await
}

fn check_file(file: &str) -> Result<(), ActError> {
    let fine = (1..=FILE_CHARS_MAX).contains(&file.len()) && file.bytes().all(|b| b.is_ascii_alphanumeric());
    let message = || format!("1 to {FILE_CHARS_MAX} letters and digits, such as a digest of its content");
    if fine {
        return Ok(());
    }
    Err(ActError::Invalid(vec![FieldError { field: "file".to_owned(), message: message() }]))
}

pub(super) fn act(name: &'static str, subject: String, request: String) -> Act {
    Act { name, subject, role: Role::Member, detail: String::new(), request }
}

fn shown(tx: &mut Tx, id: MemberId) -> Result<Result<(String, MemberView), Refusal>, Fault> {
    Ok(masked(tx, id)?.map(|view| (id.to_string(), view)).ok_or(Refusal::Unknown))
}

fn masked(tx: &Tx, id: MemberId) -> Result<Option<MemberView>, Fault> {
    let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(None) };
    let named = list::named(tx, &member)?;
    Ok(Some(view::member(id, &member, named.as_ref(), tx.moment().now)))
}
