//! A service in memory that followers talk to, for tests.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{Dispatch, load_content};
use crate::content::{Content, Source};
use crate::domain::contact::record::Quotas;
use crate::domain::tables::CATALOG;
use crate::moment::Time;
use crate::store::Store;
use crate::wechat::message::{Inbound, Kind};

/// With the words that are built in.
pub fn open() -> (Store, Arc<ArcSwap<Content>>, Dispatch) {
    let store = Store::in_memory(CATALOG);
    let (content, _) = load_content(&Source::Embedded).unwrap();
    let content = Arc::new(ArcSwap::from_pointee(content));
    let door = Dispatch::new(store.clone(), Arc::clone(&content), Quotas::default());
    (store, content, door)
}

/// Words, typed or sent by a tapped link.
pub fn says(words: &str, tap: Option<&str>) -> Kind {
    Kind::Text { content: words.to_owned(), menu_id: tap.map(str::to_owned) }
}

pub fn message(who: &str, number: u64, at: Time, kind: Kind) -> Arc<Inbound> {
    let mut message = Inbound::new("gh_0123456789ab", who, at.unix_s(), kind);
    message.msg_id = Some(number.to_string());
    Arc::new(message)
}
