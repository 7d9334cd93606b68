//! An account as it is shown.

use crate::routes::shared::MoneyView;
use chrono::{DateTime, Utc};
use domain::ledger::AccountState;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account of the books. Its balance counts what it is for as positive.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerAccount)]
pub struct Account {
    /// Its id.
    id: Uuid,
    /// `user`, `org` or `provider`.
    #[schema(example = "org")]
    owner_type: String,
    /// The person, the organization or the account at a provider.
    owner_id: Uuid,
    /// What it is for: `provider`, `wallet`, `earnings`, `escrow`, `commission`, `sales`, `fees`, `provider_fees`,
    /// `chargebacks`, `refund_transit`, `payout_transit` or `suspense`.
    #[schema(example = "escrow")]
    kind: String,
    /// What it holds.
    balance: MoneyView,
    /// When something was first posted to it.
    created_at: DateTime<Utc>,
}

impl From<AccountState> for Account {
    fn from(account: AccountState) -> Self {
        Self {
            id: account.id.into(),
            owner_type: account.owner_type,
            owner_id: account.owner_id,
            kind: account.kind,
            balance: account.balance.into(),
            created_at: account.created_at,
        }
    }
}
