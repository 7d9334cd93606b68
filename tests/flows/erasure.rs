//! Who wants to be forgotten is, and the books stay whole (W4, SN26).

use chrono::TimeDelta;
use domain::{db::Scope, ids::OrgId, jobs::Maintenance};
use harness::{
    Answer, Person, TestApp,
    life::{Life, STRINGS, found, live, signed_in_again},
    story::uuid,
};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

async fn forget(app: &TestApp, person: &Person) -> Answer {
    app.ask(Method::DELETE, "/me").by(person).send().await
}

/// The books, row by row.
async fn books(app: &TestApp) -> Vec<String> {
    let picture = app.picture().await;
    ["entries", "ledger_transactions", "accounts", "payout_lines"]
        .map(|table| picture[&format!("public.{table}")].clone())
        .into()
}

#[tokio::test]
async fn who_is_forgotten_leaves_no_trace_and_whole_books() {
    let app = TestApp::start().await;
    let Life { person, admin, driver, .. } = live(&app).await;
    app.post(&person, "/me/export", &json!({})).await.expect(202);
    app.drain().await;
    let person = signed_in_again(&app, &person).await;
    let mut strings: Vec<String> = STRINGS.map(str::to_owned).into();
    strings.extend([person.phone.clone(), person.email.clone()]);
    let sealed = |string: &&String| *string == "ZOUB-0042";
    let held = found(&app, &strings).await;
    for string in strings.iter().filter(|string| !sealed(string)) {
        let starts = format!("{string} in ");
        assert!(held.iter().any(|found| found.starts_with(&starts)), "{string} is there to be forgotten");
    }
    let (before, trail) = (books(&app).await, app.count("select count(*) from audit_events").await);
    let erased = forget(&app, &person).await.expect(202);
    assert_eq!((erased.data("/user_id"), erased.data("/finished")), (json!(person.id), json!(false)));

    // at once: nobody is signed in as them, and their names are free
    app.get(&person, "/me").await.refused(401, "token_invalid");
    let refresh = json!({ "refresh_token": person.refresh_token });
    app.ask(Method::POST, "/auth/refresh").json(&refresh).send().await.refused(401, "token_invalid");
    let register = json!({ "email": person.email, "password": "correct horse battery", "full_name": "Somebody else" });
    let again = app.ask(Method::POST, "/auth/register").within(&app.slug).json(&register).send().await.expect(201);
    assert_ne!(again.data("/user_id"), json!(person.id));
    sqlx::query("delete from identities where value = $1").bind(&person.email).execute(&app.owner).await.unwrap();

    app.drain().await;
    let left = found(&app, &strings).await;
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(app.count("select count(*) from person_exports where document is not null").await, 0);
    assert_eq!(app.count("select count(*) from report_pieces").await, 0);
    assert_eq!(app.count("select count(*) from kyc_documents where doc_number <> ''").await, 0);
    let bodies = format!(
        "select count(*) from inbound_events v join payments p on p.org_id = v.org_id and p.id = v.payment_id
         where p.user_id = '{}' and v.body <> ''",
        person.id
    );
    let bodies: i64 = sqlx::query_scalar(AssertSqlSafe(bodies)).fetch_one(&app.owner).await.unwrap();
    assert_eq!(bodies, 0, "sealed bodies name the payer, too");

    // the books are the same, row by row, and the trail lost no row
    assert_eq!(books(&app).await, before);
    assert!(app.count("select count(*) from audit_events").await > trail);
    let marked = "select count(*) from audit_events where meta ? 'erased_at'";
    assert!(app.count(marked).await >= 5);
    let named: Value = sqlx::query_scalar(
        "select after from audit_events where entity_type = 'user' and action = 'UPDATE' and entity_id = $1",
    )
    .bind(person.id.0)
    .fetch_one(&app.owner)
    .await
    .unwrap();
    assert_eq!((&named["full_name"], &named["locale"]), (&json!({ "erased": true }), &json!("fr")), "marked, not lost");
    let who: (String, Option<uuid::Uuid>, Value) = sqlx::query_as(
        "select action, actor_id, after from audit_events where entity_type = 'user' and action = 'STATUS_CHANGE'",
    )
    .fetch_one(&app.owner)
    .await
    .unwrap();
    assert_eq!(who, ("STATUS_CHANGE".into(), Some(person.id.0), json!({ "status": "erased" })));

    // others go on: the driver's answer is repeated without the note, and the admin sees a member without a name
    let bookings = app.get(&driver, "/bookings?role=driver").await.expect(200);
    assert_eq!((bookings.text("/0/status"), bookings.data("/0/note")), ("completed".into(), Value::Null));
    let approve = format!("/bookings/{}/approve", bookings.text("/0/id"));
    let repeated = app.ask(Method::POST, &approve).by(&driver).key("yes").json(&json!({})).send().await.expect(200);
    assert_eq!((repeated.text("/status"), repeated.data("/note")), ("approved".into(), json!("")));
    app.get(&admin, &format!("/organizations/{}/members", app.slug)).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn forgetting_twice_or_half_way_is_forgetting_once() {
    let app = TestApp::start().await;
    let Life { person, other, .. } = live(&app).await;
    let person = signed_in_again(&app, &person).await;
    let operation = forget(&app, &person).await.expect(202);
    let operation = operation.body["meta"]["operation_id"].as_str().unwrap().to_owned();
    // a worker forgets in one organization and dies; its job is lost
    let erase = async |org: OrgId| {
        let mut tx = app.db.begin(Scope::system(org)).await.unwrap();
        assert!(domain::privacy::erase_here(&mut tx, person.id, operation.parse().unwrap()).await.unwrap());
        tx.commit().await.unwrap();
    };
    erase(app.org).await;
    let once = app.picture().await;
    erase(app.org).await;
    assert_eq!(app.picture().await, once, "nothing was left to do");
    sqlx::query("delete from queue.jobs where kind = 'privacy.erase'").execute(&app.owner).await.unwrap();
    app.drain().await;
    assert!(!found(&app, &["ZOUB-0042".into(), "zoub-front".into()]).await.is_empty(), "the other one still knows");
    app.advance(TimeDelta::minutes(16)).await;
    app.sweep(&Maintenance::SweepOperations).await;
    assert_eq!(found(&app, &STRINGS.map(str::to_owned)).await, Vec::<String>::new());
    let ended: Vec<(String, Value)> = sqlx::query_as("select status, result from operations where kind = 'erasure'")
        .fetch_all(&app.owner)
        .await
        .unwrap();
    assert_eq!(ended, [("succeeded".to_owned(), json!({ "organizations": 2 }))]);
    let left: i64 = sqlx::query_scalar(
        "select count(*) from audit_events where entity_type = 'membership' and entity_id = $1 and action = 'STATUS_CHANGE'",
    )
    .bind(person.id.0)
    .fetch_one(&app.owner)
    .await
    .unwrap();
    assert_eq!(left, 2, "once in each organization");
    assert_ne!(other, app.org);
    app.finish().await;
}

#[tokio::test]
async fn unfinished_business_is_finished_first() {
    let app = TestApp::start().await;
    let (ride, rider, admin) = (app.ride(3, 6_000).await, app.rider().await, app.person("Ibrahim", &["admin"]).await);
    let booking = app.book(&rider, &ride, 1).await;
    let before = app.picture().await;
    let reasons = |answer: &Answer| -> Vec<String> {
        let listed = answer.details()["blockers"].as_array().unwrap().clone();
        listed.iter().map(|blocker| blocker["reason"].as_str().unwrap().to_owned()).collect()
    };
    let blocked = forget(&app, &rider).await.refused(409, "erasure_blocked");
    assert_eq!(blocked.details()["blockers"], json!([{ "org_id": app.org, "reason": "open_booking", "id": booking }]));
    let blocked = forget(&app, &ride.driver).await.refused(409, "erasure_blocked");
    assert_eq!(reasons(&blocked), ["open_trip"]);
    let blocked = forget(&app, &admin).await.refused(409, "erasure_blocked");
    assert_eq!(reasons(&blocked), ["last_admin"]);
    assert_eq!(app.picture().await, before, "nothing was forgotten");

    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    let blocked = forget(&app, &rider).await.refused(409, "erasure_blocked");
    assert_eq!(reasons(&blocked), ["open_booking", "open_payment"]);
    assert_eq!(blocked.details()["blockers"][1]["id"], json!(payment));
    app.pay_checkout(&checkout).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    let driver = signed_in_again(&app, &ride.driver).await;
    let blocked = forget(&app, &driver).await.refused(409, "erasure_blocked");
    assert_eq!(reasons(&blocked), ["balance"], "what was earned is not thrown away");
    let rider = signed_in_again(&app, &rider).await;
    forget(&app, &rider).await.expect(202);
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn only_who_just_proved_themselves_is_forgotten() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    app.advance(TimeDelta::minutes(11)).await;
    let before = app.picture().await;
    let refused = forget(&app, &rider).await.refused(403, "recent_login_required");
    assert_eq!(refused.details()["within_minutes"], 10);
    let refresh = json!({ "refresh_token": rider.refresh_token });
    assert_eq!(app.picture().await, before);
    // a refreshed token proves nothing new
    let fresh = app.ask(Method::POST, "/auth/refresh").json(&refresh).send().await.expect(200).text("/access_token");
    let refreshed = Person { token: fresh, ..rider.clone() };
    forget(&app, &refreshed).await.refused(403, "recent_login_required");
    let again = signed_in_again(&app, &rider).await;
    // whoever waits hears the end: it is the last answer they get
    let waiting = app.ask(Method::DELETE, "/me").by(&again).header("prefer", "wait=10").send();
    let carrying = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        app.drain().await;
    };
    let (answer, ()) = tokio::join!(waiting, carrying);
    let answer = answer.expect(200);
    assert_eq!((answer.data("/finished"), answer.header("preference-applied")), (json!(true), Some("wait=10")));
    app.finish().await;
}

#[tokio::test]
async fn somebody_of_no_organization_is_forgotten_at_once() {
    let app = TestApp::start_with(harness::Options { registration: "domain", ..Default::default() }).await;
    let rider = app.rider().await;
    sqlx::raw_sql(AssertSqlSafe(format!(
        "delete from membership_roles where user_id = '{0}'; delete from memberships where user_id = '{0}'",
        rider.id
    )))
    .execute(&app.owner)
    .await
    .unwrap();
    let erased = app.ask(Method::DELETE, "/me").bearer(&rider.token).send().await.expect(200);
    assert_eq!(erased.data("/finished"), json!(true));
    assert!(found(&app, &[rider.phone.clone(), rider.email.clone()]).await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn what_was_begun_in_the_same_moment_is_waited_for() {
    let app = TestApp::start().await;
    app.forgive_unaudited();
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    let ask = json!({ "trip_id": ride.id, "seats": 1, "note": "zoub-note" });
    let book = app.ask(Method::POST, "/bookings").by(&rider).key(uuid()).json(&ask);
    let booking = book.send().await.expect(201).text("/id");
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    let texts = app.texts_to(&rider.phone).len();
    forget(&app, &rider).await.expect(202);
    // as if its commit had come a moment after the wish was accepted
    let set = |status: &str| AssertSqlSafe(format!("update bookings set status = '{status}' where id = '{booking}'"));
    sqlx::query(set("approved")).execute(&app.owner).await.unwrap();
    app.drain().await;
    let waiting = "select count(*) from operations where kind = 'erasure' and waiting_for = 'unfinished_business'";
    assert_eq!(app.count(waiting).await, 1);
    assert!(!found(&app, &["zoub-note".into()]).await.is_empty());
    sqlx::query(set("cancelled")).execute(&app.owner).await.unwrap();
    app.advance(TimeDelta::minutes(11)).await;
    app.drain().await;
    assert!(found(&app, &["zoub-note".into()]).await.is_empty());
    assert_eq!(app.count("select count(*) from operations where kind = 'erasure' and status = 'succeeded'").await, 1);
    assert_eq!(app.texts_to(&rider.phone).len(), texts, "who was forgotten is told nothing more");
    app.finish().await;
}

#[tokio::test]
async fn what_was_still_being_written_is_forgotten_too() {
    let app = TestApp::start().await;
    app.forgive_unaudited(); // what comes late is written by hand
    let rider = app.rider().await;
    forget(&app, &rider).await.expect(202);
    app.drain().await;
    assert_eq!(app.count("select count(*) from operations where kind = 'erasure' and status = 'succeeded'").await, 1);
    // requests that were let in before, and committed only now
    for sql in [
        "update users set full_name = 'Late Zoubida' where id = $1",
        "insert into devices (id, user_id, platform, push_token) values (gen_random_uuid(), $1, 'ios', 'late-zoub-phone')",
        "insert into kyc_documents (org_id, id, user_id, doc_type, doc_number, front_key)
         select org_id, gen_random_uuid(), user_id, 'passport', 'sealed', 'late-zoub' from memberships where user_id = $1",
    ] {
        sqlx::query(sql).bind(rider.id.0).execute(&app.owner).await.unwrap();
    }
    let late = ["Late Zoubida", "late-zoub"].map(str::to_owned);
    assert!(!found(&app, &late).await.is_empty());
    app.advance(TimeDelta::minutes(3)).await;
    app.drain().await;
    assert_eq!(found(&app, &late).await, Vec::<String>::new());
    app.finish().await;
}

#[tokio::test]
async fn a_copy_that_is_under_way_is_not_left_behind() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    app.post(&rider, "/me/export", &json!({})).await.expect(202);
    forget(&app, &rider).await.expect(202);
    app.drain().await;
    assert_eq!(app.count("select count(*) from person_exports where document is not null").await, 0);
    let ended: Vec<(String, String)> =
        sqlx::query_as("select kind, status from operations order by kind").fetch_all(&app.owner).await.unwrap();
    let ended: Vec<(&str, &str)> = ended.iter().map(|(kind, status)| (kind.as_str(), status.as_str())).collect();
    assert_eq!(ended, [("erasure", "succeeded"), ("privacy_export", "failed")]);
    assert!(found(&app, &[rider.phone.clone(), rider.email.clone()]).await.is_empty());
    app.finish().await;
}
