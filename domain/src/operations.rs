//! Long work as a durable thing a client can poll or wait on (★1, T30). An operation is written in the request's
//! commit and moved by the rules that do the work; every change is announced after its commit.

use crate::{
    audit::Change,
    db::{OPERATIONS_CHANNEL, Tx},
    error::{Fault, Result},
    ids::*,
    jobs::{Maintenance, Notifications},
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgPool, postgres::PgListener};
use std::time::Duration;
use tokio::sync::broadcast;
use uuid::Uuid;

/// A long piece of work and how far it is.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What is done: `payment`, `payout_run`, `broadcast`, `privacy_export`, `erasure` or `report`.
    pub kind: String,
    /// `queued`, `running`, `waiting`, `succeeded`, `failed` or `cancelled`.
    pub status: String,
    /// What kind of thing it is about.
    pub subject_type: String,
    /// What it is about.
    pub subject_id: Uuid,
    /// What was done so far, in order: `[{name, at}]`.
    pub steps: Value,
    /// How far it is in numbers; what is counted depends on the kind.
    pub progress: Value,
    /// Whom it waits for, e.g. `wave` or `payer`.
    pub waiting_for: Option<String>,
    /// What came out, when succeeded.
    pub result: Option<Value>,
    /// `{code, message}`, when failed.
    pub error: Option<Value>,
    /// Who asked.
    pub actor_id: Option<UserId>,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Operation {
    /// Nothing more will happen to it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.status.as_str(), "succeeded" | "failed" | "cancelled")
    }
}

/// Opens an operation in the request's own commit.
///
/// # Errors
/// A fault when the database fails.
pub async fn open(tx: &mut Tx, kind: &str, subject_type: &str, subject: Uuid) -> Result<OperationId> {
    let id = OperationId::new();
    let (org, actor) = (tx.org()?, tx.actor().user().map(Uuid::from));
    let request_id = tx.request_id().map(str::to_owned);
    sqlx::query!(
        "insert into operations (org_id, id, kind, subject_type, subject_id, actor_id, request_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
        org.0,
        id.0,
        kind,
        subject_type,
        subject,
        actor,
        request_id
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Notes a finished step and whom the operation waits for now. An operation that ended stays as it ended.
///
/// # Errors
/// A fault when the database fails.
pub async fn advance(tx: &mut Tx, id: OperationId, step: &str, waiting_for: Option<&str>) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update operations
         set status = case when $4::text is null then 'running' else 'waiting' end, waiting_for = $4,
             steps = steps || jsonb_build_array(jsonb_build_object('name', $3::text, 'at', $5::timestamptz))
         where org_id = $1 and id = $2 and finished_at is null",
        org.0,
        id.0,
        step,
        waiting_for,
        now
    )
    .execute(tx.conn())
    .await?;
    tx.announce(id);
    Ok(())
}

/// Notes how far it is in numbers.
///
/// # Errors
/// A fault when the database fails.
pub async fn report(tx: &mut Tx, id: OperationId, progress: Value) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update operations set progress = $3 where org_id = $1 and id = $2 and finished_at is null",
        org.0,
        id.0,
        progress
    )
    .execute(tx.conn())
    .await?;
    tx.announce(id);
    Ok(())
}

/// Holds back whoever else moves this operation until this transaction ends; `None` when it ended already.
///
/// # Errors
/// A fault when the database fails.
pub async fn lock_unfinished(tx: &mut Tx, id: OperationId) -> Result<Option<Operation>> {
    let org = tx.org()?;
    sqlx::query!("select id from operations where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(Some(find(tx, id).await?).filter(|operation| !operation.is_final()))
}

/// Kinds whose work may stop half way: what was done stays done, the rest is left.
const CANCELLABLE: [&str; 3] = ["broadcast", "privacy_export", "report"];

/// Ends an operation before its time; whoever works on it finds it ended and stops. Again changes nothing.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it ended otherwise; [`Refusal::Conflict`] with
/// `not_cancellable` when money or a promise hangs on it.
pub async fn cancel(tx: &mut Tx, id: OperationId) -> Result<Operation> {
    let Some(before) = lock_unfinished(tx, id).await? else {
        let ended = find(tx, id).await?;
        return if ended.status == "cancelled" {
            Ok(ended)
        } else {
            Err(Refusal::StateConflict { status: ended.status }.into())
        };
    };
    if !CANCELLABLE.contains(&before.kind.as_str()) {
        return Err(Refusal::Conflict { reason: "not_cancellable" }.into());
    }
    end(tx, vec![id], "cancelled", Vec::new(), None).await?;
    let (was, is) = (serde_json::json!({ "status": before.status }), serde_json::json!({ "status": "cancelled" }));
    tx.record(Change::moved("operation", id, was, is).because(serde_json::json!({ "kind": before.kind })));
    find(tx, id).await
}

/// Work of one sweep; the next one goes on.
const MOST_SWEPT: i32 = 1_000;

/// Takes up work that nobody moved for a quarter of an hour: its job was lost. Answers how much.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep(tx: &mut Tx) -> Result<usize> {
    let unfinished = sqlx::query!(
        r#"select org_id as "org!: OrgId", operation_id as "operation!: OperationId", kind as "kind!"
           from unfinished_work(interval '15 minutes', $1)"#,
        MOST_SWEPT
    )
    .fetch_all(tx.conn())
    .await?;
    for work in &unfinished {
        let (org, operation) = (work.org, work.operation);
        match work.kind.as_str() {
            "broadcast" => tx.enqueue_for(org, &Notifications::SendBroadcast { operation }),
            "privacy_export" => tx.enqueue_for(org, &Maintenance::ExportPerson { operation }),
            "erasure" => tx.enqueue_for(org, &Maintenance::ErasePerson { operation }),
            "report" => tx.enqueue_for(org, &Maintenance::WriteReport { operation }),
            other => return Err(Fault::corrupt("operations.kind", other).into()),
        }
    }
    Ok(unfinished.len())
}

/// Ends the operation well, with what came out.
///
/// # Errors
/// A fault when the database fails.
pub async fn succeed(tx: &mut Tx, id: OperationId, result: Value) -> Result<()> {
    succeed_all(tx, vec![(id, result)]).await
}

/// The same for several at once.
pub(crate) async fn succeed_all(tx: &mut Tx, ended: Vec<(OperationId, Value)>) -> Result<()> {
    let (ids, results) = ended.into_iter().unzip();
    end(tx, ids, "succeeded", results, None).await
}

/// Ends the operation badly: `code` is public.
///
/// # Errors
/// A fault when the database fails.
pub async fn fail(tx: &mut Tx, id: OperationId, code: &str, message: &str) -> Result<()> {
    let error = serde_json::json!({ "code": code, "message": message });
    end(tx, vec![id], "failed", Vec::new(), Some(error)).await
}

/// `results` are those of `ids` in their order, if they have any.
async fn end(
    tx: &mut Tx,
    ids: Vec<OperationId>,
    status: &str,
    results: Vec<Value>,
    error: Option<Value>,
) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let rows: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    sqlx::query!(
        "update operations o set status = $4, waiting_for = null, result = ended.result, error = $5, finished_at = $6
         from unnest($2::uuid[], $3::jsonb[]) as ended (id, result)
         where o.org_id = $1 and o.id = ended.id and o.finished_at is null",
        org.0,
        &rows,
        &results,
        status,
        error,
        now
    )
    .execute(tx.conn())
    .await?;
    ids.into_iter().for_each(|id| tx.announce(id));
    Ok(())
}

/// The operation with this id, in this organization.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: OperationId) -> Result<Operation> {
    let org = tx.org()?;
    sqlx::query_as!(
        Operation,
        r#"select id as "id: OperationId", kind, status, subject_type, subject_id, steps, progress, waiting_for,
                  result, error, actor_id as "actor_id: UserId", created_at, finished_at
           from operations where org_id = $1 and id = $2"#,
        org.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Refusal::NotFound.into())
}

/// What a person asked for in this organization, the newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn mine(tx: &mut Tx, user: UserId, page: Page) -> Result<Listed<Operation>> {
    let org = tx.org()?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from operations where org_id = $1 and actor_id = $2"#,
        org.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    let items = sqlx::query_as!(
        Operation,
        r#"select id as "id: OperationId", kind, status, subject_type, subject_id, steps, progress, waiting_for,
                  result, error, actor_id as "actor_id: UserId", created_at, finished_at
           from operations where org_id = $1 and actor_id = $2
           order by created_at desc, id limit $3 offset $4"#,
        org.0,
        user.0,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Listed { items, total })
}

/// Hears that operations changed: one LISTEN connection for the whole process, always backed by the caller's poll.
#[derive(Clone)]
pub struct Watch(broadcast::Sender<OperationId>);

impl Watch {
    /// Starts listening in the background; it reconnects for as long as the process lives.
    #[must_use]
    pub fn start(pool: PgPool) -> Self {
        let (sender, _) = broadcast::channel(1_024);
        let heard = sender.clone();
        tokio::spawn(async move {
            loop {
                if let Err(problem) = listen(&pool, &heard).await {
                    tracing::warn!(%problem, "lost the operations channel; polling until it is back");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Self(sender)
    }

    /// Subscribe before reading, so that no change falls between.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<OperationId> {
        self.0.subscribe()
    }
}

async fn listen(pool: &PgPool, heard: &broadcast::Sender<OperationId>) -> Result<(), Fault> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(OPERATIONS_CHANNEL).await?;
    loop {
        let notice = listener.recv().await?;
        if let Ok(id) = notice.payload().parse() {
            // nobody waiting is not a problem
            let _ = heard.send(id);
        }
    }
}
