//! Where settlements of one organization meet: those that wait at the same time share a commit. While one batch is written
//! the next gathers, so that a batch is as large as the rush is, and nobody waits for company.

use crate::{errand::Errand, outcome::describe};
use domain::{
    db::{Db, Plans, Scope},
    error::{Error, Result},
    ids::{EventId, OrgId},
    payments::{self, Waiting},
};
use queue::Lease;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;

/// So many settlements share a commit at most: their locks are held together.
const MOST: usize = 64;

/// Those who wait, by organization; an organization that is here is being served.
type Lines = Arc<Mutex<HashMap<OrgId, Vec<Case>>>>;

/// An event that waits, the right to end its job, and who waits for it.
struct Case {
    waiting: Waiting,
    lease: Lease,
    settled: oneshot::Sender<bool>,
}

/// The desk of one process.
#[derive(Default)]
pub(crate) struct Desk {
    lines: Lines,
}

impl Desk {
    /// Whether the event was settled together with others, and its job ended in the same commit. Otherwise nothing happened
    /// to it: nobody else waited, it is no plain case, or the shared commit failed.
    pub(crate) async fn settled(&self, db: &Db, errand: &Errand, event: EventId) -> bool {
        let Scope { org: Some(org), trace, .. } = errand.scope() else { return false };
        let (settled, answer) = oneshot::channel();
        let case = Case { waiting: Waiting { event, trace }, lease: errand.lease(), settled };
        if join(&self.lines, org, case) {
            tokio::spawn(serve(db.clone(), self.lines.clone(), org));
        }
        answer.await.unwrap_or(false)
    }
}

/// Answers whether nobody serves this organization yet.
fn join(lines: &Lines, org: OrgId, case: Case) -> bool {
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    let first = !lines.contains_key(&org);
    lines.entry(org).or_default().push(case);
    first
}

/// The next to be served; `None` when nobody waits any more, and then nobody serves.
fn next(lines: &Lines, org: OrgId) -> Option<Vec<Case>> {
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    let line = lines.get_mut(&org)?;
    let cases: Vec<Case> = line.drain(..line.len().min(MOST)).collect();
    if cases.is_empty() {
        lines.remove(&org);
        return None;
    }
    Some(cases)
}

/// Whoever waits is let go when serving ends, also by a panic: each settles by itself then.
struct Serving(Lines, OrgId);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

async fn serve(db: Db, lines: Lines, org: OrgId) {
    let serving = Serving(lines, org);
    tokio::task::yield_now().await; // whoever comes in the same breath
    while let Some(cases) = next(&serving.0, org) {
        let settled = match cases.len() {
            1 => HashSet::new(), // alone is quicker
            _ => together(&db, org, &cases).await.unwrap_or_else(|problem| {
                say(&problem);
                HashSet::new()
            }),
        };
        for case in cases {
            let done = settled.contains(&case.waiting.event);
            let _ = case.settled.send(done); // who gave up meanwhile lost nothing: the commit tells the queue
        }
    }
}

async fn together(db: &Db, org: OrgId, cases: &[Case]) -> Result<HashSet<EventId>> {
    let waiting: Vec<Waiting> = cases.iter().map(|case| case.waiting.clone()).collect();
    let mut tx = db.begin(Scope { plans: Plans::Kept, ..Scope::system(org) }).await?;
    let settled = payments::settle_together(&mut tx, &waiting).await?;
    let ended = cases.iter().filter(|case| settled.contains(&case.waiting.event));
    let leases: Vec<Lease> = ended.map(|case| case.lease).collect();
    tx.complete(&leases).await?;
    tx.commit().await?;
    Ok(settled)
}

fn say(problem: &Error) {
    let problem = match problem {
        Error::Refused(refusal) => refusal.code().to_owned(),
        Error::Fault(fault) => describe(fault),
    };
    tracing::warn!(problem, "a shared commit failed: each of its settlements is tried by itself");
}
