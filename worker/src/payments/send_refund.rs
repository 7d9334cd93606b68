//! Sends money back (A8). Asked twice, the provider moves it once (PROVIDERS §1.4).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::PaymentId, refunds};
use integrations::payments::PaymentProvider;

/// Load, call, record.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(refund) = refunds::load_refund(&mut tx, payment).await? else { return Ok(Outcome::Done) };
    tx.commit().await?;

    let answer = env.provider(&refund.account)?.refund(&refund.checkout_ref).await?;

    let mut tx = env.begin(errand).await?;
    refunds::record_refund(&mut tx, payment, answer).await?;
    errand.finish(tx).await
}
