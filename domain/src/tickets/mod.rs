//! Tickets (K18–K23): sold in packs for money, kept in the wallet as a currency of the same books, and spent from there like
//! any other.

mod offers;
mod purchase;

pub use offers::{NewOffer, Offer, OfferPatch, create, find, list, update};
pub(crate) use purchase::{note, price_of, sold};
