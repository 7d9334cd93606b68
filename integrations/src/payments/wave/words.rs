//! From Wave's words to ours.

use super::wire::{CheckoutStatus, PaymentStatus, Payout, PayoutStatus, Session};
use crate::payments::declined;
use domain::{
    money::Money,
    payments::provider::{Checkout, CheckoutState, PayoutAnswer},
};

impl Session {
    /// This session in our words; `None` when its amount or currency cannot be read exactly.
    #[must_use]
    pub fn into_checkout(self) -> Option<Checkout> {
        let state = match (self.checkout_status, self.payment_status) {
            (CheckoutStatus::Complete, PaymentStatus::Succeeded) => {
                CheckoutState::Paid { transaction_ref: self.transaction_id }
            }
            (CheckoutStatus::Open, status) if status != PaymentStatus::Succeeded => CheckoutState::Open,
            (CheckoutStatus::Expired, PaymentStatus::Cancelled | PaymentStatus::Processing) => CheckoutState::Expired,
            _ => CheckoutState::Undecided,
        };
        Some(Checkout {
            price: self.amount.money(&self.currency)?,
            provider_ref: self.id,
            client_reference: self.client_reference,
            state,
            launch_url: self.wave_launch_url,
            expires_at: self.when_expires,
            callback_digest: None,
        })
    }
}

impl Payout {
    /// This payout in our words; `None` when its fee cannot be read exactly. A status we do not know is not decided,
    /// which for money on its way out means: ask again.
    #[must_use]
    pub fn into_answer(self) -> Option<PayoutAnswer> {
        Some(match self.status {
            PayoutStatus::Succeeded => {
                let fee = match &self.fee {
                    Some(fee) => fee.money(&self.currency)?,
                    None => self.receive_amount.money(&self.currency)?.with(0),
                };
                PayoutAnswer::Paid { provider_ref: self.id, fee }
            }
            PayoutStatus::Processing | PayoutStatus::Unknown => PayoutAnswer::Processing { provider_ref: self.id },
            PayoutStatus::Reversed => PayoutAnswer::Reversed { provider_ref: self.id },
            PayoutStatus::Failed => PayoutAnswer::Declined(match self.payout_error {
                Some(error) => declined(&error.error_code, &error.error_message),
                None => declined("payout-failed", ""),
            }),
        })
    }

    /// Whether this payout is about `amount`, to the franc.
    #[must_use]
    pub fn is_about(&self, amount: Money) -> bool {
        self.receive_amount.money(&self.currency) == Some(amount)
    }
}
