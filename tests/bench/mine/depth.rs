//! A queue that stays as deep as it is: what is carried is posted again, by nobody in particular.

use super::job::{Seen, fill};
use sqlx::PgPool;
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Posts as many untimed jobs as were carried since, as long as the value lives.
pub fn keep(pool: PgPool, orgs: Vec<Uuid>, seen: Arc<Seen>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut posted = seen.untimed.load(Relaxed);
        loop {
            tokio::time::sleep(LOOK).await;
            let carried = seen.untimed.load(Relaxed);
            fill(&pool, carried - posted, &orgs).await;
            posted = carried;
        }
    }))
}
