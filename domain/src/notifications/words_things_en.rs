//! The English words about things of the organization: places, rooms, loans, fines.

use super::wording::{NoticeKind, Template};

pub(super) fn reservation(kind: NoticeKind) -> Option<Template> {
    Some(match kind {
        NoticeKind::ReservationReceived => (
            "Request received",
            "Your request {code} for {what}, from {start_at} to {end_at}, is held until somebody agrees.",
            "Teranga: request {code} for {what}, {start_at}: waiting for an answer.",
        ),
        NoticeKind::ReservationToDecide => (
            "A request waits for you",
            "Request {code} for {what}, from {start_at} to {end_at}, waits for your agreement.",
            "Teranga: request {code} for {what}, {start_at}, waits for your agreement.",
        ),
        NoticeKind::ReservationToPay => (
            "Booking accepted: please pay",
            "Your booking of {what}, {start_at}, is accepted. Pay {amount} before {hold_expires_at}, or it is freed.",
            "Teranga: {what}, {start_at}, accepted. Pay {amount} before {hold_expires_at}.",
        ),
        NoticeKind::ReservationConfirmed => (
            "Booking confirmed",
            "It is yours: {what} ({units}), from {start_at} to {end_at}. Booking {code}. Code to show: {access_code}.",
            "Teranga: {what} ({units}), {start_at}, confirmed. Code: {access_code}",
        ),
        NoticeKind::ReservationRejected => (
            "Request declined",
            "Your request for {what}, {start_at}, was not accepted.",
            "Teranga: request declined for {what}, {start_at}.",
        ),
        NoticeKind::BookedForOther => (
            "Booking confirmed",
            "Booking {code} that you made for somebody else, {start_at}, is confirmed.",
            "Teranga: booking {code} that you made for somebody else, {start_at}, is confirmed.",
        ),
        NoticeKind::ReservationCancelled => (
            "Booking cancelled",
            "Booking {code} of {what}, {start_at}, is cancelled.",
            "Teranga: booking {code} cancelled ({what}, {start_at}).",
        ),
        NoticeKind::ReservationExpired => (
            "Booking expired",
            "Time is up for {what}, {start_at}: the booking is freed.",
            "Teranga: time is up for {what}, {start_at}. The booking is freed.",
        ),
        NoticeKind::ReservationMoved => (
            "Booking changed",
            "Booking {code} of {what} ({units}) is now from {start_at} to {end_at}.",
            "Teranga: booking {code} changed: {what} ({units}), {start_at}.",
        ),
        NoticeKind::ReservationReleased => (
            "Booking released",
            "Nobody came for {what}, {start_at}: booking {code} is given away.",
            "Teranga: nobody came for {what}, {start_at}. Booking {code} released.",
        ),
        NoticeKind::ReservationReminder => (
            "In {minutes_before}",
            "Reminder: {what} ({units}), {start_at}, in {minutes_before}.",
            "Teranga: reminder, {what} ({units}), {start_at} (in {minutes_before}).",
        ),
        NoticeKind::ReservationPaymentFailed => (
            "Payment not completed",
            "The payment of {amount} for {what}, {start_at}, did not go through. You can try again while the booking is \
             held.",
            "Teranga: the payment of {amount} for {what}, {start_at}, did not go through.",
        ),
        NoticeKind::ReservationMoneyReturned => (
            "Your money is on its way back",
            "Your payment of {amount} for {what}, {start_at}, came too late or twice. The full amount is being returned \
             now; you need not do anything.",
            "Teranga: {amount} came too late or twice for {what}: the money is returned.",
        ),
        NoticeKind::ReservationRestored => (
            "Payment received, booking restored",
            "Your payment of {amount} came after the hold ended, but it was still free: {what}, {start_at}, is confirmed. \
             Booking {code}. Code to show: {access_code}.",
            "Teranga: {amount} came late, but confirmed. {what}, {start_at}. Code: {access_code}",
        ),
        _ => return None,
    })
}

pub(super) fn loan(kind: NoticeKind) -> Option<Template> {
    Some(match kind {
        NoticeKind::LoanHandedOver => (
            "Handed over",
            "You received {what} ({units}). Bring it back before {due_at}. Booking {code}.",
            "Teranga: {what} ({units}) handed over. Bring it back before {due_at}.",
        ),
        NoticeKind::LoanReturned => (
            "Returned",
            "{what} is back. Thank you. Booking {code}.",
            "Teranga: {what} is back. Thank you. Booking {code}.",
        ),
        NoticeKind::LoanOverdue => (
            "Return overdue",
            "{what} ({units}) was due back on {due_at}. Bring it back soon: being late has consequences. Booking {code}.",
            "Teranga: {what} ({units}) was due on {due_at}. Bring it back soon.",
        ),
        NoticeKind::UnitReplaced => (
            "Another one is waiting for you",
            "The one you were to have is not back. For {start_at}, {what} ({units}) is waiting for you instead. Booking {code}.",
            "Teranga: {what} ({units}) is waiting on {start_at} instead of the one that is not back.",
        ),
        NoticeKind::UnitNotBack => (
            "Not back yet",
            "{what} ({units}), booked for {start_at}, is not back yet, and no other is free. We go on looking until it begins; \
             have something else in mind. Booking {code}.",
            "Teranga: {what} ({units}), {start_at}, is not back yet. Have something else in mind.",
        ),
        NoticeKind::FineDue => (
            "Fine to pay",
            "You owe {amount} for {what}, booking {code}. Pay it in the app.",
            "Teranga: fine of {amount} for {what}, booking {code}.",
        ),
        NoticeKind::FinePaid => {
            ("Fine paid", "Your fine of {amount} is paid.", "Teranga: your fine of {amount} is paid.")
        }
        NoticeKind::WalletCredited => {
            ("Money in your wallet", "{amount} are in your wallet now.", "Teranga: {amount} are in your wallet now.")
        }
        NoticeKind::WithdrawalSent => (
            "Withdrawal done",
            "We sent {amount} from your wallet to your number.",
            "Teranga: {amount} sent to your number.",
        ),
        NoticeKind::WithdrawalFailed => (
            "Withdrawal not completed",
            "The withdrawal of {amount} did not go through. The money is in your wallet again: check your number in the app.",
            "Teranga: withdrawal of {amount} did not go through. The money is in your wallet again.",
        ),
        NoticeKind::FineWaived => (
            "Fine waived",
            "Your fine of {amount} is waived: you owe nothing.",
            "Teranga: your fine of {amount} is waived.",
        ),
        NoticeKind::FinePaymentFailed => (
            "Payment not completed",
            "The payment of your fine of {amount} did not go through. You can try again.",
            "Teranga: the payment of your fine of {amount} did not go through.",
        ),
        NoticeKind::FineMoneyReturned => (
            "Your money is on its way back",
            "Your payment of {amount} came when the fine was no longer due. The full amount is being returned.",
            "Teranga: {amount} came when nothing was due: the money is returned.",
        ),
        _ => return None,
    })
}
