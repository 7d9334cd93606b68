//! `GET /inbound-events/{id}/body` (★4).

use crate::{App, caller::Caller, error::ApiResult, extract::Path};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{ids::EventId, payments, permissions::Permission};
use http::{HeaderValue, header};

/// What a provider sent, byte for byte
///
/// As its signature was verified: the last evidence for a balance. It may name the payer, so it is for who corrects the
/// books, and each look is logged. 404 once it was forgotten.
#[utoipa::path(get, path = "/inbound-events/{id}/body", tag = "money",
    params(("id" = Uuid, Path, description = "The event")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
pub async fn body(State(app): State<App>, caller: Caller, Path(id): Path<EventId>) -> ApiResult<Response> {
    let mut tx = caller.begin_as(&app, Permission::BooksCorrect).await?;
    let bytes = payments::event_body(&mut tx, id).await?;
    tracing::info!(event = %id, by = %caller.user(), "what a provider sent was looked at");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"event\"")),
    ];
    Ok((headers, bytes).into_response())
}
