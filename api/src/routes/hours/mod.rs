//! When sites and resources are open (F1, E9, SN12).

mod every_day;
mod view;

pub(super) use every_day::{every_day, set_every_day};
pub(super) use view::OpeningView;

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
};
use axum::extract::State;
use domain::{
    ids::{ResourceId, SiteId},
    inventory::{
        hours::{self, Place},
        resources, sites,
    },
    permissions::Permission,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use view::{HoursBody, HoursView};

/// The routes of opening hours.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_site, set_of_site)).routes(routes!(of_resource, set_of_resource))
}

/// When a site is open
///
/// Without hours it is always open.
#[utoipa::path(get, path = "/sites/{id}/opening-hours", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site")), responses((status = 200, body = Data<HoursView>)))]
pub async fn of_site(State(app): State<App>, caller: Caller, Path(id): Path<SiteId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    sites::find(&mut tx, id).await?;
    Ok(Reply::ok(HoursView::from(hours::find(&mut tx, Place::Site(id)).await?)))
}

/// Say when a site is open
///
/// Replaces all it had. Bookings made before stay.
#[utoipa::path(put, path = "/sites/{id}/opening-hours", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site")), request_body = HoursBody,
    responses((status = 200, body = Data<HoursView>)))]
pub async fn set_of_site(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SiteId>,
    Json(ask): Json<HoursBody>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::SiteManage).await?;
    let set = hours::replace(&mut tx, Place::Site(id), ask.hours()?).await?;
    tx.commit().await?;
    Ok(Reply::ok(HoursView::from(set)))
}

/// When a resource is open
///
/// What it says itself, and what its site says: its own week wins, and so do its own days.
#[utoipa::path(get, path = "/resources/{id}/opening-hours", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource")), responses((status = 200, body = Data<HoursView>)))]
pub async fn of_resource(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let site = resources::find(&mut tx, id).await?.facts.site;
    let own = hours::find(&mut tx, Place::Resource(id)).await?;
    let of_site = match site {
        Some(site) => Some(hours::find(&mut tx, Place::Site(site)).await?),
        None => None,
    };
    Ok(Reply::ok(HoursView::from(own).with_site(of_site)))
}

/// Say when a resource is open
///
/// Replaces all it had; with nothing, its site's hours count again. Bookings made before stay.
#[utoipa::path(put, path = "/resources/{id}/opening-hours", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource")), request_body = HoursBody,
    responses((status = 200, body = Data<HoursView>)))]
pub async fn set_of_resource(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    Json(ask): Json<HoursBody>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceUpdate).await?;
    let set = hours::replace(&mut tx, Place::Resource(id), ask.hours()?).await?;
    tx.commit().await?;
    Ok(Reply::ok(HoursView::from(set)))
}
