//! Who may work on the service by its API, and as what.

use super::reader::{Reader, Section};
use super::value::{Raw, Setting};
use crate::domain::member::record::MemberId;
use crate::domain::scheme::record::Level;
use crate::moment::Time;
use crate::server::api::Bearer;
use crate::staff::{Caller, Role};

/// Stands for a token that was given wrongly; such a configuration is never used.
const NO_HASH: [u8; 32] = [0; 32];

pub(super) fn read_all(reader: &mut Reader) -> Vec<Bearer> {
    let mut all: Vec<Bearer> = Vec::new();
    for index in 0..reader.count("staff") {
        let mut section = reader.section(&format!("staff.{index}"));
        let bearer = read(&mut section);
        let name = &bearer.caller.name;
        if all.iter().any(|other| other.caller.name == *name && !name.is_empty()) {
            section.problem("name", "is taken by another member of the staff");
        }
        let hash = bearer.token_sha256;
        if all.iter().any(|other| other.token_sha256 == hash && hash != NO_HASH) {
            section.problem("token_sha256", "is another member's; everybody needs a token of their own");
        }
        all.push(bearer);
    }
    all
}

fn read(section: &mut Section<'_>) -> Bearer {
    let name: String = section.required("name");
    if section.is_given("name") && (name.trim().is_empty() || name.chars().any(char::is_control)) {
        section.problem("name", "must be a name in one line");
    }
    let roles = roles(section);
    if !section.is_given("token_sha256") {
        section.problem("token_sha256", "is missing; `gonghui staff token` makes one");
    }
    let hash = section.optional::<Hash>("token_sha256");
    let provider: Option<String> = section.optional("provider");
    match (roles.contains(&Role::Merchant), &provider) {
        (true, None) => section.problem("provider", "is missing: whose coupons does this merchant take?"),
        (false, Some(_)) => section.problem("provider", "is for the role `merchant` alone"),
        _ => {}
    }
    if roles.contains(&Role::Merchant) && roles.len() > 1 {
        section.problem("roles", "a merchant takes coupons and has no other role");
    }
    let member = section.optional::<Member>("member").map(|member| member.0);
    let levels = levels(section);
    let desks: Vec<String> = section.optional("desks").unwrap_or_default();
    if !desks.is_empty() && !roles.contains(&Role::Case) {
        section.problem("desks", "is for the role `case` alone");
    }
    let expires: Option<jiff::civil::Date> = section.optional("expires");
    Bearer {
        caller: Caller { name, roles, provider, member, levels, desks },
        token_sha256: hash.map_or(NO_HASH, |hash| hash.0),
        until: expires.and_then(|last| Time::at(last.tomorrow().ok()?, 0, 0)),
    }
}

/// At which steps of a claim's approval they may approve.
fn levels(section: &mut Section<'_>) -> Vec<Level> {
    const KNOWN: [Level; 3] = [Level::Unit, Level::District, Level::City];
    let words: Vec<String> = section.optional("levels").unwrap_or_default();
    let mut levels = Vec::new();
    for word in &words {
        match KNOWN.into_iter().find(|level| level.name() == word) {
            Some(level) => levels.push(level),
            None => section.problem("levels", format!("no level {word:?}; there are unit, district, city")),
        }
    }
    levels
}

fn roles(section: &mut Section<'_>) -> Vec<Role> {
    let known = Role::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let words: Vec<String> = section.required("roles");
    if section.is_given("roles") && words.is_empty() {
        section.problem("roles", format!("must name at least one of {known}"));
    }
    let mut roles = Vec::new();
    for word in &words {
        match word.parse() {
            Ok(role) => roles.push(role),
            Err(()) => section.problem("roles", format!("no role {word:?}; there are {known}")),
        }
    }
    roles
}

struct Hash([u8; 32]);

impl Setting for Hash {
    const EXPECTED: &'static str = "a SHA-256 in 64 hexadecimal digits";
    fn from_raw(raw: &Raw) -> Option<Hash> {
        hex::decode(raw.text()?.trim()).ok()?.try_into().ok().map(Hash)
    }
}

/// The member that somebody of the staff is.
struct Member(MemberId);

impl Setting for Member {
    const EXPECTED: &'static str = "a member's number, such as M000123";
    fn from_raw(raw: &Raw) -> Option<Member> {
        raw.text()?.trim().parse().ok().map(Member)
    }
}
