//! `POST /ops/jobs/redrive` (QUEUE promise 9).

use super::{
    asked::{self, Filters},
    view::{Counted, Job},
};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::NoBody,
};
use axum::extract::State;
use domain::{
    ops::{self, By, DeadGroup},
    permissions::Permission,
    refusals::Refusal,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a re-drive would do, or did.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Redrive {
    /// Whether this was only a look.
    dry_run: bool,
    /// How many were posted again; of a look none.
    posted: i64,
    /// Of a look: how many match.
    #[serde(skip_serializing_if = "Option::is_none")]
    matching: Option<Counted>,
    /// Of a look: by kind and reason, the largest first.
    groups: Vec<Group>,
    /// Of a look: the newest ten.
    sample: Vec<Job>,
}

/// Dead letters that died alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    /// Their queue.
    queue: String,
    /// Their kind.
    kind: String,
    /// The beginning of the reason.
    reason: String,
    /// How many.
    count: i64,
}

/// Post dead jobs again, by filter
///
/// First with `dry_run=true`, which shows what the same filter means and changes nothing. Then with `max`: when more match
/// than that, nothing is posted (`more_than_expected`). A job whose work is alive already stays dead. The filter stands in
/// the query; a body that says anything is refused.
#[utoipa::path(post, path = "/ops/jobs/redrive", tag = "operators",
    params(
        ("dry_run" = Option<bool>, Query, description = "Only look"),
        ("max" = Option<i64>, Query, description = "Post at most so many, 1 to 10 000; needed unless this is a look"),
        Filters
    ),
    responses((status = 200, body = Data<Redrive>)))]
pub async fn redrive(State(app): State<App>, caller: Caller, mut asked: Asked, _: NoBody) -> ApiResult<Reply> {
    let dry_run = asked::switch(&mut asked, "dry_run")?;
    let max = asked.value::<i64>("max", "a whole number")?;
    let filter = asked::filter(&mut asked)?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::OpsManage).await?;
    if dry_run {
        let ops::Matching { count, groups, sample } = ops::dry_run(&mut tx, &filter).await?;
        return Ok(Reply::ok(Redrive {
            dry_run,
            matching: Some(count.into()),
            groups: groups.into_iter().map(Group::from).collect(),
            sample: sample.into_iter().map(Job::from).collect(),
            ..Redrive::default()
        }));
    }
    let max = max.ok_or_else(|| Refusal::invalid("max", "say how many you expect, or look first with dry_run=true"))?;
    let posted = ops::redrive(&mut tx, &filter, max, &By::Caller).await?;
    tx.commit().await?;
    Ok(Reply::ok(Redrive { posted, ..Redrive::default() }))
}

impl From<DeadGroup> for Group {
    fn from(DeadGroup { queue, kind, reason, count }: DeadGroup) -> Self {
        Self { queue, kind, reason, count }
    }
}
