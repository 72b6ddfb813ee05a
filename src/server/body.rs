//! Bodies: those that come in are bounded in size and time, those that go out are short or streamed.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::{Response, StatusCode, header};

/// What every answer is made of: one piece, or whatever the router streams.
pub type Body = Either<Full<Bytes>, axum::body::Body>;

/// Why a request's body wasn't read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    TooLarge,
    TooSlow,
    /// The connection ended or its framing was wrong.
    Broken,
}

impl Unread {
    pub fn status(self) -> StatusCode {
        match self {
            Unread::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Unread::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Unread::Broken => StatusCode::BAD_REQUEST,
        }
    }

    /// The metric's label.
    pub fn reason(self) -> &'static str {
        match self {
            Unread::TooLarge => "too_large",
            Unread::TooSlow => "too_slow",
            Unread::Broken => "broken_body",
        }
    }
}

/// The whole body, if it has at most `bytes_max` and arrives within `limit`. A body that announces
/// too much is refused unread.
pub async fn read<B>(body: B, bytes_max: usize, limit: Duration) -> Result<Bytes, Unread>
where
    B: hyper::body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(Unread::TooLarge);
    }
    let mut whole = pin!(Limited::new(body, bytes_max).collect());
    // Nearly all bodies come with their heads: no clock is needed for those.
    let read = match poll_fn(|context| Poll::Ready(whole.as_mut().poll(context))).await {
        Poll::Ready(read) => Ok(read),
        Poll::Pending => tokio::time::timeout(limit, whole).await,
    };
    match read {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Ok(Err(_)) => Err(Unread::Broken),
        Err(_) => Err(Unread::TooSlow),
    }
}

/// A short answer in one piece.
pub fn answer(status: StatusCode, content_type: &'static str, content: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(content.into())));
    *response.status_mut() = status;
    let value = header::HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response
}

pub const TEXT: &str = "text/plain; charset=utf-8";

/// A status and its usual words.
pub fn status(status: StatusCode) -> Response<Body> {
    answer(status, TEXT, status.canonical_reason().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Frame;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::Context;

    const LIMIT: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_up_to_its_limit() {
        let read = async |bytes: usize| read(Full::new(Bytes::from(vec![b'x'; bytes])), 10, LIMIT).await;
        assert_eq!(read(10).await.map(|body| body.len()), Ok(10));
        assert_eq!(read(0).await.map(|body| body.len()), Ok(0));
        assert_eq!(read(11).await, Err(Unread::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_announces_nothing_is_cut_when_it_is_over() {
        let pieces = Pieces(std::iter::repeat_n(Bytes::from_static(b"four"), 3).collect());
        assert_eq!(read(pieces, 10, LIMIT).await, Err(Unread::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_costs_its_time_limit() {
        let start = tokio::time::Instant::now();
        assert_eq!(read(Silence, 10, LIMIT).await, Err(Unread::TooSlow));
        assert_eq!(start.elapsed(), LIMIT);
    }

    type Polled = Poll<Option<Result<Frame<Bytes>, Infallible>>>;

    struct Pieces(Vec<Bytes>);

    impl hyper::body::Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Polled {
            Poll::Ready(self.0.pop().map(|piece| Ok(Frame::data(piece))))
        }
    }

    struct Silence;

    impl hyper::body::Body for Silence {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Polled {
            Poll::Pending
        }
    }
}
