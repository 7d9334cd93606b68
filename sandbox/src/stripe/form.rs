//! Reading a form: names may be nested, as in `metadata[refund]`.

use std::collections::BTreeMap;

/// The fields by their full names.
pub(super) type Fields = BTreeMap<String, String>;

/// The fields of a form body; none when it is no form.
pub(super) fn read(body: &[u8]) -> Fields {
    let uri = format!("/?{}", String::from_utf8_lossy(body)).parse().unwrap_or_default();
    axum::extract::Query::<Fields>::try_from_uri(&uri).map(|query| query.0).unwrap_or_default()
}
