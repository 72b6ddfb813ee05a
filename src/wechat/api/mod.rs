//! WeChat's API, called: one [`Client`] an account, typed calls for every family of endpoints, and [`Failure`]s
//! that say what they ask of their caller.
//!
//! Limits that WeChat sets on what is sent are checked before it is sent. Who calls is expected to keep to the
//! rates and to repeat what may be repeated: nothing here waits or tries again, but for one fresh token.
//!
//! Source: «服务端 API» of developers.weixin.qq.com/doc/service.

mod answer;
mod basics;
mod blacklist;
mod call;
mod codes;
mod custom;
mod desk;
mod download;
mod draft;
mod failure;
mod form;
mod jssdk;
mod lenient;
mod mass;
mod material;
mod media;
mod menu;
mod oauth;
mod publish;
mod qr;
mod short_key;
mod statistics;
mod subscription;
mod tag;
mod template;
mod token;
mod transport;
mod upload;
mod user;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::moment::Clock;

pub use basics::{CallbackCheck, Carrier, Ping, Quota, Resolved, What};
pub use blacklist::BLACKLIST_CHANGE_MAX;
pub use codes::{advice, is_for_everybody, reaction};
pub use custom::{CustomMessage, MenuChoice, NewsArticle, TEXT_BYTES_MAX};
pub use desk::{DeskAccount, DeskSession, OnlineWorker, Record, WaitingCase, WaitingCases};
pub use download::Download;
pub use draft::{Article, DraftPage};
pub use failure::{Failure, Pause, Reaction, Unreachable};
pub use jssdk::{JsConfig, js_signature};
pub use mass::{CLIENT_MSG_ID_BYTES_MAX, MASS_LIST_MAX, MassContent, MassSent, MassStatus, Speed};
pub use material::{Material, MaterialCounts, MaterialItem, MaterialKind, MaterialPage, Permanent};
pub use media::Uploaded;
pub use menu::AccountMenu;
pub use oauth::{Authorised, PageUser, Scope, authorise_url};
pub use publish::{Publication, PublicationState, PublishedPage};
pub use qr::{QrCode, Scene, picture_url};
pub use short_key::ShortKey;
pub use statistics::ArticleReads;
pub use subscription::{NoticeTemplate, PublicKeyword, PublicTemplate, PublicTemplates, SubscriptionMessage};
pub use tag::{TAGGED_AT_ONCE_MAX, Tag};
pub use template::{Industries, Template, TemplateMessage, value_flaw};
pub use token::{Boxed, NotKept, StoredToken, TokenKind, Tokens};
pub use upload::{MediaKind, Upload};
pub use user::{INFOS_AT_ONCE_MAX, UserInfo, UserPage};

/// WeChat's own address for API calls.
pub const BASE: &str = "https://api.weixin.qq.com";

/// A mini-program's page that a message leads to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MiniProgram {
    pub appid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagepath: Option<String>,
}

/// What a client needs to know. Printing it shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where calls go, without a slash at its end: [`BASE`], or a stand-in's address.
    pub base: String,
    pub app_id: String,
    pub app_secret: SecretString,
    pub token_kind: TokenKind,
    pub connect_timeout: Duration,
    /// From sending a call to the end of its answer.
    pub timeout: Duration,
    /// The same for pictures, recordings and films.
    pub media_timeout: Duration,
}

impl Settings {
    pub fn new(base: &str, app_id: &str, app_secret: SecretString) -> Settings {
        Settings {
            base: base.trim_end_matches('/').to_owned(),
            app_id: app_id.to_owned(),
            app_secret,
            token_kind: TokenKind::Stable,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            media_timeout: Duration::from_secs(60),
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("can't make an HTTPS client: {0}; does the machine have CA certificates (Debian: ca-certificates)?")]
pub struct NoClient(String);

/// Calls one account's API. Cheap to clone; all clones share connections and the access token.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    settings: Settings,
    clock: Arc<dyn Clock>,
    keeper: token::Keeper,
    js_ticket: jssdk::Kept,
}

impl Client {
    /// Errors: the machine lacks what HTTPS needs. For an `http://` base it needs nothing.
    pub fn new(
        settings: Settings,
        tokens: Arc<dyn Tokens>,
        clock: Arc<dyn Clock>,
    ) -> Result<Client, NoClient> {
        let http = transport::http(&settings)?;
        let keeper = token::Keeper::new(tokens);
        let js_ticket = jssdk::Kept::default();
        Ok(Client(Arc::new(Shared { http, settings, clock, keeper, js_ticket })))
    }
}
