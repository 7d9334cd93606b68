//! A balance is corrected by hand (K22, SN25): with a reason, by somebody who may, never one's own, and above a limit only
//! when a second person agrees. A correction is undone by its opposite, never by an edit.

use super::tell_credited;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, RefuseOn, Result},
    ids::*,
    inventory::words,
    ledger::postings,
    money::{Currency, LARGEST_AMOUNT, Money},
    organizations,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

words! {
    /// Where a correction stands.
    AdjustmentStatus, "status" {
        /// A second person has to agree.
        Pending = "pending";
        /// In the books.
        Applied = "applied";
        /// The second person did not agree.
        Rejected = "rejected";
    }
}

/// A correction of somebody's balance.
#[derive(Debug, Clone, Serialize)]
pub struct Adjustment {
    /// Its id.
    pub id: AdjustmentId,
    /// Whose balance.
    pub user: UserId,
    /// By how much it rises, or falls when negative.
    pub delta: Money,
    /// Why.
    pub reason: String,
    /// Whether it takes two people.
    pub needs_second: bool,
    /// Where it stands.
    pub status: AdjustmentStatus,
    /// Who asked.
    pub asked_by: UserId,
    /// Who agreed or declined; who asked, when one is enough.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Which one it undoes.
    pub reverses: Option<AdjustmentId>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// What somebody wants to correct.
#[derive(Debug, Clone)]
pub struct NewAdjustment {
    /// Whose balance.
    pub user: UserId,
    /// Tickets, or the organization's own currency.
    pub currency: Currency,
    /// By how much; not zero.
    pub delta: i64,
    /// 1 to 1000 characters.
    pub reason: String,
}

/// Corrects a balance, or asks a second person to agree when it is above the limit.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::NotFound`] when they are no member, [`Refusal::Conflict`] with
/// `own_balance` when it is theirs, [`Refusal::InsufficientFunds`].
pub async fn adjust(tx: &mut Tx, by: UserId, new: NewAdjustment) -> Result<Adjustment> {
    write(tx, by, new, None).await
}

/// Undoes a correction by its opposite, under the same rule.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::StateConflict`] unless it was applied, [`Refusal::Conflict`] when it was undone, and
/// as [`adjust`].
pub async fn reverse(tx: &mut Tx, by: UserId, id: AdjustmentId, reason: String) -> Result<Adjustment> {
    let before = lock(tx, id).await?;
    if before.status != AdjustmentStatus::Applied {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let (currency, delta) = (before.delta.currency, -before.delta.amount);
    write(tx, by, NewAdjustment { user: before.user, currency, delta, reason }, Some(id)).await
}

/// A second person agrees, or does not.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::StateConflict`] unless it waits, [`Refusal::Conflict`] with `second_person` for who
/// asked and `own_balance` for whose balance it is, [`Refusal::InsufficientFunds`].
pub async fn decide(tx: &mut Tx, by: UserId, id: AdjustmentId, agreed: bool) -> Result<Adjustment> {
    let before = lock(tx, id).await?;
    if before.status != AdjustmentStatus::Pending {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    if agreed && before.asked_by == by {
        return Err(Refusal::Conflict { reason: "second_person" }.into());
    }
    if agreed {
        not_their_own(by, before.user)?;
    }
    let status = if agreed { AdjustmentStatus::Applied } else { AdjustmentStatus::Rejected };
    let after = Adjustment { status, decided_by: Some(by), decided_at: Some(tx.now()), ..before.clone() };
    let org = tx.org()?;
    sqlx::query!(
        "update wallet_adjustments set status = $3, decided_by = $4, decided_at = $5, version = version + 1
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        status.code(),
        by.0,
        after.decided_at
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::moved("wallet_adjustment", id, &before, &after));
    if agreed {
        apply(tx, &after).await?;
    }
    Ok(after)
}

/// Nobody gives to themselves, whatever they may give to others.
fn not_their_own(by: UserId, user: UserId) -> Result<()> {
    if by == user { Err(Refusal::Conflict { reason: "own_balance" }.into()) } else { Ok(()) }
}

async fn write(tx: &mut Tx, by: UserId, new: NewAdjustment, reverses: Option<AdjustmentId>) -> Result<Adjustment> {
    not_their_own(by, new.user)?;
    let organization = organizations::load(tx).await?;
    let (reason, limits) = (new.reason.trim().to_owned(), organization.settings.adjustment);
    if reason.is_empty() || reason.chars().count() > 1_000 || reason.contains('\0') {
        return Err(Refusal::invalid("reason", "must have 1 to 1000 characters").into());
    }
    if new.delta == 0 || new.delta.unsigned_abs() > LARGEST_AMOUNT.unsigned_abs() {
        return Err(
            Refusal::invalid("delta", format!("must be between 1 and {LARGEST_AMOUNT}, or as much less")).into()
        );
    }
    let limit = match new.currency {
        Currency::Tkt => limits.tickets,
        currency if currency == organization.currency => limits.money,
        _ => return Err(Refusal::invalid("currency", "must be TKT or the organization's own").into()),
    };
    let needs_second = new.delta.unsigned_abs() > limit.unsigned_abs();
    let status = if needs_second { AdjustmentStatus::Pending } else { AdjustmentStatus::Applied };
    let made = Adjustment {
        id: AdjustmentId::new(),
        user: new.user,
        delta: Money { amount: new.delta, currency: new.currency },
        reason,
        needs_second,
        status,
        asked_by: by,
        decided_by: (!needs_second).then_some(by),
        decided_at: (!needs_second).then_some(tx.now()),
        reverses,
        created_at: tx.now(),
    };
    insert(tx, &made).await?;
    if !needs_second {
        apply(tx, &made).await?;
    }
    Ok(made)
}

async fn insert(tx: &mut Tx, made: &Adjustment) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into wallet_adjustments (org_id, id, user_id, currency, delta, reason, needs_second, status, asked_by, decided_by,
                                         decided_at, reverses_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        org.0,
        made.id.0,
        made.user.0,
        made.delta.currency.code(),
        made.delta.amount,
        made.reason,
        made.needs_second,
        made.status.code(),
        made.asked_by.0,
        made.decided_by.map(Uuid::from),
        made.decided_at,
        made.reverses.map(Uuid::from),
        made.created_at
    )
    .execute(tx.conn())
    .await
    .refuse_on("wallet_adjustments_org_id_user_id_fkey", Refusal::NotFound)
    .refuse_on("wallet_adjustments_reversed_once", Refusal::Conflict { reason: "reversed" })?;
    tx.record(Change::created("wallet_adjustment", made.id, made));
    Ok(())
}

async fn apply(tx: &mut Tx, made: &Adjustment) -> Result<()> {
    postings::wallet_adjusted(tx, made.id, made.user, made.delta).await?;
    if made.delta.amount < 0 {
        return Ok(());
    }
    tell_credited(tx, made.user, made.delta, ("wallet_adjustment", made.id.into())).await
}

async fn lock(tx: &mut Tx, id: AdjustmentId) -> Result<Adjustment> {
    let org = tx.org()?;
    sqlx::query!("select id from wallet_adjustments where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let filter = AdjustmentFilter { id: Some(id), ..AdjustmentFilter::default() };
    let found = adjustments(tx, &filter, Page { limit: 1, offset: 0 }).await?;
    Ok(found.items.into_iter().next().ok_or(Refusal::NotFound)?)
}

/// Which corrections to read.
#[derive(Debug, Clone, Default)]
pub struct AdjustmentFilter {
    /// One of them.
    pub id: Option<AdjustmentId>,
    /// Of this person's balance.
    pub user: Option<UserId>,
    /// Of these statuses; all when empty.
    pub statuses: Vec<String>,
}

/// Corrections, newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn adjustments(tx: &mut Tx, filter: &AdjustmentFilter, page: Page) -> Result<Listed<Adjustment>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: AdjustmentId", user_id as "user: UserId", currency, delta, reason, needs_second,
                  status as "status: AdjustmentStatus", asked_by as "asked_by: UserId", decided_by as "decided_by: UserId",
                  decided_at, reverses_id as "reverses: AdjustmentId", created_at, count(*) over () as "total!"
           from wallet_adjustments
           where org_id = $1 and ($2::uuid is null or id = $2) and ($3::uuid is null or user_id = $3)
             and (cardinality($4::text[]) = 0 or status = any($4))
           order by created_at desc, id limit $5 offset $6"#,
        org.0,
        filter.id.map(Uuid::from),
        filter.user.map(Uuid::from),
        &filter.statuses,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("wallet_adjustments.currency", e))?;
        items.push(Adjustment {
            id: row.id,
            user: row.user,
            delta: Money { amount: row.delta, currency },
            reason: row.reason,
            needs_second: row.needs_second,
            status: row.status,
            asked_by: row.asked_by,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            reverses: row.reverses,
            created_at: row.created_at,
        });
    }
    Ok(Listed { items, total })
}
