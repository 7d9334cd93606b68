//! `GET /me/favourites`, `PUT, DELETE /me/favourites/{resource_id}` (Z9).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
    routes::resources::Resource,
};
use axum::extract::State;
use domain::{ids::ResourceId, inventory::favourites};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is kept at hand no longer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dropped {
    /// The resource.
    resource_id: Uuid,
}

/// What I keep at hand
#[utoipa::path(get, path = "/me/favourites", tag = "me", params(Paging), responses((status = 200, body = List<Resource>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    let listed = favourites::list(&mut tx, caller.user(), page).await?;
    Ok(Reply::list(page, listed.map(Resource::from)))
}

/// Keep a resource at hand
///
/// At most 200.
#[utoipa::path(put, path = "/me/favourites/{resource_id}", tag = "me",
    params(("resource_id" = Uuid, Path, description = "The resource")), responses((status = 200, body = Data<Resource>)))]
pub async fn add(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let resource = favourites::add(&mut tx, caller.user(), id).await?;
    tx.commit().await?;
    Ok(Reply::ok(Resource::from(resource)))
}

/// Keep it at hand no longer
#[utoipa::path(delete, path = "/me/favourites/{resource_id}", tag = "me",
    params(("resource_id" = Uuid, Path, description = "The resource")), responses((status = 200, body = Data<Dropped>)))]
pub async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    favourites::remove(&mut tx, caller.user(), id).await?;
    tx.commit().await?;
    Ok(Reply::ok(Dropped { resource_id: id.into() }))
}
