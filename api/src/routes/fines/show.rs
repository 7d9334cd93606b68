//! `GET /fines/{id}` (SN7).

use super::{authority, view::Fine};
use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{fines, ids::FineId};

/// One fine
///
/// For who owes it and for who may waive it.
#[utoipa::path(get, path = "/fines/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The fine")), responses((status = 200, body = Data<Fine>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<FineId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let fine = fines::find(&mut tx, authority(&caller), id).await?;
    let version = fine.version;
    Ok(Reply::ok(Fine::from(fine)).version(version))
}
