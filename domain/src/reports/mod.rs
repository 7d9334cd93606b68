//! Figures about a whole organization, counted when they are asked for (Z10, Z11).

mod usage;

pub use usage::{By, Usage, usage};
