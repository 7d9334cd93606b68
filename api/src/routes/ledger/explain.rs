//! `GET /ledger/accounts/{id}/explain` (★4).

use super::view::Account;
use crate::{
    App,
    caller::Caller,
    conditions::{Asked, Pagination},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
    routes::shared::MoneyView,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{ids::AccountId, ledger, permissions::Permission};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Why an account holds what it holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The account with its balance.
    account: Account,
    /// What all its parts come to, recomputed from the entries: the same amount, or something is wrong.
    sum: MoneyView,
    /// What each thing has to do with it, the latest first.
    parts: Vec<Part>,
    /// Which of the parts these are.
    pagination: Pagination,
}

/// What one booking, payment or person has to do with a balance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BalancePart)]
pub struct Part {
    /// What kind of thing.
    #[schema(example = "booking")]
    subject_type: String,
    /// Which.
    subject_id: Uuid,
    /// What it comes to.
    amount: MoneyView,
    /// How that came about, in order.
    steps: Vec<Step>,
}

/// One movement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BalanceStep)]
pub struct Step {
    /// The balanced transaction.
    transaction_id: Uuid,
    /// What happened.
    #[schema(example = "booking_paid")]
    kind: String,
    /// By how much the balance rose, or fell when negative.
    amount: MoneyView,
    /// When.
    occurred_at: DateTime<Utc>,
    /// The payment that moved the money, if one did.
    payment: Option<Evidence>,
}

/// A payment and what its provider told of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentEvidence)]
pub struct Evidence {
    /// Its id.
    id: Uuid,
    /// Where it stands.
    #[schema(example = "succeeded")]
    status: String,
    /// Through which provider.
    #[schema(example = "wave")]
    method: String,
    /// The provider's id of the checkout or the payout.
    provider_ref: Option<String>,
    /// The provider's id of the money movement.
    transaction_ref: Option<String>,
    /// The provider's events about it, in the order they came.
    events: Vec<Event>,
}

/// A provider's event as it was received.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderEventSeen)]
pub struct Event {
    /// Our id of it.
    id: Uuid,
    /// The provider's id of it.
    key: String,
    /// The provider's word for it.
    #[schema(example = "checkout.session.completed")]
    kind: String,
    /// What became of it: `settled`, `linked`, `parked` or `ignored`.
    #[schema(example = "settled")]
    status: String,
    /// When it came.
    received_at: DateTime<Utc>,
}

/// Why an account holds what it holds
///
/// Its balance in parts, one for each thing it is about, down to the payments and the provider's events. Things that came
/// to nothing are left out unless `all=true`.
#[utoipa::path(get, path = "/ledger/accounts/{id}/explain", tag = "money",
    params(
        ("id" = Uuid, Path, description = "The account"),
        ("all" = Option<bool>, Query, description = "Also what came to nothing"),
        Paging
    ),
    responses((status = 200, body = Data<Explanation>)))]
pub async fn explain(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let all = asked.flag("all")?;
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::PaymentRead).await?;
    let found = ledger::explain(&mut tx, id, all, page).await?;
    let pagination = Pagination::of(page, &found.parts);
    Ok(Reply::ok(Explanation {
        account: found.account.into(),
        sum: found.sum.into(),
        parts: found.parts.items.into_iter().map(Part::from).collect(),
        pagination,
    }))
}

impl From<ledger::Part> for Part {
    fn from(part: ledger::Part) -> Self {
        let steps = part.steps.into_iter().map(|step| Step {
            transaction_id: step.transaction.into(),
            kind: step.kind,
            amount: step.amount.into(),
            occurred_at: step.occurred_at,
            payment: step.payment.map(Evidence::from),
        });
        Self {
            subject_type: part.subject_type,
            subject_id: part.subject_id,
            amount: part.amount.into(),
            steps: steps.collect(),
        }
    }
}

impl From<ledger::Evidence> for Evidence {
    fn from(payment: ledger::Evidence) -> Self {
        let events = payment.events.into_iter().map(|event| Event {
            id: event.id.into(),
            key: event.key,
            kind: event.kind,
            status: event.status,
            received_at: event.received_at,
        });
        Self {
            id: payment.id.into(),
            status: payment.status,
            method: payment.method,
            provider_ref: payment.provider_ref,
            transaction_ref: payment.transaction_ref,
            events: events.collect(),
        }
    }
}
