//! Which organization a provider account belongs to: asked of the database once a minute, not per webhook.

use crate::error::Door;
use domain::{
    db::{Db, Scope},
    error::Error,
    ids::{PaymentId, ProviderAccountId},
    payments::{self, AccountRef, CallbackRef},
    refusals::Refusal,
};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long an answer is believed. A retired account is served this much longer.
const BELIEVED: Duration = Duration::from_secs(60);
/// Questions asked of the database at one time. Ids are free to invent, so strangers must not be able to occupy the
/// pool with them.
const QUESTIONS: usize = 2;
/// Questions that may wait before callers are sent away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The accounts met lately. Only true ones are kept, so it cannot outgrow their number.
pub struct Accounts {
    known: RwLock<HashMap<ProviderAccountId, (Instant, AccountRef)>>,
    questions: Semaphore,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { known: RwLock::default(), questions: Semaphore::new(QUESTIONS) }
    }
}

/// Why an account was not found.
pub enum Lookup {
    /// Too many are asking.
    Busy,
    /// The database failed.
    Failed(Error),
}

impl From<Lookup> for crate::error::ApiError {
    fn from(lookup: Lookup) -> Self {
        match lookup {
            Lookup::Busy => Door::Busy.into(),
            Lookup::Failed(error) => error.into(),
        }
    }
}

impl Accounts {
    /// The account with this id, unless there is none or it is retired.
    ///
    /// # Errors
    /// [`Lookup`] when it cannot be told now.
    pub async fn find(&self, db: &Db, id: ProviderAccountId) -> Result<Option<AccountRef>, Lookup> {
        if let Some(account) = self.remembered(id) {
            return Ok(Some(account));
        }
        let _permit = self.turn().await?;
        // somebody may have asked the same while we waited
        if let Some(account) = self.remembered(id) {
            return Ok(Some(account));
        }
        let found = ask(db, id).await.map_err(Lookup::Failed)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match &found {
            Some(account) => known.insert(id, (Instant::now(), account.clone())),
            None => known.remove(&id),
        };
        Ok(found)
    }

    /// What an unsigned callback's address was made of, unless there is no such payment. Asked each time: a payment has
    /// one or two callbacks.
    ///
    /// # Errors
    /// [`Lookup`] when it cannot be told now.
    pub async fn callback(&self, db: &Db, id: PaymentId) -> Result<Option<CallbackRef>, Lookup> {
        let _permit = self.turn().await?;
        let found = async {
            let mut tx = db.begin(Scope::nowhere()).await?;
            payments::locate_callback(&mut tx, id).await
        };
        known(found.await).map_err(Lookup::Failed)
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Lookup> {
        let permit = tokio::time::timeout(PATIENCE, self.questions.acquire()).await;
        permit.ok().and_then(Result::ok).ok_or(Lookup::Busy)
    }

    fn remembered(&self, id: ProviderAccountId) -> Option<AccountRef> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).filter(|(since, _)| since.elapsed() < BELIEVED).map(|(_, account)| account.clone())
    }
}

async fn ask(db: &Db, id: ProviderAccountId) -> Result<Option<AccountRef>, Error> {
    let mut tx = db.begin(Scope::nowhere()).await?;
    known(payments::locate_account(&mut tx, id).await)
}

/// What is not there is an answer, not a failure.
fn known<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::Refused(Refusal::NotFound)) => Ok(None),
        Err(error) => Err(error),
    }
}
