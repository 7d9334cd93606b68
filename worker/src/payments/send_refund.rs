//! Sends money back (A8). Asked twice, the provider moves it once (PROVIDERS §1.4).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::PaymentId, refunds};
use integrations::payments::PaymentProvider;
use std::time::Duration;

/// The provider took it and has not finished.
const WHILE_PROCESSING: Duration = Duration::from_secs(30);

/// Load, call, record; then again as long as the provider works on it.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(refund) = refunds::load_refund(&mut tx, payment).await? else { return Ok(Outcome::Done) };
    tx.commit().await?;

    let answer = env.provider(&refund.account)?.refund(&refund.order).await?;

    let mut tx = env.begin(errand).await?;
    if refunds::record_refund(&mut tx, payment, answer).await? {
        return errand.finish(tx).await;
    }
    tx.commit().await?;
    Ok(Outcome::Again(WHILE_PROCESSING))
}
