//! `PATCH, PUT, DELETE /sites/{id}`, `POST /sites/{id}/restore` (B11, B12, T14, CX13, CX24).

use super::view::{PatchSite, Site, shown};
use crate::{
    App,
    caller::Caller,
    conditions::{IfMatch, Seen},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Version,
    routes::{hours::set_every_day, shared::MaybeVersion},
};
use axum::extract::State;
use domain::{
    ids::SiteId,
    inventory::{hours::Place, sites},
    permissions::Permission,
};

/// Change a site
#[utoipa::path(patch, path = "/sites/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site"), Version), request_body = PatchSite,
    responses((status = 200, body = Data<Site>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SiteId>,
    Seen(seen): Seen,
    Json(ask): Json<PatchSite>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::SiteManage).await?;
    let hours = ask.hours()?;
    let site = sites::update(&mut tx, id, seen, |before| ask.onto(before)).await?;
    set_every_day(&mut tx, Place::Site(id), hours).await?;
    tx.commit().await?;
    Ok(shown(site))
}

/// Change a site
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/sites/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site"), Version), request_body = PatchSite,
    responses((status = 200, body = Data<Site>)))]
pub async fn replace(
    app: State<App>,
    caller: Caller,
    id: Path<SiteId>,
    seen: Seen,
    ask: Json<PatchSite>,
) -> ApiResult<Reply> {
    update(app, caller, id, seen, ask).await
}

/// Remove a site
///
/// Refused while resources stand on it. It can be restored.
#[utoipa::path(delete, path = "/sites/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site"), MaybeVersion), responses((status = 200, body = Data<Site>)))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SiteId>,
    seen: Option<IfMatch>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::SiteManage).await?;
    let site = sites::remove(&mut tx, id, seen.map(|IfMatch(seen)| seen)).await?;
    tx.commit().await?;
    Ok(shown(site))
}

/// Restore a removed site
#[utoipa::path(post, path = "/sites/{id}/restore", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site")), responses((status = 200, body = Data<Site>)))]
pub async fn restore(State(app): State<App>, caller: Caller, Path(id): Path<SiteId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::SiteManage).await?;
    let site = sites::restore(&mut tx, id).await?;
    tx.commit().await?;
    Ok(shown(site))
}
