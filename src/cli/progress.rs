//! How far long work is, for whoever watches: nothing is drawn when stderr is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(100);

/// Work whose end isn't known.
pub(super) fn spinner(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(TICK);
    bar
}

pub(super) fn bytes(what: &'static str, total: u64) -> ProgressBar {
    bar(what, total, "{msg} {wide_bar} {bytes}/{total_bytes} {eta}")
}

pub(super) fn rows(what: &'static str) -> ProgressBar {
    bar(what, 0, "{msg} {wide_bar} {human_pos}/{human_len} rows {eta}")
}

/// Recipients of a broadcast: how many a second, and how long it takes.
pub(super) fn recipients() -> ProgressBar {
    bar("", 0, "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}")
}

fn bar(what: &'static str, total: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(what)
}
