//! `GET /booking-series`, `GET /booking-series/{id}` (SN10).

use super::view::{SeriesView, shown};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
    routes::bookings::{ANYBODY, LOOKERS, ground},
};
use axum::extract::State;
use domain::{
    bookings::Authority,
    ids::SeriesId,
    series::{self, Filter},
};

/// Series of bookings
///
/// Mine; with `role=all` everybody's, for those who decide bookings.
#[utoipa::path(get, path = "/booking-series", tag = "bookings",
    params(
        ("role" = Option<String>, Query, example = "mine", description = "`mine`, which is the default, or `all`"),
        ("resource_id" = Option<Uuid>, Query, description = "Of this resource"),
        ("booking_id" = Option<Uuid>, Query, description = "The one with this booking"),
        Paging
    ),
    responses((status = 200, body = List<SeriesView>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let all = asked.words("role", &["mine", "all"])? == ["all"];
    let (resource, booking) =
        (asked.value("resource_id", "a resource's id")?, asked.value("booking_id", "a booking's id")?);
    let page = asked.page()?;
    asked.end()?;
    let (mut tx, by) = ground(&app, &caller, &LOOKERS, &ANYBODY).await?;
    let everybodys = all && matches!(by, Authority::Staff(_));
    let filter = Filter { of: (!everybodys).then_some(caller.user()), resource, booking };
    let listed = series::list(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, listed.map(SeriesView::from)))
}

/// One series with its dates
#[utoipa::path(get, path = "/booking-series/{id}", tag = "bookings",
    params(("id" = Uuid, Path, description = "The series")), responses((status = 200, body = Data<SeriesView>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<SeriesId>) -> ApiResult<Reply> {
    let (mut tx, by) = ground(&app, &caller, &LOOKERS, &ANYBODY).await?;
    let found = series::find(&mut tx, by, id).await?;
    Ok(shown(&mut tx, found).await?)
}
