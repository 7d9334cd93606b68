//! What could be had instead (SN16): a refusal that only says no sends people away. What is told here holds nothing.

use super::{Booking, hours};
use crate::{db::Tx, error::Result, ids::*};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// Most other units and most other times one refusal tells.
const MOST: i64 = 3;
/// Gaps beside what others have that are looked at, the nearest first: so that a refusal costs little on a resource of
/// five hundred units.
const MOST_GAPS: i64 = 12;

/// Something that was free when the refusal was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// This very unit; none where any of the resource will do.
    pub unit_id: Option<UnitId>,
    /// What people call it.
    pub unit_label: Option<String>,
    /// First instant.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
}

/// At most three other units of a resource at the time of a booking, where one was named; then at most three times, the
/// nearest within a week either way, at which as many units as asked for are free. A time has the length of the booking
/// and lies on its grid, right after or right before what somebody else has.
pub(super) async fn alternatives(
    tx: &mut Tx,
    booking: &Booking,
    resource: ResourceId,
    unit: Option<UnitId>,
    quantity: i64,
) -> Result<Vec<Alternative>> {
    let (org, now, rules) = (tx.org()?, tx.now(), &booking.policy);
    let earliest = now + TimeDelta::minutes(rules.lead_minutes.into());
    let latest = now + TimeDelta::days(rules.horizon_days.into());
    let found = sqlx::query_as!(
        Alternative,
        r#"with asked as (
               select $4::timestamptz as start_at, $5::timestamptz - $4 as length, make_interval(mins => $6) as before,
                      make_interval(mins => $7) as after, $8::float8 * 60 as step),
           unit as materialized (
               select u.id, u.label from units u
               where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null),
           edge as (
               select distinct c.during from claims c, asked a
               where c.org_id = $1 and c.active and c.unit_id in (select id from unit where $3::uuid is null or id = $3)
                 and c.during && tstzrange(a.start_at - interval '7 days', a.start_at + interval '7 days')),
           gap as (
               select a.start_at + make_interval(secs => a.step * ceil(date_part('epoch',
                          upper(e.during) + a.before - a.start_at) / a.step)) as start_at from edge e, asked a
               union
               select a.start_at + make_interval(secs => a.step * floor(date_part('epoch',
                          lower(e.during) - a.after - a.length - a.start_at) / a.step)) from edge e, asked a),
           near as (
               select g.start_at, abs(date_part('epoch', g.start_at - a.start_at)) as far from gap g, asked a
               where g.start_at >= $9 and g.start_at <= $10 and g.start_at <> a.start_at
               order by far, g.start_at limit $12)
           select * from (
               (select u.id as "unit_id?: UnitId", u.label as "unit_label?", a.start_at as "start_at!",
                       a.start_at + a.length as "end_at!" from unit u, asked a
                where $3::uuid is not null
                  and not exists (select from claims c where c.org_id = $1 and c.unit_id = u.id and c.active
                                  and c.during && tstzrange(a.start_at - a.before, a.start_at + a.length + a.after))
                order by length(u.label), u.label limit $13)
               union all
               (select $3::uuid, (select label from unit where id = $3), n.start_at, n.start_at + a.length
                from near n, asked a
                where (select count(*) from unit u
                       where ($3::uuid is null or u.id = $3)
                         and not exists (select from claims c where c.org_id = $1 and c.unit_id = u.id and c.active
                                         and c.during && tstzrange(n.start_at - a.before, n.start_at + a.length + a.after)))
                      >= $11
                order by n.far, n.start_at limit 2 * $13)) as instead"#,
        org.0,
        resource.0,
        unit.map(|unit| unit.0),
        booking.start_at,
        booking.end_at,
        i32::try_from(rules.buffer_before_minutes).unwrap_or_default(),
        i32::try_from(rules.buffer_after_minutes).unwrap_or_default(),
        f64::from(rules.grid_minutes),
        earliest,
        latest,
        quantity,
        MOST_GAPS,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    while_open(tx, booking, resource, found).await
}

/// Other units at the same time, then the other times at which it is open.
async fn while_open(
    tx: &mut Tx,
    booking: &Booking,
    resource: ResourceId,
    found: Vec<Alternative>,
) -> Result<Vec<Alternative>> {
    let (mut others, mut later): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|instead| instead.start_at == booking.start_at);
    hours::leave_closed(tx, booking, resource, &mut later).await?;
    later.truncate(usize::try_from(MOST).unwrap_or_default());
    others.append(&mut later);
    Ok(others)
}
