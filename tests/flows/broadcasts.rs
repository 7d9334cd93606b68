//! One message to many people (R2–R4, R8): everybody hears once, in their language, on the channels they allow, whatever
//! interrupts the telling; it can be called off, and its counts are true.

use chrono::TimeDelta;
use domain::{
    broadcasts::{Walked, walk},
    db::Scope,
    ids::OperationId,
    jobs::Maintenance,
};
use harness::{Answer, Person, TestApp, story::uuid};
use reqwest::Method;
use sandbox::{Faults, Rule};
use serde_json::{Value, json};

fn closed(audience: &Value, channels: &[&str]) -> Value {
    json!({
        "audience": audience, "channels": channels,
        "subject": { "fr": "Parking fermé", "en": "Car park closed" },
        "body": { "fr": "Le parking est fermé demain.\nMerci.", "en": "The car park is closed tomorrow.\nThanks." },
    })
}

async fn say(app: &TestApp, by: &Person, body: &Value) -> Answer {
    app.ask(Method::POST, "/notifications").by(by).key(uuid()).json(body).send().await
}

/// Lets the carriers work until the last message has an end; answers the operation.
async fn told(app: &TestApp, by: &Person, operation: &str) -> Value {
    app.drain().await;
    app.advance(TimeDelta::seconds(3)).await;
    app.drain().await;
    app.get(by, &format!("/operations/{operation}")).await.expect(200).data("")
}

/// People without any address: there are many of them, and none gets a mail.
async fn crowd(app: &TestApp, size: i32) {
    app.forgive_unaudited();
    sqlx::query(
        "with made as (insert into users (id, full_name) select gen_random_uuid(), 'One of many'
                       from generate_series(1, $2) returning id)
         insert into memberships (org_id, user_id) select $1, id from made",
    )
    .bind(app.org.0)
    .bind(size)
    .execute(&app.owner)
    .await
    .unwrap();
}

/// One step of the walk, as a worker takes it; `commit` false is a power cut before the commit.
async fn step(app: &TestApp, operation: &str, commit: bool) -> Walked {
    let id: OperationId = operation.parse().unwrap();
    let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
    let walked = walk(&mut tx, id).await.unwrap();
    if commit {
        tx.commit().await.unwrap();
    }
    walked
}

#[tokio::test]
async fn everybody_hears_once_and_in_their_language() {
    let app = TestApp::start().await;
    let (awa, ama, admin) = (app.rider().await, app.rider().await, app.person("Ibrahim", &["admin"]).await);
    app.ask(Method::PATCH, "/me").by(&ama).json(&json!({ "locale": "en" })).send().await.expect(200);
    let body = closed(&json!({ "type": "everybody" }), &["email", "push"]);
    let ask = || app.ask(Method::POST, "/notifications").by(&admin).key("closed").json(&body).send();
    let accepted = ask().await.expect(202);
    assert_eq!((accepted.text("/kind"), accepted.text("/subject/type")), ("broadcast".into(), "broadcast".into()));
    let operation = told(&app, &admin, &accepted.text("/id")).await;
    assert_eq!(operation["status"], "succeeded");
    let everybody = json!({ "recipients": 3, "sent": 3, "waiting": 0, "skipped": 0, "failed": 0 });
    assert_eq!((&operation["result"], &operation["progress"]), (&everybody, &everybody));
    let steps: Vec<&str> =
        operation["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(steps, ["started", "everybody_told"]);

    let (french, english) = (app.mails_to(&awa.email), app.mails_to(&ama.email));
    assert_eq!((french.len(), english.len()), (1, 1));
    assert_eq!((french[0].subject.as_str(), english[0].subject.as_str()), ("Parking fermé", "Car park closed"));
    assert!(french[0].text.contains("fermé demain.\nMerci."), "lines stay lines: {}", french[0].text);
    assert!(app.texts_to(&awa.phone).is_empty(), "not by SMS");
    let inbox = app.get(&ama, "/me/notifications").await.expect(200);
    assert_eq!((inbox.text("/0/kind"), inbox.text("/0/title")), ("announcement".into(), "Car park closed".into()));
    assert_eq!(inbox.data("/0/subject")["id"], accepted.data("/subject/id"));

    // the same request again is the same broadcast
    let again = ask().await.expect(200);
    assert_eq!(again.data("/id"), accepted.data("/id"));
    app.drain().await;
    assert_eq!((app.mails_to(&awa.email).len(), app.notices(&awa, "announcement").await), (1, 1));
    let seen = app.get(&admin, &format!("/broadcasts/{}", accepted.text("/subject/id"))).await.expect(200);
    assert_eq!(seen.data("/counts"), everybody);
    assert_eq!(seen.data("/subject"), body["subject"]);
    app.finish().await;
}

#[tokio::test]
async fn an_audience_is_a_role_a_site_or_a_list() {
    let app = TestApp::start().await;
    app.forgive_unaudited();
    let (driver, rider, guest) = (app.driver().await, app.rider().await, app.rider().await);
    let manager = app.person("Mariam", &["manager"]).await;
    let site = uuid::Uuid::new_v4();
    // a site is a thing of its own where the organization has car parks or rooms
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "do $$ begin if to_regclass('sites') is not null then
             execute 'insert into sites (org_id, id, name) values (''{}'', ''{site}'', ''Plateau'')'; end if; end $$;
         update memberships set site_id = '{site}' where user_id = '{}'",
        app.org, guest.id
    )))
    .execute(&app.owner)
    .await
    .unwrap();
    sqlx::query("update memberships set status = 'suspended' where user_id = $1")
        .bind(rider.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    let list = json!({ "type": "members", "user_ids": [rider.id, guest.id, guest.id] });
    for (audience, counted, heard) in [
        (json!({ "type": "role", "role": "driver" }), [1, 1, 0], [1, 0, 0, 0]),
        (json!({ "type": "site", "site_id": site }), [1, 1, 0], [1, 0, 1, 0]),
        (list, [2, 1, 1], [1, 0, 2, 0]),
        (json!({ "type": "everybody" }), [3, 3, 0], [2, 0, 3, 1]),
    ] {
        let operation = say(&app, &manager, &closed(&audience, &["push"])).await.expect(202).text("/id");
        let result = &told(&app, &manager, &operation).await["result"];
        let [recipients, sent, skipped] = counted;
        assert_eq!(
            (&result["recipients"], &result["sent"], &result["skipped"]),
            (&json!(recipients), &json!(sent), &json!(skipped)),
            "{audience}"
        );
        for (person, times) in [&driver, &rider, &guest, &manager].into_iter().zip(heard) {
            assert_eq!(app.notices(person, "announcement").await, times, "{audience}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_walk_that_is_cut_off_goes_on_and_tells_nobody_twice() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    crowd(&app, 1_200).await;
    let operation =
        say(&app, &admin, &closed(&json!({ "type": "everybody" }), &["email"])).await.expect(202).text("/id");
    assert_eq!(step(&app, &operation, true).await, Walked::On);
    assert_eq!(step(&app, &operation, false).await, Walked::On, "the power fails before this commit");
    let half = "select count(*) from notifications where kind = 'announcement'";
    assert_eq!(app.count(half).await, 500);
    let view = app.get(&admin, &format!("/operations/{operation}")).await.expect(200);
    assert_eq!((view.text("/status"), view.data("/progress")), ("running".into(), json!({ "recipients": 500 })));

    // its job is lost altogether; the net finds the operation
    sqlx::query("delete from queue.jobs where kind = 'notification.broadcast'").execute(&app.owner).await.unwrap();
    app.advance(TimeDelta::minutes(16)).await;
    app.sweep(&Maintenance::SweepOperations).await;
    let done = told(&app, &admin, &operation).await;
    assert_eq!((&done["status"], &done["result"]["recipients"]), (&json!("succeeded"), &json!(1_201)));
    assert_eq!(
        (&done["result"]["sent"], &done["result"]["skipped"]),
        (&json!(1), &json!(1_200)),
        "a crowd has no mail"
    );
    let people = "select count(distinct user_id) from notifications where kind = 'announcement'";
    assert_eq!((app.count(half).await, app.count(people).await), (1_201, 1_201));

    // a worker that comes back from the dead with an old idea of where the walk stands is refused by the key
    sqlx::query("update broadcasts set walked_to = null, walked_at = null, recipients = 0, passed_over = 0")
        .execute(&app.owner)
        .await
        .unwrap();
    sqlx::query("update operations set status = 'running', finished_at = null").execute(&app.owner).await.unwrap();
    while step(&app, &operation, true).await == Walked::On {}
    assert_eq!((app.count(half).await, app.mails_to(&admin.email).len()), (1_201, 1));
    app.finish().await;
}

#[tokio::test]
async fn what_is_called_off_stops_where_it_is() {
    let app = TestApp::start().await;
    let (awa, eve, admin) = (app.rider().await, app.rider().await, app.person("Ibrahim", &["admin"]).await);
    crowd(&app, 1_200).await;
    let everybody = closed(&json!({ "type": "everybody" }), &["email"]);
    let operation = say(&app, &admin, &everybody).await.expect(202).text("/id");
    let cancel = format!("/operations/{operation}/cancel");
    assert_eq!(step(&app, &operation, true).await, Walked::On);
    app.post(&eve, &cancel, &json!({})).await.refused(404, "not_found");
    let told_so_far = app.count("select count(*) from notifications").await;
    assert_eq!(app.post(&admin, &cancel, &json!({})).await.expect(200).text("/status"), "cancelled");
    app.drain().await;
    assert_eq!(app.count("select count(*) from notifications").await, told_so_far, "the walk stopped");

    // what was written and had not left stays
    let few = closed(&json!({ "type": "members", "user_ids": [awa.id, eve.id] }), &["email", "push"]);
    let operation = say(&app, &admin, &few).await.expect(202).text("/id");
    let before = app.mails_to(&awa.email).len();
    assert!(matches!(step(&app, &operation, true).await, Walked::Waiting(_)));
    let cancel = format!("/operations/{operation}/cancel");
    for _ in 0..2 {
        let ended = app.post(&admin, &cancel, &json!({})).await.expect(200);
        assert_eq!(ended.text("/status"), "cancelled", "again changes nothing");
    }
    app.drain().await;
    assert_eq!(app.mails_to(&awa.email).len(), before);
    let held_back = app.count("select count(*) from deliveries where error = 'broadcast cancelled'").await;
    assert!(held_back >= 4, "{held_back}");
    let audited = "select count(*) from audit_events where entity_type = 'operation' and action = 'STATUS_CHANGE'";
    assert_eq!(app.count(audited).await, 2);

    // what ended cannot be called off, and what money hangs on neither
    let last = say(&app, &admin, &closed(&json!({ "type": "members", "user_ids": [awa.id] }), &[])).await;
    let last = last.expect(202).text("/id");
    assert_eq!(told(&app, &admin, &last).await["result"]["sent"], 1, "in the app is told, too");
    app.post(&admin, &format!("/operations/{last}/cancel"), &json!({})).await.refused(409, "state_conflict");
    let ride = app.ride(1, 3_000).await;
    let booking = app.book(&awa, &ride, 1).await;
    let payment = app.try_pay(&awa, &booking).await.expect(202).text("/id");
    app.post(&awa, &format!("/operations/{payment}/cancel"), &json!({})).await.refused(409, "conflict");
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn the_counts_are_what_happened() {
    let app = TestApp::start().await;
    let (awa, ama, eve) = (app.rider().await, app.rider().await, app.rider().await);
    let admin = app.person("Ibrahim", &["admin"]).await;
    // one switched it off, one mailbox is full for good
    let muted = json!({ "muted": { "announcement": ["email"] } });
    let put = app.ask(Method::PUT, "/me/preferences").by(&ama).header("if-match", "\"0\"").json(&muted);
    put.send().await.expect(200);
    let faults = Faults { smtp_code: Some(550), ..Faults::default() };
    app.wave.knobs().add(Rule { operation: "smtp".into(), times: None, about: Some(eve.email.clone()), faults });
    let list = json!({ "type": "members", "user_ids": [awa.id, ama.id, eve.id] });
    let operation = say(&app, &admin, &closed(&list, &["email"])).await.expect(202).text("/id");
    let done = told(&app, &admin, &operation).await;
    assert_eq!(done["result"], json!({ "recipients": 3, "sent": 1, "waiting": 0, "skipped": 1, "failed": 1 }));
    assert!(app.mails_to(&ama.email).is_empty());
    assert_eq!(app.notices(&ama, "announcement").await, 1, "in the app it is told in any case");
    app.finish().await;
}

#[tokio::test]
async fn only_some_may_speak_to_all_and_nonsense_is_not_told() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let stranger = app.person_in(other, "Eve", &["member"]).await;
    let (rider, admin) = (app.rider().await, app.person("Ibrahim", &["admin"]).await);
    let everybody = || json!({ "type": "everybody" });
    let good = closed(&everybody(), &["email"]);
    say(&app, &rider, &good).await.refused(403, "forbidden");
    app.post(&admin, "/notifications", &good).await.refused(400, "idempotency_key_required");
    let before = app.picture().await;
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let long = |n: usize| json!("é".repeat(n));
    for (body, field) in [
        (with("audience", json!({ "type": "planet" })), "audience"),
        (with("audience", json!({ "type": "everybody", "role": "driver" })), "audience"),
        (with("audience", json!({ "type": "role" })), "audience"),
        (with("audience", json!({ "type": "members", "user_ids": [] })), "audience.user_ids"),
        (with("audience", json!({ "type": "members", "user_ids": vec![rider.id; 1_001] })), "audience.user_ids"),
        (with("audience", json!({ "type": "members", "user_ids": ["the red one"] })), "audience"),
        (with("subject", json!("")), "subject"),
        (with("subject", json!("two\nlines")), "subject"),
        (with("subject", long(121)), "subject"),
        (with("subject", json!({ "fr": "Bonjour" })), "subject"),
        (with("subject", json!({ "fr": "Bonjour", "en": "Hello", "de": "Hallo" })), "subject"),
        (with("body", long(4_001)), "body"),
        (with("body", json!("a\u{0}b")), "body"),
        (with("body", json!(7)), "body"),
        (with("channels", json!(["pigeon"])), "channels"),
        (with("channels", json!("email")), "channels"),
        (with("colour", json!("red")), "colour"),
    ] {
        let refused = say(&app, &admin, &body).await.refused(400, "validation_error");
        let named = refused.details()["field"].as_str().unwrap();
        assert!(named.starts_with(field), "{named} {body}");
    }
    let mut chatty = closed(&everybody(), &["sms"]);
    chatty["body"] = long(460);
    say(&app, &admin, &chatty).await.refused(400, "validation_error");
    // another organization's people, roles and sites do not exist here
    for audience in [
        json!({ "type": "members", "user_ids": [rider.id, stranger.id] }),
        json!({ "type": "role", "role": "student_of_magic" }),
        json!({ "type": "site", "site_id": uuid() }),
    ] {
        say(&app, &admin, &closed(&audience, &["email"])).await.refused(404, "not_found");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}
