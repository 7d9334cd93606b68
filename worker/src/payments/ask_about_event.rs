//! Asks the provider about the checkout a stale event names: the event is authentic, its body too old to be believed
//! (PROVIDERS §1.7).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::EventId, payments};
use integrations::payments::PaymentProvider;

/// Load, call, record.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, event: EventId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(ask) = payments::load_ask(&mut tx, event).await? else { return errand.finish(tx).await };
    tx.commit().await?;

    let checkout = env.provider(&ask.account)?.status(&ask.provider_ref).await?;

    let mut tx = env.begin(errand).await?;
    payments::record_asked(&mut tx, event, &checkout).await?;
    errand.finish(tx).await
}
