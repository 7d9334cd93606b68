//! A stored event as it is shown: never its body, which names the payer.

use chrono::{DateTime, Utc};
use domain::payments;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a provider told us.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboundEvent {
    /// Our id of it.
    id: Uuid,
    /// Through which account.
    provider_account_id: Uuid,
    /// The provider's id of it.
    key: String,
    /// The provider's word for it.
    #[schema(example = "checkout.session.completed")]
    kind: String,
    /// `received`, `parked`, `linked`, `settled` or `ignored`.
    #[schema(example = "settled")]
    status: String,
    /// Why, where there is something to say.
    note: Option<String>,
    /// The payment it is about.
    payment_id: Option<Uuid>,
    /// When it came.
    received_at: DateTime<Utc>,
    /// When it was handled last.
    handled_at: Option<DateTime<Utc>>,
}

impl From<payments::StoredEvent> for InboundEvent {
    fn from(event: payments::StoredEvent) -> Self {
        Self {
            id: event.id.into(),
            provider_account_id: event.account.into(),
            key: event.key,
            kind: event.kind,
            status: event.status,
            note: event.note,
            payment_id: event.payment.map(Uuid::from),
            received_at: event.received_at,
            handled_at: event.handled_at,
        }
    }
}
