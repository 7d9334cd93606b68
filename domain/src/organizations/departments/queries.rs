//! What may be known of a department, and the reads its operations share.

use super::lead::must_lead;
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    inventory::checked_name,
    money::Money,
    organizations::{self, members::pattern},
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

pub(super) const NAME_TAKEN: Refusal = Refusal::Conflict { reason: "another department of this site has this name" };

/// Everything about a department that its keepers may change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DepartmentFacts {
    /// 3 to 200 characters, once on its site.
    pub name: String,
    /// The site it stands on (B17).
    pub site: SiteId,
    /// Who leads it.
    pub manager: UserId,
    /// What it may spend in a year, in minor units of the organization's currency.
    pub annual_budget: Option<i64>,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// What is known of it.
    #[serde(flatten)]
    pub facts: DepartmentFacts,
    /// How many people belong to it.
    pub member_count: i64,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it came into being.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl DepartmentFacts {
    /// The facts as they are stored: trimmed, on a site that is there, led by somebody who may.
    pub(super) async fn checked(mut self, tx: &mut Tx) -> Result<Self> {
        self.name = checked_name("name", &self.name)?;
        if let Some(amount) = self.annual_budget {
            Money::asked(amount, organizations::load(tx).await?.currency)
                .map_err(|_| Refusal::invalid("annual_budget", "must be an amount of at least 0"))?;
        }
        let org = tx.org()?;
        sqlx::query!(
            "select id from sites where org_id = $1 and id = $2 and deleted_at is null for key share",
            org.0,
            self.site.0
        )
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| Refusal::invalid("site_id", "there is no such site"))?;
        must_lead(tx, self.manager).await?;
        Ok(self)
    }
}

struct Row {
    id: DepartmentId,
    name: String,
    site: SiteId,
    manager: UserId,
    annual_budget: Option<i64>,
    member_count: i64,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
}

impl From<Row> for Department {
    fn from(row: Row) -> Self {
        let Row { id, name, site, manager, annual_budget, member_count, version, created_at, updated_at, deleted_at } =
            row;
        let facts = DepartmentFacts { name, site, manager, annual_budget };
        Self { id, facts, member_count, version, created_at, updated_at, deleted_at }
    }
}

macro_rules! department_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select d.id as "id: DepartmentId", d.name, d.site_id as "site: SiteId", d.manager_user_id as "manager: UserId",
                      d.annual_budget,
                      (select count(*) from memberships m where m.org_id = d.org_id and m.department_id = d.id
                                                            and m.status <> 'removed') as "member_count!",
                      d.version, d.created_at, d.updated_at, d.deleted_at
               from departments d where d.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// One department that is there.
///
/// # Errors
/// [`Refusal::NotFound`], also when it was removed.
pub async fn find(tx: &mut Tx, id: DepartmentId) -> Result<Department> {
    let department = read(tx, id).await?;
    if department.deleted_at.is_some() { Err(Refusal::NotFound.into()) } else { Ok(department) }
}

/// One department, removed or not.
pub(super) async fn read(tx: &mut Tx, id: DepartmentId) -> Result<Department> {
    let org = tx.org()?;
    let row = department_rows!("and d.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?;
    Ok(row.ok_or(Refusal::NotFound)?.into())
}

/// Locks a department against other changes and against people who would join it, then reads it, removed or not.
pub(super) async fn lock(tx: &mut Tx, id: DepartmentId) -> Result<Department> {
    let org = tx.org()?;
    sqlx::query!("select id from departments where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    read(tx, id).await
}

/// Insists that this department is there, and keeps it from going.
///
/// # Errors
/// [`Refusal::Invalid`] on `department_id`.
pub(crate) async fn check(tx: &mut Tx, id: DepartmentId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "select id from departments where org_id = $1 and id = $2 and deleted_at is null for key share",
        org.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Refusal::invalid("department_id", "there is no such department"))?;
    Ok(())
}

/// Which departments; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// With this in the name.
    pub text: Option<String>,
    /// On this site.
    pub site: Option<SiteId>,
    /// Led by this person.
    pub manager: Option<UserId>,
    /// Removed ones too.
    pub include_deleted: bool,
    /// From the end of the alphabet.
    pub descending: bool,
}

/// Departments that fit, by name.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, page: Page) -> Result<Listed<Department>> {
    let (org, text) = (tx.org()?, filter.text.as_deref().and_then(pattern));
    let (site, manager) = (filter.site.map(|site| site.0), filter.manager.map(|manager| manager.0));
    let rows = department_rows!(
        "and ($2::text is null or d.name ilike $2) and ($3::uuid is null or d.site_id = $3)
           and ($4::uuid is null or d.manager_user_id = $4) and ($5 or d.deleted_at is null)
         order by case when $6 then lower(d.name) end desc, lower(d.name), d.id limit $7 offset $8",
        org.0,
        text,
        site,
        manager,
        filter.include_deleted,
        filter.descending,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from departments d
           where d.org_id = $1 and ($2::text is null or d.name ilike $2) and ($3::uuid is null or d.site_id = $3)
             and ($4::uuid is null or d.manager_user_id = $4) and ($5 or d.deleted_at is null)"#,
        org.0,
        text,
        site,
        manager,
        filter.include_deleted
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Listed { items: rows.into_iter().map(Department::from).collect(), total })
}
