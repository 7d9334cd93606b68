//! Words by which an organization sorts what it offers (E3, SN20). A removed tag is shown nowhere; its name may come back.

use super::checks;
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

const NAME_TAKEN: Refusal = Refusal::Conflict { reason: "another tag has this name" };
/// Most tags of one resource.
const MOST: usize = 20;

/// A tag.
#[derive(Debug, Clone, Serialize)]
pub struct Tag {
    /// Its id.
    pub id: TagId,
    /// Its name, once in the organization whatever the case.
    pub name: String,
    /// How many resources carry it.
    pub resource_count: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

macro_rules! tag_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Tag,
            r#"select t.id as "id: TagId", t.name,
                      (select count(*) from resource_tags rt join resources r on r.org_id = rt.org_id and r.id = rt.resource_id
                       where rt.org_id = t.org_id and rt.tag_id = t.id and r.deleted_at is null) as "resource_count!",
                      t.created_at
               from tags t where t.org_id = $1 and t.deleted_at is null "# + $tail,
            $($argument),*
        )
    };
}

/// Makes a tag.
///
/// # Errors
/// [`Refusal::Invalid`], or [`Refusal::Conflict`] when the name is taken.
pub async fn create(tx: &mut Tx, name: &str) -> Result<Tag> {
    let name = checks::label("name", name, 60)?;
    let (org, id) = (tx.org()?, TagId::new());
    sqlx::query!("insert into tags (org_id, id, name) values ($1, $2, $3)", org.0, id.0, name)
        .execute(tx.conn())
        .await
        .refuse_on("tags_name_key", NAME_TAKEN)?;
    let tag = find(tx, id).await?;
    tx.record(Change::created("tag", id, &tag));
    Ok(tag)
}

/// One tag.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: TagId) -> Result<Tag> {
    let org = tx.org()?;
    Ok(tag_rows!("and t.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?)
}

/// Every tag, by name.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, page: Page) -> Result<Listed<Tag>> {
    let org = tx.org()?;
    let items = tag_rows!("order by lower(t.name) limit $2 offset $3", org.0, page.limit, page.offset)
        .fetch_all(tx.conn())
        .await?;
    let total =
        sqlx::query_scalar!(r#"select count(*) as "n!" from tags where org_id = $1 and deleted_at is null"#, org.0)
            .fetch_one(tx.conn())
            .await?;
    Ok(Listed { items, total })
}

/// Gives a tag another name; what carries it is sorted under that.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`], or [`Refusal::Conflict`] when the name is taken.
pub async fn rename(tx: &mut Tx, id: TagId, name: &str) -> Result<Tag> {
    let name = checks::label("name", name, 60)?;
    let before = lock(tx, id).await?;
    if before.name == name {
        return Ok(before);
    }
    let org = tx.org()?;
    sqlx::query!("update tags set name = $3 where org_id = $1 and id = $2", org.0, id.0, name)
        .execute(tx.conn())
        .await
        .refuse_on("tags_name_key", NAME_TAKEN)?;
    let after = Tag { name, ..before.clone() };
    tx.record(Change::updated("tag", id, &before, &after));
    Ok(after)
}

/// Takes a tag off everything.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn remove(tx: &mut Tx, id: TagId) -> Result<Tag> {
    let before = lock(tx, id).await?;
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!("update tags set deleted_at = $3 where org_id = $1 and id = $2", org.0, id.0, now)
        .execute(tx.conn())
        .await?;
    tx.record(Change::removed("tag", id, &before));
    Ok(before)
}

async fn lock(tx: &mut Tx, id: TagId) -> Result<Tag> {
    let org = tx.org()?;
    sqlx::query!("select id from tags where org_id = $1 and id = $2 for no key update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    find(tx, id).await
}

/// The tags of these names as they are written, by name.
pub(super) async fn known(tx: &mut Tx, names: &[String]) -> Result<Vec<String>> {
    if names.len() > MOST {
        return Err(Refusal::invalid("tags", format!("must be at most {MOST}")).into());
    }
    let (org, mut wanted) = (tx.org()?, names.iter().map(|name| name.trim().to_lowercase()).collect::<Vec<_>>());
    let known = sqlx::query_scalar!(
        "select name from tags where org_id = $1 and deleted_at is null and lower(name) = any($2) order by lower(name)",
        org.0,
        &wanted
    )
    .fetch_all(tx.conn())
    .await?;
    wanted.retain(|name| !known.iter().any(|known| known.to_lowercase() == *name));
    match wanted.first() {
        None => Ok(known),
        Some(unknown) => Err(Refusal::invalid("tags", format!("there is no tag {unknown:?}")).into()),
    }
}

/// Makes these the tags of a locked resource.
pub(super) async fn set(tx: &mut Tx, resource: ResourceId, names: &[String]) -> Result<()> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = sqlx::query_scalar!(
        "select id from tags where org_id = $1 and deleted_at is null and name = any($2) order by id for key share",
        org.0,
        names
    )
    .fetch_all(tx.conn())
    .await?;
    sqlx::query!(
        "delete from resource_tags where org_id = $1 and resource_id = $2 and tag_id <> all($3)",
        org.0,
        resource.0,
        &ids
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into resource_tags (org_id, resource_id, tag_id) select $1, $2, tag.id from unnest($3::uuid[]) as tag (id)
         on conflict do nothing",
        org.0,
        resource.0,
        &ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
