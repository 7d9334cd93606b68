//! The guard around every provider operation: counts the call and spoils it when a rule says so.

use crate::knobs::{Faults, Refuse};
use crate::sandbox::Sandbox;
use crate::{fcm, mtn, orange, sms, stripe, wave};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::MethodRouter;
use std::time::Duration;

/// `route` as the operation `name` (see the list in [`crate::routes`]).
pub(crate) fn operation(sandbox: &Sandbox, name: &'static str, route: MethodRouter<Sandbox>) -> MethodRouter<Sandbox> {
    route.layer(from_fn_with_state((sandbox.clone(), name), guard))
}

async fn guard(
    State((sandbox, operation)): State<(Sandbox, &'static str)>,
    mut request: Request,
    next: Next,
) -> Response {
    sandbox.count(operation);
    let about: Vec<&str> = request.uri().path().split('/').collect();
    let faults = sandbox.knobs().take(operation, &about);
    if let Some(refuse) = &faults.refuse {
        return refusal(operation, refuse);
    }
    request.extensions_mut().insert(faults.clone());
    let answer = next.run(request).await;
    spoil(answer, &faults).await
}

/// The work is done: what does the caller get to see?
async fn spoil(answer: Response, faults: &Faults) -> Response {
    tokio::time::sleep(Duration::from_millis(faults.hang_ms.unwrap_or(0))).await;
    if Faults::on(faults.lose_answer) {
        return (StatusCode::INTERNAL_SERVER_ERROR, "upstream connect error").into_response();
    }
    if Faults::on(faults.html) {
        return Html("<html><body><h1>We will be right back</h1></body></html>").into_response();
    }
    answer
}

/// The refusal in the words of the provider whose operation it is.
fn refusal(operation: &str, refuse: &Refuse) -> Response {
    let status = StatusCode::from_u16(refuse.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut answer = match operation.split('.').next() {
        Some("push") => fcm::error(status, &refuse.code, "refused by a rule"),
        Some("mtn") => mtn::error(status, &refuse.code, "refused by a rule"),
        Some("card") => stripe::error(status, &refuse.code, "refused by a rule"),
        Some("orange") => orange::error(status, &refuse.code, "refused by a rule"),
        Some("sms") => sms::error(status, &refuse.code, "refused by a rule"),
        _ => wave::WaveError::new(status, &refuse.code, "refused by a rule").into_response(),
    };
    if let Some(seconds) = refuse.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}
