//! Subscription notices (订阅通知): one for each consent that a follower gave.
//!
//! Source: «订阅通知».

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::template::{check_values, values};
use super::{Client, MiniProgram, lenient};

const CATEGORIES: Call = Call::get("/wxaapi/newtmpl/getcategory");
const TITLES: Call = Call::get("/wxaapi/newtmpl/getpubtemplatetitles");
const KEYWORDS: Call = Call::get("/wxaapi/newtmpl/getpubtemplatekeywords");
const ADD: Call = Call::change("/wxaapi/newtmpl/addtemplate");
const DELETE: Call = Call::change("/wxaapi/newtmpl/deltemplate");
const LIST: Call = Call::get("/wxaapi/newtmpl/gettemplate");
const SEND: Call = Call::change("/cgi-bin/message/subscribe/bizsend");

/// Titles that one page of the public collection may have.
const TITLES_MAX: usize = 30;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SubscriptionMessage {
    pub touser: String,
    pub template_id: String,
    /// A web page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub miniprogram: Option<MiniProgram>,
    /// Field name, such as `thing2`, to its value.
    #[serde(with = "values")]
    pub data: BTreeMap<String, String>,
}

/// A template of the account's notices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct NoticeTemplate {
    #[serde(rename = "priTmplId", deserialize_with = "lenient::text")]
    pub template_id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    #[serde(deserialize_with = "lenient::text")]
    pub content: String,
    #[serde(deserialize_with = "lenient::text")]
    pub example: String,
    /// 2: one notice a consent, 3: as many as one likes.
    #[serde(rename = "type", deserialize_with = "lenient::number")]
    pub kind: u32,
}

/// A template of WeChat's public collection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PublicTemplate {
    #[serde(deserialize_with = "lenient::text")]
    pub tid: String,
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    #[serde(rename = "type", deserialize_with = "lenient::number")]
    pub kind: u32,
    #[serde(rename = "categoryId", deserialize_with = "lenient::number")]
    pub category: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PublicTemplates {
    /// How many there are in all.
    #[serde(deserialize_with = "lenient::number")]
    pub count: u32,
    #[serde(rename = "data", deserialize_with = "lenient::list")]
    pub templates: Vec<PublicTemplate>,
}

/// A field that a public template may have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PublicKeyword {
    #[serde(deserialize_with = "lenient::number")]
    pub kid: u32,
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    #[serde(deserialize_with = "lenient::text")]
    pub example: String,
    /// The kind of its values, such as `thing`.
    #[serde(deserialize_with = "lenient::text")]
    pub rule: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default, alias = "msg_id", deserialize_with = "lenient::text_or_none")]
    msgid: Option<String>,
}

#[derive(Deserialize)]
struct Added {
    #[serde(rename = "priTmplId", deserialize_with = "lenient::text")]
    template_id: String,
}

#[derive(Deserialize)]
struct Category {
    #[serde(deserialize_with = "lenient::number")]
    id: u32,
    #[serde(deserialize_with = "lenient::text")]
    name: String,
}

#[derive(Deserialize)]
#[serde(bound = "T: serde::de::DeserializeOwned")]
struct Data<T> {
    #[serde(default, deserialize_with = "lenient::list")]
    data: Vec<T>,
}

impl Client {
    /// Sends a notice; a consent of the one-time kind is used up by it. WeChat need not tell an id.
    ///
    /// Errors: [`Refused`](super::Unreachable::Refused) without a consent.
    pub async fn send_subscription(&self, message: &SubscriptionMessage) -> Result<Option<String>, Failure> {
        check_values(&SEND, &message.data)?;
        self.post::<Sent>(&SEND, message).await.map(|sent| sent.msgid)
    }

    /// The account's templates of notices; at most 25.
    pub async fn notice_templates(&self) -> Result<Vec<NoticeTemplate>, Failure> {
        self.get::<Data<NoticeTemplate>>(&LIST, &[]).await.map(|listed| listed.data)
    }

    /// The account's categories: id and name.
    pub async fn notice_categories(&self) -> Result<Vec<(u32, String)>, Failure> {
        let listed = self.get::<Data<Category>>(&CATEGORIES, &[]).await?;
        Ok(listed.data.into_iter().map(|category| (category.id, category.name)).collect())
    }

    /// A page of the public collection's templates in these categories; at most 30 a page.
    pub async fn public_templates(
        &self,
        categories: &[u32],
        start: usize,
        limit: usize,
    ) -> Result<PublicTemplates, Failure> {
        TITLES.at_most("the page", "titles", limit, TITLES_MAX)?;
        let ids = categories.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let (start, limit) = (start.to_string(), limit.to_string());
        self.get(&TITLES, &[("ids", &ids), ("start", &start), ("limit", &limit)]).await
    }

    pub async fn public_keywords(&self, tid: &str) -> Result<Vec<PublicKeyword>, Failure> {
        self.get::<Data<PublicKeyword>>(&KEYWORDS, &[("tid", tid)]).await.map(|listed| listed.data)
    }

    /// Takes a public template with these fields in this order, and gives the account's id for it. `scene` tells
    /// WeChat what for.
    pub async fn add_notice_template(
        &self,
        tid: &str,
        keywords: &[u32],
        scene: &str,
    ) -> Result<String, Failure> {
        let body = json!({ "tid": tid, "kidList": keywords, "sceneDesc": scene });
        self.post::<Added>(&ADD, &body).await.map(|added| added.template_id)
    }

    pub async fn delete_notice_template(&self, template_id: &str) -> Result<(), Failure> {
        self.post::<Nothing>(&DELETE, &json!({ "priTmplId": template_id })).await.map(|_| ())
    }
}
