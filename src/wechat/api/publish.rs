//! Publishing (发布): an article gets a page for good. Nobody is notified by it.
//!
//! Source: «发布能力».

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Nothing;
use super::call::Call;
use super::draft::check_page;
use super::failure::Failure;
use super::{Client, lenient};

const SUBMIT: Call = Call::change("/cgi-bin/freepublish/submit");
const STATE: Call = Call::ask("/cgi-bin/freepublish/get");
const DELETE: Call = Call::change("/cgi-bin/freepublish/delete");
const ARTICLE: Call = Call::ask("/cgi-bin/freepublish/getarticle");
const LIST: Call = Call::ask("/cgi-bin/freepublish/batchget");

/// How far publishing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicationState {
    Published,
    Running,
    /// Some articles are not original; see `failed`.
    NotOriginal,
    Failed,
    /// WeChat's review said no.
    Refused,
    DeletedLater,
    BannedLater,
    Other(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub state: PublicationState,
    /// Once it is published.
    pub article_id: Option<String>,
    /// The pages' addresses, in the order of the articles.
    pub urls: Vec<String>,
    /// Which articles failed, from 1.
    pub failed: Vec<u32>,
}

/// A page of what is published; each item as WeChat writes it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct PublishedPage {
    #[serde(rename = "total_count", deserialize_with = "lenient::number")]
    pub total: u64,
    #[serde(rename = "item", deserialize_with = "lenient::list")]
    pub items: Vec<Value>,
}

#[derive(Deserialize)]
struct Submitted {
    #[serde(deserialize_with = "lenient::text")]
    publish_id: String,
}

#[derive(Deserialize)]
struct State {
    #[serde(deserialize_with = "lenient::number")]
    publish_status: u32,
    #[serde(default, deserialize_with = "lenient::text_or_none")]
    article_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    article_detail: Detail,
    #[serde(default, deserialize_with = "lenient::list")]
    fail_idx: Vec<u32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    #[serde(deserialize_with = "lenient::list")]
    item: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(deserialize_with = "lenient::text")]
    article_url: String,
}

impl Client {
    /// Queues a draft and gives the job's id. The result comes as an event or by [`Client::publication`]. 100 a day.
    pub async fn publish(&self, media_id: &str) -> Result<String, Failure> {
        let body = json!({ "media_id": media_id });
        self.post::<Submitted>(&SUBMIT, &body).await.map(|submitted| submitted.publish_id)
    }

    pub async fn publication(&self, publish_id: &str) -> Result<Publication, Failure> {
        let found: State = self.post(&STATE, &json!({ "publish_id": publish_id })).await?;
        let state = match found.publish_status {
            0 => PublicationState::Published,
            1 => PublicationState::Running,
            2 => PublicationState::NotOriginal,
            3 => PublicationState::Failed,
            4 => PublicationState::Refused,
            5 => PublicationState::DeletedLater,
            6 => PublicationState::BannedLater,
            other => PublicationState::Other(other),
        };
        let urls = found.article_detail.item.into_iter().map(|page| page.article_url).collect();
        Ok(Publication { state, article_id: found.article_id, urls, failed: found.fail_idx })
    }

    /// Takes one article (from 1) or all of them off for good. Ten a day.
    pub async fn unpublish(&self, article_id: &str, article: Option<u32>) -> Result<(), Failure> {
        let body = json!({ "article_id": article_id, "index": article.unwrap_or(0) });
        self.post::<Nothing>(&DELETE, &body).await.map(|_| ())
    }

    /// As WeChat writes it: `news_item`.
    pub async fn published_article(&self, article_id: &str) -> Result<Value, Failure> {
        self.post(&ARTICLE, &json!({ "article_id": article_id })).await
    }

    /// A page of 1 to 20, without the articles' texts.
    pub async fn published(&self, offset: u64, count: usize) -> Result<PublishedPage, Failure> {
        check_page(&LIST, count)?;
        self.post(&LIST, &json!({ "offset": offset, "count": count, "no_content": 1 })).await
    }
}
