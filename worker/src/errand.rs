//! One run of one job: on whose behalf, in which trace, and under which lease.

use crate::outcome::Outcome;
use domain::{
    db::{Scope, Tx},
    error::Result,
    ids::OrgId,
};
use queue::{Job, Lease};
use runtime::trace::TraceContext;

/// What every carrier is given beside the ids of its job.
#[derive(Debug, Clone)]
pub struct Errand {
    lease: Lease,
    scope: Scope,
}

impl Errand {
    /// The run of this job: inside its organization, or outside every one when it has none (a sweep). The trace of
    /// the request goes on.
    #[must_use]
    pub fn of<J>(job: &Job<J>) -> Self {
        let scope = job.org_id.map_or_else(Scope::nowhere, |org| Scope::system(OrgId(org)));
        let trace = TraceContext::continue_from(job.trace.as_deref());
        Self { lease: job.lease, scope: scope.traced(Some(trace.to_string())) }
    }

    /// On whose behalf.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope.clone()
    }

    /// The right to end the job.
    pub(crate) fn lease(&self) -> Lease {
        self.lease
    }

    /// On behalf of the product in this organization, whichever the job's own is.
    #[must_use]
    pub fn scope_in(&self, org: OrgId) -> Scope {
        Scope { org: Some(org), ..self.scope() }
    }

    /// Commits the effect and the end of this job together: exactly one effect (QUEUE promise 2).
    ///
    /// # Errors
    /// [`domain::error::Fault::LeaseLost`] when another worker has the job, or a fault of the database; either way
    /// nothing was changed.
    pub async fn finish(&self, mut tx: Tx) -> Result<Outcome> {
        tx.complete(&[self.lease]).await?;
        tx.commit().await?;
        Ok(Outcome::DoneInTransaction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use uuid::Uuid;

    fn job(org_id: Option<Uuid>, trace: Option<&str>) -> Job<()> {
        Job {
            id: Uuid::nil(),
            job: (),
            org_id,
            attempt: 1,
            trace: trace.map(str::to_owned),
            run_at: DateTime::UNIX_EPOCH,
            created_at: DateTime::UNIX_EPOCH,
            lease: Lease { job: Uuid::nil(), worker: Uuid::nil() },
        }
    }

    #[test]
    fn a_run_goes_on_in_the_trace_of_its_request() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace = Errand::of(&job(None, Some(parent))).scope().trace.unwrap();
        assert_eq!(trace[..36], parent[..36], "the same trace");
        assert_ne!(trace, parent, "a step further down");
        assert!(Errand::of(&job(None, None)).scope().trace.is_some(), "a job without one starts one");
    }

    #[test]
    fn a_run_sees_only_its_organization() {
        let org = Uuid::from_u128(7);
        assert_eq!(Errand::of(&job(Some(org), None)).scope().org, Some(OrgId(org)));
        assert_eq!(Errand::of(&job(None, None)).scope().org, None);
    }
}
