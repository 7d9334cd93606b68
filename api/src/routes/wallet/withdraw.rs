//! `POST /wallet/withdraw` (K5, SN8).

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::{Key, Wait},
    routes::operations::{OperationView, wait_for},
};
use axum::extract::State;
use domain::{
    error::{Fault, Result},
    ids::OperationId,
    permissions::Permission,
    wallet,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// How much leaves my wallet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// In minor units of the organization's currency.
    #[schema(example = 2000)]
    amount: i64,
}

/// Withdraw from my wallet
///
/// To my payout destination, once it is verified and has waited as long as the organization asks. The amount is set aside
/// at once. 202: ask for the operation at `Location`; with `Prefer: wait=n`, 200 if it ended in time. What the provider
/// does not deliver is in the wallet again. The same key answers with the same withdrawal as it stands by then.
#[utoipa::path(post, path = "/wallet/withdraw", tag = "money", params(Key, Wait), request_body = Withdraw,
    responses((status = 200, body = Data<OperationView>), (status = 202, body = Data<OperationView>)))]
pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    prefer: Prefer,
    Json(ask): Json<Withdraw>,
) -> ApiResult<Reply> {
    let id = open(&app, &caller, &key, ask.amount).await?;
    let operation = wait_for(&app, &caller, id, prefer.wait.unwrap_or(0)).await?;
    let ended = operation.is_final();
    let view = OperationView::from(operation);
    let reply = if ended { Reply::ok(view).operation(id) } else { Reply::accepted(id, view) };
    Ok(reply.waited(prefer.wait))
}

/// Commits the withdrawal, its operation and its job; or finds them, if this key did so before.
async fn open(app: &App, caller: &Caller, key: &IdempotencyKey, amount: i64) -> Result<OperationId> {
    let mut tx = caller.begin_as(app, Permission::Book).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, Some(key)).await? {
        let operation = earlier.operation_id();
        return operation.ok_or_else(|| Fault::corrupt("idempotency_keys", "a withdrawal without operation").into());
    }
    let operation = wallet::withdraw(&mut tx, caller.user(), amount).await?;
    let kept = Reply::accepted(operation, json!({}));
    let _ = kept.commit(tx, Some(key)).await?; // what is answered is how things stand after the wait
    Ok(operation)
}
