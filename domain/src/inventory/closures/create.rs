//! Something closes for a while (F1–F3, CX35).

use super::{
    ClosureKind, Place, Repeat,
    cover::claim,
    hit::{self, Closing},
    queries::Closure,
};
use crate::{
    audit::Change,
    bookings::Moment,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::{BookingInTheWay, OnBookings, checks, resources, sites, units},
    localtime::wall,
    organizations,
    refusals::Refusal,
};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

/// Most claims of one closure: units times occurrences.
const MOST_CLAIMS: usize = 100_000;
/// The longest time something is closed at a stretch.
const LONGEST_DAYS: i64 = 730;

/// A closure to be.
#[derive(Debug, Clone)]
pub struct NewClosure {
    /// What closes.
    pub place: Place,
    /// Why.
    pub kind: ClosureKind,
    /// What people should know, at most 1000 characters.
    pub reason: Option<String>,
    /// From when, the first time.
    pub start: Moment,
    /// Until when.
    pub end: Moment,
    /// How often it comes again, and the last day on which it may begin.
    pub repeats: Option<(Repeat, NaiveDate)>,
    /// What to do about bookings that cannot be moved.
    pub bookings: OnBookings,
}

/// A closure and whom it met.
#[derive(Debug, Clone)]
pub struct Created {
    /// The closure.
    pub closure: Closure,
    /// Bookings that have other units now.
    pub moved: Vec<BookingInTheWay>,
    /// Bookings the house cancelled.
    pub cancelled: Vec<BookingInTheWay>,
}

/// What is to close, by name and clocks.
struct Scene {
    name: String,
    zone: Tz,
    resources: Vec<ResourceId>,
}

/// Closes a site, a resource or a unit. Who had booked it is told.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Invalid`] naming the field; [`Refusal::NoSuchLocalTime`] and its like;
/// [`Refusal::BookingsInTheWay`] with the bookings that can neither be moved nor cancelled.
pub async fn create(tx: &mut Tx, new: NewClosure) -> Result<Created> {
    let scene = scene(tx, new.place).await?;
    let closure = planned(tx, &new, scene.zone)?;
    let spans = closure.occurrences()?;
    let closing = Closing::new(units_of(tx, new.place).await?, &spans);
    if closing.units.len().saturating_mul(spans.len()) > MOST_CLAIMS {
        return Err(Refusal::invalid("until", "too many units would close too often: choose an earlier end").into());
    }
    hit::lock(tx, &scene.resources, &closing).await?;
    if let Place::Site(site) = new.place {
        sites::lock(tx, site).await?; // nothing is put on it meanwhile
    }
    let closing = Closing::new(units_of(tx, new.place).await?, &spans);
    let cleared = hit::clear(tx, &closing, &scene.name, new.bookings).await?;
    insert(tx, &closure).await?;
    claim(tx, closure.id, &closing.units, &spans, &["closure".to_owned()]).await?;
    let ids = |hit: &[BookingInTheWay]| hit.iter().map(|booking| booking.id).collect::<Vec<_>>();
    let met = json!({ "moved": ids(&cleared.moved), "cancelled": ids(&cleared.cancelled) });
    tx.record(Change::created("closure", closure.id, &closure).because(met));
    Ok(Created { closure, moved: cleared.moved, cancelled: cleared.cancelled })
}

fn planned(tx: &Tx, new: &NewClosure, zone: Tz) -> Result<Closure> {
    if let Some(reason) = &new.reason {
        checks::text("reason", reason, 1_000)?;
    }
    let (start_at, end_at) = (new.start.at("start_at", zone)?, new.end.at("end_at", zone)?);
    if end_at <= start_at || end_at - start_at > TimeDelta::days(LONGEST_DAYS) {
        return Err(
            Refusal::invalid("end_at", format!("must be after start_at, by {LONGEST_DAYS} days at most")).into()
        );
    }
    if end_at <= tx.now() {
        return Err(Refusal::invalid("end_at", "is over").into());
    }
    Ok(Closure {
        id: ClosureId::new(),
        place: new.place,
        kind: new.kind,
        reason: new.reason.clone(),
        start_at,
        end_at,
        timezone: zone,
        local: (wall(start_at, zone), wall(end_at, zone)),
        repeats: new.repeats,
        created_at: tx.now(),
    })
}

async fn scene(tx: &mut Tx, place: Place) -> Result<Scene> {
    let (name, site, resources) = match place {
        Place::Site(id) => (sites::find(tx, id).await?.facts.name, Some(id), resources_on(tx, id).await?),
        Place::Resource(id) => {
            let facts = resources::find(tx, id).await?.facts;
            (facts.name, facts.site, vec![id])
        }
        Place::Unit(id, unit) => {
            let (facts, unit) = (resources::find(tx, id).await?.facts, units::find(tx, unit).await?);
            if unit.resource != id {
                return Err(Refusal::NotFound.into());
            }
            (format!("{}, {}", facts.name, unit.facts.label), facts.site, vec![id])
        }
    };
    let own = match site {
        Some(site) => sites::find(tx, site).await?.facts.timezone,
        None => None,
    };
    let zone = match own {
        Some(zone) => zone.parse().map_err(|e| Fault::corrupt("sites.timezone", e))?,
        None => organizations::load(tx).await?.timezone,
    };
    Ok(Scene { name, zone, resources })
}

async fn resources_on(tx: &mut Tx, site: SiteId) -> Result<Vec<ResourceId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: ResourceId" from resources where org_id = $1 and site_id = $2 and deleted_at is null"#,
        org.0,
        site.0
    )
    .fetch_all(tx.conn())
    .await?)
}

async fn units_of(tx: &mut Tx, place: Place) -> Result<Vec<Uuid>> {
    let org = tx.org()?;
    let (site, resource, unit) = ids(place);
    Ok(sqlx::query_scalar!(
        "select u.id from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
         where u.org_id = $1 and u.deleted_at is null and r.deleted_at is null and (r.site_id = $2 or r.id = $3)
           and ($4::uuid is null or u.id = $4)
         order by u.id",
        org.0,
        site,
        resource,
        unit
    )
    .fetch_all(tx.conn())
    .await?)
}

fn ids(place: Place) -> (Option<Uuid>, Option<Uuid>, Option<Uuid>) {
    match place {
        Place::Site(site) => (Some(site.0), None, None),
        Place::Resource(resource) => (None, Some(resource.0), None),
        Place::Unit(resource, unit) => (None, Some(resource.0), Some(unit.0)),
    }
}

async fn insert(tx: &mut Tx, closure: &Closure) -> Result<()> {
    let org = tx.org()?;
    let (site, resource, unit) = ids(closure.place);
    sqlx::query!(
        "insert into closures (org_id, id, site_id, resource_id, unit_id, kind, reason, start_at, end_at, timezone,
                               local_start, local_end, repeats, until, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        org.0,
        closure.id.0,
        site,
        resource,
        unit,
        closure.kind.code(),
        closure.reason,
        closure.start_at,
        closure.end_at,
        closure.timezone.name(),
        closure.local.0,
        closure.local.1,
        closure.repeats.map(|(repeat, _)| repeat.code()),
        closure.repeats.map(|(_, until)| until),
        closure.created_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
