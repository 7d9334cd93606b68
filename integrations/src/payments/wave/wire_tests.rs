//! Every fixture is read, and written again as it was.

use super::wire::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Reads and writes: every field of the fixture must come back with its value.
fn round_trip<T: Serialize + DeserializeOwned>(fixture: &str) {
    let original: Value = serde_json::from_str(fixture).unwrap();
    let written = serde_json::to_value(serde_json::from_str::<T>(fixture).unwrap()).unwrap();
    for (field, value) in original.as_object().unwrap() {
        assert_eq!(written.get(field), Some(value), "{field}");
    }
}

#[test]
fn the_fixtures_survive_a_round_trip() {
    round_trip::<Session>(include_str!("fixtures/session_open.json"));
    round_trip::<Payout>(include_str!("fixtures/payout.json"));
    round_trip::<Event>(include_str!("fixtures/event_completed.json"));
    round_trip::<Event>(include_str!("fixtures/event_merchant_payment.json"));
    round_trip::<ErrorBody>(include_str!("fixtures/error_usual.json"));
    round_trip::<ErrorBody>(include_str!("fixtures/error_nested.json"));
    round_trip::<ErrorBody>(include_str!("fixtures/error_payout.json"));
}

#[test]
fn the_inside_of_events_is_read() {
    let completed: Event<Session> = serde_json::from_str(include_str!("fixtures/event_completed.json")).unwrap();
    assert_eq!(completed.data.payment_status, PaymentStatus::Succeeded);
    let failed: Event<Session> = serde_json::from_str(include_str!("fixtures/event_payment_failed.json")).unwrap();
    assert_eq!(failed.data.last_payment_error.unwrap().code, "insufficient-funds");
    let merchant = include_str!("fixtures/event_merchant_payment.json");
    let merchant: Event<MerchantPayment> = serde_json::from_str(merchant).unwrap();
    assert_eq!(merchant.data.fee.unwrap().money("XOF").unwrap().amount, 10);
}

#[test]
fn a_day_of_transactions_is_read() {
    let page: TransactionPage = serde_json::from_str(include_str!("fixtures/transactions.json")).unwrap();
    assert!(!page.page_info.has_next_page);
    assert_eq!(page.items[0].checkout_api_session_id.as_deref(), Some("cos-test00001"));
}

#[test]
fn an_unknown_status_is_not_decided() {
    let odd = include_str!("fixtures/session_open.json").replace(r#""open""#, r#""paused""#);
    let session: Session = serde_json::from_str(&odd).unwrap();
    assert_eq!(session.checkout_status, CheckoutStatus::Unknown);
    let checkout = session.into_checkout().unwrap();
    assert_eq!(checkout.state, domain::payments::provider::CheckoutState::Undecided);
}
