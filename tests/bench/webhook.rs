//! `webhook.accept`: unique signed events, verified, stored, their job enqueued in the same commit, answered; beside
//! one-row inserts at the same number of clients. Nobody settles meanwhile.

use crate::{
    clients::{self, Seen},
    cpu,
    figure::{Figure, median},
    peer, requests,
};
use harness::{TestApp, app::WEBHOOK_SECRET, programs::Program};
use integrations::Secret;
use sqlx::PgPool;
use std::{net::SocketAddr, time::Duration};

/// Its name; the number of clients follows it.
pub const FIGURE: &str = "webhook.accept";
const CLIENTS: [usize; 2] = [16, 64];
const ROUNDS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(2);
const ROUND: Duration = Duration::from_secs(6);

/// Measures at each number of clients; says what was stored and where the time went.
///
/// # Errors
/// When an event was refused, a row is missing, or pgbench does not run.
pub async fn measure() -> Result<Vec<Figure>, String> {
    let mut app = TestApp::start().await;
    let mut api = app.serve_from_process().await;
    let owner = app.database.owner().await;
    peer::prepare(&owner).await;
    let mut bench = Bench::of(&app, &api, owner).await;
    let mut figures = Vec::new();
    for clients in CLIENTS {
        let figure = bench.beside(clients).await?;
        figure.print();
        figures.push(figure);
    }
    bench.count_rows().await?;
    if api.ended() {
        return Err("the API ended".into());
    }
    let Bench { owner, .. } = bench;
    owner.close().await;
    api.kill().await;
    app.release();
    Ok(figures)
}

struct Bench<'a> {
    app: &'a TestApp,
    api: SocketAddr,
    api_pid: u32,
    backend: u32,
    owner: PgPool,
    path: String,
    written: u64,
    accepted: u64,
}

/// Processor seconds so far, and what the API gathered.
struct Spent {
    api: f64,
    postgres: f64,
    senders: f64,
    commits: f64,
}

impl<'a> Bench<'a> {
    async fn of(app: &'a TestApp, api: &Program, owner: PgPool) -> Bench<'a> {
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&owner).await.unwrap();
        Bench {
            app,
            api: app.base.trim_start_matches("http://").parse().unwrap(),
            api_pid: api.pid,
            backend: backend.unsigned_abs(),
            owner,
            path: format!("/api/v1/webhooks/wave/{}", app.account),
            written: 0,
            accepted: 0,
        }
    }

    /// Rounds of ours and of the peer's in turn; the medians stand beside each other.
    async fn beside(&mut self, clients: usize) -> Result<Figure, String> {
        let warm = self.send(clients, 20_000 / clients, WARM_UP).await?;
        self.insert(clients, WARM_UP).await?;
        let mut expected = warm.per_second;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let each = (expected * ROUND.as_secs_f64() * 1.6) as usize / clients;
            let seen = self.send(clients, each, ROUND).await?;
            expected = expected.max(seen.per_second);
            ours.push(seen);
            theirs.push(self.insert(clients, ROUND).await?);
        }
        let each = |of: fn(&Seen) -> f64| median(ours.iter().map(of).collect());
        let peers = |of: fn(&peer::Seen) -> f64| median(theirs.iter().map(of).collect());
        let name = format!("{FIGURE}/{clients}");
        let mut figure =
            Figure::new(&name, each(|seen| seen.per_second), "/s", "pgbench_insert", peers(|seen| seen.per_second));
        figure.more = vec![
            ("p50_ms", each(|seen| seen.p50_ms)),
            ("p99_ms", each(|seen| seen.p99_ms)),
            ("peer_p50_ms", peers(|seen| seen.p50_ms)),
            ("peer_p99_ms", peers(|seen| seen.p99_ms)),
        ];
        Ok(figure)
    }

    async fn send(&mut self, clients: usize, each: usize, time: Duration) -> Result<Seen, String> {
        let stacks = requests::write(&self.path, &Secret::new(WEBHOOK_SECRET), clients, each, &mut self.written);
        let before = self.spent().await;
        let seen = clients::send(self.api, stacks, time, "200").await.map_err(|error| error.to_string())?;
        let after = self.spent().await;
        self.accepted += seen.accepted;
        let events = seen.accepted as f64;
        println!(
            "  {clients} clients: {:.0}/s; events per commit {:.1}; processor microseconds per event: api {:.0}, postgres {:.0}, senders {:.0}",
            seen.per_second,
            events / (after.commits - before.commits).max(1.0),
            (after.api - before.api) * 1e6 / events,
            (after.postgres - before.postgres) * 1e6 / events,
            (after.senders - before.senders) * 1e6 / events,
        );
        Ok(seen)
    }

    async fn insert(&self, clients: usize, time: Duration) -> Result<peer::Seen, String> {
        let before = self.spent().await;
        let seen = peer::insert(&self.app.database.name, clients, time).await?;
        let after = self.spent().await;
        println!(
            "  {clients} clients of pgbench: {:.0}/s; processor microseconds per row: pgbench {:.0}, postgres {:.0}",
            seen.per_second,
            (after.senders - before.senders) * 1e6 / seen.rows,
            (after.postgres - before.postgres) * 1e6 / seen.rows,
        );
        Ok(seen)
    }

    async fn spent(&self) -> Spent {
        let metrics =
            self.app.client.get(format!("{}/metrics", self.app.base)).send().await.unwrap().text().await.unwrap();
        let commits = metrics.lines().find_map(|line| line.strip_prefix("webhooks_per_commit_count ")?.parse().ok());
        Spent {
            api: cpu::of(self.api_pid),
            postgres: cpu::of_postgres(self.backend),
            senders: cpu::of(std::process::id()),
            commits: commits.unwrap_or(0.0),
        }
    }

    /// Everything accepted is stored, once, with its job: a figure must not lie.
    async fn count_rows(&self) -> Result<(), String> {
        let (events, jobs): (i64, i64) = sqlx::query_as(
            "select (select count(*) from inbound_events), (select count(*) from queue.jobs where kind = 'inbound.settle')",
        )
        .fetch_one(&self.owner)
        .await
        .map_err(|error| error.to_string())?;
        println!("  accepted={} stored={events} jobs={jobs}", self.accepted);
        if i64::try_from(self.accepted) == Ok(events) && events == jobs {
            Ok(())
        } else {
            Err("rows are missing".into())
        }
    }
}
