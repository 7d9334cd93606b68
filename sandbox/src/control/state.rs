//! `GET /sandbox/state?limit=`: everything at once, the newest of each kind first.

use super::list::present;
use crate::sandbox::Sandbox;
use crate::store::Checkout;
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Records of each kind when nobody says how many.
const USUAL: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Asked {
    limit: Option<usize>,
}

/// The route.
pub(super) async fn all(State(sandbox): State<Sandbox>, Query(asked): Query<Asked>) -> Json<Value> {
    let limit = asked.limit.unwrap_or(USUAL);
    let checkouts = sandbox.state().read(|books| books.checkouts.newest(limit, 0));
    let checkouts: Vec<Checkout> = checkouts.into_iter().map(|checkout| present(&sandbox, checkout)).collect();
    let now = sandbox.now();
    Json(sandbox.state().read(|books| {
        json!({
            "now": now,
            "balance": books.balance,
            "calls": books.calls,
            "totals": {
                "checkouts": books.checkouts.total(),
                "payouts": books.payouts.total(),
                "refunds": books.refunds.total(),
                "collections": books.collections.total(),
                "transfers": books.transfers.total(),
                "disputes": books.disputes.total(),
                "pushes": books.pushes.total(),
                "sms": books.sms.total(),
                "mails": books.mails.total(),
                "events": books.events.total(),
                "deliveries": books.deliveries.total(),
            },
            "checkouts": checkouts,
            "payouts": books.payouts.newest(limit, 0),
            "refunds": books.refunds.newest(limit, 0),
            "collections": books.collections.newest(limit, 0),
            "transfers": books.transfers.newest(limit, 0),
            "disputes": books.disputes.newest(limit, 0),
            "pushes": books.pushes.newest(limit, 0),
            "sms": books.sms.newest(limit, 0),
            "mails": books.mails.newest(limit, 0),
            "events": books.events.newest(limit, 0),
            "deliveries": books.deliveries.newest(limit, 0),
        })
    }))
}
