//! One job's whole life, back to the request that posted it.

use crate::{db::Tx, error::Result, refusals::Refusal};
use queue::admin::{self, Life};
use uuid::Uuid;

/// Where a job came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The trace its request, its own runs and their logs share.
    pub trace_id: Option<String>,
    /// The request, where it left an audit event.
    pub request_id: Option<String>,
}

/// What is known of a job, and where it came from.
///
/// # Errors
/// [`Refusal::NotFound`] when it is unknown or forgotten.
pub async fn life(tx: &mut Tx, id: Uuid) -> Result<(Life, Origin)> {
    let life = admin::life(tx.conn(), id).await?.ok_or(Refusal::NotFound)?;
    let trace_id = life.trace.as_deref().and_then(trace_id).map(str::to_owned);
    let request_id = match (&trace_id, life.org_id, life.created_at) {
        (Some(trace), Some(org), Some(posted)) => {
            sqlx::query_scalar!("select request_of_trace($1, $2, $3)", org, trace, posted).fetch_one(tx.conn()).await?
        }
        _ => None,
    };
    Ok((life, Origin { trace_id, request_id }))
}

/// The trace id within a W3C `traceparent`.
fn trace_id(traceparent: &str) -> Option<&str> {
    traceparent.split('-').nth(1).filter(|id| id.len() == 32)
}
