//! SN50: money for trying out never meets real money. An organization is of one mode, and so is all that it has.

use domain::{
    db::Scope,
    ids::{OrgId, ProviderAccountId},
    money::Currency,
    organizations::{self, NewOrganization, settings::Settings},
};
use harness::TestApp;
use reqwest::{Method, StatusCode};
use serde_json::json;

async fn without_accounts(app: &TestApp, payment_mode: &str) -> Result<OrgId, domain::error::Error> {
    let mut tx = app.db.begin(Scope::nowhere()).await.unwrap();
    let new = NewOrganization {
        slug: format!("of-{payment_mode}-money"),
        name: "Trial".into(),
        timezone: "Africa/Abidjan".into(),
        currency: Currency::Xof,
        payment_mode: payment_mode.into(),
        locale: "fr".into(),
        registration: "open".into(),
        settings: Settings::default(),
    };
    let made = organizations::create(&mut tx, &new, None).await?.id;
    tx.commit().await?;
    Ok(made)
}

#[tokio::test]
async fn the_database_refuses_an_account_of_the_other_mode() {
    let app = TestApp::start().await;
    for sql in [
        "insert into provider_accounts (org_id, id, provider, secret_ref, currency, mode)
         select id, gen_random_uuid(), 'card', 'STRIPE_TRY', 'XOF', 'test' from organizations",
        "update provider_accounts set mode = 'test'",
        "update organizations set payment_mode = 'test'",
    ] {
        let refused = sqlx::query(sql).execute(&app.owner).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().constraint(), Some("provider_accounts_mode"), "{sql}");
    }
    assert!(without_accounts(&app, "pretended").await.is_err());
    app.finish().await;
}

#[tokio::test]
async fn the_mode_changes_while_there_is_no_account_and_is_that_of_every_account_afterwards() {
    let app = TestApp::start().await;
    let org = without_accounts(&app, "live").await.unwrap();
    let admin = app.person_in(org, "Ada", &["admin"]).await;
    let path = format!("/organizations/{org}");
    let change = async |mode: &str| {
        let etag = app.get(&admin, &path).await.expect(200).header("etag").unwrap().to_owned();
        let body = json!({ "payment_mode": mode });
        app.ask(Method::PATCH, &path).by(&admin).header("if-match", etag).json(&body).send().await
    };
    change("pretended").await.refused(400, "validation_error");
    assert_eq!(change("test").await.expect(200).text("/payment_mode"), "test");
    let audited = "select count(*) from audit_events where entity_type = 'organization' and action = 'UPDATE'
                   and before ->> 'payment_mode' = 'live' and after ->> 'payment_mode' = 'test' and actor_id is not null";
    assert_eq!(app.count(audited).await, 1);

    let mut tx = app.db.begin(Scope::system(org)).await.unwrap();
    let id = ProviderAccountId::new();
    organizations::add_provider_account(&mut tx, id, "card", "STRIPE_TRY", Currency::Xof).await.unwrap();
    tx.commit().await.unwrap();
    let methods = app.get(&admin, "/payment-methods").await.expect(200);
    assert_eq!((methods.text("/0/method"), methods.text("/0/mode")), ("card".into(), "test".into()));
    change("live").await.refused(409, "conflict");
    assert_eq!(app.get(&admin, &path).await.expect(200).text("/payment_mode"), "test");
    app.finish().await;
}

#[tokio::test]
async fn an_event_of_the_other_mode_is_refused_and_leaves_nothing() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, session) = app.open_by("card", &rider, &booking).await;
    let about = harness::news::About { provider: "card", payment: &payment, id: &session, amount: 6_000 };
    let told = |live: bool| app.success(about, "evt_mode").replacen('{', &format!("{{\"livemode\":{live},"), 1);
    assert_eq!(app.tell(about, 0, &told(false)).await, StatusCode::BAD_REQUEST, "of a try, to a live account");
    app.drain().await;
    assert_eq!(app.count("select count(*) from inbound_events").await, 0);
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    assert_eq!(app.tell(about, 0, &told(true)).await, StatusCode::OK);
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}
