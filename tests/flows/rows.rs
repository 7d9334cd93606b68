//! The wall below the application: what a service's own login may see and write when a query forgets its filter (★16).

use domain::ids::OrgId;
use harness::TestApp;
use sqlx::{AssertSqlSafe, PgConnection};

/// Two organizations with a booking each, and the tables that belong to tenants.
async fn two_tenants(app: &TestApp) -> (OrgId, Vec<String>) {
    let other = app.other_organization("autocar").await;
    for org in [app.org, other] {
        let (driver, rider) =
            (app.person_in(org, "Koffi", &["driver"]).await, app.person_in(org, "Awa", &["member"]).await);
        let ride = app.ride_of(&driver, app.trip_body(2, 3_000).await).await;
        let booking = app.book(&rider, &ride, 1).await;
        app.try_pay(&rider, &booking).await.expect(202);
        let licence = serde_json::json!({ "doc_type": "passport", "doc_number": "CI-0012345", "front_key": "k" });
        app.post(&rider, "/me/kyc", &licence).await.expect(201);
    }
    let tables = sqlx::query_scalar(
        "select table_name::text from information_schema.columns
         where table_schema = 'public' and column_name = 'org_id' order by 1",
    );
    (other, tables.fetch_all(&app.owner).await.unwrap())
}

async fn enter(conn: &mut PgConnection, org: Option<OrgId>) {
    let org = org.map(|org| org.to_string()).unwrap_or_default();
    sqlx::query("select set_config('app.org_id', $1, true)").bind(org).execute(conn).await.unwrap();
}

async fn count(conn: &mut PgConnection, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await.unwrap()
}

#[tokio::test]
async fn without_an_organization_a_service_sees_no_row_of_any_tenant() {
    let app = TestApp::start().await;
    let (_, tables) = two_tenants(&app).await;
    assert!(tables.len() >= 20, "{tables:?}");
    let mut seen_by_owner = 0;
    let mut tx = app.pool.begin().await.unwrap();
    for table in &tables {
        let sql = format!("select count(*) from {table}");
        seen_by_owner += count(&mut app.owner.acquire().await.unwrap(), sql.clone()).await;
        assert_eq!(count(&mut tx, sql).await, 0, "{table}");
    }
    assert!(seen_by_owner > 50, "there is something to see");
    tx.rollback().await.unwrap();
    app.finish().await;
}

#[tokio::test]
async fn inside_one_organization_a_service_neither_sees_nor_touches_the_other() {
    let app = TestApp::start().await;
    let (other, tables) = two_tenants(&app).await;
    for table in &tables {
        let mut tx = app.pool.begin().await.unwrap();
        enter(&mut tx, Some(app.org)).await;
        let foreign = count(&mut tx, format!("select count(*) from {table} where org_id <> '{}'", app.org)).await;
        assert_eq!(foreign, 0, "{table}");
        let mine = count(&mut tx, format!("select count(*) from {table}")).await;
        // giving a row of ours away would be writing into the other's house
        let sql = format!("update {table} set org_id = '{other}'");
        let given = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await;
        assert!(mine == 0 || given.is_err(), "{table}: {mine} rows were given away");
        tx.rollback().await.unwrap();

        let mut tx = app.pool.begin().await.unwrap();
        enter(&mut tx, Some(app.org)).await;
        let sql = format!("delete from {table} where org_id = '{other}'");
        let deleted = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await;
        assert!(deleted.map_or(true, |done| done.rows_affected() == 0), "{table}");
        tx.rollback().await.unwrap();
    }
    app.finish().await;
}

#[tokio::test]
async fn a_service_cannot_write_into_another_house_nor_take_down_the_wall() {
    let app = TestApp::start().await;
    let (other, _) = two_tenants(&app).await;
    for sql in [
        format!("insert into roles (org_id, name, permissions) values ('{other}', 'thief', '{{}}')"),
        format!("insert into memberships (org_id, user_id) select '{other}', id from users"),
        "alter table bookings disable row level security".to_owned(),
        "drop policy tenant on bookings".to_owned(),
        "set role postgres".to_owned(),
        "update clock set ahead = interval '1 year'".to_owned(),
        "update audit_events set actor_id = null".to_owned(),
        "delete from entries".to_owned(),
    ] {
        let mut tx = app.pool.begin().await.unwrap();
        enter(&mut tx, Some(app.org)).await;
        let refused = sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut *tx).await.unwrap_err();
        let code = refused.as_database_error().and_then(|e| e.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {refused}");
    }
    // switching the wall off makes queries fail instead of showing everything
    let mut tx = app.pool.begin().await.unwrap();
    sqlx::query("set local row_security = off").execute(&mut *tx).await.unwrap();
    assert!(sqlx::query("select * from bookings").fetch_all(&mut *tx).await.is_err());
    drop(tx);
    app.finish().await;
}
