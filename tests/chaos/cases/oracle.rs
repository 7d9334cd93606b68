//! The oracle must be able to say no, and so must every figure: after a short quiet run, each kind of harm is done by
//! hand, and it must be noticed.

use crate::{
    client::{Client, Hitch},
    crew::{Chore, Crew, Offers, Poisoned, TRACES},
    figures::Figures,
    harms::{HARMS, Sign},
    luck::Luck,
    oracle::{self, Verdict},
    outages::{Around, Outages},
    pace::{beat, now, post},
    post_room::CHARGED,
    postgres::Outage,
    scene::{Field, Plan, RESUME, Scene},
    settle::Open,
    ticks::{Slot, Slots, Ticks},
    troupe::{Cast, Role},
};
use chrono::{DateTime, Utc};
use harness::programs::free_port;
use std::{
    cell::Cell,
    io::{Read, Write},
    net::TcpListener,
    time::{Duration, Instant},
};

/// Long enough for the pace before and after.
const LOAD: Duration = Duration::from_secs(16);
/// Harms that no statement does.
const BY_HAND: usize = 6;
/// Somebody who once said that a job was done, and changed nothing.
const STRANGER: &str = "insert into chaos.traces (job, member, what) values (gen_random_uuid(), 'somebody', 'done')";

/// What the quiet run left to look at.
struct Quiet {
    slots: Vec<Slot>,
    neighbours: u64,
    /// Beginning, middle and end of the beat of plain chores.
    marks: [DateTime<Utc>; 3],
}

pub async fn run(luck: Luck) -> bool {
    let cast = Cast { apis: 1, workers: 2, schedulers: 2 };
    let plan = Plan { cast, load: LOAD, spoilt: false, ..Plan::of("oracle") };
    let mut scene = Scene::set(plan, luck).await;
    scene.stage.prepare(format!("{TRACES} {STRANGER}")).await;
    let mut crew = Crew::of(&scene.stage);
    crew.hire("crew-quiet", Duration::ZERO);
    let quiet = scene.under_load(quiet).await;
    let verdict = scene.verdict().await;
    let (before, figures) = look(&scene, &quiet).await;
    println!("  {figures} {}", scene.figures);
    let missed = [figures.missed(), scene.figures.missed(), verdict.details].concat();
    missed.iter().for_each(|line| println!("  {line}"));
    let whole = before.harmless() && missed.is_empty();
    let noticed = by_statement(&scene, &quiet, (before, figures)).await + by_hand(&mut scene).await;
    println!("chaos oracle harmless_at_first={whole} noticed={noticed} of={}", HARMS.len() + BY_HAND);
    scene.troupe.leave().await;
    scene.stage.strike().await;
    whole && noticed == HARMS.len() + BY_HAND
}

/// Plain chores, long ones and hurried slots; nothing breaks.
async fn quiet(field: Field<'_>) -> Quiet {
    let (stage, over) = (field.stage, field.over);
    let ticks = Ticks::begin(stage).await;
    for number in 0..4 {
        post(&stage.app, &Chore::Long { number }).await.unwrap();
    }
    let work = async {
        let (half, whole) = (Cell::new(Instant::now() + LOAD / 2), Cell::new(over));
        let begun = now(&stage.eyes).await;
        let first = beat(&stage.app, &half, |number| Chore::Plain { number }).await;
        let middle = now(&stage.eyes).await;
        let second = beat(&stage.app, &whole, |number| Chore::Plain { number }).await;
        (first + second, [begun, middle, now(&stage.eyes).await])
    };
    let ((neighbours, marks), ()) = futures::join!(work, ticks.hurry(stage, over));
    Quiet { slots: ticks.end(stage).await, neighbours, marks }
}

/// Everything the cases look at, as if it had been their run.
async fn look(scene: &Scene, quiet: &Quiet) -> (Verdict, Figures) {
    let (stage, eyes) = (&scene.stage, &scene.stage.eyes);
    let verdict = oracle::speak(stage, &Open::look(stage).await, &scene.posted).await;
    let mut figures = Figures::default();
    Slots::of(eyes, &quiet.slots).await.tell(&mut figures);
    let held: Vec<_> = sqlx::query_scalar("select job from chaos.traces").fetch_all(eyes).await.unwrap();
    Offers::of(eyes, "somebody", &held).await.tell(&mut figures);
    let [calm_since, from, to] = quiet.marks;
    Poisoned { doses: 0, neighbours: quiet.neighbours, calm_since, from, to }.tell(eyes, &mut figures).await;
    let outages = Outages { all: vec![Outage::moment(from)], until: to };
    Around::tell(&outages.pace_of(Chore::PLAIN, eyes).await, &mut figures);
    figures.zero("attempts_charged", stage.app.count(CHARGED).await);
    (verdict, figures)
}

async fn by_statement(scene: &Scene, quiet: &Quiet, mut before: (Verdict, Figures)) -> usize {
    let mut noticed = 0;
    for (harm, sql, sign) in HARMS {
        let sql = format!("set session_replication_role = replica; {sql}; reset session_replication_role");
        scene.stage.prepare(sql).await;
        let after = look(scene, quiet).await;
        let seen = match sign {
            Sign::Count(count) => count(&after.0).abs() > count(&before.0).abs(),
            Sign::Figure(name) => after.1.misses(name) && after.1.of(name) != before.1.of(name),
        };
        noticed += told(harm, seen);
        before = after;
    }
    noticed
}

/// Programs that fall, jobs that nobody takes up, and what clients may not meet.
async fn by_hand(scene: &mut Scene) -> usize {
    let mut noticed = 0;
    scene.troupe.signal(Role::Worker, 1, "KILL").await;
    let well = scene.troupe.replace(Role::Worker, 1, Duration::from_secs(5)).await;
    noticed += told("a program that did not leave in good order", !well);
    scene.troupe.signal(Role::Worker, 0, "KILL").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    noticed += told("a program that fell", scene.troupe.exits() > 0);

    let orphan = "insert into queue.jobs (id, queue, kind, run_at, payload, lease)
                  values (gen_random_uuid(), 'nobody', 'none', now(), '{}', gen_random_uuid())";
    scene.stage.prepare(orphan.into()).await;
    let long_ago = Instant::now() - Duration::from_secs_f64(RESUME + 1.0);
    scene.orphans.count(&scene.stage.eyes, None, long_ago).await;
    noticed += told("a job that nobody takes up again", scene.orphans.p99() > RESUME);

    let rider = scene.stage.app.rider().await;
    for hitch in Hitch::ALL {
        let client = Client::new(&scene.stage.app, vec![bad_door(hitch), scene.troupe.doors()[0].clone()]);
        client.get(&rider, "/me").await.expect(200);
        let others: Vec<Hitch> = Hitch::ALL.into_iter().filter(|other| *other != hitch).collect();
        let only_it = client.hitches.beyond(&others) == 1 && client.hitches.beyond(&[hitch]) == 0;
        noticed += told(&format!("a client that met {hitch:?}"), only_it);
    }
    noticed
}

/// A door where clients meet this.
fn bad_door(hitch: Hitch) -> String {
    let address = format!("127.0.0.1:{}", free_port());
    if hitch != Hitch::Refused {
        let listener = TcpListener::bind(&address).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            if hitch == Hitch::Later {
                let _ = stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
            }
        });
    }
    format!("http://{address}")
}

fn told(harm: &str, noticed: bool) -> usize {
    println!("  {harm}: {}", if noticed { "noticed" } else { "NOT NOTICED" });
    usize::from(noticed)
}
