//! `GET, POST /tags`, `PATCH, DELETE /tags/{id}` (E3, SN20).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{MaybeKey, Paging},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{ids::TagId, inventory::tags, permissions::Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes under `/tags`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(rename, remove))
}

/// A word by which resources are sorted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    /// Its id.
    id: Uuid,
    /// The word.
    #[schema(example = "Audio")]
    name: String,
    /// How many resources carry it.
    #[schema(example = 3)]
    resource_count: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// A word.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagName {
    /// 1 to 60 characters, once in the organization whatever the case.
    #[schema(example = "Audio")]
    name: String,
}

/// Tags
#[utoipa::path(get, path = "/tags", tag = "inventory", params(Paging), responses((status = 200, body = List<Tag>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    Ok(Reply::list(page, tags::list(&mut tx, page).await?.map(Tag::from)))
}

/// Make a tag
#[utoipa::path(post, path = "/tags", tag = "inventory", params(MaybeKey), request_body = TagName,
    responses((status = 201, body = Data<Tag>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<TagName>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceUpdate).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let tag = tags::create(&mut tx, &ask.name).await?;
    let reply = Reply::created(format!("/api/v1/tags/{}", tag.id), Tag::from(tag));
    Ok(reply.commit(tx, key.as_ref()).await?)
}

/// Rename a tag
///
/// What carries it carries it under the new name.
#[utoipa::path(patch, path = "/tags/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The tag")), request_body = TagName,
    responses((status = 200, body = Data<Tag>)))]
pub async fn rename(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TagId>,
    Json(ask): Json<TagName>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceUpdate).await?;
    let tag = tags::rename(&mut tx, id, &ask.name).await?;
    tx.commit().await?;
    Ok(Reply::ok(Tag::from(tag)))
}

/// Remove a tag
///
/// From whatever carries it.
#[utoipa::path(delete, path = "/tags/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The tag")), responses((status = 200, body = Data<Tag>)))]
pub async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<TagId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceUpdate).await?;
    let tag = tags::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Reply::ok(Tag::from(tag)))
}

impl From<tags::Tag> for Tag {
    fn from(tag: tags::Tag) -> Self {
        let tags::Tag { id, name, resource_count, created_at } = tag;
        Self { id: id.into(), name, resource_count, created_at }
    }
}
