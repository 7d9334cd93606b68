//! A5: two schedulers, one tick.

use domain::{db::Scope, jobs::Reservations};
use futures::future::join_all;
use harness::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_clocks_fire_one_slot_once() {
    let app = TestApp::start().await;
    let slot = app.now().await;
    let fire = || async {
        let mut tx = app.db.begin(Scope::nowhere()).await.unwrap();
        let fired = tx.tick("sweep_holds", slot, &Reservations::SweepHolds).await.unwrap();
        tx.commit().await.unwrap();
        fired
    };
    let fired = join_all((0..16).map(|_| fire())).await;
    assert_eq!(fired.into_iter().filter(|fired| *fired).count(), 1);
    assert_eq!(app.count("select count(*) from queue.jobs where kind = 'booking.sweep_holds'").await, 1);
    app.drain().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_schedulers_fire_each_slot_once() {
    let app = TestApp::start().await;
    let clock = || scheduler::Clock::new(domain::db::Db::start(app.pool.clone(), None));
    let (mut one, mut two) = (clock(), clock());
    for _ in 0..5 {
        app.advance(chrono::TimeDelta::minutes(1)).await;
        let (first, second) = tokio::join!(one.look(), two.look());
        let mut fired: Vec<_> = first.unwrap().into_iter().chain(second.unwrap()).filter(|tick| tick.fired).collect();
        let all = fired.len();
        fired.sort_by_key(|tick| (tick.name, tick.slot));
        fired.dedup_by_key(|tick| (tick.name, tick.slot));
        assert_eq!(fired.len(), all, "a slot fired twice");
        app.drain().await;
    }
    let slots = app.count("select count(*) from queue.ticks").await;
    let names = app.count("select count(distinct (name, slot)) from queue.ticks").await;
    assert!(slots > 0 && slots == names);
    app.finish().await;
}
