//! Statistics (数据统计): how often the articles of mass sends were read.
//!
//! Source: «图文分析数据接口».

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::failure::Failure;
use super::{Client, lenient};

const ARTICLES: Call = Call::ask("/datacube/getarticletotal");

/// How often one article of a mass send was read, up to the newest day that WeChat has counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleReads {
    /// The send's `msg_data_id`.
    pub data_id: String,
    pub times: u64,
}

#[derive(Deserialize)]
struct Articles {
    #[serde(default, deserialize_with = "lenient::list")]
    list: Vec<Counted>,
}

#[derive(Deserialize)]
struct Counted {
    /// `<msg_data_id>_<the article's place in the send, from 1>`
    #[serde(deserialize_with = "lenient::text")]
    msgid: String,
    /// A day each, with what there was until then.
    #[serde(default, deserialize_with = "lenient::list")]
    details: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    #[serde(default, deserialize_with = "lenient::number")]
    int_page_read_count: u64,
}

impl Client {
    /// The articles that were sent on that day, which must be over. They are counted for a week.
    pub async fn article_reads(&self, sent_on: Date) -> Result<Vec<ArticleReads>, Failure> {
        let day = sent_on.to_string();
        let counted: Articles = self.post(&ARTICLES, &json!({ "begin_date": day, "end_date": day })).await?;
        let reads = |counted: Counted| ArticleReads {
            data_id: counted.msgid.split('_').next().unwrap_or_default().to_owned(),
            times: counted.details.iter().map(|day| day.int_page_read_count).max().unwrap_or_default(),
        };
        Ok(counted.list.into_iter().map(reads).collect())
    }
}
