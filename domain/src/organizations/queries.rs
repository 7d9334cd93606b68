//! Reads shared by the operations on organizations.

use super::settings::Settings;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::OrgId,
    money::Currency,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

/// A tenant.
#[derive(Debug, Clone, Serialize)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// Its public short name, usable in `X-Org-Id`.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The zone its people think in.
    pub timezone: Tz,
    /// Language of people who chose none: `fr` or `en`.
    pub locale: String,
    /// What its prices are in.
    pub currency: Currency,
    /// Whether its money is real, one of [`crate::payments::MODES`] (SN50).
    pub payment_mode: String,
    /// Who may join: `open`, `domain`, `invite` or `closed` (CX26).
    pub registration: String,
    /// Mail domains that may join when registration is `domain`.
    pub email_domains: Vec<String>,
    /// The role of those who join.
    pub default_role: String,
    /// Its parameters.
    pub settings: Settings,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it came into being.
    pub created_at: DateTime<Utc>,
}

macro_rules! organization {
    ($row:expr) => {{
        let row = $row;
        Organization {
            id: row.id.into(),
            timezone: row.timezone.parse().map_err(|e| Fault::corrupt("organizations.timezone", e))?,
            currency: row.currency.parse().map_err(|e| Fault::corrupt("organizations.currency", e))?,
            settings: serde_json::from_value(row.settings).map_err(|e| Fault::corrupt("organizations.settings", e))?,
            slug: row.slug,
            name: row.name,
            locale: row.locale,
            payment_mode: row.payment_mode,
            registration: row.registration,
            email_domains: row.email_domains,
            default_role: row.default_role,
            version: row.version,
            created_at: row.created_at,
        }
    }};
}

/// The active organization with this id.
///
/// # Errors
/// [`Refusal::NotFound`] when unknown or suspended.
pub async fn find(tx: &mut Tx, id: OrgId) -> Result<Organization> {
    let row = sqlx::query!(
        "select id, slug, name, timezone, locale, currency, payment_mode, registration, email_domains, default_role, settings,
                version, created_at
         from organizations where id = $1 and status = 'active'",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    Ok(organization!(row))
}

/// The active organization with this public short name.
///
/// # Errors
/// [`Refusal::NotFound`] when unknown or suspended.
pub async fn find_by_slug(tx: &mut Tx, slug: &str) -> Result<Organization> {
    let row = sqlx::query!(
        "select id, slug, name, timezone, locale, currency, payment_mode, registration, email_domains, default_role, settings,
                version, created_at
         from organizations where slug = $1 and status = 'active'",
        slug
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    Ok(organization!(row))
}

/// The organization of this transaction.
///
/// # Errors
/// [`Refusal::OrgRequired`] when none was chosen.
pub async fn load(tx: &mut Tx) -> Result<Organization> {
    let org = tx.org()?;
    find(tx, org).await
}
