//! Which organization a provider account belongs to: asked of the database once a minute, not per webhook.

use crate::error::Door;
use domain::{
    db::{Db, Scope},
    error::Error,
    ids::ProviderAccountId,
    payments::{self, AccountRef},
    refusals::Refusal,
};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

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
        let permit = tokio::time::timeout(PATIENCE, self.questions.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(Lookup::Busy) };
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

    fn remembered(&self, id: ProviderAccountId) -> Option<AccountRef> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).filter(|(since, _)| since.elapsed() < BELIEVED).map(|(_, account)| account.clone())
    }
}

async fn ask(db: &Db, id: ProviderAccountId) -> Result<Option<AccountRef>, Error> {
    let mut tx = db.begin(Scope::nowhere()).await?;
    match payments::locate_account(&mut tx, id).await {
        Ok(account) => Ok(Some(account)),
        Err(Error::Refused(Refusal::NotFound)) => Ok(None),
        Err(error) => Err(error),
    }
}
