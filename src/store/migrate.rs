//! Older formats of a store, brought up to date when it is opened.

use super::core::Core;
use super::error::OpenError;
use super::label::Label;

/// Brings a store from one format to the next, in commits of its own. It may be run again after a crash, on what
/// it left half done.
pub(crate) type Migration = fn(&mut Core) -> Result<(), OpenError>;

/// The first brings format 1 to 2, and so on.
///
/// 2: the latest rows are in a journal, which a version that knows format 1 alone would not read.
pub(crate) const MIGRATIONS: &[Migration] = &[|_| Ok(())];

/// The format that this version writes.
pub(crate) const FORMAT: u32 = 1 + MIGRATIONS.len() as u32;

/// Runs the migrations that the store has not had, noting each in its label.
pub(crate) fn migrate(
    core: &mut Core,
    mut label: Label,
    migrations: &[Migration],
) -> Result<Label, OpenError> {
    let had = label.format.saturating_sub(1) as usize;
    for migration in migrations.iter().skip(had) {
        migration(core)?;
        label.format += 1;
        core.engine.set_label(&label.encode())?;
        tracing::info!(format = label.format, "the store was brought to a newer format");
    }
    Ok(label)
}
