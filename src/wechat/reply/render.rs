use super::{ARTICLES_MAX, Article, Reply, SUCCESS, TEXT_BYTES_MAX, split_text};
use crate::wechat::xml::{Writer, allowed};

impl Reply {
    /// The reply as XML, valid whatever its texts hold: `to` is the follower's OpenID, `from` the account's
    /// `gh_…`, `created_s` Unix seconds.
    ///
    /// A text over [`TEXT_BYTES_MAX`] is cut and articles over [`ARTICLES_MAX`] are left out. What would show
    /// nothing (a blank text, no article) renders as [`SUCCESS`], since followers would see a failure notice.
    pub fn render(&self, to: &str, from: &str, created_s: i64) -> String {
        if self.shows_nothing() {
            return SUCCESS.to_owned();
        }
        let mut xml = Writer::new(256 + self.text_bytes());
        xml.text("ToUserName", to);
        xml.text("FromUserName", from);
        xml.number("CreateTime", created_s);
        xml.text("MsgType", self.msg_type());
        self.write(&mut xml);
        xml.finish()
    }

    fn shows_nothing(&self) -> bool {
        match self {
            Reply::Text { content } => allowed(content).trim().is_empty(),
            Reply::News { articles } => articles.is_empty(),
            _ => false,
        }
    }

    fn text_bytes(&self) -> usize {
        match self {
            Reply::Text { content } => content.len().min(TEXT_BYTES_MAX),
            _ => 256,
        }
    }

    fn msg_type(&self) -> &'static str {
        match self {
            Reply::Text { .. } => "text",
            Reply::Image { .. } => "image",
            Reply::Voice { .. } => "voice",
            Reply::Video { .. } => "video",
            Reply::Music { .. } => "music",
            Reply::News { .. } => "news",
            Reply::TransferCustomerService { .. } => "transfer_customer_service",
        }
    }

    fn write(&self, xml: &mut Writer) {
        match self {
            Reply::Text { content } => {
                let content = allowed(content);
                xml.text("Content", split_text(&content, TEXT_BYTES_MAX).0);
            }
            Reply::Image { media_id } => xml.group("Image", |xml| xml.text("MediaId", media_id)),
            Reply::Voice { media_id } => xml.group("Voice", |xml| xml.text("MediaId", media_id)),
            Reply::Video { media_id, title, description } => xml.group("Video", |xml| {
                xml.text("MediaId", media_id);
                xml.optional("Title", present(title));
                xml.optional("Description", present(description));
            }),
            Reply::Music { title, description, url, hq_url, thumb_media_id } => xml.group("Music", |xml| {
                xml.optional("Title", present(title));
                xml.optional("Description", present(description));
                xml.optional("MusicUrl", present(url));
                xml.optional("HQMusicUrl", present(hq_url));
                xml.text("ThumbMediaId", thumb_media_id);
            }),
            Reply::News { articles } => news(articles, xml),
            Reply::TransferCustomerService { kf_account } => {
                if let Some(account) = present(kf_account) {
                    xml.group("TransInfo", |xml| xml.text("KfAccount", account));
                }
            }
        }
    }
}

fn news(articles: &[Article], xml: &mut Writer) {
    let count = articles.len().min(ARTICLES_MAX);
    xml.number("ArticleCount", count);
    xml.group("Articles", |xml| {
        for article in articles.iter().take(count) {
            xml.group("item", |xml| {
                xml.text("Title", &article.title);
                xml.text("Description", &article.description);
                xml.text("PicUrl", &article.pic_url);
                xml.text("Url", &article.url);
            });
        }
    });
}

fn present(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}
