//! A listener that closes without turning away who already knocked.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// From the last who was let in until the door is shut. A connection whose first bytes were not read yet is ended by a
/// graceful stop as if nobody had asked anything, so what was sent gets the time to be read.
const A_WORD: Duration = Duration::from_millis(500);

type Guest = (TcpStream, SocketAddr);

/// The kernel completes a connection before anybody accepts it, and a closed listener resets those it still holds: a
/// client would be cut off whose request is on its way. So when `closing` is cancelled, everybody who waits is let in, the
/// listener is closed, and only when each had time to ask, `shut` is cancelled.
pub(crate) struct Door {
    address: SocketAddr,
    state: State,
    closing: CancellationToken,
    shut: CancellationToken,
}

enum State {
    Open(TcpListener),
    Closed(VecDeque<Guest>),
}

impl Door {
    /// # Errors
    /// When the listener has no address.
    pub(crate) fn new(listener: TcpListener, closing: CancellationToken, shut: CancellationToken) -> io::Result<Self> {
        Ok(Self { address: listener.local_addr()?, state: State::Open(listener), closing, shut })
    }
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Guest {
        loop {
            match &mut self.state {
                State::Open(listener) => tokio::select! {
                    guest = Listener::accept(listener) => return guest,
                    () = self.closing.cancelled() => {}
                },
                State::Closed(waiting) => {
                    if let Some(guest) = waiting.pop_front() {
                        return guest;
                    }
                    tokio::time::sleep(A_WORD).await;
                    self.shut.cancel();
                    pending::<()>().await;
                }
            }
            if let State::Open(listener) = std::mem::replace(&mut self.state, State::Closed(VecDeque::new())) {
                self.state = State::Closed(all_who_wait(listener).unwrap_or_else(|error| {
                    tracing::warn!(%error, "somebody at the door was not let in");
                    VecDeque::new()
                }));
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Closes the listener as soon as nobody waits.
fn all_who_wait(listener: TcpListener) -> io::Result<VecDeque<Guest>> {
    let listener = listener.into_std()?; // which does not block
    let mut waiting = VecDeque::new();
    while let Ok((stream, address)) = listener.accept() {
        stream.set_nonblocking(true)?;
        waiting.push_back((TcpStream::from_std(stream)?, address));
    }
    Ok(waiting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_knocked_before_it_closed_is_let_in() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let (closing, shut) = (CancellationToken::new(), CancellationToken::new());
        let mut door = Door::new(listener, closing.clone(), shut.clone()).expect("open");
        let address = door.local_addr().expect("known");
        let mut knocking = Vec::new();
        for _ in 0..3 {
            knocking.push(std::net::TcpStream::connect(address).expect("the kernel answers"));
        }

        closing.cancel();
        for guest in &knocking {
            let (_, from) = door.accept().await;
            assert_eq!(from, guest.local_addr().expect("known"));
            assert!(!shut.is_cancelled(), "not before the last is in");
        }
        tokio::select! {
            _ = door.accept() => panic!("nobody else knocked"),
            () = shut.cancelled() => {}
        }
        assert!(std::net::TcpStream::connect(address).is_err(), "closed");
    }
}
