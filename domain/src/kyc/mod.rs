//! Identity documents and their review (N1–N10). Document numbers are sealed at rest (W6) and opened only for the
//! person who reviews.

mod approve;
mod queries;
mod reject;
mod submit;

pub use approve::approve;
pub use queries::{Document, is_approved, mine, number_for_review, pending};
pub use reject::reject;
pub use submit::{NewDocument, submit};

/// What a document's number is sealed for.
pub(crate) const SEAL: &str = "kyc";
