//! What a request says beside its body: its key, the version it means, how long it waits, which page it wants.

mod filters;
mod idempotency_key;
mod if_match;
mod list;
mod prefer;
mod span;

pub use idempotency_key::IdempotencyKey;
pub use if_match::{IfMatch, Seen};
pub use list::{Asked, Pagination, Sort};
pub use prefer::{LONGEST_WAIT_SECONDS, Prefer};
pub use span::Span;

use domain::refusals::Refusal;
use http::{HeaderMap, HeaderName};

/// The header's text, when it stands there at most once.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::invalid(name.as_str(), "was sent more than once"));
    }
    match value.to_str() {
        Ok(text) => Ok(Some(text.trim())),
        Err(_) => Err(Refusal::invalid(name.as_str(), "holds characters outside visible ASCII")),
    }
}
