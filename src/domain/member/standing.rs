//! What is known of a follower as a member, for the rules that ask for it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::binding::member_of;
use super::record::{CardState, MemberId, MemberState, Sex, Tier};
use super::{identity, list};
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{BINDINGS, MEMBERS};
use crate::moment::Time;
use crate::store::{Fault, Key, Tx};

/// Until 会员认证 nothing is known, and what asks for it says no.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    pub member: Option<MemberId>,
    pub tier: Option<Tier>,
    /// What their 5·1服务卡 is now, if they have one.
    pub card: Option<CardState>,
    pub district: Option<String>,
    /// The unit's union; none while they change it.
    pub union: Option<String>,
    pub changes_union: bool,
    /// Why who was recognised as a member is none: 已转出 or 停用.
    pub out: Option<MemberState>,
    pub birthday: Option<Date>,
    pub sex: Option<Sex>,
    /// Since when this account is the member's.
    pub bound: Option<Time>,
}

impl Standing {
    /// Whole years on that day in Asia/Shanghai.
    pub fn age(&self, on: Time) -> Option<u8> {
        let years = self.birthday?.until((jiff::Unit::Year, on.date())).ok()?.get_years();
        u8::try_from(years).ok()
    }

    /// Holds a 5·1服务卡 that is in use now.
    pub fn holds_card(&self) -> bool {
        self.card == Some(CardState::Active)
    }

    /// Whose limits count: the identity's where there is one, so that a second account is no second person.
    pub fn person(&self, who: &FollowerId) -> Person {
        match self.member {
            Some(member) => Person::Member(member),
            None => Person::Follower(who.clone()),
        }
    }
}

/// Whom a limit counts for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Person {
    Member(MemberId),
    Follower(FollowerId),
}

impl Key for Person {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Person::Member(member) => {
                0u8.encode(out);
                member.encode(out);
            }
            Person::Follower(who) => {
                1u8.encode(out);
                who.encode(out);
            }
        }
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        match u8::decode(from)? {
            0 => MemberId::decode(from).map(Person::Member),
            1 => FollowerId::decode(from).map(Person::Follower),
            _ => None,
        }
    }
}

/// The rows that count for this person: as the member they are and as the account they use, so that neither a new
/// account nor a new binding begins anew.
pub fn counted_for(person: &Person, who: &FollowerId) -> Vec<Person> {
    let account = Person::Follower(who.clone());
    if *person == account { vec![account] } else { vec![person.clone(), account] }
}

/// Whose the account is, whatever their state: who left the union or is suspended keeps what is theirs.
pub fn person_of(tx: &Tx, who: &FollowerId) -> Result<Person, Fault> {
    Ok(match tx.get(&BINDINGS, who)? {
        Some(member) => Person::Member(member),
        None => Person::Follower(who.clone()),
    })
}

/// The account that a person is told by now; a member who has none is told nothing.
pub fn account_of(tx: &Tx, person: &Person) -> Result<Option<FollowerId>, Fault> {
    Ok(match person {
        Person::Follower(who) => Some(who.clone()),
        Person::Member(id) => tx.get(&MEMBERS, id)?.and_then(|member| member.account).map(|of| of.follower),
    })
}

/// The follower's standing now. A member who left or is suspended has none.
pub fn standing(tx: &Tx, who: &FollowerId) -> Result<Standing, Fault> {
    let Some((id, member)) = member_of(tx, who)? else { return Ok(Standing::default()) };
    if member.state != MemberState::Active {
        return Ok(Standing { out: Some(member.state), ..Standing::default() });
    }
    let now = tx.moment().now;
    let identity = list::named(tx, &member)?.map(|named| named.identity);
    Ok(Standing {
        member: Some(id),
        tier: Some(member.tier),
        card: member.card.as_ref().map(|card| card.state_at(now)),
        district: Some(member.district).filter(|district| !district.is_empty()),
        union: Some(member.union).filter(|_| !member.changes_union),
        changes_union: member.changes_union,
        out: None,
        birthday: identity.as_deref().and_then(identity::birthday),
        sex: identity.as_deref().and_then(identity::sex),
        bound: member.account.map(|account| account.since),
    })
}
