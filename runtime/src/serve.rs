//! Serving HTTP until asked to stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::serve::{Listener, ListenerExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::door::Door;

/// Listens on `address`; port 0 picks a free one.
///
/// # Errors
/// When the address is taken or not ours; the error names it.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Answers requests until `stopping` is cancelled, then finishes those in hand. Handlers may ask for
/// `ConnectInfo<SocketAddr>`, the peer's address.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, stopping: CancellationToken) -> io::Result<()> {
    serve_at(listener, router, stopping).await
}

async fn serve_at<L>(listener: L, router: Router, stopping: CancellationToken) -> io::Result<()>
where
    L: Listener<Io = TcpStream, Addr = SocketAddr>,
{
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "listening");
    }
    // Answers are small: without this the kernel may hold one back, hoping for more.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY on this connection");
        }
    });
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopping.cancelled_owned())
        .await
}

/// The part of a program's grace in which the door stays open: every connection in use is told meanwhile, one that
/// nobody uses for so long is seldom taken up in the instant it is closed, and a balancer sees that we are not ready.
const LAST_CALL: u32 = 4;

/// The same for clients that keep their connections. A connection closed while the next request is on its way cuts that
/// client off, so the door first goes on answering for a quarter of `grace`, with `connection: close`; then it takes in
/// who already knocked, and closes.
///
/// # Errors
/// When the listener fails.
pub async fn serve_to_the_last(
    listener: TcpListener,
    router: Router,
    stopping: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let (closing, shut, leaving) = (CancellationToken::new(), CancellationToken::new(), stopping.clone());
    let door = Door::new(listener, closing.clone(), shut.clone())?;
    let closing = closing.drop_guard();
    tokio::spawn(async move {
        stopping.cancelled().await;
        tokio::time::sleep(grace / LAST_CALL).await;
        drop(closing);
    });
    let router = router.layer(map_response(move |response: Response| {
        let last = leaving.is_cancelled();
        async move { if last { let_go(response) } else { response } }
    }));
    serve_at(door, router, shut).await
}

fn let_go(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Asks on a kept connection; answers the head.
    async fn ask(stream: &mut TcpStream) -> String {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: door\r\n\r\n").await.expect("sent");
        let mut answer = vec![0; 1_024];
        let length = stream.read(&mut answer).await.expect("answered");
        String::from_utf8_lossy(&answer[..length]).to_lowercase()
    }

    #[tokio::test]
    async fn a_door_that_closes_answers_once_more_and_says_so() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let stopping = CancellationToken::new();
        let router = Router::new().route("/", get(async || "open"));
        let door = tokio::spawn(serve_to_the_last(listener, router, stopping.clone(), Duration::from_secs(2)));
        let mut kept = TcpStream::connect(address).await.expect("open");
        assert!(!ask(&mut kept).await.contains("connection: close"));

        stopping.cancel();
        let last = ask(&mut kept).await;
        assert!(last.starts_with("http/1.1 200") && last.contains("connection: close"), "{last}");
        let mut late = TcpStream::connect(address).await.expect("the door is open to the last");
        assert!(ask(&mut late).await.contains("connection: close"));
        door.await.expect("no panic").expect("it closes by itself");
        assert!(TcpStream::connect(address).await.is_err(), "closed");
    }

    #[tokio::test]
    async fn who_came_last_is_answered_although_the_door_is_closed() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let stopping = CancellationToken::new();
        let router = Router::new().route("/", get(async || "open"));
        let door = tokio::spawn(serve_to_the_last(listener, router, stopping.clone(), Duration::from_millis(800)));
        stopping.cancel();
        let mut last = TcpStream::connect(address).await.expect("open still");
        while let Ok(later) = TcpStream::connect(address).await {
            last = later;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await; // what it asks is on its way while the door closes
        assert!(ask(&mut last).await.starts_with("http/1.1 200"));
        door.await.expect("no panic").expect("it closes by itself");
    }
}
