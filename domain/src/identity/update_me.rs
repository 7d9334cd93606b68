//! Changing the own profile (C24, CX13): what is not named stays.

use super::{
    Me,
    checks::{checked_locale, checked_name, checked_timezone},
    me, record,
};
use crate::{audit::Change, db::Tx, error::Result, ids::UserId};
use serde_json::json;

/// What to change.
#[derive(Debug, Clone, Default)]
pub struct ProfilePatch {
    /// At most 200 characters.
    pub full_name: Option<String>,
    /// At most 100 characters.
    pub first_name: Option<String>,
    /// At most 100 characters.
    pub last_name: Option<String>,
    /// `fr` or `en`.
    pub locale: Option<String>,
    /// An IANA zone.
    pub timezone: Option<String>,
}

/// Changes the named fields of a person's profile.
///
/// # Errors
/// `Refusal::Invalid` naming the field, `Refusal::NotFound`.
pub async fn update_me(tx: &mut Tx, user: UserId, patch: &ProfilePatch) -> Result<Me> {
    let full_name = checked(patch.full_name.as_deref(), |name| checked_name("full_name", name, 200))?;
    let first_name = checked(patch.first_name.as_deref(), |name| checked_name("first_name", name, 100))?;
    let last_name = checked(patch.last_name.as_deref(), |name| checked_name("last_name", name, 100))?;
    let locale = checked(patch.locale.as_deref(), checked_locale)?;
    let timezone = checked(patch.timezone.as_deref(), checked_timezone)?;
    let before = me(tx, user).await?;
    sqlx::query!(
        "update users set full_name = coalesce($2, full_name), first_name = coalesce($3, first_name),
                last_name = coalesce($4, last_name), locale = coalesce($5, locale), timezone = coalesce($6, timezone),
                version = version + 1
         where id = $1",
        user.0,
        full_name,
        first_name,
        last_name,
        locale,
        timezone
    )
    .execute(tx.conn())
    .await?;
    let after = me(tx, user).await?;
    record(tx, Change::updated("user", user, audited(&before), audited(&after)));
    Ok(after)
}

fn audited(me: &Me) -> serde_json::Value {
    json!({
        "full_name": me.full_name, "first_name": me.first_name, "last_name": me.last_name,
        "locale": me.locale, "timezone": me.timezone,
    })
}

fn checked(field: Option<&str>, check: impl Fn(&str) -> Result<String>) -> Result<Option<String>> {
    field.map(check).transpose()
}
