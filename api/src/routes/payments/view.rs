//! A payment as it is shown.

use crate::routes::shared::MoneyView;
use chrono::{DateTime, Utc};
use domain::payments;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A movement of money that needs a provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct Payment {
    /// Its id.
    id: Uuid,
    /// `in` when somebody pays us, `out` when we pay.
    #[schema(example = "in")]
    direction: String,
    /// `booking`, `fine`, `topup`, `purchase`, `refund`, `payout`, `withdrawal`, or `chargeback`: the payer takes it back
    /// through their bank (`processing` while that is disputed, `succeeded` when the payer has won, `failed` when we have).
    #[schema(example = "booking")]
    purpose: String,
    /// What is paid.
    subject: Subject,
    /// Who pays or is paid.
    user_id: Option<Uuid>,
    /// `wave`, `orange`, `mtn`, `card`, `sonatel` or `wallet`.
    #[schema(example = "wave")]
    method: String,
    /// How much.
    amount: MoneyView,
    /// What the provider charged us for it, in minor units.
    fees: i64,
    /// In: `created`, `submitted`, `authorized`, `succeeded`, `failed`, `expired`, `unknown`. Out: `scheduled`,
    /// `processing`, `manual` (the provider cannot: a person sends it), `succeeded`, `failed`.
    #[schema(example = "submitted")]
    status: String,
    /// Where its money is now; in the answer to one payment only. In: `under_way`, `ended` (nothing came), `in_review` (a
    /// person must look), `set_aside` (one decided that it stays in suspense), `settled`, `returning`, `returned`,
    /// `partly_returned`, `return_failed` (a person must send it), `disputed`, `charged_back`. Out: `under_way`, `by_hand`,
    /// `sent`, `ended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "settled")]
    standing: Option<&'static str>,
    /// What the payer must do now.
    #[schema(value_type = Option<NextAction>)]
    next_action: Option<Value>,
    /// The provider's own name for it.
    provider_ref: Option<String>,
    /// The payment this one gives back.
    parent_id: Option<Uuid>,
    /// Why it failed, or why a person looks at it.
    failure_code: Option<String>,
    /// Who said that they sent it by hand, or that it goes back, where a second person must confirm it.
    stated_by: Option<Uuid>,
    /// When the provider closes it unpaid.
    expires_at: Option<DateTime<Utc>>,
    /// When it succeeded.
    succeeded_at: Option<DateTime<Utc>>,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// What is paid.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentSubject)]
pub struct Subject {
    /// What kind of thing.
    #[serde(rename = "type")]
    #[schema(example = "booking")]
    kind: String,
    /// Which.
    id: Uuid,
}

/// What the payer must do.
#[derive(ToSchema)]
#[allow(dead_code)]
struct NextAction {
    /// `redirect`, or `approve_on_phone`: the payer is asked on the phone.
    #[schema(rename = "type", example = "redirect")]
    kind: String,
    /// To `redirect`: open this in the payer's browser or app.
    redirect_url: Option<String>,
}

impl From<payments::Payment> for Payment {
    fn from(payment: payments::Payment) -> Self {
        Self {
            id: payment.id.into(),
            direction: payment.direction,
            purpose: payment.purpose,
            subject: Subject { kind: payment.subject_type, id: payment.subject_id },
            user_id: payment.user.map(Into::into),
            method: payment.method,
            amount: payment.amount.into(),
            fees: payment.fees,
            status: payment.status,
            standing: None,
            next_action: payment.next_action,
            provider_ref: payment.provider_ref,
            parent_id: payment.parent.map(Into::into),
            failure_code: payment.failure_code,
            stated_by: payment.stated_by.map(Into::into),
            expires_at: payment.expires_at,
            succeeded_at: payment.succeeded_at,
            version: payment.version,
            created_at: payment.created_at,
        }
    }
}

impl Payment {
    /// The same, telling where its money is.
    pub fn standing(self, standing: &'static str) -> Self {
        Self { standing: Some(standing), ..self }
    }
}
