//! Ten o'clock: everybody taps at the same moment, and each message comes twice, as WeChat may send it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use gonghui::content::Source;
use gonghui::dispatch::{Dispatch, load_content};
use gonghui::domain::contact::record::Quotas;
use gonghui::domain::tables::REGISTRATIONS;
use gonghui::moment::Moment;
use gonghui::staff::consistency;
use gonghui::store::SCAN_LIMIT_MAX;
use gonghui::wechat::message::{Inbound, Kind};
use gonghui::wechat::reply::Reply;

use super::model::Stands;
use super::place::{ACTIVITY, Place, Variant, follower};

const FOLLOWERS: u16 = 500;
const SEATS: u32 = 30;
const WAITING: u16 = 20;
/// The link that signs up, the first session, and the link that confirms.
const TAPS: [(&str, &str); 3] = [("报名", "apply-1"), ("1", "answer-1-2"), ("确认", "answer-1-0")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_gives_each_seat_away_once() {
    let variant = Variant { capacities: [SEATS, 1], waiting_max: WAITING, ..Variant::default() };
    let place = Place::open(variant).await;
    let (content, _) = load_content(&Source::Embedded).unwrap();
    let door =
        Dispatch::new(place.store.clone(), Arc::new(ArcSwap::from_pointee(content)), Quotas::default());
    let at = place.moment();
    let storm: Vec<_> =
        (0..FOLLOWERS).map(|number| tokio::spawn(sign_up(door.clone(), number, at))).collect();
    let mut told: BTreeMap<&str, u32> = BTreeMap::new();
    for follower in storm {
        *told.entry(follower.await.unwrap()).or_default() += 1;
    }
    let refused = u32::from(FOLLOWERS - WAITING) - SEATS;
    assert_eq!(told, BTreeMap::from([("报名成功", SEATS), ("候补", WAITING.into()), ("都满了", refused)]));

    let page = place.store.read(at, |tx| tx.scan(&REGISTRATIONS, &(ACTIVITY,), None, SCAN_LIMIT_MAX)).await;
    let mut stand = [0, 0];
    for (_, row) in page.unwrap().rows {
        match super::model::Row::of(&row).stands {
            Stands::Confirmed => stand[0] += 1,
            Stands::Waiting => stand[1] += 1,
            Stands::Cancelled | Stands::Offered { .. } => panic!("{row:?}"),
        }
    }
    assert_eq!(stand, [SEATS, WAITING.into()]);
    assert_eq!(consistency::audit(&place.store, at).await.unwrap().broken, Vec::<String>::new());
}

/// Taps through to the end; which of the endings it was.
async fn sign_up(door: Dispatch, number: u16, at: Moment) -> &'static str {
    let mut said = String::new();
    for (index, (words, link)) in TAPS.iter().enumerate() {
        let kind = Kind::Text { content: (*words).to_owned(), menu_id: Some((*link).to_owned()) };
        let mut message = Inbound::new("gh_3c884a361561", follower(number).as_str(), at.now.unix_s(), kind);
        message.msg_id = Some((index + 1).to_string()); // as with WeChat, no follower's alone
        let message = Arc::new(message);
        let (first, second) =
            tokio::join!(door.turn(Arc::clone(&message), at), door.turn(Arc::clone(&message), at));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!((&first.reply, first.reply_created), (&second.reply, second.reply_created));
        let Some(Reply::Text { content }) = first.reply else { panic!("{first:?}") };
        said = content;
    }
    // Who comes to the second tap when the first session is full already is shown the other one, and `确认` is no answer.
    let endings = [
        ("报名成功", "报名成功"),
        ("排第", "候补"),
        ("都满了", "都满了"),
        ("请选", "都满了"),
        ("选一项", "都满了"),
    ];
    let is_it = |(words, _): &&(&str, &'static str)| said.contains(words);
    endings.iter().find(is_it).map_or_else(|| panic!("{said}"), |(_, ending)| ending)
}
