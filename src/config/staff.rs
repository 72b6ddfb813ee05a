//! Who may work on the service by its API, and as what.

use super::reader::{Reader, Section};
use super::value::{Raw, Setting};

/// The length of a token's SHA-256.
pub const TOKEN_HASH_BYTES: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub name: String,
    pub roles: Vec<Role>,
    /// The token itself is known to its bearer alone.
    pub token_sha256: [u8; TOKEN_HASH_BYTES],
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Activity,
    Benefit,
    Claim,
    Payment,
    Broadcast,
    Case,
    Auditor,
    Admin,
}

const ROLES: &[(&str, Role)] = &[
    ("activity", Role::Activity),
    ("benefit", Role::Benefit),
    ("claim", Role::Claim),
    ("payment", Role::Payment),
    ("broadcast", Role::Broadcast),
    ("case", Role::Case),
    ("auditor", Role::Auditor),
    ("admin", Role::Admin),
];

pub(super) fn read_all(reader: &mut Reader) -> Vec<Staff> {
    let mut all: Vec<Staff> = Vec::new();
    for index in 0..reader.count("staff") {
        let mut section = reader.section(&format!("staff.{index}"));
        let staff = read(&mut section);
        if all.iter().any(|other| other.name == staff.name && !staff.name.is_empty()) {
            section.problem("name", "is taken by another member of the staff");
        }
        let token_known = |other: &Staff| other.token_sha256 == staff.token_sha256;
        if all.iter().any(token_known) && staff.token_sha256 != [0; TOKEN_HASH_BYTES] {
            section.problem("token_sha256", "is another member's; everybody needs a token of their own");
        }
        all.push(staff);
    }
    all
}

fn read(section: &mut Section<'_>) -> Staff {
    let words: Vec<String> = section.required("roles");
    let mut roles = Vec::new();
    for word in &words {
        match ROLES.iter().find(|(name, _)| name == word) {
            Some((_, role)) => roles.push(*role),
            None => section.problem("roles", format!("no role {word:?}; there are {}", role_names())),
        }
    }
    if section.is_given("roles") && words.is_empty() {
        section.problem("roles", format!("must name at least one of {}", role_names()));
    }
    let name: String = section.required("name");
    if section.is_given("name") && (name.trim().is_empty() || name.chars().any(char::is_control)) {
        section.problem("name", "must be a name in one line");
    }
    if !section.is_given("token_sha256") {
        section.problem("token_sha256", "is missing; `gonghui staff token` makes one");
    }
    let hash = section.optional::<Hash>("token_sha256");
    Staff { name, roles, token_sha256: hash.map_or([0; TOKEN_HASH_BYTES], |hash| hash.0) }
}

fn role_names() -> String {
    ROLES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

struct Hash([u8; TOKEN_HASH_BYTES]);

impl Setting for Hash {
    const EXPECTED: &'static str = "a SHA-256 in 64 hexadecimal digits";
    fn from_raw(raw: &Raw) -> Option<Hash> {
        hex::decode(raw.text()?.trim()).ok()?.try_into().ok().map(Hash)
    }
}
