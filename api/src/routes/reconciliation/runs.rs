//! `GET, POST /reconciliation-runs`, `GET /reconciliation-runs/{id}` (J15, Q2).

use super::view::Run;
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
use chrono::NaiveDate;
use domain::{
    ids::{ProviderAccountId, ReconciliationRunId},
    permissions::Permission,
    reconciliation::{self, RunFilter},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which day of which account is looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The account at the provider: the owner of a ledger account of kind `provider`.
    provider_account_id: Uuid,
    /// A day that is over, in UTC.
    #[schema(example = "2026-11-20")]
    day: NaiveDate,
}

/// Looks at providers' lists
///
/// Every day of every account is looked at by itself once it is over; the newest look first.
#[utoipa::path(get, path = "/reconciliation-runs", tag = "money",
    params(
        ("account_id" = Option<Uuid>, Query, description = "Of this account at a provider"),
        ("day" = Option<String>, Query, description = "Of this day", example = "2026-11-20"),
        Paging
    ),
    responses((status = 200, body = List<Run>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = RunFilter {
        id: None,
        account: asked.value("account_id", "an id")?,
        day: asked.value("day", "a day such as 2026-11-20")?,
    };
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    let found = reconciliation::runs(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, found.map(Run::from)))
}

/// Look at a day again
///
/// Holds the provider's list of that day against the books. Differences that are known stay one ticket each; open ones
/// whose difference is no more are closed. Ask for the run at `Location` until it is `finished`.
#[utoipa::path(post, path = "/reconciliation-runs", tag = "money", params(MaybeKey), request_body = Look,
    responses((status = 201, body = Data<Run>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(look): Json<Look>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::BooksCorrect).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let account = ProviderAccountId(look.provider_account_id);
    let run = reconciliation::request(&mut tx, account, look.day).await?;
    let location = format!("/api/v1/reconciliation-runs/{}", run.id);
    Ok(Reply::created(location, Run::from(run)).commit(tx, key.as_ref()).await?)
}

/// One look
#[utoipa::path(get, path = "/reconciliation-runs/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The run")), responses((status = 200, body = Data<Run>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<ReconciliationRunId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    Ok(Reply::ok(Run::from(reconciliation::find_run(&mut tx, id).await?)))
}
