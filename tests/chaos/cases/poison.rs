//! Jobs that kill the process that carries them, among a steady beat of ordinary neighbours on the same queue. A service
//! manager starts what dies. Each poison is quarantined after three deaths, and no neighbour is lost or blamed.

use crate::{
    crew::{Chore, Crew, Poisoned},
    luck::Luck,
    pace::{beat, now, post},
    post_room::{deaths_of, forget_dead},
    scene::{Field, Plan, Scene},
};
use std::{
    cell::Cell,
    time::{Duration, Instant},
};

const DOSES: u64 = 3;
/// Ordinary work before the first, and before it is measured.
const CALM: Duration = Duration::from_secs(8);
const START: Duration = Duration::from_secs(2);

pub async fn run(luck: Luck) -> bool {
    let mut scene = Scene::set(Plan { load: Duration::from_secs(42), ..Plan::of("poison") }, luck).await;
    let mut crew = Crew::of(&scene.stage);
    crew.hire("crew-a", Duration::ZERO);
    crew.hire("crew-b", Duration::ZERO);
    let (killed, poisoned) = scene.under_load(async |field| poison(field, &mut crew).await).await;
    scene.at_rest().await;
    scene.figures.told("processes_killed", killed as f64);
    poisoned.tell(&scene.stage.eyes, &mut scene.figures).await;
    forget_dead(&scene.stage.eyes, Chore::POISON).await;
    drop(crew);
    scene.end().await
}

/// Answers how many processes died, and the course of it.
async fn poison(mut field: Field<'_>, crew: &mut Crew) -> (u64, Poisoned) {
    let (app, eyes, over) = (&field.stage.app, &field.stage.eyes, field.over);
    let doses = async {
        tokio::time::sleep(START).await;
        let calm_since = now(eyes).await;
        tokio::time::sleep(CALM).await;
        let from = now(eyes).await;
        for number in 0..DOSES {
            post(app, &Chore::Poison { number }).await.unwrap();
            tokio::time::sleep(field.luck.millis(500, 3_000)).await;
        }
        while deaths_of(eyes, Chore::POISON).await.len() < DOSES as usize && Instant::now() < over {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Poisoned { doses: DOSES, neighbours: 0, calm_since, from, to: now(eyes).await }
    };
    let until = Cell::new(over);
    let neighbours = beat(app, &until, |number| Chore::Plain { number });
    let kept = crew.keep_alive(field.stage, field.orphans, over);
    let (neighbours, killed, poisoned) = futures::join!(neighbours, kept, doses);
    (killed, Poisoned { neighbours, ..poisoned })
}
