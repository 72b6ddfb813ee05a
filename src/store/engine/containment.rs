//! sled panics when it reads damaged files, in the thread that asked and in threads of its own. Those panics
//! are caught, counted, and kept off the terminal.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::core::panic_text;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

static BACKGROUND_PANICS: AtomicU64 = AtomicU64::new(0);

/// Panics of sled's own threads since the process began. After one, sled may wait for ever for that thread.
pub(crate) fn background_panics() -> u64 {
    BACKGROUND_PANICS.load(Ordering::SeqCst)
}

/// Runs `work`, giving a panic's text as the error.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    struct Leave(bool);
    impl Drop for Leave {
        fn drop(&mut self) {
            CONTAINED.set(self.0);
        }
    }
    let leave = Leave(CONTAINED.replace(true));
    let done = catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_text(&*panic));
    drop(leave);
    done
}

/// Puts a hook before the process's own that keeps back what is contained.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let next = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !is_kept_back(info) {
                next(info);
            }
        }));
    });
}

fn is_kept_back(info: &PanicHookInfo<'_>) -> bool {
    let thread = std::thread::current();
    let background = thread.name().is_some_and(|name| name.starts_with("sled-io-") || name == "log flusher");
    if background {
        BACKGROUND_PANICS.fetch_add(1, Ordering::SeqCst);
        tracing::error!(panic = %info, "a thread of the store's engine panicked: its files may be damaged");
    }
    background || CONTAINED.try_with(Cell::get).unwrap_or(false)
}
