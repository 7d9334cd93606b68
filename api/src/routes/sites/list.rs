//! `GET /sites`, `GET /sites/{id}` (B8, B9).

use super::view::{Site, shown};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    ids::SiteId,
    inventory::sites::{self, Filter, Order},
    permissions::Permission,
    refusals::Refusal,
};

/// Sites
#[utoipa::path(get, path = "/sites", tag = "inventory",
    params(
        ("q" = Option<String>, Query, description = "A part of the name or the address"),
        ("created_from" = Option<String>, Query, description = "An instant or a date; also `created_at_gte`"),
        ("created_to" = Option<String>, Query, description = "An instant or a date; also `created_at_lte`"),
        ("include_deleted" = Option<bool>, Query, description = "Removed ones too; for who may manage sites"),
        ("sort" = Option<String>, Query, example = "name", description = "`name`, `created_at`; `-` before it turns it round"),
        Paging
    ),
    responses((status = 200, body = List<Site>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let (filter, order) = wish(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    let mut tx = match filter.include_deleted {
        true => caller.begin_as(&app, Permission::SiteManage).await?,
        false => caller.begin(&app).await?,
    };
    let listed = sites::list(&mut tx, &filter, order, page).await?;
    Ok(Reply::list(page, listed.map(Site::from)))
}

fn wish(asked: &mut Asked) -> Result<(Filter, Order), Refusal> {
    let made = asked.span(&["created_at_gte", "created_from"], &["created_at_lte", "created_to"])?;
    let filter = Filter {
        text: asked.text("q"),
        created_from: made.from,
        created_before: made.before,
        include_deleted: asked.flag("include_deleted")?,
    };
    let sort = asked.sort(&["name", "created_at"], "name")?;
    let first = sort.first().copied();
    let order = Order {
        by_age: first.is_some_and(|sort| sort.field == "created_at"),
        descending: first.is_some_and(|sort| sort.descending),
    };
    Ok((filter, order))
}

/// One site
#[utoipa::path(get, path = "/sites/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The site")), responses((status = 200, body = Data<Site>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<SiteId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    Ok(shown(sites::find(&mut tx, id).await?))
}
