//! Changing a tenant and its settings (B1, CX13, T14): a merge patch against a known version.

use super::{Organization, REGISTRATIONS, load, settings::Settings};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    identity::{
        Principal,
        checks::{checked_locale, checked_name, checked_timezone, is_mail_domain},
    },
    organizations::roles::{given_by, lock_people, must_hold},
    payments::MODES,
    permissions::Permission,
    refusals::Refusal,
};
use serde_json::{Value, json};

/// What to change; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct OrganizationPatch {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// An IANA zone.
    pub timezone: Option<String>,
    /// `fr` or `en`.
    pub locale: Option<String>,
    /// One of [`MODES`]; only while it has no account at a provider (SN50).
    pub payment_mode: Option<String>,
    /// One of [`REGISTRATIONS`].
    pub registration: Option<String>,
    /// At most 50.
    pub email_domains: Option<Vec<String>>,
    /// An existing role.
    pub default_role: Option<String>,
    /// Merged into the settings (RFC 7396): null restores the default of a parameter.
    pub settings: Option<Value>,
}

/// Changes the organization of this transaction if it is still at `expected_version`.
///
/// # Errors
/// [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field, [`Refusal::Forbidden`] when newcomers would get
/// what `by` does not hold, [`Refusal::Conflict`] for another mode while there are accounts at providers.
pub async fn update(
    tx: &mut Tx,
    by: &Principal,
    expected_version: i32,
    patch: &OrganizationPatch,
) -> Result<Organization> {
    lock_people(tx).await?;
    let before = load(tx).await?;
    if before.version != expected_version {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let wanted = apply(&before, patch)?;
    if wanted.default_role != before.default_role {
        check_role(tx, by, &wanted.default_role).await?;
    }
    let changed = sqlx::query!(
        "update organizations set name = $3, timezone = $4, locale = $5, registration = $6, email_domains = $7,
                default_role = $8, settings = $9, payment_mode = $10, version = version + 1
         where id = $1 and version = $2",
        before.id.0,
        expected_version,
        wanted.name,
        wanted.timezone.name(),
        wanted.locale,
        wanted.registration,
        &wanted.email_domains,
        wanted.default_role,
        json!(wanted.settings),
        wanted.payment_mode
    )
    .execute(tx.conn())
    .await
    .refuse_on("provider_accounts_mode", Refusal::Conflict { reason: "it has accounts of its present mode" })?
    .rows_affected();
    let after = load(tx).await?;
    if changed == 0 {
        return Err(Refusal::VersionMismatch { current: after.version }.into());
    }
    tx.record(Change::updated("organization", after.id, &before, &after));
    Ok(after)
}

fn apply(before: &Organization, patch: &OrganizationPatch) -> Result<Organization> {
    let mut wanted = before.clone();
    if let Some(name) = &patch.name {
        wanted.name = checked_name("name", name, 200)?;
        if wanted.name.is_empty() {
            return Err(Refusal::invalid("name", "must not be empty").into());
        }
    }
    if let Some(zone) = &patch.timezone {
        let zone = checked_timezone(zone)?;
        wanted.timezone = zone.parse().map_err(|_| Refusal::invalid("timezone", "must be an IANA zone"))?;
    }
    if let Some(locale) = &patch.locale {
        wanted.locale = checked_locale(locale)?;
    }
    if let Some(mode) = &patch.payment_mode {
        if !MODES.contains(&mode.as_str()) {
            return Err(Refusal::invalid("payment_mode", "must be live or test").into());
        }
        wanted.payment_mode.clone_from(mode);
    }
    if let Some(registration) = &patch.registration {
        if !REGISTRATIONS.contains(&registration.as_str()) {
            return Err(Refusal::invalid("registration", "must be open, domain, invite or closed").into());
        }
        wanted.registration.clone_from(registration);
    }
    if let Some(domains) = &patch.email_domains {
        wanted.email_domains = domains.iter().map(|domain| domain.trim().to_ascii_lowercase()).collect();
        if domains.len() > 50 || !wanted.email_domains.iter().all(|domain| is_mail_domain(domain)) {
            return Err(Refusal::invalid("email_domains", "must be at most 50 mail domains").into());
        }
    }
    if let Some(role) = &patch.default_role {
        wanted.default_role.clone_from(role);
    }
    if let Some(settings) = &patch.settings {
        wanted.settings = merged(&before.settings, settings)?;
    }
    Ok(wanted)
}

fn merged(before: &Settings, patch: &Value) -> Result<Settings> {
    if !patch.is_object() {
        return Err(Refusal::invalid("settings", "must be an object").into());
    }
    let mut settings = json!(before);
    merge(&mut settings, patch);
    let settings: Settings =
        serde_json::from_value(settings).map_err(|problem| Refusal::invalid("settings", problem.to_string()))?;
    settings.check()?;
    Ok(settings)
}

/// A JSON merge patch (RFC 7396).
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(target) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// Newcomers are given this role by nobody in particular, so whoever names it gives it (CX9); and strangers do not manage.
async fn check_role(tx: &mut Tx, by: &Principal, role: &str) -> Result<()> {
    let wrong = |problem: &str| Refusal::invalid("default_role", problem);
    let given = given_by(tx, &[role.to_owned()], wrong("must be a role of the organization")).await?;
    if given.contains(&Permission::MemberManage) {
        return Err(wrong("must not let newcomers manage members").into());
    }
    must_hold(tx, by, given).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settings_patch_changes_what_it_names_and_null_restores_the_default() {
        let before =
            merged(&Settings::default(), &json!({ "hold_minutes": 5, "commission": { "fixed": 100 } })).unwrap();
        let after = merged(&before, &json!({ "hold_minutes": null, "commission": { "basis_points": 250 } })).unwrap();
        assert_eq!(after.hold_minutes, Settings::default().hold_minutes);
        assert_eq!((after.commission.fixed, after.commission.basis_points), (100, 250));
    }

    #[test]
    fn unknown_mistyped_and_unbounded_settings_are_refused() {
        for bad in [json!({ "hold": 5 }), json!({ "hold_minutes": "5" }), json!({ "hold_minutes": 0 }), json!([])] {
            assert!(merged(&Settings::default(), &bad).is_err(), "{bad}");
        }
    }
}
