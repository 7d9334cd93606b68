//! Webhooks that must do no harm: signed by a stranger, out of time, or truly signed and untrue.

use super::stamp::Stamp;
use super::{COMPLETED, before_success};
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Delivery, Event};
use integrations::payments::wave::wire::{self, Amount, CheckoutStatus, PaymentStatus, Session};
use serde::{Deserialize, Serialize};

/// What is wrong with a forged webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgery {
    /// Signed with a secret nobody shares.
    BadMac,
    /// Not signed at all.
    NoSignature,
    /// Signed rightly, `seconds` ago.
    Stale,
    /// Signed rightly, of a type nobody knows.
    UnknownType,
    /// Signed rightly, about another amount.
    ChangedAmount,
    /// Signed rightly, `body` as given.
    Body,
}

/// A webhook to forge. It claims that a checkout was paid, unless `body` says otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forge {
    /// What is wrong with it.
    pub kind: Forgery,
    /// The checkout it claims about; absent: one that never was.
    #[serde(default)]
    pub checkout: Option<String>,
    /// The event id it claims; absent: a new one.
    #[serde(default)]
    pub event_id: Option<String>,
    /// The amount it claims; absent: the right one (`changed_amount`: one franc less).
    #[serde(default)]
    pub amount: Option<String>,
    /// The reference it claims; absent: the right one.
    #[serde(default)]
    pub client_reference: Option<String>,
    /// Age of a stale one in seconds, negative for the future; absent: an hour.
    #[serde(default)]
    pub seconds: Option<i64>,
    /// The whole body, for `body`.
    #[serde(default)]
    pub body: Option<String>,
}

impl Forge {
    /// A forgery about a checkout, all else by default.
    #[must_use]
    pub fn about(kind: Forgery, checkout: &str) -> Self {
        Self {
            kind,
            checkout: Some(checkout.into()),
            event_id: None,
            amount: None,
            client_reference: None,
            seconds: None,
            body: None,
        }
    }
}

impl Sandbox {
    /// Post one forged webhook, once, and say what the receiver made of it. It is kept among the events, so that it
    /// can be redelivered; only its first delivery carries the wrong stamp.
    ///
    /// `None` when there is no such checkout or no address to post to.
    pub async fn forge(&self, forge: Forge) -> Option<Delivery> {
        let url = self.knobs().tuning().webhook_url?;
        let event = self.forged_event(&forge)?;
        self.state().write(|books| {
            // A forgery under the id of a true event must not take its place.
            if books.events.get(&event.id).is_none() {
                books.events.put(event.clone());
            }
        });
        let stale = (forge.kind == Forgery::Stale).then(|| forge.seconds.unwrap_or(3_600));
        let faults =
            Faults { stale_seconds: stale.map(|age| age.clamp(-1_000_000_000, 1_000_000_000)), ..Faults::default() };
        let stamp = Stamp::of(self, &faults);
        let how = event.forged.clone().unwrap_or_default();
        let stamp = match forge.kind {
            Forgery::BadMac => stamp.forged(&how),
            Forgery::NoSignature => stamp.unsigned(&how),
            _ => stamp.labelled(&how),
        };
        Some(self.attempt(&url, &event, &stamp, 1).await)
    }

    fn forged_event(&self, forge: &Forge) -> Option<Event> {
        let mut session = match &forge.checkout {
            Some(id) => {
                let checkout = self.state().read(|books| books.checkouts.get(id).cloned())?;
                paid(&checkout.session, checkout.reserved_transaction_id)
            }
            None => paid(&self.never_was(), self.next_id("T")),
        };
        if forge.kind == Forgery::ChangedAmount {
            let francs = session.amount.money(&session.currency).map_or(0, |money| money.amount);
            session.amount = Amount((francs - 1).to_string());
        }
        session.amount = forge.amount.clone().map_or(session.amount, Amount);
        session.client_reference = forge.client_reference.clone().or(session.client_reference);
        let kind = if forge.kind == Forgery::UnknownType { "checkout.session.pondered" } else { COMPLETED };
        let id = forge.event_id.clone().unwrap_or_else(|| self.next_id("EV_"));
        let checkout = Some(session.id.clone());
        let wire = wire::Event { id: id.clone(), kind: kind.to_owned(), data: session };
        let body = match (forge.kind, &forge.body) {
            (Forgery::Body, body) => body.clone().unwrap_or_default(),
            _ => serde_json::to_string(&wire).ok()?,
        };
        let forged = serde_json::to_value(forge.kind).ok()?.as_str().map(str::to_owned);
        Some(Event {
            id,
            at: self.now(),
            provider: "wave",
            kind: kind.into(),
            checkout,
            forged,
            body,
            url: None,
            put: false,
        })
    }

    fn never_was(&self) -> Session {
        let id = self.next_id("cos-");
        Session {
            amount: Amount("2500".into()),
            currency: "XOF".into(),
            client_reference: Some(self.next_id("nobody-")),
            business_name: Some(self.settings().business_name.clone()),
            checkout_status: CheckoutStatus::Open,
            payment_status: PaymentStatus::Processing,
            transaction_id: None,
            last_payment_error: None,
            aggregated_merchant_id: None,
            success_url: None,
            error_url: None,
            wave_launch_url: Some(format!("{}/c/{id}", self.public_url())),
            when_created: Some(self.now()),
            when_expires: None,
            when_completed: None,
            id,
        }
    }
}

/// The session as if it had just been paid.
fn paid(session: &Session, transaction_id: String) -> Session {
    Session {
        checkout_status: CheckoutStatus::Complete,
        payment_status: PaymentStatus::Succeeded,
        transaction_id: Some(transaction_id),
        when_completed: session.when_completed.or(session.when_created),
        last_payment_error: None,
        ..before_success(session)
    }
}
