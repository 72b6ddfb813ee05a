//! 摇号: seats given by a shuffle that anyone can recompute; `docs/DRAW.md` says how, to the byte.

pub mod apply;
pub mod protocol;
pub mod publish;
pub mod record;
pub mod run;
mod secret;
pub mod shuffle;

pub use record::{Choice, Draw, Entry, Outcome, Stage};
