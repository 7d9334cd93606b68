//! A worker stands still for half a minute (SIGSTOP) with jobs in its hands; others take them up. When it goes on
//! (SIGCONT), what it still says about them changes nothing.
//!
//! Beside a real worker a member of the crew is stopped, whose jobs are made to be running elsewhere at the moment it
//! comes back: the fence is asked, not the luck of the timing.

use crate::{
    crew::{Chore, Crew, Offers, TRACES},
    luck::Luck,
    pace::post,
    post_room::in_hand,
    scene::{Field, Plan, Scene},
    troupe::Role,
};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Long chores; half of them end in the transaction of their effect.
const CHORES: u64 = 8;
const STOPPED: &str = "crew-stopped";
const STANDS: Duration = Duration::from_secs(30);
/// How long the one that stands still would have stayed at a chore: less than it stands.
const PATIENCE: Duration = Duration::from_secs(10);
/// After it went on, the others' runs of the same chores go on this long.
const TOGETHER: Duration = Duration::from_secs(4);

pub async fn run(luck: Luck) -> bool {
    let mut scene = Scene::set(Plan { load: Duration::from_secs(45), ..Plan::of("pause_worker") }, luck).await;
    scene.stage.prepare(TRACES.into()).await;
    let mut crew = Crew::of(&scene.stage);
    let held = scene.under_load(async |field| stop_and_go_on(field, &mut crew).await).await;
    scene.at_rest().await;
    scene.figures.told("in_hand", held.len() as f64);
    Offers::of(&scene.stage.eyes, STOPPED, &held).await.tell(&mut scene.figures);
    drop(crew);
    scene.end().await
}

/// Answers the jobs that were in the hands of those who stood still.
async fn stop_and_go_on(mut field: Field<'_>, crew: &mut Crew) -> Vec<Uuid> {
    let eyes = &field.stage.eyes;
    let stopped = crew.hire(STOPPED, PATIENCE);
    for number in 0..CHORES {
        post(&field.stage.app, &Chore::Long { number }).await.unwrap();
    }
    while in_hand(eyes, Some(stopped)).await.unwrap().len() < CHORES as usize {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(field.luck.millis(2_000, 4_000)).await;
    crew.signal(STOPPED, "STOP").await;
    let worker = field.troupe.signal(Role::Worker, 0, "STOP").await;
    let mut held = field.orphans.count(eyes, Some(worker.pid), worker.at).await;
    held.extend(field.orphans.count(eyes, Some(stopped), worker.at).await);
    crew.hire("crew-other", Duration::from_secs(100));
    tokio::time::sleep_until((worker.at + STANDS).into()).await;
    field.troupe.signal(Role::Worker, 0, "CONT").await;
    crew.signal(STOPPED, "CONT").await;
    tokio::time::sleep(TOGETHER).await;
    field.stage.prepare("insert into chaos.let_go default values".into()).await;
    tokio::time::sleep_until(field.over.max(Instant::now()).into()).await;
    held
}
