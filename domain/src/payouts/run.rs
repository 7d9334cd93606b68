//! Somebody asks for a payout run: an operation that ends when the last payout is final (K8).

use crate::{db::Tx, error::Result, ids::OperationId, jobs::Payments, operations};

/// Opens the run; a carrier builds and sends the payouts.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(tx: &mut Tx) -> Result<OperationId> {
    let org = tx.org()?;
    let operation = operations::open(tx, "payout_run", "organization", org.into()).await?;
    tx.enqueue(&Payments::BuildPayouts { operation });
    Ok(operation)
}
