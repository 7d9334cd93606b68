//! One delivery of one event: posted once, recorded whatever comes back.

use super::stamp::Stamp;
use crate::sandbox::Sandbox;
use crate::store::{Delivery, Event};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use std::time::Instant;

impl Sandbox {
    /// Post `event` once to `url`.
    pub(super) async fn attempt(&self, url: &str, event: &Event, stamp: &Stamp, attempt: u32) -> Delivery {
        // The permit lives to the end of the call: so many are on their way at once, no more.
        let _permit = self.on_their_way().acquire().await;
        let (at, started) = (self.now(), Instant::now());
        let proof = stamp.prove(event.provider, &event.body);
        let method = if event.put { Method::PUT } else { Method::POST };
        let mut request =
            self.http().request(method, url).header(CONTENT_TYPE, "application/json").body(event.body.clone());
        if let Some(signature) = &proof.signature {
            request = request.header(proof.header, signature);
        }
        if let Some(authorization) = &proof.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let answer = request.send().await;
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        let delivery = Delivery {
            id: self.next_id("dlv_"),
            at,
            event_id: event.id.clone(),
            kind: event.kind.clone(),
            checkout: event.checkout.clone(),
            attempt,
            t: proof.t,
            signature: proof.signature,
            forged: stamp.forged.clone(),
            status,
            error: answer.err().map(|error| error.without_url().to_string()),
            ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        self.state().write(|books| books.deliveries.put(delivery.clone()));
        delivery
    }
}

impl Delivery {
    /// Whether the receiver took it.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}
