//! G11: bays under fire. Whatever races, a bay has one holder at a time, one request wins, and no client hears of a
//! deadlock.

use futures::future::join_all;
use harness::{Answer, Person, TestApp};
use serde_json::{Value, json};

async fn people(app: &TestApp, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for _ in 0..count {
        people.push(app.rider().await);
    }
    people
}

fn nobody_heard_of_a_deadlock(answers: &[Answer]) {
    for answer in answers {
        assert!([200, 201, 409, 412].contains(&answer.status), "{} {}", answer.status, answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_want_one_bay_for_the_day_or_the_morning() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
    let people = people(&app, 64).await;
    let date = app.at(3, "00:00").await.date_naive();
    let bodies: Vec<Value> = (0..64)
        .map(
            |n| json!({ "unit_id": park.units[0], "date": date, "period": if n % 2 == 0 { "day" } else { "morning" } }),
        )
        .collect();
    let answers = join_all(people.iter().zip(&bodies).map(|(person, body)| app.ask_booking(person, body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "exactly one wins");
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!((lost.status, lost.code()), (409, "booking_conflict"), "{}", lost.body);
    }
    assert_eq!(app.count("select count(*) from claims where active").await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bookings_over_two_parks_in_either_order_never_wait_in_a_ring() {
    let app = TestApp::start().await;
    let rules = json!({ "max_minutes": 1_440 });
    let first = app.thing("parking", "Plateau", &["A-1", "A-2", "A-3"], rules.clone()).await;
    let second = app.thing("parking", "Cocody", &["B-1", "B-2", "B-3"], rules).await;
    sqlx::query(
        "update resources set policy_id = (select policy_id from resources where id = $1) where kind = 'parking'",
    )
    .bind(first.id.parse::<uuid::Uuid>().unwrap())
    .execute(&app.owner)
    .await
    .unwrap();
    let people = people(&app, 32).await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "11:00").await);
    let bodies: Vec<Value> = (0..32)
        .map(|n| {
            let mut items = vec![json!({ "resource_id": first.id }), json!({ "resource_id": second.id })];
            if n % 2 == 0 {
                items.reverse();
            }
            json!({ "items": items, "start_at": start_at, "end_at": end_at })
        })
        .collect();
    let answers = join_all(people.iter().zip(&bodies).map(|(person, body)| app.ask_booking(person, body))).await;
    nobody_heard_of_a_deadlock(&answers);
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
    let won = people.iter().zip(&answers).filter(|(_, answer)| answer.status == 201);
    let won: Vec<(&Person, String)> = won.map(|(person, answer)| (person, answer.text("/id"))).collect();
    let cancelled = join_all(won.iter().map(|(person, id)| app.step(person, id, "cancel"))).await;
    assert!(cancelled.iter().all(|answer| answer.status == 200));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_bookings_swap_bays_and_times_without_losing_either() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], json!({})).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
    let ask = |unit: &str| json!({ "unit_id": unit, "start_at": start_at, "end_at": end_at });
    let mine = app.ask_booking(&awa, &ask(&park.units[0])).await.expect(201).text("/id");
    let theirs = app.ask_booking(&koffi, &ask(&park.units[1])).await.expect(201).text("/id");
    for round in 0..12 {
        let (to, from) =
            (json!({ "unit_id": park.units[(round + 1) % 2] }), json!({ "unit_id": park.units[round % 2] }));
        let away = json!({ "start_at": app.at(2, "09:30").await, "end_at": app.at(2, "10:30").await });
        let answers = tokio::join!(
            app.change(&awa, &mine, &to),
            app.change(&koffi, &theirs, &from),
            app.change(&awa, &mine, &away),
            app.change(&koffi, &theirs, &away)
        );
        let answers = [answers.0, answers.1, answers.2, answers.3];
        nobody_heard_of_a_deadlock(&answers);
    }
    for (person, id) in [(&awa, &mine), (&koffi, &theirs)] {
        assert_eq!(app.booking(person, id).await["status"], "confirmed");
    }
    assert_eq!(app.count("select count(*) from claims where active").await, 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn approvals_refusals_and_cancellations_of_one_request_have_one_outcome() {
    let app = TestApp::start().await;
    let cameras = app.thing("equipment", "Camera", &["C-1"], json!({ "approval": "staff" })).await;
    let (student, staff) = (app.rider().await, app.person("Kone", &["staff"]).await);
    for hour in ["09:00", "10:00", "11:00"] {
        let until = format!("{}:45", &hour[..2]);
        let id = app.reserve(&student, &cameras, hour, &until).await;
        let approvals = (0..6).map(|_| app.step(&staff, &id, "approve"));
        let refusals = (0..6).map(|_| app.step(&staff, &id, "reject"));
        let (approved, rejected) = tokio::join!(join_all(approvals), join_all(refusals));
        let won = |answers: &[Answer]| answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won(&approved) + won(&rejected), 1, "one decision");
        nobody_heard_of_a_deadlock(&approved);
        nobody_heard_of_a_deadlock(&rejected);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_of_an_allowance_is_had_once() {
    let app = TestApp::start().await;
    let labels: Vec<String> = (1..=16).map(|n| format!("B-{n}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let rules = json!({ "max_active_bookings": 1 });
    let parks = [
        app.thing("parking", "Plateau", &labels, rules.clone()).await,
        app.thing("parking", "Cocody", &labels, rules).await,
    ];
    let awa = app.rider().await;
    let asks = (0..16).map(|n| app.try_reserve(&awa, &parks[n % 2], "09:00", "10:00"));
    let answers = join_all(asks).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "one booking at a time");
    assert!(answers.iter().all(|answer| [201, 422].contains(&answer.status)));
    app.finish().await;
}
