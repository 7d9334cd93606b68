//! Push targets (SN1): registered by the app, refreshed when it starts, forgotten when the carrier says they are dead.

use crate::{db::Tx, error::Result, ids::*, refusals::Refusal};
use chrono::{DateTime, Utc};

/// A device that receives pushes.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// `android`, `ios` or `web`.
    pub platform: String,
    /// When the app last said hello.
    pub last_seen_at: DateTime<Utc>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// Devices one person may have: every message goes to each. The ones not seen longest are forgotten.
const MOST_DEVICES: i64 = 10;

/// Registers a device of a person, or refreshes it. A token that was somebody else's moves to this person: the phone
/// changed hands, and messages must not follow the old ones.
///
/// # Errors
/// [`Refusal::Invalid`] on `platform` or `push_token` (1 to 1024 visible ASCII characters).
pub async fn register(tx: &mut Tx, user: UserId, platform: &str, push_token: &str) -> Result<Device> {
    if !["android", "ios", "web"].contains(&platform) {
        return Err(Refusal::invalid("platform", "must be android, ios or web").into());
    }
    if !(1..=1_024).contains(&push_token.len()) || !push_token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Refusal::invalid("push_token", "must have 1 to 1024 visible ASCII characters").into());
    }
    let (id, now) = (DeviceId::new(), tx.now());
    let device = sqlx::query_as!(
        Device,
        r#"insert into devices (id, user_id, platform, push_token, last_seen_at, created_at)
           values ($1, $2, $3, $4, $5, $5)
           on conflict on constraint devices_push_token_key do update
           set user_id = excluded.user_id, platform = excluded.platform, last_seen_at = excluded.last_seen_at,
               invalid_at = null
           returning id as "id: DeviceId", platform, last_seen_at, created_at"#,
        id.0,
        user.0,
        platform,
        push_token,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "delete from devices where id in (select id from devices where user_id = $1
                                          order by last_seen_at desc, id desc offset $2)",
        user.0,
        MOST_DEVICES
    )
    .execute(tx.conn())
    .await?;
    Ok(device)
}

/// The devices of a person that receive pushes.
///
/// # Errors
/// A fault when the database fails.
pub async fn mine(tx: &mut Tx, user: UserId) -> Result<Vec<Device>> {
    Ok(sqlx::query_as!(
        Device,
        r#"select id as "id: DeviceId", platform, last_seen_at, created_at from devices
           where user_id = $1 and invalid_at is null order by last_seen_at desc limit 200"#,
        user.0
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Drops one of a person's devices.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs.
pub async fn remove(tx: &mut Tx, user: UserId, device: DeviceId) -> Result<()> {
    let gone = sqlx::query!("delete from devices where id = $1 and user_id = $2", device.0, user.0)
        .execute(tx.conn())
        .await?
        .rows_affected();
    if gone == 1 { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Stops pushing to a token the carrier called dead when it was asked at `asked_at`. A device that was registered since,
/// by whomever, is alive.
///
/// # Errors
/// A fault when the database fails.
pub async fn invalidate_token(tx: &mut Tx, push_token: &str, asked_at: Option<DateTime<Utc>>) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update devices set invalid_at = $2
         where push_token = $1 and invalid_at is null and last_seen_at <= coalesce($3::timestamptz, $2)",
        push_token,
        now,
        asked_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
