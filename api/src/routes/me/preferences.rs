//! `GET, PUT /me/preferences` (SN2, T14).

use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::Version,
};
use axum::extract::State;
use chrono::NaiveTime;
use domain::{
    notifications::{self, Muted, NoticeKind, Preferences as Choices},
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// What I want to be told, how, and when not. Null is as the profile, or else the organization, has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preferences {
    /// Language of messages from this organization.
    locale: Option<String>,
    /// In which the quiet hours are meant.
    timezone: Option<String>,
    /// When I am left alone.
    quiet_hours: Option<QuietHours>,
    /// Kind of notice → channels it does not travel on.
    muted: BTreeMap<String, BTreeSet<String>>,
    /// Every kind there is, and whether it can be switched off.
    kinds: Vec<Kind>,
}

/// What to want from now on; what is left out goes back to its default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "quiet_hours": { "from": "22:00", "to": "07:00" }, "muted": { "reminder": ["sms"] } }))]
pub struct SetPreferences {
    /// `fr` or `en`.
    locale: Option<String>,
    /// An IANA zone.
    timezone: Option<String>,
    /// When to be left alone, at most 16 hours a day.
    quiet_hours: Option<QuietHours>,
    /// Kind of notice → channels it does not travel on. In the app everything is told.
    #[serde(default)]
    muted: BTreeMap<String, BTreeSet<String>>,
}

/// A span of the day. What would be of no use soon after it is told all the same: an offer that ends, a ride at night.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// First minute.
    #[schema(example = "22:00")]
    from: String,
    /// First minute after; on the next day when it is earlier than `from`.
    #[schema(example = "07:00")]
    to: String,
}

/// A kind of notice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeKind)]
pub struct Kind {
    /// Its code.
    #[schema(example = "reminder")]
    kind: &'static str,
    /// Why it cannot be switched off: `money`, `contract`, `deadline` or `privacy`. Null when it can.
    obligation: Option<&'static str>,
}

/// What do I want to be told?
#[utoipa::path(get, path = "/me/preferences", tag = "me", responses((status = 200, body = Data<Preferences>)))]
pub async fn show(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    Ok(reply(notifications::preferences(&mut tx, caller.user()).await?))
}

/// Want something else
#[utoipa::path(put, path = "/me/preferences", tag = "me", params(Version), request_body = SetPreferences,
    responses((status = 200, body = Data<Preferences>)))]
pub async fn replace(
    State(app): State<App>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Json(ask): Json<SetPreferences>,
) -> ApiResult<Reply> {
    let wanted = Choices {
        locale: ask.locale,
        timezone: ask.timezone,
        quiet_hours: ask.quiet_hours.as_ref().map(hours).transpose()?,
        muted: Muted::from(ask.muted),
        version,
    };
    let mut tx = caller.begin(&app).await?;
    let kept = notifications::set_preferences(&mut tx, caller.user(), wanted).await?;
    tx.commit().await?;
    Ok(reply(kept))
}

fn hours(asked: &QuietHours) -> Result<notifications::QuietHours, Refusal> {
    let time = |field: &str, text: &str| {
        let wrong = || Refusal::invalid(format!("quiet_hours.{field}"), "must be a time of day such as 22:00");
        let digits = text.len() == 5 && text.is_ascii();
        NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| digits).ok_or_else(wrong)
    };
    Ok(notifications::QuietHours { from: time("from", &asked.from)?, to: time("to", &asked.to)? })
}

fn reply(choices: Choices) -> Reply {
    let version = choices.version;
    Reply::ok(Preferences::from(choices)).version(version)
}

impl From<Choices> for Preferences {
    fn from(choices: Choices) -> Self {
        let text = |time: NaiveTime| time.format("%H:%M").to_string();
        let kind = |kind: &NoticeKind| Kind {
            kind: kind.code(),
            obligation: kind.obligation().map(notifications::Obligation::code),
        };
        Self {
            locale: choices.locale,
            timezone: choices.timezone,
            quiet_hours: choices.quiet_hours.map(|hours| QuietHours { from: text(hours.from), to: text(hours.to) }),
            muted: choices.muted,
            kinds: NoticeKind::ALL.iter().map(kind).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_has_hours_and_minutes() {
        let read = |from: &str| hours(&QuietHours { from: from.into(), to: "07:00".into() });
        assert_eq!(read("22:30").unwrap().from, NaiveTime::from_hms_opt(22, 30, 0).unwrap());
        for wrong in ["24:00", "7:00", "22", "22:60", "22:00:00", "ten", "", "+7:00"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
