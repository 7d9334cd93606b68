//! The things a booking is of, with the rules they are booked under. They are locked in the order of their ids before
//! anything else: whoever books, frees or changes one of them waits.

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::Kind,
    money::{Currency, Money},
    policies::{self, Rules},
    refusals::Refusal,
};
use chrono_tz::Tz;

/// A resource that can be booked.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub id: ResourceId,
    pub kind: Kind,
    pub name: String,
    pub status: String,
    pub capacity: Option<i32>,
    pub price: Option<Price>,
    pub zone: Tz,
    /// What its organization reckons in.
    pub currency: Currency,
    /// What it is booked under at this instant.
    pub rules: Rules,
}

/// What one unit of it costs.
#[derive(Debug, Clone)]
pub(super) struct Price {
    pub per: String,
    pub amount: Money,
}

/// What sort of thing this is.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn kind_of(tx: &mut Tx, id: ResourceId) -> Result<Kind> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(r#"select kind as "kind: Kind" from resources where org_id = $1 and id = $2"#, org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?)
}

/// Locks things against rivals.
pub(super) async fn lock(tx: &mut Tx, ids: &[ResourceId]) -> Result<()> {
    let org = tx.org()?;
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "select id from resources where org_id = $1 and id = any($2) order by id for no key update",
        org.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Locked things that can be booked now, in the order asked for.
///
/// # Errors
/// [`Refusal::NotFound`] for what is unknown, removed or somebody's own, [`Refusal::StateConflict`] for what is out of
/// service, [`Refusal::Invalid`] for a trip among them.
pub(super) async fn bookable(tx: &mut Tx, ids: &[ResourceId]) -> Result<Vec<Thing>> {
    let things = load(tx, ids).await?;
    for thing in &things {
        if thing.kind == Kind::Trip {
            return Err(Refusal::invalid("items", "seats on a trip are booked alone, by its id").into());
        }
        if thing.status != "active" {
            return Err(Refusal::StateConflict { status: thing.status.clone() }.into());
        }
    }
    Ok(things)
}

async fn load(tx: &mut Tx, ids: &[ResourceId]) -> Result<Vec<Thing>> {
    let org = tx.org()?;
    let wanted: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select r.id, r.kind as "kind: Kind", r.name, r.status, r.capacity, r.price_per, r.price_amount,
                  r.price_currency, coalesce(s.timezone, o.timezone) as "timezone!", o.currency, o.settings,
                  rules_in_force(r.org_id, r.policy_id, r.kind) as rules
           from resources r join organizations o on o.id = r.org_id
           left join sites s on s.org_id = r.org_id and s.id = r.site_id
           where r.org_id = $1 and r.id = any($2) and r.deleted_at is null
             and (r.owner_user_id is null or r.kind = 'trip')"#,
        org.0,
        &wanted
    )
    .fetch_all(tx.conn())
    .await?;
    let mut things = Vec::with_capacity(rows.len());
    for row in rows {
        let price = match (row.price_per, row.price_amount, row.price_currency) {
            (Some(per), Some(amount), Some(currency)) => {
                let currency = currency.parse().map_err(|e| Fault::corrupt("resources.price_currency", e))?;
                Some(Price { per, amount: Money { amount, currency } })
            }
            _ => None,
        };
        things.push(Thing {
            id: row.id.into(),
            kind: row.kind,
            name: row.name,
            status: row.status,
            capacity: row.capacity,
            price,
            zone: row.timezone.parse().map_err(|e| Fault::corrupt("sites.timezone", e))?,
            currency: row.currency.parse().map_err(|e| Fault::corrupt("organizations.currency", e))?,
            rules: policies::in_force(row.rules, row.kind, row.settings)?,
        });
    }
    let position = |id: ResourceId| ids.iter().position(|wanted| *wanted == id);
    things.sort_by_key(|thing| position(thing.id));
    if things.len() < ids.len() {
        return Err(Refusal::NotFound.into());
    }
    Ok(things)
}
