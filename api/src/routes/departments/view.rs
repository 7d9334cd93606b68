//! What clients say of a department, and how it is shown.

use crate::{envelope::Reply, extract::said, routes::shared::MoneyView};
use chrono::{DateTime, Utc};
use domain::{
    db::Tx,
    error::Result,
    ids::{SiteId, UserId},
    money::{Currency, Money},
    organizations::{
        self,
        departments::{self, DepartmentFacts},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A part of the organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Department {
    /// Its id.
    id: Uuid,
    /// Its name, once on its site.
    #[schema(example = "Research")]
    name: String,
    /// The site it stands on.
    site_id: Uuid,
    /// Who leads it.
    manager_user_id: Uuid,
    /// What it may spend in a year.
    annual_budget: Option<MoneyView>,
    /// How many people belong to it.
    #[schema(example = 12)]
    member_count: i64,
    /// The number in its `ETag`.
    version: i32,
    /// When it came into being.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    /// When it was removed.
    deleted_at: Option<DateTime<Utc>>,
}

/// A department to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDepartment {
    /// 3 to 200 characters, once on its site.
    #[schema(example = "Research")]
    name: String,
    /// The site it stands on.
    #[schema(value_type = Uuid)]
    site_id: SiteId,
    /// Who leads it: somebody who holds `department:manage`. Me unless told.
    #[schema(value_type = Option<Uuid>)]
    manager_user_id: Option<UserId>,
    /// What it may spend in a year, in minor units of the organization's currency.
    #[schema(minimum = 0)]
    annual_budget: Option<i64>,
}

/// What to change; what is not named stays, null clears the budget.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "annual_budget": 4_000_000 }))]
pub struct PatchDepartment {
    /// 3 to 200 characters, once on its site.
    name: Option<String>,
    /// The site it stands on.
    #[schema(value_type = Option<Uuid>)]
    site_id: Option<SiteId>,
    /// Who leads it.
    #[schema(value_type = Option<Uuid>)]
    manager_user_id: Option<UserId>,
    /// In minor units of the organization's currency.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<i64>)]
    annual_budget: Option<Option<i64>>,
}

impl NewDepartment {
    pub(super) fn facts(self, by: UserId) -> DepartmentFacts {
        let Self { name, site_id, manager_user_id, annual_budget } = self;
        DepartmentFacts { name, site: site_id, manager: manager_user_id.unwrap_or(by), annual_budget }
    }
}

impl PatchDepartment {
    pub(super) fn onto(self, before: DepartmentFacts) -> DepartmentFacts {
        DepartmentFacts {
            name: self.name.unwrap_or(before.name),
            site: self.site_id.unwrap_or(before.site),
            manager: self.manager_user_id.unwrap_or(before.manager),
            annual_budget: self.annual_budget.unwrap_or(before.annual_budget),
        }
    }
}

impl Department {
    pub(super) fn shown(department: departments::Department, currency: Currency) -> Self {
        let departments::Department { id, facts, member_count, version, created_at, updated_at, deleted_at } =
            department;
        Self {
            id: id.into(),
            name: facts.name,
            site_id: facts.site.into(),
            manager_user_id: facts.manager.into(),
            annual_budget: facts.annual_budget.map(|amount| Money { amount, currency }.into()),
            member_count,
            version,
            created_at,
            updated_at,
            deleted_at,
        }
    }
}

pub(super) async fn replied(tx: &mut Tx, department: departments::Department) -> Result<Reply> {
    let (version, currency) = (department.version, organizations::load(tx).await?.currency);
    Ok(Reply::ok(Department::shown(department, currency)).version(version))
}
