//! `GET /reports/{id}/file` (K7, V5).

use crate::{App, caller::Caller, error::ApiResult, extract::Path};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{ids::ReportId, permissions::Permission, refusals::Refusal, reports};
use http::header;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Fetch a file
///
/// For who asked for it, while it is kept: three days. What is about the whole organization needs the same permission as
/// asking.
#[utoipa::path(get, path = "/reports/{id}/file", tag = "oversight", params(("id" = Uuid, Path, description = "The report")),
    responses((status = 200, content(
        (String = "text/csv"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    ))))]
pub async fn file(State(app): State<App>, caller: Caller, Path(id): Path<ReportId>) -> ApiResult<Response> {
    let mut tx = caller.begin(&app).await?;
    let file = reports::find_file(&mut tx, caller.user(), id).await?;
    tx.commit().await?;
    if matches!(file.kind.as_str(), "ledger" | "finance") && !caller.may(Permission::PaymentRead) {
        return Err(Refusal::NotFound.into());
    }
    let content_type = match file.format.as_str() {
        "xlsx" => XLSX,
        "pdf" => "application/pdf",
        _ => "text/csv; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
        (header::CONTENT_LENGTH, file.bytes.to_string()),
    ];
    // a piece at a time, each read when the client has taken the one before
    let pieces = futures::stream::try_unfold(0, move |number| {
        let (app, caller) = (app.clone(), caller.clone());
        async move {
            let mut tx = caller.begin(&app).await?;
            let piece = reports::piece(&mut tx, id, number).await?;
            Ok::<_, domain::error::Error>(piece.map(|piece| (piece, number + 1)))
        }
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}
