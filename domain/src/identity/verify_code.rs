//! Checking a one-time code (C20, L22): three wrong tries in ten minutes, whatever number of codes was sent.

use super::{
    Identifier, Purpose, find_user, join, revoke_all_sessions,
    send_code::{MOST, WINDOW, limit, one_at_a_time},
};
use crate::{
    db::Tx,
    error::{Error, Result},
    ids::{CodeId, UserId},
    organizations::invitations,
    refusals::Refusal,
};
use subtle::ConstantTimeEq;

/// What a try led to. Commit in every case: a wrong try is counted.
#[derive(Debug, Clone, PartialEq)]
pub enum Verified {
    /// The code was right and is used up. The person behind the identifier, if there is one.
    Right {
        /// Who proved themselves.
        user: Option<UserId>,
    },
    /// It was not; answer the refusal after the commit.
    Refused(Refusal),
}

impl Verified {
    /// The person, or the refusal to answer after the commit.
    ///
    /// # Errors
    /// [`Refusal::CodeWrong`], [`Refusal::CodeExpired`], [`Refusal::CodeLimit`].
    pub fn accepted(self) -> Result<Option<UserId>> {
        match self {
            Self::Right { user } => Ok(user),
            Self::Refused(refusal) => Err(refusal.into()),
        }
    }
}

/// Tries `code` against the latest code sent to `target` for `purpose`. When right, the identifier counts as verified.
///
/// # Errors
/// A fault when the database fails; a wrong code is not an error here, so that the door commits the count.
pub async fn verify_code(tx: &mut Tx, target: &Identifier, purpose: Purpose, code: &str) -> Result<Verified> {
    one_at_a_time(tx, target).await?;
    let now = tx.now();
    let tries = sqlx::query!(
        r#"select coalesce(sum(attempts), 0) as "wrong!", max(last_attempt_at) as latest from one_time_codes
           where target = $1 and purpose = $2 and last_attempt_at > $3"#,
        target.value(),
        purpose.code(),
        now - WINDOW
    )
    .fetch_one(tx.conn())
    .await?;
    if tries.wrong >= MOST {
        return Ok(Verified::Refused(limit(tries.latest.unwrap_or(now), now)));
    }
    let Some(id) = live_code(tx, target, purpose).await? else { return Ok(Verified::Refused(Refusal::CodeExpired)) };
    let expected = tx.keys()?.six_digits("otp", &[id.0.as_bytes()]);
    if !bool::from(expected.as_bytes().ct_eq(code.trim().as_bytes())) {
        count_wrong_try(tx, id).await?;
        let attempts_left = i32::try_from(MOST - tries.wrong - 1).unwrap_or(0);
        return Ok(Verified::Refused(Refusal::CodeWrong { attempts_left }));
    }
    sqlx::query!("update one_time_codes set used_at = $2 where id = $1", id.0, now).execute(tx.conn()).await?;
    let user = if purpose == Purpose::PayoutDestination {
        None // the number need not be anybody's name
    } else {
        accept_identity(tx, target, purpose).await?
    };
    Ok(Verified::Right { user })
}

async fn live_code(tx: &mut Tx, target: &Identifier, purpose: Purpose) -> Result<Option<CodeId>> {
    let now = tx.now();
    let latest = sqlx::query!(
        r#"select id, used_at is null and expires_at > $3 as "live!" from one_time_codes
           where target = $1 and purpose = $2 order by created_at desc, id limit 1"#,
        target.value(),
        purpose.code(),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(latest.filter(|code| code.live).map(|code| CodeId(code.id)))
}

async fn count_wrong_try(tx: &mut Tx, id: CodeId) -> Result<()> {
    let now = tx.now();
    sqlx::query!("update one_time_codes set attempts = attempts + 1, last_attempt_at = $2 where id = $1", id.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The identifier is theirs now. Whoever signs in by code on a name that was never verified may be its real owner
/// after somebody else registered it: what that somebody left behind opens nothing any more.
async fn accept_identity(tx: &mut Tx, target: &Identifier, purpose: Purpose) -> Result<Option<UserId>> {
    let Some(user) = find_user(tx, target).await? else { return Ok(None) };
    let now = tx.now();
    let first_time = sqlx::query!(
        "update identities set verified_at = $3 where kind = $1 and issuer = '' and value = $2 and verified_at is null",
        target.kind(),
        target.value(),
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected()
        == 1;
    if first_time && matches!(purpose, Purpose::SignIn | Purpose::ResetPassword) {
        sqlx::query!("delete from credentials where user_id = $1 and kind = 'password'", user.0)
            .execute(tx.conn())
            .await?;
        sqlx::query!("delete from devices where user_id = $1", user.0).execute(tx.conn()).await?;
        revoke_all_sessions(tx, user, None).await?;
    }
    if first_time && tx.org().is_ok() {
        welcome(tx, user).await?;
    }
    Ok(Some(user))
}

/// A verified address may open the door of an organization that admits its own domains, or has it on its list (L24).
/// Where everybody may come in, nobody is made a member for having shown an address.
async fn welcome(tx: &mut Tx, user: UserId) -> Result<()> {
    if crate::organizations::load(tx).await?.registration == "open" && !invitations::is_listed(tx, user).await? {
        return Ok(());
    }
    match join(tx, user).await {
        Err(Error::Refused(Refusal::RegistrationClosed)) => Ok(()),
        other => other,
    }
}
