//! `GET /trips/{id}` (I5).

use super::{
    view::{Trip, shown},
    visitor::Visitor,
};
use crate::{
    App,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{ids::ResourceId, refusals::Refusal, trips};

/// One trip
///
/// Open to everybody; a draft only to its driver.
#[utoipa::path(get, path = "/trips/{id}", tag = "trips", security((), ("bearer" = [])),
    params(("id" = Uuid, Path, description = "The trip")), responses((status = 200, body = Data<Trip>)))]
pub async fn show(State(app): State<App>, visitor: Visitor, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    let mut tx = visitor.begin(&app).await?;
    let trip = trips::find(&mut tx, id).await?;
    if trip.status == "draft" && !visitor.may_see_drafts_of(trip.driver) {
        return Err(Refusal::NotFound.into());
    }
    Ok(shown(&mut tx, trip).await?)
}
