//! Lists of bookings (G30–G32, G53).

use super::{Booking, Status, queries::booking_rows};
use crate::{db::Tx, error::Result, ids::*, inventory::Kind, policies::Period};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// As whom a person looks at bookings (G32).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Bookings made by or for the person.
    Passenger(UserId),
    /// Bookings for the person.
    Beneficiary(UserId),
    /// Bookings on the person's trips.
    Driver(UserId),
    /// Every booking: staff.
    Staff,
}

/// A field bookings can be sorted by: all of them are instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// `created_at`, `start_at` or `end_at`.
    pub field: &'static str,
    /// Latest first.
    pub descending: bool,
}

/// Which bookings to list (G31, G32).
#[derive(Debug, Clone)]
pub struct Filter {
    /// Whose.
    pub role: Role,
    /// Only these statuses; all when empty.
    pub statuses: Vec<Status>,
    /// Only of this kind of thing.
    pub kind: Option<Kind>,
    /// Only with units of this resource.
    pub resource: Option<ResourceId>,
    /// Only for this person.
    pub beneficiary: Option<UserId>,
    /// Only made by this person.
    pub creator: Option<UserId>,
    /// Only those that start within these instants, both inside.
    pub start: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// Only those made within these instants, both inside.
    pub created: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// In which order; newest first when empty.
    pub order: Vec<Order>,
    /// Rows to skip.
    pub offset: i64,
    /// Rows to give.
    pub limit: i64,
}

/// The filter as the query's arguments.
struct Arguments {
    mine: Option<Uuid>,
    driver: Option<Uuid>,
    beneficiary: Option<Uuid>,
    statuses: Vec<String>,
}

impl Arguments {
    fn of(filter: &Filter) -> Self {
        let (mine, driver, for_me) = match filter.role {
            Role::Passenger(user) => (Some(user.0), None, None),
            Role::Beneficiary(user) => (None, None, Some(user.0)),
            Role::Driver(user) => (None, Some(user.0), None),
            Role::Staff => (None, None, None),
        };
        let statuses = filter.statuses.iter().map(|status| status.code().to_owned()).collect();
        Self { mine, driver, beneficiary: for_me.or(filter.beneficiary.map(Uuid::from)), statuses }
    }
}

/// The wanted bookings, with the number of all that fit.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: Filter) -> Result<(Vec<Booking>, i64)> {
    let total = count(tx, &filter).await?;
    let org = tx.org()?;
    let asked = Arguments::of(&filter);
    let order =
        if filter.order.is_empty() { vec![Order { field: "created_at", descending: true }] } else { filter.order };
    let fields: Vec<String> = order.iter().map(|order| order.field.to_owned()).collect();
    let signs: Vec<i32> = order.iter().map(|order| if order.descending { -1 } else { 1 }).collect();
    let rows = booking_rows!(
        "and ($2::uuid is null or b.beneficiary_user_id = $2 or b.creator_user_id = $2)
           and ($3::uuid is null or b.resource_id in (select t.id from trips t where t.org_id = $1 and t.driver_user_id = $3))
           and (cardinality($4::text[]) = 0 or b.status = any($4)) and ($5::text is null or b.kind = $5)
           and ($6::uuid is null or b.resource_id = $6 or exists (select from booking_items i
                where i.org_id = b.org_id and i.booking_id = b.id and i.resource_id = $6))
           and ($7::uuid is null or b.beneficiary_user_id = $7) and ($8::uuid is null or b.creator_user_id = $8)
           and ($9::timestamptz is null or b.start_at >= $9) and ($10::timestamptz is null or b.start_at <= $10)
           and ($11::timestamptz is null or b.created_at >= $11) and ($12::timestamptz is null or b.created_at <= $12)
         order by ($14::int[])[1] * extract(epoch from case ($13::text[])[1] when 'start_at' then b.start_at
                      when 'end_at' then b.end_at else b.created_at end),
                  ($14::int[])[2] * extract(epoch from case ($13::text[])[2] when 'start_at' then b.start_at
                      when 'end_at' then b.end_at else b.created_at end),
                  b.created_at desc, b.id limit $15 offset $16",
        org.0,
        asked.mine,
        asked.driver,
        &asked.statuses,
        filter.kind.map(Kind::code),
        filter.resource.map(Uuid::from),
        asked.beneficiary,
        filter.creator.map(Uuid::from),
        filter.start.0,
        filter.start.1,
        filter.created.0,
        filter.created.1,
        &fields,
        &signs,
        filter.limit,
        filter.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let bookings = rows.into_iter().map(|row| Ok(Booking::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    Ok((bookings, total))
}

async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    let org = tx.org()?;
    let asked = Arguments::of(filter);
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from bookings b
           where b.org_id = $1 and ($2::uuid is null or b.beneficiary_user_id = $2 or b.creator_user_id = $2)
             and ($3::uuid is null or b.resource_id in (select t.id from trips t
                                                        where t.org_id = $1 and t.driver_user_id = $3))
             and (cardinality($4::text[]) = 0 or b.status = any($4)) and ($5::text is null or b.kind = $5)
             and ($6::uuid is null or b.resource_id = $6 or exists (select from booking_items i
                  where i.org_id = b.org_id and i.booking_id = b.id and i.resource_id = $6))
             and ($7::uuid is null or b.beneficiary_user_id = $7) and ($8::uuid is null or b.creator_user_id = $8)
             and ($9::timestamptz is null or b.start_at >= $9) and ($10::timestamptz is null or b.start_at <= $10)
             and ($11::timestamptz is null or b.created_at >= $11) and ($12::timestamptz is null or b.created_at <= $12)"#,
        org.0,
        asked.mine,
        asked.driver,
        &asked.statuses,
        filter.kind.map(Kind::code),
        filter.resource.map(Uuid::from),
        asked.beneficiary,
        filter.creator.map(Uuid::from),
        filter.start.0,
        filter.start.1,
        filter.created.0,
        filter.created.1
    )
    .fetch_one(tx.conn())
    .await?)
}
