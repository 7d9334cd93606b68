//! `GET /ops/jobs`, `POST /ops/jobs/{id}/{retry,cancel}` (QUEUE promise 9).

use super::{
    asked::{self, Filters},
    view::Jobs,
};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
};
use axum::extract::State;
use domain::{
    ops::{self, By, Cursor},
    permissions::Permission,
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const PAGE: usize = 50;
const LARGEST_PAGE: usize = 200;

/// Jobs of all organizations in one state, newest first
///
/// Live jobs, dead letters, or the runs that ended within the days the history is kept.
#[utoipa::path(get, path = "/ops/jobs", tag = "operators",
    params(
        ("state" = Option<String>, Query, description = "`waiting` (due), `scheduled`, `running`, `dead` (the default), `finished` (every \
            run), `failed` (runs that were retried, died or lost their worker), `retried`, `lost`, `cancelled`", example = "dead"),
        Filters,
        ("count" = Option<bool>, Query, description = "Also count them, up to 5 000"),
        ("limit" = Option<i64>, Query, description = "Jobs a page, 1 to 200; 50 unless told"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")
    ),
    responses((status = 200, body = Data<Jobs>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let (state, filter) = (asked::state(&mut asked)?, asked::filter(&mut asked)?);
    let counted = asked::switch(&mut asked, "count")?;
    let expected = format!("a whole number from 1 to {LARGEST_PAGE}");
    let limit = asked.value::<usize>("limit", &expected)?.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Refusal::invalid("limit", format!("expected {expected}")).into());
    }
    let cursor = asked.text("cursor").map(|text| text.parse::<Cursor>()).transpose();
    let cursor = cursor.map_err(|()| Refusal::invalid("cursor", "is not one we gave"))?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::OpsRead).await?;
    let page = ops::list(&mut tx, state, &filter, cursor, limit).await?;
    let count = if counted { Some(ops::count(&mut tx, state, &filter).await?) } else { None };
    Ok(Reply::ok(Jobs::of(page, count)))
}

/// What became of a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct Acted {
    /// Which.
    id: Uuid,
    /// `due` or `cancelled`.
    #[schema(example = "due")]
    state: &'static str,
}

/// Have a job run now
///
/// A dead one is posted again whole, with all its attempts; a scheduled one is due at once. Refused when it is due or
/// runs already, and while the same work is alive.
#[utoipa::path(post, path = "/ops/jobs/{id}/retry", tag = "operators",
    params(("id" = Uuid, Path, description = "The job")), responses((status = 200, body = Data<Acted>)))]
pub async fn retry(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsManage).await?;
    ops::retry(&mut tx, id, &By::Caller).await?;
    tx.commit().await?;
    Ok(Reply::ok(Acted { id, state: "due" }))
}

/// Why a job is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// For whoever reads the job's history, 1 to 200 characters; no personal data.
    #[schema(example = "posted twice by an import")]
    reason: String,
}

/// Take a job away
///
/// One that waits, now or for later, or is dead. Its history says who took it and why. A job that runs is left alone.
#[utoipa::path(post, path = "/ops/jobs/{id}/cancel", tag = "operators", request_body = Cancel,
    params(("id" = Uuid, Path, description = "The job")), responses((status = 200, body = Data<Acted>)))]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<Cancel>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsManage).await?;
    ops::cancel(&mut tx, id, &body.reason, &By::Caller).await?;
    tx.commit().await?;
    Ok(Reply::ok(Acted { id, state: "cancelled" }))
}
