//! The mutual-aid fund for staff: reports, entries, corrections by two people, and what a change of rules would do.

mod acts;
mod report;
mod simulate;
mod view;

pub use acts::{confirm_correction, correct, corrections, dismiss_correction, entries};
pub use report::report;
pub use simulate::{SimulateForm, Simulated, page as simulated, simulate};
pub use view::{BookView, CorrectionList, CorrectionView, EntryList, FlowView, Named, ReportView};

use super::refuse::refuse;
use crate::domain::fund::correct::Refusal;

refuse! { Refusal { Unknown => "such entry" } }
