//! Reads shared by the operations on promotions.

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::PromoId,
    inventory::words,
    money::Money,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

words! {
    /// What a promotion does (CX38).
    Effect, "effect" {
        /// Takes a percentage off the price of a booking.
        PercentOff = "percent_off";
        /// Takes an amount off it.
        AmountOff = "amount_off";
        /// Puts an amount into the wallet; tickets too.
        Credit = "credit";
    }
}

words! {
    /// Whether a promotion is offered.
    Status, "status" {
        /// Within its time and limits.
        Active = "active";
        /// Not now.
        Inactive = "inactive";
    }
}

/// A promotion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promo {
    /// Its id.
    pub id: PromoId,
    /// What people type, in capitals.
    pub code: String,
    /// What it does.
    pub effect: Effect,
    /// Per cent, or minor units of its currency.
    pub value: i64,
    /// Of an amount; none for a percentage.
    pub currency: Option<String>,
    /// How often it may be used in all; without end when `None`.
    pub max_uses: Option<i32>,
    /// How often by one person.
    pub per_user_limit: i32,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until before when, if it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it is offered.
    pub status: Status,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What became of it (M6); no part of its history.
    #[serde(skip)]
    pub statistics: Statistics,
}

/// How often a promotion was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Times it is in the books.
    pub used: i64,
    /// Times it is promised to a booking that is not paid.
    pub reserved: i64,
    /// By how many people.
    pub people: i64,
    /// What it cost, in minor units of its currency or the organization's.
    pub amount: i64,
}

impl Promo {
    /// What it takes off this price.
    pub(super) fn off(&self, price: Money) -> Money {
        let off = match self.effect {
            Effect::PercentOff => price.share(u32::try_from(self.value * 100).unwrap_or(10_000)).amount,
            Effect::AmountOff => self.value,
            Effect::Credit => 0,
        };
        price.with(off.clamp(0, price.amount))
    }

    /// The amount it is worth by itself.
    pub(super) fn worth(&self) -> Result<Money> {
        let currency = self.currency.as_deref().ok_or_else(|| Fault::corrupt("promos.currency", "none"))?;
        let currency = currency.parse().map_err(|e| Fault::corrupt("promos.currency", e))?;
        Ok(Money { amount: self.value, currency })
    }
}

/// What the code somebody typed means.
pub(super) fn written(code: &str) -> String {
    code.trim().to_uppercase()
}

/// Which promotions to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One promotion.
    pub id: Option<PromoId>,
    /// Under this code.
    pub code: Option<String>,
    /// Of these statuses; all when empty.
    pub statuses: Vec<String>,
}

/// Promotions, newest first, with what became of them.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, page: Page) -> Result<Listed<Promo>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select p.id as "id: PromoId", p.code, p.effect as "effect: Effect", p.value, p.currency, p.max_uses,
                  p.per_user_limit, p.starts_at, p.ends_at, p.status as "status: Status", p.version, p.created_at,
                  count(*) over () as "total!", s.used as "used!", s.reserved as "reserved!", s.people as "people!",
                  s.amount as "amount!"
           from promos p, lateral (
               select count(*) filter (where r.status = 'used') as used,
                      count(*) filter (where r.status = 'reserved') as reserved, count(distinct r.user_id) as people,
                      coalesce(sum(r.amount) filter (where r.status = 'used'), 0)::bigint as amount
               from promo_redemptions r left join bookings b on b.org_id = r.org_id and b.id = r.booking_id
               where r.org_id = p.org_id and r.promo_id = p.id
                 and (r.status = 'used' or r.status = 'reserved' and b.status not in ('rejected', 'cancelled', 'expired'))) s
           where p.org_id = $1 and ($2::uuid is null or p.id = $2) and ($3::text is null or p.code = $3)
             and (cardinality($4::text[]) = 0 or p.status = any($4))
           order by p.created_at desc, p.id limit $5 offset $6"#,
        org.0,
        filter.id.map(uuid::Uuid::from),
        filter.code.as_deref().map(written),
        &filter.statuses,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let items = rows.into_iter().map(|row| Promo {
        id: row.id,
        code: row.code,
        effect: row.effect,
        value: row.value,
        currency: row.currency,
        max_uses: row.max_uses,
        per_user_limit: row.per_user_limit,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        status: row.status,
        version: row.version,
        created_at: row.created_at,
        statistics: Statistics { used: row.used, reserved: row.reserved, people: row.people, amount: row.amount },
    });
    Ok(Listed { items: items.collect(), total })
}

/// One promotion.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: PromoId) -> Result<Promo> {
    one(tx, &Filter { id: Some(id), ..Filter::default() }).await
}

/// The promotion under a code.
pub(super) async fn by_code(tx: &mut Tx, code: &str) -> Result<Promo> {
    one(tx, &Filter { code: Some(code.to_owned()), ..Filter::default() }).await
}

async fn one(tx: &mut Tx, filter: &Filter) -> Result<Promo> {
    let found = list(tx, filter, Page { limit: 1, offset: 0 }).await?;
    Ok(found.items.into_iter().next().ok_or(Refusal::NotFound)?)
}

/// Holds back whoever else redeems or changes it until this transaction ends, then reads it. Whoever locks a booking and
/// a promotion locks the booking first.
pub(super) async fn lock(tx: &mut Tx, id: PromoId) -> Result<Promo> {
    let org = tx.org()?;
    sqlx::query!("select id from promos where org_id = $1 and id = $2 for no key update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    find(tx, id).await
}
