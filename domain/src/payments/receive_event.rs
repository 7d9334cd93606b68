//! A verified provider event, stored once (J9, A7). Storing and enqueuing are one commit; a duplicate inserts nothing
//! and enqueues nothing. The door may bring many at once: they share the commit.

use super::provider::ProviderEvent;
use crate::{
    db::Db,
    error::{Fault, Result},
    ids::*,
    jobs::Payments,
    keys::Keys,
};
use queue::{JobFamily, NewJob};
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
/// This is the one operation that is its own commit: rows and jobs are a single statement, because a webhook must be
/// answered in milliseconds and every round trip is paid by each of them. The organization is set inside the
/// statement, before the first row is checked against it.
///
/// # Errors
/// A fault when the database fails: then none was stored, and the provider will send them again.
pub async fn receive_events(db: &Db, org: OrgId, trace: &str, events: Vec<Received>) -> Result<Vec<bool>> {
    let rows = Rows::of(&*db.keys()?, org, events)?;
    let stored = sqlx::query!(
        r#"with tenant as materialized (select set_config('app.org_id', $1::uuid::text, true) as org, app_now() as now),
                stored as (
                    insert into inbound_events (org_id, id, provider_account_id, event_key, kind, news, body, fresh,
                                                received_at)
                    select tenant.org::uuid, e.id, e.account, e.key, e.kind, e.news, e.body, e.fresh, tenant.now
                    from tenant cross join
                         unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::jsonb[], $8::bytea[], $9::boolean[])
                         as e (id, account, key, kind, news, body, fresh)
                    on conflict on constraint inbound_events_once do nothing returning id),
                posted as (
                    select queue.post_each($13, $14, $1, $2, array_agg(job.id), array_agg(job.payload),
                                           array_agg(job.unique_key)) as jobs
                    from stored join unnest($3::uuid[], $10::uuid[], $11::jsonb[], $12::text[])
                                     as job (event, id, payload, unique_key) on job.event = stored.id
                    having count(*) > 0)
           select array(select id from stored) as "ids!", (select jobs from posted) as jobs"#,
        org.0,
        trace,
        &rows.ids,
        &rows.accounts,
        &rows.keys,
        &rows.kinds,
        &rows.news,
        &rows.bodies,
        &rows.fresh,
        &rows.jobs,
        &rows.payloads,
        &rows.unique_keys,
        Payments::QUEUE,
        SETTLE
    )
    .fetch_one(db.pool())
    .await?;
    if stored.jobs.is_some() {
        db.announce(Payments::QUEUE, org, SETTLE);
    }
    let ids: HashSet<Uuid> = stored.ids.into_iter().collect();
    Ok(rows.ids.iter().map(|id| ids.contains(id)).collect())
}

/// What the body of an event is sealed for.
pub(crate) const EVENT_SEAL: &str = "inbound event";
/// The kind of [`Payments::SettleEvent`].
const SETTLE: &str = "inbound.settle";

/// Events and their jobs as columns for `unnest`.
#[derive(Default)]
struct Rows {
    ids: Vec<Uuid>,
    accounts: Vec<Uuid>,
    keys: Vec<String>,
    kinds: Vec<String>,
    news: Vec<Value>,
    bodies: Vec<Vec<u8>>,
    fresh: Vec<bool>,
    jobs: Vec<Uuid>,
    payloads: Vec<Value>,
    unique_keys: Vec<String>,
}

impl Rows {
    fn of(keys: &Keys, org: OrgId, events: Vec<Received>) -> Result<Self> {
        let mut rows = Self::default();
        for Received { account, event, body, fresh } in events {
            let id = EventId::new();
            let job = NewJob::of(&Payments::SettleEvent { event: id }, Some(org.into()));
            rows.ids.push(id.into());
            rows.accounts.push(account.into());
            rows.keys.push(event.key);
            rows.kinds.push(event.kind);
            rows.news.push(serde_json::to_value(&event.news).map_err(|e| Fault::corrupt("news", e))?);
            rows.bodies.push(keys.seal(EVENT_SEAL, &body)?);
            rows.fresh.push(fresh);
            rows.jobs.push(job.id);
            rows.payloads.push(job.payload);
            rows.unique_keys.push(job.unique_key.unwrap_or_default());
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_written_here_is_the_kind_of_the_job() {
        assert_eq!(Payments::SettleEvent { event: EventId::new() }.kind(), SETTLE);
    }
}
