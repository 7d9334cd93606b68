//! `POST /resources` (E13, B10).

use super::{
    ask::{NewResourceBody, must_have_hours},
    view::Resource,
};
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
    inventory::{hours::Place, resources},
    organizations,
    permissions::Permission,
};

/// Make a resource with its units
///
/// A car park with its bays, a camera with its copies. What is of one piece has one unit without being told.
#[utoipa::path(post, path = "/resources", tag = "inventory", params(MaybeKey), request_body = NewResourceBody,
    responses((status = 201, body = Data<Resource>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewResourceBody>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceCreate).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let currency = organizations::load(&mut tx).await?.currency;
    let hours = ask.hours()?;
    let resource = resources::create(&mut tx, ask.resource(currency)?).await?;
    must_have_hours(resource.kind, hours)?;
    set_every_day(&mut tx, Place::Resource(resource.id), hours).await?;
    let (id, version) = (resource.id, resource.version);
    let reply = Reply::created(format!("/api/v1/resources/{id}"), Resource::from(resource)).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}
