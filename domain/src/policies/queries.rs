//! Reads shared by the operations on policies.

use super::Rules;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::PolicyId,
    inventory::Kind,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

pub(super) const NAME_TAKEN: Refusal = Refusal::Conflict { reason: "another policy has this name" };
pub(super) const STANDARD_TAKEN: Refusal = Refusal::Conflict { reason: "another policy is the standard one for this" };

/// Rules with a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// 3 to 200 characters, once in the organization.
    pub name: String,
    /// Which kind of thing may name it; any when `None`.
    pub applies_to: Option<Kind>,
    /// In force for things of its kind that name no policy.
    pub standard: bool,
    /// The rules, whole.
    pub rules: Rules,
    /// How many resources name it.
    pub resource_count: i64,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

struct Row {
    id: PolicyId,
    name: String,
    applies_to: String,
    standard: bool,
    rules: serde_json::Value,
    resource_count: i64,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Policy {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            name: row.name,
            applies_to: row.applies_to.parse().ok(), // `any` is no kind
            standard: row.standard,
            rules: serde_json::from_value(row.rules).map_err(|e| Fault::corrupt("policies.rules", e))?,
            resource_count: row.resource_count,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

macro_rules! policy_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select p.id as "id: PolicyId", p.name, p.applies_to, p.standard, p.rules,
                      (select count(*) from resources r where r.org_id = p.org_id and r.policy_id = p.id
                                                          and r.deleted_at is null) as "resource_count!",
                      p.version, p.created_at, p.updated_at
               from policies p where p.org_id = $1 and p.deleted_at is null "# + $tail,
            $($argument),*
        )
    };
}

/// One policy.
///
/// # Errors
/// [`Refusal::NotFound`], also when it was removed.
pub async fn find(tx: &mut Tx, id: PolicyId) -> Result<Policy> {
    let org = tx.org()?;
    let row = policy_rows!("and p.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// Locks a policy against other changes and against resources that would name it, then reads it.
pub(super) async fn lock(tx: &mut Tx, id: PolicyId) -> Result<Policy> {
    let org = tx.org()?;
    sqlx::query!("select id from policies where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    find(tx, id).await
}

/// Every policy, by name.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, page: Page) -> Result<Listed<Policy>> {
    let org = tx.org()?;
    let rows = policy_rows!("order by lower(p.name) limit $2 offset $3", org.0, page.limit, page.offset)
        .fetch_all(tx.conn())
        .await?;
    let items = rows.into_iter().map(|row| Ok(Policy::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    let total =
        sqlx::query_scalar!(r#"select count(*) as "n!" from policies where org_id = $1 and deleted_at is null"#, org.0)
            .fetch_one(tx.conn())
            .await?;
    Ok(Listed { items, total })
}

/// How the kind is written in its column.
pub(super) fn applies_to(kind: Option<Kind>) -> &'static str {
    kind.map_or("any", Kind::code)
}
