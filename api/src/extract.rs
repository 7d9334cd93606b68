//! Reading bodies and paths strictly, with every failure in the envelope (T2, T20).

use crate::{
    error::{ApiError, Door},
    middleware::body::Payload,
};
use axum::extract::{FromRequestParts, OptionalFromRequestParts, path};
use domain::refusals::Refusal;
use http::{HeaderMap, header, request::Parts};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// The longest problem shown: it may quote what the client sent.
const LONGEST_PROBLEM: usize = 300;

/// A JSON body. The body was read by the middleware, so this may stand anywhere among the arguments.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let body = Payload::of(parts);
        if body.is_empty() {
            return Err(Refusal::invalid("body", "is missing: send a JSON object").into());
        }
        if !is_json(&parts.headers) {
            return Err(Door::UnsupportedMediaType.into());
        }
        Ok(Self(read(&body)?))
    }
}

/// A body that may be left out.
impl<S: Sync, T: DeserializeOwned> OptionalFromRequestParts<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, ApiError> {
        if Payload::of(parts).is_empty() {
            return Ok(None);
        }
        <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some)
    }
}

/// No body, or an empty object: what is asked stands in the query, and whoever says it elsewhere must not be misheard.
#[derive(Debug)]
pub struct NoBody;

impl<S: Sync> FromRequestParts<S> for NoBody {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let body = Payload::of(parts);
        let says_nothing =
            serde_json::from_slice::<serde_json::Map<String, Value>>(&body).is_ok_and(|map| map.is_empty());
        if body.is_empty() || says_nothing {
            return Ok(Self);
        }
        Err(Refusal::invalid("body", "is not read here: say it in the query").into())
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads strict JSON; a refusal names the field.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    refuse_nul(body)?;
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        unreadable(&path, error.inner())
    })?;
    json.end().map_err(|error| unreadable(".", &error))?;
    Ok(value)
}

fn unreadable(path: &str, error: &serde_json::Error) -> Refusal {
    let problem = error.to_string();
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .into_iter()
        .find_map(|start| problem.strip_prefix(start)?.split('`').next());
    // serde reports an unknown field at its own path and a missing one at its parent's
    let path = if path == "?" { "." } else { path };
    let field = match (path, named) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => format!("{path}.{name}"),
        (".", None) => "body".to_owned(),
        (path, _) => path.to_owned(),
    };
    Refusal::invalid(field, problem.chars().take(LONGEST_PROBLEM).collect::<String>())
}

/// Postgres cannot store NUL in a text, and no text of ours holds one.
fn refuse_nul(body: &[u8]) -> Result<(), Refusal> {
    let suspicious = body.windows(6).any(|window| window == br"\u0000");
    if suspicious && serde_json::from_slice::<Value>(body).is_ok_and(|value| holds_nul(&value)) {
        return Err(Refusal::invalid("body", "holds a NUL character"));
    }
    Ok(())
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// Tells a field that was left out (`None`) from one that was said to be empty (`Some(None)`): in a patch, null clears.
///
/// # Errors
/// When the value is neither null nor a `T`.
pub fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What stands in the path. An id nobody could have is an unknown id: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match <path::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(path::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Refusal::NotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Ask {
        seats: i64,
        at: Option<Point>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Point {
        lat: f64,
    }

    fn field(body: &str) -> String {
        match read::<Ask>(body.as_bytes()) {
            Err(Refusal::Invalid { field, .. }) => field,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_field_is_named() {
        assert_eq!(field(r#"{"seats":"two"}"#), "seats");
        assert_eq!(field(r#"{"seats":2.5}"#), "seats");
        assert_eq!(field("{}"), "seats");
        assert_eq!(field(r#"{"seats":1,"sets":2}"#), "sets");
        assert_eq!(field(r#"{"seats":1,"at":{"lat":"north"}}"#), "at.lat");
        assert_eq!(field(r#"{"seats":1,"at":{}}"#), "at.lat");
        assert_eq!(field(r#"{"seats":1,"at":{"lat":1,"lgn":2}}"#), "at.lgn");
        for broken in ["{", "[]", r#"{"seats":1} x"#, "\u{0}"] {
            assert_eq!(field(broken), "body", "{broken}");
        }
    }

    #[test]
    fn null_is_told_from_nothing() {
        #[derive(Debug, Deserialize)]
        struct Patch {
            #[serde(default, deserialize_with = "said")]
            note: Option<Option<String>>,
        }
        let note = |body: &str| read::<Patch>(body.as_bytes()).unwrap().note;
        assert_eq!((note("{}"), note(r#"{"note":null}"#)), (None, Some(None)));
        assert_eq!(note(r#"{"note":"x"}"#), Some(Some("x".into())));
    }

    #[test]
    fn a_nul_is_refused_and_its_spelling_is_not() {
        assert!(refuse_nul(br#"{"name":"a\u0000b"}"#).is_err());
        assert!(refuse_nul(br#"{"name":"a\\u0000b"}"#).is_ok());
    }
}
