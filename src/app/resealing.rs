//! Seals with the current key what earlier ones sealed, while the service runs, until it needs none of them.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::resealing;
use crate::moment::Clock;
use crate::server::metrics::{Metrics, SealedLabels};
use crate::store::{DocumentError, DocumentName, Fault, SealedFiles, Store, SubmitError, Tx};

/// Between two steps, each of which is as short as a turn.
const PAUSE: Duration = Duration::from_millis(20);
/// After a failure, such as a full disk or a backup under way.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// For a service whose configuration has earlier keys.
pub struct Resealer {
    pub store: Store,
    pub files: SealedFiles,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
}

/// Why it is not done yet.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error(transparent)]
    Store(#[from] SubmitError),
    #[error("a document could not be sealed anew: {0}")]
    Document(#[from] DocumentError),
    #[error("rows are still sealed with an earlier key: all are looked at once more")]
    StillNeeded,
}

impl Resealer {
    /// Ends when the earlier keys are needed no more, or the store is closed.
    pub async fn run(self) {
        loop {
            match self.pass(PAUSE).await {
                Ok(()) | Err(NotDone::Store(SubmitError::Closed)) => return,
                Err(error) => tracing::warn!(%error, "earlier sealing keys are still needed"),
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// What a restored folder holds may be older than the store, so the documents are looked at at each start.
    async fn pass(&self, pause: Duration) -> Result<(), NotDone> {
        let earlier = self.store.earlier_keys().await?;
        if !earlier.is_empty() {
            tracing::info!(keys = earlier.join(" "), "what earlier keys sealed is sealed anew");
            self.rows(pause).await?;
        }
        self.documents(pause).await?;
        if !earlier.is_empty() && !self.store.retire_earlier_keys().await? {
            self.submit(resealing::start_over).await?;
            return Err(NotDone::StillNeeded);
        }
        self.submit(resealing::finish).await?;
        self.metrics.earlier_keys.set(0);
        tracing::info!("keys.seal_previous is no longer needed; backups made until now may need it");
        Ok(())
    }

    async fn rows(&self, pause: Duration) -> Result<(), NotDone> {
        loop {
            let (now, anew) = self.submit(resealing::step).await?;
            self.metrics.reseal_rows_seen.set(i64::try_from(now.seen).unwrap_or(i64::MAX));
            self.count("rows", anew);
            if now.is_through {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn documents(&self, pause: Duration) -> Result<(), NotDone> {
        self.file(|files| files.reseal_names().map(|()| false)).await?;
        let mut after: Option<DocumentName> = None;
        loop {
            let from = after.clone();
            let page = self
                .store
                .read(self.clock.moment(), move |tx| resealing::documents(tx, from.as_ref()))
                .await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            for name in page {
                if self.file(move |files| files.reseal(&name)).await? {
                    self.count("documents", 1);
                    tokio::time::sleep(pause).await;
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn file(
        &self,
        reseal: impl FnOnce(&SealedFiles) -> Result<bool, DocumentError> + Send + 'static,
    ) -> Result<bool, NotDone> {
        let files = self.files.clone();
        match tokio::task::spawn_blocking(move || reseal(&files)).await {
            Ok(Err(unopenable @ DocumentError::Unopenable { .. })) => {
                tracing::error!(%unopenable, "no key helps: the document was altered");
                Ok(false)
            }
            Ok(done) => Ok(done?),
            Err(panic) => Err(SubmitError::Bug(panic.to_string()).into()),
        }
    }

    async fn submit<T, F>(&self, command: F) -> Result<T, SubmitError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self.store.submit(self.clock.moment(), command).await
    }

    fn count(&self, what: &'static str, many: usize) {
        self.metrics.resealed.get_or_create(&SealedLabels { what }).inc_by(many as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Machine;
    use crate::domain::tables::{CATALOG, DOCUMENTS, RESEALING, SECRETS, TRAIL};
    use crate::server::metrics::registry;
    use crate::store::engine::memory::Memory;
    use crate::store::{Options, Sealed, Sealer};

    const PHOTO: &[u8] = b"\xff\xd8\xff an invoice";
    const ROWS: usize = 250;

    /// A service's store and its pictures' folder under these keys.
    fn resealer(memory: &Memory, folder: &std::path::Path, current: u8, previous: &[[u8; 32]]) -> Resealer {
        let sealer = Sealer::new(&[current; 32], previous);
        let files = SealedFiles::new(folder, sealer.clone());
        let store = Store::open(Box::new(memory.clone()), Options::new(sealer, CATALOG)).unwrap();
        let metrics = Metrics::register(&mut registry());
        Resealer { store, files, clock: Arc::new(Machine::default()), metrics }
    }

    async fn secrets(resealer: &Resealer) -> usize {
        let rows = resealer.submit(|tx| Ok(tx.scan(&SECRETS, &(), None, 1000)?.rows)).await.unwrap();
        rows.iter().filter(|(name, secret)| secret.reveal() == name).count()
    }

    #[tokio::test]
    async fn an_earlier_key_can_go_after_a_pass_that_was_cut_in_the_middle() {
        let (memory, folder) = (Memory::default(), tempfile::tempdir().unwrap());
        let first = resealer(&memory, folder.path(), 1, &[]);
        let document = first.files.put(PHOTO).unwrap();
        let name = document.clone();
        let fill = move |tx: &mut Tx| {
            tx.put(&DOCUMENTS, &name, &1)?;
            (0..ROWS).try_for_each(|n| {
                let name = format!("secret {n}");
                tx.put(&SECRETS, &name, &Sealed::new(name.clone()))
            })
        };
        first.submit(fill).await.unwrap();
        drop(first);

        let cut = resealer(&memory, folder.path(), 2, &[[1; 32]]);
        assert_eq!(cut.submit(resealing::step).await.unwrap().1, 99, "and a document's row");
        drop(cut);
        let rotated = resealer(&memory, folder.path(), 2, &[[1; 32]]);
        rotated.pass(Duration::ZERO).await.unwrap();
        let count = |what| rotated.metrics.resealed.get_or_create(&SealedLabels { what }).get();
        assert_eq!((count("rows"), count("documents")), (151, 1), "what the first step didn't");
        assert!(rotated.store.earlier_keys().await.unwrap().is_empty());
        let told =
            rotated.submit(|tx| Ok((tx.scan(&TRAIL, &(), None, 9)?.rows, tx.get(&RESEALING, &0)?.is_none())));
        let (trail, is_over) = told.await.unwrap();
        assert!(is_over);
        assert_eq!(trail[0].1.act, "store.resealed");
        assert!(trail[0].1.detail.starts_with("250 of "), "{}", trail[0].1.detail);
        // Another pass of the same configuration has nothing to do, and nothing to tell.
        rotated.pass(Duration::ZERO).await.unwrap();
        assert_eq!(rotated.submit(|tx| Ok(tx.scan(&TRAIL, &(), None, 9)?.rows.len())).await.unwrap(), 1);
        drop(rotated);

        let after = resealer(&memory, folder.path(), 2, &[]);
        assert_eq!(secrets(&after).await, ROWS);
        assert_eq!(&after.files.get(&document).unwrap()[..], PHOTO);
        assert!(after.store.verify().await.unwrap().is_sound());
    }
}
