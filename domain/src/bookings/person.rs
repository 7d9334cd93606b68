//! What a person may still book (SN7, SN28, SN31). The membership is locked, so that two requests of one person cannot
//! both take the last of an allowance; things are locked before it, always.

use super::{Booking, eligible};
use crate::{db::Tx, error::Result, ids::*, inventory::units::Span, localtime, refusals::Refusal};
use chrono::{DateTime, Datelike, Days, NaiveTime, Utc};
use sqlx::postgres::types::PgRange;

/// The beneficiary belongs to the organization, is not blocked, and has allowance left for this booking.
///
/// # Errors
/// [`Refusal::NotFound`] for somebody who is no member, [`Refusal::Policy`], [`Refusal::Quota`].
pub(super) async fn may_book(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let points = lock_both(tx, booking).await?;
    allowed(tx, booking, points).await
}

/// The same without a lock: what its person would hear at this moment (★9).
pub(super) async fn could_book(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let org = tx.org()?;
    let points = sqlx::query_scalar!(
        "select penalty_points from memberships where org_id = $1 and user_id = $2 and status = 'active'",
        org.0,
        booking.beneficiary.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    allowed(tx, booking, points).await
}

async fn allowed(tx: &mut Tx, booking: &Booking, points: i32) -> Result<()> {
    let rules = &booking.policy;
    if let Some(limit) = rules.blocked_from_penalty_points
        && i64::from(points) >= i64::from(limit)
    {
        let rule = "blocked_from_penalty_points";
        return Err(Refusal::Policy { rule, limit: limit.into(), value: points.into() }.into());
    }
    if let Some(limit) = rules.max_active_bookings {
        let value = active(tx, booking).await?;
        within("max_active_bookings", limit.into(), value, 1)?;
    }
    eligible::must_be(tx, booking).await?;
    may_have_time(tx, booking).await
}

/// The part of it that a reschedule asks again: the hours of the week, and being in one place at a time.
pub(super) async fn may_have_time(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let rules = &booking.policy;
    if let Some(limit) = rules.max_minutes_per_week {
        let value = minutes_that_week(tx, booking).await?;
        within("max_minutes_per_week", limit.into(), value, (booking.end_at - booking.start_at).num_minutes())?;
    }
    if !rules.allow_own_overlap {
        let value = overlapping(tx, booking).await?;
        if value > 0 {
            return Err(Refusal::Policy { rule: "allow_own_overlap", limit: 0, value }.into());
        }
    }
    Ok(())
}

fn within(rule: &'static str, limit: i64, value: i64, requested: i64) -> Result<()> {
    if value + requested <= limit {
        return Ok(());
    }
    Err(Refusal::Quota { rule, limit, value, requested, remaining: (limit - value).max(0) }.into())
}

/// Locks an active membership; answers its penalty points. Things are locked before it.
pub(crate) async fn lock(tx: &mut Tx, user: UserId) -> Result<i32> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        "select penalty_points from memberships where org_id = $1 and user_id = $2 and status = 'active'
         for no key update",
        org.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?)
}

/// The same of who gets the booking; who asked for it is locked as well, for what they owe (L21). In the order of their
/// ids: two people may book for each other.
async fn lock_both(tx: &mut Tx, booking: &Booking) -> Result<i32> {
    let org = tx.org()?;
    let locked = sqlx::query!(
        "select user_id, penalty_points from memberships where org_id = $1 and user_id = any($2) and status = 'active'
         order by user_id for no key update",
        org.0,
        &[booking.beneficiary.0, booking.creator.0]
    )
    .fetch_all(tx.conn())
    .await?;
    let found = locked.into_iter().find(|row| row.user_id == booking.beneficiary.0);
    Ok(found.ok_or(Refusal::NotFound)?.penalty_points)
}

/// Bookings of the same kind that stand; a hold whose deadline passed does not.
async fn active(tx: &mut Tx, booking: &Booking) -> Result<i64> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from bookings
           where org_id = $1 and beneficiary_user_id = $2 and kind = $3 and id <> $4
             and (status in ('confirmed', 'in_use') or status in ('pending', 'approved') and hold_expires_at > $5)"#,
        org.0,
        booking.beneficiary.0,
        booking.kind.code(),
        booking.id.0,
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Minutes of bookings that start in the same week, from Monday to Monday on local clocks.
async fn minutes_that_week(tx: &mut Tx, booking: &Booking) -> Result<i64> {
    let (org, now) = (tx.org()?, tx.now());
    let week = week_of(booking.start_at, booking.timezone);
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(extract(epoch from end_at - start_at) / 60), 0)::bigint as "n!" from bookings
           where org_id = $1 and beneficiary_user_id = $2 and kind = $3 and id <> $4
             and start_at >= $6 and start_at < $7
             and (status in ('confirmed', 'in_use', 'completed', 'no_show')
                  or status in ('pending', 'approved') and hold_expires_at > $5)"#,
        org.0,
        booking.beneficiary.0,
        booking.kind.code(),
        booking.id.0,
        now,
        week.start,
        week.end
    )
    .fetch_one(tx.conn())
    .await?)
}

fn week_of(at: DateTime<Utc>, zone: chrono_tz::Tz) -> Span {
    let day = at.with_timezone(&zone).date_naive();
    let monday = day - Days::new(day.weekday().num_days_from_monday().into());
    let midnight = |day: chrono::NaiveDate| localtime::first_showing(day.and_time(NaiveTime::MIN), zone);
    Span { start: midnight(monday), end: midnight(monday + Days::new(7)) }
}

async fn overlapping(tx: &mut Tx, booking: &Booking) -> Result<i64> {
    let (org, now) = (tx.org()?, tx.now());
    let span = PgRange::from(Span { start: booking.start_at, end: booking.end_at });
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from bookings
           where org_id = $1 and beneficiary_user_id = $2 and kind = $3 and id <> $4
             and tstzrange(start_at, end_at) && $6
             and (status in ('confirmed', 'in_use') or status in ('pending', 'approved') and hold_expires_at > $5)"#,
        org.0,
        booking.beneficiary.0,
        booking.kind.code(),
        booking.id.0,
        now,
        span
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Adds penalty points, once for what the caller decided once (CX37, L14).
pub(crate) async fn add_points(tx: &mut Tx, user: UserId, points: u32) -> Result<()> {
    if points == 0 {
        return Ok(());
    }
    let org = tx.org()?;
    let points = i32::try_from(points).unwrap_or(i32::MAX);
    let now = sqlx::query_scalar!(
        "update memberships set penalty_points = penalty_points + $3 where org_id = $1 and user_id = $2
         returning penalty_points",
        org.0,
        user.0,
        points
    )
    .fetch_one(tx.conn())
    .await?;
    let change = crate::audit::Change::updated(
        "membership",
        user,
        serde_json::json!({ "penalty_points": now - points }),
        serde_json::json!({ "penalty_points": now }),
    );
    tx.record(change);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_from_monday_to_monday_on_local_clocks() {
        let sunday_night: DateTime<Utc> = "2026-11-29T23:30:00Z".parse().unwrap(); // Monday 00:30 in Paris
        let week = week_of(sunday_night, chrono_tz::Europe::Paris);
        assert_eq!(week.start.to_rfc3339(), "2026-11-29T23:00:00+00:00");
        assert_eq!(week_of(sunday_night, chrono_tz::UTC).start.to_rfc3339(), "2026-11-23T00:00:00+00:00");
        assert_eq!((week.end - week.start).num_days(), 7);
    }
}
