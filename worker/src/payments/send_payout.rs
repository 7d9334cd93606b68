//! Pays one driver (A9). The key was written with the payout: killed anywhere, asked again, the money moves once
//! (PROVIDERS §1.5).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::{Fault, Result},
    ids::PaymentId,
    payments::provider::PayoutAnswer,
    payouts::{self, PayoutSend},
};
use integrations::payments::{PaymentProvider, Provider};

/// Load, call, record; then again as long as the provider works on it.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(send) = payouts::load_payout(&mut tx, payment).await? else { return Ok(Outcome::Done) };
    tx.commit().await?;

    let answer = ask(env.provider(&send.account)?, &send).await;
    let answer = env.heard(errand, &send.account, answer).await?;

    let mut tx = env.begin(errand).await?;
    match payouts::record_payout(&mut tx, payment, answer).await? {
        None => errand.finish(tx).await,
        Some(pause) => {
            tx.commit().await?;
            Ok(Outcome::Again(pause))
        }
    }
}

/// Reads before it asks again; the key protects should the read have come too early.
async fn ask(provider: &Provider, send: &PayoutSend) -> Result<PayoutAnswer, Fault> {
    if send.maybe_sent
        && let Some(found) = provider.find_payout(&send.order.payment).await?
    {
        return Ok(found);
    }
    provider.pay_out(&send.order).await
}
