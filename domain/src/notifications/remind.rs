//! Reminders that cannot lie (Q4, R5, ★14). A reminder belongs to one start of one booking; whoever is about to send
//! it re-reads the booking first, and again when each message leaves. What is no longer true is dropped and counted.

use super::{Notice, NoticeKind, notify};
use crate::{db::Tx, error::Result, ids::*, jobs::Notifications};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

/// What became of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminded {
    /// Whoever booked, and the driver of a ride, were told.
    Sent,
    /// It was not true any more: `gone`, `not_confirmed`, `moved`, `not_planned`, `started` or `late`.
    Dropped(&'static str),
}

/// Plans the reminders of a booking that starts at `start_at`: those whose time has not come yet. Planning again
/// changes nothing.
pub fn plan_reminders(tx: &mut Tx, booking: BookingId, start_at: DateTime<Utc>, minutes_before: &[u32]) {
    for &minutes_before in minutes_before {
        let (job, due) = reminder(booking, start_at, minutes_before);
        if due > tx.now() {
            tx.enqueue_at(&job, due);
        }
    }
}

/// A reminder and when it is due. What the database keeps of an instant is microseconds.
pub(super) fn reminder(
    booking: BookingId,
    start_at: DateTime<Utc>,
    minutes_before: u32,
) -> (Notifications, DateTime<Utc>) {
    let start_at = start_at.trunc_subsecs(6);
    let job = Notifications::RemindBooking { booking, start_at, minutes_before };
    (job, start_at - TimeDelta::minutes(minutes_before.into()))
}

/// Reminds whoever booked, and the driver of a ride, if the booking still starts at `start_at`. The driver hears once per trip,
/// however many riders there are.
///
/// # Errors
/// A fault when the database fails.
pub async fn remind_booking(
    tx: &mut Tx,
    booking: BookingId,
    start_at: DateTime<Utc>,
    minutes_before: u32,
) -> Result<Reminded> {
    let org = tx.org()?;
    let found = sqlx::query!(
        r#"select b.status, b.start_at, b.timezone, b.beneficiary_user_id, t.id as "trip_id?",
                  t.driver_user_id as "driver_user_id?", t.origin_text as "origin_text?",
                  t.destination_text as "destination_text?",
                  t.id is not null or b.policy_snapshot -> 'reminders' @> to_jsonb($3::bigint) as "planned!",
                  (select string_agg(distinct r.name, ', ') from booking_items i
                   join resources r on r.org_id = i.org_id and r.id = i.resource_id
                   where i.org_id = b.org_id and i.booking_id = b.id) as what,
                  (select string_agg(i.unit_label, ', ' order by length(i.unit_label), i.unit_label) from booking_items i
                   where i.org_id = b.org_id and i.booking_id = b.id) as units
           from bookings b left join trips t on t.org_id = b.org_id and t.id = b.resource_id
           where b.org_id = $1 and b.id = $2 for share of b"#,
        org.0,
        booking.0,
        i64::from(minutes_before)
    )
    .fetch_optional(tx.conn())
    .await?;
    let untrue = match &found {
        None => Some("gone"),
        Some(found) if found.status != "confirmed" => Some("not_confirmed"),
        Some(found) if found.start_at != start_at => Some("moved"),
        Some(found) if !found.planned => Some("not_planned"),
        Some(_) => untimely(tx.now(), start_at, minutes_before),
    };
    let (Some(found), None) = (found, untrue) else { return Ok(dropped(untrue.unwrap_or("gone"))) };
    let payload = json!({
        "from": found.origin_text, "to": found.destination_text, "departure_at": start_at, "timezone": found.timezone,
        "minutes_before": minutes_before, "what": found.what, "units": found.units, "start_at": start_at,
    });
    let kind = if found.trip_id.is_some() { NoticeKind::Reminder } else { NoticeKind::ReservationReminder };
    let driver = found.trip_id.zip(found.driver_user_id).map(|(trip, driver)| ("trip", trip, driver));
    let hearers = [Some(("booking", booking.0, found.beneficiary_user_id)), driver];
    for (subject_type, subject_id, user) in hearers.into_iter().flatten() {
        notify(
            tx,
            Notice {
                user: user.into(),
                kind,
                subject_type,
                subject_id,
                payload: payload.clone(),
                dedupe_key: format!("reminder/{subject_id}/{}/{minutes_before}/{user}", start_at.to_rfc3339()),
            },
        )
        .await?;
    }
    Ok(Reminded::Sent)
}

/// Whether a reminder written earlier is still true now that it leaves: some confirmed booking of its subject (the
/// booking itself, or any on the driver's trip) starts at the time it names.
pub(super) async fn still_true(
    tx: &mut Tx,
    subject: Uuid,
    start_at: DateTime<Utc>,
    minutes_before: u32,
) -> Result<bool> {
    let org = tx.org()?;
    let stands = sqlx::query_scalar!(
        "select id from bookings
         where org_id = $1 and (id = $2 or resource_id = $2) and status = 'confirmed' and start_at = $3
         limit 1 for share",
        org.0,
        subject,
        start_at
    )
    .fetch_optional(tx.conn())
    .await?
    .is_some();
    let untrue = if stands { untimely(tx.now(), start_at, minutes_before) } else { Some("not_confirmed") };
    Ok(match untrue {
        None => true,
        Some(reason) => {
            dropped(reason);
            false
        }
    })
}

/// Why it is not the time for a reminder, if it is not. It may be late by five minutes or a quarter of its span,
/// whichever is more: "in 2 h" told half an hour late misleads nobody, told an hour late it does.
fn untimely(now: DateTime<Utc>, start_at: DateTime<Utc>, minutes_before: u32) -> Option<&'static str> {
    let span = TimeDelta::minutes(minutes_before.into());
    let grace = (span / 4).max(TimeDelta::minutes(5));
    if now >= start_at {
        Some("started")
    } else if now > start_at - span + grace {
        Some("late")
    } else {
        None
    }
}

fn dropped(reason: &'static str) -> Reminded {
    metrics::counter!("reminders_dropped_total", "reason" => reason).increment(1);
    Reminded::Dropped(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_may_be_a_little_late_but_never_after_the_start() {
        let start: DateTime<Utc> = "2026-11-21T08:30:00Z".parse().unwrap();
        let at = |minutes| start - TimeDelta::minutes(minutes);
        assert_eq!(untimely(at(120), start, 120), None);
        assert_eq!(untimely(at(90), start, 120), None);
        assert_eq!(untimely(at(89), start, 120), Some("late"));
        assert_eq!(untimely(at(6), start, 10), None, "five minutes of grace");
        assert_eq!(untimely(at(4), start, 10), Some("late"));
        assert_eq!(untimely(at(1), start, 2), None, "a short one may use its whole span");
        assert_eq!(untimely(start, start, 2), Some("started"));
    }

    #[test]
    fn a_reminder_names_the_instant_the_database_keeps() {
        let start: DateTime<Utc> = "2026-11-21T08:30:00.123456789Z".parse().unwrap();
        let (job, due) = reminder(BookingId::new(), start, 30);
        let Notifications::RemindBooking { start_at, .. } = job else { panic!("not a reminder") };
        assert_eq!(start_at.to_rfc3339(), "2026-11-21T08:30:00.123456+00:00");
        assert_eq!(start_at - due, TimeDelta::minutes(30));
    }
}
