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
    /// Agree to bookings that wait for a person, or decline them.
    BookingApprove = "booking:approve";
    /// Book for somebody else of the organization.
    BookForOthers = "book:for_others";
    /// Offer a freed unit to somebody who waits, or arbitrate otherwise.
    OfferMake = "offer:make";
    /// See who waits for what.
    WaitlistList = "waitlist:list";
    /// Hand out what is lent, and take it back.
    LoanHandOver = "loan:hand_over";
    /// See any fine, and waive it.
    FineWaive = "fine:waive";
    /// Make resources, remove and restore them.
    ResourceCreate = "resource:create";
    /// Change resources and their tags.
    ResourceUpdate = "resource:update";
    /// Add, change and retire units.
    UnitManage = "unit:manage";
    /// Make, change and remove sites.
    SiteManage = "site:manage";
    /// Make, change and remove departments, and lead one.
    DepartmentManage = "department:manage";
    /// Make, change and remove the rules of booking.
    PolicyManage = "policy:manage";
    /// Make and change promotions, see who used them and who brought whom.
    PromoManage = "promo:manage";
    /// Correct what is in people's wallets, and agree to what others corrected.
    WalletAdjust = "wallet:adjust";
    /// See any payment.
    PaymentRead = "payment:read";
    /// Run payouts.
    PayoutRun = "payout:run";
    /// Hold the books against providers' lists and correct them.
    BooksCorrect = "books:correct";
    /// Review identity documents.
    KycReview = "kyc:review";
    /// See people of the organization.
    UserRead = "user:read";
    /// Suspend people of the organization, let them back in, correct what is kept about them.
    UserEdit = "user:edit";
    /// Invite and remove people; give and take roles, permissions and priority.
    MemberManage = "member:manage";
    /// Change the organization and its settings.
    OrgSettings = "org:settings";
    /// Send a message to many people at once.
    NotificationSend = "notification:send";
    /// See how much things are used, by site and department.
    ReportRead = "report:read";
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

    /// Those of `codes` that this version knows; the others grant nothing.
    pub(crate) fn known(codes: &[String]) -> Vec<Self> {
        codes.iter().filter_map(|code| Self::from_code(code)).collect()
    }
}

use Permission as P;

/// The one role that is built in: it holds every permission, those of later versions too, and is neither changed nor
/// removed. Somebody always has it.
pub const ADMIN: &str = "admin";

/// Roles every new organization starts with; it may change them afterwards. Who lends calls its members students, who
/// parks calls them employees: the same rights under the name people know.
pub const ROLE_TEMPLATES: &[(&str, &[Permission])] = &[
    ("member", &[P::Book]),
    ("student", &[P::Book]),
    ("employee", &[P::Book]),
    ("driver", &[P::Book, P::TripManageOwn]),
    ("staff", STAFF),
    ("manager", MANAGER),
    ("support", &[P::BookingArbitrate, P::UserRead]),
    ("finance", &[P::PaymentRead, P::PayoutRun, P::BooksCorrect, P::WalletAdjust, P::ReportRead, P::UserRead]),
    ("compliance", &[P::KycReview, P::UserRead]),
    (ADMIN, Permission::ALL),
];

/// What a template of this name gives.
#[must_use]
pub fn template(name: &str) -> Option<&'static [Permission]> {
    ROLE_TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, permissions)| *permissions)
}

/// A trade's own words for the templates (MODEL §5, CX8): `(role, template)`. The first is what newcomers get.
pub type Profile = &'static [(&'static str, &'static str)];

/// The profiles by name. Every one has [`ADMIN`] beside what stands here.
pub const PROFILES: &[(&str, Profile)] = &[
    ("parking", &[("employee", "member")]),
    ("lending", &[("student", "member"), ("staff", "staff")]),
    (
        "rides",
        &[
            ("user", "member"),
            ("driver", "driver"),
            ("ops", "manager"),
            ("support", "support"),
            ("finance", "finance"),
            ("compliance", "compliance"),
        ],
    ),
    ("rooms", &[("employe", "member"), ("manager", "manager")]),
    ("arcade", &[("user", "member")]),
];

const STAFF: &[Permission] = &[
    P::Book,
    P::BookingArbitrate,
    P::BookingApprove,
    P::BookForOthers,
    P::OfferMake,
    P::WaitlistList,
    P::LoanHandOver,
    P::FineWaive,
    P::ResourceCreate,
    P::ResourceUpdate,
    P::UnitManage,
    P::UserRead,
    P::AuditRead,
];

const MANAGER: &[Permission] = &[
    P::Book,
    P::TripModerate,
    P::BookingArbitrate,
    P::BookingApprove,
    P::BookForOthers,
    P::OfferMake,
    P::WaitlistList,
    P::LoanHandOver,
    P::FineWaive,
    P::ResourceCreate,
    P::ResourceUpdate,
    P::UnitManage,
    P::SiteManage,
    P::DepartmentManage,
    P::UserRead,
    P::UserEdit,
    P::PromoManage,
    P::NotificationSend,
    P::ReportRead,
    P::AuditRead,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_trade_stands_for_a_template() {
        for (profile, roles) in PROFILES {
            assert!(!roles.is_empty(), "{profile}");
            for (role, of) in *roles {
                assert!(template(of).is_some(), "{profile}: {role} is made of {of}");
                assert_ne!(*role, ADMIN, "{profile}");
            }
        }
    }
}
