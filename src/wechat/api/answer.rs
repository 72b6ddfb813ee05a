//! From the bytes of an answer to its value or its failure.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::Call;
use super::failure::Failure;
use super::lenient;

/// An answer nobody looks into: that there is one without an error is all.
pub(super) type Nothing = serde::de::IgnoredAny;

/// JSON whatever its content type says, also with raw control characters and broken UTF-8 inside, which occur in
/// nicknames. `None` for anything else, a bare text or list included.
pub(super) fn object(bytes: &[u8]) -> Option<Value> {
    let parsed = serde_json::from_slice(bytes).or_else(|_| serde_json::from_str(&cleaned(bytes)));
    parsed.ok().filter(Value::is_object)
}

fn cleaned(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_start_matches('\u{feff}').chars().map(|c| if c < ' ' { ' ' } else { c }).collect()
}

/// The error that an answer holds, if it holds one.
pub(super) fn failure(call: &Call, answer: &Value) -> Option<Failure> {
    let code = lenient::whole(answer.get("errcode")?)?;
    let code = i64::try_from(code).ok().filter(|code| *code != 0)?;
    let errmsg = answer.get("errmsg").and_then(Value::as_str).unwrap_or_default();
    let msg_id = answer.get("msg_id").cloned().and_then(lenient::to_text).filter(|id| !id.is_empty());
    Some(Failure::answered(call, code, errmsg, msg_id))
}

/// The answer in its type. Only the place is told of what isn't as documented: the value may be personal.
pub(super) fn typed<T: DeserializeOwned>(call: &Call, answer: Value) -> Result<T, Failure> {
    serde_path_to_error::deserialize(answer).map_err(|error| {
        Failure::unanswered(call, format!("the answer is not as documented at `{}`", error.path()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Call = Call::get("/cgi-bin/user/info");

    #[test]
    fn control_characters_and_broken_utf8_do_not_hide_an_answer() {
        let raw = b"\xef\xbb\xbf{\"remark\":\"a\x14b\x08\nc\xff\",\"url\":\"http:\\/\\/a\"}";
        let answer = object(raw).unwrap();
        assert_eq!(answer["remark"], "a b  c\u{fffd}");
        assert_eq!(answer["url"], "http://a");
    }

    #[test]
    fn what_is_no_object_is_no_answer() {
        for raw in ["", "ok", "<html>", "{\"errcode\":0", "[]", "\"x\"", "5"] {
            assert_eq!(object(raw.as_bytes()), None, "{raw}");
        }
    }

    #[test]
    fn an_errcode_is_an_error_unless_it_is_0_or_absent() {
        let code = |json: &str| failure(&CALL, &object(json.as_bytes()).unwrap()).and_then(|f| f.code);
        assert_eq!(code("{}"), None);
        assert_eq!(code(r#"{"errcode":0,"errmsg":"ok"}"#), None);
        assert_eq!(code(r#"{"errcode":"0"}"#), None);
        assert_eq!(code(r#"{"errcode":"40003"}"#), Some(40003));
        assert_eq!(code(r#"{"errcode":-1}"#), Some(-1));
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_told_without_its_values() {
        #[derive(Debug, serde::Deserialize)]
        struct Reply {
            #[expect(dead_code, reason = "only read")]
            count: u32,
        }
        let failed = typed::<Reply>(&CALL, serde_json::json!({ "count": "小梅" })).unwrap_err();
        assert_eq!(failed.message, "the answer is not as documented at `count`");
    }
}
