//! The order of every line, in one statement (H11, H12): what counts for each who waits, by the weights of the line's
//! policy, added up and numbered. Age counts by the hour of waiting; fines due weigh as much as penalty points.

use super::ranking::{Part, Place};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    paging::{Listed, Page},
    policies::ScoreWeights,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A row of the ranking.
pub(super) struct Row {
    pub entry: QueueEntryId,
    pub seq: i64,
    pub score: i64,
    pub parts: Value,
    pub quantity: i32,
    pub rank: i64,
    pub total: i64,
    /// Points of whoever stands next in front.
    pub ahead: Option<i64>,
    /// Whether enough units are free, where that was asked.
    pub fits: bool,
}

/// `$1` organization, `$2` one line or all, `$3` now, `$4` weights without a policy, `$5` one entry alone or all. What counts
/// is counted once for each person and line; only those picked in the end are explained.
macro_rules! ranked {
    ($pick:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"with lines as materialized (
                   select r.id as resource_id, w.weights -> 'roles' as roles, (w.weights ->> 'hour_waited')::int as hour_weight,
                          (w.weights ->> 'penalty_point')::int as penalty_weight, (w.weights ->> 'active_booking')::int as booking_weight,
                          (w.weights ->> 'high_priority')::int as priority_weight
                   from resources r cross join lateral (
                       select $4::jsonb || coalesce(
                           (select p.rules -> 'score_weights' from policies p
                            where p.org_id = r.org_id and p.deleted_at is null
                              and (p.id = r.policy_id or p.standard and p.applies_to in (r.kind, 'any'))
                            order by p.id = r.policy_id desc nulls last, p.applies_to = r.kind desc limit 1), '{}') as weights offset 0) w
                   where r.org_id = $1 and ($2::uuid is null or r.id = $2)
                     and exists (select from queue_entries e where e.org_id = r.org_id and e.resource_id = r.id and e.status = 'waiting')),
               waiting as materialized (
                   select e.id, e.resource_id, e.user_id, e.seq, e.discipline = 'fifo' as fifo,
                          greatest(floor(date_part('epoch', $3::timestamptz - e.created_at) / 3600), 0)::bigint as hours
                   from queue_entries e
                   where e.org_id = $1 and e.status = 'waiting' and e.useful_until > $3::timestamptz
                     and ($2::uuid is null or e.resource_id = $2) and ($5::uuid is null or e.id = $5)),
               people as materialized (select distinct resource_id, user_id from waiting),
               roles as (
                   select p.resource_id, p.user_id, max((l.roles ->> m.role)::int) as weight,
                          (array_agg(m.role order by (l.roles ->> m.role)::int desc, m.role))[1] as role
                   from people p join lines l on l.resource_id = p.resource_id
                   join membership_roles m on m.org_id = $1 and m.user_id = p.user_id and l.roles ? m.role
                   group by p.resource_id, p.user_id),
               active as (
                   select b.beneficiary_user_id as user_id, count(*) as n from bookings b
                   where b.org_id = $1 and b.status in ('pending', 'approved', 'confirmed', 'in_use')
                     and b.beneficiary_user_id in (select user_id from people)
                   group by b.beneficiary_user_id),
               due as (
                   select f.user_id, count(*) as n from fines f
                   where f.org_id = $1 and f.status = 'due' and f.user_id in (select user_id from people) group by f.user_id),
               counted as materialized (
                   select p.resource_id, p.user_id, l.hour_weight, l.penalty_weight, l.booking_weight, l.priority_weight, r.role,
                          coalesce(r.weight, 0) as role_weight, m.penalty_points as points, coalesce(d.n, 0) as fines,
                          coalesce(a.n, 0) as bookings, (m.priority = 'high')::int as high,
                          coalesce(r.weight, 0) + (m.penalty_points + coalesce(d.n, 0)) * l.penalty_weight
                          + coalesce(a.n, 0) * l.booking_weight + (m.priority = 'high')::int * l.priority_weight as fixed
                   from people p join lines l on l.resource_id = p.resource_id
                   join memberships m on m.org_id = $1 and m.user_id = p.user_id
                   left join roles r on r.resource_id = p.resource_id and r.user_id = p.user_id
                   left join active a on a.user_id = p.user_id left join due d on d.user_id = p.user_id),
               scored as (
                   select w.id, w.resource_id, w.user_id, w.seq, w.fifo, w.hours,
                          case when w.fifo then 0 else w.hours * c.hour_weight + c.fixed end as score
                   from waiting w join counted c on c.resource_id = w.resource_id and c.user_id = w.user_id),
               ranked as (
                   select s.*, row_number() over line as rank, lag(s.score) over line as ahead,
                          count(*) over (partition by s.resource_id) as total
                   from scored s window line as (partition by s.resource_id order by s.score desc, s.seq)), "#
                + $pick
                + r#"
               select r.id as "entry!: QueueEntryId", r.seq as "seq!", r.score as "score!", e.quantity as "quantity!", r.rank as "rank!",
                      r.total as "total!", r.ahead as "ahead?", r.fits as "fits!",
                      case when r.fifo then '[]'::jsonb else jsonb_build_array(
                          jsonb_build_object('factor', 'hours_waited', 'value', r.hours, 'weight', c.hour_weight),
                          jsonb_build_object('factor', 'role', 'value', (c.role is not null)::int, 'weight', c.role_weight, 'role', c.role),
                          jsonb_build_object('factor', 'high_priority', 'value', c.high, 'weight', c.priority_weight),
                          jsonb_build_object('factor', 'penalty_points', 'value', c.points, 'weight', c.penalty_weight),
                          jsonb_build_object('factor', 'fines_due', 'value', c.fines, 'weight', c.penalty_weight),
                          jsonb_build_object('factor', 'active_bookings', 'value', c.bookings, 'weight', c.booking_weight))
                      end as "parts!"
               from picked r join queue_entries e on e.org_id = $1 and e.id = r.id
               join counted c on c.resource_id = r.resource_id and c.user_id = r.user_id
               order by r.score desc, r.rank, r.seq"#,
            $($argument),*
        )
    };
}

fn default_weights() -> Value {
    json!(ScoreWeights::default())
}

/// A long line is sorted in memory; the setting ends with the transaction.
async fn with_room_to_sort(tx: &mut Tx) -> Result<()> {
    sqlx::query_scalar!("select set_config('work_mem', '32MB', true)").fetch_one(tx.conn()).await?;
    Ok(())
}

/// The score of one entry at this instant, wherever it stands.
pub(super) async fn of_entry(tx: &mut Tx, resource: ResourceId, entry: QueueEntryId) -> Result<Option<Row>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(ranked!(
        "picked as (select r.*, false as fits from ranked r)",
        org.0,
        Some(resource.0),
        now,
        default_weights(),
        Some(entry.0)
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Where one entry stands in its line at this instant; none when it does not wait.
pub(super) async fn standing(tx: &mut Tx, resource: ResourceId, entry: QueueEntryId) -> Result<Option<Row>> {
    with_room_to_sort(tx).await?;
    let (org, now) = (tx.org()?, tx.now());
    Ok(ranked!(
        "picked as (select r.*, false as fits from ranked r where r.id = $6)",
        org.0,
        Some(resource.0),
        now,
        default_weights(),
        None::<Uuid>,
        entry.0
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// One page of those who wait, the highest score first: in one line, or in all of the organization.
pub(super) async fn page(tx: &mut Tx, resource: Option<ResourceId>, page: Page) -> Result<Listed<Row>> {
    with_room_to_sort(tx).await?;
    let (org, now) = (tx.org()?, tx.now());
    let items = ranked!(
        "picked as (select r.*, false as fits from ranked r order by r.score desc, r.rank, r.seq limit $6 offset $7)",
        org.0,
        resource.map(|id| id.0),
        now,
        default_weights(),
        None::<Uuid>,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from queue_entries e
           where e.org_id = $1 and e.status = 'waiting' and e.useful_until > $2 and ($3::uuid is null or e.resource_id = $3)"#,
        org.0,
        now,
        resource.map(|id| id.0)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Listed { items, total })
}

/// The head of a line with whether each fits into what is free, the best of those who fit, and the entry named. How
/// much is free is counted once for each wish, however many share it.
pub(super) async fn head(tx: &mut Tx, resource: ResourceId, about: Option<QueueEntryId>) -> Result<Vec<Row>> {
    with_room_to_sort(tx).await?;
    let (org, now) = (tx.org()?, tx.now());
    Ok(ranked!(
        "wishes as (
             select distinct e.during, e.features from queue_entries e
             where e.org_id = $1 and e.resource_id = $2 and e.status = 'waiting' and e.useful_until > $3),
         room as materialized (
             select w.during, w.features,
                    (select count(*) from units u join resources x on x.org_id = u.org_id and x.id = u.resource_id
                     where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
                       and u.features || x.features @> w.features
                       and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                                       and c.during && w.during)) as free
             from wishes w),
         fitting as materialized (
             select e.id from queue_entries e
             join room m on m.during = e.during and m.features = e.features and m.free >= e.quantity
             where e.org_id = $1 and e.resource_id = $2 and e.status = 'waiting' and e.useful_until > $3),
         best as (select r.id from ranked r join fitting f on f.id = r.id order by r.rank limit 50),
         picked as (
             select r.*, r.id in (select id from fitting) as fits from ranked r
             where r.rank <= 100 or r.id = $6 or r.id in (select id from best))",
        org.0,
        Some(resource.0),
        now,
        default_weights(),
        None::<Uuid>,
        about.map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Whether anybody in a line fits into what is free: asked first, because it is cheap.
pub(super) async fn somebody_fits(tx: &mut Tx, resource: ResourceId) -> Result<bool> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_scalar!(
        r#"with wishes as (
               select e.during, e.features, min(e.quantity) as least from queue_entries e
               where e.org_id = $1 and e.resource_id = $2 and e.status = 'waiting' and e.useful_until > $3
               group by e.during, e.features)
           select exists (
               select from wishes w
               where (select count(*) from units u join resources x on x.org_id = u.org_id and x.id = u.resource_id
                      where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
                        and u.features || x.features @> w.features
                        and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                                        and c.during && w.during)) >= w.least) as "yes!""#,
        org.0,
        resource.0,
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

impl Row {
    /// What its score is made of.
    pub(super) fn parts(&self) -> Result<Vec<Part>> {
        let parts: Vec<Part> =
            serde_json::from_value(self.parts.clone()).map_err(|e| Fault::corrupt("score parts", e))?;
        Ok(parts)
    }

    /// As a ranking keeps it.
    pub(super) fn place(&self) -> Result<Place> {
        Ok(Place {
            entry: self.entry,
            rank: self.rank,
            seq: self.seq,
            quantity: self.quantity,
            fits: self.fits,
            score: self.score,
            parts: self.parts()?,
        })
    }
}
