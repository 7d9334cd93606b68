//! Opens the checkout at the provider (J4).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::{Fault, Result},
    ids::PaymentId,
    payments::{self, StartOrder, provider::StartAnswer},
};
use integrations::payments::{PaymentProvider, Provider};

/// Load, call, record.
///
/// # Errors
/// A fault when the provider is silent: an earlier checkout is looked for before the next one is asked for.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(start) = payments::load_start(&mut tx, payment).await? else { return Ok(Outcome::Done) };
    tx.commit().await?;

    let answer = ask(env.provider(&start.account)?, &start).await;
    let answer = env.heard(errand, &start.account, answer).await?;

    let mut tx = env.begin(errand).await?;
    payments::record_started(&mut tx, payment, answer).await?;
    errand.finish(tx).await
}

/// A lost answer must not become a second checkout (PROVIDERS §1.3).
async fn ask(provider: &Provider, start: &StartOrder) -> Result<StartAnswer, Fault> {
    if start.maybe_started
        && let Some(found) = provider.find(&start.order.payment).await?
    {
        return Ok(StartAnswer::Started(found));
    }
    provider.start(&start.order).await
}
