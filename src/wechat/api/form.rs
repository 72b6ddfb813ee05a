//! A multipart form with one file, streamed and of known length: WeChat refuses forms sent in chunks (41005).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use reqwest::{RequestBuilder, header};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

use super::call::Call;
use super::failure::Failure;
use super::upload::{Source, Upload};

/// A file is read in pieces of this size.
const PIECE_BYTES: usize = 64 << 10;

pub(super) struct Form<'a> {
    pub file: &'a Upload,
    /// A text field beside the file.
    pub field: Option<(&'a str, String)>,
    /// Makes the boundary unlikely to occur in the file.
    pub seed: u64,
}

impl Form<'_> {
    /// Opens the file and makes it the request's body; a repeated call opens it again.
    pub async fn attach(&self, call: &Call, request: RequestBuilder) -> Result<RequestBuilder, Failure> {
        let source = match &self.file.source {
            Source::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Source::File(path) => {
                let file = File::open(path).await;
                let file =
                    file.map_err(|error| Failure::refused(call, format!("can't read the file: {error}")))?;
                Content::File { file, left: self.file.bytes, buffer: vec![0; PIECE_BYTES] }
            }
        };
        let boundary = format!("gonghui-{:016x}", self.seed);
        let (head, tail) = (self.head(&boundary), format!("\r\n--{boundary}--\r\n"));
        let length = (head.len() + tail.len()) as u64 + self.file.bytes;
        let body = Streamed { head: head.into(), source, tail: tail.into(), left: length };
        Ok(request
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .header(header::CONTENT_LENGTH, length)
            .body(reqwest::Body::wrap(body)))
    }

    fn head(&self, boundary: &str) -> String {
        let field = self.field.as_ref().map_or(String::new(), |(name, value)| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        let (name, content_type) = (&self.file.name, self.file.content_type());
        format!(
            "{field}--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{name}\"\r\n\
             Content-Type: {content_type}\r\n\r\n"
        )
    }
}

struct Streamed {
    head: Bytes,
    source: Content,
    tail: Bytes,
    left: u64,
}

enum Content {
    Bytes(Bytes),
    File { file: File, left: u64, buffer: Vec<u8> },
}

impl Streamed {
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if !self.head.is_empty() {
            return Poll::Ready(Ok(std::mem::take(&mut self.head)));
        }
        match &mut self.source {
            Content::Bytes(bytes) if !bytes.is_empty() => Poll::Ready(Ok(std::mem::take(bytes))),
            Content::File { file, left, buffer } if *left > 0 => {
                let wanted = buffer.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                let piece = ready!(poll_read(file, context, buffer.get_mut(..wanted).unwrap_or_default()))?;
                *left -= piece.len() as u64;
                Poll::Ready(Ok(piece))
            }
            _ => Poll::Ready(Ok(std::mem::take(&mut self.tail))),
        }
    }
}

fn poll_read(file: &mut File, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Bytes>> {
    let mut read = ReadBuf::new(buffer);
    ready!(Pin::new(file).poll_read(context, &mut read))?;
    match read.filled() {
        [] => Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"))),
        filled => Poll::Ready(Ok(Bytes::copy_from_slice(filled))),
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let piece = ready!(self.poll_piece(context));
        if let Ok(piece) = &piece {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(Some(piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
