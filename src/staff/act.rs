use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{ActError, Caller, Refuse, Role};
use crate::domain::tables::ANSWERS;
use crate::domain::trail::answers;
use crate::domain::trail::commands::{Note, append};
use crate::domain::trail::record::StoredAnswer;
use crate::moment::Moment;
use crate::store::{Fault, Store, SubmitError, Tx};

/// A caller's name for one request; the same key with the same request gets the same answer, done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

const KEY_BYTES_MAX: usize = 128;

impl IdempotencyKey {
    /// `None` for an empty key, one over 128 bytes, or one with other than visible ASCII.
    pub fn new(key: &str) -> Option<IdempotencyKey> {
        let fine = !key.is_empty() && key.len() <= KEY_BYTES_MAX && key.bytes().all(|b| b.is_ascii_graphic());
        fine.then(|| IdempotencyKey(key.to_owned()))
    }
}

/// One call by a member of staff: who makes it, when, and on which store.
#[derive(Clone)]
pub struct Call {
    pub store: Store,
    pub at: Moment,
    pub who: Caller,
    /// An act keeps its answer under it; a look keeps none.
    pub key: Option<IdempotencyKey>,
}

impl Call {
    pub fn new(store: &Store, at: Moment, who: Caller) -> Call {
        Call { store: store.clone(), at, who, key: None }
    }

    /// For one part of what is done in several acts: each part has its own answer.
    pub fn part(&self, index: usize) -> Call {
        let key = self.key.as_ref().map(|key| IdempotencyKey(format!("{} part {index}", key.0)));
        Call { key, ..self.clone() }
    }

    /// As [`Store::submit`].
    pub async fn submit<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> Result<T, SubmitError> {
        self.store.submit(self.at, command).await
    }

    /// As [`Store::read`].
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> Result<T, SubmitError> {
        self.store.read(self.at, query).await
    }
}

/// What is about to be done, for the trail and for telling requests apart.
#[derive(Debug, Clone)]
pub struct Act {
    /// Such as `activity.publish`.
    pub name: &'static str,
    /// Such as `A12`; empty for what doesn't exist yet.
    pub subject: String,
    pub role: Role,
    /// The reason that was given, if any.
    pub detail: String,
    /// What makes this request another one: its body.
    pub request: String,
}

impl Act {
    /// One that changes nothing and says no more: a look, mostly.
    pub fn plain(name: &'static str, subject: String, role: Role) -> Act {
        Act { name, subject, role, detail: String::new(), request: String::new() }
    }
}

/// What the transaction found.
enum Found<R> {
    Answer(String),
    KeyReused,
    Refused(R),
}

/// Who lacks the role is told so, on the trail. [`perform`] asks, too; this is for what is to be read before, so
/// that nobody learns of its fields who may not do it.
pub async fn permit(call: &Call, act: &Act) -> Result<(), ActError> {
    if call.who.has(act.role) {
        return Ok(());
    }
    refuse(call, act).await?;
    Err(ActError::NotAllowed(act.role.name()))
}

/// Does it, writes it on the trail, and keeps the answer under the key: all in one durable commit.
pub async fn perform<T: Serialize + DeserializeOwned, R: Refuse>(
    call: &Call,
    act: Act,
    command: impl Fn(&mut Tx) -> Result<Result<(String, T), R>, Fault> + Send + Sync + 'static,
) -> Result<T, ActError> {
    permit(call, &act).await?;
    let (who, key) = (call.who.name.clone(), call.key.clone());
    let found = call
        .submit(move |tx| {
            let request = fingerprint(&act);
            let key = key.as_ref().map(|key| (who.clone(), key.0.clone()));
            if let Some(key) = &key
                && let Some(stored) = tx.get(&ANSWERS, key)?
            {
                return Ok(if stored.request == request {
                    Found::Answer(stored.answer)
                } else {
                    Found::KeyReused
                });
            }
            let done = command(tx)?;
            let (subject, detail) = match &done {
                Ok((subject, _)) => (subject.clone(), act.detail.clone()),
                Err(refusal) => (act.subject.clone(), refusal.to_string()),
            };
            let note =
                Note { who: &who, act: act.name, subject: &subject, detail: &detail, done: done.is_ok() };
            append(tx, note)?;
            let (_, answer) = match done {
                Ok(done) => done,
                Err(refusal) => return Ok(Found::Refused(refusal)),
            };
            let answer = serde_json::to_string(&answer).map_err(|error| unreadable(&error))?;
            if let Some(key) = &key {
                let kept = StoredAnswer { request, at: tx.moment().now, answer: answer.clone() };
                answers::keep(tx, key, &kept)?;
            }
            Ok(Found::Answer(answer))
        })
        .await?;
    match found {
        Found::Answer(answer) => {
            serde_json::from_str(&answer).map_err(|error| SubmitError::Fault(unreadable(&error)).into())
        }
        Found::KeyReused => Err(ActError::KeyReused),
        Found::Refused(refusal) => Err(match refusal.missing() {
            Some(what) => ActError::NotFound(what.to_owned()),
            None => ActError::Refused { code: refusal.code(), message: refusal.to_string() },
        }),
    }
}

/// A look at personal data: allowed to the role and to auditors, and always on the trail.
pub async fn look<T: Send + 'static>(
    call: &Call,
    act: Act,
    query: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
) -> Result<T, ActError> {
    if !call.who.has(act.role) && !call.who.has(Role::Auditor) {
        refuse(call, &act).await?;
        return Err(ActError::NotAllowed(act.role.name()));
    }
    let who = call.who.name.clone();
    let looked = move |tx: &mut Tx| {
        let note = Note { who: &who, act: act.name, subject: &act.subject, detail: &act.detail, done: true };
        append(tx, note)?;
        query(tx)
    };
    Ok(call.submit(looked).await?)
}

/// A look at what is nobody's own: for the role and for auditors, and on the trail as long as the disk takes it.
pub async fn see<T: Send + 'static>(
    call: &Call,
    act: Act,
    query: impl Fn(&Tx) -> Result<T, Fault> + Clone + Send + Sync + 'static,
) -> Result<T, ActError> {
    let asked = query.clone();
    match look(call, act, move |tx| asked(tx)).await {
        Err(ActError::Store(SubmitError::Full)) => Ok(call.read(move |tx| query(tx)).await?),
        seen => seen,
    }
}

/// A call whose input was wrong, so that no act came of it: on the trail by its route.
pub async fn not_understood(call: &Call, route: &str) -> Result<(), SubmitError> {
    let (who, subject) = (call.who.name.clone(), route.to_owned());
    let note = move |tx: &mut Tx| {
        append(tx, Note { who: &who, act: "call", subject: &subject, detail: "wrong input", done: false })
    };
    call.submit(note).await
}

async fn refuse(call: &Call, act: &Act) -> Result<(), ActError> {
    let (who, name, subject) = (call.who.name.clone(), act.name, act.subject.clone());
    let detail = format!("lacks the role {}", act.role.name());
    let refused = move |tx: &mut Tx| {
        append(tx, Note { who: &who, act: name, subject: &subject, detail: &detail, done: false })
    };
    Ok(call.submit(refused).await?)
}

fn fingerprint(act: &Act) -> String {
    let mut sha = Sha256::new();
    for part in [act.name, &act.subject, &act.request] {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    hex::encode(sha.finalize())
}

fn unreadable(error: &serde_json::Error) -> Fault {
    Fault::Unencodable { table: "answers", detail: error.to_string() }
}
