//! Telling people (R1, R3, R5, R6, ★14): a notification is written with the change it is about; one delivery per
//! channel the person can be reached on is carried afterwards.

mod deliver;
mod format;
mod inbox;
mod notify;
mod remind;
mod sweep;
pub mod wording;
mod words_en;
mod words_fr;
mod words_things_en;
mod words_things_fr;

pub use deliver::{Channel, DeliveryResult, Parcel, record_delivery, start_delivery};
pub use inbox::{InboxItem, inbox, mark_read};
pub use notify::{Notice, notify};
pub use remind::{Reminded, plan_reminders, remind_booking};
pub use sweep::{sweep_deliveries, sweep_reminders};
pub use wording::NoticeKind;
