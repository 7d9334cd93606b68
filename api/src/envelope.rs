//! The shape of every answer: `{data, meta}` or `{error}` (T11, T12, CX5).

use crate::conditions::{IdempotencyKey, Pagination};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::{
    db::Tx,
    error::Result,
    idempotency::{self, Answer, Once},
    ids::OperationId,
    paging::{Listed, Page},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

tokio::task_local! {
    /// The id of the request in hand, set by the outermost middleware.
    pub(crate) static REQUEST_ID: String;
}

/// The id of the request in hand; empty outside of one.
pub(crate) fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// One thing.
#[derive(Serialize, ToSchema)]
pub struct Data<T> {
    /// The thing itself.
    pub data: T,
    /// About the answer.
    pub meta: Meta,
}

/// A list of things.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    /// The things of this page.
    pub data: Vec<T>,
    /// About the answer.
    pub meta: Meta,
}

/// About the answer.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Meta {
    /// Names this request in our logs (T25).
    #[schema(example = "3f1c0c1e-6f0f-4b4f-9d8e-7a7d7e0f3c55")]
    pub request_id: String,
    /// Which part of a list this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where a list that only grows goes on: send it as `cursor`. Absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Of an inbox: how many were not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<i64>,
    /// The operation that did or does the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub operation_id: Option<OperationId>,
}

/// Why not.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable code to act on; the catalogue is docs/ERRORS.md.
    #[schema(example = "validation_error")]
    pub code: String,
    /// One English sentence for developers; translate by code.
    #[schema(example = "A field is missing or malformed.")]
    pub message: String,
    /// What helps to act on it; its fields depend on the code.
    #[schema(value_type = Object, example = json!({ "field": "seats", "problem": "must be at least 1" }))]
    pub details: Value,
}

impl ErrorBody {
    /// An error envelope.
    #[must_use]
    pub fn new(code: &str, message: &str, details: Value) -> Self {
        Self { error: ErrorDetail { code: code.to_owned(), message: message.to_owned(), details } }
    }
}

/// A successful answer, before its envelope is closed.
#[derive(Debug)]
#[must_use]
pub struct Reply {
    answer: Answer,
    pagination: Option<Pagination>,
    next_cursor: Option<String>,
    unread: Option<i64>,
    retry_after: Option<u64>,
    waited: Option<u64>,
}

impl Reply {
    fn new(status: StatusCode, view: impl Serialize) -> Self {
        let body = serde_json::to_value(view).expect("views are plain data with text keys");
        let answer = Answer { status: status.as_u16(), location: None, etag: None, body, operation: None };
        Self::of(answer)
    }

    fn of(answer: Answer) -> Self {
        Self { answer, pagination: None, next_cursor: None, unread: None, retry_after: None, waited: None }
    }

    /// 200 with `view`.
    pub fn ok(view: impl Serialize) -> Self {
        Self::new(StatusCode::OK, view)
    }

    /// 200 with one page of a list.
    pub fn list(page: Page, listed: Listed<impl Serialize>) -> Self {
        Self { pagination: Some(Pagination::of(page, &listed)), ..Self::new(StatusCode::OK, listed.items) }
    }

    /// 201 with the thing that came into being, and where it lives.
    pub fn created(location: impl Into<String>, view: impl Serialize) -> Self {
        let mut reply = Self::new(StatusCode::CREATED, view);
        reply.answer.location = Some(location.into());
        reply
    }

    /// 202: the operation goes on; ask for it where `Location` says (T30).
    pub fn accepted(operation: OperationId, view: impl Serialize) -> Self {
        let mut reply = Self::new(StatusCode::ACCEPTED, view).operation(operation).retry_after(1);
        reply.answer.location = Some(operation_path(operation));
        reply
    }

    /// With the version tag a later `If-Match` must name (T14).
    pub fn version(mut self, version: i32) -> Self {
        self.answer.etag = Some(format!("\"{version}\""));
        self
    }

    /// With the operation that did the work in `meta`.
    pub fn operation(mut self, operation: OperationId) -> Self {
        self.answer.operation = Some(operation);
        self
    }

    /// With where a list that only grows goes on, if it does.
    pub fn goes_on(mut self, cursor: Option<String>) -> Self {
        self.next_cursor = cursor;
        self
    }

    /// With the number of things that were not read.
    pub fn unread(mut self, unread: i64) -> Self {
        self.unread = Some(unread);
        self
    }

    /// With a hint when to ask again, in seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// With the note that `Prefer: wait=n` was honoured (RFC 7240).
    pub fn waited(mut self, seconds: Option<u64>) -> Self {
        self.waited = seconds;
        self
    }

    /// The answer given when this key was first used, if it was (T8). The operation, when the answer names one, may
    /// have moved on: a route that opens operations looks there instead.
    ///
    /// # Errors
    /// `idempotency_key_reused` when the key belongs to another request.
    pub async fn earlier(tx: &mut Tx, key: Option<&IdempotencyKey>) -> Result<Option<Self>> {
        let Some(key) = key else { return Ok(None) };
        match idempotency::claim(tx, &key.0).await? {
            Once::First => Ok(None),
            Once::Again(answer) => Ok(Some(Self::of(*answer))),
        }
    }

    /// Keeps this answer with its key and commits: the effect, the key and the answer stand or fall together.
    ///
    /// # Errors
    /// A fault when the database fails.
    pub async fn commit(self, mut tx: Tx, key: Option<&IdempotencyKey>) -> Result<Self> {
        if let Some(key) = key {
            idempotency::keep(&mut tx, &key.0, &self.answer).await?;
        }
        tx.commit().await?;
        Ok(self)
    }

    /// The operation named in `meta`.
    #[must_use]
    pub fn operation_id(&self) -> Option<OperationId> {
        self.answer.operation
    }
}

/// Where an operation is polled.
#[must_use]
pub fn operation_path(operation: OperationId) -> String {
    format!("/api/v1/operations/{operation}")
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let meta = Meta {
            request_id: request_id(),
            pagination: self.pagination,
            next_cursor: self.next_cursor,
            unread: self.unread,
            operation_id: self.answer.operation,
        };
        let status = StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::OK);
        let mut response = (status, Json(Data { data: self.answer.body, meta })).into_response();
        let headers = [
            (header::LOCATION, self.answer.location),
            (header::ETAG, self.answer.etag),
            (header::RETRY_AFTER, self.retry_after.map(|seconds| seconds.to_string())),
            (HeaderName::from_static("preference-applied"), self.waited.map(|seconds| format!("wait={seconds}"))),
        ];
        for (name, value) in headers {
            if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
