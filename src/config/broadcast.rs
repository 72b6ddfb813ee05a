//! What holds for all broadcasts.

use std::time::Duration;

use super::reader::Section;
use crate::domain::contact::record::Quotas;
use crate::staff::broadcast::Policy;

const KEEP_MAX: Duration = Duration::from_secs(3650 * 24 * 3600);

pub(super) fn read(section: &mut Section<'_>, quotas: Quotas) -> Policy {
    let defaults = Policy::default();
    let mut stop = defaults.stop;
    stop.attempts_min = section.or("stop_after", stop.attempts_min);
    stop.percent = section.or("stop_percent", stop.percent);
    if !(1..=100).contains(&stop.percent) {
        section.problem("stop_percent", "must be 1 to 100");
    }
    let keep = section.or("keep", defaults.keep);
    if keep > KEEP_MAX {
        section.problem("keep", "must be at most 3650d");
    }
    Policy {
        two_persons: section.or("two_persons", defaults.two_persons),
        preview_message: section.or("preview_message", defaults.preview_message),
        monthly_cap: section.or("monthly_cap", defaults.monthly_cap),
        stop,
        keep,
        quotas,
        ..defaults
    }
}
