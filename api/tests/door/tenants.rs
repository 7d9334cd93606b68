//! Which organization a request is about, and what one may do there.

use crate::house::House;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn another_organization_does_not_exist() {
    let house = House::build().await;
    let (rides, _) = house.organization("rides").await;
    let (other, _) = house.organization("other").await;
    let (token, _) = house.sign_in("admin@rides.ci").await;
    let inbox =
        async |org: &str| house.get("/api/v1/me/notifications", &[("authorization", &token), ("x-org-id", org)]).await;
    for unknown in [other.to_string(), "other".to_owned(), Uuid::nil().to_string(), "é".to_owned()] {
        assert_eq!(inbox(&unknown).await.no(), (404, "not_found"), "{unknown}");
    }
    for mine in [rides.to_string(), "rides".to_owned()] {
        assert_eq!(inbox(&mine).await.status, 200);
    }
    let path = format!("/api/v1/organizations/{other}");
    assert_eq!(house.get(&path, &[("authorization", &token)]).await.no(), (404, "not_found"));
}

#[tokio::test]
async fn somebody_who_belongs_to_several_must_say_which() {
    let house = House::build().await;
    house.organization("rides").await;
    let (token, _) = house.sign_in("admin@rides.ci").await;
    let signed_in = [("authorization", token.as_str())];
    assert_eq!(house.get("/api/v1/operations", &signed_in).await.status, 200, "one is enough to know");
    let (other, _) = house.organization("other").await;
    house.member(other, "admin@rides.ci", "member").await;
    assert_eq!(house.get("/api/v1/operations", &signed_in).await.no(), (400, "org_required"));
    assert_eq!(
        house.post("/api/v1/auth/register", &[], json!({ "email": "a@b.ci" })).await.no(),
        (400, "org_required")
    );
}

#[tokio::test]
async fn settings_change_only_from_the_version_that_was_read() {
    let house = House::build().await;
    let (org, _) = house.organization("rides").await;
    house.member(org, "awa@rides.ci", "member").await;
    let (admin, _) = house.sign_in("admin@rides.ci").await;
    let (member, _) = house.sign_in("awa@rides.ci").await;
    let path = "/api/v1/organizations/rides";
    let read = house.get(path, &[("authorization", &member)]).await;
    assert_eq!((read.header("etag"), &read.body["data"]["version"]), ("\"1\"", &json!(1)), "{:?}", read.body);

    let change = json!({ "settings": { "hold_minutes": 5 } });
    let patch = async |token: &str, version: Option<&str>, body: serde_json::Value| {
        let mut headers = vec![("authorization", token)];
        headers.extend(version.map(|version| ("if-match", version)));
        house.send("PATCH", path, &headers, body).await
    };
    assert_eq!(patch(&member, Some("\"1\""), change.clone()).await.no(), (403, "forbidden"));
    assert_eq!(patch(&admin, None, change.clone()).await.no(), (428, "precondition_required"));
    assert_eq!(patch(&admin, Some("W/\"1\""), change.clone()).await.no(), (400, "validation_error"));
    assert_eq!(patch(&admin, Some("\"9\""), change.clone()).await.no(), (412, "version_mismatch"));
    let changed = patch(&admin, Some("\"1\""), change.clone()).await;
    assert_eq!((changed.header("etag"), &changed.body["data"]["settings"]["hold_minutes"]), ("\"2\"", &json!(5)));
    assert_eq!(patch(&admin, Some("\"1\""), change).await.no(), (412, "version_mismatch"));
    let misspelt = json!({ "settings": { "hold_minuts": 5 } });
    assert_eq!(patch(&admin, Some("\"2\""), misspelt).await.no(), (400, "validation_error"));
}

#[tokio::test]
async fn members_are_paged_and_get_roles_from_who_holds_them() {
    let house = House::build().await;
    let (org, _) = house.organization("rides").await;
    let awa = house.member(org, "awa@rides.ci", "member").await;
    let (admin, _) = house.sign_in("admin@rides.ci").await;
    let (member, _) = house.sign_in("awa@rides.ci").await;
    let list = async |query: &str, token: &str| {
        house.get(&format!("/api/v1/organizations/rides/members{query}"), &[("authorization", token)]).await
    };
    let page = list("?page=2&page_size=1", &admin).await;
    let expected =
        json!({ "page": 2, "page_size": 1, "total": 2, "page_count": 2, "offset": 1, "limit": 1, "returned": 1 });
    assert_eq!(page.body["meta"]["pagination"], expected);
    assert_eq!(list("?page=1&limit=1", &admin).await.no(), (400, "validation_error"));
    assert_eq!(list("?pgae=1", &admin).await.no(), (400, "validation_error"));
    assert_eq!(list("", &member).await.no(), (403, "forbidden"));

    let path = format!("/api/v1/organizations/rides/members/{awa}/roles");
    let driver = json!({ "roles": ["member", "driver"] });
    assert_eq!(house.send("PUT", &path, &[("authorization", &member)], driver.clone()).await.no(), (403, "forbidden"));
    let promoted = house.send("PUT", &path, &[("authorization", &admin)], driver).await;
    assert_eq!(promoted.body["data"]["roles"], json!(["driver", "member"]), "{:?}", promoted.body);
    let stranger = format!("/api/v1/organizations/rides/members/{}/roles", Uuid::nil());
    let nobody = house.send("PUT", &stranger, &[("authorization", &admin)], json!({ "roles": ["member"] })).await;
    assert_eq!(nobody.no(), (404, "not_found"));
}

#[tokio::test]
async fn a_document_is_handed_in_and_reviewed() {
    let house = House::build().await;
    let (org, _) = house.organization("rides").await;
    house.member(org, "awa@rides.ci", "member").await;
    let (admin, _) = house.sign_in("admin@rides.ci").await;
    let (member, _) = house.sign_in("awa@rides.ci").await;
    let new = json!({ "doc_type": "driving_licence", "doc_number": "CI-0012345", "front_key": "kyc/front.jpg" });
    let handed_in = house.post("/api/v1/me/kyc", &[("authorization", &member)], new.clone()).await;
    assert_eq!(handed_in.status, 201, "{:?}", handed_in.body);
    assert_eq!(house.post("/api/v1/me/kyc", &[("authorization", &member)], new).await.no(), (409, "conflict"));
    assert_eq!(house.get("/api/v1/kyc", &[("authorization", &member)]).await.no(), (403, "forbidden"));
    let waiting = house.get("/api/v1/kyc", &[("authorization", &admin)]).await;
    assert_eq!(waiting.body["meta"]["pagination"]["total"], 1);
    let id = handed_in.body["data"]["id"].as_str().unwrap();
    let number = house.get(&format!("/api/v1/kyc/{id}/number"), &[("authorization", &admin)]).await;
    assert_eq!(number.body["data"]["doc_number"], "CI-0012345");
    let approve = format!("/api/v1/kyc/{id}/approve");
    let approved = house.call("POST", &approve, &[("authorization", &admin)], "").await;
    assert_eq!(
        (approved.status.as_u16(), &approved.body["data"]["status"]),
        (200, &json!("approved")),
        "{:?}",
        approved.body
    );
    assert_eq!(house.call("POST", &approve, &[("authorization", &admin)], "").await.no(), (409, "state_conflict"));
}
