//! The pages a person uses: see, pay, refuse.

use crate::harness::{create, pair};
use reqwest::redirect::Policy;
use sandbox::{Running, Settings};

async fn browse(request: reqwest::RequestBuilder) -> (u16, String, String) {
    let answer = request.send().await.unwrap();
    let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
    (answer.status().as_u16(), to, answer.text().await.unwrap())
}

fn browser() -> reqwest::Client {
    integrations::install_crypto();
    reqwest::Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn overview(sandbox: &Running) -> String {
    browse(browser().get(format!("{}/", sandbox.url()))).await.2
}

#[tokio::test]
async fn a_person_refuses_then_pays() {
    let (sandbox, _receiver) = pair(Settings::default()).await;
    let (_, made) = create(&sandbox, "<script>alert(1)</script>").await;
    let page = overview(&sandbox).await;
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "what came in is text");
    let launch = made["wave_launch_url"].as_str().unwrap();
    assert!(browse(browser().get(launch)).await.2.contains("2500 XOF"));
    let id = made["id"].as_str().unwrap();
    let press = async |what: &str, from: &str| {
        let (status, to, _) = browse(browser().post(format!("{}/{what}/{id}?from={from}", sandbox.url()))).await;
        (status, to)
    };
    assert_eq!(press("refuse", "payer").await, (303, "https://app.test/ko".into()));
    assert!(browse(browser().get(launch)).await.2.contains("insufficient-funds"));
    assert_eq!(press("pay", "payer").await, (303, "https://app.test/ok".into()));
    assert_eq!(press("pay", "list").await, (303, "/".into()), "too late, and nothing happens");
    assert_eq!(sandbox.state().events().len(), 2);
    assert!(overview(&sandbox).await.contains("complete"));
    assert_eq!(browse(browser().post(format!("{}/pay/cos-unknown", sandbox.url()))).await.0, 404);
}
