//! Asks the provider about the checkout of an event that is not to be believed: its body is too old, or nobody signed it
//! (PROVIDERS §1.7, §9.2).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::EventId, payments};
use integrations::payments::PaymentProvider;

/// Load, call, record; then again a few times while the provider does not know yet what it told.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, event: EventId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(ask) = payments::load_ask(&mut tx, event).await? else { return errand.finish(tx).await };
    tx.commit().await?;

    let checkout = env.provider(&ask.account)?.status(&ask.checkout).await?;

    let mut tx = env.begin(errand).await?;
    match payments::record_asked(&mut tx, event, &checkout).await? {
        None => errand.finish(tx).await,
        Some(pause) => {
            tx.commit().await?;
            Ok(Outcome::Again(pause))
        }
    }
}
