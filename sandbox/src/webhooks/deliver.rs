//! Getting an event to its receiver: copies, order, waiting, trying again.

use super::stamp::Stamp;
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Delivery, Event};
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};

/// The wait between two attempts grows to this.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The most copies one redelivery or one rule makes.
const MOST_COPIES: u32 = 1_000;

impl Sandbox {
    /// Deliver the events one after the other, in the background. The handle ends with the last of them.
    pub(crate) fn deliver(&self, events: Vec<Event>, faults: Faults) -> JoinHandle<()> {
        let sandbox = self.clone();
        let stopping = self.stopping();
        tokio::spawn(async move {
            let delivering = sandbox.deliver_in_order(events, &faults);
            tokio::select! {
                () = stopping.cancelled() => {}
                () = delivering => {}
            }
        })
    }

    async fn deliver_in_order(&self, events: Vec<Event>, faults: &Faults) {
        tokio::time::sleep(Duration::from_millis(faults.delay_ms.unwrap_or(0))).await;
        if Faults::on(faults.never) {
            return;
        }
        let stamp = Stamp::of(self, faults);
        for event in &events {
            let Some(url) = self.address_of(event) else { continue };
            if Faults::on(faults.forge) {
                self.attempt(&url, event, &stamp.clone().forged("bad_mac"), 1).await;
            }
            let originals = if Faults::on(faults.rotation) { stamp.one_per_secret() } else { vec![stamp.clone()] };
            let mut copies = JoinSet::new();
            for copy in originals.iter().cycle().take(originals.len() + extra(faults)) {
                copies.spawn(self.clone().insist(url.clone(), event.clone(), copy.clone()));
            }
            while copies.join_next().await.is_some() {}
        }
    }

    fn address_of(&self, event: &Event) -> Option<String> {
        event.url.clone().or_else(|| self.knobs().tuning().webhook_url)
    }

    /// Try until the receiver takes it or the attempts are used up.
    async fn insist(self, url: String, event: Event, stamp: Stamp) {
        let tuning = self.knobs().tuning();
        let mut wait = Duration::from_millis(tuning.delivery_backoff_ms);
        for attempt in 1..=tuning.delivery_attempts {
            if self.attempt(&url, &event, &stamp, attempt).await.accepted() {
                return;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        tracing::warn!(event = event.id, attempts = tuning.delivery_attempts, "nobody took the event");
    }

    /// Deliver a kept event again, `times` times, each once: in a row, or all at the same moment.
    ///
    /// `None` when there is no such event or no address to post to.
    pub async fn redeliver(&self, event_id: &str, times: u32, concurrent: bool) -> Option<Vec<Delivery>> {
        let event = self.state().read(|books| books.events.get(event_id).cloned())?;
        let url = self.address_of(&event)?;
        let stamp = Stamp::of(self, &Faults::default());
        let times = times.clamp(1, MOST_COPIES);
        let mut deliveries = Vec::new();
        if !concurrent {
            for _ in 0..times {
                deliveries.push(self.attempt(&url, &event, &stamp, 1).await);
            }
            return Some(deliveries);
        }
        let mut copies = JoinSet::new();
        for _ in 0..times {
            let (sandbox, url, event, stamp) = (self.clone(), url.clone(), event.clone(), stamp.clone());
            copies.spawn(async move { sandbox.attempt(&url, &event, &stamp, 1).await });
        }
        while let Some(delivery) = copies.join_next().await {
            deliveries.extend(delivery.ok());
        }
        Some(deliveries)
    }
}

fn extra(faults: &Faults) -> usize {
    faults.duplicate.unwrap_or(0).min(MOST_COPIES) as usize
}
