//! Drafts (草稿): articles on their way to being sent or published. A draft leaves the box when it is.
//!
//! Source: «草稿箱».

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::{Client, lenient};

const ADD: Call = Call::change("/cgi-bin/draft/add");
const UPDATE: Call = Call::change("/cgi-bin/draft/update");
const GET: Call = Call::ask("/cgi-bin/draft/get");
const DELETE: Call = Call::change("/cgi-bin/draft/delete");
const COUNT: Call = Call::get("/cgi-bin/draft/count");
const LIST: Call = Call::ask("/cgi-bin/draft/batchget");

const ARTICLES_MAX: usize = 8;
const TITLE_CHARS_MAX: usize = 32;
const AUTHOR_CHARS_MAX: usize = 16;
const DIGEST_CHARS_MAX: usize = 128;
const CONTENT_CHARS_MAX: usize = 19_999;
const CONTENT_BYTES_MAX: usize = (1 << 20) - 1;
const SOURCE_URL_BYTES_MAX: usize = 1 << 10;
const PICTURES_MAX: usize = 20;
pub(super) const PAGE_MAX: usize = 20;

/// An article to write. Pictures in `content` must come from [`Client::upload_picture`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "article_type", rename_all = "lowercase")]
pub enum Article {
    /// 图文
    News {
        title: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        author: String,
        /// The first 54 characters of the text if left out.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        digest: String,
        /// HTML; scripts are taken out.
        content: String,
        /// What «阅读原文» leads to.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        content_source_url: String,
        /// A permanent picture.
        thumb_media_id: String,
        #[serde(default)]
        need_open_comment: u8,
        #[serde(default)]
        only_fans_can_comment: u8,
    },
    /// 图片消息: up to 20 permanent pictures with a text.
    NewsPic { title: String, content: String, image_info: Pictures },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pictures {
    pub image_list: Vec<Picture>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub image_media_id: String,
}

/// A page of the box; each item as WeChat writes it (`media_id`, `content.news_item`, `update_time`).
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct DraftPage {
    #[serde(rename = "total_count", deserialize_with = "lenient::number")]
    pub total: u64,
    #[serde(rename = "item", deserialize_with = "lenient::list")]
    pub items: Vec<Value>,
}

#[derive(Deserialize)]
struct Added {
    #[serde(deserialize_with = "lenient::text")]
    media_id: String,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(deserialize_with = "lenient::number")]
    total_count: u64,
}

impl Article {
    fn check(&self, call: &Call) -> Result<(), Failure> {
        let chars = |what: &str, text: &str, max| call.at_most(what, "characters", text.chars().count(), max);
        match self {
            Article::News { title, author, digest, content, content_source_url, thumb_media_id, .. } => {
                call.not_empty("title", title)?;
                chars("title", title, TITLE_CHARS_MAX)?;
                chars("author", author, AUTHOR_CHARS_MAX)?;
                chars("digest", digest, DIGEST_CHARS_MAX)?;
                chars("content", content, CONTENT_CHARS_MAX)?;
                call.at_most("content", "bytes", content.len(), CONTENT_BYTES_MAX)?;
                call.at_most("content_source_url", "bytes", content_source_url.len(), SOURCE_URL_BYTES_MAX)?;
                call.not_empty("thumb_media_id", thumb_media_id)
            }
            Article::NewsPic { title, content, image_info } => {
                call.not_empty("title", title)?;
                chars("title", title, TITLE_CHARS_MAX)?;
                chars("content", content, CONTENT_CHARS_MAX)?;
                call.at_most("image_list", "pictures", image_info.image_list.len(), PICTURES_MAX)
            }
        }
    }
}

impl Client {
    /// A new draft of 1 to 8 articles; gives its media id. 1,000 calls a day.
    pub async fn add_draft(&self, articles: &[Article]) -> Result<String, Failure> {
        if articles.is_empty() {
            return Err(Failure::refused(&ADD, "articles is empty"));
        }
        ADD.at_most("articles", "articles", articles.len(), ARTICLES_MAX)?;
        articles.iter().try_for_each(|article| article.check(&ADD))?;
        self.post::<Added>(&ADD, &json!({ "articles": articles })).await.map(|added| added.media_id)
    }

    /// Replaces one article; `index` from 0.
    pub async fn update_draft(&self, media_id: &str, index: u32, article: &Article) -> Result<(), Failure> {
        article.check(&UPDATE)?;
        let body = json!({ "media_id": media_id, "index": index, "articles": article });
        self.post::<Nothing>(&UPDATE, &body).await.map(|_| ())
    }

    /// As WeChat writes it: `news_item` with the articles and their addresses for a preview.
    pub async fn draft(&self, media_id: &str) -> Result<Value, Failure> {
        self.post(&GET, &json!({ "media_id": media_id })).await
    }

    pub async fn delete_draft(&self, media_id: &str) -> Result<(), Failure> {
        self.post::<Nothing>(&DELETE, &json!({ "media_id": media_id })).await.map(|_| ())
    }

    pub async fn draft_count(&self) -> Result<u64, Failure> {
        self.get::<Counted>(&COUNT, &[]).await.map(|counted| counted.total_count)
    }

    /// A page of 1 to 20, without the articles' texts.
    pub async fn drafts(&self, offset: u64, count: usize) -> Result<DraftPage, Failure> {
        check_page(&LIST, count)?;
        self.post(&LIST, &json!({ "offset": offset, "count": count, "no_content": 1 })).await
    }
}

/// WeChat's lists come in pages of 1 to 20.
pub(super) fn check_page(call: &Call, count: usize) -> Result<(), Failure> {
    match count {
        0 => Err(Failure::refused(call, "a page has at least one entry")),
        count => call.at_most("a page", "entries", count, PAGE_MAX),
    }
}
