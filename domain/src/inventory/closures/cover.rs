//! The claims of closures. What is closed already stays with the closure that came first, so that a holiday does not
//! clash with the maintenance of one room; when that is taken back, the other fills the gap.

use super::{
    ClosureKind, Place, Repeat,
    queries::{Closure, closure_rows},
};
use crate::{
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    inventory::units::Span,
    refusals::Refusal,
};
use uuid::Uuid;

/// A unit and where it belongs.
struct Where {
    unit: Uuid,
    resource: Uuid,
    site: Option<Uuid>,
}

/// Closes units at these times, apart from what claims of these sources hold already.
pub(super) async fn claim(
    tx: &mut Tx,
    closure: ClosureId,
    units: &[Uuid],
    spans: &[Span],
    around: &[String],
) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into claims (org_id, id, unit_id, during, source, source_id)
         select $1, gen_random_uuid(), u.id, part, 'closure', $2
         from unnest($3::uuid[]) as u (id)
         cross join unnest($4::timestamptz[], $5::timestamptz[]) as o (starts, ends)
         cross join lateral unnest(
             tstzmultirange(tstzrange(o.starts, o.ends))
             - coalesce((select range_agg(c.during) from claims c
                         where c.org_id = $1 and c.unit_id = u.id and c.active and c.source = any($6)
                           and c.during && tstzrange(o.starts, o.ends)), '{}'::tstzmultirange)) as part",
        org.0,
        closure.0,
        units,
        &spans.iter().map(|span| span.start).collect::<Vec<_>>(),
        &spans.iter().map(|span| span.end).collect::<Vec<_>>(),
        around
    )
    .execute(tx.conn())
    .await
    .refuse_on("claims_no_overlap", Refusal::Conflict { reason: "it was booked at this very moment: ask again" })?;
    Ok(())
}

/// Units that are new, or open again, are closed by whatever else is in force for them.
pub(in crate::inventory) async fn cover(tx: &mut Tx, units: &[UnitId]) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let ids: Vec<Uuid> = units.iter().map(|unit| unit.0).collect();
    let rows = closure_rows!(
        "and exists (select from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
                     where u.org_id = $1 and u.id = any($2)
                       and (c.site_id = r.site_id
                            or c.resource_id = r.id and (c.unit_id is null or c.unit_id = u.id)))
         and coalesce(c.until, c.local_end::date) >= ($3::timestamptz)::date - 1
         order by c.created_at, c.id",
        org.0,
        &ids,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let all = sqlx::query_as!(
        Where,
        "select u.id as unit, r.id as resource, r.site_id as site
         from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
         where u.org_id = $1 and u.id = any($2)",
        org.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    for row in rows {
        let closure = Closure::try_from(row)?;
        let within = |of: &&Where| match closure.place {
            Place::Site(site) => of.site == Some(site.0),
            Place::Resource(resource) => of.resource == resource.0,
            Place::Unit(_, unit) => of.unit == unit.0,
        };
        let units: Vec<Uuid> = all.iter().filter(within).map(|of| of.unit).collect();
        let mut spans = closure.occurrences()?;
        spans.retain(|span| span.end > now);
        let everything = ["booking", "offer", "closure", "trip"].map(str::to_owned);
        claim(tx, closure.id, &units, &spans, &everything).await?;
    }
    Ok(())
}

/// A resource stands elsewhere: the closures of its old site are no longer about it, those of the new one are.
pub(in crate::inventory) async fn moved(tx: &mut Tx, resource: ResourceId) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update claims c set active = false, released_at = $3
         from units u, resources r, closures k
         where c.org_id = $1 and c.active and c.source = 'closure' and u.org_id = $1 and u.id = c.unit_id
           and u.resource_id = $2 and r.org_id = $1 and r.id = $2 and k.org_id = $1 and k.id = c.source_id
           and k.site_id is not null and k.site_id is distinct from r.site_id and upper(c.during) > $3",
        org.0,
        resource.0,
        now
    )
    .execute(tx.conn())
    .await?;
    let units = sqlx::query_scalar!(
        r#"select id as "id: UnitId" from units where org_id = $1 and resource_id = $2 and deleted_at is null"#,
        org.0,
        resource.0
    )
    .fetch_all(tx.conn())
    .await?;
    cover(tx, &units).await
}
