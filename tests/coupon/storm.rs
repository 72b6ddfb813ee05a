//! Ten o'clock: everybody taps at the same moment, and each message comes twice, as WeChat may send it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use gonghui::content::Source;
use gonghui::dispatch::{Dispatch, load_content};
use gonghui::domain::contact::record::Quotas;
use gonghui::domain::tables::COUPONS;
use gonghui::moment::Moment;
use gonghui::staff::consistency;
use gonghui::wechat::message::{Inbound, Kind};
use gonghui::wechat::reply::Reply;

use super::place::{BENEFIT, Place, Variant, follower};

const FOLLOWERS: u16 = 600;
const STOCK: u32 = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_gives_each_coupon_once_and_answers_everybody() {
    let variant = Variant { stock: STOCK, per_release: 1, valid_days: 3, ..Variant::default() };
    let place = Place::open(variant).await;
    let (content, _) = load_content(&Source::Embedded).unwrap();
    let content = Arc::new(ArcSwap::from_pointee(content));
    let door = Dispatch::new(place.store.clone(), content, Quotas::default());
    let at = place.moment();
    let storm: Vec<_> = (0..FOLLOWERS).map(|number| tokio::spawn(taps(door.clone(), number, at))).collect();
    let mut told: BTreeMap<&str, u32> = BTreeMap::new();
    for follower in storm {
        *told.entry(follower.await.unwrap()).or_default() += 1;
    }
    assert_eq!(told, BTreeMap::from([("领到了", STOCK), ("已领完", u32::from(FOLLOWERS) - STOCK)]));

    let rows = place.store.read(at, |tx| Ok(tx.scan(&COUPONS, &(BENEFIT,), None, 1000)?.rows)).await.unwrap();
    let owners: std::collections::BTreeSet<_> =
        rows.iter().filter_map(|(_, coupon)| coupon.owner.as_ref()).map(|owner| &owner.follower).collect();
    assert_eq!((rows.len(), owners.len()), (STOCK as usize, STOCK as usize));
    assert_eq!(consistency::audit(&place.store, at).await.unwrap().broken, Vec::<String>::new());
}

/// One tap that arrives twice; how it ended.
async fn taps(door: Dispatch, number: u16, at: Moment) -> &'static str {
    let kind = Kind::Text { content: "领取W1".to_owned(), menu_id: Some("claim-1".to_owned()) };
    let mut message = Inbound::new("gh_3c884a361561", follower(number).as_str(), at.now.unix_s(), kind);
    message.msg_id = Some("1".to_owned()); // as with WeChat, no follower's alone
    let message = Arc::new(message);
    let (first, second) =
        tokio::join!(door.turn(Arc::clone(&message), at), door.turn(Arc::clone(&message), at));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((&first.reply, first.reply_created), (&second.reply, second.reply_created));
    let Some(Reply::Text { content }) = first.reply else { panic!("{first:?}") };
    let endings = ["领到了", "已领完"];
    endings.into_iter().find(|ending| content.contains(ending)).unwrap_or_else(|| panic!("{content}"))
}
