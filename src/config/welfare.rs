//! What holds for all claims of benefits.

use super::reader::Section;
use crate::dispatch::memory::Settings;

pub(super) fn read(section: &mut Section<'_>) -> Settings {
    let tries_a_minute = section.or("tries_a_minute", Settings::default().tries_a_minute);
    if tries_a_minute == 0 {
        section.problem("tries_a_minute", "must be at least 1");
    }
    Settings { tries_a_minute }
}
