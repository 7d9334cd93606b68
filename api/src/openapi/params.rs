//! Headers and parameters that several routes share, for the document only; `conditions` reads them.

use utoipa::IntoParams;

/// A key that makes the request happen once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct Key {
    /// Your key for this request, 1 to 255 visible characters. The same key with the same request gives the first
    /// answer again; with another request it is refused (422).
    #[param(rename = "Idempotency-Key", example = "7f3c1a52-ride-1")]
    key: String,
}

/// The same, where it may be left out.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct MaybeKey {
    /// Your key for this request; the same key with the same request gives the first answer again.
    #[param(rename = "Idempotency-Key", example = "7f3c1a52-ride-1")]
    key: Option<String>,
}

/// Which version a change is about.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct Version {
    /// The `ETag` you last read. Missing: 428. Stale: 412.
    #[param(rename = "If-Match", example = "\"1\"")]
    version: String,
}

/// How long to wait for the end of long work.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct Wait {
    /// `wait=n`: hold the answer up to n seconds, at most 30.
    #[param(rename = "Prefer", example = "wait=5")]
    prefer: Option<String>,
}

/// Which part of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Paging {
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page, 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
    /// Rows to skip; instead of `page`.
    #[param(minimum = 0)]
    offset: Option<i64>,
    /// Rows at most; instead of `page_size`.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}
