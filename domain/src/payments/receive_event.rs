//! A verified provider event, stored once (J9, A7). Storing and enqueuing are one commit; a duplicate inserts nothing
//! and enqueues nothing. The door may bring many at once: they share the commit.

use super::provider::ProviderEvent;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    jobs::Payments,
};
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

/// An event whose signature was verified over `body`.
#[derive(Debug, Clone)]
pub struct Received {
    /// The account it was sent to.
    pub account: ProviderAccountId,
    /// What it says.
    pub event: ProviderEvent,
    /// The bytes that were signed.
    pub body: Vec<u8>,
    /// Its timestamp was within five minutes. A stale one is never settled from its body (PROVIDERS §1.7).
    pub fresh: bool,
}

/// Stores events of one organization; answers for each whether it was new.
///
/// # Errors
/// A fault when the database fails: then none was stored, and the provider will send them again.
pub async fn receive_events(tx: &mut Tx, events: Vec<Received>) -> Result<Vec<bool>> {
    let (org, now, keys) = (tx.org()?, tx.now(), tx.keys()?);
    let ids: Vec<Uuid> = events.iter().map(|_| EventId::new().into()).collect();
    let mut accounts = Vec::with_capacity(events.len());
    let mut event_keys = Vec::with_capacity(events.len());
    let mut kinds = Vec::with_capacity(events.len());
    let mut news: Vec<Value> = Vec::with_capacity(events.len());
    let mut bodies = Vec::with_capacity(events.len());
    let mut fresh = Vec::with_capacity(events.len());
    for received in events {
        accounts.push(received.account.0);
        event_keys.push(received.event.key);
        kinds.push(received.event.kind);
        news.push(serde_json::to_value(&received.event.news).map_err(|e| Fault::corrupt("news", e))?);
        bodies.push(keys.seal("inbound event", &received.body)?);
        fresh.push(received.fresh);
    }
    let stored: HashSet<Uuid> = sqlx::query_scalar!(
        "insert into inbound_events (org_id, id, provider_account_id, event_key, kind, news, body, fresh, received_at)
         select $1, e.id, e.account, e.key, e.kind, e.news, e.body, e.fresh, $2
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::jsonb[], $8::bytea[], $9::boolean[])
              as e (id, account, key, kind, news, body, fresh)
         on conflict on constraint inbound_events_once do nothing returning id",
        org.0,
        now,
        &ids,
        &accounts,
        &event_keys,
        &kinds,
        &news,
        &bodies,
        &fresh
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .collect();
    let is_new: Vec<bool> = ids.iter().map(|id| stored.contains(id)).collect();
    for id in ids.iter().filter(|id| stored.contains(id)) {
        tx.enqueue(&Payments::SettleEvent { event: EventId(*id) });
    }
    Ok(is_new)
}
