//! Operators' work on the store of a running service: a copy of it, and whether it is whole and consistent.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::header;
use serde::{Deserialize, Serialize};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::access::Called;
use super::error::ApiError;
use super::{Answered, Api};
use crate::moment::{Time, rfc3339};
use crate::staff::consistency::{self, Audit};
use crate::staff::{Act, Call, Role, perform};
use crate::store::{BackupError, Report, SubmitError, Tx};

const CHUNK_BYTES: usize = 64 << 10;
/// A backup that is asked for during a verification, such as the nightly one, waits for its end.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Where a backup is gathered before it goes out: one at a time, under one name, so that what a crash
/// leaves behind is overwritten by the next.
#[derive(Clone)]
pub struct Outgoing(Arc<Mutex<PathBuf>>);

impl Outgoing {
    pub fn new(path: PathBuf) -> Outgoing {
        Outgoing(Arc::new(Mutex::new(path)))
    }
}

/// A verification's result as staff and the command line read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    pub sound: bool,
    /// The commit whose state was verified, and when it was.
    pub commit: u64,
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub rows: Vec<TableRows>,
    pub problems_total: u64,
    /// The first hundred.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    pub table: String,
    pub rows: u64,
}

impl From<&Report> for Verification {
    fn from(report: &Report) -> Verification {
        let rows = |(table, rows): &(&str, u64)| TableRows { table: (*table).to_owned(), rows: *rows };
        Verification {
            sound: report.is_sound(),
            commit: report.seq,
            at: report.at,
            rows: report.rows.iter().map(rows).collect(),
            problems_total: report.problems_total,
            problems: report.problems.iter().map(ToString::to_string).collect(),
        }
    }
}

/// All rows as of now, as a file for `gonghui restore`.
pub async fn backup_store(State(api): State<Api>, Called(call): Called) -> Result<Response, ApiError> {
    note(&call, "store.backup", Role::Admin).await?;
    let Ok(place) = Arc::clone(&api.outgoing.0).try_lock_owned() else {
        return Err(ApiError::refused("backup_running", "another backup is under way"));
    };
    let file = gather(&api, &place).await?;
    let left = file.metadata().await.map_err(|error| failed(&error))?.len();
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, Body::new(Sending { file, left, chunk: vec![0; CHUNK_BYTES], _place: place })).into_response())
}

/// The members' keys as of now: whoever was erased has none in it.
pub async fn key_book(State(api): State<Api>, Called(call): Called) -> Result<Response, ApiError> {
    note(&call, "store.key_book", Role::Admin).await?;
    let book = api.store.key_book().bytes().map_err(|error| failed(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], book).into_response())
}

/// Reads every row and compares with what was written. Takes as long as the store is large.
pub async fn verify_store(State(api): State<Api>, Called(call): Called) -> Answered<Verification> {
    note(&call, "store.verify", Role::Auditor).await?;
    Ok(Json(Verification::from(&api.store.verify().await?)))
}

/// Recounts what must hold between rows. Takes as long as the store is large, in small steps.
pub async fn audit_store(State(api): State<Api>, Called(call): Called) -> Answered<Audit> {
    note(&call, "store.audit", Role::Auditor).await?;
    Ok(Json(consistency::whole(&api.store, &api.documents, api.clock.moment()).await?))
}

/// May they? And that they did goes onto the trail.
async fn note(call: &Call, name: &'static str, role: Role) -> Result<(), ApiError> {
    let allowed = |_: &mut Tx| Ok(Ok::<_, Infallible>((String::new(), ())));
    Ok(perform(call, Act::plain(name, String::new(), role), allowed).await?)
}

/// The backup, open and without a name: it is gone as soon as it is sent.
async fn gather(api: &Api, path: &Path) -> Result<File, ApiError> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
        _ => {}
    }
    let made = loop {
        match api.store.backup(path).await {
            Err(BackupError::Store(SubmitError::Occupied)) => tokio::time::sleep(AGAIN_AFTER).await,
            made => break made,
        }
    };
    made.map_err(|error| match error {
        BackupError::Store(error) => ApiError::from(error),
        BackupError::Unsound(_) => ApiError::refused("store_unsound", error.to_string()),
        BackupError::Exists(_) | BackupError::File { .. } => failed(&error),
    })?;
    let file = File::open(path).await.map_err(|error| failed(&error))?;
    tokio::fs::remove_file(path).await.map_err(|error| failed(&error))?;
    Ok(file)
}

fn failed(error: &impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "a backup failed");
    ApiError::internal()
}

/// A file on its way out; the next backup may begin when it is sent or given up.
struct Sending {
    file: File,
    left: u64,
    chunk: Vec<u8>,
    _place: OwnedMutexGuard<PathBuf>,
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Sending { file, left, chunk, .. } = self.get_mut();
        if *left == 0 {
            return Poll::Ready(None);
        }
        let mut read = ReadBuf::new(chunk);
        ready!(Pin::new(file).poll_read(context, &mut read))?;
        if read.filled().is_empty() {
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        *left = left.saturating_sub(read.filled().len() as u64);
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(read.filled())))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
