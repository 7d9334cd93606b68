//! The English words. SMS texts keep to the GSM alphabet and to 160 characters.

use super::wording::{NoticeKind, Template};

pub(super) fn template(kind: NoticeKind) -> Option<Template> {
    Some(match kind {
        NoticeKind::BookingRequested => (
            "New booking request",
            "A rider asks for {seats} on {from} → {to}, leaving {departure_at}. Answer in the app.",
            "Teranga: a rider asks for {seats}, {from} - {to}, {departure_at}. Answer in the app.",
        ),
        NoticeKind::BookingApproved => (
            "Booking accepted: please pay",
            "Your booking for {from} → {to}, leaving {departure_at}, is accepted. Pay {amount} before \
             {hold_expires_at}, or the seats are freed.",
            "Teranga: {from} - {to}, {departure_at}, accepted. Pay {amount} before {hold_expires_at}.",
        ),
        NoticeKind::BookingRejected => (
            "Booking declined",
            "The driver did not accept your request for {from} → {to}, leaving {departure_at}. You owe nothing.",
            "Teranga: request declined for {from} - {to}, {departure_at}. Nothing to pay.",
        ),
        NoticeKind::BookingConfirmed => (
            "Booking confirmed",
            "You paid {amount}: {seats} on {from} → {to}, leaving {departure_at}. Booking {code}. Show the code \
             {access_code} to the driver.",
            "Teranga: {amount} paid. {from} - {to}, {departure_at}. Code to show: {access_code}",
        ),
        NoticeKind::BookingConfirmedDriver => (
            "A rider has paid",
            "A rider paid for {seats} on {from} → {to}, leaving {departure_at}. Ask for the code when they board.",
            "Teranga: a rider paid for {seats}, {from} - {to}, {departure_at}.",
        ),
        NoticeKind::BookingCancelled => (
            "Booking cancelled",
            "Booking {code} for {from} → {to}, leaving {departure_at}, is cancelled.",
            "Teranga: booking {code} cancelled ({from} - {to}, {departure_at}).",
        ),
        NoticeKind::BookingExpired => (
            "Booking expired",
            "Time is up for {from} → {to}, leaving {departure_at}: the seats are free again. Book anew if you \
             still want to go.",
            "Teranga: time is up for {from} - {to}, {departure_at}. The seats are free again.",
        ),
        NoticeKind::PaymentFailed => (
            "Payment not completed",
            "The payment of {amount} for {from} → {to}, leaving {departure_at}, did not go through. You can try \
             again while your seats are held.",
            "Teranga: the payment of {amount} for {from} - {to}, {departure_at}, did not go through.",
        ),
        NoticeKind::MoneyReturned => (
            "Your money is on its way back",
            "Your payment of {amount} for {from} → {to}, leaving {departure_at}, came too late or twice: it \
             buys no seat. The full amount is being returned now; you need not do anything.",
            "Teranga: {amount} came too late or twice for {from} - {to}: no seat, the money is returned.",
        ),
        NoticeKind::MoneyLateRevived => (
            "Payment received, booking restored",
            "Your payment of {amount} came after the hold ended, but the seats were still free: {from} → \
             {to}, leaving {departure_at}, is confirmed. Booking {code}. Show the code {access_code} to the driver.",
            "Teranga: {amount} came late, but confirmed. {from} - {to}, {departure_at}. Code: {access_code}",
        ),
        NoticeKind::RefundSent => (
            "Refund sent",
            "Your refund of {amount} has left for the account that paid.",
            "Teranga: refund of {amount} sent to the account that paid.",
        ),
        NoticeKind::Reminder => (
            "Leaving in {minutes_before}",
            "Reminder: {from} → {to}, leaving {departure_at}, in {minutes_before}. Have a good trip!",
            "Teranga: reminder, {from} - {to}, leaving {departure_at} (in {minutes_before}).",
        ),
        NoticeKind::PayoutSent => (
            "Your earnings are paid",
            "We paid {amount} to your Wave account.",
            "Teranga: {amount} paid to your Wave account.",
        ),
        NoticeKind::PayoutFailed => (
            "Payout not completed",
            "The payout of {amount} did not go through. The money is still yours: check your payout number in the app.",
            "Teranga: payout of {amount} did not go through. The money is still yours. Check your number.",
        ),
        NoticeKind::KycApproved => (
            "Document approved",
            "Your document ({doc_type}) is approved.",
            "Teranga: your document ({doc_type}) is approved.",
        ),
        NoticeKind::KycRejected => (
            "Document rejected",
            "Your document ({doc_type}) is rejected: {notes}. You can send another one.",
            "Teranga: your document ({doc_type}) is rejected. The reason is in the app.",
        ),
        NoticeKind::TripCancelled => (
            "Trip cancelled",
            "The driver cancelled {from} → {to}, leaving {departure_at}. What you paid is returned.",
            "Teranga: trip cancelled, {from} - {to}, {departure_at}. What you paid is returned.",
        ),
        _ => return None,
    })
}
