//! The body of a request: as much as it may be, and in time.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use futures::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

/// How long a body may take from the head to its last byte.
const IN_TIME: Duration = Duration::from_secs(10);

/// Why a body was not read. The connection is of no use after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    TooLarge,
    TooSlow,
    /// The connection broke, or what came is no body.
    Broken,
}

impl Unread {
    /// What the request is answered with (RFC 9110 sections 15.5.9 and 15.5.14).
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// All of a body of at most so many bytes. One that says at once that it is larger is not read at all.
pub async fn read(mut body: Body, limit: usize) -> Result<Bytes, Unread> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(Unread::TooLarge);
    }
    let mut all = Vec::with_capacity(announced);
    let reading = async {
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
            if all.len() + data.len() > limit {
                return Err(Unread::TooLarge);
            }
            all.extend_from_slice(&data);
        }
        Ok(())
    };
    match tokio::time::timeout(IN_TIME, reading).await {
        Ok(read) => read.map(|()| all.into()),
        Err(_) => Err(Unread::TooSlow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_no_further() {
        assert_eq!(read(Body::from("four"), 4).await.as_deref(), Ok(b"four".as_slice()));
        assert_eq!(read(Body::from("fives"), 4).await, Err(Unread::TooLarge));
        let endless = stream::repeat_with(|| Ok::<_, std::io::Error>("x"));
        assert_eq!(read(Body::from_stream(endless), 1_000).await, Err(Unread::TooLarge));
        let broken = stream::iter([Ok("x"), Err(std::io::Error::other("broken"))]);
        assert_eq!(read(Body::from_stream(broken), 4).await, Err(Unread::Broken));
    }
}
