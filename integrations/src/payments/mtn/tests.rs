//! What MTN's answers mean to us.

use super::*;
use domain::money::Currency;

fn asked() -> CheckoutRef {
    let provider_ref = "5b0c5f3e-6d0b-4a52-9d0e-0f6f6f1f0001".into();
    CheckoutRef { provider_ref, price: Money { amount: 2_500, currency: Currency::Xof } }
}

fn read(json: &str) -> Checkout {
    checkout(&asked(), serde_json::from_str(json).unwrap())
}

#[test]
fn a_success_counts_only_when_it_says_everything() {
    let whole =
        r#"{"amount":"2500","currency":"XOF","externalId":"e","financialTransactionId":19,"status":"SUCCESSFUL"}"#;
    let paid = CheckoutState::Paid { transaction_ref: Some("19".into()) };
    assert_eq!((read(whole).state, read(whole).client_reference), (paid, Some("e".into())));
    for part in [
        r#"{"currency":"XOF","externalId":"e","status":"SUCCESSFUL"}"#,
        r#"{"amount":"2500","externalId":"e","status":"SUCCESSFUL"}"#,
        r#"{"amount":"2500","currency":"XOF","status":"SUCCESSFUL"}"#,
        r#"{"amount":"2500.5","currency":"XOF","externalId":"e","status":"SUCCESSFUL"}"#,
        r#"{"amount":"2500","currency":"XOF","externalId":"e","status":"SETTLED"}"#,
    ] {
        assert_eq!(read(part).state, CheckoutState::Undecided, "{part}");
    }
}

#[test]
fn another_amount_is_told_as_it_is() {
    let less = read(r#"{"amount":"2400","currency":"XOF","externalId":"e","status":"SUCCESSFUL"}"#);
    assert_eq!(less.price.amount, 2_400);
}

#[test]
fn a_reason_is_a_word_or_an_error() {
    let failed = |code: &str| CheckoutState::Failed { code: code.into() };
    assert_eq!(read(r#"{"status":"FAILED","reason":"APPROVAL_REJECTED"}"#).state, failed("APPROVAL_REJECTED"));
    let coded = r#"{"status":"FAILED","reason":{"code":"NOT_ENOUGH_FUNDS","message":"x"}}"#;
    assert_eq!(read(coded).state, failed("NOT_ENOUGH_FUNDS"));
    assert_eq!(read(r#"{"status":"FAILED","reason":"EXPIRED"}"#).state, CheckoutState::Expired);
    assert_eq!(read(r#"{"status":"PENDING"}"#).state, CheckoutState::Open);
}
