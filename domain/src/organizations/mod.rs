//! Tenants: their settings, members, roles, and who may come in (B1–B4, D-group, SN4).

mod create;
pub mod departments;
pub mod invitations;
pub mod members;
mod queries;
pub mod roles;
pub mod settings;
mod update;

pub use create::{
    NewOrganization, REGISTRATIONS, add_provider_account, create, enter_existing, make_operator, operators_own,
};
pub use queries::{Organization, find, find_by_slug, load};
pub(crate) use update::merge;
pub use update::{OrganizationPatch, update};
