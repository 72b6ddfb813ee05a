use super::form::{ListForm, RowForm};
use super::refund::called;
use super::view::{self, EnrolmentView, PersonView, SchemeList, SchemeView};
use crate::domain::member::{identity, list};
use crate::domain::scheme::commands::{policies, programme, schemes};
use crate::domain::scheme::enrol::{self, Enrolment, NotEnrolled, ROWS_MAX, Row};
use crate::domain::scheme::{join, refund};
use crate::staff::act::look;
use crate::staff::{Act, ActError, Call, FieldError, Role, perform};
use crate::store::{Fault, Tx};

/// A digest in hexadecimal, or something as short.
const FILE_CHARS_MAX: usize = 100;

/// Every adopted scheme.
pub async fn list(call: &Call) -> Result<SchemeList, ActError> {
    look(call, act("scheme.list", String::new()), |tx| {
        let mut found: Vec<SchemeView> = Vec::new();
        for (scheme, version, header) in schemes(tx)? {
            let shown = view::version(version, &header);
            match found.last_mut().filter(|last| last.scheme == scheme) {
                Some(last) => last.versions.push(shown),
                None => found.push(SchemeView { scheme, versions: vec![shown] }),
            }
        }
        Ok(SchemeList { schemes: found })
    })
    .await
}

pub async fn show(call: &Call, scheme: &str) -> Result<SchemeView, ActError> {
    let all = list(call).await?;
    let found = all.schemes.into_iter().find(|shown| shown.scheme == scheme);
    found.ok_or_else(|| ActError::NotFound("such scheme".to_owned()))
}

/// Begins a list, or tells how far it is.
pub async fn begin(call: &Call, scheme: &str, form: ListForm) -> Result<EnrolmentView, ActError> {
    let file = check_file(&form.file)?;
    let (rows, of) = (form.rows, file.clone());
    let known = call.read(move |tx| enrol::of(tx, &of)).await?;
    // What broke off goes on as of the day on which it began, whatever day it is.
    let begun =
        known.filter(|known| rows.is_some_and(|rows| known.done < rows)).map(|known| known.terms.entered);
    let terms = form.terms(scheme, begun.unwrap_or(call.at.now.date()));
    let mut done = act("scheme.enrol", file.clone());
    done.detail = format!("{scheme} {} entered {}", terms.programme, terms.entered);
    perform(call, done, move |tx| {
        let list = match enrol::begin(tx, &file, &terms, rows)? {
            Ok(list) => list,
            Err(no) => return Ok(Err(no)),
        };
        let at_least = floor(tx, &list)?;
        Ok(Ok((file.clone(), view::enrolment(&file, &list, at_least, &[]))))
    })
    .await
}

/// The rows that follow the first `first` of the list: all are entered but the bad ones, or none.
pub async fn enrol(
    call: &Call,
    scheme: &str,
    file: &str,
    first: u64,
    rows: Vec<RowForm>,
) -> Result<EnrolmentView, ActError> {
    let file = check_file(file)?;
    if rows.is_empty() || rows.len() > ROWS_MAX {
        let message = format!("1 to {ROWS_MAX} rows at once");
        return Err(ActError::Invalid(vec![FieldError { field: "rows".to_owned(), message }]));
    }
    let rows: Vec<Row> = rows.into_iter().map(Row::from).collect();
    let mut done = act("scheme.enrol_rows", file.clone());
    done.detail = format!("{scheme}: {} rows from {first}", rows.len());
    let (scheme, by) = (scheme.to_owned(), call.who.name.clone());
    perform(call, done, move |tx| {
        let of_scheme = enrol::of(tx, &file)?.is_some_and(|list| list.terms.scheme == scheme);
        if !of_scheme {
            return Ok(Err(NotEnrolled::NotBegun));
        }
        let (list, notes) = match enrol::enrol(tx, &file, first, &rows, &by)? {
            Ok(entered) => entered,
            Err(no) => return Ok(Err(no)),
        };
        let at_least = floor(tx, &list)?;
        Ok(Ok((file.clone(), view::enrolment(&file, &list, at_least, &notes))))
    })
    .await
}

/// What the person of an identity number is covered for; the look is on the trail.
pub async fn find(call: &Call, number: String) -> Result<PersonView, ActError> {
    let number = identity::parse(&number, call.at.now.date()).map_err(|why| {
        ActError::Invalid(vec![FieldError { field: "identity".to_owned(), message: why.to_string() }])
    })?;
    let of = number.clone();
    let subject = call.read(move |tx| called(tx, &of)).await?;
    look(call, act("scheme.find", subject), move |tx| {
        let person = list::index(tx, &number)?;
        let covers = policies(tx, &person)?.into_iter().map(|(key, policy)| view::cover(key, policy));
        let ended =
            refund::ended(tx, &person)?.into_iter().filter_map(|(place, ended)| view::ended(place, ended));
        Ok(PersonView { covers: covers.collect(), ended: ended.collect() })
    })
    .await
}

/// How many of the people named have to be in it.
fn floor(tx: &Tx, list: &Enrolment) -> Result<Option<u32>, Fault> {
    let Some(people) = list.terms.people else { return Ok(None) };
    let programme = programme(tx, &list.terms.scheme, list.version, &list.terms.programme)?;
    Ok(programme.and_then(|programme| join::at_least(&programme.join, people)))
}

fn act(name: &'static str, subject: String) -> Act {
    Act::plain(name, subject, Role::Claim)
}

fn check_file(file: &str) -> Result<String, ActError> {
    let fine = (1..=FILE_CHARS_MAX).contains(&file.len()) && file.bytes().all(|b| b.is_ascii_alphanumeric());
    let message = || format!("1 to {FILE_CHARS_MAX} letters and digits, such as a digest of its content");
    if fine {
        return Ok(file.to_owned());
    }
    Err(ActError::Invalid(vec![FieldError { field: "file".to_owned(), message: message() }]))
}
