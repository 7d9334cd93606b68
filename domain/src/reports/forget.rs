//! When a person is forgotten, files that may name them go too.

use crate::{db::Tx, error::Result, ids::*};

/// Deletes the files this person asked for, and those of others that may name them; whoever writes one now begins anew.
///
/// # Errors
/// A fault when the database fails.
pub async fn forget(tx: &mut Tx, user: UserId) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "delete from report_pieces p using reports r
         where p.org_id = $1 and r.org_id = p.org_id and r.id = p.report_id
           and (r.user_id = $2 or r.kind in ('payout', 'ledger'))",
        org.0,
        user.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update reports set attempt = attempt + 1,
                            expires_at = case when built_at is null then null else least(expires_at, $3) end
         where org_id = $1 and (user_id = $2 or kind in ('payout', 'ledger')) and (built_at is null or expires_at > $3)",
        org.0,
        user.0,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
