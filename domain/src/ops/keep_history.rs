//! How long it is remembered how jobs ended.

use crate::{db::Tx, error::Result};
use queue::admin;

/// Makes the days that come and forgets those that ended more than `days` days ago (QUEUE promise 12). Answers how many
/// were forgotten.
///
/// # Errors
/// A fault when the database fails.
pub async fn keep_history(tx: &mut Tx, days: i32) -> Result<i32> {
    Ok(admin::keep_history(tx.conn(), days).await?)
}
