//! `GET /kyc`, `GET /kyc/{id}/number`, `POST /kyc/{id}/{approve,reject}` (N4–N6).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{ids::KycId, kyc, permissions::Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes under `/kyc`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(pending))
        .routes(routes!(number))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// An identity document, without its number.
#[derive(Debug, Serialize, ToSchema)]
pub struct Document {
    /// Its id.
    id: Uuid,
    /// Whose it is.
    user_id: Uuid,
    /// `national_id`, `passport` or `driving_licence`.
    #[schema(example = "driving_licence")]
    doc_type: String,
    /// Where the picture of the front lies.
    front_key: String,
    /// Where the picture of the back lies.
    back_key: Option<String>,
    /// `pending`, `approved`, `rejected` or `expired`.
    #[schema(example = "pending")]
    status: String,
    /// The last day on which it is valid.
    expires_on: Option<NaiveDate>,
    /// What the reviewer had to say.
    notes: Option<String>,
    /// Who reviewed it.
    reviewed_by: Option<Uuid>,
    /// When.
    reviewed_at: Option<DateTime<Utc>>,
    /// When it was handed in.
    created_at: DateTime<Utc>,
}

/// The number on a document.
#[derive(Serialize, ToSchema)]
pub struct Number {
    /// As the person typed it.
    doc_number: String,
}

/// Words that go with an approval.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// For the file.
    notes: Option<String>,
}

/// Why a document is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// Told to the person.
    #[schema(example = "The picture is not readable.")]
    notes: String,
}

/// Documents waiting for a review
#[utoipa::path(get, path = "/kyc", tag = "kyc", params(Paging), responses((status = 200, body = List<Document>)))]
pub async fn pending(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::KycReview).await?;
    let waiting = kyc::pending(&mut tx, page).await?;
    Ok(Reply::list(page, waiting.map(Document::from)))
}

/// The number on a document
#[utoipa::path(get, path = "/kyc/{id}/number", tag = "kyc",
    params(("id" = Uuid, Path, description = "The document")), responses((status = 200, body = Data<Number>)))]
pub async fn number(State(app): State<App>, caller: Caller, Path(id): Path<KycId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::KycReview).await?;
    let doc_number = kyc::number_for_review(&mut tx, id).await?;
    Ok(Reply::ok(Number { doc_number }))
}

/// Approve a document
///
/// An approved driving licence makes its holder a driver.
#[utoipa::path(post, path = "/kyc/{id}/approve", tag = "kyc",
    params(("id" = Uuid, Path, description = "The document")), request_body = Option<Approval>,
    responses((status = 200, body = Data<Document>)))]
pub async fn approve(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<KycId>,
    ask: Option<Json<Approval>>,
) -> ApiResult<Reply> {
    let notes = ask.and_then(|Json(ask)| ask.notes);
    let mut tx = caller.begin_as(&app, Permission::KycReview).await?;
    let document = kyc::approve(&mut tx, id, notes.as_deref()).await?;
    tx.commit().await?;
    Ok(Reply::ok(Document::from(document)))
}

/// Reject a document
#[utoipa::path(post, path = "/kyc/{id}/reject", tag = "kyc",
    params(("id" = Uuid, Path, description = "The document")), request_body = Rejection,
    responses((status = 200, body = Data<Document>)))]
pub async fn reject(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<KycId>,
    Json(ask): Json<Rejection>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::KycReview).await?;
    let document = kyc::reject(&mut tx, id, &ask.notes).await?;
    tx.commit().await?;
    Ok(Reply::ok(Document::from(document)))
}

impl From<kyc::Document> for Document {
    fn from(document: kyc::Document) -> Self {
        Self {
            id: document.id.into(),
            user_id: document.user_id.into(),
            doc_type: document.doc_type,
            front_key: document.front_key,
            back_key: document.back_key,
            status: document.status,
            expires_on: document.expires_on,
            notes: document.notes,
            reviewed_by: document.reviewed_by.map(Into::into),
            reviewed_at: document.reviewed_at,
            created_at: document.created_at,
        }
    }
}
