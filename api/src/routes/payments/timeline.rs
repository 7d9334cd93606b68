//! `GET /payments/{id}/timeline` (CX40).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    routes::shared::MoneyView,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{ids::PaymentId, payments, permissions::Permission, refusals::Refusal};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Everything that happened to a payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentTimeline {
    /// Whose story it is.
    payment_id: Uuid,
    /// The number that pays, masked, where one was asked.
    #[schema(example = "+225••••••••42")]
    payer: Option<String>,
    /// What happened, the first first.
    steps: Vec<Step>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentStep)]
pub struct Step {
    /// When.
    at: DateTime<Utc>,
    /// To which payment: this one, or one that gives it back.
    payment_id: Uuid,
    /// `call` to the provider, `event` received from it, `decision`, or `posting` in the books.
    #[schema(example = "decision")]
    kind: String,
    /// What was called, told, decided or posted.
    #[schema(example = "status_change")]
    what: String,
    /// Of an event what became of it, of a decision the status that was reached.
    #[schema(example = "succeeded")]
    status: Option<String>,
    /// Who decided: `user`, `admin`, `machine` or `system`.
    #[schema(example = "system")]
    by: Option<String>,
    /// Why, in our words or by the provider's code.
    note: Option<String>,
    /// Of a posting each account it moved.
    moves: Vec<Move>,
}

/// What a posting did to one account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostedMove)]
pub struct Move {
    /// Which kind of account.
    #[schema(example = "escrow")]
    account: String,
    /// Debit positive, credit negative: together they come to nothing.
    amount: MoneyView,
}

/// What happened to a payment?
///
/// Every call to its provider, every event received, every decision and every posting, in order of time; with those of its
/// refunds. For who pays or is paid, and for who may see any payment.
#[utoipa::path(get, path = "/payments/{id}/timeline", tag = "money",
    params(("id" = Uuid, Path, description = "The payment")), responses((status = 200, body = Data<PaymentTimeline>)))]
pub async fn timeline(State(app): State<App>, caller: Caller, Path(id): Path<PaymentId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let payment = payments::find(&mut tx, id).await?;
    if payment.user != Some(caller.user()) && !caller.may(Permission::PaymentRead) {
        return Err(Refusal::NotFound.into());
    }
    let told = payments::timeline(&mut tx, id).await?;
    Ok(Reply::ok(PaymentTimeline {
        payment_id: told.payment.into(),
        payer: told.payer,
        steps: told.steps.into_iter().map(Step::from).collect(),
    }))
}

impl From<payments::TimelineStep> for Step {
    fn from(step: payments::TimelineStep) -> Self {
        let moves = step.moves.into_iter().map(|(account, amount)| Move { account, amount: amount.into() });
        Self {
            at: step.at,
            payment_id: step.payment.into(),
            kind: step.kind,
            what: step.what,
            status: step.status,
            by: step.by,
            note: step.note,
            moves: moves.collect(),
        }
    }
}
