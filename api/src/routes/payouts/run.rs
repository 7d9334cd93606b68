//! `POST /payouts/run` (K8, CX15).

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    openapi::params::{Key, Wait},
    routes::operations::{OperationView, wait_for},
};
use axum::extract::State;
use domain::{
    error::{Fault, Result},
    ids::OperationId,
    payouts,
    permissions::Permission,
};
use serde_json::json;

/// Pay drivers what they earned
///
/// 202: the run goes on; ask for the operation at `Location`. With `Prefer: wait=n`, 200 if it ended in time. The same
/// key answers with the same run as it stands by then.
#[utoipa::path(post, path = "/payouts/run", tag = "money", params(Key, Wait),
    responses((status = 200, body = Data<OperationView>), (status = 202, body = Data<OperationView>)))]
pub async fn run(State(app): State<App>, caller: Caller, key: IdempotencyKey, prefer: Prefer) -> ApiResult<Reply> {
    let id = open(&app, &caller, &key).await?;
    let operation = wait_for(&app, &caller, id, prefer.wait.unwrap_or(0)).await?;
    let ended = operation.is_final();
    let view = OperationView::from(operation);
    let reply = if ended { Reply::ok(view).operation(id) } else { Reply::accepted(id, view) };
    Ok(reply.waited(prefer.wait))
}

/// Commits the operation and its job; or finds them, if this key did so before.
async fn open(app: &App, caller: &Caller, key: &IdempotencyKey) -> Result<OperationId> {
    let mut tx = caller.begin_as(app, Permission::PayoutRun).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, Some(key)).await? {
        let operation = earlier.operation_id();
        return operation.ok_or_else(|| Fault::corrupt("idempotency_keys", "a payout run without operation").into());
    }
    let operation = payouts::run(&mut tx).await?;
    let kept = Reply::accepted(operation, json!({}));
    let _ = kept.commit(tx, Some(key)).await?; // what is answered is how things stand after the wait
    Ok(operation)
}
