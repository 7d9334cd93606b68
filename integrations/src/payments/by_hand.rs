//! What a provider says that can neither give back nor pay out: refunds are a person's to send (J14), a question is not
//! taken back, and there is no list to compare with. Each such provider says so in its own room, by this one word.

/// The methods of [`super::PaymentProvider`] behind which there is nothing. `$no_payouts` says why nobody is paid,
/// `$no_balance` why there is none to tell.
macro_rules! by_hand {
    ($no_payouts:literal, $no_balance:literal) => {
        async fn expire(&self, _: &CheckoutRef) -> Result<ExpireAnswer, Fault> {
            Ok(ExpireAnswer::TooLate)
        }

        async fn refund(&self, _: &RefundOrder) -> Result<RefundAnswer, Fault> {
            Ok(RefundAnswer::ByHand)
        }

        async fn find_refund(&self, _: &RefundOrder) -> Result<Option<RefundAnswer>, Fault> {
            Ok(None)
        }

        async fn disputes(&self, _: &str) -> Result<Vec<Dispute>, Fault> {
            Ok(Vec::new())
        }

        async fn pay_out(&self, _: &PayoutOrder) -> Result<PayoutAnswer, Fault> {
            Ok(PayoutAnswer::Declined(declined("no-payouts", $no_payouts)))
        }

        async fn find_payout(&self, _: &PaymentId) -> Result<Option<PayoutAnswer>, Fault> {
            Ok(None)
        }

        async fn movements(&self, _: NaiveDate) -> Result<Option<Vec<AccountMovement>>, Fault> {
            Ok(None)
        }

        async fn balance(&self) -> Result<Money, Fault> {
            Err(Fault::remote(SERVICE, $no_balance))
        }
    };
}

pub(super) use by_hand;
