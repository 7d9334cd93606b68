//! Asks the provider about what an event names that is not to be believed: its body is too old, nobody signed it, or it says
//! that money comes back (PROVIDERS §1.7, §9.2, §10, 23).

use super::look_again;
use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::Result,
    ids::EventId,
    payments::{self, Ask, Look, PollOrder},
};
use integrations::payments::PaymentProvider;

/// Load, call, record; then again a few times while the provider does not know yet what it told.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, event: EventId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    match payments::load_ask(&mut tx, event).await? {
        None => errand.finish(tx).await,
        Some(ask) => {
            tx.commit().await?;
            match ask {
                Ask::Checkout(ask) => about_checkout(env, errand, event, &ask).await,
                Ask::Look(look) => look_at(env, errand, event, &look).await,
            }
        }
    }
}

async fn about_checkout(env: &Env, errand: &Errand, event: EventId, ask: &PollOrder) -> Result<Outcome> {
    let answer = env.provider(&ask.account)?.status(&ask.checkout).await;
    let checkout = env.heard(errand, &ask.account, answer).await?;

    let mut tx = env.begin(errand).await?;
    match payments::record_asked(&mut tx, event, &checkout).await? {
        None => errand.finish(tx).await,
        Some(pause) => {
            tx.commit().await?;
            Ok(Outcome::Again(pause))
        }
    }
}

async fn look_at(env: &Env, errand: &Errand, event: EventId, look: &Look) -> Result<Outcome> {
    let answer = look_again::see(env.provider(&look.account)?, look).await;
    let seen = env.heard(errand, &look.account, answer).await?;

    let mut tx = env.begin(errand).await?;
    payments::record_looked(&mut tx, event, look.payment, seen).await?;
    errand.finish(tx).await
}
