//! `POST /sites` (B10, CX25).

use super::view::{NewSite, Site};
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
    routes::hours::set_every_day,
};
use axum::extract::State;
use domain::{
    inventory::{hours::Place, sites},
    permissions::Permission,
};

/// Make a site
#[utoipa::path(post, path = "/sites", tag = "inventory", params(MaybeKey), request_body = NewSite,
    responses((status = 201, body = Data<Site>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewSite>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::SiteManage).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let hours = ask.hours()?;
    let site = sites::create(&mut tx, ask.facts()?).await?;
    set_every_day(&mut tx, Place::Site(site.id), hours).await?;
    let (id, version) = (site.id, site.version);
    let reply = Reply::created(format!("/api/v1/sites/{id}"), Site::from(site)).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}
