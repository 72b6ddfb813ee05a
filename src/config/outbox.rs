//! How fast and how often the service speaks to followers of its own accord.

use super::reader::Section;
use crate::domain::contact::record::Quotas;
use crate::outbox::{Rates, Settings};

#[derive(Debug, Clone, Default)]
pub struct Outbox {
    pub worker: Settings,
    /// What WeChat allows per follower; its figures changed before.
    pub quotas: Quotas,
}

impl Outbox {
    pub(super) fn read(section: &mut Section<'_>) -> Outbox {
        let Outbox { worker, quotas } = Outbox::default();
        let rates = Rates {
            custom: section.or("custom_per_second", worker.rates.custom),
            subscription: section.or("subscription_per_second", worker.rates.subscription),
            template: section.or("template_per_second", worker.rates.template),
            media: section.or("media_per_second", worker.rates.media),
            lookup: section.or("lookup_per_second", worker.rates.lookup),
            ..worker.rates
        };
        Outbox {
            worker: Settings {
                rates,
                in_flight_max: section.or("in_flight_max", worker.in_flight_max),
                keep: section.or("keep", worker.keep),
            },
            quotas: Quotas {
                after_message: section.or("custom_after_message", quotas.after_message),
                after_tap: section.or("custom_after_tap", quotas.after_tap),
                mass_a_month: section.or("mass_a_month", quotas.mass_a_month),
            },
        }
    }
}
