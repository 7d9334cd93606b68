//! Money has arrived, or will not: the one place that decides. Event, poll and search all come here; the payment is
//! locked, everything is compared, and payment, booking, books, audit and messages change in one commit (J6, J7).

use super::{
    Payment, close_open,
    provider::{Checkout, CheckoutState},
    set_status,
};
use crate::{
    bookings::{self, Booking, Status, Subject},
    db::Tx,
    error::{Fault, Result},
    fines,
    ids::*,
    ledger::{self, postings},
    notifications::NoticeKind,
    operations, promotions, refunds, tickets, wallet,
};
use serde_json::{Value, json};

/// Applies what the provider says of a checkout to its locked payment. `event` is set when a stored event says so.
pub(super) async fn apply_checkout(
    tx: &mut Tx,
    payment: &Payment,
    checkout: &Checkout,
    event: Option<EventId>,
) -> Result<()> {
    match &checkout.state {
        CheckoutState::Open | CheckoutState::Undecided => Ok(()),
        CheckoutState::Expired => expired(tx, payment).await,
        CheckoutState::Failed { code } => failed(tx, payment, code).await,
        CheckoutState::Paid { transaction_ref } => {
            if payment.status == "succeeded" && payment.provider_ref.as_deref() == Some(&checkout.provider_ref) {
                return Ok(()); // told again
            }
            if is_decided(payment) {
                return Ok(());
            }
            match disagreement(payment, checkout) {
                None => paid(tx, payment, checkout, transaction_ref.clone()).await,
                Some(SECOND_CHECKOUT) => paid_twice(tx, payment, checkout, event).await,
                Some(difference) => unexplained(tx, payment, checkout, difference).await,
            }
        }
    }
}

/// What came of a payment that made its booking firm.
pub(super) const CONFIRMED: &str = "booking_confirmed";

/// Two checkouts of ours for one payment, both paid (PROVIDERS §10, 11).
const SECOND_CHECKOUT: &str = "second_checkout_paid";

/// More or less than was asked for.
const AMOUNT: &str = "amount_mismatch";

/// Every way in which what was paid is not what was asked for, by the code it is stored under.
const DISAGREEMENTS: [&str; 4] = ["direction_mismatch", "currency_mismatch", AMOUNT, "reference_mismatch"];

/// Amount, currency, both references and our own record must agree before money counts as ours.
pub(super) fn disagreement(payment: &Payment, checkout: &Checkout) -> Option<&'static str> {
    let ours = payment.id.to_string();
    if payment.direction != "in" {
        Some("direction_mismatch")
    } else if checkout.price.currency != payment.amount.currency {
        Some("currency_mismatch")
    } else if checkout.price.amount != payment.amount.amount {
        Some(AMOUNT)
    } else if checkout.client_reference.as_deref().is_some_and(|reference| reference != ours) {
        Some("reference_mismatch")
    } else if payment.provider_ref.as_deref().is_some_and(|known| known != checkout.provider_ref) {
        Some(SECOND_CHECKOUT)
    } else {
        None
    }
}

async fn paid(tx: &mut Tx, payment: &Payment, checkout: &Checkout, transaction_ref: Option<String>) -> Result<()> {
    let at = payment.account()?;
    let after = set_status(tx, payment, as_paid(payment, checkout, transaction_ref)).await?;
    if let Some(aside) = ledger::put_aside(tx, &postings::in_suspense(at, &checkout.provider_ref)).await? {
        postings::explained(tx, at, &checkout.provider_ref, after.id, aside).await?;
    }
    match after.purpose.as_str() {
        "fine" => return fine_paid(tx, &after, at).await,
        "topup" => return topped_up(tx, &after, at).await,
        "purchase" => {
            tickets::sold(tx, &after).await?;
            return finish(tx, &after, "tickets_issued").await;
        }
        _ => {}
    }
    let booking = bookings::lock(tx, BookingId(after.subject_id)).await?;
    let subject = bookings::subject_of(tx, &booking).await?;
    if booking.status == Status::Approved && has_left(tx, &booking, &subject) {
        // its time has come, whether or not the hold's timer did
        let booking = bookings::end_hold(tx, &booking, &subject).await?;
        return too_late(tx, &after, at, &booking, &subject).await;
    }
    let Some(discount) = promotions::of_payment(tx, &booking, after.amount).await? else {
        return too_late(tx, &after, at, &booking, &subject).await; // what was promised to it went to somebody else
    };
    let outcome = match booking.status {
        Status::Approved => {
            bookings::confirm_paid(tx, &booking, &subject).await?;
            CONFIRMED
        }
        _ => match bookings::revive(tx, &booking, &subject).await? {
            Some(_) => "booking_revived",
            None => return too_late(tx, &after, at, &booking, &subject).await,
        },
    };
    postings::booking_paid(tx, booking.id, after.id, (after.source()?, after.amount), discount.amount).await?;
    discount.settle(tx).await?;
    close_open(tx, "booking", booking.id.into()).await?; // another checkout of this booking must not be paid as well
    finish(tx, &after, outcome).await
}

/// A payment as it is once its checkout was paid.
pub(super) fn as_paid(payment: &Payment, checkout: &Checkout, transaction_ref: Option<String>) -> Payment {
    Payment {
        status: "succeeded".into(),
        provider_ref: Some(checkout.provider_ref.clone()),
        transaction_ref,
        next_action: None,
        failure_code: None,
        ..payment.clone()
    }
}

/// Whether the time of a booking has come, so that nobody can use it any more.
pub(super) fn has_left(tx: &Tx, booking: &Booking, subject: &Subject) -> bool {
    match subject {
        Subject::Ride(trip) => trip.departure_at <= tx.now(),
        Subject::Things(_) => booking.end_at <= tx.now(),
    }
}

/// ★6: nobody can use this money any more. It goes back at once, and the person hears both facts together.
async fn too_late(
    tx: &mut Tx,
    payment: &Payment,
    at: ProviderAccountId,
    booking: &Booking,
    subject: &Subject,
) -> Result<()> {
    give_back(tx, payment, at).await?;
    bookings::tell_money_returned(tx, booking, subject, payment.id).await?;
    finish(tx, payment, "refund_started").await
}

/// A fine is paid once; a second payment of it, or one of a fine that was waived, goes back (J21).
async fn fine_paid(tx: &mut Tx, payment: &Payment, at: ProviderAccountId) -> Result<()> {
    let id = FineId(payment.subject_id);
    if fines::paid(tx, id).await?.is_none() {
        give_back(tx, payment, at).await?;
        fines::tell_money_returned(tx, id, payment.id).await?;
        return finish(tx, payment, "refund_started").await;
    }
    postings::fine_paid(tx, id, payment.id, payment.source()?, payment.amount).await?;
    close_open(tx, "fine", id.into()).await?;
    finish(tx, payment, "fine_paid").await
}

/// A wallet is filled (K4): nothing else waits for it, so it never comes too late.
async fn topped_up(tx: &mut Tx, payment: &Payment, at: ProviderAccountId) -> Result<()> {
    let user = payment.user.ok_or_else(|| Fault::corrupt("payments", "a top-up of nobody's wallet"))?;
    postings::wallet_topped_up(tx, user, payment.id, at, payment.amount).await?;
    wallet::tell_credited(tx, user, payment.amount, ("payment", payment.id.into())).await?;
    finish(tx, payment, "wallet_topped_up").await
}

async fn give_back(tx: &mut Tx, payment: &Payment, at: ProviderAccountId) -> Result<()> {
    postings::stray_money(tx, payment.id, at, payment.amount).await?;
    refunds::of_stray_payment(tx, payment, payment.amount).await?;
    metrics::counter!("payments_late_total").increment(1);
    Ok(())
}

async fn finish(tx: &mut Tx, payment: &Payment, outcome: &str) -> Result<()> {
    match payment.operation {
        Some(operation) => operations::succeed(tx, operation, ended(payment, outcome)).await,
        None => Ok(()),
    }
}

/// What the operation that waited for a payment tells.
pub(super) fn ended(payment: &Payment, outcome: &str) -> Value {
    json!({ "payment_id": payment.id, "status": payment.status, "outcome": outcome })
}

/// Authentic money that does not agree with our record waits for a person: neither settled nor failed
/// (PROVIDERS §10, 13). The provider is still asked: if it says otherwise later, the books follow it.
async fn unexplained(tx: &mut Tx, payment: &Payment, checkout: &Checkout, difference: &'static str) -> Result<()> {
    alarm(payment, difference);
    postings::unexplained_money(tx, payment.account()?, &checkout.provider_ref, Some(payment.id), checkout.price)
        .await?;
    if ["succeeded", "unknown"].contains(&payment.status.as_str()) {
        return Ok(());
    }
    let after = Payment {
        status: "unknown".into(),
        failure_code: Some(difference.into()),
        next_action: None,
        ..payment.clone()
    };
    set_status(tx, payment, after).await?;
    match payment.operation {
        Some(operation) => operations::advance(tx, operation, difference, Some("review")).await,
        None => Ok(()),
    }
}

/// Its time is over, and the provider, asked again, still says that another amount was paid: that money goes back the way it
/// came (SN5). Until then a person may look. Answers whether it does.
pub(super) async fn send_back(tx: &mut Tx, payment: &Payment, checkout: &Checkout) -> Result<bool> {
    let CheckoutState::Paid { transaction_ref } = &checkout.state else { return Ok(false) };
    let waits = payment.status == "unknown" && payment.failure_code.as_deref() == Some(AMOUNT);
    let aside = ledger::put_aside(tx, &postings::in_suspense(payment.account()?, &checkout.provider_ref)).await?;
    if !waits || disagreement(payment, checkout) != Some(AMOUNT) || aside != Some(checkout.price) {
        return Ok(false);
    }
    let after = Payment {
        status: "failed".into(),
        provider_ref: Some(checkout.provider_ref.clone()),
        transaction_ref: transaction_ref.clone(),
        next_action: None,
        ..payment.clone()
    };
    let after = set_status(tx, payment, after).await?;
    refunds::of_stray_payment(tx, &after, checkout.price).await?;
    give_back_turn(tx, &after).await?;
    if let Some(operation) = after.operation {
        operations::fail(tx, operation, "payment_failed", AMOUNT).await?;
    }
    Ok(true)
}

/// What was paid was not what was asked for, and that was decided: said again, it changes nothing.
fn is_decided(payment: &Payment) -> bool {
    payment.status == "failed" && disagrees(payment)
}

/// Whether what was paid was not what was asked for.
pub(super) fn disagrees(payment: &Payment) -> bool {
    payment.failure_code.as_deref().is_some_and(|code| DISAGREEMENTS.contains(&code))
}

/// A week has passed and the provider has not decided: nobody waits for it any more. Money that comes nevertheless is still
/// taken up.
pub(super) async fn given_up(tx: &mut Tx, payment: &Payment) -> Result<()> {
    if !undecided(payment) {
        return Ok(());
    }
    let after = Payment { status: "expired".into(), next_action: None, ..payment.clone() };
    let after = set_status(tx, payment, after).await?;
    give_back_turn(tx, &after).await?;
    match after.operation {
        Some(operation) => operations::fail(tx, operation, "payment_expired", "the provider never decided").await,
        None => Ok(()),
    }
}

/// The payer paid a second checkout of ours for the same payment: that money goes back, and the payment itself goes on.
async fn paid_twice(tx: &mut Tx, payment: &Payment, checkout: &Checkout, event: Option<EventId>) -> Result<()> {
    let at = payment.account()?;
    let first = postings::unexplained_money(tx, at, &checkout.provider_ref, Some(payment.id), checkout.price).await?;
    if first {
        alarm(payment, SECOND_CHECKOUT);
        refunds::of_second_checkout(tx, payment, checkout, event).await?;
    }
    Ok(())
}

fn alarm(payment: &Payment, difference: &'static str) {
    metrics::counter!("payments_suspense_total", "reason" => difference).increment(1);
    tracing::error!(payment = %payment.id, difference, "money in suspense: a person must look");
}

/// Neither final nor waiting for a person: what the provider says now counts.
fn undecided(payment: &Payment) -> bool {
    let merely_silent = payment.failure_code.as_deref() == Some("provider_silent");
    payment.is_open() || (payment.status == "unknown" && merely_silent)
}

/// The provider refuses for good, when it is asked or later (J8): the booking may be paid again.
pub(super) async fn failed(tx: &mut Tx, payment: &Payment, code: &str) -> Result<()> {
    if !undecided(payment) {
        return Ok(());
    }
    let after =
        Payment { status: "failed".into(), failure_code: Some(code.to_owned()), next_action: None, ..payment.clone() };
    let after = set_status(tx, payment, after).await?;
    give_back_turn(tx, &after).await?;
    match after.operation {
        Some(operation) => operations::fail(tx, operation, "payment_failed", code).await,
        None => Ok(()),
    }
}

async fn expired(tx: &mut Tx, payment: &Payment) -> Result<()> {
    if !undecided(payment) {
        return Ok(());
    }
    let after = Payment { status: "expired".into(), failure_code: None, next_action: None, ..payment.clone() };
    let after = set_status(tx, payment, after).await?;
    give_back_turn(tx, &after).await?;
    if let Some(operation) = after.operation {
        operations::fail(tx, operation, "payment_expired", "nobody paid in time").await?;
    }
    Ok(())
}

/// The booking may be paid again, as long as its hold runs (CX46).
pub(super) async fn give_back_turn(tx: &mut Tx, payment: &Payment) -> Result<()> {
    match payment.purpose.as_str() {
        "fine" => return fines::tell_payment_failed(tx, FineId(payment.subject_id), payment.id).await,
        "topup" | "purchase" => return Ok(()),
        _ => {}
    }
    let booking = bookings::lock(tx, BookingId(payment.subject_id)).await?;
    if booking.status == Status::Approved {
        let booking = bookings::set_payment_status(tx, booking.id, "due").await?;
        let subject = bookings::subject_of(tx, &booking).await?;
        bookings::tell(tx, &booking, &subject, NoticeKind::PaymentFailed).await?;
    } else if booking.payment_status == "processing" {
        bookings::set_payment_status(tx, booking.id, "none").await?;
    }
    Ok(())
}
