//! Posting many dead letters again, after a look at which they are.

use super::{By, check_filter};
use crate::{audit::Change, db::Tx, error::Result, refusals::Refusal};
use queue::admin::{self, Count, DeadGroup, Filter, JobRow, State};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Letters posted by one act: one commit, of bounded length.
pub const MOST_AT_ONCE: i64 = 10_000;

const GROUPS: i64 = 50;
const SAMPLE: usize = 10;

/// Which dead letters a filter means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// How many.
    pub count: Count,
    /// By kind and reason, the largest first; at most fifty.
    pub groups: Vec<DeadGroup>,
    /// The newest ten.
    pub sample: Vec<JobRow>,
}

/// Shows which dead letters [`redrive`] would post; changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`] for a filter out of bounds.
pub async fn dry_run(tx: &mut Tx, filter: &Filter) -> Result<Matching> {
    check_filter(State::Dead, filter)?;
    let count = admin::count(tx.conn(), State::Dead, filter).await?;
    let groups = admin::dead_groups(tx.conn(), filter, GROUPS).await?;
    let sample = admin::list(tx.conn(), State::Dead, filter, None, SAMPLE).await?.jobs;
    Ok(Matching { count, groups, sample })
}

/// Posts the matching dead letters again, whole; those whose work is alive already stay. Answers how many were posted.
///
/// # Errors
/// [`Refusal::MoreThanExpected`] when more than `most` match: somebody looks again first. [`Refusal::Invalid`] for a
/// filter or number out of bounds.
pub async fn redrive(tx: &mut Tx, filter: &Filter, most: i64, by: &By) -> Result<i64> {
    check_filter(State::Dead, filter)?;
    if !(1..=MOST_AT_ONCE).contains(&most) {
        return Err(Refusal::invalid("max", format!("must be from 1 to {MOST_AT_ONCE}")).into());
    }
    let posted = match admin::redrive(tx.conn(), filter, most).await? {
        Ok(posted) => posted,
        Err(matched) => return Err(Refusal::MoreThanExpected { matched, max: most }.into()),
    };
    let count = i64::try_from(posted.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(0);
    }
    let (before, after) = (json!({ "status": "dead" }), json!({ "status": "due" }));
    let meta = by.sign(json!({ "filter": told(filter), "count": count }));
    tx.record(Change::moved("dead_letters", Uuid::nil(), before, after).because(meta));
    for queue in posted.into_iter().map(|(_, queue)| queue).collect::<BTreeSet<_>>() {
        tx.ring(&queue);
    }
    Ok(count)
}

/// The filter as audit keeps it: what was not asked for is left out.
fn told(filter: &Filter) -> Value {
    let Filter { queue, kind, org_id, created_after, created_before, ended_after, ended_before, error } = filter;
    let mut told = json!({
        "queue": queue, "kind": kind, "organization": org_id, "created_after": created_after,
        "created_before": created_before, "ended_after": ended_after, "ended_before": ended_before, "error": error,
    });
    if let Some(fields) = told.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    told
}
