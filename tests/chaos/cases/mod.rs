//! One file per case: the fault, and what it is measured by.

pub mod booking_storm;
pub mod kill_api;
pub mod kill_postgres;
pub mod kill_scheduler;
pub mod kill_worker;
pub mod money_core;
pub mod oracle;
pub mod pause_worker;
pub mod payout;
pub mod poison;
pub mod provider_storm;
pub mod rolling_restart;
pub mod terminate_backends;
pub mod three_schedulers;
