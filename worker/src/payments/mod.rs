//! Money: what must end, whatever a provider does. The effect of every answer and the end of its job are one commit.

pub mod ask_about_event;
pub mod build_payouts;
pub mod expire_checkout;
pub mod look_again;
pub mod poll_payment;
pub mod reconcile_account;
pub mod run_payouts;
pub mod send_payout;
pub mod send_refund;
pub mod settle_event;
pub mod start_payment;

use crate::{env::Env, errand::Errand, outcome::verdict};
use domain::jobs::Payments;
use futures::{FutureExt, future::BoxFuture};
use queue::{Job, Verdict};
use std::sync::Arc;

/// Carries one job of this queue: what the queue's runner calls, and what tests drain with.
pub fn handle(env: Arc<Env>) -> impl Fn(Job<Payments>) -> BoxFuture<'static, Verdict> + Clone + Send + Sync + 'static {
    move |job| {
        let env = env.clone();
        async move { carry(&env, job).await }.boxed()
    }
}

async fn carry(env: &Env, job: Job<Payments>) -> Verdict {
    let errand = Errand::of(&job);
    verdict(match job.job {
        Payments::StartPayment { payment } => start_payment::run(env, &errand, payment).await,
        Payments::PollPayment { payment } => poll_payment::run(env, &errand, payment).await,
        Payments::ExpireCheckout { payment } => expire_checkout::run(env, &errand, payment).await,
        Payments::AskAboutEvent { event } => ask_about_event::run(env, &errand, event).await,
        Payments::SettleEvent { event } => settle_event::run(env, &errand, event).await,
        Payments::SendRefund { payment } => send_refund::run(env, &errand, payment).await,
        Payments::LookAgain { payment } => look_again::run(env, &errand, payment).await,
        Payments::BuildPayouts { operation } => build_payouts::run(env, &errand, operation).await,
        Payments::RunPayouts { day } => run_payouts::run(env, &errand, day).await,
        Payments::SendPayout { payment } => send_payout::run(env, &errand, payment).await,
        Payments::ReconcileAccount { account, day } => reconcile_account::run(env, &errand, account, day).await,
    })
}
