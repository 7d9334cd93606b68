//! What was done to the product, counted where it was done.

use harness::{TestApp, news::About};
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// What happened, as those who made it happen saw it.
#[derive(Default)]
pub struct Tally {
    /// Payments the API took on.
    pub posted: Mutex<Vec<String>>,
    /// Forged events that were sent.
    pub forged: AtomicU64,
    /// Those that were let in.
    pub forged_accepted: AtomicU64,
    /// Steps that went otherwise than they should.
    pub troubles: Mutex<Vec<String>>,
}

impl Tally {
    pub fn trouble(&self, what: String) {
        self.troubles.lock().unwrap().push(what);
    }

    /// A stranger says ten times that this was paid.
    pub async fn forge(&self, app: &TestApp, about: About<'_>) {
        for n in 0..10 {
            let body = app.success(about, &format!("forged-{n}-{}", about.payment));
            self.forged.fetch_add(1, Ordering::Relaxed);
            if app.tell_forged(about, &body).await.is_success() {
                self.forged_accepted.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
