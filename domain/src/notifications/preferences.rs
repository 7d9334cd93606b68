//! What a person wants to be told in an organization, in which language, and when not (SN2). Whoever never chose has
//! version 0.

use super::{Channel, NoticeKind, QuietHours};
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, RefuseOn, Result},
    identity::checks::{checked_locale, checked_timezone},
    ids::UserId,
    refusals::Refusal,
};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Longer ones would leave no time for what a person must be told.
const LONGEST_QUIET_MINUTES: i64 = 16 * 60;

/// Which notices do not travel on which channels, by their codes. In the app everything is told.
pub type Muted = BTreeMap<String, BTreeSet<String>>;

/// A person's choices. What is `None` is as their profile, or else the organization, has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `fr` or `en`.
    pub locale: Option<String>,
    /// An IANA zone, in which the quiet hours are meant.
    pub timezone: Option<String>,
    /// When to be left alone.
    pub quiet_hours: Option<QuietHours>,
    /// What not to be told, and how.
    pub muted: Muted,
    /// For `ETag` and `If-Match`.
    pub version: i32,
}

/// The person's choices in this organization.
///
/// # Errors
/// A fault when the database fails.
pub async fn preferences(tx: &mut Tx, user: UserId) -> Result<Preferences> {
    let org = tx.org()?;
    let row = sqlx::query!(
        "select locale, timezone, quiet_from, quiet_to, muted, version from preferences
         where org_id = $1 and user_id = $2",
        org.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(Preferences::default()) };
    Ok(Preferences {
        locale: row.locale,
        timezone: row.timezone,
        quiet_hours: row.quiet_from.zip(row.quiet_to).map(|(from, to)| QuietHours { from, to }),
        muted: serde_json::from_value(row.muted).map_err(|e| Fault::corrupt("preferences.muted", e))?,
        version: row.version,
    })
}

/// Puts `wanted` in the place of the choices read at `wanted.version`.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::VersionMismatch`] when they changed meanwhile,
/// [`Refusal::NotFound`] when the person is no member.
pub async fn set_preferences(tx: &mut Tx, user: UserId, wanted: Preferences) -> Result<Preferences> {
    let wanted = checked(wanted)?;
    let before = preferences(tx, user).await?;
    let (org, quiet) = (tx.org()?, wanted.quiet_hours);
    let muted = serde_json::to_value(&wanted.muted).map_err(|e| Fault::corrupt("preferences.muted", e))?;
    let stored = sqlx::query_scalar!(
        "insert into preferences as kept (org_id, user_id, locale, timezone, quiet_from, quiet_to, muted)
         select $1, $2, $3, $4, $5, $6, $7 where $8 = 0
            or exists (select from preferences where org_id = $1 and user_id = $2)
         on conflict (org_id, user_id) do update
         set locale = excluded.locale, timezone = excluded.timezone, quiet_from = excluded.quiet_from,
             quiet_to = excluded.quiet_to, muted = excluded.muted, version = kept.version + 1
         where kept.version = $8
         returning version",
        org.0,
        user.0,
        wanted.locale,
        wanted.timezone,
        quiet.map(|hours| hours.from),
        quiet.map(|hours| hours.to),
        muted,
        wanted.version
    )
    .fetch_optional(tx.conn())
    .await
    .refuse_on("preferences_org_id_user_id_fkey", Refusal::NotFound)?;
    let Some(version) = stored else {
        return Err(Refusal::VersionMismatch { current: preferences(tx, user).await?.version }.into());
    };
    let after = Preferences { version, ..wanted };
    let change = if version == 1 {
        Change::created("preferences", user, told(&after))
    } else {
        Change::updated("preferences", user, told(&before), told(&after))
    };
    tx.record(change);
    Ok(after)
}

fn told(choices: &Preferences) -> impl Serialize {
    let quiet = choices.quiet_hours.map(|hours| json!({ "from": hours.from, "to": hours.to }));
    json!({ "locale": choices.locale, "timezone": choices.timezone, "quiet_hours": quiet, "muted": choices.muted })
}

fn checked(wanted: Preferences) -> Result<Preferences> {
    for (code, channels) in &wanted.muted {
        let field = || format!("muted.{code}");
        let kind = NoticeKind::from_code(code).ok_or_else(|| Refusal::invalid(field(), "is no kind of notice"))?;
        if let Some(obligation) = kind.obligation() {
            let problem = format!("cannot be switched off: {}", obligation.code());
            return Err(Refusal::invalid(field(), problem).into());
        }
        if channels.iter().any(|channel| Channel::from_code(channel).is_none()) {
            return Err(Refusal::invalid(field(), "channels are push, email and sms").into());
        }
    }
    let lasts = wanted.quiet_hours.map(QuietHours::minutes);
    if lasts.is_some_and(|minutes| !(1..=LONGEST_QUIET_MINUTES).contains(&minutes)) {
        let problem = format!("must last from 1 to {LONGEST_QUIET_MINUTES} minutes");
        return Err(Refusal::invalid("quiet_hours", problem).into());
    }
    Ok(Preferences {
        locale: wanted.locale.as_deref().map(checked_locale).transpose()?,
        timezone: wanted.timezone.as_deref().map(checked_timezone).transpose()?,
        muted: wanted.muted.into_iter().filter(|(_, channels)| !channels.is_empty()).collect(),
        ..wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn muting(code: &str, channel: &str) -> Preferences {
        let channels = BTreeSet::from([channel.to_owned()]);
        Preferences { muted: Muted::from([(code.to_owned(), channels)]), ..Preferences::default() }
    }

    fn quiet(from: &str, to: &str) -> Preferences {
        let quiet_hours = Some(QuietHours { from: from.parse().unwrap(), to: to.parse().unwrap() });
        Preferences { quiet_hours, ..Preferences::default() }
    }

    #[test]
    fn only_what_may_be_switched_off_is() {
        assert!(checked(muting("reminder", "sms")).is_ok());
        for (code, channel) in [("payout_sent", "sms"), ("poem", "sms"), ("reminder", "pigeon")] {
            assert!(checked(muting(code, channel)).is_err(), "{code} {channel}");
        }
        let nothing = Muted::from([("reminder".to_owned(), BTreeSet::new())]);
        assert!(checked(Preferences { muted: nothing, ..Preferences::default() }).unwrap().muted.is_empty());
    }

    #[test]
    fn quiet_hours_leave_time_for_what_must_be_told() {
        assert!(checked(quiet("22:00:00", "07:00:00")).is_ok());
        assert!(checked(quiet("16:00:00", "08:00:00")).is_ok());
        for (from, to) in [("22:00:00", "22:00:00"), ("16:00:00", "08:01:00"), ("00:00:00", "23:59:00")] {
            assert!(checked(quiet(from, to)).is_err(), "{from} {to}");
        }
    }
}
