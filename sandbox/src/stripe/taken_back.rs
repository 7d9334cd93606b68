//! What happens beside the way: a card is refused, a refund fails after it succeeded, a payer disputes a payment with
//! their bank (PROVIDERS §4.2).

use super::check;
use super::refund::shown;
use crate::sandbox::Sandbox;
use crate::store::{Collection, Disputed, Event, State as Standing, Transfer};
use crate::wave::PayRefused;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use integrations::payments::stripe::wire::{self, Charged, Data, Dispute, DisputeStatus, Intent, List};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio::task::JoinHandle;

/// What is kept for a dispute until the merchant has won it.
const DISPUTE_FEE: i64 = 1_500;

#[derive(Deserialize)]
pub(super) struct Asked {
    payment_intent: Option<String>,
}

/// `GET /v1/disputes?payment_intent=`.
pub(super) async fn list(State(sandbox): State<Sandbox>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    if let Err(refusal) = check(&sandbox, &headers) {
        return *refusal;
    }
    let data = sandbox.state().read(|books| {
        let all = books.disputes.iter().map(|row| row.dispute.clone());
        all.filter(|dispute| asked.payment_intent.is_none() || dispute.payment_intent == asked.payment_intent).collect()
    });
    Json(List { data }).into_response()
}

impl Sandbox {
    /// A card of the payer's is refused inside a session, which stays open for another one.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown, not a card's or decided.
    pub fn refuse_card(&self, collection: &str) -> Result<Collection, PayRefused> {
        let waiting = self.state().read(|books| books.collections.get(collection).cloned());
        let waiting = waiting.ok_or(PayRefused::Unknown)?;
        if waiting.provider != "card" || waiting.state != Standing::Waiting {
            return Err(PayRefused::Closed);
        }
        let intent = Intent {
            id: waiting.transaction_id.clone(),
            amount: waiting.amount,
            currency: waiting.currency.clone(),
            metadata: BTreeMap::from([("payment".to_owned(), waiting.reference.clone())]),
        };
        self.tell(&["payment_intent.payment_failed"], collection, intent);
        Ok(waiting)
    }

    /// A refund that was sent comes back: told twice, by two events about one change, as Stripe does.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown or failed before.
    pub fn fail_refund(&self, id: &str, code: &str) -> Result<Transfer, PayRefused> {
        let failed = self.state().write(|books| {
            let refund = books.transfers.get_mut(id).ok_or(PayRefused::Unknown)?;
            if refund.provider != "card" || refund.state == Standing::Failed {
                return Err(PayRefused::Closed);
            }
            refund.fails_with = Some(code.into());
            refund.state = Standing::Failed;
            Ok(refund.clone())
        })?;
        self.tell(&["refund.failed", "charge.refund.updated"], &failed.id, shown(&failed));
        Ok(failed)
    }

    /// A payer takes a payment back through their bank: the money is withheld.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown, not a card's or not paid.
    pub fn dispute(&self, collection: &str, reason: &str) -> Result<Disputed, PayRefused> {
        let id = self.next_id("dp_test_");
        let at = self.now();
        let opened = self.state().write(|books| {
            let paid = books.collections.get(collection).ok_or(PayRefused::Unknown)?;
            if paid.provider != "card" || paid.state != Standing::Done {
                return Err(PayRefused::Closed);
            }
            let dispute = Dispute {
                id,
                amount: paid.amount,
                currency: paid.currency.clone(),
                payment_intent: Some(paid.transaction_id.clone()),
                status: DisputeStatus::NeedsResponse,
                balance_transactions: vec![Charged { fee: DISPUTE_FEE }],
                reason: reason.into(),
            };
            let opened = Disputed { dispute, of: collection.into(), at };
            books.disputes.put(opened.clone());
            Ok(opened)
        })?;
        let kinds = ["charge.dispute.created", "charge.dispute.funds_withdrawn"];
        self.tell(&kinds, &opened.dispute.id, opened.dispute.clone());
        Ok(opened)
    }

    /// The bank decides.
    ///
    /// # Errors
    /// [`PayRefused`] when it is unknown or decided.
    pub fn end_dispute(&self, id: &str, won: bool) -> Result<Disputed, PayRefused> {
        let ended = self.state().write(|books| {
            let row = books.disputes.get_mut(id).ok_or(PayRefused::Unknown)?;
            if !matches!(row.dispute.status, DisputeStatus::NeedsResponse | DisputeStatus::UnderReview) {
                return Err(PayRefused::Closed);
            }
            row.dispute.status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
            if won {
                row.dispute.balance_transactions.push(Charged { fee: -DISPUTE_FEE });
            }
            Ok(row.clone())
        })?;
        let kinds: &[&str] = if won {
            &["charge.dispute.closed", "charge.dispute.funds_reinstated"]
        } else {
            &["charge.dispute.closed"]
        };
        self.tell(kinds, id, ended.dispute.clone());
        Ok(ended)
    }

    /// One event of each kind about one thing.
    fn tell<T: Serialize + Clone>(&self, kinds: &[&str], about: &str, object: T) -> JoinHandle<()> {
        let faults = self.knobs().take("webhook.card", &[about]);
        let livemode = Some(self.settings().stripe.is_live());
        let events = kinds.iter().map(|kind| {
            let id = self.next_id("evt_");
            let data = Data { object: object.clone() };
            let wire = wire::Event { id: id.clone(), kind: (*kind).into(), livemode, data };
            Event {
                id,
                at: self.now(),
                provider: "card",
                kind: (*kind).into(),
                checkout: Some(about.into()),
                forged: None,
                body: serde_json::to_string(&wire).unwrap_or_default(),
                url: self.knobs().tuning().card_webhook_url,
                put: false,
            }
        });
        let events: Vec<Event> = events.filter(|event| event.url.is_some()).collect();
        self.state().write(|books| events.iter().for_each(|event| books.events.put(event.clone())));
        self.deliver(events, faults)
    }
}
