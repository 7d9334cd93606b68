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
        NoticeKind::RefundFailed => (
            "Refund delayed",
            "Your refund of {amount} came back to us. The money is still yours: we will send it another way.",
            "Teranga: your refund of {amount} came back to us. We will send it another way.",
        ),
        NoticeKind::Reminder => (
            "Leaving in {minutes_before}",
            "Reminder: {from} → {to}, leaving {departure_at}, in {minutes_before}. Have a good trip!",
            "Teranga: reminder, {from} - {to}, leaving {departure_at} (in {minutes_before}).",
        ),
        NoticeKind::PayoutSent => {
            ("Your earnings are paid", "We paid {amount} to your number.", "Teranga: {amount} paid to your number.")
        }
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
        NoticeKind::Announcement => ("{subject}", "{body}", "{subject}: {body}"),
        NoticeKind::ExportReady => (
            "Your data is ready",
            "The copy of everything we hold about you is ready. Fetch it in the app before {expires_at}; then it is \
             deleted.",
            "Teranga: the copy of your data is ready in the app until {expires_at}.",
        ),
        NoticeKind::WaitlistJoined => (
            "You are on the waitlist",
            "Nothing is free for {resource}, {start_at}: you are on the waitlist (booking {code}). We tell you the \
             moment something is offered to you.",
            "Teranga: you are on the waitlist for {resource}, {start_at}. Booking {code}.",
        ),
        NoticeKind::OfferMade => (
            "It is your turn: answer now",
            "{resource}, {start_at}, is held for you until {expires_at} (booking {code}). Accept or decline in the app; \
             without an answer it goes to the next.",
            "Teranga: {resource}, {start_at}, held for you until {expires_at}. Accept in the app, booking {code}.",
        ),
        NoticeKind::OfferExpired => (
            "The offer has expired",
            "You did not answer in time: {resource}, {start_at}, went to the next in line. Ask again if you still want it.",
            "Teranga: no answer in time, {resource}, {start_at}, went to the next in line.",
        ),
        NoticeKind::OfferAccepted => (
            "You took the offer",
            "{resource}, {start_at}, is held for your booking {code}. The app says what is left to do, if anything.",
            "Teranga: {resource}, {start_at}, is held for your booking {code}.",
        ),
        NoticeKind::WaitlistRefused => (
            "Your request was declined",
            "Your wish for {resource}, {start_at}, was declined: {notes}. You owe nothing.",
            "Teranga: your wish for {resource}, {start_at}, was declined. The reason is in the app.",
        ),
        NoticeKind::AlternativeProposed => (
            "Something else for you",
            "Instead of {resource}, {start_at}, you can have {other}, {other_at}: {notes}. It is not held: accept in the \
             app while it is free.",
            "Teranga: instead of {resource}, {other} at {other_at}. Not held: accept in the app.",
        ),
        NoticeKind::WaitlistEnded => (
            "Nothing became free",
            "Nothing became free for {resource}, {start_at}. You are no longer on its waitlist.",
            "Teranga: nothing became free for {resource}, {start_at}.",
        ),
        NoticeKind::BookingWithdrawn => (
            "Your booking had to be cancelled",
            "{resource} is no longer offered: booking {code} of {start_at} is cancelled. What was paid is returned.",
            "Teranga: {resource} is no longer offered. Booking {code}, {start_at}, is cancelled.",
        ),
        NoticeKind::BookingClosedOut => (
            "Your booking had to be cancelled",
            "{resource} is closed then: booking {code} of {start_at} is cancelled. What was paid is returned.",
            "Teranga: {resource} is closed on {start_at}. Booking {code} is cancelled.",
        ),
        _ => return None,
    })
}
