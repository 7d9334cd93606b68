//! Every permission, and the roles shipped as templates (CX8, MODEL §5). Permissions are the atoms; roles are named
//! bundles per organization.

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// One thing a person may do in an organization.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $name,)* }
        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// As stored in roles and shown in errors.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

permissions! {
    /// Book, pay, cancel one's own.
    Book = "book";
    /// Manage one's own vehicles and trips; approve, start and end bookings on them.
    TripManageOwn = "trip:manage_own";
    /// Cancel or correct any trip.
    TripModerate = "trip:moderate";
    /// See and decide any booking.
    BookingArbitrate = "booking:arbitrate";
    /// See any payment.
    PaymentRead = "payment:read";
    /// Run payouts.
    PayoutRun = "payout:run";
    /// Review identity documents.
    KycReview = "kyc:review";
    /// See people of the organization.
    UserRead = "user:read";
    /// Give and take roles.
    MemberManage = "member:manage";
    /// Change the organization and its settings.
    OrgSettings = "org:settings";
    /// Read the audit trail.
    AuditRead = "audit:read";
    /// See queues, jobs and invariants.
    OpsRead = "ops:read";
    /// Steer queues and jobs.
    OpsManage = "ops:manage";
}

impl Permission {
    /// Whether it is about the whole installation: only members of the operator's own organization hold it.
    #[must_use]
    pub fn is_operators(self) -> bool {
        matches!(self, Self::OpsRead | Self::OpsManage)
    }

    /// The permission with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.code() == code)
    }
}

use Permission as P;

/// Roles every new organization starts with; it may change them afterwards.
pub const ROLE_TEMPLATES: &[(&str, &[Permission])] = &[
    ("member", &[P::Book]),
    ("driver", &[P::Book, P::TripManageOwn]),
    ("manager", &[P::Book, P::TripModerate, P::BookingArbitrate, P::UserRead, P::AuditRead]),
    ("support", &[P::BookingArbitrate, P::UserRead]),
    ("finance", &[P::PaymentRead, P::PayoutRun, P::UserRead]),
    ("compliance", &[P::KycReview, P::UserRead]),
    ("admin", Permission::ALL),
];
