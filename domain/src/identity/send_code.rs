//! Sending a one-time code (C20, L22). A code is derived from its row's id with the installation's key, so that
//! nothing secret is stored and a repeated send carries the same code.

use super::Identifier;
use crate::{db::Tx, error::Result, ids::CodeId, jobs::Notifications, refusals::Refusal};
use chrono::{DateTime, TimeDelta, Utc};

/// What a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The phone is theirs.
    VerifyPhone,
    /// The mailbox is theirs.
    VerifyEmail,
    /// They are who they say, instead of a password.
    SignIn,
    /// The wallet number that is to receive payouts is theirs (SN30).
    PayoutDestination,
    /// They may choose a new password (SN3).
    ResetPassword,
}

impl Purpose {
    /// As stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::VerifyPhone => "verify_phone",
            Self::VerifyEmail => "verify_email",
            Self::SignIn => "sign_in",
            Self::PayoutDestination => "payout_destination",
            Self::ResetPassword => "reset_password",
        }
    }

    /// The purpose with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }

    const ALL: [Self; 5] =
        [Self::VerifyPhone, Self::VerifyEmail, Self::SignIn, Self::PayoutDestination, Self::ResetPassword];
}

/// How long a code is good.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// The window in which sends and tries are counted (L22).
pub(super) const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Sends and tries within the window (L22).
pub(super) const MOST: i64 = 3;

/// Sends a code to `target`. An identifier nobody has gets none, but neither the answer nor the time it takes tells:
/// the carrier finds out ([`super::code_to_send`]).
///
/// # Errors
/// [`Refusal::CodeLimit`] after three sends to the target within ten minutes; [`Refusal::Invalid`] when an address is
/// to prove a phone or the other way round, or where nothing can be sent to.
pub async fn send_code(tx: &mut Tx, target: &Identifier, purpose: Purpose) -> Result<CodeId> {
    check_kind(target, purpose)?;
    one_at_a_time(tx, target).await?;
    let now = tx.now();
    let recent = sqlx::query!(
        r#"select count(*) as "sends!", min(created_at) as oldest from one_time_codes
           where target = $1 and created_at > $2"#,
        target.value(),
        now - WINDOW
    )
    .fetch_one(tx.conn())
    .await?;
    if recent.sends >= MOST {
        return Err(limit(recent.oldest.unwrap_or(now), now).into());
    }
    let id = CodeId::new();
    sqlx::query!(
        "insert into one_time_codes (id, target, purpose, expires_at, created_at) values ($1, $2, $3, $4, $5)",
        id.0,
        target.value(),
        purpose.code(),
        now + LIFETIME,
        now
    )
    .execute(tx.conn())
    .await?;
    tx.enqueue(&Notifications::SendCode { code: id });
    Ok(id)
}

/// Holds back rivals on the same target until this transaction ends, so that limits are counted exactly.
pub(super) async fn one_at_a_time(tx: &mut Tx, target: &Identifier) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 22))", target.value()).execute(tx.conn()).await?;
    Ok(())
}

/// The refusal of somebody who comes too often, counting from `since`.
pub(super) fn limit(since: DateTime<Utc>, now: DateTime<Utc>) -> Refusal {
    let seconds = (since + WINDOW - now).num_seconds().max(1);
    Refusal::CodeLimit { retry_after_seconds: seconds.unsigned_abs() }
}

fn check_kind(target: &Identifier, purpose: Purpose) -> Result<()> {
    match (purpose, target) {
        (_, Identifier::Username(_)) => {
            Err(Refusal::invalid("identifier", "must be an e-mail address or a phone number").into())
        }
        (Purpose::VerifyPhone | Purpose::PayoutDestination, Identifier::Email(_)) => {
            Err(Refusal::invalid("identifier", "must be a phone number").into())
        }
        (Purpose::VerifyEmail, Identifier::Phone(_)) => {
            Err(Refusal::invalid("identifier", "must be an e-mail address").into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_survives_being_written_down() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_code(purpose.code()), Some(purpose));
        }
        assert_eq!(Purpose::from_code("other"), None);
    }

    #[test]
    fn the_wait_ends_ten_minutes_after_the_first() {
        let since = DateTime::<Utc>::UNIX_EPOCH;
        let wait = |seconds| limit(since, since + TimeDelta::seconds(seconds));
        assert_eq!(wait(0), Refusal::CodeLimit { retry_after_seconds: 600 });
        assert_eq!(wait(599), Refusal::CodeLimit { retry_after_seconds: 1 });
        assert_eq!(wait(700), Refusal::CodeLimit { retry_after_seconds: 1 });
    }
}
