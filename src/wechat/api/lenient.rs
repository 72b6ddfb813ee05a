//! Reading what WeChat writes: numbers as texts, booleans as 0 and 1, `[]` or `""` for an empty object, `null`
//! anywhere. For `#[serde(deserialize_with = "…")]`; what is sent is exact and doesn't come here.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A whole number, or one as text; nothing reads as `None`.
pub(super) fn number_or_none<'de, D, N>(d: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<i128>,
{
    let value = Value::deserialize(d)?;
    if is_nothing(&value) {
        return Ok(None);
    }
    let number = whole(&value).and_then(|number| N::try_from(number).ok());
    number.map(Some).ok_or_else(|| D::Error::custom("is no number"))
}

/// A whole number, or one as text; nothing reads as 0.
pub(super) fn number<'de, D, N>(d: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<i128> + Default,
{
    number_or_none(d).map(Option::unwrap_or_default)
}

/// A text, or a number as text (ids come both ways); nothing reads as empty.
pub(super) fn text<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let value = Value::deserialize(d)?;
    to_text(value).ok_or_else(|| D::Error::custom("is no text"))
}

/// As [`text`], with `None` for an empty one.
pub(super) fn text_or_none<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    text(d).map(|text| Some(text).filter(|text| !text.is_empty()))
}

/// `true`, `1`, `"1"`, `"true"` and their opposites; nothing reads as `false`.
pub(super) fn flag<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(d)?;
    let read = match &value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        _ if is_nothing(&value) => Some(false),
        _ => whole(&value).map(|number| number != 0),
    };
    read.ok_or_else(|| D::Error::custom("is neither true nor false"))
}

/// An object; `[]`, `""` and `null` read as the empty one.
pub(super) fn object<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(d)?;
    if is_nothing(&value) {
        return Ok(T::default());
    }
    T::deserialize(value).map_err(D::Error::custom)
}

/// A list; `{}`, `""` and `null` read as the empty one.
pub(super) fn list<'de, D, T>(d: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(d)?;
    if is_nothing(&value) {
        return Ok(Vec::new());
    }
    Vec::deserialize(value).map_err(D::Error::custom)
}

/// A whole number, or one as text.
pub(super) fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.as_i128(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text, or a number as text.
pub(super) fn to_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        value if is_nothing(&value) => Some(String::new()),
        _ => None,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(default)]
    struct Read {
        #[serde(deserialize_with = "number")]
        count: u32,
        #[serde(deserialize_with = "number_or_none")]
        time: Option<i64>,
        #[serde(deserialize_with = "text")]
        id: String,
        #[serde(deserialize_with = "flag")]
        follows: bool,
        #[serde(deserialize_with = "object")]
        inner: Inner,
        #[serde(deserialize_with = "list")]
        tags: Vec<u32>,
    }

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(default)]
    struct Inner {
        #[serde(deserialize_with = "text_or_none")]
        name: Option<String>,
    }

    fn read(value: Value) -> Read {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_wechat_writes_in_many_ways_reads_as_one() {
        let exact = Read {
            count: 3,
            time: Some(-4),
            id: "7312345678901234567".to_owned(),
            follows: true,
            inner: Inner { name: Some("梅".to_owned()) },
            tags: vec![2],
        };
        for (count, time, id, follows) in [
            (json!(3), json!(-4), json!("7312345678901234567"), json!(true)),
            (json!("3"), json!("-4"), json!(7_312_345_678_901_234_567_u64), json!(1)),
            (json!(" 3"), json!("-4 "), json!("7312345678901234567"), json!("1")),
        ] {
            let value = json!({ "count": count, "time": time, "id": id, "follows": follows,
                "inner": { "name": "梅", "new": 1 }, "tags": [2] });
            assert_eq!(read(value), exact);
        }
        for nothing in [json!(null), json!(""), json!([]), json!({})] {
            let value = json!({ "count": nothing, "time": nothing, "id": nothing, "follows": nothing,
                "inner": nothing, "tags": nothing });
            assert_eq!(read(value), Read::default());
        }
        assert_eq!(read(json!({})), Read::default());
    }

    #[test]
    fn what_is_something_else_is_not_guessed_at() {
        for wrong in [
            json!({"count": "many"}),
            json!({"count": -1}),
            json!({"follows": "perhaps"}),
            json!({"tags": 7}),
        ] {
            assert!(serde_json::from_value::<Read>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
