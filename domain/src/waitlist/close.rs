//! What ends with something else: an entry with its booking, an offer with its unit.

use super::OfferStatus;
use crate::{audit::Change, db::Tx, error::Result, ids::*, inventory::units};
use serde_json::json;

/// Ends the live entry of a booking that ends, and its open offer with it.
pub(crate) async fn close_entry_of(tx: &mut Tx, booking: BookingId, reason: &str) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let offers = sqlx::query_scalar!(
        r#"select o.id as "id: OfferId" from offers o
           join queue_entries e on e.org_id = o.org_id and e.id = o.queue_entry_id
           where e.org_id = $1 and e.booking_id = $2 and o.status = 'open'"#,
        org.0,
        booking.0
    )
    .fetch_all(tx.conn())
    .await?;
    for offer in offers {
        end_offer(tx, offer, OfferStatus::Withdrawn, reason).await?;
    }
    let ended = sqlx::query!(
        r#"update queue_entries e set status = 'cancelled', ended_at = $3, reason = $4, version = e.version + 1
           from (select id, status from queue_entries
                 where org_id = $1 and booking_id = $2 and status in ('waiting', 'offered') for update) before
           where e.org_id = $1 and e.id = before.id returning e.id as "id: QueueEntryId", before.status"#,
        org.0,
        booking.0,
        now,
        reason
    )
    .fetch_all(tx.conn())
    .await?;
    for entry in ended {
        let (before, after) = (json!({ "status": entry.status }), json!({ "status": "cancelled", "reason": reason }));
        tx.record(Change::moved("queue_entry", entry.id, before, after));
    }
    Ok(())
}

/// Takes an open offer back: its units are free, and its entry waits on.
pub(crate) async fn withdraw_offer(tx: &mut Tx, offer: OfferId, reason: &str) -> Result<()> {
    if !end_offer(tx, offer, OfferStatus::Withdrawn, reason).await? {
        return Ok(());
    }
    let org = tx.org()?;
    let back = sqlx::query_scalar!(
        r#"update queue_entries e set status = 'waiting', version = e.version + 1 from offers o
           where o.org_id = $1 and o.id = $2 and e.org_id = o.org_id and e.id = o.queue_entry_id and e.status = 'offered'
           returning e.id as "id: QueueEntryId""#,
        org.0,
        offer.0
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(entry) = back {
        let (before, after) = (json!({ "status": "offered" }), json!({ "status": "waiting", "reason": reason }));
        tx.record(Change::moved("queue_entry", entry, before, after));
    }
    Ok(())
}

/// Ends an offer that is open; answers whether it was.
async fn end_offer(tx: &mut Tx, offer: OfferId, status: OfferStatus, reason: &str) -> Result<bool> {
    let (org, now) = (tx.org()?, tx.now());
    let ended = sqlx::query!(
        "update offers set status = $3, answered_at = $4, reason = coalesce(reason, $5), version = version + 1
         where org_id = $1 and id = $2 and status = 'open'",
        org.0,
        offer.0,
        status.code(),
        now,
        reason
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if ended == 0 {
        return Ok(false);
    }
    units::release(tx, offer.into()).await?;
    let (before, after) = (json!({ "status": "open" }), json!({ "status": status.code(), "reason": reason }));
    tx.record(Change::moved("offer", offer, before, after));
    Ok(true)
}
