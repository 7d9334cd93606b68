//! A promotion is changed, switched off or on again (M3). What was redeemed before stays as it was.

use super::{Promo, Status, create::check, find, queries::lock};
use crate::{audit::Change, db::Tx, error::Result, ids::PromoId, refusals::Refusal};
use chrono::{DateTime, Utc};

/// What to change; what is not named stays. Code, effect and currency do not change: people were told.
#[derive(Debug, Clone, Default)]
pub struct PromoPatch {
    /// Per cent, or minor units.
    pub value: Option<i64>,
    /// How often in all.
    pub max_uses: Option<i32>,
    /// How often by one person.
    pub per_user_limit: Option<i32>,
    /// From when.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until before when.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it is offered.
    pub status: Option<Status>,
}

/// Changes a promotion that is still at version `seen`. A change that changes nothing leaves no trace.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field.
pub async fn update(tx: &mut Tx, id: PromoId, seen: i32, patch: PromoPatch) -> Result<Promo> {
    let before = lock(tx, id).await?;
    if before.version != seen {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let wanted = Promo {
        value: patch.value.unwrap_or(before.value),
        max_uses: patch.max_uses.or(before.max_uses),
        per_user_limit: patch.per_user_limit.unwrap_or(before.per_user_limit),
        starts_at: patch.starts_at.unwrap_or(before.starts_at),
        ends_at: patch.ends_at.or(before.ends_at),
        status: patch.status.unwrap_or(before.status),
        ..before.clone()
    };
    if wanted == before {
        return Ok(before);
    }
    check(&wanted)?;
    let org = tx.org()?;
    sqlx::query!(
        "update promos set value = $3, max_uses = $4, per_user_limit = $5, starts_at = $6, ends_at = $7, status = $8,
                version = version + 1
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        wanted.value,
        wanted.max_uses,
        wanted.per_user_limit,
        wanted.starts_at,
        wanted.ends_at,
        wanted.status.code()
    )
    .execute(tx.conn())
    .await?;
    let after = find(tx, id).await?;
    tx.record(Change::updated("promo", id, &before, &after));
    Ok(after)
}
