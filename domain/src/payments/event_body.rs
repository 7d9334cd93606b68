//! What a provider sent, byte for byte: the end of every chain of evidence (★4). It names the payer, so it is kept sealed, and
//! until nobody needs it any more.

use super::EVENT_SEAL;
use crate::{db::Tx, error::Result, ids::EventId, refusals::Refusal};

/// The bytes of an event, as their signature was verified.
///
/// # Errors
/// [`Refusal::NotFound`], also when they were forgotten: after 400 days, or with the person they name.
pub async fn event_body(tx: &mut Tx, id: EventId) -> Result<Vec<u8>> {
    let org = tx.org()?;
    let sealed = sqlx::query_scalar!(
        "select body from inbound_events where org_id = $1 and id = $2 and body <> ''",
        org.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    Ok(tx.keys()?.open(EVENT_SEAL, &sealed)?)
}
