//! Payments: a movement of money that needs a provider (J1–J24). Whatever a webhook, a poll, a person or a crash does,
//! a payment ends in one final state and its money in one place.

mod accounts;
mod close;
mod dispute;
mod event;
mod from_wallet;
mod health;
mod hint;
mod limits;
mod look;
mod open;
pub mod provider;
mod queries;
mod receive_event;
mod replay;
mod settle;
mod standing;
mod start;
mod status;
mod sweep;
mod timeline;

pub use accounts::{AccountRef, CallbackRef, locate_account, locate_callback, secret_refs};
pub(crate) use accounts::{account_for, account_of};
pub(crate) use close::close_open;
pub use close::{ExpireOrder, load_expire, record_expire};
pub use event::{Ask, load_ask, record_asked, record_looked, settle_event};
pub use from_wallet::WALLET;
pub use health::{AccountState, Method, methods, note_state};
pub(crate) use look::look_again_later;
pub use look::{Look, LookAt, Seen, load_look, record_look};
pub(crate) use open::payable_booking;
pub use open::{Due, METHODS, NewPayment, asks_on_the_phone, open};
pub use queries::{Filter, Payment, find, list};
pub(crate) use queries::{NewRow, begin_attempt, insert, lock, set_status};
pub(crate) use receive_event::EVENT_SEAL;
pub use receive_event::{Received, receive_events};
pub use replay::{EVENT_STATUSES, EventFilter, Posting, Replay, StoredEvent, find_event, list_events, replay};
pub use standing::standing;
pub use start::{StartOrder, load_start, record_started};
pub use status::{PollOrder, load_poll, record_checkout};
pub use sweep::{sweep_events, sweep_payments};
pub use timeline::{Timeline, TimelineStep, timeline};
