//! The blacklist (黑名单): followers whose messages don't arrive and who get none.
//!
//! Source: «黑名单管理».

use serde_json::json;

use super::Client;
use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::user::{Listed, UserPage};

const LIST: Call = Call::ask("/cgi-bin/tags/members/getblacklist");
const ADD: Call = Call::change("/cgi-bin/tags/members/batchblacklist");
const REMOVE: Call = Call::change("/cgi-bin/tags/members/batchunblacklist");

/// Openids in one call that changes it.
pub const BLACKLIST_CHANGE_MAX: usize = 20;

impl Client {
    /// A page of up to 10,000; the first without `next`.
    pub async fn blacklist(&self, next: Option<&str>) -> Result<UserPage, Failure> {
        self.post::<Listed>(&LIST, &json!({ "begin_openid": next.unwrap_or_default() }))
            .await
            .map(UserPage::from)
    }

    /// Up to 20 at once; nothing is asked for none.
    pub async fn add_to_blacklist(&self, openids: &[String]) -> Result<(), Failure> {
        self.change_blacklist(&ADD, openids).await
    }

    pub async fn remove_from_blacklist(&self, openids: &[String]) -> Result<(), Failure> {
        self.change_blacklist(&REMOVE, openids).await
    }

    async fn change_blacklist(&self, call: &'static Call, openids: &[String]) -> Result<(), Failure> {
        if openids.is_empty() {
            return Ok(());
        }
        call.at_most("openid_list", "openids", openids.len(), BLACKLIST_CHANGE_MAX)?;
        self.post::<Nothing>(call, &json!({ "openid_list": openids })).await.map(|_| ())
    }
}
