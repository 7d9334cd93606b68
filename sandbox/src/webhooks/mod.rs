//! Events: made, signed, posted, tried again, recorded (PROVIDERS §1.7).

mod attempt;
mod deliver;
mod forge;
mod stamp;

pub use forge::{Forge, Forgery};

use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::Event;
use integrations::payments::wave::wire::{self, CheckoutStatus, PaymentError, PaymentStatus, Session};
use serde::Serialize;
use tokio::task::JoinHandle;

/// A checkout was paid.
pub(crate) const COMPLETED: &str = "checkout.session.completed";
/// One attempt to pay failed.
pub(crate) const FAILED: &str = "checkout.session.payment_failed";

impl Sandbox {
    /// Tell that a session was paid; with the fault `reorder`, a failed attempt before it is told after it.
    pub(crate) fn announce_paid(&self, session: &Session) -> JoinHandle<()> {
        let faults = self.webhook_faults(COMPLETED, session);
        let mut events = vec![self.keep_event(COMPLETED, &session.id, session)];
        if Faults::on(faults.reorder) {
            events.push(self.keep_event(FAILED, &session.id, before_success(session)));
        }
        self.deliver(events, faults)
    }

    /// Tell that an attempt failed.
    pub(crate) fn announce_failed(&self, session: &Session) -> JoinHandle<()> {
        let faults = self.webhook_faults(FAILED, session);
        let events = vec![self.keep_event(FAILED, &session.id, session)];
        self.deliver(events, faults)
    }

    fn keep_event<T: Serialize>(&self, kind: &str, checkout: &str, data: T) -> Event {
        let id = self.next_id("EV_");
        let wire = wire::Event { id: id.clone(), kind: kind.into(), data };
        let event = Event {
            id,
            at: self.now(),
            provider: "wave",
            kind: kind.into(),
            checkout: Some(checkout.into()),
            forged: None,
            body: serde_json::to_string(&wire).unwrap_or_default(),
            url: None,
            put: false,
        };
        self.state().write(|books| books.events.put(event.clone()));
        event
    }
}

/// The session as it was when an attempt failed, before the one that succeeded.
fn before_success(session: &Session) -> Session {
    Session {
        checkout_status: CheckoutStatus::Open,
        payment_status: PaymentStatus::Processing,
        transaction_id: None,
        when_completed: None,
        last_payment_error: Some(PaymentError { code: "insufficient-funds".into(), message: "Balance too low".into() }),
        ..session.clone()
    }
}
