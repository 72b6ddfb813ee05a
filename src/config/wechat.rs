//! How the service reaches WeChat.

use super::reader::Section;

#[derive(Debug, Clone)]
pub struct Wechat {
    /// Where API calls go, without a slash at its end.
    pub api_base: String,
}

impl Wechat {
    pub(super) fn read(section: &mut Section<'_>) -> Wechat {
        let api_base: String = section.or("api_base", "https://api.weixin.qq.com".to_owned());
        let uri = api_base.parse::<http::Uri>().ok();
        let is_http = uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        if !is_http {
            section.problem("api_base", "must be an address like \"https://api.weixin.qq.com\"");
        }
        Wechat { api_base: api_base.trim_end_matches('/').to_owned() }
    }
}
