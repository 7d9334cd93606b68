//! `Idempotency-Key`: the same request sent twice happens once (T7, T8, CX15).

use super::single;
use crate::{error::ApiError, middleware::body::Payload};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::{idempotency, refusals::Refusal};
use http::{HeaderName, request::Parts};
use sha2::{Digest, Sha256};

const NAME: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST: usize = 255;

/// The client's key with the hash of what it asks. As an argument it is mandatory; `Option<IdempotencyKey>` takes it
/// when it is there.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub idempotency::IdempotencyKey);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        read(parts)?.ok_or_else(|| Refusal::KeyRequired.into())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, ApiError> {
        Ok(read(parts)?)
    }
}

fn read(parts: &Parts) -> Result<Option<IdempotencyKey>, Refusal> {
    let Some(key) = single(&parts.headers, &NAME)? else { return Ok(None) };
    if !(1..=LONGEST).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Refusal::invalid(NAME.as_str(), "must be 1 to 255 visible ASCII characters"));
    }
    let key = idempotency::IdempotencyKey { key: key.to_owned(), request_hash: hash(parts) };
    Ok(Some(IdempotencyKey(key)))
}

/// Method, path with query, and body as sent. The first two hold no space or line end, so no two requests share it.
fn hash(parts: &Parts) -> [u8; 32] {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut hash = Sha256::new();
    hash.update(parts.method.as_str());
    hash.update(b" ");
    hash.update(path);
    hash.update(b"\n");
    hash.update(Payload::of(parts));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;

    fn keyed(path: &str, body: &'static str, key: &str) -> Result<Option<IdempotencyKey>, Refusal> {
        let mut request = http::Request::post(path);
        if !key.is_empty() {
            request = request.header(NAME, key);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(Payload(Bytes::from_static(body.as_bytes())));
        read(&parts)
    }

    fn hash_of(path: &str, body: &'static str) -> [u8; 32] {
        keyed(path, body, "k").unwrap().unwrap().0.request_hash
    }

    #[test]
    fn another_body_or_path_is_another_request() {
        assert_eq!(hash_of("/a", "{}"), hash_of("/a", "{}"));
        assert_ne!(hash_of("/a", "{}"), hash_of("/a", "{ }"));
        assert_ne!(hash_of("/a", "{}"), hash_of("/b", "{}"));
    }

    #[test]
    fn a_key_is_short_and_visible() {
        assert!(keyed("/a", "", "").unwrap().is_none());
        assert!(keyed("/a", "", "two words").is_err());
        assert!(keyed("/a", "", &"k".repeat(256)).is_err());
        assert!(keyed("/a", "", &"k".repeat(255)).is_ok());
    }
}
