//! Holds one day of an account against what its provider tells (J15).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use chrono::NaiveDate;
use domain::{
    error::{Fault, Result},
    ids::ProviderAccountId,
    money::Money,
    payments::provider::{AccountMovement, Checkout, CheckoutState, PayoutAnswer},
    reconciliation::{self, Asked, Heard, Order},
};
use integrations::payments::{PaymentProvider, Provider};

/// Load, call, record.
///
/// # Errors
/// A fault when the provider is silent: the day is looked at later.
pub async fn run(env: &Env, errand: &Errand, account: ProviderAccountId, day: NaiveDate) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let order = reconciliation::load(&mut tx, account, day).await?;
    tx.commit().await?;

    let heard = hear(env.provider(&order.account)?, &order).await;
    let heard = env.heard(errand, &order.account, heard).await?;

    let mut tx = env.begin(errand).await?;
    reconciliation::record(&mut tx, &order, heard).await?;
    errand.finish(tx).await
}

/// The provider's list of the days around; where it keeps none, its word on each payment of the day.
async fn hear(provider: &Provider, order: &Order) -> Result<Heard, Fault> {
    let mut movements = Vec::new();
    for day in order.window() {
        match provider.movements(day).await? {
            Some(found) => movements.extend(found),
            None => return ask_each(provider, order).await,
        }
    }
    Ok(Heard::List(movements))
}

async fn ask_each(provider: &Provider, order: &Order) -> Result<Heard, Fault> {
    let mut movements = Vec::new();
    for asked in &order.asked {
        let ours = match asked {
            Asked::Checkout(id, checkout) => (id.to_string(), collected(provider.status(checkout).await?)),
            Asked::Payout(id, ordered) => (id.to_string(), sent(*ordered, provider.find_payout(id).await?)),
        };
        if let (id, Some(movement)) = ours {
            movements.push(AccountMovement { client_reference: Some(id), ..movement });
        }
    }
    Ok(Heard::Statuses(movements))
}

fn collected(checkout: Checkout) -> Option<AccountMovement> {
    let CheckoutState::Paid { transaction_ref } = checkout.state else { return None };
    Some(AccountMovement {
        reference: transaction_ref.clone().unwrap_or_else(|| checkout.provider_ref.clone()),
        at: None,
        collected: true,
        checkout_ref: Some(checkout.provider_ref),
        payment_ref: transaction_ref,
        client_reference: None,
        amount: checkout.price,
        fee: None,
    })
}

/// Who paid tells no amount: what was ordered, once.
fn sent(ordered: Money, answer: Option<PayoutAnswer>) -> Option<AccountMovement> {
    let Some(PayoutAnswer::Paid { provider_ref, fee }) = answer else { return None };
    Some(AccountMovement {
        reference: provider_ref,
        at: None,
        collected: false,
        checkout_ref: None,
        payment_ref: None,
        client_reference: None,
        amount: ordered.with(-ordered.amount),
        fee: Some(fee.amount),
    })
}
