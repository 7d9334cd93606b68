//! `POST /bookings/{id}/cancellation-quote` (★18).

use super::step::{ARBITERS, ground};
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
use domain::{bookings, ids::BookingId, permissions::Permission};
use serde::Serialize;
use utoipa::ToSchema;

/// What giving up a booking would come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationQuote {
    /// What is kept.
    fee: MoneyView,
    /// What goes back, the way it came.
    refund: MoneyView,
    /// Every movement of money there would be.
    postings: Vec<Posting>,
    /// What would be kept if nobody came instead; null where that is not looked after.
    no_show_fee: Option<MoneyView>,
    /// Until when it binds.
    valid_until: DateTime<Utc>,
    /// Send it as `quote` with the cancellation: then exactly this is done.
    code: String,
}

/// One movement between accounts of the books.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuotedPosting)]
pub struct Posting {
    /// Where it leaves.
    #[schema(example = "escrow")]
    from: &'static str,
    /// Where it goes.
    #[schema(example = "refund_transit")]
    to: &'static str,
    /// How much.
    amount: MoneyView,
}

/// What would giving up cost?
///
/// By the policy as it was when booked. It changes nothing, and binds until `valid_until` as long as the booking stays as it
/// is.
#[utoipa::path(post, path = "/bookings/{id}/cancellation-quote", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking")), responses((status = 200, body = Data<CancellationQuote>)))]
pub async fn cancellation_quote(State(app): State<App>, caller: Caller, Path(id): Path<BookingId>) -> ApiResult<Reply> {
    let (mut tx, by) = ground(&app, &caller, &ARBITERS, &[Permission::Book]).await?;
    let quote = bookings::cancellation_quote(&mut tx, by, id).await?;
    let posting = |(from, to, amount): (_, _, domain::money::Money)| Posting { from, to, amount: amount.into() };
    Ok(Reply::ok(CancellationQuote {
        fee: quote.fee.into(),
        refund: quote.refund.into(),
        postings: quote.postings.into_iter().map(posting).collect(),
        no_show_fee: quote.no_show_fee.map(Into::into),
        valid_until: quote.valid_until,
        code: quote.code,
    }))
}
