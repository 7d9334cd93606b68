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
/// is counted once for each person and line and weighed once; `$pick` ranks of the scores what it is asked for, and only
/// that is explained. People are told from their table, not from `waiting`, so that the planner knows how many they are.
macro_rules! scored {
    ([$($pick:literal),+], $($argument:expr),*) => {
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
               people as materialized (
                   select e.resource_id, e.user_id, count(*) as entries from queue_entries e
                   where e.org_id = $1 and e.status = 'waiting' and e.useful_until > $3::timestamptz
                     and ($2::uuid is null or e.resource_id = $2) and ($5::uuid is null or e.id = $5)
                   group by e.resource_id, e.user_id),
               weights as materialized (
                   select l.resource_id, w.key as role, w.value::int as weight from lines l cross join jsonb_each_text(l.roles) w),
               roles as (
                   select p.resource_id, p.user_id, max(w.weight) as weight
                   from people p join membership_roles m on m.org_id = $1 and m.user_id = p.user_id
                   join weights w on w.resource_id = p.resource_id and w.role = m.role
                   group by p.resource_id, p.user_id),
               active as (
                   select p.resource_id, p.user_id, count(*) as n from people p
                   join bookings b on b.org_id = $1 and b.beneficiary_user_id = p.user_id
                        and b.status in ('pending', 'approved', 'confirmed', 'in_use')
                   group by p.resource_id, p.user_id),
               due as (
                   select p.resource_id, p.user_id, count(*) as n from people p
                   join fines f on f.org_id = $1 and f.user_id = p.user_id and f.status = 'due'
                   group by p.resource_id, p.user_id),
               counted as materialized (
                   select p.resource_id, p.user_id, m.penalty_points as points, (m.priority = 'high')::int as high, r.weight as role_weight,
                          coalesce(d.n, 0) as fines, coalesce(a.n, 0) as bookings
                   from people p join memberships m on m.org_id = $1 and m.user_id = p.user_id
                   left join roles r on r.resource_id = p.resource_id and r.user_id = p.user_id
                   left join active a on a.resource_id = p.resource_id and a.user_id = p.user_id
                   left join due d on d.resource_id = p.resource_id and d.user_id = p.user_id),
               waiting as materialized (
                   select e.id, e.resource_id, e.user_id, e.seq, e.discipline = 'fifo' as fifo,
                          greatest(floor(date_part('epoch', $3::timestamptz - e.created_at) / 3600), 0)::bigint as hours
                   from queue_entries e
                   where e.org_id = $1 and e.status = 'waiting' and e.useful_until > $3::timestamptz
                     and ($2::uuid is null or e.resource_id = $2) and ($5::uuid is null or e.id = $5)),
               weighed as materialized (
                   select c.resource_id, c.user_id, l.hour_weight,
                          coalesce(c.role_weight, 0) + c.high * l.priority_weight + (c.points + c.fines) * l.penalty_weight
                          + c.bookings * l.booking_weight as fixed
                   from counted c join lines l on l.resource_id = c.resource_id),
               totals as materialized (
                   select p.resource_id, sum(p.entries)::bigint as total from people p group by p.resource_id),
               scored as (
                   select w.id, w.resource_id, w.user_id, w.seq, w.hours,
                          case when w.fifo then 0 else w.hours * p.hour_weight + p.fixed end as score
                   from waiting w join weighed p on p.resource_id = w.resource_id and p.user_id = w.user_id), "#
                $(+ $pick)+
                + r#"
               select r.id as "entry!: QueueEntryId", r.seq as "seq!", r.score as "score!", e.quantity as "quantity!", r.rank as "rank!",
                      r.total as "total!", r.ahead as "ahead?", r.fits as "fits!",
                      case when e.discipline = 'fifo' then '[]'::jsonb else jsonb_build_array(
                          jsonb_build_object('factor', 'hours_waited', 'value', r.hours, 'weight', l.hour_weight),
                          jsonb_build_object('factor', 'role', 'value', (c.role_weight is not null)::int,
                              'weight', coalesce(c.role_weight, 0), 'role',
                              (select min(m.role) from membership_roles m
                               where m.org_id = $1 and m.user_id = c.user_id and (l.roles ->> m.role)::int = c.role_weight)),
                          jsonb_build_object('factor', 'high_priority', 'value', c.high, 'weight', l.priority_weight),
                          jsonb_build_object('factor', 'penalty_points', 'value', c.points, 'weight', l.penalty_weight),
                          jsonb_build_object('factor', 'fines_due', 'value', c.fines, 'weight', l.penalty_weight),
                          jsonb_build_object('factor', 'active_bookings', 'value', c.bookings, 'weight', l.booking_weight))
                      end as "parts!"
               from picked r join queue_entries e on e.org_id = $1 and e.id = r.id
               join counted c on c.resource_id = r.resource_id and c.user_id = r.user_id
               join lines l on l.resource_id = r.resource_id
               order by r.score desc, r.rank, r.seq"#,
            $($argument),*
        )
    };
}

/// The same, ranked by windows from the front of each line to whoever is `last` of those wanted: `$last` gives that score
/// and, where one line is asked for, that number. Nobody who stands in front of somebody wanted scores less, so no place
/// comes out otherwise than over the whole line; but only so much of it is sorted.
macro_rules! ranked {
    ($last:literal, $pick:literal, $($argument:expr),*) => {
        scored!(
            [
                $last,
                ", ranked as (
                     select s.*, row_number() over line as rank, lag(s.score) over line as ahead
                     from scored s join last f on s.score > f.score or s.score = f.score and ($2::uuid is null or s.seq <= f.seq)
                     window line as (partition by s.resource_id order by s.score desc, s.seq)), ",
                $pick
            ],
            $($argument),*
        )
    };
}

fn default_weights() -> Value {
    json!(ScoreWeights::default())
}

/// A long line is sorted in memory, and planned for its own length: a plan kept for lines of any length expects a few
/// hundred to wait, and compares each of a hundred thousand with each. Both settings end with the transaction.
async fn for_a_long_line(tx: &mut Tx) -> Result<()> {
    sqlx::query_scalar!(
        "select set_config('work_mem', '32MB', true) || set_config('plan_cache_mode', 'force_custom_plan', true)"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// The score of one entry at this instant, wherever it stands.
pub(super) async fn of_entry(tx: &mut Tx, resource: ResourceId, entry: QueueEntryId) -> Result<Option<Row>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(scored!(
        ["picked as (select s.*, 1::bigint as rank, 1::bigint as total, null::bigint as ahead, false as fits from scored s)"],
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
    for_a_long_line(tx).await?;
    let (org, now) = (tx.org()?, tx.now());
    Ok(scored!(
        ["picked as (
              select s.*, f.rank, f.ahead, f.total, false as fits
              from scored s cross join lateral (
                  select count(*) filter (where o.score > s.score or o.score = s.score and o.seq <= s.seq) as rank,
                         min(o.score) filter (where o.score > s.score or o.score = s.score and o.seq < s.seq) as ahead,
                         count(*) as total
                  from scored o where o.resource_id = s.resource_id) f
              where s.id = $6)"],
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
    for_a_long_line(tx).await?;
    if let Some(line) = resource {
        let items = front(tx, line, page).await?;
        let total = match items.first() {
            Some(first) => first.total,
            None => waiting(tx, resource).await?,
        };
        return Ok(Listed { total, items });
    }
    let (org, now) = (tx.org()?, tx.now());
    let items = ranked!(
        "last as (select f.score, f.seq
                  from (select s.score, s.seq from scored s order by s.score desc, s.seq limit $6::bigint + $7::bigint) f
                  order by f.score, f.seq desc limit 1)",
        "picked as (select r.*, t.total, false as fits from ranked r join totals t on t.resource_id = r.resource_id
                    order by r.score desc, r.rank, r.seq limit $6 offset $7)",
        org.0,
        None::<Uuid>,
        now,
        default_weights(),
        None::<Uuid>,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Listed { total: waiting(tx, None).await?, items })
}

/// One page of one line: its front is sorted once, and numbered as it comes.
async fn front(tx: &mut Tx, line: ResourceId, page: Page) -> Result<Vec<Row>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(scored!(
        ["front as (select s.* from scored s order by s.score desc, s.seq limit $6::bigint + $7::bigint),
          ranked as (
              select f.*, row_number() over line as rank, lag(f.score) over line as ahead
              from front f window line as (order by f.score desc, f.seq)),
          picked as (select r.*, t.total, false as fits from ranked r join totals t on t.resource_id = r.resource_id
                     order by r.rank limit $6 offset $7)"],
        org.0,
        Some(line.0),
        now,
        default_weights(),
        None::<Uuid>,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?)
}

/// How many wait, in one line or in all.
async fn waiting(tx: &mut Tx, resource: Option<ResourceId>) -> Result<i64> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from queue_entries e
           where e.org_id = $1 and e.status = 'waiting' and e.useful_until > $2 and ($3::uuid is null or e.resource_id = $3)"#,
        org.0,
        now,
        resource.map(|id| id.0)
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The head of a line with whether each fits into what is free, the best of those who fit, and the entry named. How
/// much is free is counted once for each wish, however many share it.
pub(super) async fn head(tx: &mut Tx, resource: ResourceId, about: Option<QueueEntryId>) -> Result<Vec<Row>> {
    for_a_long_line(tx).await?;
    let (org, now) = (tx.org()?, tx.now());
    Ok(ranked!(
        "fitting as materialized (
             select wish.id from (
                 select e.during, e.features, min(e.quantity) as least, array_agg(e.id) as ids, array_agg(e.quantity) as quantities
                 from queue_entries e where e.org_id = $1 and e.resource_id = $2 and e.status = 'waiting' and e.useful_until > $3
                 group by e.during, e.features) w
             cross join lateral (
                 select count(*) as free from units u join resources x on x.org_id = u.org_id and x.id = u.resource_id
                 where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
                   and u.features || x.features @> w.features
                   and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                                   and c.during && w.during)) room
             cross join lateral unnest(w.ids, w.quantities) as wish (id, quantity)
             where room.free >= w.least and room.free >= wish.quantity),
         candidates as materialized (
             (select s.id, s.score, s.seq from scored s order by s.score desc, s.seq limit 100)
             union (select s.id, s.score, s.seq from scored s join fitting f on f.id = s.id order by s.score desc, s.seq limit 50)
             union select s.id, s.score, s.seq from scored s where s.id = $6),
         last as (select c.score, c.seq from candidates c order by c.score, c.seq desc limit 1)",
        "picked as (select r.*, t.total, r.id in (select id from fitting) as fits
                    from ranked r join totals t on t.resource_id = r.resource_id where r.id in (select id from candidates))",
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
