//! Nets under the timers: messages and reminders whose own job was lost (convention 14). A sweep sees every
//! organization, belongs to none, and enqueues the same jobs under the same keys.

use super::remind::reminder;
use crate::{db::Tx, error::Result, ids::*, jobs::Notifications};

/// How far ahead a sweep plans: well beyond its own pace.
const AHEAD_MINUTES: i32 = 60;
/// Work of one sweep; the next one goes on.
const MOST: i32 = 5_000;

/// Takes up messages that were written five minutes ago or earlier and not carried. Answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_deliveries(tx: &mut Tx) -> Result<usize> {
    let waiting = sqlx::query!(
        r#"select org_id as "org!: OrgId", delivery_id as "id!: DeliveryId"
           from waiting_deliveries(interval '5 minutes', $1)"#,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for delivery in &waiting {
        tx.enqueue_for(delivery.org, &Notifications::SendDelivery { delivery: delivery.id });
    }
    Ok(waiting.len())
}

/// Plans the reminders that are due within the next hour, as each booking's own rules have them. Answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_reminders(tx: &mut Tx) -> Result<usize> {
    let due = sqlx::query!(
        r#"select org_id as "org!: OrgId", booking_id as "id!: BookingId", start_at as "start_at!",
                  minutes_before as "minutes_before!"
           from due_reminders(make_interval(mins => $1), $2)"#,
        AHEAD_MINUTES,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &due {
        let (job, at) = reminder(row.id, row.start_at, u32::try_from(row.minutes_before).unwrap_or_default());
        tx.enqueue_at_for(row.org, &job, at);
    }
    Ok(due.len())
}
