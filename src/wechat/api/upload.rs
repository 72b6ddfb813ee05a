//! Files to send, and what WeChat takes of them.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::call::Call;
use super::failure::Failure;

/// A file to send. It can be read more than once, for the call may have to be repeated.
#[derive(Debug, Clone)]
pub struct Upload {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) source: Source,
}

#[derive(Debug, Clone)]
pub(super) enum Source {
    Bytes(Bytes),
    File(PathBuf),
}

/// The kinds of media (素材) that WeChat keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    Image,
    Voice,
    Video,
    /// A video's or a piece of music's picture.
    Thumb,
}

/// What one kind of upload takes.
pub(super) struct Takes {
    pub bytes_max: u64,
    pub extensions: &'static [&'static str],
}

const MB: u64 = 1 << 20;

impl Upload {
    /// `name` tells the type by its extension; what a form can't carry is replaced in it.
    pub fn from_bytes(name: &str, bytes: Bytes) -> Upload {
        Upload { name: harmless(name), bytes: bytes.len() as u64, source: Source::Bytes(bytes) }
    }

    /// A file on disk, read while it is sent.
    pub async fn from_file(path: &Path) -> io::Result<Upload> {
        let bytes = tokio::fs::metadata(path).await?.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Upload { name: harmless(&name), bytes, source: Source::File(path.to_owned()) })
    }

    pub(super) fn check(&self, call: &Call, takes: &Takes) -> Result<(), Failure> {
        let extension = self.extension();
        if !takes.extensions.contains(&extension.as_str()) {
            let taken = takes.extensions.join(", ");
            return Err(Failure::refused(call, format!("the file is no {taken} by its name")));
        }
        if self.bytes == 0 {
            return Err(Failure::refused(call, "the file is empty"));
        }
        let whole = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        call.at_most("the file", "bytes", whole(self.bytes), whole(takes.bytes_max))
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self.extension().as_str() {
            "jpg" | "jpeg" => "image/jpeg",
            "png" => "image/png",
            "gif" => "image/gif",
            "bmp" => "image/bmp",
            "amr" => "audio/amr",
            "mp3" => "audio/mpeg",
            "wma" => "audio/x-ms-wma",
            "wav" => "audio/wav",
            "mp4" => "video/mp4",
            _ => "application/octet-stream",
        }
    }

    fn extension(&self) -> String {
        self.name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
    }
}

fn harmless(name: &str) -> String {
    let harmful = |c: char| c.is_control() || matches!(c, '"' | '\\' | '/');
    name.chars().map(|c| if harmful(c) { '_' } else { c }).collect()
}

impl MediaKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            MediaKind::Image => "image",
            MediaKind::Voice => "voice",
            MediaKind::Video => "video",
            MediaKind::Thumb => "thumb",
        }
    }

    /// For three days.
    pub(super) fn takes_for_days(self) -> Takes {
        match self {
            MediaKind::Image => Takes { bytes_max: 10 * MB, extensions: &["png", "jpeg", "jpg", "gif"] },
            MediaKind::Voice => Takes { bytes_max: 2 * MB, extensions: &["amr", "mp3"] },
            MediaKind::Video => Takes { bytes_max: 10 * MB, extensions: &["mp4"] },
            MediaKind::Thumb => Takes { bytes_max: 64 << 10, extensions: &["jpg", "jpeg"] },
        }
    }

    /// For good.
    pub(super) fn takes_for_good(self) -> Takes {
        match self {
            MediaKind::Image => {
                Takes { bytes_max: 10 * MB, extensions: &["bmp", "png", "jpeg", "jpg", "gif"] }
            }
            MediaKind::Voice => Takes { bytes_max: 2 * MB, extensions: &["mp3", "wma", "wav", "amr"] },
            MediaKind::Video => Takes { bytes_max: 10 * MB, extensions: &["mp4"] },
            MediaKind::Thumb => Takes { bytes_max: 64 << 10, extensions: &["jpg", "jpeg"] },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_break_the_form() {
        let upload = Upload::from_bytes("海\"报\r\n/x.JPG", Bytes::from_static(b"x"));
        assert_eq!(upload.name, "海_报___x.JPG");
        assert_eq!(upload.content_type(), "image/jpeg");
    }
}
