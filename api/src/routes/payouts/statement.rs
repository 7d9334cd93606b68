//! `GET /payouts/{id}/statement` (★12, K13).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    routes::{payments::Payment, shared::MoneyView},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{ids::PaymentId, payouts, permissions::Permission};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a payout is made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutStatement)]
pub struct Statement {
    /// The payout.
    payout: Payment,
    /// What its lines come to: its amount.
    total: MoneyView,
    /// Whether the transfer failed, so that its lines are owed again.
    returned: bool,
    /// Trip by trip, in the order it was earned.
    lines: Vec<Line>,
}

/// One earning, or what was withheld.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutLine)]
pub struct Line {
    /// The entry of the books.
    entry_id: Uuid,
    /// What happened.
    #[schema(example = "booking_completed")]
    kind: String,
    /// When it was earned.
    earned_at: DateTime<Utc>,
    /// What it adds to the payout; negative when withheld.
    earned: MoneyView,
    /// The ride, if it is about one.
    booking: Option<Ride>,
}

/// The ride behind an earning.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutRide)]
pub struct Ride {
    /// The booking.
    booking_id: Uuid,
    /// Eight characters people can say on the phone.
    #[schema(example = "7KQ2MXA9")]
    code: String,
    /// Where from.
    from: Option<String>,
    /// Where to.
    to: Option<String>,
    /// When it started.
    start_at: DateTime<Utc>,
    /// Seats.
    seats: i32,
    /// What the rider paid.
    fare: MoneyView,
    /// What the platform kept of it.
    commission: MoneyView,
}

/// What a payout is made of
///
/// Trip by trip the fare, the platform's share and what was earned, for whoever is paid and for who may see payments. Each
/// earning is in one payout at most; that of a failed transfer is owed again.
#[utoipa::path(get, path = "/payouts/{id}/statement", tag = "money",
    params(("id" = Uuid, Path, description = "The payout")), responses((status = 200, body = Data<Statement>)))]
pub async fn statement(State(app): State<App>, caller: Caller, Path(id): Path<PaymentId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let everybody = caller.may(Permission::PaymentRead);
    let statement = payouts::statement(&mut tx, id, caller.user(), everybody).await?;
    Ok(Reply::ok(Statement {
        total: statement.total().into(),
        returned: statement.returned(),
        lines: statement.lines.into_iter().map(Line::from).collect(),
        payout: statement.payout.into(),
    }))
}

impl From<payouts::StatementLine> for Line {
    fn from(line: payouts::StatementLine) -> Self {
        let booking = line.booking.map(|ride| Ride {
            booking_id: ride.id.into(),
            code: ride.code,
            from: ride.from,
            to: ride.to,
            start_at: ride.start_at,
            seats: ride.quantity,
            fare: ride.fare.into(),
            commission: ride.commission.into(),
        });
        let (entry_id, earned) = (line.entry.into(), line.earned.into());
        Self { entry_id, kind: line.kind, earned_at: line.earned_at, earned, booking }
    }
}
