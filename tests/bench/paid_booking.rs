//! `paid_booking`: booked, paid at the provider, told by its webhook, settled, and the person's message handed on: by the
//! product's own programs, from the booking to the message.

use crate::{
    figure::{Figure, percentile},
    wish::Wish,
};
use chrono::{DateTime, TimeDelta, Utc};
use harness::{Person, TestApp, Thing, programs::Program, uuid};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

pub const FIGURE: &str = "paid_booking";
const CLIENTS: usize = 8;
const BAYS: usize = 50;
/// How long the last message may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures `paid_n` bookings, 800 unless told, by 8 clients,.
///
/// # Errors
/// When a booking was refused or its message never went out.
pub async fn measure(wish: &Wish) -> Result<Vec<Figure>, String> {
    let mut app = TestApp::start().await;
    let api = app.serve_from_process().await;
    let worker = Program::start("worker", "teranga-worker", &app.environment(), &[]);
    let figure = paid(&app, wish.number("paid_n", 800)).await;
    worker.kill().await;
    api.kill().await;
    app.release();
    figure.map(|figure| vec![figure])
}

async fn paid(app: &TestApp, count: usize) -> Result<Figure, String> {
    let labels: Vec<String> = (1..=BAYS).map(|n| format!("B-{n}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let mut clients = Vec::new();
    for n in 0..CLIENTS {
        let rules = json!({ "allow_own_overlap": true, "lead_minutes": 0 });
        let park = app.thing("parking", &format!("Park {n}"), &labels, rules).await;
        app.price(&park, "hour", 1_000).await;
        clients.push((app.rider().await, park));
    }
    sqlx::raw_sql("analyze").execute(&app.owner).await.unwrap();
    let first = app.at(2, "00:00").await;
    let began = Instant::now();
    futures::future::try_join_all(clients.iter().map(|client| buy(app, client, first, count / CLIENTS))).await?;
    let (asked, count) = (began.elapsed(), count / CLIENTS * CLIENTS);
    let waits = told(app, count).await?;
    let rate = count as f64 / began.elapsed().as_secs_f64();
    println!("  paid_booking: {count} by {CLIENTS} clients, the last asked for after {:.1} s", asked.as_secs_f64());
    let mut figure = Figure::new(FIGURE, rate, "/s", "none", f64::NAN);
    figure.more = vec![("p50_ms", percentile(&waits, 50)), ("p99_ms", percentile(&waits, 99))];
    figure.print();
    Ok(figure)
}

/// One client after the other of its bookings: booked, a checkout opened, and paid there.
async fn buy(app: &TestApp, (rider, park): &(Person, Thing), first: DateTime<Utc>, each: usize) -> Result<(), String> {
    for number in 0..each {
        let start_at = first + TimeDelta::hours(i64::try_from(number / BAYS).unwrap_or_default());
        let body = json!({ "unit_id": park.units[number % BAYS], "start_at": start_at, "end_at": start_at + TimeDelta::hours(1) });
        let booked = app.ask_booking(rider, &body).await;
        if booked.status != 201 {
            return Err(format!("booking: {} {}", booked.status, booked.body));
        }
        let body = json!({ "booking_id": booked.text("/id"), "method": "wave" });
        let ask = app.ask(Method::POST, "/payments").by(rider).key(uuid()).header("prefer", "wait=20");
        let opened = ask.json(&body).send().await;
        if opened.status != 201 {
            return Err(format!("payment: {} {}", opened.status, opened.body));
        }
        let checkout = app.checkout_of(&opened.text("/id"));
        app.wave.pay(&checkout).map_err(|problem| format!("{problem:?}"))?;
    }
    Ok(())
}

/// Milliseconds from each booking to its first message, sorted, once all have gone out.
async fn told(app: &TestApp, count: usize) -> Result<Vec<f64>, String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let waits: Vec<f64> = sqlx::query_scalar(
            "select extract(epoch from min(d.sent_at) - b.created_at)::float8 * 1000 from bookings b
             join notifications n on n.org_id = b.org_id and n.subject_id = b.id and n.kind = 'reservation_confirmed'
             join deliveries d on d.org_id = n.org_id and d.notification_id = n.id and d.sent_at is not null
             where b.payment_status = 'paid' group by b.org_id, b.id order by 1",
        )
        .fetch_all(&app.owner)
        .await
        .map_err(|error| error.to_string())?;
        if waits.len() >= count {
            return Ok(waits);
        }
        if Instant::now() > until {
            return Err(format!("{} of {count} people were told", waits.len()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
