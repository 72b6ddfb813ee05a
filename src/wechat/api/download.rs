//! Files that come from WeChat, in pieces.

use std::collections::VecDeque;

use bytes::Bytes;
use reqwest::{Response, header};

use super::answer;
use super::call::Call;
use super::failure::Failure;
use super::transport::{ANSWER_BYTES_MAX, Answer, broken};

/// More than any picture, recording or film of a chat.
pub const DOWNLOAD_BYTES_MAX: u64 = 64 << 20;

/// A file on its way. Ask for its chunks until there is none.
pub struct Download {
    /// As WeChat calls it; from outside, so never a path.
    pub name: Option<String>,
    pub content_type: Option<String>,
    /// Its size, if it was announced.
    pub bytes: Option<u64>,
    call: &'static Call,
    response: Box<Response>,
    /// Read already, to see whether it is a file.
    read: VecDeque<Bytes>,
    taken: u64,
}

impl Download {
    /// The next part; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let chunk = match self.read.pop_front() {
            Some(chunk) => Some(chunk),
            None => self.response.chunk().await.map_err(|error| broken(self.call, error))?,
        };
        self.taken += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        if self.taken > DOWNLOAD_BYTES_MAX {
            return Err(too_large(self.call));
        }
        Ok(chunk)
    }

    /// All of it, if it has at most `bytes_max` bytes.
    pub async fn whole(mut self, bytes_max: usize) -> Result<Vec<u8>, Failure> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            self.call.at_most("the file", "bytes or more", whole.len() + chunk.len(), bytes_max)?;
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Download"); // not the response: its address holds the token
        shown.field("name", &self.name).field("content_type", &self.content_type);
        shown.field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Errors come as JSON under any content type, films as JSON with a link, good files sometimes as `text/plain`:
/// so the first byte decides, and then whether it parses.
pub(super) async fn read(call: &'static Call, response: Response) -> Result<Answer, Failure> {
    let mut download = started(call, response)?;
    let Some(first) = download.first_byte().await? else {
        return Err(Failure::unanswered(call, "the answer is empty"));
    };
    if first != b'{' {
        return Ok(Answer::File(download));
    }
    let json = download.peek().await?;
    let Some(value) = answer::object(&json) else { return Ok(Answer::File(download)) };
    match answer::failure(call, &value) {
        Some(failure) => Err(failure),
        None => Ok(Answer::Json(value)),
    }
}

/// As [`read`] for what is surely a file.
pub(super) fn started(call: &'static Call, response: Response) -> Result<Download, Failure> {
    let of_header =
        |name| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let content_type = of_header(header::CONTENT_TYPE).map(|text| text.into_owned());
    if content_type.as_ref().is_some_and(|text| text.starts_with("text/html")) {
        return Err(Failure::unanswered(call, "the answer is HTML"));
    }
    let name = of_header(header::CONTENT_DISPOSITION).and_then(|text| file_name(&text));
    let bytes = response.content_length();
    if bytes.is_some_and(|bytes| bytes > DOWNLOAD_BYTES_MAX) {
        return Err(too_large(call));
    }
    Ok(Download {
        name,
        content_type,
        bytes,
        call,
        response: Box::new(response),
        read: VecDeque::new(),
        taken: 0,
    })
}

impl Download {
    /// The first byte that is no blank.
    async fn first_byte(&mut self) -> Result<Option<u8>, Failure> {
        while let Some(chunk) = self.next().await? {
            let first = chunk.iter().copied().find(|byte| !byte.is_ascii_whitespace());
            self.read.push_back(chunk);
            if first.is_some() {
                return Ok(first);
            }
        }
        Ok(None)
    }

    /// Everything, or as much as an answer in JSON may have; it can still be read afterwards.
    async fn peek(&mut self) -> Result<Vec<u8>, Failure> {
        let mut bytes: usize = self.read.iter().map(Bytes::len).sum();
        while bytes <= ANSWER_BYTES_MAX {
            let Some(chunk) = self.next().await? else { break };
            bytes += chunk.len();
            self.read.push_back(chunk);
        }
        Ok(self.read.iter().flat_map(|chunk| chunk.iter().copied()).collect())
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        self.response.chunk().await.map_err(|error| broken(self.call, error))
    }
}

fn too_large(call: &Call) -> Failure {
    Failure::refused(call, format!("the file has over {DOWNLOAD_BYTES_MAX} bytes"))
}

/// `x.jpg` of `attachment; filename="x.jpg"`.
fn file_name(disposition: &str) -> Option<String> {
    let mut parts = disposition.split(';').filter_map(|part| part.trim().split_once('='));
    let (_, name) = parts.find(|(key, _)| key.trim().eq_ignore_ascii_case("filename"))?;
    let name = name.trim().trim_matches('"');
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let base: String = base.chars().filter(|c| !c.is_control()).collect();
    Some(base).filter(|base| !base.is_empty() && base != "." && base != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_is_no_path() {
        let name = |text: &str| file_name(text);
        assert_eq!(name("attachment; filename=\"MEDIA.jpg\"").as_deref(), Some("MEDIA.jpg"));
        assert_eq!(name("attachment;FileName=a.amr").as_deref(), Some("a.amr"));
        assert_eq!(name("attachment; filename=\"../../etc/passwd\"").as_deref(), Some("passwd"));
        assert_eq!(name("attachment; filename=\"..\""), None);
        assert_eq!(name("attachment"), None);
    }
}
