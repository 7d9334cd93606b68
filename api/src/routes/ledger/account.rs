//! `GET /ledger/accounts/{id}` (CX20).

use super::view::Account;
use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{ids::AccountId, ledger, permissions::Permission};

/// One account of the books
#[utoipa::path(get, path = "/ledger/accounts/{id}", tag = "money",
    params(("id" = Uuid, Path, description = "The account")), responses((status = 200, body = Data<Account>)))]
pub async fn account(State(app): State<App>, caller: Caller, Path(id): Path<AccountId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    Ok(Reply::ok(Account::from(ledger::account(&mut tx, id).await?)))
}
