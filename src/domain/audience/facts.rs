use std::collections::BTreeMap;
use std::time::Duration;

use super::record::{Atom, Condition};
use crate::domain::activity::holder::live_in;
use crate::domain::activity::record::{Attendance, Status};
use crate::domain::contact::record::{Contact, FollowerId, Reach};
use crate::domain::member::standing::standing;
use crate::domain::tables::{ACTIVITIES, LISTS};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// What is known of one follower, as far as a condition asks. `None` is "not known".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub openid: String,
    pub now: Time,
    pub listed: Option<bool>,
    pub reach: Reach,
    pub member: Option<bool>,
    pub card_holder: Option<bool>,
    pub district: Option<String>,
    pub union: Option<String>,
    pub followed: Option<Time>,
    pub last_seen: Option<Time>,
    pub sign_ups: BTreeMap<u32, SignUps>,
}

/// How a follower stands to one activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignUps {
    pub seated: bool,
    pub waiting: bool,
    /// Came; where nobody took down who came, had a seat in a session that is over.
    pub attended: bool,
}

impl Facts {
    /// Reads no more than `condition` asks for. `list` is the broadcast whose list counts.
    pub fn load(
        tx: &Tx,
        who: &FollowerId,
        contact: &Contact,
        condition: &Condition,
        list: u32,
    ) -> Result<Facts, Fault> {
        let listed = match condition.asks_for_list() {
            true => Some(tx.get(&LISTS, &(list, who.clone()))?.is_some()),
            false => None,
        };
        let mut sign_ups = BTreeMap::new();
        for activity in condition.activities() {
            sign_ups.insert(activity, signed_up(tx, who, activity)?);
        }
        let standing = match condition.asks_for_membership() {
            true => Some(standing(tx, who)?),
            false => None,
        };
        Ok(Facts {
            member: standing.as_ref().map(|standing| standing.member.is_some()),
            card_holder: standing.as_ref().map(|standing| standing.holds_card()),
            district: standing.as_ref().and_then(|standing| standing.district.clone()),
            union: standing.and_then(|standing| standing.union),
            openid: who.as_str().to_owned(),
            now: tx.moment().now,
            listed,
            reach: contact.reach.clone(),
            followed: contact.followed,
            last_seen: contact.heard(),
            sign_ups,
        })
    }
}

/// By the follower's own list of places, so that it costs the same however many signed up.
fn signed_up(tx: &Tx, who: &FollowerId, activity: u32) -> Result<SignUps, Fault> {
    let mut found = SignUps::default();
    for registration in live_in(tx, who, activity)? {
        match registration.status {
            Status::Confirmed => {
                found.seated = true;
                found.attended |= match registration.attendance {
                    Some(Attendance::Present { .. }) => true,
                    Some(Attendance::Absent { .. } | Attendance::Excused { .. }) => false,
                    None => is_over(tx, activity, registration.number.session)?,
                };
            }
            Status::Waiting | Status::Applied | Status::Offered { .. } => found.waiting = true,
            Status::Lost | Status::Cancelled { .. } => {}
        }
    }
    Ok(found)
}

fn is_over(tx: &Tx, activity: u32, session: u16) -> Result<bool, Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &activity)? else { return Ok(false) };
    let session = activity.terms.session(session);
    Ok(session.is_some_and(|session| session.ends <= tx.moment().now))
}

impl Condition {
    /// Does it hold for this follower? What turns on something unknown doesn't, and neither does its opposite.
    pub fn holds(&self, facts: &Facts) -> bool {
        self.ask(facts) == Some(true)
    }

    fn ask(&self, facts: &Facts) -> Option<bool> {
        match self {
            Condition::Is(atom) => atom.ask(facts),
            Condition::Not(inner) => inner.ask(facts).map(|so| !so),
            Condition::All(parts) => several(parts, facts, false),
            Condition::Any(parts) => several(parts, facts, true),
        }
    }
}

/// One part that is `decisive` decides, whatever isn't known of the others.
fn several(parts: &[Condition], facts: &Facts, decisive: bool) -> Option<bool> {
    let mut answer = Some(!decisive);
    for part in parts {
        match part.ask(facts) {
            Some(so) if so == decisive => return Some(decisive),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

impl Atom {
    fn ask(&self, facts: &Facts) -> Option<bool> {
        let stands = |id: &u32, how: fn(&SignUps) -> bool| facts.sign_ups.get(id).map(how);
        match self {
            Atom::Everyone => Some(true),
            Atom::Listed => facts.listed,
            Atom::Openid(openid) => Some(*openid == facts.openid),
            Atom::Tag(number) => Some(facts.reach.tags.contains(number)),
            Atom::Member => facts.member,
            Atom::CardHolder => facts.card_holder,
            Atom::District(name) => facts.district.as_ref().map(|district| district == name),
            Atom::Union(name) => facts.union.as_ref().map(|union| union == name),
            Atom::FollowedSince(date) => facts.followed.map(|followed| followed.date() >= *date),
            Atom::SeenWithin(days) => {
                let span = Duration::from_secs(u64::from(*days) * 24 * 3600);
                facts.last_seen.map(|seen| facts.now.since(seen) <= span)
            }
            Atom::SeenBefore(date) => facts.last_seen.map(|seen| seen.date() < *date),
            Atom::Topic(name) => Some(facts.reach.hears_of(name)),
            Atom::SignedUp(id) => stands(id, |place| place.seated || place.waiting),
            Atom::Waiting(id) => stands(id, |place| place.waiting),
            Atom::Attended(id) => stands(id, |place| place.attended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::commands::{Application, cancel, register};
    use crate::domain::activity::manage::{create, publish};
    use crate::domain::activity::record::{Companions, sample_terms};
    use crate::domain::tables::{CATALOG, REGISTRATIONS};
    use crate::store::testing::Bench;

    const NOW: Time = Time::from_unix_s(1_796_090_400); // 2026-12-01 10:00 in Asia/Shanghai

    fn tagged() -> Reach {
        let mut reach = Reach::default();
        reach.tags.push(101);
        reach
    }

    fn holds(condition: &str, facts: &Facts) -> bool {
        condition.parse::<Condition>().unwrap().holds(facts)
    }

    fn check(facts: &Facts, true_ones: &[&str], false_ones: &[&str]) {
        for condition in true_ones {
            assert!(holds(condition, facts), "{condition}");
            assert!(!holds(&format!("not ({condition})"), facts), "not {condition}");
        }
        for condition in false_ones {
            assert!(!holds(condition, facts), "{condition}");
            assert!(holds(&format!("not ({condition})"), facts), "not {condition}");
        }
    }

    #[test]
    fn what_is_known_is_told_apart() {
        let mut reach = tagged();
        reach.topics = vec!["活动".to_owned()];
        let days = |n: u64| Duration::from_secs(n * 24 * 3600);
        let facts = Facts {
            openid: "oMei".to_owned(),
            now: NOW,
            listed: Some(true),
            member: Some(true),
            card_holder: Some(false),
            district: Some("鄞州".to_owned()),
            union: Some("宁波港 工会".to_owned()),
            followed: Some(Time::parse("2026-11-01T00:00:00+08:00").unwrap()),
            last_seen: Some(NOW.minus(days(10))),
            reach: reach.clone(),
            ..Facts::default()
        };
        check(
            &facts,
            &[
                "everyone",
                "listed",
                "member",
                "tag:101",
                "topic:活动",
                "openid:oMei",
                "district:鄞州",
                "union:\"宁波港 工会\"",
                "followed_since:2026-11-01",
                "seen_within:10d",
                "seen_before:2026-11-22",
                "card_holder or district:鄞州",
                "member and tag:101",
            ],
            &[
                "card_holder",
                "tag:10",
                "topic:福利",
                "openid:oBo",
                "district:海曙",
                "union:宁波港",
                "followed_since:2026-11-02",
                "seen_within:9d",
                "seen_before:2026-11-21",
                "member and card_holder",
            ],
        );
        (reach.topics, reach.stopped) = (Vec::new(), true);
        check(&Facts { reach: reach.clone(), ..facts.clone() }, &[], &["topic:活动"]);
        reach.stopped = false;
        check(&Facts { reach, ..facts }, &["topic:活动", "topic:福利"], &[]);
    }

    #[test]
    fn what_is_not_known_holds_in_neither_sense() {
        let facts = Facts { now: NOW, reach: tagged(), ..Facts::default() };
        for unknown in
            ["member", "card_holder", "district:鄞州", "union:宁波港", "followed_since:2026-01-01", "listed"]
        {
            assert!(!holds(unknown, &facts) && !holds(&format!("not {unknown}"), &facts), "{unknown}");
            assert!(!holds(&format!("tag:101 and not {unknown}"), &facts), "{unknown}");
            // Where something known decides, what isn't known doesn't matter.
            check(&facts, &[&format!("tag:101 or {unknown}")], &[&format!("tag:7 and {unknown}")]);
        }
    }

    #[test]
    fn who_was_only_pulled_from_wechat_was_seen_neither_lately_nor_long_ago() {
        let mut bench = Bench::new(CATALOG);
        let mei = FollowerId::new("oMei");
        for asks in ["seen_within:30d", "seen_before:2099-01-01", "not seen_within:30d"] {
            let condition: Condition = asks.parse().unwrap();
            let facts = |tx: &mut Tx| Facts::load(tx, &mei, &Contact::unheard(NOW), &condition, 0);
            assert!(!condition.holds(&bench.run(facts).unwrap()), "{asks}");
        }
    }

    #[test]
    fn membership_is_what_the_list_says_of_who_was_recognised() {
        use crate::domain::member::binding::attach;
        use crate::domain::member::identity::check as check_character;
        use crate::domain::member::list::{Entered, Listed, enter};
        use crate::domain::tables::MEMBERS;

        let mut bench = Bench::new(CATALOG);
        let body = "33029919900101001";
        let row = Listed {
            name: "样例".to_owned(),
            identity: format!("{body}{}", char::from(check_character(body.as_bytes()))),
            district: "鄞州".to_owned(),
            union: "样例厂工会".to_owned(),
            ..Listed::default()
        };
        let Entered::Added(id) = bench.run(|tx| enter(tx, &row, false)).unwrap() else { panic!("known") };
        let [mei, bo] = ["oMei", "oBo"].map(FollowerId::new);
        bench
            .run(|tx| match tx.get(&MEMBERS, &id)? {
                Some(member) => attach(tx, id, member, &mei).map(drop),
                None => Ok(()),
            })
            .unwrap();
        let asks: Condition = "member or card_holder or district:鄞州".parse().unwrap();
        let facts = |bench: &mut Bench, who: &FollowerId| {
            bench.run(|tx| Facts::load(tx, who, &Contact::new(tx.moment().now), &asks, 0)).unwrap()
        };
        let of_mei = facts(&mut bench, &mei);
        check(&of_mei, &["member", "district:鄞州", "union:样例厂工会"], &["card_holder", "district:海曙"]);
        let of_bo = facts(&mut bench, &bo);
        check(&of_bo, &["not member", "not card_holder"], &[]);
        assert!(!holds("district:鄞州", &of_bo) && !holds("not district:鄞州", &of_bo));
    }

    #[test]
    fn sign_ups_are_those_of_the_follower() {
        let mut bench = Bench::new(CATALOG);
        let mut terms = sample_terms();
        terms.sessions[0].capacity = 1;
        bench.moment.now = terms.sign_up.opens;
        let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
        bench.run(|tx| publish(tx, id)).unwrap().unwrap();
        let [mei, bo, lan, wu] = ["oMei", "oBo", "oLan", "oWu"].map(FollowerId::new);
        for who in [&mei, &bo, &lan] {
            let (party, answers) = (Companions::default(), Vec::new());
            let application =
                Application { activity: id, session: 1, party, answers, agreed: None, consents: Vec::new() };
            bench.run(|tx| register(tx, who, &application)).unwrap().unwrap();
        }
        let number =
            crate::domain::activity::record::RegistrationNumber { activity: id, session: 1, number: 3 };
        bench.run(|tx| cancel(tx, &lan, number)).unwrap().unwrap();
        let asks: Condition = "signed_up:A1 or waiting:A1 or attended:A1".parse().unwrap();
        let facts = |bench: &mut Bench, who: &FollowerId| {
            bench.run(|tx| Facts::load(tx, who, &Contact::new(tx.moment().now), &asks, 0)).unwrap()
        };
        check(&facts(&mut bench, &mei), &["signed_up:A1"], &["waiting:A1", "attended:A1"]);
        check(&facts(&mut bench, &bo), &["signed_up:A1", "waiting:A1"], &["attended:A1"]);
        for other in [&lan, &wu] {
            check(&facts(&mut bench, other), &[], &["signed_up:A1", "waiting:A1", "attended:A1"]);
        }
        bench.moment.now = terms.sessions[0].ends;
        check(&facts(&mut bench, &mei), &["attended:A1"], &[]);
        check(&facts(&mut bench, &bo), &[], &["attended:A1"]);
        let at = bench.moment.now;
        for (attendance, came) in [
            (Attendance::Absent { at }, false),
            (Attendance::Excused { reason: "加班".to_owned() }, false),
            (Attendance::Present { at }, true),
        ] {
            let mut seat = bench.run(|tx| live_in(tx, &mei, id)).unwrap().remove(0);
            seat.attendance = Some(attendance);
            bench.run(|tx| tx.put(&REGISTRATIONS, &seat.number.key(), &seat)).unwrap();
            assert_eq!(holds("attended:A1", &facts(&mut bench, &mei)), came, "{:?}", seat.attendance);
        }
    }
}
