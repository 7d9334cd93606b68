//! The only way to the database. A door, a carrier or the clock begins a `Tx` and commits it; rules borrow it. The
//! organization and the person are set on the session, so that row-level security refuses other tenants below the
//! application (★16). What a rule records and enqueues is written by the commit, together with everything else.

use crate::{
    audit::Change,
    error::{Error, Fault, Result},
    ids::*,
    keys::Keys,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use queue::{Bell, JobFamily, NewJob};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// Name of the notice published when operations end; its payload is the operation's id.
pub const OPERATIONS_CHANNEL: &str = "teranga_operations";

/// Who acts, for audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person, with the rights of a member.
    User(UserId),
    /// A person using organization-wide rights.
    Admin(UserId),
    /// The product itself: a carrier, the clock, a webhook.
    System,
}

impl Actor {
    fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Admin(_) => "admin",
            Self::System => "system",
        }
    }

    /// The person behind it, if any.
    #[must_use]
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::User(user) | Self::Admin(user) => Some(user),
            Self::System => None,
        }
    }
}

/// On whose behalf a transaction runs, and where it came from.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Who acts.
    pub actor: Actor,
    /// Which tenant's rows are visible; none when unset.
    pub org: Option<OrgId>,
    /// The request that caused this, for logs and audit (T25).
    pub request_id: Option<String>,
    /// W3C traceparent; travels on in the jobs.
    pub trace: Option<String>,
    /// How its statements are planned.
    pub plans: Plans,
}

/// How the statements of a transaction are planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plans {
    /// For their values, where the database thinks that pays: right for lists with filters.
    #[default]
    Fresh,
    /// Once for a connection. For transactions that find everything by key: there a plan costs more than what it plans.
    Kept,
}

impl Plans {
    fn mode(self) -> &'static str {
        match self {
            Self::Fresh => "auto",
            Self::Kept => "force_generic_plan",
        }
    }
}

impl Scope {
    /// The product acting inside one organization.
    #[must_use]
    pub fn system(org: OrgId) -> Self {
        Self { actor: Actor::System, org: Some(org), request_id: None, trace: None, plans: Plans::Fresh }
    }

    /// The product acting outside every organization: no tenant row is visible.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { actor: Actor::System, org: None, request_id: None, trace: None, plans: Plans::Fresh }
    }

    /// The same scope carrying on a trace.
    #[must_use]
    pub fn traced(mut self, trace: Option<String>) -> Self {
        self.trace = trace;
        self
    }
}

/// A handle to the database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    bell: Bell,
    keys: Option<Arc<Keys>>,
}

impl Db {
    /// `keys` are absent in processes that neither seal nor sign (the scheduler).
    #[must_use]
    pub fn new(pool: PgPool, bell: Bell, keys: Option<Arc<Keys>>) -> Self {
        Self { pool, bell, keys }
    }

    /// The same, with a bell of its own. Must be called within a Tokio runtime.
    #[must_use]
    pub fn start(pool: PgPool, keys: Option<Arc<Keys>>) -> Self {
        let bell = Bell::start(&pool);
        Self::new(pool, bell, keys)
    }

    /// The pool, for the queue's runners and for health checks; rules never see it.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The installation's keys.
    ///
    /// # Errors
    /// A fault in a process that was started without them.
    pub fn keys(&self) -> Result<Arc<Keys>> {
        self.keys.clone().ok_or_else(|| Fault::corrupt("keys", "this process holds none").into())
    }

    /// Tells idle workers that a commit left jobs of this kind in this queue.
    pub(crate) fn announce(&self, queue: &'static str, org: OrgId, kind: &str) {
        self.bell.announce_kind(queue, Some(org.into()), kind);
    }

    /// Begins a transaction on somebody's behalf.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn begin(&self, scope: Scope) -> Result<Tx> {
        let mut inner = self.pool.begin().await?;
        let org = scope.org.map(|org| org.to_string()).unwrap_or_default();
        let now = sqlx::query_scalar!(
            r#"select app_now() as "now!"
               from (select set_config('app.org_id', $1, true), set_config('plan_cache_mode', $2, true)) as settings"#,
            org,
            scope.plans.mode()
        )
        .fetch_one(&mut *inner)
        .await?;
        Ok(Tx {
            inner,
            db: self.clone(),
            scope,
            now,
            changes: Vec::new(),
            jobs: Vec::new(),
            ended: Vec::new(),
            ticked: Vec::new(),
            rung: Vec::new(),
            traces: HashMap::new(),
        })
    }
}

/// How far a transaction was when a step of it began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    changes: usize,
    jobs: usize,
    ended: usize,
    rung: usize,
}

/// One transaction: the connection, the one `now` of this commit, the actor and the organization.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    db: Db,
    scope: Scope,
    now: DateTime<Utc>,
    changes: Vec<Change>,
    jobs: Vec<NewJob>,
    ended: Vec<OperationId>,
    ticked: Vec<(&'static str, &'static str)>,
    rung: Vec<String>,
    traces: HashMap<Uuid, String>,
}

impl Tx {
    /// The one instant of this commit; business time, which a test or a demo may move ahead.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.scope.actor
    }

    /// The request that caused this.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.scope.request_id.as_deref()
    }

    /// The organization whose rows are visible.
    ///
    /// # Errors
    /// [`Refusal::OrgRequired`] when none was chosen.
    pub fn org(&self) -> Result<OrgId> {
        self.scope.org.ok_or(Error::Refused(Refusal::OrgRequired))
    }

    /// Makes another organization's rows visible for the rest of this transaction: for creating one, and for a person who
    /// is known only once the transaction runs.
    pub(crate) async fn enter(&mut self, org: OrgId) -> Result<()> {
        sqlx::query_scalar!("select set_config('app.org_id', $1, true)", org.to_string())
            .fetch_one(&mut *self.inner)
            .await?;
        self.scope.org = Some(org);
        Ok(())
    }

    /// The connection, for SQL.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// The installation's keys.
    ///
    /// # Errors
    /// A fault in a process that was started without them.
    pub fn keys(&self) -> Result<Arc<Keys>> {
        self.db.keys()
    }

    /// Records one change; the row is written by the commit (U2).
    pub fn record(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Enqueues a job in this commit: it runs after the commit or never.
    pub fn enqueue(&mut self, job: &impl JobFamily) {
        self.post(NewJob::of(job, self.scope.org.map(Uuid::from)));
    }

    /// Enqueues a job that is due at `at`.
    pub fn enqueue_at(&mut self, job: &impl JobFamily, at: DateTime<Utc>) {
        self.post(NewJob::of(job, self.scope.org.map(Uuid::from)).at(at));
    }

    /// Enqueues a job on behalf of an organization, from a sweep that belongs to none.
    pub fn enqueue_for(&mut self, org: OrgId, job: &impl JobFamily) {
        self.post(NewJob::of(job, Some(org.into())));
    }

    /// The same, due at `at`.
    pub fn enqueue_at_for(&mut self, org: OrgId, job: &impl JobFamily, at: DateTime<Utc>) {
        self.post(NewJob::of(job, Some(org.into())).at(at));
    }

    fn post(&mut self, job: NewJob) {
        let about = if self.traces.is_empty() { None } else { self.trace_of_job(&job) };
        let trace = about.or_else(|| self.scope.trace.clone());
        self.jobs.push(job.traced(trace));
    }

    /// What is recorded and enqueued of this thing goes on in this trace, not in the transaction's own: for a commit that
    /// several requests caused.
    pub(crate) fn goes_on(&mut self, thing: Uuid, trace: Option<&str>) {
        self.traces.extend(trace.map(|trace| (thing, trace.to_owned())));
    }

    /// The same, in the trace of another thing.
    pub(crate) fn goes_on_with(&mut self, thing: Uuid, other: Uuid) {
        let trace = self.traces.get(&other).cloned();
        self.goes_on(thing, trace.as_deref());
    }

    /// Of the thing a job names, if it has one of its own.
    fn trace_of_job(&self, job: &NewJob) -> Option<String> {
        let mut ids = job.payload.as_object()?.values().filter_map(|value| value.as_str()?.parse::<Uuid>().ok());
        ids.find_map(|id| self.traces.get(&id).cloned())
    }

    /// Enqueues a job for one slot of a schedule: once per name and slot, for ever, however many clocks run.
    /// Answers whether this call was the one.
    ///
    /// # Errors
    /// A fault when the database fails.
    pub async fn tick(&mut self, name: &str, slot: DateTime<Utc>, job: &impl JobFamily) -> Result<bool> {
        let job = NewJob::of(job, None);
        let posted = queue::tick(&mut self.inner, name, slot, &job).await?;
        if posted {
            self.ticked.push((job.queue, job.kind));
        }
        Ok(posted)
    }

    /// Begins a step that may be undone by itself.
    ///
    /// # Errors
    /// A fault when the database fails.
    pub(crate) async fn step(&mut self) -> Result<Step> {
        sqlx::raw_sql("savepoint step").execute(&mut *self.inner).await?;
        Ok(Step { changes: self.changes.len(), jobs: self.jobs.len(), ended: self.ended.len(), rung: self.rung.len() })
    }

    /// Ends a step: what a refusal leaves behind of it is undone, rows, changes and jobs. Locks taken in it are given up
    /// then.
    ///
    /// # Errors
    /// The refusal, or a fault.
    pub(crate) async fn end_step<T>(&mut self, step: Step, done: Result<T>) -> Result<T> {
        match &done {
            Ok(_) => {
                sqlx::raw_sql("release savepoint step").execute(&mut *self.inner).await?;
            }
            Err(Error::Refused(_)) => {
                sqlx::raw_sql("rollback to savepoint step; release savepoint step").execute(&mut *self.inner).await?;
                self.changes.truncate(step.changes);
                self.jobs.truncate(step.jobs);
                self.ended.truncate(step.ended);
                self.rung.truncate(step.rung);
            }
            Err(Error::Fault(_)) => {}
        }
        done
    }

    /// What the commit would write beside the rows, as it stands: the changes, and the kinds of the jobs.
    pub(crate) fn pending(&self) -> (&[Change], Vec<&'static str>) {
        (&self.changes, self.jobs.iter().map(|job| job.kind).collect())
    }

    /// Tells those who wait, after the commit, that an operation changed.
    pub(crate) fn announce(&mut self, operation: OperationId) {
        self.ended.push(operation);
    }

    /// Has the runners of a queue look at it after the commit: an operator changed what no posted job tells of.
    pub(crate) fn ring(&mut self, queue: &str) {
        self.rung.push(queue.to_owned());
    }

    /// Completes the jobs of these leases in this commit: exactly one effect (QUEUE promise 2).
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another worker has one of the jobs: drop this transaction.
    pub async fn complete(&mut self, leases: &[queue::Lease]) -> Result<()> {
        match queue::complete_all_in(&mut self.inner, leases).await? {
            true => Ok(()),
            false => Err(Fault::LeaseLost.into()),
        }
    }

    /// Writes audit events and jobs, commits, and rings for those who wait.
    ///
    /// # Errors
    /// A fault when the database refuses; then nothing of it happened.
    pub async fn commit(mut self) -> Result<()> {
        self.write_changes().await?;
        if !self.jobs.is_empty() {
            queue::enqueue(&mut self.inner, &self.jobs).await?;
        }
        self.inner.commit().await?;
        self.db.bell.announce(&self.jobs);
        for (queue, kind) in &self.ticked {
            self.db.bell.announce_kind(queue, None, kind);
        }
        for queue in &self.rung {
            self.db.bell.ring(queue);
        }
        for operation in &self.ended {
            self.db.bell.publish(OPERATIONS_CHANNEL, &operation.to_string());
        }
        Ok(())
    }

    async fn write_changes(&mut self) -> Result<()> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let org = self.org()?;
        let changes = std::mem::take(&mut self.changes);
        let ids: Vec<Uuid> = changes.iter().map(|_| AuditId::new().into()).collect();
        let entities: Vec<String> = changes.iter().map(|c| c.entity.to_owned()).collect();
        let entity_ids: Vec<Uuid> = changes.iter().map(|c| c.id).collect();
        let actions: Vec<String> = changes.iter().map(|c| c.action.code().to_owned()).collect();
        let befores: Vec<Option<serde_json::Value>> = changes.iter().map(|c| c.before.clone()).collect();
        let afters: Vec<Option<serde_json::Value>> = changes.iter().map(|c| c.after.clone()).collect();
        let metas: Vec<serde_json::Value> = changes.iter().map(|c| c.meta.clone()).collect();
        let traces: Vec<Option<String>> =
            changes.iter().map(|c| self.traces.get(&c.id).or(self.scope.trace.as_ref()).cloned()).collect();
        sqlx::query!(
            "insert into audit_events (org_id, id, actor_type, actor_id, entity_type, entity_id, action, before, after,
                                       meta, request_id, created_at, trace_id)
             select $1, row.id, $2, $3, row.entity, row.entity_id, row.action, row.before, row.after, row.meta, $4, $5,
                    split_part(row.trace, '-', 2)
             from unnest($6::uuid[], $7::text[], $8::uuid[], $9::text[], $10::jsonb[], $11::jsonb[], $12::jsonb[], $13::text[])
                  as row (id, entity, entity_id, action, before, after, meta, trace)",
            org.0,
            self.scope.actor.kind(),
            self.scope.actor.user().map(Uuid::from),
            self.scope.request_id.as_deref(),
            self.now,
            &ids,
            &entities,
            &entity_ids,
            &actions,
            &befores as &[Option<serde_json::Value>],
            &afters as &[Option<serde_json::Value>],
            &metas,
            &traces as &[Option<String>]
        )
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}
