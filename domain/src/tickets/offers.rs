//! Packs of tickets (K19).

use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    ids::TicketOfferId,
    money::{LARGEST_AMOUNT, Money},
    organizations,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A pack of tickets and its price.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Offer {
    /// Its id.
    pub id: TicketOfferId,
    /// 1 to 100 characters.
    pub name: String,
    /// How many.
    pub tickets: i32,
    /// For how much.
    pub price: Money,
    /// Whether it is sold.
    pub active: bool,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a pack is to be.
#[derive(Debug, Clone)]
pub struct NewOffer {
    /// 1 to 100 characters.
    pub name: String,
    /// 1 to 1 000 000.
    pub tickets: i32,
    /// In minor units of the organization's currency.
    pub price: i64,
}

/// What to change; what is not named stays. Purchases under way keep what they were opened for.
#[derive(Debug, Clone, Default)]
pub struct OfferPatch {
    /// 1 to 100 characters.
    pub name: Option<String>,
    /// 1 to 1 000 000.
    pub tickets: Option<i32>,
    /// In minor units.
    pub price: Option<i64>,
    /// Whether it is sold.
    pub active: Option<bool>,
}

/// Packs, the smallest first; those that are not sold only for who manages them.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, id: Option<TicketOfferId>, all: bool, page: Page) -> Result<Listed<Offer>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: TicketOfferId", name, tickets, price, currency, active, version, created_at,
                  count(*) over () as "total!"
           from ticket_offers where org_id = $1 and ($2::uuid is null or id = $2) and (active or $3)
           order by tickets, price, id limit $4 offset $5"#,
        org.0,
        id.map(uuid::Uuid::from),
        all,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("ticket_offers.currency", e))?;
        items.push(Offer {
            id: row.id,
            name: row.name,
            tickets: row.tickets,
            price: Money { amount: row.price, currency },
            active: row.active,
            version: row.version,
            created_at: row.created_at,
        });
    }
    Ok(Listed { items, total })
}

/// One pack, whether it is sold or not.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: TicketOfferId) -> Result<Offer> {
    let found = list(tx, Some(id), true, Page { limit: 1, offset: 0 }).await?;
    Ok(found.items.into_iter().next().ok_or(Refusal::NotFound)?)
}

/// Offers a pack, in the organization's currency.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field.
pub async fn create(tx: &mut Tx, new: NewOffer) -> Result<Offer> {
    let currency = organizations::load(tx).await?.currency;
    let offer = Offer {
        id: TicketOfferId::new(),
        name: new.name.trim().to_owned(),
        tickets: new.tickets,
        price: Money { amount: new.price, currency },
        active: true,
        version: 1,
        created_at: tx.now(),
    };
    check(&offer)?;
    let org = tx.org()?;
    sqlx::query!(
        "insert into ticket_offers (org_id, id, name, tickets, price, currency, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        org.0,
        offer.id.0,
        offer.name,
        offer.tickets,
        offer.price.amount,
        currency.code(),
        offer.created_at
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::created("ticket_offer", offer.id, &offer));
    Ok(offer)
}

/// Changes a pack that is still at version `seen`. A change that changes nothing leaves no trace.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field.
pub async fn update(tx: &mut Tx, id: TicketOfferId, seen: i32, patch: OfferPatch) -> Result<Offer> {
    let org = tx.org()?;
    sqlx::query!("select id from ticket_offers where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let before = find(tx, id).await?;
    if before.version != seen {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let after = Offer {
        name: patch.name.map_or(before.name.clone(), |name| name.trim().to_owned()),
        tickets: patch.tickets.unwrap_or(before.tickets),
        price: before.price.with(patch.price.unwrap_or(before.price.amount)),
        active: patch.active.unwrap_or(before.active),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    check(&after)?;
    let after = Offer { version: before.version + 1, ..after };
    sqlx::query!(
        "update ticket_offers set name = $3, tickets = $4, price = $5, active = $6, version = $7 where org_id = $1 and id = $2",
        org.0,
        id.0,
        after.name,
        after.tickets,
        after.price.amount,
        after.active,
        after.version
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::updated("ticket_offer", id, &before, &after));
    Ok(after)
}

fn check(offer: &Offer) -> Result<()> {
    if offer.name.is_empty() || offer.name.chars().count() > 100 || offer.name.contains('\0') {
        return Err(Refusal::invalid("name", "must have 1 to 100 characters").into());
    }
    if !(1..=1_000_000).contains(&offer.tickets) {
        return Err(Refusal::invalid("tickets", "must be between 1 and 1000000").into());
    }
    if !(1..=LARGEST_AMOUNT).contains(&offer.price.amount) {
        return Err(Refusal::invalid("price", format!("must be between 1 and {LARGEST_AMOUNT}")).into());
    }
    Ok(())
}
