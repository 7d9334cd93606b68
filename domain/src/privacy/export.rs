//! A copy of everything held about a person (W4): asked for, gathered by a carrier one organization at a time, sealed,
//! and kept for three days.

use super::SEAL;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    jobs::Maintenance,
    notifications::{Notice, NoticeKind, notify},
    operations,
    refusals::Refusal,
};
use chrono::TimeDelta;
use serde_json::{Map, Value, json};

/// How long a copy can be fetched.
const KEPT: TimeDelta = TimeDelta::days(3);
/// Copies of one person within a day.
const MOST_A_DAY: i64 = 3;

/// Opens the operation that makes a copy. One is made at a time.
///
/// # Errors
/// [`Refusal::Conflict`] with `export_in_progress`, [`Refusal::RateLimited`] after three within a day,
/// [`Refusal::NotFound`] when the person is no member.
pub async fn ask_export(tx: &mut Tx, user: UserId) -> Result<OperationId> {
    let (org, now, id) = (tx.org()?, tx.now(), ExportId::new());
    // one question at a time, so that they are counted exactly
    sqlx::query!("select user_id from memberships where org_id = $1 and user_id = $2 for no key update", org.0, user.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let lately = sqlx::query!(
        r#"select count(*) as "n!", min(e.created_at) as oldest,
                  coalesce(bool_or(o.finished_at is null), false) as "under_way!"
           from person_exports e join operations o on o.org_id = e.org_id and o.id = e.operation_id
           where e.org_id = $1 and e.user_id = $2 and (e.created_at > $3 or o.finished_at is null)"#,
        org.0,
        user.0,
        now - TimeDelta::days(1)
    )
    .fetch_one(tx.conn())
    .await?;
    if lately.under_way {
        return Err(Refusal::Conflict { reason: "export_in_progress" }.into());
    }
    if lately.n >= MOST_A_DAY {
        let again = lately.oldest.unwrap_or(now) + TimeDelta::days(1) - now;
        return Err(Refusal::RateLimited { retry_after_seconds: again.num_seconds().max(1).unsigned_abs() }.into());
    }
    let operation = operations::open(tx, "privacy_export", "user", user.into()).await?;
    sqlx::query!(
        "insert into person_exports (org_id, id, user_id, operation_id) values ($1, $2, $3, $4)",
        org.0,
        id.0,
        user.0,
        operation.0
    )
    .execute(tx.conn())
    .await?;
    tx.record(crate::audit::Change::created("person_export", id, json!({ "user_id": user })));
    tx.enqueue(&Maintenance::ExportPerson { operation });
    Ok(operation)
}

/// A copy to be made.
#[derive(Debug, Clone)]
pub struct Copying {
    /// About whom.
    pub user: UserId,
    /// Where they belong, or belonged.
    pub organizations: Vec<OrgId>,
}

/// What there is to copy; `None` when the operation ended.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_export(tx: &mut Tx, operation: OperationId) -> Result<Option<Copying>> {
    let Some(found) = operations::lock_unfinished(tx, operation).await? else { return Ok(None) };
    if found.status == "queued" {
        operations::advance(tx, operation, "started", None).await?;
    }
    let user = UserId(found.subject_id);
    let organizations = organizations_of(tx, user).await?;
    Ok(Some(Copying { user, organizations }))
}

/// Every organization a person belongs to or belonged to, active or not.
pub(super) async fn organizations_of(tx: &mut Tx, user: UserId) -> Result<Vec<OrgId>> {
    Ok(sqlx::query_scalar!(r#"select org_id as "org!: OrgId" from my_memberships($1) order by 1"#, user.0)
        .fetch_all(tx.conn())
        .await?)
}

/// Seals and keeps the copy, ends the operation, and tells the person. Called again, or after the person called it off
/// or was erased meanwhile, it keeps nothing.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_export(tx: &mut Tx, operation: OperationId, document: Map<String, Value>) -> Result<()> {
    let Some(found) = operations::lock_unfinished(tx, operation).await? else { return Ok(()) };
    let (org, now, user) = (tx.org()?, tx.now(), UserId(found.subject_id));
    let active = sqlx::query_scalar!("select status <> 'erased' from users where id = $1 for share", user.0)
        .fetch_one(tx.conn())
        .await?;
    if active != Some(true) {
        return operations::fail(tx, operation, "account_inactive", "The person was erased meanwhile.").await;
    }
    let bytes = serde_json::to_vec(&document).map_err(|e| Fault::corrupt("person export", e))?;
    let (expires_at, size) = (now + KEPT, bytes.len());
    let id = sqlx::query_scalar!(
        r#"select id as "id: ExportId" from person_exports where org_id = $1 and operation_id = $2"#,
        org.0,
        operation.0
    )
    .fetch_one(tx.conn())
    .await?;
    let sealed = tx.keys()?.seal(&purpose(id), &bytes)?;
    sqlx::query!(
        "update person_exports set document = $3, built_at = $4, expires_at = $5 where org_id = $1 and id = $2",
        org.0,
        id.0,
        sealed,
        now,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    let told = json!({ "export_id": id, "download": format!("/api/v1/me/exports/{id}"), "bytes": size,
                       "expires_at": expires_at });
    operations::succeed(tx, operation, told).await?;
    let notice = Notice {
        user,
        kind: NoticeKind::ExportReady,
        subject_type: "person_export",
        subject_id: id.into(),
        payload: json!({ "expires_at": expires_at }),
        dedupe_key: format!("export_ready/{id}"),
    };
    notify(tx, notice).await
}

/// A copy opens only as itself: one row's bytes in the place of another's are worthless.
pub(super) fn purpose(id: ExportId) -> String {
    format!("{SEAL}/{id}")
}
