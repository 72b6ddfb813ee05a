//! What people are covered for as a story begins: the shipped schemes and its own, and a policy each.

use std::path::Path;

use jiff::civil::Date;

use super::acts::Done;
use super::given::GivenCover;
use super::service::Service;
use super::story::Setting;
use crate::domain::calendar;
use crate::domain::member::list::index;
use crate::domain::scheme::commands::{adopt, key_of};
use crate::domain::scheme::file::{EMBEDDED, read_all};
use crate::domain::scheme::record::Policy;
use crate::domain::tables::POLICIES;
use crate::store::Tx;

/// `identities`: of the story's members, in order.
pub async fn prepare(service: &Service, setting: &Setting, folder: &Path, identities: &[String]) -> Done {
    if setting.cover.is_empty() {
        return Ok(());
    }
    let own: Result<Vec<_>, _> = setting.schemes.iter().map(|file| text(&folder.join(file))).collect();
    let own = own?;
    let shipped = EMBEDDED.iter().map(|(name, text)| (*name, *text));
    let files = read_all(shipped.chain(own.iter().map(|(name, text)| (&name[..], &text[..]))));
    let files = files.map_err(|problems| format!("the schemes: {problems:?}"))?;
    let (name, text) = calendar::file::EMBEDDED;
    let holidays =
        calendar::file::read(name, text).map_err(|problems| format!("the holidays: {problems:?}"))?;
    let all = move |tx: &mut Tx| {
        calendar::adopt(tx, &holidays.calendar)?;
        adopt(tx, &files)
    };
    let adopted = service.store.submit(service.moment(), all).await?;
    adopted.map_err(|clashes| format!("the schemes: {clashes:?}"))?;
    for (index, cover) in setting.cover.iter().enumerate() {
        let identity = cover.member.checked_sub(1).and_then(|at| identities.get(at));
        let identity = identity.ok_or_else(|| format!("cover {}: there is no such member", index + 1))?;
        enrol(service, cover, identity).await?;
    }
    Ok(())
}

fn text(file: &Path) -> Result<(String, String), String> {
    let name = file.display().to_string();
    std::fs::read_to_string(file).map(|text| (name.clone(), text)).map_err(|error| format!("{name}: {error}"))
}

async fn enrol(service: &Service, given: &GivenCover, identity: &str) -> Done {
    let policy = Policy {
        shares: given.shares,
        first_or_broken: given.first_or_broken,
        waiting_until: given.waiting_until,
        ..policy(given.from, given.until)
    };
    put(service, (&given.scheme, &given.programme, given.from), policy, identity).await
}

/// A list that comes while the story goes on has the person.
pub async fn listed(service: &Service, identity: &str, programme: &str, (from, until): (Date, Date)) -> Done {
    put(service, ("ningbo", programme, from), policy(from, until), identity).await
}

fn policy(from: Date, until: Date) -> Policy {
    Policy::of_unit("样例工会", from, until)
}

async fn put(
    service: &Service,
    (scheme, programme, from): (&str, &str, Date),
    policy: Policy,
    identity: &str,
) -> Done {
    let (scheme, programme) = (scheme.to_owned(), programme.to_owned());
    let identity = identity.to_owned();
    let put = service.store.submit(service.moment(), move |tx| {
        let person = index(tx, &identity)?;
        tx.put(&POLICIES, &(person, scheme.clone(), programme.clone(), key_of(from)), &policy)
    });
    Ok(put.await?)
}
