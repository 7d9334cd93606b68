//! Who waits (H4): for staff, in the order they will be served; for a person, their own wishes.

use super::{
    Entry, EntryStatus, Part,
    entry::entries,
    score::{self, Row},
    show::stored_parts,
};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    inventory::Discipline,
    paging::{Listed, Page},
};
use std::collections::HashMap;
use uuid::Uuid;

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The entry.
    pub entry: Entry,
    /// From 1 in its line; none unless the list is ranked.
    pub rank: Option<i64>,
    /// How many wait in its line.
    pub total: Option<i64>,
    /// Points: of this instant where the list is ranked, else as last counted.
    pub score: i64,
    /// What they are made of.
    pub parts: Vec<Part>,
}

/// Entries: one person's own, the newest first; or everybody's, those who wait in their order, others newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(
    tx: &mut Tx,
    whose: Option<UserId>,
    resource: Option<ResourceId>,
    statuses: &[EntryStatus],
    page: Page,
) -> Result<Listed<Listing>> {
    if whose.is_none() && matches!(statuses, [] | [EntryStatus::Waiting]) {
        return ranked(tx, resource, page).await;
    }
    let org = tx.org()?;
    let (whose, resource) = (whose.map(|user| user.0), resource.map(|id| id.0));
    let statuses: Vec<String> = statuses.iter().map(|status| status.code().to_owned()).collect();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from queue_entries e
           where e.org_id = $1 and ($2::uuid is null or e.user_id = $2) and ($3::uuid is null or e.resource_id = $3)
             and (cardinality($4::text[]) = 0 or e.status = any($4))"#,
        org.0,
        whose,
        resource,
        &statuses
    )
    .fetch_one(tx.conn())
    .await?;
    let entries = entries!(
        "and ($2::uuid is null or e.user_id = $2) and ($3::uuid is null or e.resource_id = $3)
           and (cardinality($4::text[]) = 0 or e.status = any($4))
         order by e.created_at desc, e.id limit $5 offset $6",
        org.0,
        whose,
        resource,
        &statuses,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let items = entries.into_iter().map(|entry| listing(entry, None)).collect::<Result<_>>()?;
    Ok(Listed { items, total })
}

async fn ranked(tx: &mut Tx, resource: Option<ResourceId>, page: Page) -> Result<Listed<Listing>> {
    let org = tx.org()?;
    let Listed { items: rows, total } = score::page(tx, resource, page).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.entry.0).collect();
    let entries = entries!("and e.id = any($2)", org.0, &ids).fetch_all(tx.conn()).await?;
    let mut entries: HashMap<QueueEntryId, Entry> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
    let known = rows.iter().filter_map(|row| Some((entries.remove(&row.entry)?, row)));
    let items = known.map(|(entry, row)| listing(entry, Some(row))).collect::<Result<_>>()?;
    Ok(Listed { items, total })
}

fn listing(entry: Entry, row: Option<&Row>) -> Result<Listing> {
    let parts = match row {
        Some(row) => row.parts()?,
        None if entry.discipline == Discipline::Fifo => Vec::new(),
        None => stored_parts(&entry)?,
    };
    let score = row.map_or(entry.score, |row| row.score);
    Ok(Listing { rank: row.map(|row| row.rank), total: row.map(|row| row.total), score, parts, entry })
}
