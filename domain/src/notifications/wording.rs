//! What we tell people, and the facts each message needs (R6). The words are in `words_fr.rs` and `words_en.rs`.
//!
//! Facts are the fields of a notice's payload. Their names decide how they read: fields ending in `_at` are RFC 3339
//! instants, shown in the payload's `timezone` or else the organization's; `amount` needs `currency` beside it and
//! reads `6 000 XOF`; `seats` counts seats; `minutes_before` is a span; `doc_type` is a code with words of its own. A
//! payload may hold more than its message needs.

use super::{format, words_en, words_fr, words_things_en, words_things_fr};
use crate::error::Fault;
use chrono_tz::Tz;
use serde_json::Value;

macro_rules! notice_kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What a message is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum NoticeKind { $($(#[$doc])* $name,)* }
        impl NoticeKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// As stored and sent.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            /// The kind with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

notice_kinds! {
    /// To the driver: somebody asks for seats. `from, to, departure_at, seats`
    BookingRequested = "booking_requested";
    /// To the rider: pay now. `from, to, departure_at, amount, currency, hold_expires_at`
    BookingApproved = "booking_approved";
    /// To the rider. `from, to, departure_at`
    BookingRejected = "booking_rejected";
    /// To the rider: paid. `from, to, departure_at, seats, amount, currency, code, access_code`
    BookingConfirmed = "booking_confirmed";
    /// To the driver: a rider has paid. `from, to, departure_at, seats`
    BookingConfirmedDriver = "booking_confirmed_driver";
    /// To rider and driver. `from, to, departure_at, code`
    BookingCancelled = "booking_cancelled";
    /// To the rider: the hold ended unpaid. `from, to, departure_at`
    BookingExpired = "booking_expired";
    /// To the payer: the provider refused or the checkout ended. `from, to, departure_at, amount, currency`
    PaymentFailed = "payment_failed";
    /// To the payer: money came that buys nothing, and goes back; both facts at once (★6). `from, to, departure_at,
    /// amount, currency`
    MoneyReturned = "money_returned";
    /// To the payer: the money came late, the seats were free, the ride is on (★6). `from, to, departure_at, amount,
    /// currency, code, access_code`
    MoneyLateRevived = "money_late_revived";
    /// To the payer: the provider took the refund. `amount, currency`
    RefundSent = "refund_sent";
    /// To the payer: the refund came back to us, and will be sent another way. `amount, currency`
    RefundFailed = "refund_failed";
    /// To rider and driver (R5). `from, to, departure_at, minutes_before`
    Reminder = "reminder";
    /// To the driver. `amount, currency`
    PayoutSent = "payout_sent";
    /// To the driver. `amount, currency`
    PayoutFailed = "payout_failed";
    /// To the holder. `doc_type`
    KycApproved = "kyc_approved";
    /// To the holder. `doc_type, notes`
    KycRejected = "kyc_rejected";
    /// To the rider: the driver cancelled. `from, to, departure_at`
    TripCancelled = "trip_cancelled";
    /// To the many: what their organization has to say (R2). `subject, body`
    Announcement = "announcement";
    /// To who asked: the copy of everything held about them can be fetched (W4). `expires_at`
    ExportReady = "export_ready";
    /// To who waits. `resource, start_at, code`
    WaitlistJoined = "waitlist_joined";
    /// To who waits: answer before it ends. `resource, start_at, code, expires_at`
    OfferMade = "offer_made";
    /// To who was silent. `resource, start_at`
    OfferExpired = "offer_expired";
    /// To who took an offer or a proposal. `resource, start_at, code`
    OfferAccepted = "offer_accepted";
    /// To who waited: staff said no. `resource, start_at, notes`
    WaitlistRefused = "waitlist_refused";
    /// To who waits: something else. `resource, start_at, other, other_at, notes`
    AlternativeProposed = "alternative_proposed";
    /// To who waited in vain. `resource, start_at`
    WaitlistEnded = "waitlist_ended";
    /// To who booked and for whom: what they booked was taken out of the inventory. `resource, start_at, code`
    BookingWithdrawn = "booking_withdrawn";
    /// To who booked and for whom: it is closed at that time (SN33). `resource, start_at, code`
    BookingClosedOut = "booking_closed_out";
    /// Things of the organization: somebody must agree. `what, start_at, end_at, code`
    ReservationReceived = "reservation_received";
    /// To whoever may agree: something waits for them (G36). `what, start_at, end_at, code`
    ReservationToDecide = "reservation_to_decide";
    /// Pay now. `what, start_at, amount, currency, hold_expires_at`
    ReservationToPay = "reservation_to_pay";
    /// It is firm. `what, units, start_at, end_at, code, access_code`
    ReservationConfirmed = "reservation_confirmed";
    /// Whoever decides said no. `what, start_at`
    ReservationRejected = "reservation_rejected";
    /// To whoever booked for somebody else: it is firm (SN47). `start_at, code`
    BookedForOther = "booked_for_other";
    /// Given up. `what, start_at, code`
    ReservationCancelled = "reservation_cancelled";
    /// Nobody agreed or paid in time. `what, start_at`
    ReservationExpired = "reservation_expired";
    /// It has another time or other units (SN13). `what, units, start_at, end_at, code`
    ReservationMoved = "reservation_moved";
    /// Nobody came: given away (SN32). `what, start_at, code`
    ReservationReleased = "reservation_released";
    /// It begins soon. `what, units, start_at, minutes_before`
    ReservationReminder = "reservation_reminder";
    /// The provider refused or the checkout ended. `what, start_at, amount, currency`
    ReservationPaymentFailed = "reservation_payment_failed";
    /// Money came that buys nothing, and goes back (★6). `what, start_at, amount, currency`
    ReservationMoneyReturned = "reservation_money_returned";
    /// The money came late, the units were free (★6). `what, start_at, amount, currency, code, access_code`
    ReservationRestored = "reservation_restored";
    /// What was lent is out (SN6). `what, units, due_at, code`
    LoanHandedOver = "loan_handed_over";
    /// It is back. `what, code`
    LoanReturned = "loan_returned";
    /// It should be back. `what, units, due_at, code`
    LoanOverdue = "loan_overdue";
    /// What they were to have is not back; they have another of its kind (SN34). `what, units, start_at, code`
    UnitReplaced = "unit_replaced";
    /// What they are to have is not back, and there is no other (SN34). `what, units, start_at, code`
    UnitNotBack = "unit_not_back";
    /// Somebody owes a fine (SN7). `what, code, amount, currency`
    FineDue = "fine_due";
    /// The fine is paid. `amount, currency`
    FinePaid = "fine_paid";
    /// The fine is forgiven. `amount, currency`
    FineWaived = "fine_waived";
    /// A payment of the fine did not come about. `amount, currency`
    FinePaymentFailed = "fine_payment_failed";
    /// A fine was paid that was not due any more: the money goes back. `amount, currency`
    FineMoneyReturned = "fine_money_returned";
    /// Money is in the wallet: a top-up, or a gift. `amount, currency`
    WalletCredited = "wallet_credited";
    /// What was withdrawn arrived. `amount, currency`
    WithdrawalSent = "withdrawal_sent";
    /// What was withdrawn did not arrive: it is in the wallet again. `amount, currency`
    WithdrawalFailed = "withdrawal_failed";
}

/// A language messages are worded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// The language of most.
    French,
    /// The other one.
    English,
}

impl Locale {
    /// The language with this code; French when we do not speak it.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        if code == "en" { Self::English } else { Self::French }
    }
}

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Subject of a mail, first line of a push.
    pub title: String,
    /// The whole message.
    pub body: String,
    /// The same in one SMS, as far as names allow.
    pub sms: String,
}

/// Title, body and SMS with `{field}` where a fact goes.
pub(super) type Template = (&'static str, &'static str, &'static str);

/// Words a message.
///
/// # Errors
/// A fault naming the fact that `payload` lacks: a mistake at the call of `notify`.
pub fn render(kind: NoticeKind, locale: Locale, payload: &Value, zone: Tz) -> Result<Words, Fault> {
    let (title, body, sms) = template(kind, locale).ok_or_else(|| Fault::corrupt("wording", kind.code()))?;
    let zone = payload["timezone"].as_str().and_then(|name| name.parse().ok()).unwrap_or(zone);
    let fill = |text| format::fill(text, locale, payload, zone);
    Ok(Words { title: fill(title)?, body: fill(body)?, sms: fill(sms)? })
}

fn template(kind: NoticeKind, locale: Locale) -> Option<Template> {
    match locale {
        Locale::French => words_fr::template(kind)
            .or_else(|| words_things_fr::reservation(kind))
            .or_else(|| words_things_fr::loan(kind)),
        Locale::English => words_en::template(kind)
            .or_else(|| words_things_en::reservation(kind))
            .or_else(|| words_things_en::loan(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts() -> Value {
        json!({
            "from": "Abidjan", "to": "Yamoussoukro", "departure_at": "2026-11-21T08:30:00Z",
            "hold_expires_at": "2026-11-20T18:00:00Z", "seats": 2, "amount": 6000, "currency": "XOF",
            "code": "K7M2P9QX", "access_code": "482913", "doc_type": "driving_licence", "notes": "Photo illisible",
            "minutes_before": 120, "subject": "Parking fermé", "body": "Le parking est fermé demain.",
            "what": "2 × Caméra", "units": "C-1, C-2", "start_at": "2026-11-21T08:30:00Z",
            "end_at": "2026-11-21T12:30:00Z", "due_at": "2026-11-21T12:30:00Z", "resource": "Caméra Sony FX6",
            "expires_at": "2026-11-20T18:10:00Z", "other": "Caméra Sony A7", "other_at": "2026-11-22T08:30:00Z",
        })
    }

    #[test]
    fn every_kind_reads_well_in_every_language() {
        for &kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::from_code(kind.code()), Some(kind));
            for locale in [Locale::French, Locale::English] {
                let words = render(kind, locale, &facts(), chrono_tz::Africa::Abidjan).unwrap();
                for text in [&words.title, &words.body, &words.sms] {
                    assert!(!text.is_empty() && !text.contains(['{', '}', '[']), "{}: {text}", kind.code());
                }
                assert!(words.sms.chars().count() <= 160, "{} {locale:?}: {}", kind.code(), words.sms);
                assert!(words.title.chars().count() <= 60, "{} {locale:?}: {}", kind.code(), words.title);
            }
        }
    }

    #[test]
    fn a_text_message_costs_one_message() {
        // a character outside the GSM alphabet halves what fits
        let gsm = "@£$¥èéùìòÇØøÅå_ÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà{}";
        for &kind in NoticeKind::ALL {
            for locale in [Locale::French, Locale::English] {
                let odd =
                    template(kind, locale).unwrap().2.chars().find(|&c| !c.is_ascii_alphanumeric() && !gsm.contains(c));
                assert_eq!(odd, None, "{} {locale:?}", kind.code());
            }
        }
    }

    #[test]
    fn a_rider_reads_amount_and_local_time() {
        let words = render(NoticeKind::BookingConfirmed, Locale::French, &facts(), chrono_tz::Africa::Lagos).unwrap();
        for fact in ["6 000 XOF", "21/11/2026 à 09:30", "2 places", "482913", "K7M2P9QX"] {
            assert!(words.body.contains(fact), "{fact}: {}", words.body);
        }
        assert!(words.sms.contains("482913"));
    }

    #[test]
    fn returned_money_is_explained_and_announced_in_one_message() {
        let words = render(NoticeKind::MoneyReturned, Locale::English, &facts(), chrono_tz::UTC).unwrap();
        for text in [&words.body, &words.sms] {
            assert!(text.contains("too late") && text.contains("returned") && text.contains("6 000 XOF"), "{text}");
        }
    }

    #[test]
    fn the_payload_may_name_its_own_zone() {
        let mut facts = facts();
        facts["timezone"] = "Africa/Lagos".into();
        let words = render(NoticeKind::TripCancelled, Locale::English, &facts, chrono_tz::UTC).unwrap();
        assert!(words.body.contains("21 Nov 2026 at 09:30"), "{}", words.body);
    }

    #[test]
    fn a_missing_fact_is_named() {
        let problem = render(NoticeKind::PayoutSent, Locale::French, &json!({}), chrono_tz::UTC).unwrap_err();
        assert!(problem.to_string().contains("amount"), "{problem}");
    }
}
