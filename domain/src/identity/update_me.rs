//! Changing the own profile (C24, CX13): what is not named stays.

use super::{
    Identifier, Me,
    checks::{checked_locale, checked_name, checked_timezone},
    me, record,
    register::add_identity,
};
use crate::{audit::Change, db::Tx, error::Result, ids::UserId, refusals::Refusal};
use chrono::{Datelike, NaiveDate};
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
    /// Another name to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores (C4, C5).
    pub username: Option<String>,
    /// At most 40 characters, in the person's own words (C3).
    pub gender: Option<String>,
    /// A day since 1900 that has passed (C3).
    pub birthdate: Option<NaiveDate>,
    /// `fr` or `en`.
    pub locale: Option<String>,
    /// An IANA zone.
    pub timezone: Option<String>,
}

impl ProfilePatch {
    /// The name as a whole, of its parts.
    pub(super) fn whole_name(&self) -> String {
        let parts = [self.first_name.as_deref(), self.last_name.as_deref()];
        parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Changes the named fields of a person's profile.
///
/// # Errors
/// `Refusal::Invalid` naming the field, `Refusal::IdentityTaken` for a username somebody has, `Refusal::NotFound`.
pub async fn update_me(tx: &mut Tx, user: UserId, patch: &ProfilePatch) -> Result<Me> {
    let before = me(tx, user).await?;
    write(tx, user, patch).await?;
    sqlx::query!("update users set version = version + 1 where id = $1", user.0).execute(tx.conn()).await?;
    let after = me(tx, user).await?;
    record(tx, Change::updated("user", user, audited(&before), audited(&after)));
    Ok(after)
}

/// Writes the named fields, once they are checked. The person's row is locked first, so that two who choose a username
/// at once choose one after the other.
pub(super) async fn write(tx: &mut Tx, user: UserId, patch: &ProfilePatch) -> Result<()> {
    let full_name = checked(patch.full_name.as_deref(), |name| checked_name("full_name", name, 200))?;
    let first_name = checked(patch.first_name.as_deref(), |name| checked_name("first_name", name, 100))?;
    let last_name = checked(patch.last_name.as_deref(), |name| checked_name("last_name", name, 100))?;
    let gender = checked(patch.gender.as_deref(), |gender| checked_name("gender", gender, 40))?;
    let locale = checked(patch.locale.as_deref(), checked_locale)?;
    let timezone = checked(patch.timezone.as_deref(), checked_timezone)?;
    let today = tx.now().date_naive();
    if patch.birthdate.is_some_and(|day| day.year() < 1_900 || day >= today) {
        return Err(Refusal::invalid("birthdate", "must be a day since 1900 that has passed").into());
    }
    sqlx::query!(
        "update users set full_name = coalesce($2, full_name), first_name = coalesce($3, first_name),
                last_name = coalesce($4, last_name), gender = coalesce($5, gender),
                birthdate = coalesce($6, birthdate), locale = coalesce($7, locale),
                timezone = coalesce($8, timezone)
         where id = $1",
        user.0,
        full_name,
        first_name,
        last_name,
        gender,
        patch.birthdate,
        locale,
        timezone
    )
    .execute(tx.conn())
    .await?;
    match &patch.username {
        Some(name) => rename(tx, user, &Identifier::username(name)?).await,
        None => Ok(()),
    }
}

/// A person has one username. It needs no proof: nothing is sent there.
async fn rename(tx: &mut Tx, user: UserId, name: &Identifier) -> Result<()> {
    sqlx::query!(
        "delete from identities where user_id = $1 and kind = 'username' and value <> $2",
        user.0,
        name.value()
    )
    .execute(tx.conn())
    .await?;
    let has_it = sqlx::query_scalar!(
        r#"select exists(select 1 from identities where user_id = $1 and kind = 'username') as "yes!""#,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    if has_it { Ok(()) } else { add_identity(tx, user, name, true).await }
}

/// What is written for good says no more than it must: that there is a birthdate, not which (W3).
fn audited(me: &Me) -> serde_json::Value {
    json!({
        "full_name": me.full_name, "first_name": me.first_name, "last_name": me.last_name,
        "username": me.username(), "gender": me.gender.is_some(), "birthdate": me.birthdate.is_some(),
        "locale": me.locale, "timezone": me.timezone,
    })
}

fn checked(field: Option<&str>, check: impl Fn(&str) -> Result<String>) -> Result<Option<String>> {
    field.map(check).transpose()
}
