//! Sends money back (A8). Asked twice, the provider moves it once (PROVIDERS §1.4).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::PaymentId, refunds};
use integrations::payments::PaymentProvider;

/// Load, call, record; then again as long as the provider works on it.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(refund) = refunds::load_refund(&mut tx, payment).await? else { return Ok(Outcome::Done) };
    tx.commit().await?;

    let answer = env.provider(&refund.account)?.refund(&refund.order).await;
    let answer = env.heard(errand, &refund.account, answer).await?;

    let mut tx = env.begin(errand).await?;
    match refunds::record_refund(&mut tx, payment, answer).await? {
        None => errand.finish(tx).await,
        Some(pause) => {
            tx.commit().await?;
            Ok(Outcome::Again(pause))
        }
    }
}
