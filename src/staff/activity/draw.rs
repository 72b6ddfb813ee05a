//! The public record of a draw, a piece at a time.

use crate::domain::activity::draw::protocol::{Cursor, piece};
use crate::domain::activity::draw::publish;
use crate::domain::activity::record::{ActivityCode, ActivityState};
use crate::domain::tables::ACTIVITIES;
use crate::moment::Moment;
use crate::store::{Store, SubmitError, Tx};

/// Tickets read in one turn of the store.
const TICKETS_PER_READ: usize = 400;

/// Where reading begins.
pub fn from_the_start() -> Cursor {
    Cursor::Head
}

/// The next piece of the text, and where to go on. `None`: there is no such draw, or it isn't public.
pub async fn record(
    store: &Store,
    at: Moment,
    id: ActivityCode,
    cursor: Cursor,
) -> Result<Option<(String, Option<Cursor>)>, SubmitError> {
    let read = move |tx: &mut Tx| {
        let activity = tx.get(&ACTIVITIES, &id.0)?.filter(|a| a.state != ActivityState::Draft);
        match (activity, publish::of(tx, id.0)?) {
            (Some(activity), Some(draw)) => {
                piece(tx, &activity, &draw, cursor.clone(), TICKETS_PER_READ).map(Some)
            }
            _ => Ok(None),
        }
    };
    store.read(at, read).await
}
