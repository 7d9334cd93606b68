//! Waiting until a payment can go on: the payer knows where to pay, or the work ended (MODEL, "Shape of a submission").

use crate::{App, caller::Caller};
use domain::{
    error::Result,
    ids::{OperationId, PaymentId},
    operations::{self, Operation},
    payments::{self, Payment},
};
use std::time::Duration;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, timeout_at},
};

/// A notice may be lost, so a waiting request also looks by itself this often.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

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

/// The payment once it is ready, or as it is after `seconds`. No transaction is open while waiting.
pub async fn until_ready(app: &App, caller: &Caller, id: OperationId, seconds: u64) -> Result<Progress> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    // before reading, so that no change falls between
    let mut changes = app.watch.subscribe();
    loop {
        let progress = look(app, caller, id).await?;
        if progress.is_ready() || Instant::now() >= deadline {
            return Ok(progress);
        }
        let next = deadline.min(Instant::now() + LOOK_AGAIN);
        // heard or not, the next look tells
        let _ = timeout_at(next, heard(&mut changes, id)).await;
    }
}

async fn look(app: &App, caller: &Caller, id: OperationId) -> Result<Progress> {
    let mut tx = caller.begin(app).await?;
    let operation = operations::find(&mut tx, id).await?;
    let payment = payments::find(&mut tx, PaymentId(operation.subject_id)).await?;
    tx.commit().await?;
    Ok(Progress { payment, operation })
}

async fn heard(changes: &mut Receiver<OperationId>, id: OperationId) {
    loop {
        match changes.recv().await {
            Ok(changed) if changed == id => return,
            // so many that some were missed: perhaps ours
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
