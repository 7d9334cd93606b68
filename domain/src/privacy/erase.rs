//! To be forgotten (W4, SN26). What identifies the person goes in the commit that accepts the wish: names, ways to sign
//! in, sessions, devices. What each organization keeps about them follows by a job, one organization, one commit. A
//! request that was under way in that moment may still write something; the job comes back once none can be.

use super::{blockers, export::organizations_of};
use crate::{audit::Change, db::Tx, error::Result, ids::*, jobs::Maintenance, operations, refusals::Refusal};
use chrono::TimeDelta;
use serde_json::json;

/// How long ago the person may have proved who they are.
const RECENT: TimeDelta = TimeDelta::minutes(10);
/// No request takes that long.
const AFTERWARDS: TimeDelta = TimeDelta::minutes(2);

/// Forgets a person who just proved who they are and has nothing unfinished. Answers the operation that does the rest;
/// `None` when they belong to no organization: then nothing is left to do.
///
/// # Errors
/// [`Refusal::SignInAgain`], [`Refusal::ErasureBlocked`] with what is unfinished, [`Refusal::AccountInactive`] when it
/// happened already.
pub async fn ask_erasure(tx: &mut Tx, user: UserId, session: SessionId) -> Result<Option<OperationId>> {
    must_be_recent(tx, session).await?;
    // whoever books or pays in this person's name refers to this row: they come before, and are seen, or wait
    let status = sqlx::query_scalar!("select status from users where id = $1 for update", user.0)
        .fetch_optional(tx.conn())
        .await?;
    if status.as_deref() != Some("active") {
        return Err(Refusal::AccountInactive.into());
    }
    let blockers = blockers(tx, user).await?;
    if !blockers.is_empty() {
        return Err(Refusal::ErasureBlocked { blockers }.into());
    }
    let organizations = organizations_of(tx, user).await?;
    forget_person(tx, user).await?;
    let Some(home) = organizations.first() else { return Ok(None) };
    tx.enter(*home).await?;
    let operation = operations::open(tx, "erasure", "user", user.into()).await?;
    let (before, after) = (json!({ "status": "active" }), json!({ "status": "erased" }));
    tx.record(Change::moved("user", user, before, after).because(json!({ "operation_id": operation })));
    tx.enqueue(&Maintenance::ErasePerson { operation });
    Ok(Some(operation))
}

async fn must_be_recent(tx: &mut Tx, session: SessionId) -> Result<()> {
    let now = tx.now();
    let recent = sqlx::query_scalar!(
        r#"select authenticated_at > $2 as "recent!" from sessions where id = $1"#,
        session.0,
        now - RECENT
    )
    .fetch_optional(tx.conn())
    .await?;
    match recent {
        Some(true) => Ok(()),
        Some(false) => Err(Refusal::SignInAgain { within_minutes: RECENT.num_minutes() }.into()),
        None => Err(Refusal::TokenInvalid.into()),
    }
}

/// Everything that belongs to the person wherever they are. Their names are free for whoever registers next.
async fn forget_person(tx: &mut Tx, user: UserId) -> Result<()> {
    sqlx::query!(
        "update users set full_name = '', first_name = null, last_name = null, gender = null, birthdate = null,
                timezone = null, status = 'erased', version = version + 1
         where id = $1 and (status <> 'erased' or full_name <> '' or num_nonnulls(first_name, last_name, gender,
                                                                                 birthdate, timezone) > 0)",
        user.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from one_time_codes where target in (select value from identities where user_id = $1)",
        user.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from identities where user_id = $1", user.0).execute(tx.conn()).await?;
    sqlx::query!("delete from credentials where user_id = $1", user.0).execute(tx.conn()).await?;
    sqlx::query!("delete from devices where user_id = $1", user.0).execute(tx.conn()).await?;
    sqlx::query!(
        "delete from spent_refresh_tokens where family_id in (select family_id from sessions where user_id = $1)",
        user.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from sessions where user_id = $1", user.0).execute(tx.conn()).await?;
    Ok(())
}

/// Somebody to forget.
#[derive(Debug, Clone)]
pub struct Erasing {
    /// Whom.
    pub user: UserId,
    /// Where they belong, or belonged.
    pub organizations: Vec<OrgId>,
}

/// Whom to forget where. What belongs to the person wherever they are is forgotten here, also what was written since.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_erasure(tx: &mut Tx, operation: OperationId) -> Result<Erasing> {
    let user = UserId(operations::find(tx, operation).await?.subject_id);
    forget_person(tx, user).await?;
    let organizations = organizations_of(tx, user).await?;
    Ok(Erasing { user, organizations })
}

/// Something was begun in the very moment of the erasure: it is waited for, so that nobody loses what they are owed.
///
/// # Errors
/// A fault when the database fails.
pub async fn note_unfinished(tx: &mut Tx, operation: OperationId, left: usize) -> Result<()> {
    let Some(found) = operations::lock_unfinished(tx, operation).await? else { return Ok(()) };
    if found.waiting_for.is_none() {
        operations::advance(tx, operation, "waits_for_business", Some("unfinished_business")).await?;
    }
    operations::report(tx, operation, json!({ "organizations_left": left })).await
}

/// Every organization forgot the person: the operation ends. The job comes back once, a little later.
///
/// # Errors
/// A fault when the database fails.
pub async fn finish_erasure(tx: &mut Tx, operation: OperationId, organizations: usize) -> Result<()> {
    if operations::lock_unfinished(tx, operation).await?.is_none() {
        return Ok(());
    }
    tx.enqueue_at(&Maintenance::ErasePerson { operation }, tx.now() + AFTERWARDS);
    operations::report(tx, operation, json!({ "organizations_left": 0 })).await?;
    operations::succeed(tx, operation, json!({ "organizations": organizations })).await
}
