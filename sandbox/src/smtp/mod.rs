//! A mail server that keeps what it receives and delivers nothing.

mod decode;
mod line;
mod message;
mod session;

use crate::sandbox::Sandbox;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections served at once; further ones wait.
const MOST_CONNECTIONS: usize = 256;

/// Accept connections until the sandbox stops.
pub(crate) async fn serve(sandbox: Sandbox, listener: TcpListener) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let stopping = sandbox.stopping();
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: waiting is all that helps.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let (sandbox, stopping) = (sandbox.clone(), stopping.clone());
        tokio::spawn(async move {
            let _permit = permit;
            tokio::select! {
                () = stopping.cancelled() => {}
                _ = session::run(&sandbox, stream) => {}
            }
        });
    }
}
