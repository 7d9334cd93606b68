//! `teranga-api migrate`: brings the database up to date, as its owner.

use super::{Outcome, say};
use runtime::{
    env::Env,
    pool::{PoolSettings, connect_owner},
};
use sqlx::migrate::Migrate;
use std::collections::HashSet;

/// Reads the owner's login.
pub fn read(env: &mut Env<'_>) -> PoolSettings {
    PoolSettings::read_owner(env)
}

/// Applies what is missing and says what that was.
///
/// # Errors
/// When the database cannot be reached, or a migration fails or was changed after it was applied.
pub async fn run(settings: PoolSettings) -> Outcome {
    let pool = connect_owner(&settings, "teranga-api migrate").await?;
    let mut connection = pool.acquire().await?;
    let table = domain::MIGRATOR.table_name.as_ref();
    connection.ensure_migrations_table(table).await?;
    let applied = connection.list_applied_migrations(table).await?;
    let applied: HashSet<i64> = applied.into_iter().map(|migration| migration.version).collect();
    drop(connection);
    domain::MIGRATOR.run(&pool).await?;
    let fresh = domain::MIGRATOR.iter().filter(|migration| !applied.contains(&migration.version));
    let mut count = 0;
    for migration in fresh {
        say(&format!("applied {} {}\n", migration.version, migration.description))?;
        count += 1;
    }
    say(&format!("the database is up to date ({count} applied)\n"))?;
    Ok(())
}
