//! `GET /ops/invariants` (★17).

use crate::{
    App,
    caller::Caller,
    envelope::{List, Reply},
    error::ApiResult,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    invariants::{self, Check},
    permissions::Permission,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A promise, when it was last checked, and what was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invariant {
    /// Which promise.
    #[schema(example = "ledger_zero_sum")]
    name: String,
    /// When it was checked.
    checked_at: DateTime<Utc>,
    /// Over how many rows.
    rows_checked: i64,
    /// How many broke it.
    #[schema(example = 0)]
    violations: i64,
    /// Ids of a few that did.
    #[schema(value_type = Vec<String>)]
    sample: Value,
}

/// Are our promises kept?
///
/// The newest finding of each; a promise that was never checked is not listed.
#[utoipa::path(get, path = "/ops/invariants", tag = "operators", responses((status = 200, body = List<Invariant>)))]
pub async fn list(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsRead).await?;
    let checks = invariants::latest(&mut tx).await?;
    Ok(Reply::ok(checks.into_iter().map(Invariant::from).collect::<Vec<_>>()))
}

impl From<Check> for Invariant {
    fn from(check: Check) -> Self {
        let Check { name, checked_at, rows, violations, sample } = check;
        Self { name, checked_at, rows_checked: rows, violations, sample }
    }
}
