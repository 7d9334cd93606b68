//! From Wave's words to ours.

use super::wire::{Amount, CheckoutStatus, PaymentStatus, Payout, PayoutStatus, Session, Transaction};
use crate::payments::declined;
use domain::{
    money::Money,
    payments::provider::{AccountMovement, Checkout, CheckoutState, PayoutAnswer},
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

impl Transaction {
    /// This movement in our words; `None` when its amounts cannot be read exactly. Which way it went is told by its type,
    /// where we know that; by its sign else.
    #[must_use]
    pub fn into_movement(self) -> Option<AccountMovement> {
        let amount = signed(&self.amount, &self.currency)?;
        let size = amount.amount.abs();
        let (collected, moved) = match self.transaction_type.as_str() {
            "api_checkout" | "merchant_payment" => (true, size),
            "api_checkout_refund" | "merchant_payment_refund" | "api_payout" => (false, -size),
            "api_payout_reversal" => (false, size),
            _ => (amount.amount > 0, amount.amount),
        };
        let fee = match &self.fee {
            Some(fee) => Some(signed(fee, &self.currency)?.amount),
            None => None,
        };
        Some(AccountMovement {
            at: Some(self.timestamp),
            collected,
            checkout_ref: self.checkout_api_session_id,
            payment_ref: collected.then(|| self.transaction_id.clone()),
            reference: self.transaction_id,
            client_reference: self.client_reference,
            amount: amount.with(moved),
            fee,
        })
    }
}

/// A list writes what went out with a sign; nothing else of Wave's does.
fn signed(amount: &Amount, currency: &str) -> Option<Money> {
    match amount.0.strip_prefix('-') {
        Some(size) => Amount(size.to_owned()).money(currency).map(|money| money.with(-money.amount)),
        None => amount.money(currency),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(kind: &str, amount: &str, fee: &str) -> (bool, i64, Option<i64>) {
        let line = Transaction {
            timestamp: chrono::DateTime::UNIX_EPOCH,
            transaction_id: "T1".into(),
            transaction_type: kind.into(),
            amount: Amount(amount.into()),
            fee: Some(Amount(fee.into())),
            currency: "XOF".into(),
            is_reversal: false,
            client_reference: None,
            checkout_api_session_id: None,
        };
        let movement = line.into_movement().unwrap();
        (movement.collected, movement.amount.amount, movement.fee)
    }

    #[test]
    fn a_line_of_the_list_goes_the_way_its_type_says() {
        assert_eq!(movement("api_checkout", "3000", "30"), (true, 3_000, Some(30)));
        assert_eq!(movement("api_checkout_refund", "-3000", "-30"), (false, -3_000, Some(-30)));
        assert_eq!(movement("api_payout", "5300", "53"), (false, -5_300, Some(53)), "with or without a sign");
        assert_eq!(movement("api_payout_reversal", "5300", "-53"), (false, 5_300, Some(-53)));
        assert_eq!(movement("b2b_payment", "-700", "0"), (false, -700, Some(0)), "a type we do not know");
    }
}
