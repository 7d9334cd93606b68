//! Gathers everything held about a person into one sealed document (W4): the person first, then each organization in a
//! transaction of its own, because no transaction sees two.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{error::Result, ids::OperationId, privacy};

/// Load, gather, record.
///
/// # Errors
/// A fault when the database fails or something sealed does not open.
pub async fn run(env: &Env, errand: &Errand, operation: OperationId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(copying) = privacy::load_export(&mut tx, operation).await? else { return errand.finish(tx).await };
    let mut copy = privacy::gather_person(&mut tx, copying.user).await?;
    tx.commit().await?;

    let mut organizations = Vec::new();
    for org in copying.organizations {
        let mut tx = env.begin_in(errand, org).await?;
        organizations.push(privacy::gather_here(&mut tx, copying.user).await?);
    }
    copy.insert("organizations".to_owned(), organizations.into());

    let mut tx = env.begin(errand).await?;
    privacy::record_export(&mut tx, operation, copy).await?;
    errand.finish(tx).await
}
