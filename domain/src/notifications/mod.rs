//! Telling people (R1, R3, R5, R6, SN2, ★14): a notification is written with the change it is about; one delivery per
//! channel the person can be reached on, and did not switch off, is carried afterwards.

mod deliver;
mod format;
mod inbox;
mod manners;
mod notify;
mod outdated;
mod preferences;
mod quiet;
mod remind;
mod sweep;
pub mod wording;
mod words_en;
mod words_fr;
mod words_things_en;
mod words_things_fr;

pub use deliver::{Channel, DeliveryResult, Departure, Parcel, record_delivery, start_delivery};
pub use inbox::{Inbox, InboxItem, Mark, Wanted, inbox, mark_all_read, mark_read};
pub use manners::Obligation;
pub(crate) use notify::{About, Told, notify_all, tell_all};
pub use notify::{Notice, notify};
pub use preferences::{Muted, Preferences, preferences, set_preferences};
pub use quiet::QuietHours;
pub use remind::{Reminded, plan_reminders, remind_booking};
pub use sweep::{sweep_deliveries, sweep_reminders};
pub use wording::NoticeKind;
