//! Applies one stored provider event (Q13). Nothing is called: the event and the end of its job are one commit, which those
//! that wait at the same time share.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::EventId, payments};

/// Settles, parks or ignores the event.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand, event: EventId) -> Result<Outcome> {
    if env.desk().settled(env.db(), errand, event).await {
        return Ok(Outcome::DoneInTransaction);
    }
    let mut tx = env.begin_by_key(errand).await?;
    payments::settle_event(&mut tx, event).await?;
    errand.finish(tx).await
}
