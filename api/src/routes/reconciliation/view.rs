//! Runs and tickets as they are shown.

use crate::routes::shared::MoneyView;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{money::Money, reconciliation};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A look at one day of one account at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationRun)]
pub struct Run {
    /// Its id.
    id: Uuid,
    /// The account.
    provider_account_id: Uuid,
    /// The day, in UTC.
    #[schema(example = "2026-11-20")]
    day: NaiveDate,
    /// `queued` or `finished`.
    #[schema(example = "finished")]
    status: &'static str,
    /// `list`; or `statuses`, where the provider keeps none and each payment of the day was asked after.
    #[schema(example = "list")]
    source: Option<String>,
    /// Movements the provider told of that day.
    movements: i32,
    /// Differences that were open after it.
    found: i32,
    /// Fees it wrote down that nobody had told before.
    fees_learned: i32,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
}

impl From<reconciliation::Run> for Run {
    fn from(run: reconciliation::Run) -> Self {
        Self {
            id: run.id.into(),
            provider_account_id: run.account.into(),
            day: run.day,
            status: if run.finished_at.is_some() { "finished" } else { "queued" },
            source: run.source,
            movements: run.movements,
            found: run.found,
            fees_learned: run.fees_learned,
            finished_at: run.finished_at,
            created_at: run.created_at,
        }
    }
}

/// A difference between the books and a provider's list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationItem)]
pub struct Item {
    /// Its id.
    id: Uuid,
    /// The run that saw it last.
    run_id: Uuid,
    /// The account.
    provider_account_id: Uuid,
    /// The day, in UTC.
    #[schema(example = "2026-11-20")]
    day: NaiveDate,
    /// `missing_here`, `missing_there`, `amount`, `status`, `fee` or `timing`.
    #[schema(example = "missing_here")]
    kind: String,
    /// The payment it has to do with.
    payment_id: Option<Uuid>,
    /// The provider's id of the checkout.
    checkout_ref: Option<String>,
    /// The provider's id of the movement.
    movement_ref: Option<String>,
    /// What the books say: the fee for `fee`, else the amount, positive into the account.
    ours: Option<MoneyView>,
    /// What the provider says.
    theirs: Option<MoneyView>,
    /// Where the payment stood.
    our_status: Option<String>,
    /// When the books have it.
    our_at: Option<DateTime<Utc>>,
    /// When the provider has it.
    their_at: Option<DateTime<Utc>>,
    /// What applying it does: `settle` by the ordinary rules, `adjust` against suspense, `adjust_fee`, or `accept`.
    #[schema(example = "adjust")]
    proposal: String,
    /// `open`, `applied`, `dismissed`, or `gone` when a later run no longer saw it.
    #[schema(example = "open")]
    status: String,
    /// Why it was dismissed.
    reason: Option<String>,
    /// When it was decided; by whom is in the audit trail.
    decided_at: Option<DateTime<Utc>>,
    /// The number in its `ETag`.
    version: i32,
    /// When it was first seen.
    created_at: DateTime<Utc>,
}

impl From<reconciliation::Item> for Item {
    fn from(item: reconciliation::Item) -> Self {
        let money = |amount: Option<i64>| amount.map(|amount| Money { amount, currency: item.currency }.into());
        Self {
            id: item.id.into(),
            run_id: item.run.into(),
            provider_account_id: item.account.into(),
            day: item.day,
            ours: money(item.ours),
            theirs: money(item.theirs),
            kind: item.kind,
            payment_id: item.payment.map(Uuid::from),
            checkout_ref: item.checkout_ref,
            movement_ref: item.movement_ref,
            our_status: item.our_status,
            our_at: item.our_at,
            their_at: item.their_at,
            proposal: item.proposal,
            status: item.status,
            reason: item.reason,
            decided_at: item.decided_at,
            version: item.version,
            created_at: item.created_at,
        }
    }
}
