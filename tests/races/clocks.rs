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
