//! Two followers wander through 医疗互保 at random: whatever they say, tap or send, no turn fails, no picture is lost, none
//! sees the other's claim, and 取消 always leads out.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use gonghui::content::{Content, Source};
use gonghui::dispatch::{Dispatch, load_content};
use gonghui::domain::claim::queue::of_member;
use gonghui::domain::contact::record::{FollowerId, Quotas};
use gonghui::domain::media::commands::{self as media, Fetched};
use gonghui::domain::media::record::{Flaw, Look};
use gonghui::domain::member::binding::{Claim, bind};
use gonghui::domain::member::list::{Listed, enter, index};
use gonghui::domain::member::record::MemberId;
use gonghui::domain::scheme::commands::{adopt, key_of};
use gonghui::domain::scheme::file::{EMBEDDED, read};
use gonghui::domain::scheme::record::Policy;
use gonghui::domain::tables::{CATALOG, CLAIM_PICTURES, CONTACTS, MEDIA, POLICIES};
use gonghui::moment::{Moment, Time};
use gonghui::store::{Sealed, Store};
use gonghui::wechat::message::{Inbound, Kind};
use gonghui::wechat::reply::Reply;
use jiff::civil::date;
use proptest::prelude::*;

const ACCOUNT: &str = "gh_0123456789ab";
const WHO: [&str; 2] = ["oMei", "oLin"];
/// What only one of them says, so that the other must never read it.
const HOSPITALS: [&str; 2] = ["梅花医院", "林海医院"];
const IDENTITIES: [&str; 2] = ["330299199001010017", "330299196001010021"];
const NAMES: [&str; 2] = ["林样例", "吴样例"];

#[derive(Debug, Clone)]
enum Did {
    Said(String),
    /// A link of ours, perhaps of the other's claim.
    Tapped(String),
    /// Their own hospital's name: an answer that tells whose it is.
    Hospital,
    Picture(u8),
    /// One of the links of the last answer.
    Followed(u8),
}

fn did() -> impl Strategy<Value = Did> {
    let words = prop::sample::select(vec![
        "申请理赔",
        "理赔进度",
        "补材料",
        "医疗互保",
        "同意",
        "不同意",
        "本人",
        "亲属",
        "住院",
        "特种重病",
        "1",
        "2",
        "3",
        "7",
        "8月5日",
        "10月3日",
        "10月12日",
        "昨天",
        "明天",
        "急性阑尾炎",
        "甲状腺乳头状癌",
        "6222020000000000000",
        "建设银行",
        "工商银行",
        "发完了",
        "提交申请",
        "发票信息对",
        "改资料",
        "撤回申请",
        "确认撤回",
        "继续上次的申请",
        "重新开始",
        "返回",
        "取消",
        "为什么",
        "是",
        "否",
        "母亲",
        "我的资料",
        "撤回同意",
        "理赔的健康信息",
        "",
        "<a href=\"x\">",
        "做过手术",
        "一并申请",
    ]);
    let tapped = (prop::sample::select(vec!["my_claim", "second"]), 1u8..4)
        .prop_map(|(verb, id)| format!("{verb}-{id}"));
    let paper = (1u8..4, 0u8..8).prop_map(|(id, place)| format!("paper-{id}-{place}"));
    prop_oneof![
        4 => words.prop_map(|words| Did::Said(words.to_owned())),
        1 => ".{0,12}".prop_map(Did::Said),
        1 => prop_oneof![tapped, paper].prop_map(Did::Tapped),
        1 => Just(Did::Hospital),
        2 => (0u8..6).prop_map(Did::Picture),
        8 => (0u8..9).prop_map(Did::Followed),
    ]
}

struct Walk {
    store: Store,
    door: Dispatch,
    now: Time,
    messages: u64,
    /// Links of each one's last answer: (words, id).
    links: [Vec<(String, String)>; 2],
    pictures: Vec<String>,
}

impl Walk {
    async fn new() -> Walk {
        let store = Store::in_memory(CATALOG);
        let door = Dispatch::new(store.clone(), content(), Quotas::default());
        let now = Time::parse("2026-11-25T09:00:00+08:00").expect("a time");
        let walk = Walk { store, door, now, messages: 0, links: Default::default(), pictures: Vec::new() };
        walk.prepare().await;
        walk
    }

    fn moment(&self) -> Moment {
        Moment { now: self.now, seed: 1 }
    }

    async fn prepare(&self) {
        let files: Vec<_> = EMBEDDED.iter().map(|(name, text)| read(name, text).expect(name)).collect();
        let prepared = self.store.submit(self.moment(), move |tx| {
            adopt(tx, &files)?.expect("schemes that agree");
            for at in 0..2 {
                let phone = format!("1380000000{at}");
                let (name, identity) = (NAMES[at].to_owned(), IDENTITIES[at].to_owned());
                let row = Listed { name, identity, phone: Some(phone.clone()), ..Listed::default() };
                enter(tx, &row, false)?;
                let said = Claim { name: row.name, identity: row.identity, phone, union: row.union };
                bind(tx, &FollowerId::new(WHO[at]), &said, false)?.expect("a member");
                for programme in ["inpatient_active", "critical"] {
                    let policy = Policy::of_unit("", date(2026, 4, 10), date(2027, 4, 30));
                    let person = index(tx, IDENTITIES[at])?;
                    let from = key_of(date(2026, 5, 1));
                    tx.put(&POLICIES, &(person, "ningbo".to_owned(), programme.to_owned(), from), &policy)?;
                }
            }
            Ok(())
        });
        prepared.await.expect("prepared");
    }

    async fn does(&mut self, at: usize, did: &Did) {
        self.messages += 1;
        self.now = self.now.plus(Duration::from_secs(7));
        let text = |content: &str, menu_id: Option<&str>| Kind::Text {
            content: content.to_owned(),
            menu_id: menu_id.map(str::to_owned),
        };
        let kind = match did {
            Did::Said(words) => text(words, None),
            Did::Tapped(id) => text("看看", Some(id)),
            Did::Hospital => text(HOSPITALS[at], None),
            Did::Picture(_) => {
                let media_id = format!("m{}", self.messages);
                self.pictures.push(media_id.clone());
                Kind::Image { pic_url: String::new(), media_id }
            }
            Did::Followed(nth) => match self.links[at].get(usize::from(*nth)) {
                Some((words, id)) => text(words, Some(id)),
                None => text("1", None),
            },
        };
        let said = self.posts(at, kind).await;
        assert!(!said.contains(HOSPITALS[1 - at]), "{} reads of the other's claim: {said}", WHO[at]);
        self.links[at] = links(&said);
        if let Did::Picture(look) = did {
            self.fetches(*look).await;
        }
    }

    async fn posts(&mut self, at: usize, kind: Kind) -> String {
        let mut message = Inbound::new(ACCOUNT, WHO[at], self.now.unix_s(), kind);
        message.msg_id = Some(self.messages.to_string());
        let turned = self.door.turn(Arc::new(message), self.moment()).await.expect("a turn");
        match turned.reply {
            Some(Reply::Text { content }) => content,
            other => panic!("an answer in words, not {other:?}"),
        }
    }

    /// What was sent comes from WeChat, good or bad.
    async fn fetches(&self, look: u8) {
        let fetched = move |id: u64| match look {
            0 => Fetched::Gone { why: "lost".to_owned() },
            look => Fetched::Kept {
                document: format!("document {id}"),
                bytes: 1,
                content_type: "image/jpeg".to_owned(),
                look: Look {
                    width: 900,
                    height: 1200,
                    flaw: (look == 1).then_some(Flaw::Blurred),
                    code: (look == 2).then(|| {
                        Sealed::new(format!("01,01,33020126,00202608{id:02},a7c3e1,20260820,600.00"))
                    }),
                },
            },
        };
        let settled = self.store.submit(self.moment(), move |tx| {
            for (id, _) in media::due(tx, 9)? {
                media::settle(tx, id, &fetched(id))?;
            }
            Ok(())
        });
        settled.await.expect("settled");
    }

    /// Every picture is kept, and one that is a claim's is its sender's.
    async fn is_sound(&self) {
        let sent = self.pictures.len();
        let checked = self.store.read(self.moment(), move |tx| {
            let all = tx.scan(&MEDIA, &(), None, 1_000)?.rows;
            let owned = tx.scan(&CLAIM_PICTURES, &(), None, 1_000)?.rows;
            for (picture, (claim, ..)) in owned {
                let from = &all.iter().find(|(id, _)| *id == picture).expect("a picture of a claim").1.from;
                let at = WHO.iter().position(|who| from == &FollowerId::new(*who)).expect("one of them");
                let member = MemberId(u64::try_from(at).unwrap_or_default() + 1);
                assert!(of_member(tx, member, 100)?.iter().any(|(id, _)| *id == claim), "somebody else's");
            }
            Ok(all.len())
        });
        assert_eq!(checked.await.expect("read"), sent, "every picture is there");
    }

    async fn is_out(&mut self, at: usize) {
        self.messages += 1;
        self.posts(at, Kind::Text { content: "取消".to_owned(), menu_id: None }).await;
        let who = FollowerId::new(WHO[at]);
        let contact = self.store.read(self.moment(), move |tx| tx.get(&CONTACTS, &who)).await.expect("read");
        assert!(contact.expect("a contact").dialogue.is_none());
    }
}

/// Read once: no walk changes it.
fn content() -> Arc<ArcSwap<Content>> {
    static CONTENT: OnceLock<Arc<Content>> = OnceLock::new();
    let read = || Arc::new(load_content(&Source::Embedded).expect("the shipped content").0);
    Arc::new(ArcSwap::new(Arc::clone(CONTENT.get_or_init(read))))
}

/// (words, id) of each link.
fn links(said: &str) -> Vec<(String, String)> {
    let of = |part: &str| {
        let (words, rest) = part.split_once("&msgmenuid=")?;
        let (id, _) = rest.split_once('"')?;
        Some((words.to_owned(), id.to_owned()))
    };
    said.split("msgmenucontent=").skip(1).filter_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_nothing_is_lost_and_there_is_a_way_out(
        acts in prop::collection::vec((0usize..2, did()), 5..70),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut walk = Walk::new().await;
            for (at, act) in &acts {
                walk.does(*at, act).await;
            }
            walk.is_sound().await;
            walk.is_out(0).await;
            walk.is_out(1).await;
        });
    }
}
