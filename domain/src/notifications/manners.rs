//! Which notices a person may switch off, and how long each is worth telling (SN2, R8). One-time codes are no notices:
//! whoever asked for one waits for it, so neither preferences nor quiet hours touch them.

use super::NoticeKind;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Why a notice travels whatever its reader switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    /// Their money moved, or did not: the record they are owed of it.
    Money,
    /// What they agreed to came about or ended; it may be the only proof they have.
    Contract,
    /// They lose something unless they act in time.
    Deadline,
    /// What was done with the data held about them.
    Privacy,
}

impl Obligation {
    /// As served.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Contract => "contract",
            Self::Deadline => "deadline",
            Self::Privacy => "privacy",
        }
    }
}

impl NoticeKind {
    /// Why this notice cannot be switched off; `None` when it can.
    #[must_use]
    pub fn obligation(self) -> Option<Obligation> {
        match self {
            Self::PaymentFailed
            | Self::MoneyReturned
            | Self::MoneyLateRevived
            | Self::RefundSent
            | Self::RefundFailed
            | Self::PayoutSent
            | Self::PayoutFailed
            | Self::ReservationPaymentFailed
            | Self::ReservationMoneyReturned
            | Self::ReservationRestored
            | Self::FineDue
            | Self::FinePaid
            | Self::FineWaived
            | Self::FinePaymentFailed
            | Self::FineMoneyReturned
            | Self::WalletCredited
            | Self::WithdrawalSent
            | Self::WithdrawalFailed => Some(Obligation::Money),
            Self::BookingConfirmed
            | Self::BookingCancelled
            | Self::BookingWithdrawn
            | Self::BookingClosedOut
            | Self::TripCancelled
            | Self::OfferAccepted
            | Self::ReservationConfirmed
            | Self::ReservationCancelled
            | Self::ReservationMoved
            | Self::ReservationReleased
            | Self::LoanHandedOver
            | Self::LoanReturned
            | Self::UnitReplaced
            | Self::UnitNotBack => Some(Obligation::Contract),
            Self::BookingApproved | Self::OfferMade | Self::ReservationToPay | Self::LoanOverdue => {
                Some(Obligation::Deadline)
            }
            Self::ExportReady => Some(Obligation::Privacy),
            Self::BookingRequested
            | Self::BookingRejected
            | Self::BookingConfirmedDriver
            | Self::BookingExpired
            | Self::Reminder
            | Self::KycApproved
            | Self::KycRejected
            | Self::WaitlistJoined
            | Self::OfferExpired
            | Self::WaitlistRefused
            | Self::AlternativeProposed
            | Self::WaitlistEnded
            | Self::ReservationReceived
            | Self::ReservationToDecide
            | Self::ReservationRejected
            | Self::BookedForOther
            | Self::ReservationExpired
            | Self::ReservationReminder
            | Self::Announcement => None,
        }
    }

    /// The fact of its payload after which it is of no use: what must be answered, or what begins. A reminder has none:
    /// it waits, and is dropped when it is no longer true (★14).
    fn deadline(self) -> Option<&'static str> {
        match self {
            Self::BookingRequested | Self::BookingApproved | Self::PaymentFailed => Some("hold_expires_at"),
            Self::BookingRejected
            | Self::BookingConfirmed
            | Self::BookingConfirmedDriver
            | Self::BookingCancelled
            | Self::BookingExpired
            | Self::MoneyLateRevived
            | Self::TripCancelled => Some("departure_at"),
            Self::OfferMade => Some("expires_at"),
            Self::ReservationToPay | Self::ReservationToDecide => Some("hold_expires_at"),
            Self::BookingWithdrawn
            | Self::BookingClosedOut
            | Self::WaitlistJoined
            | Self::OfferExpired
            | Self::OfferAccepted
            | Self::WaitlistRefused
            | Self::AlternativeProposed
            | Self::WaitlistEnded
            | Self::ReservationReceived
            | Self::ReservationConfirmed
            | Self::ReservationRejected
            | Self::BookedForOther
            | Self::ReservationCancelled
            | Self::ReservationExpired
            | Self::ReservationMoved
            | Self::ReservationRestored => Some("start_at"),
            Self::MoneyReturned
            | Self::RefundSent
            | Self::RefundFailed
            | Self::PayoutSent
            | Self::PayoutFailed
            | Self::Reminder
            | Self::KycApproved
            | Self::KycRejected
            | Self::ExportReady
            | Self::ReservationReleased
            | Self::ReservationReminder
            | Self::ReservationPaymentFailed
            | Self::ReservationMoneyReturned
            | Self::LoanHandedOver
            | Self::LoanReturned
            | Self::LoanOverdue
            | Self::UnitReplaced
            | Self::UnitNotBack
            | Self::FineDue
            | Self::FinePaid
            | Self::FineWaived
            | Self::FinePaymentFailed
            | Self::FineMoneyReturned
            | Self::WalletCredited
            | Self::WithdrawalSent
            | Self::WithdrawalFailed
            | Self::Announcement => None,
        }
    }

    /// When this notice is of no use any more, if its facts say.
    pub(super) fn useless_after(self, payload: &Value) -> Option<DateTime<Utc>> {
        payload[self.deadline()?].as_str()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_notice_about_money_travels_whatever_was_switched_off() {
        for &kind in NoticeKind::ALL {
            let about_money = ["payment", "money", "refund", "payout"].iter().any(|word| kind.code().contains(word));
            assert!(!about_money || kind.obligation() == Some(Obligation::Money), "{}", kind.code());
        }
    }

    #[test]
    fn the_facts_say_until_when_a_notice_is_of_use() {
        let facts = json!({ "hold_expires_at": "2026-11-21T02:00:00Z", "departure_at": "2026-11-22T06:00:00Z" });
        let after = |kind: NoticeKind| kind.useless_after(&facts).map(|at| at.to_rfc3339());
        assert_eq!(after(NoticeKind::BookingApproved).unwrap(), "2026-11-21T02:00:00+00:00");
        assert_eq!(after(NoticeKind::TripCancelled).unwrap(), "2026-11-22T06:00:00+00:00");
        assert_eq!(after(NoticeKind::Reminder), None);
        assert_eq!(NoticeKind::BookingApproved.useless_after(&json!({ "hold_expires_at": null })), None);
    }
}
