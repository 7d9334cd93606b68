//! `GET /ledger/accounts` (CX20).

use super::view::Account;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    ledger::{self, AccountFilter},
    permissions::Permission,
};

/// Accounts of the books
///
/// The organization's own first, then those at providers and those of people, each with what it holds.
#[utoipa::path(get, path = "/ledger/accounts", tag = "money",
    params(
        ("owner_type" = Option<String>, Query, description = "`user`, `org` or `provider`, or several: `in:org,provider`", example = "org"),
        ("owner_id" = Option<Uuid>, Query, description = "A person, or an account at a provider"),
        ("kind" = Option<String>, Query, description = "What it is for", example = "escrow"),
        Paging
    ),
    responses((status = 200, body = List<Account>)))]
pub async fn accounts(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = AccountFilter {
        id: None,
        owner_types: asked.words("owner_type", &["user", "org", "provider"])?,
        owner_id: asked.value("owner_id", "an id")?,
        kind: asked.text("kind"),
    };
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    let found = ledger::accounts(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, found.map(Account::from)))
}
