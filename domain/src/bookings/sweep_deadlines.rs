//! The net under the timers of bookings: deadlines are rows, and each is found again whatever became of its job.

use super::protect_next::SOON;
use crate::{db::Tx, error::Result, ids::*, jobs::Reservations};
use sqlx::postgres::types::PgInterval;

/// Work of one kind in one sweep; the next one goes on.
const MOST: i32 = 1_000;

/// Enqueues the rule for every booking of any organization that nobody came for, whose time is over, or that is late,
/// and for every one whose unit somebody did not bring back.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_deadlines(tx: &mut Tx) -> Result<usize> {
    let missed = sqlx::query!(
        r#"select org_id as "org!: OrgId", booking_id as "booking!: BookingId", deadline as "deadline!"
           from missed_check_ins($1)"#,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &missed {
        tx.enqueue_for(row.org, &Reservations::ReleaseMissed { booking: row.booking, deadline: row.deadline });
    }
    let over = sqlx::query!(
        r#"select org_id as "org!: OrgId", booking_id as "booking!: BookingId", deadline as "deadline!"
           from ended_bookings($1)"#,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &over {
        tx.enqueue_for(row.org, &Reservations::FinishBooking { booking: row.booking, deadline: row.deadline });
    }
    let late = sqlx::query!(
        r#"select org_id as "org!: OrgId", booking_id as "booking!: BookingId", deadline as "deadline!"
           from overdue_loans($1)"#,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &late {
        tx.enqueue_for(row.org, &Reservations::MarkOverdue { booking: row.booking, deadline: row.deadline });
    }
    let threatened = sqlx::query!(
        r#"select org_id as "org!: OrgId", booking_id as "booking!: BookingId" from threatened_bookings($1, $2)"#,
        PgInterval::try_from(SOON).unwrap_or_default(),
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &threatened {
        tx.enqueue_for(row.org, &Reservations::ProtectNext { booking: row.booking });
    }
    Ok(missed.len() + over.len() + late.len())
}
