//! Waiting until a payment can go on: the payer knows where to pay, or the work ended (MODEL, "Shape of a submission").

use crate::{App, caller::Caller, routes::operations::watch};
use domain::{
    error::Result,
    ids::{OperationId, PaymentId},
    operations::{self, Operation},
    payments::{self, Payment},
};

/// A payment and the operation that carries it, read together.
pub struct Progress {
    /// How the payment stands.
    pub payment: Payment,
    /// How far the work is.
    pub operation: Operation,
}

impl Progress {
    /// Whether there is something to tell the payer beside "wait".
    pub fn is_ready(&self) -> bool {
        self.payment.next_action.is_some() || self.operation.is_final()
    }
}

/// The payment once it is ready, or as it is after `seconds`.
pub async fn until_ready(app: &App, caller: &Caller, id: OperationId, seconds: u64) -> Result<Progress> {
    watch(app, id, seconds, Progress::is_ready, || look(app, caller, id)).await
}

async fn look(app: &App, caller: &Caller, id: OperationId) -> Result<Progress> {
    let mut tx = caller.begin(app).await?;
    let operation = operations::find(&mut tx, id).await?;
    let payment = payments::find(&mut tx, PaymentId(operation.subject_id)).await?;
    tx.commit().await?;
    Ok(Progress { payment, operation })
}
