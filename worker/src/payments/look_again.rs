//! Money that has moved may come back: it is looked at again (SN5; PROVIDERS §10, 23).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::{Fault, Result},
    ids::PaymentId,
    payments::{self, Look, LookAt, Seen},
};
use integrations::payments::{PaymentProvider, Provider};

/// Load, call, record; then again as long as something may change.
///
/// # Errors
/// A fault when the provider is silent.
pub async fn run(env: &Env, errand: &Errand, payment: PaymentId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(look) = payments::load_look(&mut tx, payment).await? else { return errand.finish(tx).await };
    tx.commit().await?;

    let answer = see(env.provider(&look.account)?, &look).await;
    let seen = env.heard(errand, &look.account, answer).await?;

    let mut tx = env.begin(errand).await?;
    match payments::record_look(&mut tx, payment, seen).await? {
        None => errand.finish(tx).await,
        Some(pause) => {
            tx.commit().await?;
            Ok(Outcome::Again(pause))
        }
    }
}

/// Asks only: nothing is sent by looking.
pub(super) async fn see(provider: &Provider, look: &Look) -> Result<Seen, Fault> {
    Ok(match &look.at {
        LookAt::Refund(order) => Seen::Refund(provider.find_refund(order).await?),
        LookAt::Payout => Seen::Payout(provider.find_payout(&look.payment).await?),
        LookAt::Disputes { transaction_ref } => Seen::Disputes(provider.disputes(transaction_ref).await?),
    })
}
