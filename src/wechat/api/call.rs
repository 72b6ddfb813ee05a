//! An endpoint as the client sees it.

use reqwest::Method;

use super::failure::Failure;

/// One endpoint. Kept as a constant beside the function that calls it.
pub(super) struct Call {
    pub path: &'static str,
    pub is_post: bool,
    /// It changes nothing at WeChat, so it may always be repeated.
    pub only_reads: bool,
}

impl Call {
    /// A GET that only reads.
    pub const fn get(path: &'static str) -> Call {
        Call { path, is_post: false, only_reads: true }
    }

    /// A GET that changes something.
    pub const fn get_change(path: &'static str) -> Call {
        Call { path, is_post: false, only_reads: false }
    }

    /// A POST that only reads.
    pub const fn ask(path: &'static str) -> Call {
        Call { path, is_post: true, only_reads: true }
    }

    /// A POST that changes or sends something.
    pub const fn change(path: &'static str) -> Call {
        Call { path, is_post: true, only_reads: false }
    }

    pub fn method(&self) -> Method {
        if self.is_post { Method::POST } else { Method::GET }
    }

    /// Refuses what is over a limit of WeChat. `what` and `unit` make the sentence `text.content has 3000 bytes`.
    pub fn at_most(&self, what: &str, unit: &str, found: usize, max: usize) -> Result<(), Failure> {
        match found > max {
            true => Err(Failure::refused(self, format!("{what} has {found} {unit}; WeChat takes {max}"))),
            false => Ok(()),
        }
    }

    /// Refuses a value that WeChat doesn't take empty.
    pub fn not_empty(&self, what: &str, text: &str) -> Result<(), Failure> {
        match text.trim().is_empty() {
            true => Err(Failure::refused(self, format!("{what} is empty"))),
            false => Ok(()),
        }
    }
}
