//! Asks the provider until the payment is final, whatever webhooks do (Q17).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::PaymentId, payments};
use integrations::payments::PaymentProvider;

/// Load, call, record; then again as long as the payment is open.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(poll) = payments::load_poll(&mut tx, payment).await? else {
        // ended with this commit: a poll wanted from now on is a new one
        return errand.finish(tx).await;
    };
    tx.commit().await?;

    let checkout = env.provider(&poll.account)?.status(&poll.checkout).await?;

    let mut tx = env.begin(errand).await?;
    match payments::record_checkout(&mut tx, payment, &checkout).await? {
        None => errand.finish(tx).await,
        Some(pause) => {
            tx.commit().await?;
            Ok(Outcome::Again(pause))
        }
    }
}
