//! `GET /wallet/transactions` (K2, K6).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    routes::ledger::{Transaction, span, statement},
};
use axum::extract::State;
use domain::ledger::MovementFilter;

/// What moved on my accounts
///
/// Newest first: what I earned, what was paid out, what came back. `cursor` pages through it without missing or repeating
/// anything.
#[utoipa::path(get, path = "/wallet/transactions", tag = "money",
    params(
        ("account" = Option<String>, Query, description = "`wallet` or `earnings`; both when absent", example = "earnings"),
        ("type" = Option<String>, Query, description = "`credit`: what raised the balance; `debit`: what lowered it",
            example = "credit"),
        ("currency" = Option<String>, Query, description = "In this currency: `TKT` for tickets", example = "TKT"),
        ("kind" = Option<String>, Query, description = "What happened", example = "booking_completed"),
        ("from" = Option<String>, Query, description = "An RFC 3339 instant or a date"),
        ("to" = Option<String>, Query, description = "Before this instant, or until the end of this day"),
        ("cursor" = Option<String>, Query, description = "`meta.next_cursor` of the page before"),
        ("limit" = Option<i64>, Query, description = "At most so many, 1 to 200", example = 20)
    ),
    responses((status = 200, body = List<Transaction>)))]
pub async fn transactions(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let span = span(&mut asked)?;
    let filter = MovementFilter {
        owner: Some(caller.user()),
        account_kind: asked.words("account", &["wallet", "earnings"])?.pop(),
        kind: asked.text("kind"),
        currency: asked.value("currency", "a currency we keep books in")?,
        rises: asked.words("type", &["credit", "debit"])?.pop().map(|word| word == "credit"),
        from: span.from,
        before: span.before,
        ..MovementFilter::default()
    };
    let mut tx = caller.begin(&app).await?;
    Ok(statement(&mut tx, &filter, asked).await?)
}
