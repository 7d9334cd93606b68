//! The payer's side of a session, played by a person or a test, and closing it (PROVIDERS §1.3).

use super::error::WaveError;
use super::fees::{Move, fee_of};
use super::find_checkouts::NO_SUCH_SESSION;
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Books, Checkout};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, SubsecRound, Utc};
use integrations::payments::wave::wire::{CheckoutStatus, PaymentError, PaymentStatus, Session};
use std::time::Duration;

/// The wallet that pays when nobody says which.
const SOME_PAYER: &str = "+2250700000099";
/// How long the early webhook may take before the create answer goes out regardless.
const EARLY_PATIENCE: Duration = Duration::from_secs(5);

/// Why a payer cannot act on a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayRefused {
    /// Nobody has this session.
    #[error("there is no such session")]
    Unknown,
    /// It is paid or its time is over.
    #[error("the session is no longer open")]
    Closed,
    /// Another wallet was named when it was made; the attempt was reported as failed.
    #[error("only the named payer may pay")]
    OtherPayer,
}

impl Sandbox {
    /// Pay an open session and post `checkout.session.completed`.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown or not open.
    pub fn pay(&self, id: &str) -> Result<Session, PayRefused> {
        self.pay_from(id, None)
    }

    /// Pay from a wallet, `+225…`.
    ///
    /// # Errors
    /// [`PayRefused`]; for the wrong wallet the failed attempt is posted.
    pub fn pay_from(&self, id: &str, mobile: Option<&str>) -> Result<Session, PayRefused> {
        let restricted = self.state().read(|books| books.checkouts.get(id)?.restrict_payer_mobile.clone());
        let payer = mobile.map(str::to_owned).or_else(|| restricted.clone()).unwrap_or_else(|| SOME_PAYER.into());
        if restricted.is_some_and(|only| only != payer) {
            self.refuse(id, "payer-mobile-mismatch")?;
            return Err(PayRefused::OtherPayer);
        }
        let session = self.complete(id, payer)?;
        self.announce_paid(&session);
        Ok(session)
    }

    /// Fail one attempt and post `checkout.session.payment_failed`; the session stays open.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown or not open.
    pub fn refuse(&self, id: &str, code: &str) -> Result<Session, PayRefused> {
        let now = self.now();
        let session = self.state().write(|books| {
            let checkout = open(books, id, now)?;
            checkout.session.last_payment_error =
                Some(PaymentError { code: code.into(), message: "the attempt failed".into() });
            Ok(checkout.session.clone())
        })?;
        self.announce_failed(&session);
        Ok(session)
    }

    /// Paid and announced before the merchant knows the session: the webhook overtakes the create answer.
    pub(super) async fn pay_early(&self, id: &str) {
        if let Ok(session) = self.complete(id, SOME_PAYER.into()) {
            let delivering = self.announce_paid(&session);
            // Too slow: the deliveries go on behind the answer.
            let _ = tokio::time::timeout(EARLY_PATIENCE, delivering).await;
        }
    }

    fn complete(&self, id: &str, payer: String) -> Result<Session, PayRefused> {
        let (exactly, now) = (self.now(), self.wire_now());
        self.state().write(|books| {
            let checkout = open(books, id, exactly)?;
            let transaction_id = checkout.reserved_transaction_id.clone();
            checkout.paid_by = Some(payer.clone());
            let session = &mut checkout.session;
            session.checkout_status = CheckoutStatus::Complete;
            session.payment_status = PaymentStatus::Succeeded;
            session.transaction_id = Some(transaction_id.clone());
            session.last_payment_error = None;
            session.when_completed = Some(now);
            let (session, francs) = (session.clone(), checkout.francs());
            let paid = Move {
                transaction_id,
                kind: "api_checkout",
                francs,
                fee: fee_of(francs),
                at: now,
                undoes: false,
                client_reference: session.client_reference.clone(),
                checkout: Some(session.id.clone()),
                name: None,
                mobile: Some(payer),
                reason: None,
            };
            paid.book(books);
            Ok(session)
        })
    }
}

fn open<'a>(books: &'a mut Books, id: &str, now: DateTime<Utc>) -> Result<&'a mut Checkout, PayRefused> {
    let checkout = books.checkouts.get_mut(id).ok_or(PayRefused::Unknown)?;
    let is_open = checkout.as_of(now).checkout_status == CheckoutStatus::Open;
    if is_open { Ok(checkout) } else { Err(PayRefused::Closed) }
}

/// `POST /v1/checkout/sessions/{id}/expire`: 200 and nothing, or 409 once it is paid or over.
pub(super) async fn expire(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<StatusCode, WaveError> {
    let now = sandbox.now();
    let closed = sandbox.state().write(|books| {
        let session = &mut open(books, &id, now)?.session;
        session.checkout_status = CheckoutStatus::Expired;
        session.payment_status = PaymentStatus::Cancelled;
        session.when_expires = Some(now.trunc_subsecs(0));
        Ok(())
    });
    match closed {
        Ok(()) => Ok(StatusCode::OK),
        Err(PayRefused::Unknown) => Err(WaveError::not_found(NO_SUCH_SESSION)),
        Err(_) => Err(WaveError::new(StatusCode::CONFLICT, "checkout-session-not-open", "paid or over already")),
    }
}

impl Sandbox {
    /// The faults of one event: rules may name the checkout or the merchant's reference.
    pub(crate) fn webhook_faults(&self, kind: &str, session: &Session) -> Faults {
        let reference = session.client_reference.as_deref().unwrap_or_default();
        self.knobs().take(&format!("webhook.{kind}"), &[&session.id, reference])
    }
}
