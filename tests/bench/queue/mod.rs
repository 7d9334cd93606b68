//! The post room beside every queue of the kit that is installed, all on one server in one run.

mod child;
mod contest;
mod kit;
mod own;
mod tally;

use crate::{figure::Figure, mine, wish::Wish};
use harness::database::admin_url;
use sqlx::{Connection, PgConnection};

pub const FIGURES: [&str; 10] = [
    "queue.drain",
    "queue.e2e",
    "queue.latency",
    "queue.enqueue",
    "queue.bulk",
    "queue.wal_per_job",
    "queue.claim_1m",
    "queue.held_xmin",
    "queue.fairness",
    "queue.lateness",
];

/// Measures what is wanted, and prints each figure when it is known.
///
/// # Errors
/// When something of ours, or pgbench, does not run. A peer that fails has no figure.
pub async fn measure(wish: &Wish) -> Result<Vec<Figure>, String> {
    if FIGURES.iter().any(|figure| wish.wants(figure)) {
        println!("  server: {}", server().await);
        println!("  ours: {}", mine::describe(wish));
    }
    let mut figures = contest::measure(wish).await?;
    figures.extend(own::measure(wish).await?);
    Ok(figures)
}

/// What all share.
async fn server() -> String {
    let mut conn = PgConnection::connect(&admin_url()).await.unwrap();
    sqlx::query_scalar(
        "select format('PostgreSQL %s, %s cores', current_setting('server_version'), $1::text)
                || (select string_agg(', ' || name || ' ' || current_setting(name), '' order by name) from pg_settings
                    where name in ('fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size', 'wal_compression'))",
    )
    .bind(std::thread::available_parallelism().map_or(1, usize::from).to_string())
    .fetch_one(&mut conn)
    .await
    .unwrap()
}
