//! `GET /ledger/accounts/{id}/entries` (K2, CX2).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, Span},
    envelope::{List, Reply},
    error::ApiResult,
    extract::Path,
    routes::shared::MoneyView,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    db::Tx,
    error::Result,
    ids::AccountId,
    ledger::{self, Movement, MovementFilter},
    permissions::Permission,
    refusals::Refusal,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One movement of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountTransaction)]
pub struct Transaction {
    /// Its id.
    id: Uuid,
    /// The account.
    account_id: Uuid,
    /// What that account is for.
    #[schema(example = "earnings")]
    account_kind: String,
    /// The balanced transaction it is a side of.
    transaction_id: Uuid,
    /// What happened.
    #[schema(example = "booking_completed")]
    kind: String,
    /// By how much the balance rose, or fell when negative.
    amount: MoneyView,
    /// What kind of thing it is about.
    #[schema(example = "booking")]
    subject_type: String,
    /// What it is about.
    subject_id: Uuid,
    /// The payment that moved the money, if one did.
    payment_id: Option<Uuid>,
    /// When.
    occurred_at: DateTime<Utc>,
}

impl From<Movement> for Transaction {
    fn from(movement: Movement) -> Self {
        Self {
            id: movement.id.into(),
            account_id: movement.account.into(),
            account_kind: movement.account_kind,
            transaction_id: movement.transaction.into(),
            kind: movement.kind,
            amount: movement.amount.into(),
            subject_type: movement.subject_type,
            subject_id: movement.subject_id,
            payment_id: movement.payment.map(Uuid::from),
            occurred_at: movement.occurred_at,
        }
    }
}

/// Movements of an account
///
/// Newest first. The list only grows: `cursor` pages through it without missing or repeating anything.
#[utoipa::path(get, path = "/ledger/accounts/{id}/entries", tag = "money",
    params(
        ("id" = Uuid, Path, description = "The account"),
        ("kind" = Option<String>, Query, description = "What happened", example = "booking_paid"),
        ("from" = Option<String>, Query, description = "An RFC 3339 instant or a date"),
        ("to" = Option<String>, Query, description = "Before this instant, or until the end of this day"),
        ("cursor" = Option<String>, Query, description = "`meta.next_cursor` of the page before"),
        ("limit" = Option<i64>, Query, description = "At most so many, 1 to 200", example = 20)
    ),
    responses((status = 200, body = List<Transaction>)))]
pub async fn entries(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let span = span(&mut asked)?;
    let filter = MovementFilter {
        account: Some(id),
        kind: asked.text("kind"),
        from: span.from,
        before: span.before,
        ..MovementFilter::default()
    };
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    ledger::account(&mut tx, id).await?;
    Ok(statement(&mut tx, &filter, asked).await?)
}

/// The span of time that movements are asked for.
pub(in crate::routes) fn span(asked: &mut Asked) -> Result<Span, Refusal> {
    asked.span(&["from"], &["to"])
}

/// One page of movements, and where the list goes on.
pub(in crate::routes) async fn statement(tx: &mut Tx, filter: &MovementFilter, mut asked: Asked) -> Result<Reply> {
    let seen = asked.value("cursor", "the next_cursor of the page before")?;
    let limit = asked.page()?.limit;
    asked.end()?;
    // one more than asked for tells whether there is more
    let mut found = ledger::movements(tx, filter, seen, limit + 1).await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count > limit);
    found.truncate(usize::try_from(limit).unwrap_or_default());
    let next = found.last().filter(|_| more).map(|movement| movement.id.to_string());
    Ok(Reply::ok(found.into_iter().map(Transaction::from).collect::<Vec<_>>()).goes_on(next))
}
