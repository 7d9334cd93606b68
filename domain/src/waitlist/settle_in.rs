//! From the line into a booking that holds its units: firm at once, or until somebody agrees or pays (MODEL §3). Who is
//! given something by staff needs no further approval.

use super::tell;
use crate::{
    bookings::{self, Booking},
    db::Tx,
    error::Result,
    notifications::NoticeKind,
};
use serde_json::json;

/// Moves a locked booking out of the line, as `taken` says it is about; its claims stand already.
pub(super) async fn settle_in(
    tx: &mut Tx,
    name: &str,
    before: &Booking,
    taken: Booking,
    agreed: bool,
) -> Result<Booking> {
    let now = tx.now();
    let after = if agreed { bookings::accepted(now, taken) } else { bookings::placed(now, taken) };
    let after = bookings::store(tx, before, after).await?;
    bookings::plan_timers(tx, &after);
    bookings::ask_approvers(tx, &after).await?;
    tell::tell(tx, &after, name, NoticeKind::OfferAccepted, after.id.into(), &json!({})).await?;
    Ok(after)
}
