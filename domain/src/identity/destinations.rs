//! Where a person's earnings go (SN30): a wallet number they proved to be theirs.

use super::{Identifier, Purpose, Verified, checks::checked_name, send_code, verify_code};
use crate::{audit::Change, db::Tx, error::Result, ids::*, refusals::Refusal};
use chrono::{DateTime, Utc};
use serde_json::json;

/// A wallet number that receives payouts.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Its id.
    pub id: DestinationId,
    /// One of [`PAYOUT_METHODS`].
    pub method: String,
    /// E.164.
    pub number: String,
    /// The name the provider should know the holder by; may be empty.
    pub holder_name: String,
    /// When they proved that it is theirs; nothing is paid before.
    pub verified_at: Option<DateTime<Utc>>,
}

/// The ways earnings can be sent, each named after the provider that carries it.
pub const PAYOUT_METHODS: [&str; 3] = ["wave", "mtn", "sonatel"];

/// Numbers a person may try within ten minutes (L22).
const MOST_CHANGES: i64 = 3;

/// Makes `number` the place where the person's earnings go from now on. A number they already proved to be theirs is
/// verified at once; any other gets a code.
///
/// # Errors
/// [`Refusal::Invalid`], [`Refusal::CodeLimit`], [`Refusal::NotFound`] when they are no member.
pub async fn set_destination(
    tx: &mut Tx,
    user: UserId,
    method: &str,
    number: &str,
    holder_name: &str,
) -> Result<Destination> {
    if !PAYOUT_METHODS.contains(&method) {
        return Err(Refusal::invalid("method", format!("must be one of: {}", PAYOUT_METHODS.join(", "))).into());
    }
    let number = Identifier::phone(number)?;
    let holder_name = checked_name("holder_name", holder_name, 200)?;
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query_scalar!("select user_id from memberships where org_id = $1 and user_id = $2 for update", org.0, user.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let proved = is_proved(tx, user, &number).await?;
    if !proved && changes_lately(tx, user).await? >= MOST_CHANGES {
        return Err(Refusal::CodeLimit { retry_after_seconds: 600 }.into()); // each unproved number gets an SMS
    }
    sqlx::query!(
        "update payout_destinations set replaced_at = $3 where org_id = $1 and user_id = $2 and replaced_at is null",
        org.0,
        user.0,
        now
    )
    .execute(tx.conn())
    .await?;
    let destination = sqlx::query_as!(
        Destination,
        r#"insert into payout_destinations (org_id, id, user_id, method, number, holder_name, verified_at, active_from)
           values ($1, $2, $3, $8, $4, $5, case when $6 then $7::timestamptz end, $7)
           returning id as "id: DestinationId", method, number, holder_name, verified_at"#,
        org.0,
        DestinationId::new().0,
        user.0,
        number.value(),
        holder_name,
        proved,
        now,
        method
    )
    .fetch_one(tx.conn())
    .await?;
    if !proved {
        send_code(tx, &number, Purpose::PayoutDestination).await?;
    }
    let after = json!({ "user_id": user, "method": method, "verified": proved });
    tx.record(Change::created("payout_destination", destination.id, after));
    Ok(destination)
}

/// Proves with a code that the current destination is theirs. Commit whatever the answer, as with every code.
///
/// # Errors
/// [`Refusal::NotFound`] without a destination.
pub async fn confirm_destination(tx: &mut Tx, user: UserId, code: &str) -> Result<Verified> {
    let destination = current_destination(tx, user).await?.ok_or(Refusal::NotFound)?;
    if destination.verified_at.is_some() {
        return Ok(Verified::Right { user: Some(user) });
    }
    let number = Identifier::Phone(destination.number);
    let verified = verify_code(tx, &number, Purpose::PayoutDestination, code).await?;
    if let Verified::Refused(_) = verified {
        return Ok(verified);
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update payout_destinations set verified_at = $3 where org_id = $1 and id = $2",
        org.0,
        destination.id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    let (before, after) = (json!({ "verified": false }), json!({ "verified": true }));
    tx.record(Change::updated("payout_destination", destination.id, before, after));
    Ok(Verified::Right { user: Some(user) })
}

/// Where the person's earnings go now, if anywhere. Pay only when `verified_at` is set.
///
/// # Errors
/// A fault when the database fails.
pub async fn current_destination(tx: &mut Tx, user: UserId) -> Result<Option<Destination>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Destination,
        r#"select id as "id: DestinationId", method, number, holder_name, verified_at from payout_destinations
           where org_id = $1 and user_id = $2 and replaced_at is null"#,
        org.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Where the person's earnings may be sent now: the current destination, once it is proved to be theirs.
///
/// # Errors
/// A fault when the database fails.
pub async fn usable_destination(tx: &mut Tx, user: UserId) -> Result<Option<Destination>> {
    Ok(current_destination(tx, user).await?.filter(|destination| destination.verified_at.is_some()))
}

async fn changes_lately(tx: &mut Tx, user: UserId) -> Result<i64> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from payout_destinations
           where org_id = $1 and user_id = $2 and created_at > $3::timestamptz - interval '10 minutes'"#,
        org.0,
        user.0,
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

async fn is_proved(tx: &mut Tx, user: UserId, number: &Identifier) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists(select 1 from identities where user_id = $2 and kind = 'phone' and issuer = '' and value = $3
                         and verified_at is not null)
               or exists(select 1 from payout_destinations where org_id = $1 and user_id = $2 and number = $3
                         and verified_at is not null) as "yes!""#,
        org.0,
        user.0,
        number.value()
    )
    .fetch_one(tx.conn())
    .await?)
}
