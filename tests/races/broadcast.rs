//! R2: however many carriers walk one broadcast at once, everybody is told once and the counts are exact.

use domain::{
    broadcasts::{Walked, walk},
    db::Scope,
    ids::OperationId,
};
use futures::future::join_all;
use harness::{TestApp, story::uuid};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn six_carriers_walk_one_audience() {
    let app = TestApp::start().await;
    app.forgive_unaudited(); // the audience is made by hand
    let admin = app.person("Ibrahim", &["admin"]).await;
    sqlx::query(
        "with made as (insert into users (id) select gen_random_uuid() from generate_series(1, 3200) returning id)
         insert into memberships (org_id, user_id) select $1, id from made",
    )
    .bind(app.org.0)
    .execute(&app.owner)
    .await
    .unwrap();
    let say = json!({ "audience": { "type": "everybody" }, "subject": "s", "body": "b", "channels": [] });
    let said = app.ask(Method::POST, "/notifications").by(&admin).key(uuid()).json(&say).send().await.expect(202);
    let operation: OperationId = said.text("/id").parse().unwrap();
    let carrier = async || loop {
        let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
        let walked = walk(&mut tx, operation).await.unwrap();
        tx.commit().await.unwrap();
        if walked != Walked::On {
            return;
        }
    };
    join_all((0..6).map(|_| carrier())).await;
    let ended = app.get(&admin, &format!("/operations/{operation}")).await.expect(200);
    let all = json!({ "recipients": 3_201, "sent": 3_201, "waiting": 0, "skipped": 0, "failed": 0 });
    assert_eq!((ended.text("/status"), ended.data("/result")), ("succeeded".into(), all));
    assert_eq!(app.count("select count(distinct user_id) from notifications").await, 3_201);
    assert_eq!(app.count("select count(*) from notifications").await, 3_201);
    app.drain().await;
    app.finish().await;
}
