//! The outside world in one program: the real wire formats of payment and message providers over real HTTP and
//! SMTP, for the demo, the tests and compose (PROVIDERS §1.8).
//!
//! It keeps what it receives, plays the payer, posts signed webhooks, and goes wrong on demand: see [`Knobs`].
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use sandbox::{Faults, Sandbox, Settings};
//!
//! let wave = Sandbox::start(Settings::default()).await?;
//! wave.knobs().tune(|tuning| tuning.webhook_url = Some("http://127.0.0.1:8080/webhooks/wave".into()));
//! wave.knobs().next("webhook", 1, Faults { duplicate: Some(2), ..Faults::default() });
//! // … the program under test creates a checkout at `wave.url()` …
//! let checkout = wave.state().checkouts().remove(0);
//! wave.pay(&checkout.session.id).expect("it is open");
//! # Ok(())
//! # }
//! ```

mod collect;
mod config;
mod control;
mod fault;
mod fcm;
mod knobs;
mod mtn;
mod orange;
mod page;
mod routes;
mod sandbox;
mod service_account;
mod settings;
mod sms;
mod smtp;
mod sonatel;
mod start;
mod store;
mod stripe;
mod wave;
mod webhooks;

pub use config::read as read_config;
pub use fcm::PushProject;
pub use knobs::{Faults, Knobs, Refuse, Rule, Strategy, Tuning, TuningPatch};
pub use mtn::MtnContract;
pub use orange::OrangeContract;
pub use sandbox::Sandbox;
pub use service_account::ServiceAccount;
pub use settings::Settings;
pub use sonatel::SonatelContract;
pub use start::Running;
pub use store::{
    Books, Checkout, Collection, Delivery, Disputed, Event, KeptAnswer, Mail, Movement, Payout, Push, Record, Refund,
    Shelf, Sms, State, Store, Token, Transfer,
};
pub use stripe::StripeContract;
pub use wave::{Doctored, PayRefused, Stray};
pub use webhooks::{Forge, Forgery};
