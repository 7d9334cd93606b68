//! Where settlements of one organization meet: those that wait at the same time share a commit. While a batch is written the
//! next gathers, so that a batch is as large as the rush is, and nobody waits for company.

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
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// So many settlements share a commit at most: their locks are held together.
const MOST: usize = 64;
/// So many batches of one organization are written at the same time at most …
const SIDE_BY_SIDE: usize = 2;
/// … and another one is begun beside the first when so many wait.
const ENOUGH: usize = 16;

/// Those who wait, by organization; an organization that is not here has nobody.
type Lines = Arc<Mutex<HashMap<OrgId, Line>>>;

#[derive(Default)]
struct Line {
    cases: Vec<Case>,
    serving: usize,
}

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
            tokio::spawn(serve(db.clone(), Serving(self.lines.clone(), org)));
        }
        answer.await.unwrap_or(false)
    }
}

fn locked(lines: &Lines) -> MutexGuard<'_, HashMap<OrgId, Line>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers whether somebody has to begin serving.
fn join(lines: &Lines, org: OrgId, case: Case) -> bool {
    let mut lines = locked(lines);
    let line = lines.entry(org).or_default();
    line.cases.push(case);
    let begin = line.serving == 0 || line.serving < SIDE_BY_SIDE && line.cases.len() >= ENOUGH;
    line.serving += usize::from(begin);
    begin
}

/// One who serves. It is over when nobody waits any more; by a panic as well, and then whoever waits is let go with the last
/// one: each settles by itself.
struct Serving(Lines, OrgId);

impl Serving {
    fn next(&self) -> Option<Vec<Case>> {
        let mut lines = locked(&self.0);
        let line = lines.get_mut(&self.1)?;
        // whose time ran out meanwhile is somebody else's by now, and would send a whole batch back
        line.cases.retain(|case| !case.settled.is_closed());
        let most = line.cases.len().min(MOST);
        Some(line.cases.drain(..most).collect()).filter(|cases: &Vec<Case>| !cases.is_empty())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let mut lines = locked(&self.0);
        if let Some(line) = lines.get_mut(&self.1) {
            line.serving -= 1;
            if line.serving == 0 {
                lines.remove(&self.1);
            }
        }
    }
}

async fn serve(db: Db, serving: Serving) {
    tokio::task::yield_now().await; // whoever comes in the same breath
    while let Some(cases) = serving.next() {
        let settled = match cases.len() {
            1 => HashSet::new(), // alone is quicker
            _ => together(&db, serving.1, &cases).await.unwrap_or_else(|problem| {
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
