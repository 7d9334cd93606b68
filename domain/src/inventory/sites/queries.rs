//! What may be known of a site, and the reads shared by the operations on sites.

use crate::{
    db::Tx,
    error::Result,
    identity::checks::checked_timezone,
    ids::SiteId,
    inventory::{checks, resources::like},
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

pub(super) const NAME_TAKEN: Refusal = Refusal::Conflict { reason: "another site has this name" };

/// Everything about a site that its keepers may change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SiteFacts {
    /// 3 to 200 characters, once in the organization.
    pub name: String,
    /// At most 500 characters.
    pub address: String,
    /// Its own zone, when it is not the organization's (CX21).
    pub timezone: Option<String>,
    /// Degrees north and east (WGS84).
    pub point: Option<(f64, f64)>,
    /// A drawing of it, by its key in the file store.
    pub plan_key: Option<String>,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// What is known of it.
    #[serde(flatten)]
    pub facts: SiteFacts,
    /// How many resources stand on it.
    pub resource_count: i64,
    /// How many units they have: counted, not kept (CX51).
    pub unit_count: i64,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it came into being.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl SiteFacts {
    /// The facts as they are stored: trimmed and within their bounds.
    pub(super) fn checked(mut self) -> Result<Self> {
        self.name = checks::name("name", &self.name)?;
        checks::text("address", &self.address, 500)?;
        self.timezone = self.timezone.map(|zone| checked_timezone(&zone)).transpose()?;
        self.plan_key = checks::maybe_label("plan_key", self.plan_key, 300)?;
        for (field, value, most) in
            self.point.into_iter().flat_map(|(lat, lon)| [("lat", lat, 90.0), ("lon", lon, 180.0)])
        {
            if !(-most..=most).contains(&value) {
                return Err(Refusal::invalid(field, format!("must be between -{most} and {most} degrees")).into());
            }
        }
        Ok(self)
    }
}

struct Row {
    id: SiteId,
    name: String,
    address: String,
    timezone: Option<String>,
    lat: Option<f64>,
    lon: Option<f64>,
    plan_key: Option<String>,
    resource_count: i64,
    unit_count: i64,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
}

impl From<Row> for Site {
    fn from(row: Row) -> Self {
        let Row { id, name, address, timezone, plan_key, resource_count, unit_count, .. } = row;
        let facts = SiteFacts { name, address, timezone, point: row.lat.zip(row.lon), plan_key };
        let Row { version, created_at, updated_at, deleted_at, .. } = row;
        Self { id, facts, resource_count, unit_count, version, created_at, updated_at, deleted_at }
    }
}

macro_rules! site_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select s.id as "id: SiteId", s.name, s.address, s.timezone, s.lat, s.lon, s.plan_key,
                      held.resources as "resource_count!", held.units as "unit_count!",
                      s.version, s.created_at, s.updated_at, s.deleted_at
               from sites s
               cross join lateral (
                   select count(distinct r.id) as resources, count(u.id) as units
                   from resources r left join units u on u.org_id = r.org_id and u.resource_id = r.id and u.deleted_at is null
                   where r.org_id = s.org_id and r.site_id = s.id and r.deleted_at is null) held
               where s.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// One site that is there.
///
/// # Errors
/// [`Refusal::NotFound`], also when it was removed.
pub async fn find(tx: &mut Tx, id: SiteId) -> Result<Site> {
    let site = read(tx, id).await?;
    if site.deleted_at.is_some() { Err(Refusal::NotFound.into()) } else { Ok(site) }
}

/// One site, removed or not.
pub(super) async fn read(tx: &mut Tx, id: SiteId) -> Result<Site> {
    let org = tx.org()?;
    let row = site_rows!("and s.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.into())
}

/// Locks a site against other changes and against resources that would be put on it, then reads it, removed or not.
pub(in crate::inventory) async fn lock(tx: &mut Tx, id: SiteId) -> Result<Site> {
    let org = tx.org()?;
    sqlx::query!("select id from sites where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    read(tx, id).await
}

/// Which sites; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// With this in the name or the address.
    pub text: Option<String>,
    /// Made at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Made before.
    pub created_before: Option<DateTime<Utc>>,
    /// Removed ones too.
    pub include_deleted: bool,
}

/// By what sites are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By age instead of by name.
    pub by_age: bool,
    /// Last first.
    pub descending: bool,
}

/// Sites that fit, in order.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, order: Order, page: Page) -> Result<Listed<Site>> {
    let (org, text) = (tx.org()?, filter.text.as_deref().map(like));
    let rows = site_rows!(
        "and ($2::text is null or s.name ilike $2 or s.address ilike $2)
             and ($3::timestamptz is null or s.created_at >= $3) and ($4::timestamptz is null or s.created_at < $4)
             and ($5 or s.deleted_at is null)
           order by case when $6 and not $7 then s.created_at end, case when $6 and $7 then s.created_at end desc,
                    case when $7 and not $6 then lower(s.name) end desc, lower(s.name), s.id limit $8 offset $9",
        org.0,
        text,
        filter.created_from,
        filter.created_before,
        filter.include_deleted,
        order.by_age,
        order.descending,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from sites s
           where s.org_id = $1 and ($2::text is null or s.name ilike $2 or s.address ilike $2)
             and ($3::timestamptz is null or s.created_at >= $3) and ($4::timestamptz is null or s.created_at < $4)
             and ($5 or s.deleted_at is null)"#,
        org.0,
        text,
        filter.created_from,
        filter.created_before,
        filter.include_deleted
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Listed { items: rows.into_iter().map(Site::from).collect(), total })
}
