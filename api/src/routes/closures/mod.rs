//! Times in which something is closed (F1–F3, CX35, SN33).

mod ask;
mod view;

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{MaybeKey, Paging},
};
use ask::NewClosureBody;
use axum::extract::State;
use domain::{
    ids::{ClosureId, ResourceId, SiteId},
    inventory::{
        closures::{self, Place},
        hours, resources, sites,
    },
    permissions::Permission,
    refusals::Refusal,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use view::Closure;

/// The routes of closures.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(of_site, close_site))
        .routes(routes!(of_resource, close_resource))
        .routes(routes!(show, remove))
}

/// When a site is closed
///
/// Those to come first.
#[utoipa::path(get, path = "/sites/{id}/closures", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site"), Paging), responses((status = 200, body = List<Closure>)))]
pub async fn of_site(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SiteId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    sites::find(&mut tx, id).await?;
    let listed = closures::of_place(&mut tx, hours::Place::Site(id), page).await?;
    Ok(Reply::list(page, listed.map(Closure::from)))
}

/// Close a site
///
/// Everything on it. Bookings then are moved to free units that are just as good, where there are any; the others stand in
/// the way, or are cancelled by the house, as `on_bookings` says. Their people are told.
#[utoipa::path(post, path = "/sites/{id}/closures", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site"), MaybeKey), request_body = NewClosureBody,
    responses((status = 201, body = Data<Closure>)))]
pub async fn close_site(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SiteId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewClosureBody>,
) -> ApiResult<Reply> {
    if ask.unit().is_some() {
        return Err(Refusal::invalid("unit_id", "a unit is closed at its resource").into());
    }
    close(&app, &caller, (Permission::SiteManage, Place::Site(id)), key, ask).await
}

/// When a resource is closed
///
/// It, its units and its site; those to come first.
#[utoipa::path(get, path = "/resources/{id}/closures", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"), Paging), responses((status = 200, body = List<Closure>)))]
pub async fn of_resource(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    resources::find(&mut tx, id).await?;
    let listed = closures::of_place(&mut tx, hours::Place::Resource(id), page).await?;
    Ok(Reply::list(page, listed.map(Closure::from)))
}

/// Close a resource
///
/// Or one unit of it, with `unit_id`. Bookings then are moved to free units that are just as good, where there are any; the
/// others stand in the way, or are cancelled by the house, as `on_bookings` says. Their people are told.
#[utoipa::path(post, path = "/resources/{id}/closures", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"), MaybeKey), request_body = NewClosureBody,
    responses((status = 201, body = Data<Closure>)))]
pub async fn close_resource(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewClosureBody>,
) -> ApiResult<Reply> {
    let place = ask.unit().map_or(Place::Resource(id), |unit| Place::Unit(id, unit));
    close(&app, &caller, (Permission::ResourceUpdate, place), key, ask).await
}

async fn close(
    app: &App,
    caller: &Caller,
    (permission, place): (Permission, Place),
    key: Option<IdempotencyKey>,
    ask: NewClosureBody,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(app, permission).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let created = closures::create(&mut tx, ask.closure(place)?).await?;
    let location = format!("/api/v1/closures/{}", created.closure.id);
    let reply = Reply::created(location, Closure::met(created));
    Ok(reply.commit(tx, key.as_ref()).await?)
}

/// One closure
#[utoipa::path(get, path = "/closures/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The closure")), responses((status = 200, body = Data<Closure>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<ClosureId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    Ok(Reply::ok(Closure::from(closures::find(&mut tx, id).await?)))
}

/// Take a closure back
///
/// What it closed is free again, unless something else closes it too.
#[utoipa::path(delete, path = "/closures/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The closure")), responses((status = 200, body = Data<Closure>)))]
pub async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<ClosureId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceUpdate).await?;
    let closure = closures::remove(&mut tx, id).await?;
    if matches!(closure.place, Place::Site(_)) {
        caller.require(Permission::SiteManage)?;
    }
    tx.commit().await?;
    Ok(Reply::ok(Closure::from(closure)))
}
