//! What staff change between two messages of a follower.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{Dispatch, load_content};
use crate::content::Source;
use crate::domain::activity::manage::{change, create, publish};
use crate::domain::activity::record::{Party, Terms, sample_terms};
use crate::domain::contact::record::{FollowerId, Quotas};
use crate::domain::member::binding::attach;
use crate::domain::member::list::{Entered, Listed, enter};
use crate::domain::tables::{CATALOG, MEMBERS};
use crate::moment::Moment;
use crate::store::{Fault, Store, Tx};
use crate::wechat::message::{Inbound, Kind};
use crate::wechat::reply::Reply;

const MEI: &str = "oMei";

struct Town {
    store: Store,
    door: Dispatch,
    now: Moment,
    messages: u64,
}

impl Town {
    async fn with(terms: Terms) -> Town {
        let store = Store::in_memory(CATALOG);
        let (content, _) = load_content(&Source::Embedded).unwrap();
        let content = Arc::new(ArcSwap::from_pointee(content));
        let door = Dispatch::new(store.clone(), content, Quotas::default());
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
        self.messages += 1;
        let kind = Kind::Text { content: words.to_owned(), menu_id: tap.map(str::to_owned) };
        let mut message = Inbound::new("gh_0123456789ab", MEI, self.now.now.unix_s(), kind);
        message.msg_id = Some(self.messages.to_string());
        match self.door.turn(Arc::new(message), self.now).await.unwrap().reply {
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
    town.staff(|tx| {
        let row = Listed {
            name: "林样例".to_owned(),
            identity: "330299199001010017".to_owned(),
            union: "样例厂工会".to_owned(),
            ..Listed::default()
        };
        let Entered::Added(id) = enter(tx, &row, false)? else { return Ok(()) };
        let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(()) };
        attach(tx, id, member, &FollowerId::new(MEI)).map(drop)
    })
    .await;
    assert!(town.says("确认", None).await.contains("报名成功"));
}
