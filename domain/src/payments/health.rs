//! Whether a provider answers, learnt from the calls that are made anyway (SN39): shown before somebody tries, and not
//! offered while it is down.

use super::AccountRef;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    money::Currency,
};
use serde_json::json;
use sqlx::postgres::types::PgInterval;

/// How an account's provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountState {
    /// As it should.
    Up,
    /// Not each time.
    Degraded,
    /// Not at all.
    Down,
}

/// Calls that fail one after the other before it is said.
const DEGRADED_AFTER: u32 = 2;
const DOWN_AFTER: u32 = 5;
/// Minutes after which one that is down is tried again: nobody would learn that it is back otherwise.
const REST: i64 = 2;

impl AccountState {
    /// After so many failures in a row.
    #[must_use]
    pub fn after(failures: u32) -> Self {
        match failures {
            DOWN_AFTER.. => Self::Down,
            DEGRADED_AFTER.. => Self::Degraded,
            _ => Self::Up,
        }
    }

    /// As stored and shown.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }

    pub(super) fn read(code: &str) -> Self {
        match code {
            "up" => Self::Up,
            "degraded" => Self::Degraded,
            _ => Self::Down,
        }
    }
}

/// How long one that is down is left alone.
pub(super) fn rest() -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: REST * 60 * 1_000_000 }
}

/// Notes how the provider of an account answers now. The same again changes nothing.
///
/// # Errors
/// A fault when the database fails.
pub async fn note_state(tx: &mut Tx, account: &AccountRef, state: AccountState) -> Result<()> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select status, updated_at <= app_now() - $3::interval as "rested!" from provider_accounts
           where org_id = $1 and id = $2 and status <> 'retired' for update"#,
        org.0,
        account.id.0,
        rest()
    )
    .fetch_optional(tx.conn())
    .await?;
    // one that was tried again after its rest, and is still down, rests again
    let Some(before) = row.filter(|row| row.status != state.code() || state == AccountState::Down && row.rested) else {
        return Ok(());
    };
    sqlx::query!(
        "update provider_accounts set status = $3 where org_id = $1 and id = $2",
        org.0,
        account.id.0,
        state.code()
    )
    .execute(tx.conn())
    .await?;
    tracing::warn!(provider = account.provider, state = state.code(), "a payment provider answers otherwise");
    let (was, is) = (json!({ "status": before.status }), json!({ "status": state.code() }));
    tx.record(Change::updated("provider_account", account.id, was, is));
    Ok(())
}

/// A way to pay here.
#[derive(Debug, Clone)]
pub struct Method {
    /// One of [`super::METHODS`].
    pub method: String,
    /// In which currency.
    pub currency: Currency,
    /// How its provider answers.
    pub state: AccountState,
    /// `live` or `test` (SN50).
    pub mode: String,
}

/// The ways to pay in this organization, the best account of each (SN39).
///
/// # Errors
/// A fault when the database fails.
pub async fn methods(tx: &mut Tx) -> Result<Vec<Method>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select distinct on (provider, currency) provider, currency, mode,
                  case when status = 'down' and updated_at <= app_now() - $2::interval then 'degraded'
                       else status end as "state!"
           from provider_accounts where org_id = $1 and status <> 'retired'
           order by provider, currency, status = 'up' desc, status = 'degraded' desc, created_at"#,
        org.0,
        rest()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse().map_err(|e| Fault::corrupt("provider_accounts.currency", e))?;
            let state = AccountState::read(&row.state);
            Ok(Method { method: row.provider, currency, state, mode: row.mode })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_make_a_state() {
        let states = [0, 1, 2, 4, 5, u32::MAX].map(AccountState::after);
        use AccountState::{Degraded, Down, Up};
        assert_eq!(states, [Up, Up, Degraded, Degraded, Down, Down]);
        for state in [Up, Degraded, Down] {
            assert_eq!(AccountState::read(state.code()), state);
        }
    }
}
