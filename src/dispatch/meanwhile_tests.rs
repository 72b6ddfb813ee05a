//! What staff change between two messages of a follower.

use jiff::civil::date;

use super::testing::{message, open, says};
use super::{Dispatch, load_content};
use crate::content::Source;
use crate::domain::activity::manage::{change, create, publish};
use crate::domain::activity::record::{Party, Terms, sample_terms};
use crate::domain::claim::record::Circumstance;
use crate::domain::claim::{draft, pages};
use crate::domain::contact::record::FollowerId;
use crate::domain::media::commands::{Fetched, settle};
use crate::domain::media::record::{Flaw, Look};
use crate::domain::member::binding::attach;
use crate::domain::member::consent;
use crate::domain::member::list::{Entered, Listed, enter, index};
use crate::domain::member::record::Purpose;
use crate::domain::scheme::commands::{adopt, key_of};
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::scheme::record::Policy;
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::{MEMBERS, POLICIES};
use crate::flows::texts::claiming::HEALTH_CONSENT;
use crate::moment::Moment;
use crate::store::{Fault, Store, Tx};
use crate::wechat::message::Kind;
use crate::wechat::reply::Reply;

const MEI: &str = "oMei";
const IDENTITY: &str = "330299199001010017";

struct Town {
    store: Store,
    door: Dispatch,
    now: Moment,
    messages: u64,
}

impl Town {
    async fn with(terms: Terms) -> Town {
        let (store, _, door) = open();
        let now = Moment { now: terms.sign_up.opens, seed: 1 };
        let town = Town { store, door, now, messages: 0 };
        town.staff(move |tx| {
            let id = create(tx, terms.clone())?.id;
            publish(tx, id).map(drop)
        })
        .await;
        town
    }

    async fn staff(&self, act: impl Fn(&mut Tx) -> Result<(), Fault> + Send + Sync + 'static) {
        self.store.submit(self.now, act).await.unwrap();
    }

    async fn says(&mut self, words: &str, tap: Option<&str>) -> String {
        self.sends(says(words, tap)).await
    }

    async fn sends(&mut self, kind: Kind) -> String {
        self.messages += 1;
        let message = message(MEI, self.messages, self.now.now, kind);
        match self.door.turn(message, self.now).await.unwrap().reply {
            Some(Reply::Text { content }) => content,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_asked_since_is_asked_and_not_held_against_who_could_not_answer_it() {
    let party = Party { max_children: 1, min_children: 1, ..Party::default() };
    let before = Terms { party, ..sample_terms() };
    let mut town = Town::with(before.clone()).await;
    town.says("报名", Some("apply-1")).await;
    assert!(town.says("1", None).await.contains("确认报名吗"));
    let party = Party { child_age: Some((6, 12)), ..before.party.clone() };
    let after = Terms { party, ..before };
    town.staff(move |tx| change(tx, 1, after.clone()).map(drop)).await;
    assert!(town.says("确认", None).await.contains("第1个孩子几岁"));
    assert!(town.says("8", None).await.contains("确认报名吗"));
    assert!(town.says("确认", None).await.contains("报名成功"));
}

#[tokio::test]
async fn who_is_recognised_after_telling_their_age_is_not_refused_for_it() {
    let mut terms = sample_terms();
    terms.settings.adult_age = Some((18, 60));
    let mut town = Town::with(terms).await;
    assert!(town.says("报名", Some("apply-1")).await.contains("您满多少周岁"));
    assert!(town.says("36", None).await.contains("确认报名吗"));
    town.staff(recognised).await;
    assert!(town.says("确认", None).await.contains("报名成功"));
}

fn recognised(tx: &mut Tx) -> Result<(), Fault> {
    let row = Listed {
        name: "林样例".to_owned(),
        identity: IDENTITY.to_owned(),
        union: "样例厂工会".to_owned(),
        ..Listed::default()
    };
    let Entered::Added(id) = enter(tx, &row, false)? else { return Ok(()) };
    let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(()) };
    attach(tx, id, member, &FollowerId::new(MEI)).map(drop)
}

/// A claim for a stay that waits for its papers.
fn stayed(tx: &mut Tx) -> Result<(), Fault> {
    let (who, day) = (FollowerId::new(MEI), tx.moment().now.date());
    let files: Vec<_> = EMBEDDED.iter().filter_map(|(name, text)| read(name, text).ok()).collect();
    _ = adopt(tx, &files)?;
    recognised(tx)?;
    let programme = "inpatient_active".to_owned();
    let key = (index(tx, IDENTITY)?, "ningbo".to_owned(), programme, key_of(date(2026, 5, 1)));
    tx.put(&POLICIES, &key, &Policy::of_unit("样例厂工会", date(2026, 4, 10), date(2027, 4, 30)))?;
    let (content, _) =
        load_content(&Source::Embedded).map_err(|_| Fault::Contradiction("no content".to_owned()))?;
    consent::give(tx, &who, Purpose::Health, &content.texts.render(&HEALTH_CONSENT, &[]))?;
    let Ok(id) = draft::begin(tx, &who, EventKind::Inpatient)? else { return Ok(()) };
    let Ok(own) = draft::own(tx, &who, id)? else { return Ok(()) };
    let told = |details: &mut crate::domain::claim::record::Details| {
        (details.facts.admitted, details.facts.discharged) = (day.yesterday().ok(), Some(day));
        details.facts.hospital = "市第一医院".to_owned();
        details.diagnosis = "肺炎".to_owned();
        details.answers(Circumstance::Operated);
    };
    draft::tell(tx, &own, told).map(drop)
}

#[tokio::test]
async fn what_is_said_of_a_photo_is_said_of_no_other() {
    let mut town = Town::with(sample_terms()).await;
    town.staff(stayed).await;
    let photo = |name: &str| Kind::Image { pic_url: String::new(), media_id: name.to_owned() };
    town.sends(photo("one")).await;
    assert!(town.sends(photo("other")).await.contains("2张还没分类"));
    // The one that was asked about turns out to be unreadable before the answer comes.
    town.staff(|tx| {
        let (document, content_type) = ("a".to_owned(), "image/jpeg".to_owned());
        let look = Look { flaw: Some(Flaw::Blurred), ..Look::default() };
        settle(tx, 1, &Fetched::Kept { document, bytes: 9, content_type, look })
    })
    .await;
    let next = town.says("身份证", None).await;
    assert!(next.contains("1张还没分类"), "{next}");
    let slots = |tx: &mut Tx| {
        let id = crate::domain::claim::record::ClaimId(1);
        Ok(pages::of(tx, id)?.into_iter().map(|(slot, _, page)| (slot, page.picture)).collect::<Vec<_>>())
    };
    let unsorted = |picture| (pages::UNSORTED.to_owned(), picture);
    assert_eq!(town.store.read(town.now, slots).await.unwrap(), [unsorted(1), unsorted(2)]);
    town.says("身份证", None).await;
    assert_eq!(town.store.read(town.now, slots).await.unwrap(), [("id_card".to_owned(), 2), unsorted(1)]);
}
