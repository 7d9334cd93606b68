//! `booking.place`: bookings that nothing stands in the way of, claimed, audited, answered under their key, their jobs in
//! the same commit; beside one-row inserts at the same number of clients. Nobody carries the jobs out meanwhile.

use crate::{
    clients::{self, Seen},
    cpu,
    figure::{Figure, Goal, median},
    peer,
    requests::Stack,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use harness::{Person, TestApp, Thing, programs::Program, uuid};
use serde_json::json;
use sqlx::PgPool;
use std::{net::SocketAddr, time::Duration};

/// Its name; the number of clients follows it.
pub const FIGURE: &str = "booking.place";
const CLIENTS: [usize; 2] = [16, 64];
const ROUNDS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(2);
const ROUND: Duration = Duration::from_secs(6);
/// Of the rate of one-row inserts.
const GOAL: f64 = 0.25;
/// Car parks, one for each client at a time, and bays of each.
const PARKS: usize = 64;
const BAYS: usize = 50;
/// Those who book take turns.
const PEOPLE: usize = 512;
/// Hours of a bay that can be booked.
const HOURS: usize = 24 * 20;

/// Measures at each number of clients; says what was stored and where the time went.
///
/// # Errors
/// When a booking was refused, a row is missing, or pgbench does not run.
pub async fn measure() -> Result<Vec<Figure>, String> {
    let mut app = TestApp::start().await;
    let figures = place(&mut app).await;
    app.release();
    figures
}

async fn place(app: &mut TestApp) -> Result<Vec<Figure>, String> {
    let mut api = app.serve_from_process().await;
    let owner = app.database.owner().await;
    peer::prepare(&owner).await;
    let mut bench = Bench::of(app, &api, owner).await;
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
    bench.owner.close().await;
    api.kill().await;
    Ok(figures)
}

struct Bench<'a> {
    app: &'a TestApp,
    api: SocketAddr,
    api_pid: u32,
    backend: u32,
    owner: PgPool,
    parks: Vec<Thing>,
    people: Vec<Person>,
    first: DateTime<Utc>,
    written: usize,
    placed: u64,
}

/// Processor seconds so far.
struct Spent {
    api: f64,
    postgres: f64,
}

impl<'a> Bench<'a> {
    async fn of(app: &'a TestApp, api: &Program, owner: PgPool) -> Bench<'a> {
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&owner).await.unwrap();
        let labels: Vec<String> = (1..=BAYS).map(|n| format!("B-{n}")).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let mut parks = Vec::new();
        for n in 0..PARKS {
            let rules = json!({ "allow_own_overlap": true, "lead_minutes": 0 });
            parks.push(app.thing("parking", &format!("Park {n}"), &labels, rules).await);
        }
        sqlx::query("analyze").execute(&owner).await.unwrap();
        Bench {
            app,
            api: app.base.trim_start_matches("http://").parse().unwrap(),
            api_pid: api.pid,
            backend: backend.unsigned_abs(),
            owner,
            parks,
            people: stream::iter(0..PEOPLE).map(|_| app.rider()).buffer_unordered(8).collect().await,
            first: app.at(2, "00:00").await,
            written: 0,
            placed: 0,
        }
    }

    /// Rounds of ours and of the peer's in turn; the medians stand beside each other.
    async fn beside(&mut self, clients: usize) -> Result<Figure, String> {
        let warm = self.place(clients, 4_000 / clients, WARM_UP).await?;
        sqlx::query("analyze").execute(&self.owner).await.unwrap(); // what autovacuum does to tables that live longer
        peer::insert(&self.app.database.name, clients, WARM_UP).await?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let each = (warm.per_second * ROUND.as_secs_f64() * 2.0) as usize / clients + 1;
            ours.push(self.place(clients, each, ROUND).await?);
            theirs.push(peer::insert(&self.app.database.name, clients, ROUND).await?);
        }
        let each = |of: fn(&Seen) -> f64| median(ours.iter().map(of).collect());
        let peers = |of: fn(&peer::Seen) -> f64| median(theirs.iter().map(of).collect());
        let name = format!("{FIGURE}/{clients}");
        let (rate, beside) = (each(|seen| seen.per_second), peers(|seen| seen.per_second));
        let mut figure = Figure::new(&name, rate, "/s", "pgbench_insert", beside).with(Goal::AtLeast(GOAL));
        figure.more = vec![
            ("p50_ms", each(|seen| seen.p50_ms)),
            ("p99_ms", each(|seen| seen.p99_ms)),
            ("peer_p50_ms", peers(|seen| seen.p50_ms)),
            ("peer_p99_ms", peers(|seen| seen.p99_ms)),
        ];
        Ok(figure)
    }

    async fn place(&mut self, clients: usize, each: usize, time: Duration) -> Result<Seen, String> {
        let stacks = (0..clients).map(|client| self.write(client, each)).collect();
        self.written += each;
        let before = self.spent();
        let seen = clients::send(self.api, stacks, time, "201").await.map_err(|error| error.to_string())?;
        let after = self.spent();
        self.placed += seen.accepted;
        println!(
            "  {clients} clients: {:.0}/s; processor microseconds per booking: api {:.0}, postgres {:.0}",
            seen.per_second,
            (after.api - before.api) * 1e6 / seen.accepted as f64,
            (after.postgres - before.postgres) * 1e6 / seen.accepted as f64,
        );
        Ok(seen)
    }

    /// One client's requests: a car park of its own, and an hour of a bay that no other request wants.
    fn write(&self, client: usize, each: usize) -> Stack {
        let (mut stack, park) = (Stack::default(), &self.parks[client % PARKS]);
        for number in self.written..self.written + each {
            let person = &self.people[(number * CLIENTS[1] + client) % PEOPLE];
            let hour = i64::try_from(number / BAYS % HOURS).unwrap_or_default();
            let start_at = self.first + TimeDelta::hours(hour);
            let body = json!({ "unit_id": park.units[number % BAYS], "start_at": start_at, "end_at": start_at + TimeDelta::hours(1) });
            let headers = format!(
                "Authorization: Bearer {}\r\nX-Org-Id: {}\r\nIdempotency-Key: {}\r\n",
                person.token,
                person.org,
                uuid()
            );
            stack.push("/api/v1/bookings", &headers, &body.to_string());
        }
        stack
    }

    fn spent(&self) -> Spent {
        Spent { api: cpu::of(self.api_pid), postgres: cpu::of_postgres(self.backend) }
    }

    /// Everything said to be placed is there, with its claim, its event and its kept answer: a figure must not lie.
    async fn count_rows(&self) -> Result<(), String> {
        let rows: Vec<i64> = sqlx::query_scalar(
            "select count(*) from bookings where status = 'confirmed' union all select count(*) from claims where active
             union all select count(*) from audit_events where entity_type = 'booking'
             union all select count(*) from idempotency_keys",
        )
        .fetch_all(&self.owner)
        .await
        .map_err(|error| error.to_string())?;
        println!("  placed={} bookings, claims, events, kept answers: {rows:?}", self.placed);
        let placed = i64::try_from(self.placed).unwrap_or_default();
        if rows.iter().all(|count| *count == placed) { Ok(()) } else { Err("rows are missing".into()) }
    }
}
