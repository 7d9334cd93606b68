//! The outside world: payment providers, messages, calendars and documents. The only room with an HTTP or SMTP client; it translates
//! other people's JSON into `domain`'s words and decides nothing.

pub mod calendar;
pub mod documents;
mod http;
pub mod messages;
pub mod payments;
pub mod secret;
pub mod signing;
#[cfg(test)]
mod testing;

pub use secret::Secret;

/// Chooses the TLS implementation for this process. Call it before building any client; calling again is harmless.
pub fn install_crypto() {
    // Err means somebody installed one before us: just as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
