//! Finding resources (E11, E12, X12): one statement for the page, one for the total.

use super::{
    facts::PriceUnit,
    queries::{Resource, resource_rows},
};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    inventory::{Discipline, Kind, Service},
    paging::{Listed, Page},
};
use chrono::{DateTime, Utc};

/// Which resources; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// In these states.
    pub statuses: Vec<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// With this in the name, the description or the serial number.
    pub text: Option<String>,
    /// On this site.
    pub site: Option<SiteId>,
    /// In a building whose name holds this.
    pub building: Option<String>,
    /// With all of these features.
    pub features: Vec<String>,
    /// For at least so many people.
    pub minimum_capacity: Option<i32>,
    /// Made at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Made before.
    pub created_before: Option<DateTime<Utc>>,
    /// Removed ones too.
    pub include_deleted: bool,
    /// Among what this person keeps at hand (Z9).
    pub favourite_of: Option<UserId>,
}

/// One field to sort by, as the door checked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// `name`, `kind`, `status`, `capacity`, `created_at` or `updated_at`.
    pub field: &'static str,
    /// Largest first.
    pub descending: bool,
}

/// Resources that fit, in the order asked for; equal ones by name and id. Only the first two fields count.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, order: &[Order], page: Page) -> Result<Listed<Resource>> {
    let org = tx.org()?;
    let features = crate::inventory::checks::features("features", &filter.features)?;
    let text = filter.text.as_deref().map(like);
    let building = filter.building.as_deref().map(like);
    let (first, second) = (direction(order.first()), direction(order.get(1)));
    let rows = resource_rows!(
        "and (cardinality($2::text[]) = 0 or r.kind = any($2)) and (cardinality($3::text[]) = 0 or r.status = any($3))
             and ($4::text is null or exists (select from resource_tags rt join tags t on t.org_id = rt.org_id
                  and t.id = rt.tag_id where rt.org_id = r.org_id and rt.resource_id = r.id and t.deleted_at is null
                  and lower(t.name) = lower($4)))
             and ($5::text is null or r.name ilike $5 or r.description ilike $5 or r.serial_number ilike $5)
             and ($6::uuid is null or r.site_id = $6) and ($7::text is null or r.location ->> 'building' ilike $7)
             and r.features @> $8 and ($9::int is null or r.capacity >= $9)
             and ($10::timestamptz is null or r.created_at >= $10) and ($11::timestamptz is null or r.created_at < $11)
             and ($12 or r.deleted_at is null)
             and ($17::uuid is null or exists (select from favourites f where f.org_id = r.org_id and f.user_id = $17
                                               and f.resource_id = r.id))
           order by
             case $13 when '+name' then lower(r.name) when '+kind' then r.kind when '+status' then r.status end,
             case $13 when '-name' then lower(r.name) when '-kind' then r.kind when '-status' then r.status end desc,
             case $13 when '+capacity' then r.capacity end, case $13 when '-capacity' then r.capacity end desc nulls last,
             case $13 when '+created_at' then r.created_at when '+updated_at' then r.updated_at end,
             case $13 when '-created_at' then r.created_at when '-updated_at' then r.updated_at end desc,
             case $14 when '+name' then lower(r.name) when '+kind' then r.kind when '+status' then r.status end,
             case $14 when '-name' then lower(r.name) when '-kind' then r.kind when '-status' then r.status end desc,
             case $14 when '+capacity' then r.capacity end, case $14 when '-capacity' then r.capacity end desc nulls last,
             case $14 when '+created_at' then r.created_at when '+updated_at' then r.updated_at end,
             case $14 when '-created_at' then r.created_at when '-updated_at' then r.updated_at end desc,
             lower(r.name), r.id limit $15 offset $16",
        org.0,
        &filter.kinds,
        &filter.statuses,
        filter.tag,
        text,
        filter.site.map(|site| site.0),
        building,
        &features,
        filter.minimum_capacity,
        filter.created_from,
        filter.created_before,
        filter.include_deleted,
        first,
        second,
        page.limit,
        page.offset,
        filter.favourite_of.map(|user| user.0)
    )
    .fetch_all(tx.conn())
    .await?;
    let items = rows.into_iter().map(|row| Ok(Resource::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    let total = count(tx, filter, text, building, &features).await?;
    Ok(Listed { items, total })
}

async fn count(
    tx: &mut Tx,
    filter: &Filter,
    text: Option<String>,
    building: Option<String>,
    features: &[String],
) -> Result<i64> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from resources r
           where r.org_id = $1 and r.owner_user_id is null and r.kind <> 'trip'
             and (cardinality($2::text[]) = 0 or r.kind = any($2)) and (cardinality($3::text[]) = 0 or r.status = any($3))
             and ($4::text is null or exists (select from resource_tags rt join tags t on t.org_id = rt.org_id
                  and t.id = rt.tag_id where rt.org_id = r.org_id and rt.resource_id = r.id and t.deleted_at is null
                  and lower(t.name) = lower($4)))
             and ($5::text is null or r.name ilike $5 or r.description ilike $5 or r.serial_number ilike $5)
             and ($6::uuid is null or r.site_id = $6) and ($7::text is null or r.location ->> 'building' ilike $7)
             and r.features @> $8 and ($9::int is null or r.capacity >= $9)
             and ($10::timestamptz is null or r.created_at >= $10) and ($11::timestamptz is null or r.created_at < $11)
             and ($12 or r.deleted_at is null)
             and ($13::uuid is null or exists (select from favourites f where f.org_id = r.org_id and f.user_id = $13
                                               and f.resource_id = r.id))"#,
        org.0,
        &filter.kinds,
        &filter.statuses,
        filter.tag,
        text,
        filter.site.map(|site| site.0),
        building,
        features,
        filter.minimum_capacity,
        filter.created_from,
        filter.created_before,
        filter.include_deleted,
        filter.favourite_of.map(|user| user.0)
    )
    .fetch_one(tx.conn())
    .await?)
}

/// `+name` or `-name`, as the statement reads it.
fn direction(order: Option<&Order>) -> Option<String> {
    order.map(|order| format!("{}{}", if order.descending { '-' } else { '+' }, order.field))
}

/// A pattern that finds the text anywhere and nothing else: what people type is no pattern.
pub(in crate::inventory) fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"))
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn what_people_type_is_no_pattern() {
        assert_eq!(like(r"50%_\"), r"%50\%\_\\%");
    }
}
