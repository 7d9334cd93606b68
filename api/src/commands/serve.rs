//! `teranga-api serve`: answers requests until asked to stop.

use super::Outcome;
use crate::{
    App,
    config::{ApiConfig, callback_keys},
    router,
    routes::callbacks,
};
use domain::{
    db::{Db, Scope},
    payments,
};
use runtime::{CancellationToken, env::Env};
use sqlx::PgPool;

const PROGRAM: &str = "teranga-api";

/// Serves with a configuration that was read.
///
/// # Errors
/// When the database or the address cannot be used, or a provider account lacks its secrets.
pub async fn run(mut config: ApiConfig) -> Outcome {
    let stopping = config.process.start(PROGRAM)?;
    let pool = runtime::pool::connect(&config.pool, PROGRAM).await?;
    require_secrets(&mut config, &pool).await?;
    let listener = runtime::listen(config.listen).await?;
    let grace = config.process.grace;
    let app = App::start(config, pool, CancellationToken::clone(&stopping));
    runtime::serve_to_the_last(listener, router(&app), stopping, grace).await?;
    Ok(())
}

/// Every provider account in the database must have its secrets here: an unverifiable webhook is lost money.
async fn require_secrets(config: &mut ApiConfig, pool: &PgPool) -> Outcome {
    let db = Db::start(pool.clone(), None);
    let mut tx = db.begin(Scope::nowhere()).await?;
    let accounts = payments::secret_refs(&mut tx).await?;
    tx.commit().await?;
    let mut env = Env::of_process();
    let (unsigned, signed): (Vec<_>, Vec<_>) =
        accounts.into_iter().partition(|account| callbacks::UNSIGNED.contains(&account.provider.as_str()));
    config.webhooks.require(&mut env, signed.into_iter().map(|account| account.secret_ref));
    config.callback_keys = callback_keys(&mut env, !unsigned.is_empty());
    env.finish(())?;
    Ok(())
}
