//! Nets under the timers: messages and reminders whose own job was lost (convention 14). A sweep sees every
//! organization, belongs to none, and enqueues the same jobs under the same keys.

use super::remind::reminder;
use crate::{
    db::Tx,
    error::{Error, Result},
    ids::*,
    jobs::Notifications,
    organizations,
    refusals::Refusal,
};
use chrono::TimeDelta;
use std::collections::{HashMap, hash_map::Entry};

/// How far ahead a sweep plans: well beyond its own pace.
const AHEAD: TimeDelta = TimeDelta::hours(1);
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

/// Plans the reminders that are due within the next hour. Answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_reminders(tx: &mut Tx) -> Result<usize> {
    let upcoming = sqlx::query!(
        r#"select org_id as "org!: OrgId", booking_id as "id!: BookingId", start_at as "start_at!"
           from upcoming_bookings(interval '31 days', $1)"#,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let mut spans: HashMap<OrgId, Vec<u32>> = HashMap::new();
    let (now, mut planned) = (tx.now(), 0);
    for booking in upcoming {
        let reminders = match spans.entry(booking.org) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(reminders_of(tx, booking.org).await?),
        };
        for &minutes in reminders.iter() {
            let (job, due) = reminder(booking.id, booking.start_at, minutes);
            if due > now && due <= now + AHEAD {
                tx.enqueue_at_for(booking.org, &job, due);
                planned += 1;
            }
        }
    }
    Ok(planned)
}

async fn reminders_of(tx: &mut Tx, org: OrgId) -> Result<Vec<u32>> {
    match organizations::find(tx, org).await {
        Ok(organization) => Ok(organization.settings.reminders),
        Err(Error::Refused(Refusal::NotFound)) => Ok(Vec::new()), // suspended: it reminds nobody
        Err(error) => Err(error),
    }
}
