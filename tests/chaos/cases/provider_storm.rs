//! Every provider at its worst (issue 6): each event ten times, shuffled, early, late, forged, stale, of another amount;
//! orders whose answers are lost, hang, are a page, or a 409; silence; money after the end; refunds that fail when they were
//! over; payers who turn to their bank. Then every payment must have an end, and every franc its place.

use crate::{
    luck::Luck,
    settle::{at_rest, settle},
    stage::Stage,
    troupe::{Cast, Troupe},
    weather::{HARMS, Lane, Late, PROVIDERS, Sight, Tally, by_hand, pay_drivers, taken_back},
};
use futures::future::join_all;
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

const REST: Duration = Duration::from_secs(40);
/// Past the pause before the first look at a payment.
const FIRST_POLL: Duration = Duration::from_secs(20);
/// Past the hold of those who did not pay.
const HOLD: Duration = Duration::from_secs(31 * 60);

pub async fn run(mut luck: Luck) -> bool {
    let stage = Stage::with_every_provider().await;
    let environment = stage.app.environment_of_providers();
    // two workers and the door of this program: providers are told its address
    let mut troupe = Troupe::enter(environment, Cast { apis: 0, workers: 2, schedulers: 1 }).await;
    let (tally, started) = (Tally::default(), Instant::now());
    rage(&stage, &tally, &mut luck).await;
    println!(
        "  {:.0}s of storm: {} payments posted, {} forged events sent",
        started.elapsed().as_secs_f64(),
        tally.posted.lock().unwrap().len(),
        tally.forged.load(Ordering::Relaxed)
    );
    let sent = aftermath(&stage, &tally, &mut luck).await;
    let sight = Sight::of(&stage, &tally).await;
    sight.details.iter().take(30).for_each(|line| println!("  {line}"));
    let exits = troupe.exits();
    println!(
        "  {:.0}s in all, {sent} refunds sent by a person, process_exits={exits}",
        started.elapsed().as_secs_f64()
    );
    println!("chaos provider_storm {sight}");
    troupe.leave().await;
    let noticed = harmed(&stage, &tally, sight.harmless()).await;
    stage.strike().await;
    sight.harmless() && exits == 0 && noticed == HARMS.len()
}

async fn rage(stage: &Stage, tally: &Tally, luck: &mut Luck) {
    let mut lanes = Vec::new();
    for provider in PROVIDERS {
        lanes.push(Lane::open(&stage.app, tally, provider, luck.apart()).await);
    }
    join_all(lanes.into_iter().map(Lane::rage)).await;
}

/// Whatever comes later, until nothing is left to do. Answers how many refunds a person sent.
async fn aftermath(stage: &Stage, tally: &Tally, luck: &mut Luck) -> usize {
    let app = &stage.app;
    let finance = app.person("Mariam", &["finance"]).await;
    pay_drivers(stage, tally, &finance).await;
    stage.advance(FIRST_POLL).await;
    at_rest(stage, Instant::now() + REST).await;
    taken_back(app, luck).await;
    let mut late = Vec::new();
    for provider in PROVIDERS {
        late.push(Late::open(app, tally, provider).await);
    }
    stage.advance(HOLD).await;
    for payment in late {
        payment.pay(app).await;
    }
    settle(stage, REST * 2).await;
    let sent = by_hand(app, &finance).await;
    settle(stage, REST * 2).await;
    sent
}

/// Nobody is at work any more: each harm alone moves its count. A storm that went wrong has nothing to show here.
async fn harmed(stage: &Stage, tally: &Tally, whole: bool) -> usize {
    let mut noticed = 0;
    for (harm, sql, count) in HARMS.into_iter().filter(|_| whole) {
        let before = count(&Sight::of(stage, tally).await);
        let sql = format!("set session_replication_role = replica; {sql}; reset session_replication_role");
        stage.prepare(sql).await;
        let seen = count(&Sight::of(stage, tally).await) > before;
        println!("  {harm}: {}", if seen { "noticed" } else { "NOT NOTICED" });
        noticed += usize::from(seen);
    }
    noticed
}
