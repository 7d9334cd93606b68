//! `GET, POST /me/kyc` (N1–N3).

use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
    routes::kyc::Document,
};
use axum::extract::State;
use chrono::NaiveDate;
use domain::kyc;
use serde::Deserialize;
use utoipa::ToSchema;

/// An identity document to review.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// `national_id`, `passport` or `driving_licence`.
    #[schema(example = "driving_licence")]
    doc_type: String,
    /// Kept sealed; only the reviewer sees it.
    #[schema(example = "CI-0012345")]
    doc_number: String,
    /// Where the picture of the front lies.
    #[schema(example = "kyc/front.jpg")]
    front_key: String,
    /// Where the picture of the back lies.
    back_key: Option<String>,
    /// The last day on which it is valid.
    #[schema(example = "2031-12-31")]
    expires_on: Option<NaiveDate>,
}

/// My documents
#[utoipa::path(get, path = "/me/kyc", tag = "me", responses((status = 200, body = List<Document>)))]
pub async fn list(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let documents = kyc::mine(&mut tx, caller.user()).await?;
    Ok(Reply::ok(documents.into_iter().map(Document::from).collect::<Vec<_>>()))
}

/// Hand in a document
#[utoipa::path(post, path = "/me/kyc", tag = "me", params(MaybeKey), request_body = NewDocument,
    responses((status = 201, body = Data<Document>)))]
pub async fn submit(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewDocument>,
) -> ApiResult<Reply> {
    let NewDocument { doc_type, doc_number, front_key, back_key, expires_on } = ask;
    let new = kyc::NewDocument { doc_type, doc_number, front_key, back_key, expires_on };
    let mut tx = caller.begin(&app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let document = kyc::submit(&mut tx, caller.user(), &new).await?;
    Ok(Reply::created("/api/v1/me/kyc", Document::from(document)).commit(tx, key.as_ref()).await?)
}
