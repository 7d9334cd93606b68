//! `PATCH, PUT /resources/{id}` (E15, T14, CX13).

use super::{
    ask::{PatchResource, must_have_hours},
    view::{Resource, shown},
};
use crate::{
    App,
    caller::Caller,
    conditions::Seen,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Version,
    routes::hours::set_every_day,
};
use axum::extract::State;
use domain::{
    ids::ResourceId,
    inventory::{hours::Place, resources},
    organizations,
    permissions::Permission,
};

/// Change a resource
#[utoipa::path(patch, path = "/resources/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"), Version), request_body = PatchResource,
    responses((status = 200, body = Data<Resource>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    Seen(seen): Seen,
    Json(ask): Json<PatchResource>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceUpdate).await?;
    let currency = organizations::load(&mut tx).await?.currency;
    let hours = ask.hours()?;
    let resource = resources::update(&mut tx, id, seen, |before| ask.onto(before, currency)).await?;
    must_have_hours(resource.kind, hours)?;
    set_every_day(&mut tx, Place::Resource(id), hours).await?;
    tx.commit().await?;
    Ok(shown(resource))
}

/// Change a resource
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/resources/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"), Version), request_body = PatchResource,
    responses((status = 200, body = Data<Resource>)))]
pub async fn replace(
    app: State<App>,
    caller: Caller,
    id: Path<ResourceId>,
    seen: Seen,
    ask: Json<PatchResource>,
) -> ApiResult<Reply> {
    update(app, caller, id, seen, ask).await
}
