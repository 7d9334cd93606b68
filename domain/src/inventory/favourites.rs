//! What a person keeps at hand (Z9): theirs alone, in each organization.

use super::resources::{self, Resource};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    paging::{Listed, Page},
    refusals::Refusal,
};
use serde_json::json;

/// Things one person may keep at hand.
const MOST: i64 = 200;

/// Keeps a resource at hand; it may be already.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not there, [`Refusal::Policy`] beyond 200.
pub async fn add(tx: &mut Tx, user: UserId, resource: ResourceId) -> Result<Resource> {
    let found = resources::find(tx, resource).await?;
    let org = tx.org()?;
    let kept = sqlx::query_scalar!(
        r#"select count(*) as "n!" from favourites where org_id = $1 and user_id = $2"#,
        org.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    let added = sqlx::query!(
        "insert into favourites (org_id, user_id, resource_id) values ($1, $2, $3) on conflict do nothing",
        org.0,
        user.0,
        resource.0
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if added == 0 {
        return Ok(found);
    }
    if kept >= MOST {
        return Err(Refusal::Policy { rule: "favourites", limit: MOST, value: kept + 1 }.into());
    }
    tx.record(Change::created("favourite", resource, json!({ "user": user })));
    Ok(found)
}

/// Keeps it at hand no longer.
///
/// # Errors
/// [`Refusal::NotFound`] when it was not.
pub async fn remove(tx: &mut Tx, user: UserId, resource: ResourceId) -> Result<()> {
    let org = tx.org()?;
    let removed = sqlx::query!(
        "delete from favourites where org_id = $1 and user_id = $2 and resource_id = $3",
        org.0,
        user.0,
        resource.0
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if removed == 0 {
        return Err(Refusal::NotFound.into());
    }
    tx.record(Change::removed("favourite", resource, json!({ "user": user })));
    Ok(())
}

/// What a person keeps at hand and is still there, by name.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, user: UserId, page: Page) -> Result<Listed<Resource>> {
    let filter = resources::Filter { favourite_of: Some(user), ..resources::Filter::default() };
    resources::list(tx, &filter, &[], page).await
}
