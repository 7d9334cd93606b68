//! `GET /reconciliation-items`, `GET /reconciliation-items/{id}` (J15).

use super::view::Item;
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
    ids::ReconciliationItemId,
    permissions::Permission,
    reconciliation::{self, Filter, KINDS, STATUSES},
};

/// Differences between the books and providers' lists
///
/// The newest first. A difference is one ticket, however often its day is looked at.
#[utoipa::path(get, path = "/reconciliation-items", tag = "money",
    params(
        ("account_id" = Option<Uuid>, Query, description = "Of this account at a provider"),
        ("day" = Option<String>, Query, description = "Of this day", example = "2026-11-20"),
        ("kind" = Option<String>, Query, description = "How they differ, one or several after `in:`", example = "in:amount,fee"),
        ("status" = Option<String>, Query, description = "`open`, `applied`, `dismissed`, `gone`, or several after `in:`",
            example = "open"),
        Paging
    ),
    responses((status = 200, body = List<Item>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = Filter {
        id: None,
        account: asked.value("account_id", "an id")?,
        day: asked.value("day", "a day such as 2026-11-20")?,
        kinds: asked.words("kind", &KINDS)?,
        statuses: asked.words("status", &STATUSES)?,
    };
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    let found = reconciliation::list(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, found.map(Item::from)))
}

/// One difference
#[utoipa::path(get, path = "/reconciliation-items/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The difference")), responses((status = 200, body = Data<Item>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<ReconciliationItemId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    let item = reconciliation::find(&mut tx, id).await?;
    let version = item.version;
    Ok(Reply::ok(Item::from(item)).version(version))
}
