//! Closes a checkout whose booking no longer waits for it.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::Result,
    ids::PaymentId,
    payments::{self, ExpireOrder},
};
use integrations::payments::PaymentProvider;
use std::time::Duration;

/// The start is still under way and ends within a call.
const AFTER_START: Duration = Duration::from_secs(5);

/// Load, call, record.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let (account, checkout) = match payments::load_expire(&mut tx, payment).await? {
        ExpireOrder::Nothing => return errand.finish(tx).await, // loading may have closed what was never opened
        ExpireOrder::Later => return Ok(Outcome::Again(AFTER_START)),
        ExpireOrder::Close { account, checkout } => (account, checkout),
    };
    tx.commit().await?;

    let answer = env.provider(&account)?.expire(&checkout).await?;

    let mut tx = env.begin(errand).await?;
    payments::record_expire(&mut tx, payment, answer).await?;
    errand.finish(tx).await
}
