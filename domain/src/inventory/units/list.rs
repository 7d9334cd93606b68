//! Units with what holds them at an instant (E17, F7): a list, or with their positions a plan.

use super::sheet::{NewUnit, Position, UnitSheet};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    inventory::{Condition, Service, checks, resources},
    paging::{Listed, Page},
};
use chrono::{DateTime, Utc};

crate::inventory::words! {
    /// What holds a unit at an instant, without saying who.
    UnitState, "state" {
        /// Nothing: it can be booked.
        Free = "free";
        /// A booking that waits for a person or for its payment.
        Held = "held";
        /// A firm booking.
        Booked = "booked";
        /// Somebody has it, on time or late.
        InUse = "in_use";
        /// An offer to somebody who waits.
        Offered = "offered";
        /// A closure.
        Closed = "closed";
        /// It is out of service for a while.
        Maintenance = "maintenance";
        /// It is out of service for good.
        Retired = "retired";
    }
}

/// Which units; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this resource.
    pub resource: Option<ResourceId>,
    /// On this site.
    pub site: Option<SiteId>,
    /// Of resources of these kinds.
    pub kinds: Vec<String>,
    /// In these states of service.
    pub statuses: Vec<String>,
    /// With this barcode.
    pub barcode: Option<String>,
    /// With all of these features, the resource's included.
    pub features: Vec<String>,
    /// Held so at the instant asked about.
    pub states: Vec<String>,
    /// Removed ones too.
    pub include_deleted: bool,
}

/// A unit in a list.
#[derive(Debug, Clone)]
pub struct Listing {
    /// What is known of it.
    pub unit: UnitSheet,
    /// What holds it at the instant asked about, if one was.
    pub state: Option<UnitState>,
}

/// Units by resource and label. With `at`, each says what holds it then. A hold or an offer whose deadline passed holds
/// nothing, and what was handed out and is not back is in use however late.
///
/// # Errors
/// A fault when the database fails, and [`crate::refusals::Refusal::NotFound`] for a resource that is not there.
pub async fn list(tx: &mut Tx, filter: &Filter, at: Option<DateTime<Utc>>, page: Page) -> Result<Listed<Listing>> {
    if let Some(resource) = filter.resource {
        resources::find(tx, resource).await?;
    }
    let features = checks::features("features", &filter.features)?;
    let (org, now) = (tx.org()?, tx.now());
    let rows = sqlx::query_as!(
        Row,
        r#"with shown as (
               select u.*, lower(r.name) as resource_name, case
                   when $9::timestamptz is null then null
                   when r.status <> 'active' then r.status
                   when u.status <> 'active' then u.status
                   when $9 <= $10 and exists (
                       select from booking_items i join bookings b on b.org_id = i.org_id and b.id = i.booking_id
                       where i.org_id = u.org_id and i.unit_id = u.id and b.status = 'in_use'
                         and i.handed_over_at <= $9 and i.returned_at is null) then 'in_use'
                   else coalesce((
                       select case c.source when 'offer' then 'offered' when 'closure' then 'closed' when 'trip' then 'booked'
                                   else case b.status when 'in_use' then 'in_use' when 'confirmed' then 'booked'
                                                      else 'held' end end
                       from claims c
                       left join bookings b on c.source = 'booking' and b.org_id = c.org_id and b.id = c.source_id
                       left join offers o on c.source = 'offer' and o.org_id = c.org_id and o.id = c.source_id
                       where c.org_id = u.org_id and c.unit_id = u.id and c.active and c.during @> $9
                         and (c.source <> 'booking' or b.status not in ('pending', 'approved')
                              or b.hold_expires_at is null or b.hold_expires_at > $10)
                         and (c.source <> 'offer' or o.expires_at > $10)
                       limit 1), 'free') end as state
               from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
               where u.org_id = $1 and r.deleted_at is null and r.owner_user_id is null and r.kind <> 'trip'
                 and ($2::uuid is null or u.resource_id = $2) and ($3::uuid is null or r.site_id = $3)
                 and (cardinality($4::text[]) = 0 or r.kind = any($4))
                 and (cardinality($5::text[]) = 0 or u.status = any($5))
                 and ($6::text is null or u.barcode = $6) and (u.features || r.features) @> $7
                 and ($8 or u.deleted_at is null))
           select id as "id: UnitId", resource_id as "resource: ResourceId", label, barcode,
                  condition as "condition: Condition", status as "status: Service", position_x, position_y, features,
                  version, created_at, updated_at, deleted_at, state as "state: UnitState", count(*) over () as "total!"
           from shown where cardinality($11::text[]) = 0 or state = any($11)
           order by resource_name, resource_id, length(label), label, id limit $12 offset $13"#,
        org.0,
        filter.resource.map(|resource| resource.0),
        filter.site.map(|site| site.0),
        &filter.kinds,
        &filter.statuses,
        filter.barcode,
        &features,
        filter.include_deleted,
        at,
        now,
        &filter.states,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let items = rows.into_iter().map(Listing::from).collect();
    Ok(Listed { items, total })
}

struct Row {
    id: UnitId,
    resource: ResourceId,
    label: String,
    barcode: Option<String>,
    condition: Option<Condition>,
    status: Service,
    position_x: Option<f64>,
    position_y: Option<f64>,
    features: Vec<String>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    state: Option<UnitState>,
    total: i64,
}

impl From<Row> for Listing {
    fn from(row: Row) -> Self {
        let facts = NewUnit {
            label: row.label,
            barcode: row.barcode,
            condition: row.condition,
            status: row.status,
            position: row.position_x.zip(row.position_y).map(|(x, y)| Position { x, y }),
            features: row.features,
        };
        let Row { id, resource, version, created_at, updated_at, deleted_at, state, .. } = row;
        Self { state, unit: UnitSheet { id, resource, facts, version, created_at, updated_at, deleted_at } }
    }
}
