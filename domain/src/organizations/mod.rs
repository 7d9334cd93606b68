//! Tenants: their settings, members, roles (B1–B4, D-group).

mod create;
pub mod members;
mod queries;
pub mod settings;
mod update;

pub use create::{
    NewOrganization, REGISTRATIONS, add_provider_account, create, enter_existing, make_operator, operators_own,
};
pub use queries::{Organization, find, find_by_slug, load};
pub use update::{OrganizationPatch, update};
