//! `POST /me/export`, `GET /me/exports/{id}`, `DELETE /me` (W4, SN26).

use crate::{
    App,
    caller::{Caller, Person},
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::{MaybeKey, Wait},
    routes::operations::{OperationView, wait_for, watch},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    error::{Fault, Result},
    ids::{ExportId, OperationId},
    operations::{self, Operation},
    privacy,
};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who was forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erased {
    /// The pseudonym that is left of them.
    user_id: Uuid,
    /// Whether every organization is done with it; if not, it goes on by itself.
    finished: bool,
}

/// Copy everything you hold about me
///
/// 202: the copy is being made; the operation's result says where to fetch it, and until when. With `Prefer: wait=n`,
/// 200 if it was made in time.
#[utoipa::path(post, path = "/me/export", tag = "me", params(MaybeKey, Wait),
    responses((status = 200, body = Data<OperationView>), (status = 202, body = Data<OperationView>)))]
pub async fn export(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    prefer: Prefer,
) -> ApiResult<Reply> {
    let id = open(&app, &caller, key.as_ref()).await?;
    let operation = wait_for(&app, &caller, id, prefer.wait.unwrap_or(0)).await?;
    let ended = operation.is_final();
    let view = OperationView::from(operation);
    let reply = if ended { Reply::ok(view).operation(id) } else { Reply::accepted(id, view) };
    Ok(reply.waited(prefer.wait))
}

/// Commits the operation and its job; or finds them, if this key did so before.
async fn open(app: &App, caller: &Caller, key: Option<&IdempotencyKey>) -> Result<OperationId> {
    let mut tx = caller.begin(app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key).await? {
        let operation = earlier.operation_id();
        return operation.ok_or_else(|| Fault::corrupt("idempotency_keys", "an export without operation").into());
    }
    let operation = privacy::ask_export(&mut tx, caller.user()).await?;
    let kept = Reply::accepted(operation, json!({}));
    let _ = kept.commit(tx, key).await?; // what is answered is how things stand after the wait
    Ok(operation)
}

/// Fetch a copy
///
/// One JSON document, as it was when it was made. It is kept for three days.
#[utoipa::path(get, path = "/me/exports/{id}", tag = "me", params(("id" = Uuid, Path, description = "The copy")),
    responses((status = 200, body = serde_json::Value, content_type = "application/json")))]
pub async fn fetch(State(app): State<App>, caller: Caller, Path(id): Path<ExportId>) -> ApiResult<Response> {
    let mut tx = caller.begin(&app).await?;
    let document = privacy::fetch_export(&mut tx, caller.user(), id).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"my-data.json\"")),
    ];
    Ok((headers, document).into_response())
}

/// Forget me
///
/// In every organization, for good. Needs a sign-in not older than ten minutes. Refused with the list of what is
/// unfinished. Names, sessions and devices are gone with the answer, and anybody may register the names again; what
/// organizations keep is emptied by an operation. 202 when that goes on, 200 when it is done (`Prefer: wait=n`).
#[utoipa::path(delete, path = "/me", tag = "me", params(Wait),
    responses((status = 200, body = Data<Erased>), (status = 202, body = Data<Erased>)))]
pub async fn erase(State(app): State<App>, person: Person, prefer: Prefer) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    let operation = privacy::ask_erasure(&mut tx, person.user, person.session).await?;
    let home = tx.org().ok();
    tx.commit().await?;
    let erased = |finished| Erased { user_id: person.user.into(), finished };
    let (Some(id), Some(home)) = (operation, home) else { return Ok(Reply::ok(erased(true))) };
    // the session is gone: this request is the last that may look
    let look = async || {
        let mut tx = person.begin_in(&app, home).await?;
        operations::find(&mut tx, id).await
    };
    let ended = watch(&app, id, prefer.wait.unwrap_or(0), Operation::is_final, look).await?.is_final();
    let reply = if ended { Reply::ok(erased(true)).operation(id) } else { Reply::accepted(id, erased(false)) };
    Ok(reply.waited(prefer.wait))
}
