use std::fmt;

use serde_json::Value;

use super::{Button, ButtonKind, MatchRule, Menu};

pub const BUTTONS_MAX: usize = 3;
pub const SUB_BUTTONS_MAX: usize = 5;
/// UTF-8 bytes of a name in the bar.
pub const TOP_NAME_BYTES_MAX: usize = 16;
/// UTF-8 bytes of a name in a list.
pub const SUB_NAME_BYTES_MAX: usize = 60;
pub const KEY_BYTES_MAX: usize = 128;
pub const URL_BYTES_MAX: usize = 1024;

/// Conditions that WeChat refuses (65320) since it protects followers' profiles.
const PRIVATE_CONDITIONS: [&str; 5] = ["sex", "country", "province", "city", "language"];

/// Something that WeChat would refuse, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Such as `button 1, sub_button 3 (活动报名)`; `matchrule`.
    pub place: String,
    pub flaw: Flaw,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("has {0} buttons; there must be 1 to {BUTTONS_MAX}")]
    Buttons(usize),
    #[error("has {0} entries; there may be up to {SUB_BUTTONS_MAX}")]
    SubButtons(usize),
    #[error("has entries of its own; menus have two levels only")]
    TooDeep,
    #[error("has no name")]
    NoName,
    #[error("the name has {bytes} bytes; at most {max} are shown")]
    NameTooLong { bytes: usize, max: usize },
    #[error("opens a list, so it may have name and sub_button only, not {0}")]
    ParentHas(String),
    #[error("has neither type nor sub_button")]
    NoType,
    #[error("the type {0:?} is not known")]
    UnknownType(String),
    #[error("needs {0}")]
    Needs(&'static str),
    #[error("{field} has {bytes} bytes; at most {max} are taken")]
    TooLong { field: &'static str, bytes: usize, max: usize },
    #[error("the condition {0:?} is refused by WeChat since it protects followers' profiles")]
    PrivateCondition(String),
    #[error("needs tag_id or client_platform_type")]
    NoCondition,
    #[error("tag_id must be a number")]
    TagId,
    #[error("client_platform_type must be 1 (iOS), 2 (Android) or 3 (others)")]
    Platform,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.flaw)
    }
}

impl Menu {
    /// Everything that is over WeChat's limits or against its rules; empty if it may be pushed.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.button.is_empty() || self.button.len() > BUTTONS_MAX {
            problems.push(Problem { place: "menu".to_owned(), flaw: Flaw::Buttons(self.button.len()) });
        }
        for (at, button) in self.button.iter().enumerate() {
            let place = format!("button {}", at + 1);
            check_top(button, &place, &mut |place, flaw| problems.push(Problem { place, flaw }));
        }
        if let Some(rule) = &self.matchrule {
            let found = check_rule(rule).into_iter();
            problems.extend(found.map(|flaw| Problem { place: "matchrule".to_owned(), flaw }));
        }
        problems
    }
}

fn check_top(button: &Button, place: &str, report: &mut impl FnMut(String, Flaw)) {
    let named = place_of(place, button);
    let mut here = |flaw| report(named.clone(), flaw);
    check_name(button, TOP_NAME_BYTES_MAX, &mut here);
    if button.sub_button.is_empty() {
        return check_leaf(button, &mut here);
    }
    if button.sub_button.len() > SUB_BUTTONS_MAX {
        here(Flaw::SubButtons(button.sub_button.len()));
    }
    for field in fields_besides_name(button) {
        here(Flaw::ParentHas(field));
    }
    for (at, sub) in button.sub_button.iter().enumerate() {
        let named = place_of(&format!("{place}, sub_button {}", at + 1), sub);
        let mut here = |flaw| report(named.clone(), flaw);
        check_name(sub, SUB_NAME_BYTES_MAX, &mut here);
        if sub.sub_button.is_empty() {
            check_leaf(sub, &mut here);
        } else {
            here(Flaw::TooDeep);
        }
    }
}

fn place_of(place: &str, button: &Button) -> String {
    if button.name.is_empty() { place.to_owned() } else { format!("{place} ({})", button.name) }
}

fn check_name(button: &Button, max: usize, here: &mut impl FnMut(Flaw)) {
    match button.name.len() {
        _ if button.name.trim().is_empty() => here(Flaw::NoName),
        bytes if bytes > max => here(Flaw::NameTooLong { bytes, max }),
        _ => {}
    }
}

fn check_leaf(button: &Button, here: &mut impl FnMut(Flaw)) {
    match &button.kind {
        None => here(Flaw::NoType),
        Some(ButtonKind::Other(kind)) => here(Flaw::UnknownType(kind.clone())),
        Some(kind) => needs(kind)
            .iter()
            .filter(|field| value_of(button, field).is_none_or(str::is_empty))
            .for_each(|field| here(Flaw::Needs(field))),
    }
    for (field, max) in [("key", KEY_BYTES_MAX), ("url", URL_BYTES_MAX)] {
        let bytes = value_of(button, field).map_or(0, str::len);
        if bytes > max {
            here(Flaw::TooLong { field, bytes, max });
        }
    }
}

fn needs(kind: &ButtonKind) -> &'static [&'static str] {
    match kind {
        ButtonKind::Click
        | ButtonKind::ScancodePush
        | ButtonKind::ScancodeWaitmsg
        | ButtonKind::PicSysphoto
        | ButtonKind::PicPhotoOrAlbum
        | ButtonKind::PicWeixin
        | ButtonKind::LocationSelect => &["key"],
        ButtonKind::View => &["url"],
        ButtonKind::MediaId | ButtonKind::ViewLimited => &["media_id"],
        ButtonKind::ArticleId | ButtonKind::ArticleViewLimited => &["article_id"],
        ButtonKind::Miniprogram => &["url", "appid", "pagepath"],
        ButtonKind::Other(_) => &[],
    }
}

fn value_of<'b>(button: &'b Button, field: &str) -> Option<&'b str> {
    match field {
        "key" => button.key.as_deref(),
        "url" => button.url.as_deref(),
        "media_id" => button.media_id.as_deref(),
        "article_id" => button.article_id.as_deref(),
        "appid" => button.appid.as_deref(),
        "pagepath" => button.pagepath.as_deref(),
        _ => None,
    }
}

fn fields_besides_name(button: &Button) -> Vec<String> {
    let kind = button.kind.iter().map(|_| "type");
    let values = ["key", "url", "media_id", "article_id", "appid", "pagepath"];
    let values = values.into_iter().filter(|field| value_of(button, field).is_some());
    kind.chain(values).map(str::to_owned).chain(button.extra.keys().cloned()).collect()
}

fn check_rule(rule: &MatchRule) -> Vec<Flaw> {
    let private = PRIVATE_CONDITIONS.into_iter().filter(|name| rule.extra.get(*name).is_some_and(is_set));
    let mut flaws: Vec<Flaw> = private.map(|name| Flaw::PrivateCondition(name.to_owned())).collect();
    let tag = rule.tag_id.as_ref().filter(|value| is_set(value));
    let platform = rule.client_platform_type.as_ref().filter(|value| is_set(value));
    if tag.is_none() && platform.is_none() {
        flaws.push(Flaw::NoCondition);
    }
    if tag.is_some_and(|value| number(value).is_none()) {
        flaws.push(Flaw::TagId);
    }
    if platform.is_some_and(|value| !number(value).is_some_and(|n| (1..=3).contains(&n))) {
        flaws.push(Flaw::Platform);
    }
    flaws
}

/// WeChat writes conditions that don't count as empty texts.
fn is_set(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn menu(value: Value) -> Menu {
        serde_json::from_value(value).unwrap()
    }

    fn problems(value: Value) -> Vec<String> {
        menu(value).check().iter().map(Problem::to_string).collect()
    }

    fn click(name: &str) -> Value {
        json!({ "type": "click", "name": name, "key": "k" })
    }

    #[test]
    fn a_menu_within_the_limits_has_no_problem() {
        let subs: Vec<_> = (0..5).map(|_| click(&"民".repeat(20))).collect();
        let full = json!({ "button": [
            { "name": "办事服务", "sub_button": subs },
            { "type": "view", "name": "网", "url": "https://a/", "sub_button": [] },
            { "type": "miniprogram", "name": "小程序", "url": "https://a/", "appid": "wx", "pagepath": "p" },
        ]});
        assert_eq!(problems(full), [""; 0]);
    }

    #[test]
    fn every_type_needs_its_fields() {
        for (kind, needed) in [
            ("click", "key"),
            ("scancode_push", "key"),
            ("scancode_waitmsg", "key"),
            ("pic_sysphoto", "key"),
            ("pic_photo_or_album", "key"),
            ("pic_weixin", "key"),
            ("location_select", "key"),
            ("view", "url"),
            ("media_id", "media_id"),
            ("view_limited", "media_id"),
            ("article_id", "article_id"),
            ("article_view_limited", "article_id"),
        ] {
            let bare = json!({ "button": [{ "type": kind, "name": "a" }] });
            assert_eq!(problems(bare), [format!("button 1 (a): needs {needed}")]);
            let whole = json!({ "button": [{ "type": kind, "name": "a", needed: "x" }] });
            assert_eq!(problems(whole), [""; 0]);
        }
        let empty = json!({ "button": [{ "type": "miniprogram", "name": "a", "url": "" }] });
        assert_eq!(problems(empty).len(), 3);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let subs: Vec<_> = (0..6).map(|_| click("x")).collect();
        let found = problems(json!({ "button": [
            { "name": "一二三四五六", "type": "click", "key": "k", "note": 1, "sub_button": subs },
            { "name": "" , "type": "fly" },
            { "name": "b" },
            { "name": "c", "type": "click", "key": "k".repeat(129), "url": "u".repeat(1025) },
        ]}));
        assert_eq!(
            found,
            [
                "menu: has 4 buttons; there must be 1 to 3",
                "button 1 (一二三四五六): the name has 18 bytes; at most 16 are shown",
                "button 1 (一二三四五六): has 6 entries; there may be up to 5",
                "button 1 (一二三四五六): opens a list, so it may have name and sub_button only, not type",
                "button 1 (一二三四五六): opens a list, so it may have name and sub_button only, not key",
                "button 1 (一二三四五六): opens a list, so it may have name and sub_button only, not note",
                "button 2: has no name",
                "button 2: the type \"fly\" is not known",
                "button 3 (b): has neither type nor sub_button",
                "button 4 (c): key has 129 bytes; at most 128 are taken",
                "button 4 (c): url has 1025 bytes; at most 1024 are taken",
            ]
        );
    }

    #[test]
    fn lists_have_one_level_and_longer_names() {
        let found = problems(json!({ "button": [{ "name": "a", "sub_button": [
            click(&"x".repeat(60)), click(&"x".repeat(61)), { "name": "b", "sub_button": [click("c")] },
        ]}]}));
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("sub_button 2") && found[0].contains("61 bytes; at most 60"), "{found:?}");
        assert_eq!(
            found[1],
            "button 1, sub_button 3 (b): has entries of its own; menus have two levels only"
        );
        assert_eq!(problems(json!({ "button": [] })), ["menu: has 0 buttons; there must be 1 to 3"]);
    }

    #[test]
    fn conditions_that_wechat_refuses_are_found() {
        let with = |rule: Value| problems(json!({ "button": [click("a")], "matchrule": rule }));
        assert_eq!(with(json!({ "tag_id": "2" })), [""; 0]);
        assert_eq!(with(json!({ "tag_id": 2, "client_platform_type": "3", "sex": "" })), [""; 0]);
        assert_eq!(
            with(json!({ "sex": "1", "language": "zh_CN", "client_platform_type": 4 })),
            [
                "matchrule: the condition \"sex\" is refused by WeChat since it protects followers' profiles",
                "matchrule: the condition \"language\" is refused by WeChat since it protects followers' profiles",
                "matchrule: client_platform_type must be 1 (iOS), 2 (Android) or 3 (others)",
            ]
        );
        assert_eq!(with(json!({})), ["matchrule: needs tag_id or client_platform_type"]);
        assert_eq!(with(json!({ "tag_id": "x" })), ["matchrule: tag_id must be a number"]);
    }
}
