//! Units and the claims on them. A claim is the only thing that takes a unit; the database refuses overlaps (★2).
//! What a unit is called and looks like is its sheet, which its keepers write (E2, E4, SN20).

mod create;
mod list;
mod note_condition;
mod remove;
mod restore;
mod sheet;
mod update;

pub use create::create;
pub(super) use create::{BARCODE_TAKEN, insert};
pub use list::{Filter, Listing, UnitState, list};
pub(crate) use note_condition::note_condition;
pub use remove::remove;
pub use restore::restore;
pub use sheet::{NewUnit, Position, UnitSheet, find};
pub use update::update;

use crate::{
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use sqlx::postgres::types::PgRange;
use std::ops::Bound;
use uuid::Uuid;

/// A unit that can be claimed.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// What people call it: a seat number, a bay.
    pub label: String,
}

/// A half-open span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// First instant inside.
    pub start: DateTime<Utc>,
    /// First instant after.
    pub end: DateTime<Utc>,
}

impl From<Span> for PgRange<DateTime<Utc>> {
    fn from(span: Span) -> Self {
        Self { start: Bound::Included(span.start), end: Bound::Excluded(span.end) }
    }
}

/// Adds `count` units labelled with numbers that follow `after`.
pub(crate) async fn add(tx: &mut Tx, resource: ResourceId, after: i32, count: i32) -> Result<()> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = (0..count).map(|_| UnitId::new().into()).collect();
    let labels: Vec<String> = (1..=count).map(|n| (after + n).to_string()).collect();
    sqlx::query!(
        "insert into units (org_id, id, resource_id, label)
         select $1, unit.id, $2, unit.label from unnest($3::uuid[], $4::text[]) as unit (id, label)",
        org.0,
        resource.0,
        &ids,
        &labels
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The units of a resource that nobody holds during `span`, in the order of their labels.
pub(crate) async fn free(tx: &mut Tx, resource: ResourceId, span: Span) -> Result<Vec<Unit>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Unit,
        r#"select u.id as "id: UnitId", u.label from units u
           where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                             and c.during && $3)
           order by length(u.label), u.label"#,
        org.0,
        resource.0,
        PgRange::from(span)
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Those of the named units of a resource that nobody holds during `span`.
pub(crate) async fn free_among(tx: &mut Tx, resource: ResourceId, span: Span, named: &[UnitId]) -> Result<Vec<Unit>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Unit,
        r#"select u.id as "id: UnitId", u.label from units u
           where u.org_id = $1 and u.id = any($4) and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                             and c.during && $3)
           order by length(u.label), u.label"#,
        org.0,
        resource.0,
        PgRange::from(span),
        &uuids(named)
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The first so many units of a resource that nobody holds during `span`: those in `keep` first, none of `but` and none
/// with a feature in `without`, in the order of their labels. However many units there are, no more are looked at than
/// must be.
pub(crate) async fn first_free(
    tx: &mut Tx,
    resource: ResourceId,
    span: Span,
    (keep, but): (&[UnitId], &[UnitId]),
    without: &[String],
    count: i32,
) -> Result<Vec<Unit>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Unit,
        r#"select u.id as "id: UnitId", u.label from units u
           join resources r on r.org_id = u.org_id and r.id = u.resource_id
           where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and u.id <> all($5) and not (u.features || r.features && $7)
             and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                             and c.during && $3)
           order by u.id = any($4) desc, length(u.label), u.label limit $6"#,
        org.0,
        resource.0,
        PgRange::from(span),
        &uuids(keep),
        &uuids(but),
        i64::from(count),
        without
    )
    .fetch_all(tx.conn())
    .await?)
}

fn uuids(units: &[UnitId]) -> Vec<Uuid> {
    units.iter().map(|unit| unit.0).collect()
}

/// Claims units for a source; `refusal` is the answer when somebody else holds one of them.
pub(crate) async fn claim(
    tx: &mut Tx,
    units: &[Unit],
    span: Span,
    source: &str,
    source_id: Uuid,
    refusal: Refusal,
) -> Result<()> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = units.iter().map(|_| ClaimId::new().into()).collect();
    let unit_ids: Vec<Uuid> = units.iter().map(|unit| unit.id.into()).collect();
    sqlx::query!(
        "insert into claims (org_id, id, unit_id, during, source, source_id)
         select $1, claim.id, claim.unit_id, $2, $3, $4 from unnest($5::uuid[], $6::uuid[]) as claim (id, unit_id)",
        org.0,
        PgRange::from(span),
        source,
        source_id,
        &ids,
        &unit_ids
    )
    .execute(tx.conn())
    .await
    .refuse_on("claims_no_overlap", refusal)?;
    Ok(())
}

/// Ends every active claim of a source.
pub(crate) async fn release(tx: &mut Tx, source_id: Uuid) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update claims set active = false, released_at = $3 where org_id = $1 and source_id = $2 and active",
        org.0,
        source_id,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the active claims of a source on these units alone.
pub(crate) async fn release_of(tx: &mut Tx, source_id: Uuid, units: &[UnitId]) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update claims set active = false, released_at = $3
         where org_id = $1 and source_id = $2 and active and unit_id = any($4)",
        org.0,
        source_id,
        now,
        &uuids(units)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
