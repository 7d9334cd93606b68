//! Two rivals waited for each other and the database undid one of them: nothing of it happened, so it is asked again
//! here, and the client never hears of it.

use axum::{body::Body, extract::Request, middleware::Next, response::Response};

/// So often a request is asked before the client is told to come again.
const MOST: u32 = 4;

/// Marks an answer whose work the database undid, whole: a deadlock or a lost race of transactions.
#[derive(Debug, Clone, Copy)]
pub struct Undone;

/// Asks again while the answer is [`Undone`]. The body was read before; nothing else of a request is used up.
pub async fn again(request: Request, next: Next) -> Response {
    let (parts, _) = request.into_parts();
    let mut asked = 1;
    loop {
        let response = next.clone().run(Request::from_parts(parts.clone(), Body::empty())).await;
        if response.extensions().get::<Undone>().is_none() || asked >= MOST {
            return response;
        }
        tracing::warn!(asked, "undone by the database, asked again");
        asked += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware::from_fn, routing::get};
    use http::StatusCode;
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };
    use tower::ServiceExt;

    async fn answered(undone: u32) -> (StatusCode, u32) {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = calls.clone();
        let route = get(async move || {
            let mut response = Response::new(Body::empty());
            if counted.fetch_add(1, Ordering::Relaxed) < undone {
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                response.extensions_mut().insert(Undone);
            }
            response
        });
        let router = Router::new().route("/", route).layer(from_fn(again));
        let response = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        (response.status(), calls.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn what_was_undone_is_asked_again_but_not_for_ever() {
        assert_eq!(answered(0).await, (StatusCode::OK, 1));
        assert_eq!(answered(2).await, (StatusCode::OK, 3));
        assert_eq!(answered(9).await, (StatusCode::SERVICE_UNAVAILABLE, MOST));
    }
}
