//! How a job ended, and the one map from our two kinds of no to the queue's verdicts (docs/STYLE.md, convention 7):
//! a refusal stops the job with its code, a fault is tried again.

use domain::error::{Error, Fault, Result};
use queue::Verdict;
use std::time::Duration;

/// How a carrier ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is left to do.
    Done,
    /// The same, and the commit of the effect said so (QUEUE promise 2).
    DoneInTransaction,
    /// Not over: look again after this time. Spends no attempt.
    Again(Duration),
}

/// What the queue does with a run that ended like this. One line a run: the job's span names its kind and trace.
#[must_use]
pub fn verdict(result: Result<Outcome>) -> Verdict {
    match &result {
        Ok(outcome) => tracing::info!(?outcome, "carried"),
        Err(Error::Refused(refusal)) => tracing::error!(code = refusal.code(), "stopped: a rule said no"),
        Err(Error::Fault(fault)) => tracing::warn!(problem = describe(fault), "failed: will be tried again"),
    }
    match result {
        Ok(Outcome::Done) => Verdict::Done,
        Ok(Outcome::DoneInTransaction) => Verdict::DoneInTransaction,
        Ok(Outcome::Again(after)) => Verdict::Again(after),
        Err(Error::Refused(refusal)) => Verdict::Stop { reason: refusal.code().to_owned() },
        Err(Error::Fault(Fault::LeaseLost)) => {
            // Our transaction rolled back, and whoever has the job answers for it: this verdict writes nothing.
            Verdict::DoneInTransaction
        }
        Err(Error::Fault(fault)) => Verdict::Retry { error: describe(&fault), after: retry_after(&fault) },
    }
}

/// The fault for operators, without personal data: the database's own words may quote values, so only its codes and
/// names are kept.
pub(crate) fn describe(fault: &Fault) -> String {
    let Fault::Database(error) = fault else { return fault.to_string() };
    let Some(refused) = error.as_database_error() else { return fault.to_string() };
    let code = refused.code().unwrap_or_default();
    let place = refused.constraint().or(refused.table()).unwrap_or_default();
    format!("database: {code} {place}").trim_end().to_owned()
}

fn retry_after(fault: &Fault) -> Option<Duration> {
    match fault {
        Fault::Remote { retry_after, .. } => *retry_after,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::refusals::Refusal;

    #[test]
    fn a_refusal_is_dead_at_once_with_its_code() {
        let stopped = verdict(Err(Refusal::NotFound.into()));
        assert_eq!(stopped, Verdict::Stop { reason: Refusal::NotFound.code().into() });
    }

    #[test]
    fn a_fault_is_tried_again_no_sooner_than_the_other_side_asked() {
        let after = Some(Duration::from_secs(7));
        let busy = Fault::Remote { service: "wave", problem: "429 busy".into(), retry_after: after };
        assert_eq!(verdict(Err(busy.into())), Verdict::Retry { error: "wave: 429 busy".into(), after });
        let silent = Fault::remote("wave", "timeout");
        assert_eq!(verdict(Err(silent.into())), Verdict::Retry { error: "wave: timeout".into(), after: None });
    }

    #[test]
    fn who_lost_the_lease_acknowledges_nothing() {
        assert_eq!(verdict(Err(Fault::LeaseLost.into())), Verdict::DoneInTransaction);
    }

    #[test]
    fn looking_again_is_not_a_failure() {
        let after = Duration::from_secs(30);
        assert_eq!(verdict(Ok(Outcome::Again(after))), Verdict::Again(after));
        assert_eq!(verdict(Ok(Outcome::Done)), Verdict::Done);
        assert_eq!(verdict(Ok(Outcome::DoneInTransaction)), Verdict::DoneInTransaction);
    }
}
