//! A new tenant (B1): its row, the role templates (CX8), its first admin and its account at a payment provider.

use super::{Organization, find, find_by_slug, members, settings::Settings};
use crate::{
    audit::Change,
    db::Tx,
    error::{Error, RefuseOn, Result},
    identity::checks::{checked_locale, checked_name, checked_timezone},
    ids::{OrgId, ProviderAccountId, UserId},
    money::Currency,
    payments,
    permissions::{ADMIN, ROLE_TEMPLATES},
    refusals::Refusal,
};
use serde_json::json;

/// Who may join by themselves (CX26).
pub const REGISTRATIONS: [&str; 4] = ["open", "domain", "invite", "closed"];

/// A tenant to be.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// Public short name: 2 to 63 of `a-z`, `0-9`, `-`, starting with a letter or digit.
    pub slug: String,
    /// 1 to 200 characters.
    pub name: String,
    /// An IANA zone.
    pub timezone: String,
    /// What its prices are in.
    pub currency: Currency,
    /// Whether its money is real: one of [`payments::MODES`] (SN50).
    pub payment_mode: String,
    /// `fr` or `en`.
    pub locale: String,
    /// One of [`REGISTRATIONS`].
    pub registration: String,
    /// Its parameters.
    pub settings: Settings,
}

/// Creates a tenant and enters it: the rest of the transaction runs inside. `admin`, a known person, gets its `admin`
/// role.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; [`Refusal::Conflict`] when the slug is taken.
pub async fn create(tx: &mut Tx, new: &NewOrganization, admin: Option<UserId>) -> Result<Organization> {
    check(new)?;
    let id = OrgId::new();
    sqlx::query!(
        "insert into organizations (id, slug, name, timezone, locale, currency, registration, settings, payment_mode)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        new.slug,
        checked_name("name", &new.name, 200)?,
        checked_timezone(&new.timezone)?,
        checked_locale(&new.locale)?,
        new.currency.code(),
        new.registration,
        json!(new.settings),
        new.payment_mode
    )
    .execute(tx.conn())
    .await
    .refuse_on("organizations_slug_key", Refusal::Conflict { reason: "slug_taken" })?;
    tx.enter(id).await?;
    for (role, permissions) in ROLE_TEMPLATES {
        let permissions: Vec<String> = permissions.iter().map(|p| p.code().to_owned()).collect();
        sqlx::query!("insert into roles (org_id, name, permissions) values ($1, $2, $3)", id.0, role, &permissions)
            .execute(tx.conn())
            .await?;
    }
    let organization = find(tx, id).await?;
    tx.record(Change::created("organization", id, &organization));
    if let Some(admin) = admin {
        members::grant(tx, admin, ADMIN).await?;
    }
    Ok(organization)
}

/// The tenant with this slug, entered as [`create`] would; none when there is none yet. For set-up that may run twice.
///
/// # Errors
/// A fault when the database fails.
pub async fn enter_existing(tx: &mut Tx, slug: &str) -> Result<Option<Organization>> {
    match find_by_slug(tx, slug).await {
        Ok(organization) => {
            tx.enter(organization.id).await?;
            Ok(Some(organization))
        }
        Err(Error::Refused(Refusal::NotFound)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes the organization of this transaction the one that runs the installation: its admins see and steer queues and
/// invariants. Only the owner of the database may.
///
/// # Errors
/// A fault when the database login is a service's.
pub async fn make_operator(tx: &mut Tx) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("update organizations set operator = true where id = $1", org.0).execute(tx.conn()).await?;
    Ok(())
}

/// Gives the organization of this transaction an account at a payment provider. `secret_ref` is the prefix of its
/// secrets' names in the configuration. It is as real as the organization's money (SN50). The same account again is the
/// same account.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field.
pub async fn add_provider_account(
    tx: &mut Tx,
    id: ProviderAccountId,
    provider: &str,
    secret_ref: &str,
    currency: Currency,
) -> Result<ProviderAccountId> {
    if !payments::METHODS.contains(&provider) {
        return Err(Refusal::invalid("provider", format!("must be one of: {}", payments::METHODS.join(", "))).into());
    }
    if currency == Currency::Tkt {
        return Err(Refusal::invalid("currency", "must be money a provider moves").into());
    }
    if !is_secret_ref(secret_ref) {
        return Err(Refusal::invalid("secret_ref", "must be 1 to 41 of A-Z, 0-9 and _").into());
    }
    let org = tx.org()?;
    let added = sqlx::query!(
        "insert into provider_accounts (org_id, id, provider, secret_ref, currency, mode)
         select $1, $2, $3, $4, $5, o.payment_mode from organizations o where o.id = $1
         on conflict on constraint provider_accounts_ref_key do nothing",
        org.0,
        id.0,
        provider,
        secret_ref,
        currency.code()
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if added == 1 {
        let after = json!({ "provider": provider, "secret_ref": secret_ref, "currency": currency });
        tx.record(Change::created("provider_account", id, after));
        return Ok(id);
    }
    Ok(sqlx::query_scalar!(
        r#"select id as "id: ProviderAccountId" from provider_accounts
           where org_id = $1 and provider = $2 and secret_ref = $3"#,
        org.0,
        provider,
        secret_ref
    )
    .fetch_one(tx.conn())
    .await?)
}

fn check(new: &NewOrganization) -> Result<()> {
    if !is_slug(&new.slug) {
        return Err(
            Refusal::invalid("slug", "must be 2 to 63 of a-z, 0-9 and -, starting with a letter or digit").into()
        );
    }
    if new.name.trim().is_empty() {
        return Err(Refusal::invalid("name", "must not be empty").into());
    }
    if !payments::MODES.contains(&new.payment_mode.as_str()) {
        return Err(Refusal::invalid("payment_mode", "must be live or test").into());
    }
    if !REGISTRATIONS.contains(&new.registration.as_str()) {
        return Err(Refusal::invalid("registration", "must be open, domain, invite or closed").into());
    }
    new.settings.check()
}

fn is_slug(slug: &str) -> bool {
    (2..=63).contains(&slug.len())
        && !slug.starts_with('-')
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_secret_ref(name: &str) -> bool {
    (1..=41).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// The operator's own organization, if it was made: the oldest, should there be several.
///
/// # Errors
/// A fault when the database fails.
pub async fn operators_own(tx: &mut Tx) -> Result<Option<OrgId>> {
    let own = sqlx::query_scalar!("select id from organizations where operator order by created_at, id limit 1");
    Ok(own.fetch_optional(tx.conn()).await?.map(OrgId))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_and_secret_names_are_what_the_database_takes() {
        assert!(is_slug("allo-car") && is_slug("2go"));
        assert!(!is_slug("a") && !is_slug("-ab") && !is_slug("Allo") && !is_slug("a b") && !is_slug(&"a".repeat(64)));
        assert!(is_secret_ref("WAVE") && is_secret_ref("WAVE_2"));
        assert!(!is_secret_ref("_WAVE") && !is_secret_ref("wave") && !is_secret_ref("") && !is_secret_ref("2X"));
    }
}
