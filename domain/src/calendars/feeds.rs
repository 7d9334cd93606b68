//! Addresses that show a calendar to whoever knows them.

use crate::{
    audit::Change,
    db::Tx,
    error::{Error, Result},
    identity,
    ids::*,
    inventory::resources,
    keys::sha256,
    refusals::Refusal,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Addresses one person may have.
const MOST: i64 = 50;

/// An address that shows a calendar.
#[derive(Debug, Clone, Serialize)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// Whose.
    pub user: UserId,
    /// When somebody has this; without it, what its person has.
    pub resource: Option<ResourceId>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

macro_rules! feeds {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Feed,
            r#"select f.id as "id: FeedId", f.user_id as "user: UserId", f.resource_id as "resource: ResourceId", f.revoked_at,
                      f.created_at
               from calendar_feeds f where f.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// Makes an address. Its secret is answered once and never kept.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown resource, [`Refusal::Policy`] beyond 50.
pub async fn create(tx: &mut Tx, user: UserId, resource: Option<ResourceId>) -> Result<(Feed, String)> {
    if let Some(resource) = resource {
        resources::find(tx, resource).await?;
    }
    let held = list(tx, user).await?.len();
    let held = i64::try_from(held).unwrap_or(i64::MAX);
    if held >= MOST {
        return Err(Refusal::Policy { rule: "calendar_feeds", limit: MOST, value: held + 1 }.into());
    }
    let (org, id, token) = (tx.org()?, FeedId::new(), BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    sqlx::query!(
        "insert into calendar_feeds (org_id, id, user_id, resource_id, token_hash) values ($1, $2, $3, $4, $5)",
        org.0,
        id.0,
        user.0,
        resource.map(|resource| resource.0),
        &sha256(token.as_bytes())[..]
    )
    .execute(tx.conn())
    .await?;
    let feed = find(tx, id).await?;
    tx.record(Change::created("calendar_feed", id, &feed));
    Ok((feed, token))
}

async fn find(tx: &mut Tx, id: FeedId) -> Result<Feed> {
    let org = tx.org()?;
    Ok(feeds!("and f.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?)
}

/// The addresses of a person that were not taken back, oldest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, user: UserId) -> Result<Vec<Feed>> {
    let org = tx.org()?;
    Ok(feeds!("and f.user_id = $2 and f.revoked_at is null order by f.created_at, f.id", org.0, user.0)
        .fetch_all(tx.conn())
        .await?)
}

/// Takes an address back: from now on it shows nothing.
///
/// # Errors
/// [`Refusal::NotFound`] unless it is theirs and was not.
pub async fn revoke(tx: &mut Tx, user: UserId, id: FeedId) -> Result<Feed> {
    let before = find(tx, id).await?;
    if before.user != user || before.revoked_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update calendar_feeds set revoked_at = $3 where org_id = $1 and id = $2 and revoked_at is null",
        org.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    let after = Feed { revoked_at: Some(now), ..before.clone() };
    tx.record(Change::removed("calendar_feed", id, &before));
    Ok(after)
}

/// The address with this secret; its organization's rows are visible from here on.
///
/// # Errors
/// [`Refusal::TokenInvalid`], also once it was taken back or its person does not belong here any more.
pub async fn open(tx: &mut Tx, token: &str) -> Result<Feed> {
    let found = sqlx::query!(
        r#"select org_id as "org!: OrgId", feed_id as "id!: FeedId" from locate_calendar_feed($1)"#,
        &sha256(token.as_bytes())[..]
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::TokenInvalid)?;
    tx.enter(found.org).await?;
    let feed = find(tx, found.id).await?;
    match identity::principal(tx, feed.user).await {
        Ok(_) => Ok(feed),
        Err(Error::Refused(_)) => Err(Refusal::TokenInvalid.into()),
        Err(fault) => Err(fault),
    }
}
