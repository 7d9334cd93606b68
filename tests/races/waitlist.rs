//! H6–H9: however many hands, one unit has one taker, and no unit rests beside somebody it fits.

use domain::{db::Scope, jobs::Reservations, waitlist};
use futures::future::{join, join_all};
use harness::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_offer_accepted_many_times_at_once_is_accepted_once() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let who = app.rider().await;
    let entry = app.wait(&who, &bays).await;
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    let body = json!({});
    let answers = join_all((0..12).map(|_| app.answer(&who, &entry, "accept", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((answer.status, answer.code()), (409, "state_conflict"), "{}", answer.body);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_accepting_and_expiring_exactly_one_wins() {
    let app = TestApp::start().await;
    let staff = app.person("Aya", &["staff"]).await;
    let (mut accepted, mut expired) = (0, 0);
    for _ in 0..12 {
        let (bays, stands) = app.full(1, "score").await;
        let who = app.rider().await;
        let entry = app.wait(&who, &bays).await;
        app.give_back(&bays, &stands[0]).await;
        app.drain().await;
        let body = json!({});
        let (accept, expire) =
            join(app.answer(&who, &entry, "accept", &body), app.answer(&staff, &entry, "expire", &body)).await;
        match (accept.status, expire.status) {
            (200, 409) => accepted += 1,
            (410, 200) => expired += 1,
            both => panic!("{both:?}: {} {}", accept.body, expire.body),
        }
    }
    assert_eq!(accepted + expired, 12);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bays_freed_together_are_each_offered_once_and_none_rests() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(6, "fifo").await;
    let mut entries = Vec::new();
    for _ in 0..9 {
        let who = app.rider().await;
        entries.push((app.wait(&who, &bays).await, who));
    }
    join_all(stands.iter().map(|booking| app.give_back(&bays, booking))).await;
    // the line is served by many at once: the job, the sweep, and the same again
    join_all((0..6).map(|_| async {
        let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
        waitlist::match_line(&mut tx, bays.resource()).await.unwrap();
        tx.commit().await.unwrap();
    }))
    .await;
    app.sweep(&Reservations::SweepLines).await;
    assert_eq!(app.count("select count(*) from offers where status = 'open'").await, 6);
    let units = "select count(distinct unit_id) from claims where active and source = 'offer'";
    assert_eq!(app.count(units).await, 6);
    for (index, (entry, who)) in entries.iter().enumerate() {
        let wanted = if index < 6 { "offered" } else { "waiting" };
        assert_eq!(app.entry(who, entry).await["status"], wanted, "who came first");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn giving_up_while_the_offer_comes_leaves_nothing_held() {
    let app = TestApp::start().await;
    for round in 0..10 {
        let (bays, stands) = app.full(1, "score").await;
        let who = app.rider().await;
        let entry = app.wait(&who, &bays).await;
        let booking = app.entry(&who, &entry).await["booking_id"].as_str().unwrap().to_owned();
        app.give_back(&bays, &stands[0]).await;
        let serve = async {
            let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
            waitlist::match_line(&mut tx, bays.resource()).await.unwrap();
            tx.commit().await.unwrap();
        };
        let (cancel, body) = (format!("/bookings/{booking}/cancel"), json!({}));
        let (answer, ()) = if round % 2 == 0 {
            join(app.post(&who, &cancel, &body), serve).await
        } else {
            join(app.leave(&who, &entry), serve).await
        };
        answer.expect(200);
    }
    app.drain().await;
    assert_eq!(app.count("select count(*) from claims where active").await, 0);
    assert_eq!(app.count("select count(*) from offers where status = 'open'").await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_books_directly_the_freed_bay_is_the_first_in_lines() {
    let app = TestApp::start().await;
    let passers = join_all((0..16).map(|_| app.rider())).await;
    for round in 0..6 {
        let park = app.thing("parking", &format!("Plateau {round}"), &["B-1"], json!({})).await;
        let (holder, first, second) = (app.rider().await, app.rider().await, app.rider().await);
        let booking = app.reserve(&holder, &park, "09:00", "10:00").await;
        let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
        let wish = json!({ "resource_id": park.id, "start_at": start_at, "end_at": end_at });
        let entry = app.try_wait(&first, &wish).await.expect(201).text("/id");
        let next = app.try_wait(&second, &wish).await.expect(201).text("/id");
        let serve = async {
            let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
            waitlist::match_line(&mut tx, park.id.parse().unwrap()).await.unwrap();
            tx.commit().await.unwrap();
        };
        let direct = join_all(passers.iter().map(|passer| app.ask_booking(passer, &wish)));
        let (answers, (cancelled, ())) = join(direct, join(app.step(&holder, &booking, "cancel"), serve)).await;
        cancelled.expect(200);
        for answer in answers {
            answer.refused(409, "booking_conflict");
        }
        app.drain().await;
        assert_eq!(app.entry(&first, &entry).await["status"], "offered", "round {round}");
        assert_eq!(app.entry(&second, &next).await["status"], "waiting", "round {round}");
    }
    app.finish().await;
}
