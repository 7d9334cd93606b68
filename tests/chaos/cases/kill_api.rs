//! One of two APIs is killed with −9 every few seconds, in the middle of requests. Clients ask the other with the same
//! key; the provider's webhooks come again.

use crate::{
    client::Hitch,
    kills::keep_killing,
    luck::Luck,
    scene::{Plan, Scene},
    troupe::{Cast, Role},
};

pub async fn run(luck: Luck) -> bool {
    let cast = Cast { apis: 2, workers: 2, schedulers: 1 };
    let plan = Plan { cast, hitches: &[Hitch::Refused, Hitch::Cut], ..Plan::of("kill_api") };
    let mut scene = Scene::set(plan, luck).await;
    let kills = scene.under_load(async |field| keep_killing(field, Role::Api, cast, 2_000..4_000).await).await;
    scene.figures.at_least("kills", kills as f64, 1.0);
    scene.end().await
}
