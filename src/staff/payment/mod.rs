//! Paying approved claims (拨付): batches, the bank's file, its results. Account numbers are for the role `payment` alone.

mod acts;
mod sheet;
mod view;

pub use acts::{create, dismiss_recall, drop_batch, export, import, list, recall, release, returned, show};
pub use view::{BatchList, BatchView, ImportedView, LinesView};

use super::Refuse;
use crate::domain::claim::payment::Refusal;

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        self.code()
    }

    fn missing(&self) -> Option<&'static str> {
        match self {
            Refusal::Unknown => Some("such batch"),
            Refusal::UnknownLine => Some("such claim in the batch"),
            _ => None,
        }
    }
}
