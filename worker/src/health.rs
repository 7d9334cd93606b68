//! What is learnt of a provider from the calls that are made anyway (SN39).

use crate::{env::Env, errand::Errand};
use domain::{
    error::{Fault, Result},
    ids::ProviderAccountId,
    payments::{self, AccountRef, AccountState},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Failures in a row of each account, as this process met them.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<HashMap<ProviderAccountId, u32>>);

impl Failures {
    /// One more answer, or one more silence; says how the provider stands by it.
    fn count(&self, account: ProviderAccountId, answered: bool) -> AccountState {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failures.entry(account).or_default();
        *failed = if answered { 0 } else { failed.saturating_add(1) };
        AccountState::after(*failed)
    }
}

/// Whether a call failed because of the provider or our contract with it, not because of what was asked: one payment
/// nobody can answer for must not take the others with it.
fn is_silence(fault: &Fault) -> bool {
    let Fault::Remote { problem, .. } = fault else { return false };
    let about_us = ["401", "403", "408", "429"].iter().any(|status| problem.starts_with(status));
    about_us || !problem.starts_with('4')
}

impl Env {
    /// Passes on what a provider answered, and notes when it begins or ceases to answer. A note that cannot be written
    /// is written at the next call.
    pub(crate) async fn heard<T>(
        &self,
        errand: &Errand,
        account: &AccountRef,
        answer: Result<T, Fault>,
    ) -> Result<T, Fault> {
        let silent = answer.as_ref().is_err_and(is_silence);
        let state = self.failures().count(account.id, !silent);
        // one success shows it is back; a failure counts only together with others
        let news = if silent { state > AccountState::Up } else { account.state != AccountState::Up };
        if news && let Err(error) = self.note(errand, account, state).await {
            tracing::warn!(provider = account.provider, %error, "a provider's state was not noted");
        }
        answer
    }

    async fn note(&self, errand: &Errand, account: &AccountRef, state: AccountState) -> Result<()> {
        let mut tx = self.begin_in(errand, account.org).await?;
        payments::note_state(&mut tx, account, state).await?;
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_payment_cannot_be_told_is_no_silence_of_the_provider() {
        for (problem, silence) in
            [("timeout", true), ("503 no answer", true), ("401 x", true), ("404 60", false), ("400 x", false)]
        {
            assert_eq!(is_silence(&Fault::remote("mtn", problem)), silence, "{problem}");
        }
        assert!(!is_silence(&Fault::LeaseLost));
    }

    #[test]
    fn one_answer_ends_a_row_of_failures() {
        let (failures, account) = (Failures::default(), ProviderAccountId::new());
        for _ in 0..9 {
            failures.count(account, false);
        }
        assert_eq!(failures.count(account, false), AccountState::Down);
        assert_eq!(failures.count(ProviderAccountId::new(), false), AccountState::Up, "each account for itself");
        assert_eq!(failures.count(account, true), AccountState::Up);
        assert_eq!(failures.count(account, false), AccountState::Up);
    }
}
