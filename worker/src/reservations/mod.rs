//! Bookings: what happens when time passes.

pub mod end_entry;
pub mod expire_hold;
pub mod expire_offer;
pub mod finish_booking;
pub mod mark_overdue;
pub mod match_line;
pub mod protect_next;
pub mod release_missed;
pub mod sweep_deadlines;
pub mod sweep_entries;
pub mod sweep_holds;
pub mod sweep_lines;
pub mod sweep_offers;

use crate::{env::Env, errand::Errand, outcome::verdict};
use domain::jobs::Reservations;
use futures::{FutureExt, future::BoxFuture};
use queue::{Job, Verdict};
use std::sync::Arc;

/// Carries one job of this queue: what the queue's runner calls, and what tests drain with.
pub fn handle(
    env: Arc<Env>,
) -> impl Fn(Job<Reservations>) -> BoxFuture<'static, Verdict> + Clone + Send + Sync + 'static {
    move |job| {
        let env = env.clone();
        async move { carry(&env, job).await }.boxed()
    }
}

async fn carry(env: &Env, job: Job<Reservations>) -> Verdict {
    let errand = Errand::of(&job);
    verdict(match job.job {
        // the deadline makes the job's key; the rule reads the booking's own
        Reservations::ExpireHold { booking, deadline: _ } => expire_hold::run(env, &errand, booking).await,
        Reservations::SweepHolds => sweep_holds::run(env, &errand).await,
        Reservations::MatchLine { resource } => match_line::run(env, &errand, resource).await,
        Reservations::ExpireOffer { offer, deadline: _ } => expire_offer::run(env, &errand, offer).await,
        Reservations::EndEntry { entry, deadline: _ } => end_entry::run(env, &errand, entry).await,
        Reservations::SweepLines => sweep_lines::run(env, &errand).await,
        Reservations::SweepOffers => sweep_offers::run(env, &errand).await,
        Reservations::SweepEntries => sweep_entries::run(env, &errand).await,
        Reservations::ReleaseMissed { booking, deadline: _ } => release_missed::run(env, &errand, booking).await,
        Reservations::FinishBooking { booking, deadline: _ } => finish_booking::run(env, &errand, booking).await,
        Reservations::MarkOverdue { booking, deadline: _ } => mark_overdue::run(env, &errand, booking).await,
        Reservations::ProtectNext { booking } => protect_next::run(env, &errand, booking).await,
        Reservations::SweepDeadlines => sweep_deadlines::run(env, &errand).await,
    })
}
