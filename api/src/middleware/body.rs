//! Bodies are read once, whole, and never beyond their limit.

use super::older_paths::Older;
use crate::error::ApiError;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::refusals::Refusal;
use futures::StreamExt;
use http::request::Parts;

/// The largest body of an ordinary request.
pub const LARGEST: usize = 64 * 1024;
/// A refused body is still read this far: a client that is writing does not listen, and would see a broken
/// connection instead of the refusal.
const DRAINED: usize = 4 * 1024 * 1024;

/// The body of the request in hand, as it came.
#[derive(Clone)]
pub struct Payload(pub Bytes);

impl Payload {
    /// The bytes; empty when there are none.
    #[must_use]
    pub fn of(parts: &Parts) -> Bytes {
        parts.extensions.get::<Self>().map(|payload| payload.0.clone()).unwrap_or_default()
    }
}

/// Reads the body into [`Payload`], so that several extractors may look at it; in our words, whatever path it came by.
pub async fn buffer(mut request: Request, next: Next) -> Response {
    let body = std::mem::take(request.body_mut());
    match read(body, LARGEST).await {
        Ok(bytes) => {
            let ours = match request.extensions().get::<Older>() {
                Some(older) => older.body(bytes),
                None => bytes,
            };
            request.extensions_mut().insert(Payload(ours));
            next.run(request).await
        }
        Err(refusal) => ApiError::from(refusal).into_response(),
    }
}

/// The whole body.
///
/// # Errors
/// `body_too_large` beyond `limit` bytes, `validation_error` when it broke off.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut chunks = body.into_data_stream();
    let Some(first) = chunks.next().await else { return Ok(Bytes::new()) };
    let first = first.map_err(|_| broken_off())?;
    let mut total = first.len();
    // Nearly every body comes in one piece: do not copy it.
    let Some(second) = chunks.next().await else {
        return if total <= limit { Ok(first) } else { Err(too_large(limit)) };
    };
    let mut whole = first.to_vec();
    let mut next = Some(second);
    while let Some(chunk) = next {
        let chunk = chunk.map_err(|_| broken_off())?;
        total += chunk.len();
        if total <= limit {
            whole.extend_from_slice(&chunk);
        } else if total > DRAINED {
            break;
        }
        next = chunks.next().await;
    }
    if total <= limit { Ok(whole.into()) } else { Err(too_large(limit)) }
}

fn too_large(limit_bytes: usize) -> Refusal {
    Refusal::BodyTooLarge { limit_bytes }
}

fn broken_off() -> Refusal {
    Refusal::invalid("body", "broke off")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn pieces(count: usize, size: usize) -> Body {
        Body::from_stream(futures::stream::iter((0..count).map(move |_| Ok::<_, Infallible>(vec![b'x'; size]))))
    }

    #[tokio::test]
    async fn a_body_is_whole_or_refused() {
        assert_eq!(read(Body::empty(), 10).await.unwrap().len(), 0);
        assert_eq!(read(pieces(2, 5), 10).await.unwrap().len(), 10);
        for large in [pieces(1, 11), pieces(3, 4), pieces(10_000, 1_000)] {
            assert_eq!(read(large, 10).await.unwrap_err(), Refusal::BodyTooLarge { limit_bytes: 10 });
        }
    }
}
