//! News that asks its reader to act is not told once acting is over (★14): an offer that was answered or taken back, a
//! request that somebody else decided.

use super::NoticeKind;
use crate::{db::Tx, error::Result};
use serde_json::Value;
use uuid::Uuid;

/// Whether a message about a booking asks for what can no longer be done.
pub(super) async fn is_over(tx: &mut Tx, kind: &str, booking: Uuid, payload: &Value) -> Result<bool> {
    if kind == NoticeKind::OfferMade.code() {
        return Ok(!is_offered(tx, booking, payload).await?);
    }
    if kind == NoticeKind::ReservationToDecide.code() {
        return Ok(!is_pending(tx, booking).await?);
    }
    Ok(false)
}

/// The very offer the message is about: there may have been others before it.
async fn is_offered(tx: &mut Tx, booking: Uuid, payload: &Value) -> Result<bool> {
    let (org, now) = (tx.org()?, tx.now());
    let expires_at = payload["expires_at"].as_str().and_then(|at| at.parse::<chrono::DateTime<chrono::Utc>>().ok());
    Ok(sqlx::query_scalar!(
        r#"select exists (select from queue_entries e join offers o on o.org_id = e.org_id and o.queue_entry_id = e.id
                          where e.org_id = $1 and e.booking_id = $2 and o.status = 'open' and o.expires_at > $3
                            and o.expires_at = $4) as "yes!""#,
        org.0,
        booking,
        now,
        expires_at
    )
    .fetch_one(tx.conn())
    .await?)
}

async fn is_pending(tx: &mut Tx, booking: Uuid) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select from bookings where org_id = $1 and id = $2 and status = 'pending') as "yes!""#,
        org.0,
        booking
    )
    .fetch_one(tx.conn())
    .await?)
}
