//! The account's menu as WeChat's own JSON. What these types don't know is kept and written back.

mod check;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use check::*;

/// `{"button": […]}`, with a `matchrule` for a personalised menu (个性化菜单).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Menu {
    pub button: Vec<Button>,
    /// Who sees a personalised menu; absent in the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matchrule: Option<MatchRule>,
    /// Given by WeChat to a menu it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menuid: Option<Value>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A button: either one that does something (`type` and what that type needs) or one that opens up to five
/// others (`sub_button`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Button {
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ButtonKind>,
    #[serde(default)]
    pub name: String,
    /// Comes back as `EventKey` when tapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The page of a `view`, or what stands in for a mini-program on old clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagepath: Option<String>,
    /// WeChat writes an empty list at buttons without any; it is not written back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_button: Vec<Button>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    Click,
    View,
    ScancodePush,
    ScancodeWaitmsg,
    PicSysphoto,
    PicPhotoOrAlbum,
    PicWeixin,
    LocationSelect,
    MediaId,
    ArticleId,
    ArticleViewLimited,
    ViewLimited,
    Miniprogram,
    #[serde(untagged)]
    Other(String),
}

/// Whom a personalised menu is for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchRule {
    /// Text or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_id: Option<Value>,
    /// 1 iOS, 2 Android, 3 others; text or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_platform_type: Option<Value>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Menu {
    /// Every button that does something, in order.
    pub fn leaves(&self) -> impl Iterator<Item = &Button> {
        self.button.iter().flat_map(|button| {
            if button.sub_button.is_empty() { std::slice::from_ref(button) } else { &button.sub_button }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_is_written_back() {
        let source = json!({
            "button": [
                { "type": "click", "name": "a", "key": "k", "new": { "x": [1, null] } },
                { "type": "teleport", "name": "b", "to": "moon" },
                { "name": "c", "sub_button": [{ "type": "view", "name": "d", "url": "https://a/" }] },
            ],
            "matchrule": { "tag_id": 2, "client_platform_type": "1", "country": "中国" },
            "menuid": 208396938,
            "later": true,
        });
        let menu: Menu = serde_json::from_value(source.clone()).unwrap();
        assert_eq!(menu.button[1].kind, Some(ButtonKind::Other("teleport".into())));
        assert_eq!(serde_json::to_value(&menu).unwrap(), source);
    }

    #[test]
    fn every_type_has_its_spelling() {
        for kind in [
            "click",
            "view",
            "scancode_push",
            "scancode_waitmsg",
            "pic_sysphoto",
            "pic_photo_or_album",
            "pic_weixin",
            "location_select",
            "media_id",
            "article_id",
            "article_view_limited",
            "view_limited",
            "miniprogram",
        ] {
            let parsed: ButtonKind = serde_json::from_value(json!(kind)).unwrap();
            assert!(!matches!(parsed, ButtonKind::Other(_)), "{kind}");
            assert_eq!(serde_json::to_value(&parsed).unwrap(), json!(kind));
        }
    }

    #[test]
    fn leaves_are_the_buttons_that_do_something() {
        let menu: Menu = serde_json::from_value(json!({ "button": [
            { "name": "a", "sub_button": [{ "name": "b" }, { "name": "c" }] }, { "name": "d", "sub_button": [] },
        ]})).unwrap();
        assert_eq!(menu.leaves().map(|button| &*button.name).collect::<Vec<_>>(), ["b", "c", "d"]);
    }
}
