//! Housekeeping: nobody waits for it, everybody needs it.

pub mod check_invariants;
pub mod clean_up;
pub mod erase_person;
pub mod export_person;
pub mod keep_history;
pub mod resolve_times;
pub mod schedule_payouts;
pub mod sweep_events;
pub mod sweep_operations;
pub mod sweep_payments;
pub mod sweep_reconciliations;
pub mod write_report;

use crate::{env::Env, errand::Errand, outcome::verdict};
use domain::jobs::Maintenance;
use futures::{FutureExt, future::BoxFuture};
use queue::{Job, Verdict};
use std::sync::Arc;

/// Carries one job of this queue: what the queue's runner calls, and what tests drain with.
pub fn handle(
    env: Arc<Env>,
) -> impl Fn(Job<Maintenance>) -> BoxFuture<'static, Verdict> + Clone + Send + Sync + 'static {
    move |job| {
        let env = env.clone();
        async move { carry(&env, job).await }.boxed()
    }
}

async fn carry(env: &Env, job: Job<Maintenance>) -> Verdict {
    let errand = Errand::of(&job);
    verdict(match job.job {
        Maintenance::SweepPayments => sweep_payments::run(env, &errand).await,
        Maintenance::SchedulePayouts => schedule_payouts::run(env, &errand).await,
        Maintenance::SweepEvents => sweep_events::run(env, &errand).await,
        Maintenance::ExportPerson { operation } => export_person::run(env, &errand, operation).await,
        Maintenance::WriteReport { operation } => write_report::run(env, &errand, operation).await,
        Maintenance::ErasePerson { operation } => erase_person::run(env, &errand, operation).await,
        Maintenance::SweepOperations => sweep_operations::run(env, &errand).await,
        Maintenance::CleanUp => clean_up::run(env, &errand).await,
        Maintenance::CheckInvariants => check_invariants::run(env, &errand).await,
        Maintenance::ResolveTimes => resolve_times::run(env, &errand).await,
        Maintenance::SweepReconciliations => sweep_reconciliations::run(env, &errand).await,
        Maintenance::KeepHistory => keep_history::run(env, &errand).await,
    })
}
