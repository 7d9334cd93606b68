//! Before anybody takes units of locked things: what is overdue lets go, and who waits goes first (H8). The job that
//! serves a line runs after the commit that freed a unit; without this, whoever asks between the two would pass everybody
//! in line.

use super::expire_hold;
use crate::{db::Tx, error::Result, ids::ResourceId, waitlist};

/// Ends overdue holds on these locked things, then offers what is free to those who wait for it.
pub(super) async fn make_room(tx: &mut Tx, resources: &[ResourceId]) -> Result<()> {
    expire_hold::end_overdue_of(tx, resources).await?;
    waitlist::serve_first(tx, resources).await
}
