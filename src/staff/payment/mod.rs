//! Paying approved claims (拨付): batches, the bank's file, its results. Account numbers are for the role `payment` alone.

mod acts;
mod sheet;
mod view;

pub use acts::{create, dismiss_recall, drop_batch, export, import, list, recall, release, returned, show};
pub use view::{BatchList, BatchView, ImportedView, LinesView};

use super::refuse::refuse;
use crate::domain::claim::payment::Refusal;

refuse! { Refusal { Unknown => "such batch", UnknownLine => "such claim in the batch" } }
