//! Serving HTTP until asked to stop.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

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
