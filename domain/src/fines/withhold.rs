//! What a driver owes is kept from what they are paid (K15): a fine that earnings cover whole is paid from them, so that the
//! next payout is smaller and says why.

use super::{Fine, Status, lock, paid};
use crate::{db::Tx, error::Result, ids::*, ledger::postings, money::Money, payments};

/// Pays the fines of somebody whose earnings account is locked, the oldest first, as far as what they earned goes; what they
/// are just paying themselves is left alone. Answers how much was kept.
pub(crate) async fn withhold(tx: &mut Tx, driver: UserId, earned: Money) -> Result<Money> {
    let mut left = earned.amount;
    for id in due_of(tx, driver, earned).await? {
        let fine = lock(tx, id).await?;
        if fine.status != Status::Due || fine.amount.amount > left {
            continue;
        }
        left -= fine.amount.amount;
        keep(tx, driver, &fine).await?;
    }
    Ok(earned.with(earned.amount - left))
}

async fn keep(tx: &mut Tx, driver: UserId, fine: &Fine) -> Result<()> {
    postings::fine_withheld(tx, fine.id, driver, fine.amount).await?;
    paid(tx, fine.id).await?;
    payments::close_open(tx, "fine", fine.id.into()).await
}

async fn due_of(tx: &mut Tx, driver: UserId, earned: Money) -> Result<Vec<FineId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select f.id as "id: FineId" from fines f
           where f.org_id = $1 and f.user_id = $2 and f.status = 'due' and f.currency = $3 and f.amount <= $4
             and not exists (select from payments p
                             where p.org_id = f.org_id and p.subject_type = 'fine' and p.subject_id = f.id
                               and p.direction = 'in' and p.status in ('created', 'submitted', 'authorized'))
           order by f.created_at, f.id"#,
        org.0,
        driver.0,
        earned.currency.code(),
        earned.amount
    )
    .fetch_all(tx.conn())
    .await?)
}
