//! Uses of promotions (M5, M6).

use super::Promo;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, RefuseOn, Result},
    ids::*,
    money::Money,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// One use of a promotion.
#[derive(Debug, Clone, Serialize)]
pub struct Redemption {
    /// Its id.
    pub id: RedemptionId,
    /// Of which.
    pub promo: PromoId,
    /// Under which code.
    pub code: String,
    /// By whom.
    pub user: UserId,
    /// For which booking, if it took something off.
    pub booking: Option<BookingId>,
    /// What it gave.
    pub amount: Money,
    /// `reserved` until the booking is paid, `used`, or `released` when the booking ended unpaid.
    pub status: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Which uses to read.
#[derive(Debug, Clone, Default)]
pub struct RedemptionFilter {
    /// One use.
    pub id: Option<RedemptionId>,
    /// Of this promotion.
    pub promo: Option<PromoId>,
    /// By this person.
    pub user: Option<UserId>,
    /// For this booking, released ones left out.
    pub booking: Option<BookingId>,
}

/// Uses of promotions, newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn redemptions(tx: &mut Tx, filter: &RedemptionFilter, page: Page) -> Result<Listed<Redemption>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select r.id as "id: RedemptionId", r.promo_id as "promo: PromoId", p.code, r.user_id as "user: UserId",
                  r.booking_id as "booking: BookingId", r.amount, r.currency, r.status, r.created_at,
                  count(*) over () as "total!"
           from promo_redemptions r join promos p on p.org_id = r.org_id and p.id = r.promo_id
           where r.org_id = $1 and ($2::uuid is null or r.id = $2) and ($3::uuid is null or r.promo_id = $3)
             and ($4::uuid is null or r.user_id = $4)
             and ($5::uuid is null or r.booking_id = $5 and r.status <> 'released')
           order by r.created_at desc, r.id limit $6 offset $7"#,
        org.0,
        filter.id.map(Uuid::from),
        filter.promo.map(Uuid::from),
        filter.user.map(Uuid::from),
        filter.booking.map(Uuid::from),
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("promo_redemptions.currency", e))?;
        items.push(Redemption {
            id: row.id,
            promo: row.promo,
            code: row.code,
            user: row.user,
            booking: row.booking,
            amount: Money { amount: row.amount, currency },
            status: row.status,
            created_at: row.created_at,
        });
    }
    Ok(Listed { items, total })
}

/// The first one that fits.
pub(super) async fn first(tx: &mut Tx, filter: &RedemptionFilter) -> Result<Option<Redemption>> {
    Ok(redemptions(tx, filter, Page { limit: 1, offset: 0 }).await?.items.into_iter().next())
}

/// A use about to be written.
pub(super) struct NewRedemption<'a> {
    pub promo: &'a Promo,
    pub user: UserId,
    pub booking: Option<BookingId>,
    pub amount: Money,
    pub number: i32,
    pub user_number: i32,
    pub used: bool,
}

/// Writes it. Two of one number are refused by the database, as is a second code for one booking.
pub(super) async fn insert(tx: &mut Tx, new: NewRedemption<'_>) -> Result<Redemption> {
    let (org, now, id) = (tx.org()?, tx.now(), RedemptionId::new());
    sqlx::query!(
        "insert into promo_redemptions (org_id, id, promo_id, user_id, booking_id, amount, currency, number, most, user_number,
                                        most_each, status, created_at, ended_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $12 then 'used' else 'reserved' end, $13,
                 case when $12 then $13::timestamptz end)",
        org.0,
        id.0,
        new.promo.id.0,
        new.user.0,
        new.booking.map(Uuid::from),
        new.amount.amount,
        new.amount.currency.code(),
        new.number,
        new.promo.max_uses,
        new.user_number,
        new.promo.per_user_limit,
        new.used,
        now
    )
    .execute(tx.conn())
    .await
    .refuse_on("promo_redemptions_number", Refusal::PromoRefused { reason: "used_up" })
    .refuse_on("promo_redemptions_user_number", Refusal::AlreadyRedeemed { limit: new.promo.per_user_limit })
    .refuse_on("promo_redemptions_booking", Refusal::Conflict { reason: "the booking has another code" })?;
    let filter = RedemptionFilter { id: Some(id), ..RedemptionFilter::default() };
    let made = first(tx, &filter).await?.ok_or(Refusal::NotFound)?;
    tx.record(Change::created("promo_redemption", id, &made));
    Ok(made)
}

/// Ends a reserved one.
pub(super) async fn end(tx: &mut Tx, before: &Redemption, status: &str) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update promo_redemptions set status = $3, ended_at = $4 where org_id = $1 and id = $2 and status = 'reserved'",
        org.0,
        before.id.0,
        status,
        now
    )
    .execute(tx.conn())
    .await?;
    let after = Redemption { status: status.to_owned(), ..before.clone() };
    tx.record(Change::moved("promo_redemption", before.id, before, &after));
    Ok(())
}
