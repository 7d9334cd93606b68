//! The payer's side at the providers beside Wave, played by a person or a test, and the news that go out.

use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Collection, Event, State};
use crate::wave::PayRefused;
use crate::{mtn, orange, sonatel, stripe};
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long early news may take before the answer goes out regardless.
const EARLY_PATIENCE: Duration = Duration::from_secs(5);

impl Sandbox {
    /// The payer says yes: on the phone, or on the page. One that is over may still be paid where the provider lets
    /// that happen (PROVIDERS §10, 10).
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown or decided.
    pub fn approve(&self, id: &str) -> Result<Collection, PayRefused> {
        let paid = self.decide(id, State::Done, None)?;
        self.announce(&paid);
        Ok(paid)
    }

    /// The payer says no, or cannot pay.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown or decided.
    pub fn reject(&self, id: &str, code: &str) -> Result<Collection, PayRefused> {
        let failed = self.decide(id, State::Failed, Some(code))?;
        self.announce(&failed);
        Ok(failed)
    }

    /// Its time is over; nobody is told.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown or decided.
    pub fn let_expire(&self, id: &str) -> Result<Collection, PayRefused> {
        self.decide(id, State::Expired, Some("EXPIRED"))
    }

    /// Decided, and the news delivered, before the merchant has the answer to its own call.
    pub(crate) async fn approve_early(&self, id: &str) {
        if let Ok(paid) = self.decide(id, State::Done, None) {
            let delivering = self.announce(&paid);
            // Too slow: the deliveries go on behind the answer.
            let _ = tokio::time::timeout(EARLY_PATIENCE, delivering).await;
        }
    }

    pub(crate) fn decide(&self, id: &str, state: State, reason: Option<&str>) -> Result<Collection, PayRefused> {
        self.state().write(|books| {
            let collection = books.collections.get_mut(id).ok_or(PayRefused::Unknown)?;
            let late = collection.state == State::Expired && collection.provider == "orange" && state == State::Done;
            if collection.state != State::Waiting && !late {
                return Err(PayRefused::Closed);
            }
            collection.state = state;
            collection.reason = reason.map(str::to_owned);
            Ok(collection.clone())
        })
    }

    /// Tells the merchant, where it asked to be told.
    pub(crate) fn announce(&self, collection: &Collection) -> JoinHandle<()> {
        let kind = format!("webhook.{}", collection.provider);
        let faults = self.knobs().take(&kind, &[&collection.id, &collection.reference]);
        let events = self.news(collection, &faults).into_iter().collect();
        self.deliver(events, faults)
    }

    fn news(&self, collection: &Collection, faults: &Faults) -> Option<Event> {
        let id = self.next_id("evt_");
        let (kind, url, body) = match collection.provider {
            "mtn" => ("mtn.callback", collection.callback.clone()?, mtn::news(collection)),
            "orange" => ("orange.notification", collection.callback.clone()?, orange::news(collection)),
            "sonatel" => ("sonatel.callback", self.knobs().tuning().sonatel_webhook_url?, sonatel::news(collection)),
            // a card that was refused is another try, not news
            _ if collection.state != State::Done => return None,
            _ => {
                let url = self.knobs().tuning().card_webhook_url?;
                ("checkout.session.completed", url, stripe::news(&self.settings().stripe, &id, collection))
            }
        };
        let event = Event {
            id,
            at: self.now(),
            provider: collection.provider,
            kind: kind.into(),
            checkout: Some(collection.id.clone()),
            forged: None,
            body,
            url: Some(url),
            put: Faults::on(faults.put),
        };
        self.state().write(|books| books.events.put(event.clone()));
        Some(event)
    }
}
