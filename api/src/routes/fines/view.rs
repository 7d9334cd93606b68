//! A fine as it is shown.

use crate::routes::shared::MoneyView;
use chrono::{DateTime, Utc};
use domain::fines;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What somebody owes for being late or not coming.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fine {
    /// Its id.
    id: Uuid,
    /// Who owes it.
    user_id: Uuid,
    /// For which booking.
    booking_id: Option<Uuid>,
    /// `late_return`, `no_show`, `damage` or `other`.
    #[schema(example = "late_return")]
    reason: &'static str,
    /// What there is to say about it.
    note: Option<String>,
    /// How much.
    amount: MoneyView,
    /// `due`, `paid` or `waived`.
    #[schema(example = "due")]
    status: &'static str,
    /// When it was paid.
    paid_at: Option<DateTime<Utc>>,
    /// When it was forgiven.
    waived_at: Option<DateTime<Utc>>,
    /// Why.
    waived_reason: Option<String>,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<fines::Fine> for Fine {
    fn from(fine: fines::Fine) -> Self {
        Self {
            id: fine.id.into(),
            user_id: fine.user.into(),
            booking_id: fine.booking.map(Uuid::from),
            reason: fine.reason.code(),
            note: fine.note,
            amount: fine.amount.into(),
            status: fine.status.code(),
            paid_at: fine.paid_at,
            waived_at: fine.waived_at,
            waived_reason: fine.waived_reason,
            version: fine.version,
            created_at: fine.created_at,
        }
    }
}
