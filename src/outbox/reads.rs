//! How often the articles of mass sends were read, as far as WeChat's statistics know.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Runs;
use super::lanes::Lane;
use crate::domain::broadcast::reads::{counted, read};
use crate::store::SubmitError;

/// WeChat counts an article for so many days, and tells of each when it is over.
const COUNTED_DAYS: i32 = 7;

impl Runs {
    /// Asks for all that were sent within the last week. What can't be told now is asked for another day.
    pub async fn ask_reads(&self) -> Result<(), SubmitError> {
        let moment = self.clock.moment();
        let sent = self.store.read(moment, |tx| counted(tx)).await?;
        let is_told = |day: &Date| (1..=COUNTED_DAYS).contains(&days_between(*day, moment.now.date()));
        let days: BTreeSet<Date> = sent.iter().map(|(_, began)| began.date()).filter(is_told).collect();
        let mut times: BTreeMap<String, u64> = BTreeMap::new();
        for day in days {
            self.lanes.slot(Lane::Lookup).await;
            match self.platform.article_reads(day).await {
                Ok(articles) => articles.into_iter().for_each(|article| {
                    *times.entry(article.data_id).or_default() += article.times;
                }),
                Err(failure) => tracing::warn!(%failure, %day, "how often articles were read is not told"),
            }
        }
        let broadcasts: BTreeSet<u32> = sent.into_iter().map(|(id, _)| id).collect();
        for id in broadcasts.into_iter().filter(|_| !times.is_empty()) {
            let times = times.clone();
            self.store.submit(self.clock.moment(), move |tx| read(tx, id, &times)).await?;
        }
        Ok(())
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}
