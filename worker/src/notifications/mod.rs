//! Messages to people (A10, A12).

pub mod remind_booking;
pub mod send_broadcast;
pub mod send_code;
pub mod send_delivery;
pub mod send_invitation;
pub mod sweep_deliveries;
pub mod sweep_reminders;

use crate::{env::Env, errand::Errand, outcome::verdict};
use domain::jobs::Notifications;
use futures::{FutureExt, future::BoxFuture};
use queue::{Job, Verdict};
use std::sync::Arc;

/// Carries one job of this queue: what the queue's runner calls, and what tests drain with.
pub fn handle(
    env: Arc<Env>,
) -> impl Fn(Job<Notifications>) -> BoxFuture<'static, Verdict> + Clone + Send + Sync + 'static {
    move |job| {
        let env = env.clone();
        async move { carry(&env, job).await }.boxed()
    }
}

async fn carry(env: &Env, job: Job<Notifications>) -> Verdict {
    let errand = Errand::of(&job);
    verdict(match job.job {
        Notifications::SendDelivery { delivery } => send_delivery::run(env, &errand, delivery).await,
        Notifications::RemindBooking { booking, start_at, minutes_before } => {
            remind_booking::run(env, &errand, booking, start_at, minutes_before).await
        }
        Notifications::SendCode { code } => send_code::run(env, &errand, code).await,
        Notifications::SendBroadcast { operation } => send_broadcast::run(env, &errand, operation).await,
        Notifications::SendInvitation { invitation } => send_invitation::run(env, &errand, invitation).await,
        Notifications::SweepDeliveries => sweep_deliveries::run(env, &errand).await,
        Notifications::SweepReminders => sweep_reminders::run(env, &errand).await,
    })
}
