//! CX24 under fire: a thing is taken away in the moment it is booked. Whichever comes first, nobody is left with a booking of
//! what is gone, and no client hears of a deadlock.

use futures::future::join_all;
use harness::{Answer, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const ORPHANS: &str = "select count(*) from bookings b
    join booking_items i on i.org_id = b.org_id and i.booking_id = b.id
    join resources r on r.org_id = i.org_id and r.id = i.resource_id
    left join units u on u.org_id = i.org_id and u.id = i.unit_id
    where b.status in ('pending', 'approved', 'confirmed') and (r.deleted_at is not null or u.deleted_at is not null)";

async fn remove(app: &TestApp, by: &Person, path: String) -> Answer {
    app.ask(Method::DELETE, &path).by(by).send().await
}

fn nobody_heard_of_a_deadlock(answers: &[Answer]) {
    for answer in answers {
        assert!([200, 201, 404, 409].contains(&answer.status), "{} {}", answer.status, answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_parks_are_booked_together_while_both_are_removed_and_restored() {
    let app = TestApp::start().await;
    let (keeper, rules) = (app.keeper().await, json!({ "max_minutes": 1_440 }));
    let parks = [
        app.thing("parking", "Plateau", &["A-1", "A-2", "A-3"], rules.clone()).await,
        app.thing("parking", "Cocody", &["B-1", "B-2", "B-3"], rules).await,
    ];
    sqlx::query(
        "update resources set policy_id = (select policy_id from resources where id = $1) where kind = 'parking'",
    )
    .bind(parks[0].id.parse::<uuid::Uuid>().unwrap())
    .execute(&app.owner)
    .await
    .unwrap();
    for round in 0..6_u64 {
        let (start_at, end_at) = (app.at(2 + round, "09:00").await, app.at(2 + round, "11:00").await);
        let mut people = Vec::new();
        for _ in 0..16 {
            people.push(app.rider().await);
        }
        let bodies: Vec<Value> = (0..people.len())
            .map(|n| {
                let mut items: Vec<Value> = parks.iter().map(|park| json!({ "resource_id": park.id })).collect();
                items.rotate_left(n % 2);
                json!({ "items": items, "start_at": start_at, "end_at": end_at })
            })
            .collect();
        let bookings = join_all(people.iter().zip(&bodies).map(|(person, body)| app.ask_booking(person, body)));
        let removals = join_all([
            remove(&app, &keeper, format!("/resources/{}?force=cancel", parks[0].id)),
            remove(&app, &keeper, format!("/units/{}?force=cancel", parks[1].units[0])),
            remove(&app, &keeper, format!("/resources/{}", parks[1].id)),
        ]);
        let (booked, removed) = tokio::join!(bookings, removals);
        nobody_heard_of_a_deadlock(&booked);
        nobody_heard_of_a_deadlock(&removed);
        assert_eq!(app.count(ORPHANS).await, 0, "round {round}");
        for park in &parks {
            app.post(&keeper, &format!("/resources/{}/restore", park.id), &json!({})).await;
        }
        app.post(&keeper, &format!("/units/{}/restore", parks[1].units[0]), &json!({})).await;
        app.drain().await;
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_given_twice_at_once_is_given_once() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let body = json!({ "kind": "room", "name": "Salle 204" });
    let answers = join_all((0..16).map(|_| app.post(&keeper, "/resources", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    nobody_heard_of_a_deadlock(&answers);
    // a site goes while rooms come onto it: either it stays, or nothing stands on it
    let site = app.post(&keeper, "/sites", &json!({ "name": "Campus" })).await.expect(201).text("/id");
    let rooms = join_all((0..8).map(|n| {
        let (app, keeper) = (&app, &keeper);
        let body = json!({ "kind": "room", "name": format!("Salle {n}"), "site_id": site });
        async move { app.post(keeper, "/resources", &body).await.status }
    }));
    let (rooms, gone) = tokio::join!(rooms, remove(&app, &keeper, format!("/sites/{site}")));
    let stand = rooms.iter().filter(|status| **status == 201).count();
    assert!(rooms.iter().all(|status| [201, 400].contains(status)), "{rooms:?}");
    assert!(gone.status == 409 || stand == 0, "{} {rooms:?}", gone.status);
    app.finish().await;
}
