//! A person's place in an organization: what others give them and they cannot take (CX9, D6, D16).

use super::unknown_role;
use crate::{
    db::Tx,
    error::Result,
    identity::{Principal, checks::checked_name},
    ids::*,
    organizations::{
        departments,
        roles::{checked_permissions, given_by, must_hold},
    },
    refusals::Refusal,
};

/// Whose requests come first (D16).
pub const PRIORITIES: [&str; 2] = ["standard", "high"];

/// Roles one person may have.
const MOST_ROLES: usize = 20;

/// What a member is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Names of roles of the organization.
    pub roles: Vec<String>,
    /// Permissions on top of the roles, by code.
    pub extra_permissions: Vec<String>,
    /// One of [`PRIORITIES`].
    pub priority: String,
    /// The part of the organization they work in, in its own words (C1).
    pub service: Option<String>,
    /// Their main site (B15).
    pub site: Option<SiteId>,
    /// Their department (B15).
    pub department: Option<DepartmentId>,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            roles: Vec::new(),
            extra_permissions: Vec::new(),
            priority: PRIORITIES[0].to_owned(),
            service: None,
            site: None,
            department: None,
        }
    }
}

impl Place {
    /// A place that is nothing but a role.
    #[must_use]
    pub fn of(role: &str) -> Self {
        Self { roles: vec![role.to_owned()], ..Self::default() }
    }
}

/// Whether `giver` may give somebody this place.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::Forbidden`] naming what the giver lacks.
pub(crate) async fn check_place(tx: &mut Tx, giver: &Principal, place: &Place) -> Result<()> {
    check_shape(place)?;
    let by_roles = given_by(tx, &place.roles, unknown_role()).await?;
    let extra = checked_permissions("extra_permissions", &place.extra_permissions)?;
    must_hold(tx, giver, by_roles.into_iter().chain(extra)).await
}

/// Every bound, whoever gives it.
pub(super) fn check_shape(place: &Place) -> Result<()> {
    if place.roles.len() > MOST_ROLES {
        return Err(Refusal::invalid("roles", format!("must be at most {MOST_ROLES}")).into());
    }
    checked_permissions("extra_permissions", &place.extra_permissions)?;
    if !PRIORITIES.contains(&place.priority.as_str()) {
        return Err(Refusal::invalid("priority", "must be standard or high").into());
    }
    if let Some(service) = &place.service {
        checked_name("service", service, 100)?;
    }
    Ok(())
}

/// The site and the department are there, and stay there while somebody joins them.
pub(super) async fn check_parts(tx: &mut Tx, place: &Place) -> Result<()> {
    if let Some(site) = place.site {
        let org = tx.org()?;
        sqlx::query!(
            "select id from sites where org_id = $1 and id = $2 and deleted_at is null for key share",
            org.0,
            site.0
        )
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| Refusal::invalid("site_id", "there is no such site"))?;
    }
    match place.department {
        Some(department) => departments::check(tx, department).await,
        None => Ok(()),
    }
}
