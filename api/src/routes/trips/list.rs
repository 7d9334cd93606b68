//! `GET /trips?driver=me`.

use super::view::Trip;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{organizations, paging::Listed, permissions::Permission, trips};

/// The trips I drive
///
/// Newest departure first, drafts among them. For other people's trips there is the search.
#[utoipa::path(get, path = "/trips", tag = "trips",
    params(("driver" = Option<String>, Query, description = "`me`, which is also the default", example = "me"), Paging),
    responses((status = 200, body = List<Trip>)))]
pub async fn mine(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    asked.words("driver", &["me"])?;
    let page = asked.page()?;
    asked.end()?;
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    let zone = organizations::load(&mut tx).await?.timezone;
    let (mine, total) = trips::mine(&mut tx, caller.user(), page.offset, page.limit).await?;
    let mut items = Vec::with_capacity(mine.len());
    for trip in mine {
        let seats = trips::seats(&mut tx, &trip).await?;
        items.push(Trip::new(trip, seats, zone));
    }
    Ok(Reply::list(page, Listed { items, total }))
}
