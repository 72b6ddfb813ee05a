//! Template messages (模板消息): a notice about something the follower did, at any time.
//!
//! Source: «模板消息».

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::{Client, MiniProgram, lenient};

const SET_INDUSTRY: Call = Call::change("/cgi-bin/template/api_set_industry");
const INDUSTRY: Call = Call::get("/cgi-bin/template/get_industry");
const ADD: Call = Call::change("/cgi-bin/template/api_add_template");
const LIST: Call = Call::get("/cgi-bin/template/get_all_private_template");
const DELETE: Call = Call::change("/cgi-bin/template/del_private_template");
const SEND: Call = Call::change("/cgi-bin/message/template/send");

/// What a template message says. Within ten minutes, WeChat sends only one for an openid and a `client_msg_id`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TemplateMessage {
    pub touser: String,
    pub template_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Goes before `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub miniprogram: Option<MiniProgram>,
    /// Field name, such as `thing2`, to its value.
    #[serde(with = "values")]
    pub data: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_msg_id: Option<String>,
}

/// A template of the account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Template {
    #[serde(deserialize_with = "lenient::text")]
    pub template_id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    #[serde(deserialize_with = "lenient::text")]
    pub primary_industry: String,
    #[serde(deserialize_with = "lenient::text")]
    pub deputy_industry: String,
    /// With placeholders such as `{{thing2.DATA}}`.
    #[serde(deserialize_with = "lenient::text")]
    pub content: String,
    #[serde(deserialize_with = "lenient::text")]
    pub example: String,
}

/// The two industries of accounts of the old scheme: their first and second class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Industries {
    #[serde(rename = "primary_industry", deserialize_with = "lenient::object")]
    pub primary: Industry,
    #[serde(rename = "secondary_industry", deserialize_with = "lenient::object")]
    pub secondary: Industry,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Industry {
    #[serde(deserialize_with = "lenient::text")]
    pub first_class: String,
    #[serde(deserialize_with = "lenient::text")]
    pub second_class: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(deserialize_with = "lenient::text")]
    msgid: String,
}

#[derive(Deserialize)]
struct Added {
    #[serde(deserialize_with = "lenient::text")]
    template_id: String,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default, deserialize_with = "lenient::list")]
    template_list: Vec<Template>,
}

impl Client {
    /// Sends a template message and gives its id, under which its result comes as an event. 100,000 a day.
    ///
    /// Errors: permanent with 47003 if a value doesn't fit its field, which the message names.
    pub async fn send_template(&self, message: &TemplateMessage) -> Result<String, Failure> {
        check_values(&SEND, &message.data)?;
        self.post::<Sent>(&SEND, message).await.map(|sent| sent.msgid)
    }

    /// The account's templates; at most 25.
    pub async fn templates(&self) -> Result<Vec<Template>, Failure> {
        self.get::<Listed>(&LIST, &[]).await.map(|listed| listed.template_list)
    }

    /// Takes a template from WeChat's collection and gives the account's id for it. `keywords`: which fields, in
    /// their order, for templates chosen by category; empty for those of the old scheme.
    pub async fn add_template(&self, short_id: &str, keywords: &[String]) -> Result<String, Failure> {
        let body = match keywords {
            [] => json!({ "template_id_short": short_id }),
            _ => json!({ "template_id_short": short_id, "keyword_name_list": keywords }),
        };
        self.post::<Added>(&ADD, &body).await.map(|added| added.template_id)
    }

    pub async fn delete_template(&self, template_id: &str) -> Result<(), Failure> {
        self.post::<Nothing>(&DELETE, &json!({ "template_id": template_id })).await.map(|_| ())
    }

    /// Accounts of the old scheme only; newer ones choose categories in the console.
    pub async fn set_industry(&self, first: u32, second: u32) -> Result<(), Failure> {
        let body = json!({ "industry_id1": first.to_string(), "industry_id2": second.to_string() });
        self.post::<Nothing>(&SET_INDUSTRY, &body).await.map(|_| ())
    }

    pub async fn industries(&self) -> Result<Industries, Failure> {
        self.get(&INDUSTRY, &[]).await
    }
}

/// `{"thing2": {"value": "…"}}`
pub(super) mod values {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Value<T> {
        value: T,
    }

    pub fn serialize<S: Serializer>(data: &BTreeMap<String, String>, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(data.iter().map(|(key, value)| (key, Value { value })))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<String, String>, D::Error> {
        let data = BTreeMap::<String, Value<String>>::deserialize(d)?;
        Ok(data.into_iter().map(|(key, value)| (key, value.value)).collect())
    }
}

/// WeChat takes no empty value.
pub(super) fn check_values(call: &Call, data: &BTreeMap<String, String>) -> Result<(), Failure> {
    data.iter().try_for_each(|(key, value)| call.not_empty(&format!("data.{key}"), value))
}

/// What WeChat would not take of a value, by the kind that its field's name begins with (`thing2`, `phrase4`); for
/// forms, before anything is sent. `None` also for kinds without a known rule.
///
/// Source: «参数值内容限制说明» of subscription notices; the same names and rules are used by templates.
pub fn value_flaw(key: &str, value: &str) -> Option<String> {
    let kind = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let count = value.chars().count();
    let chinese = value.chars().filter(|c| !c.is_ascii()).count();
    let over = |max: usize| (count > max).then(|| format!("has {count} characters; {kind} takes {max}"));
    let all = |fits: fn(char) -> bool, what: &str| {
        (!value.chars().all(fits)).then(|| format!("{kind} takes only {what}"))
    };
    if value.trim().is_empty() {
        return Some("is empty".to_owned());
    }
    match kind {
        "thing" => over(20),
        "number" => over(32).or(all(|c| c.is_ascii_digit() || c == '.' || c == '-', "digits")),
        "letter" => over(32).or(all(|c| c.is_ascii_alphabetic(), "letters")),
        "symbol" => over(5),
        "character_string" => over(32).or(all(|c| c.is_ascii_graphic(), "letters, digits and signs")),
        "phone_number" => over(17).or(all(|c| c.is_ascii_digit() || "+-() ".contains(c), "digits")),
        "car_number" => over(8),
        "name" if chinese > 0 => over(10),
        "name" => over(20),
        "phrase" => over(5).or(all(|c| matches!(c, '\u{4e00}'..='\u{9fff}'), "Chinese characters")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_against_the_kind_of_their_field() {
        for (key, fits, flawed) in [
            ("thing2", "二十个字以内的活动名称", "二十个字以内的活动名称二十个字以内的活动名称"),
            ("phrase4", "已通过", "13笔"),
            ("character_string1", "A-12/7", "报名A12"),
            ("number3", "12.5", "十二"),
            ("name1", "欧阳小梅", "一二三四五六七八九十一"),
            ("phone_number9", "+86 574-87654321", "八七六五"),
            ("letter1", "abc", "abc1"),
            ("const5", "任何", " "),
        ] {
            assert_eq!(value_flaw(key, fits), None, "{key}");
            assert!(value_flaw(key, flawed).is_some(), "{key}");
        }
        assert_eq!(value_flaw("phrase4", "已经审核通过").unwrap(), "has 6 characters; phrase takes 5");
    }
}
