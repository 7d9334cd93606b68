//! H11, H12, SN14, ★7: the order of a line can be read by who stands in it, and replayed by who decides about it.

use chrono::TimeDelta;
use domain::{
    db::Scope,
    paging::Page,
    waitlist::{self, Part},
};
use harness::{Person, TestApp};
use serde_json::{Value, json};

fn factor<'a>(entry: &'a Value, name: &str) -> &'a Value {
    let factors = entry["factors"].as_array().unwrap();
    factors.iter().find(|factor| factor["factor"] == name).unwrap_or_else(|| panic!("no {name} in {entry}"))
}

fn assert_sums(entry: &Value) {
    let sum: i64 = entry["factors"].as_array().unwrap().iter().map(|f| f["contribution"].as_i64().unwrap()).sum();
    assert_eq!(entry["score"], sum, "{entry}");
}

async fn set(app: &TestApp, who: &Person, sql: &'static str) {
    sqlx::query(sql).bind(app.org.0).bind(who.id.0).execute(&app.owner).await.unwrap();
}

#[tokio::test]
async fn every_factor_counts_and_sums_to_the_score() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let (late, owes, busy, plain) = (app.rider().await, app.rider().await, app.rider().await, app.rider().await);
    let (dear, staff) = (app.rider().await, app.person("Aya", &["staff"]).await);
    set(&app, &late, "update memberships set penalty_points = 2 where org_id = $1 and user_id = $2").await;
    set(&app, &dear, "update memberships set priority = 'high' where org_id = $1 and user_id = $2").await;
    let fine = "insert into fines (org_id, id, user_id, reason, amount, currency)
                values ($1, gen_random_uuid(), $2, 'other', 500, 'XOF')";
    set(&app, &owes, fine).await;
    app.occupy(&app.bays(1, "none").await, &busy).await;
    let mut ids = Vec::new();
    for who in [&late, &owes, &busy, &plain, &dear] {
        ids.push(app.wait(who, &bays).await);
    }
    app.advance(TimeDelta::minutes(150)).await;
    ids.push(app.wait(&staff, &bays).await);
    // by the default weights: an hour 1, staff 24, high priority 12, a point or a fine -6, an open booking -4
    let expected = [(&late, -10), (&owes, -4), (&busy, -2), (&plain, 2), (&dear, 14), (&staff, 24)];
    for (index, (who, score)) in expected.iter().enumerate() {
        let entry = app.entry(who, &ids[index]).await;
        assert_eq!(entry["score"], *score, "{entry}");
        assert_eq!(entry["rank"], 6 - index, "{entry}");
        assert_sums(&entry);
    }
    let entry = app.entry(&plain, &ids[3]).await;
    assert_eq!((&entry["total"], &entry["points_behind"]), (&json!(6), &json!(12)));
    assert_eq!(factor(&entry, "hours_waited")["value"], 2);
    assert_eq!(factor(&entry, "hours_waited")["changes"], "with_every_hour");
    assert_eq!(factor(&app.entry(&owes, &ids[1]).await, "fines_due")["contribution"], -6);
    assert_eq!(factor(&app.entry(&staff, &ids[5]).await, "role")["role"], "staff");

    app.say(
        "update fines set status = 'waived', waived_at = app_now(), waived_by = user_id, waived_reason = 'forgiven'",
    )
    .await;
    assert_eq!(app.entry(&owes, &ids[1]).await["score"], 2, "a forgiven fine no longer counts");
    let list = app.get(&staff, &format!("/waitlist?resource_id={}", bays.id)).await.expect(200);
    let list = list.data("");
    let order: Vec<&str> = list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    let expected = [5, 4, 1, 3, 2, 0].map(|at: usize| ids[at].as_str());
    assert_eq!(order, expected, "of two with as much, who came first");
    let page = app.get(&staff, "/waitlist?page=2&page_size=4").await.expect(200);
    assert_eq!((page.body["meta"]["pagination"]["total"].clone(), page.data("/0/rank")), (json!(6), json!(5)));

    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    assert_eq!(app.entry(&staff, &ids[5]).await["status"], "offered");
    app.finish().await;
}

#[tokio::test]
async fn a_decision_is_replayed_from_what_was_stored() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let (early, group, chosen, staff) =
        (app.rider().await, app.rider().await, app.rider().await, app.person("Aya", &["staff"]).await);
    let other = app.rider().await;
    app.occupy(&bays.later(24), &other).await;
    let tomorrow = app.wait(&early, &bays.later(24)).await;
    app.say(
        "insert into units (org_id, id, resource_id, label) select org_id, gen_random_uuid(), id, 'B-9' from resources",
    )
    .await;
    app.occupy(&bays, &other).await;
    app.occupy(&bays.later(24), &other).await;
    let two = app.wait_for(&group, &bays, 2).await;
    let one = app.wait(&chosen, &bays).await;
    app.advance(TimeDelta::hours(3)).await;
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;

    let decisions = app.get(&staff, &format!("/waitlist/{two}/decisions")).await.expect(200);
    let newest = decisions.data("/0");
    assert_eq!((&newest["kind"], &newest["entry_id"]), (&json!("offered"), &json!(one)));
    assert_eq!((&newest["replayed"], &newest["decided_by"]), (&json!(true), &Value::Null));
    let passed = newest["ranking"].as_array().unwrap().iter().find(|place| place["entry_id"] == *two).unwrap();
    assert_eq!((&passed["fits"], &passed["quantity"]), (&json!(false), &json!(2)), "why it was passed over");
    app.get(&chosen, &format!("/waitlist/{two}/decisions")).await.refused(403, "forbidden");

    // months later, whatever became of people, the stored order comes out again
    app.say("update memberships set penalty_points = 40; update queue_entries set score = 7").await;
    let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
    let page = Page { limit: 10, offset: 0 };
    let stored = waitlist::decisions(&mut tx, two.parse().unwrap(), page).await.unwrap().items.remove(0);
    assert!(stored.ranking.is_sound());
    let order = stored.ranking.places.iter().map(|place| place.entry).collect::<Vec<_>>();
    assert_eq!(stored.ranking.replay(), order);
    assert_eq!(stored.ranking.best().map(|best| best.to_string()), Some(one.clone()));
    for place in &stored.ranking.places {
        assert_eq!(place.parts.iter().map(Part::contribution).sum::<i64>(), place.score);
    }
    drop(tx);
    assert_ne!(tomorrow, one);
    app.finish().await;
}
