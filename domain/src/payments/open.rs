//! Somebody starts to pay for a booking or a fine, or fills their wallet (J4, J21, K4). The payment, its operation and the
//! job that calls the provider are one commit.

use super::{
    Payment, WALLET, account_for, from_wallet,
    limits::must_not_insist,
    queries::{self, NewRow},
};
use crate::{
    bookings::{self, Authority, Booking, Status},
    db::Tx,
    error::{RefuseOn, Result},
    fines,
    identity::{self, Identifier},
    ids::*,
    jobs::Payments,
    money::Money,
    operations, promotions,
    refusals::Refusal,
    tickets, wallet,
};
use uuid::Uuid;

/// What is paid (CX54).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The price of a booking.
    Booking(BookingId),
    /// A fine.
    Fine(FineId),
    /// So much into one's own wallet (K4).
    Topup(Money),
    /// A pack of tickets (K20).
    Tickets(TicketOfferId),
}

impl Due {
    /// What kind of thing is paid, and which.
    pub(super) fn subject(self, payer: UserId) -> (&'static str, Uuid) {
        match self {
            Self::Booking(id) => ("booking", id.into()),
            Self::Fine(id) => ("fine", id.into()),
            Self::Topup(_) | Self::Tickets(_) => ("user", payer.into()),
        }
    }

    pub(super) fn purpose(self) -> &'static str {
        match self {
            Self::Booking(_) => "booking",
            Self::Fine(_) => "fine",
            Self::Topup(_) => "topup",
            Self::Tickets(_) => "purchase",
        }
    }
}

/// The ways to pay through a provider (J2), each named after the provider that carries it.
pub const METHODS: [&str; 5] = ["wave", "orange", "mtn", "card", "sonatel"];
/// Whether the money of an organization is real, or for trying out (SN50). Never both.
pub const MODES: [&str; 2] = ["live", "test"];
/// Of the ways to pay, those whose payer is asked on the phone.
const ON_THE_PHONE: [&str; 1] = ["mtn"];

/// What somebody wants to pay, and how.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// What for.
    pub due: Due,
    /// One of [`METHODS`], or [`WALLET`].
    pub method: String,
    /// The wallet to ask, for a method that asks on the phone; absent: the payer's own number.
    pub payer_phone: Option<String>,
    /// Where the browser goes afterwards; https, at most 500 characters.
    pub return_url: String,
}

/// Opens a payment for an approved booking whose hold still runs, for a fine that is due, or to fill a wallet. From a
/// wallet it is paid at once.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::AlreadyPaid`], [`Refusal::PaymentInProgress`], [`Refusal::HoldExpired`],
/// [`Refusal::NothingDue`], [`Refusal::StateConflict`], [`Refusal::MethodUnavailable`], [`Refusal::Invalid`],
/// [`Refusal::InsufficientFunds`], [`Refusal::Policy`] for who failed too often.
pub async fn open(tx: &mut Tx, by: Authority, new: NewPayment) -> Result<(Payment, OperationId)> {
    if new.return_url.len() > 500 || !is_safe_return(&new.return_url) {
        return Err(Refusal::invalid("return_url", "must be an https address of at most 500 characters").into());
    }
    if new.method == WALLET {
        return from_wallet::pay(tx, by, new.due).await;
    }
    if !METHODS.contains(&new.method.as_str()) {
        return Err(Refusal::invalid("method", format!("must be one of: {}, {WALLET}", METHODS.join(", "))).into());
    }
    let price = price_of(tx, by, new.due).await?;
    let account = account_for(tx, &new.method, price.currency).await?;
    let payer_phone = payer_phone(tx, by.user(), &new).await?;
    must_not_insist(tx, by.user(), &new.method, payer_phone.as_deref()).await?;
    let id = PaymentId::new();
    let operation = operations::open(tx, "payment", "payment", id.into()).await?;
    let (subject_type, subject_id) = new.due.subject(by.user());
    let row = NewRow {
        direction: "in",
        purpose: new.due.purpose(),
        subject_type,
        subject_id,
        user: Some(by.user()),
        method: &new.method,
        provider_account: Some(account.id),
        provider_ref: None,
        amount: price,
        status: "created",
        payer_phone,
        return_url: Some(new.return_url),
        destination: None,
        operation: Some(operation),
        parent: None,
    };
    let payment = queries::insert(tx, id, row)
        .await
        .refuse_on("payments_one_open", Refusal::Conflict { reason: "a payment for this is already open" })?;
    match new.due {
        Due::Booking(booking) => {
            bookings::set_payment_status(tx, booking, "processing").await?;
        }
        Due::Tickets(offer) => tickets::note(tx, id, by.user(), offer).await?,
        Due::Fine(_) | Due::Topup(_) => {}
    }
    tx.enqueue(&Payments::StartPayment { payment: id });
    metrics::counter!("payments_opened_total", "method" => new.method).increment(1);
    Ok((payment, operation))
}

/// Whether this method asks its payer on the phone.
#[must_use]
pub fn asks_on_the_phone(method: &str) -> bool {
    ON_THE_PHONE.contains(&method)
}

/// The number to ask: the one given, else the payer's own.
async fn payer_phone(tx: &mut Tx, user: UserId, new: &NewPayment) -> Result<Option<String>> {
    match (asks_on_the_phone(&new.method), new.payer_phone.as_deref()) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(Refusal::invalid("payer_phone", "this method asks nobody on the phone").into()),
        (true, Some(given)) => {
            let wrong = |_| Refusal::invalid("payer_phone", "must be in E.164 form, e.g. +2250700000000");
            Ok(Some(Identifier::phone(given).map_err(wrong)?.value().to_owned()))
        }
        (true, None) => {
            let own = identity::phone_of(tx, user).await?;
            Ok(Some(own.ok_or_else(|| Refusal::invalid("payer_phone", "name the wallet that pays"))?))
        }
    }
}

/// What is due, of what was locked and may be paid now; no other payment of it is under way.
pub(super) async fn price_of(tx: &mut Tx, by: Authority, due: Due) -> Result<Money> {
    let price = match due {
        Due::Booking(id) => {
            let booking = bookings::lock(tx, id).await?;
            by.must_ride(&booking)?;
            must_be_payable(tx, &booking)?;
            let given = promotions::reserved_for(tx, &booking).await?;
            booking.price.with(booking.price.amount - given.amount)
        }
        Due::Fine(id) => {
            let fine = fines::lock(tx, id).await?;
            if fine.user != by.user() {
                return Err(Refusal::NotFound.into());
            }
            match fine.status {
                fines::Status::Due => fine.amount,
                fines::Status::Paid => return Err(Refusal::AlreadyPaid.into()),
                fines::Status::Waived => return Err(Refusal::NothingDue.into()),
            }
        }
        Due::Topup(amount) => {
            wallet::must_be_on(tx).await?;
            return Ok(amount); // a wallet is filled as often as its owner likes
        }
        Due::Tickets(offer) => {
            wallet::must_be_on(tx).await?;
            return tickets::price_of(tx, offer).await; // and so are tickets bought
        }
    };
    match open_payment_of(tx, due.subject(by.user())).await? {
        Some(payment) => Err(Refusal::PaymentInProgress { payment }.into()),
        None => Ok(price),
    }
}

/// A booking that waits for its payment, locked, with no payment of it under way.
pub(crate) async fn payable_booking(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    price_of(tx, by, Due::Booking(id)).await?;
    bookings::lock(tx, id).await
}

/// Encrypted, or to the client's own machine during development.
fn is_safe_return(url: &str) -> bool {
    ["https://", "http://localhost:", "http://127.0.0.1:"].iter().any(|start| url.starts_with(start))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn must_be_payable(tx: &Tx, booking: &Booking) -> Result<()> {
    if booking.price.amount == 0 {
        return Err(Refusal::NothingDue.into());
    }
    match booking.status {
        Status::Approved => match booking.hold_expires_at.filter(|deadline| *deadline <= tx.now()) {
            Some(expired_at) => Err(Refusal::HoldExpired { expired_at }.into()),
            None => Ok(()),
        },
        Status::Expired => Err(Refusal::HoldExpired { expired_at: booking.hold_expires_at.unwrap_or(tx.now()) }.into()),
        Status::Confirmed | Status::InUse | Status::Completed => Err(Refusal::AlreadyPaid.into()),
        other => Err(Refusal::StateConflict { status: other.code().into() }.into()),
    }
}

async fn open_payment_of(tx: &mut Tx, (subject_type, subject): (&str, Uuid)) -> Result<Option<PaymentId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: PaymentId" from payments
           where org_id = $1 and subject_type = $2 and subject_id = $3 and direction = 'in'
             and status in ('created', 'submitted', 'authorized')"#,
        org.0,
        subject_type,
        subject
    )
    .fetch_optional(tx.conn())
    .await?)
}
