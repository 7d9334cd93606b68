//! A worker is killed with −9 every few seconds at a random point. What it had in hand is taken up by the other.

use crate::{
    kills::keep_killing,
    luck::Luck,
    scene::{Plan, Scene},
    troupe::Role,
};

pub async fn run(luck: Luck) -> bool {
    let mut scene = Scene::set(Plan::of("kill_worker"), luck).await;
    let cast = scene.plan.cast;
    let kills = scene.under_load(async |field| keep_killing(field, Role::Worker, cast, 2_000..4_000).await).await;
    scene.figures.at_least("kills", kills as f64, 1.0);
    scene.end().await
}
