//! Typed ids. Entities a client sees carry UUID v4 (T17); append-only rows carry v7 for index locality
//! (docs/decisions/0004). This is the only file that draws ids.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $draw:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Draws a fresh id.
            #[allow(clippy::new_without_default, clippy::disallowed_methods)]
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::$draw())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// An organization: the tenant every business row belongs to (B2).
    OrgId = new_v4;
    /// A person, known across organizations.
    UserId = new_v4;
    /// One sign-in on one device; refresh tokens rotate inside it.
    SessionId = new_v4;
    /// All refresh tokens that descend from one login; revoked together on reuse.
    FamilyId = new_v4;
    /// One-time code sent to a phone or mailbox.
    CodeId = new_v4;
    /// A push target of a user.
    DeviceId = new_v4;
    /// A way in for somebody who was asked to come.
    InvitationId = new_v4;
    /// An identity document under review.
    KycId = new_v4;
    /// Anything that can be booked: a trip, a vehicle, a room …
    ResourceId = new_v4;
    /// One bookable piece of a resource: a seat, a bay, a copy.
    UnitId = new_v4;
    /// A place with an address, where resources stand.
    SiteId = new_v4;
    /// A part of an organization on one site.
    DepartmentId = new_v4;
    /// Rules by which things are booked.
    PolicyId = new_v4;
    /// A word by which resources are sorted.
    TagId = new_v4;
    /// An exclusive span of time on a unit.
    ClaimId = now_v7;
    /// A time in which something is closed.
    ClosureId = new_v4;
    /// A person's booking.
    BookingId = new_v4;
    /// Bookings that come again.
    SeriesId = new_v4;
    /// One unit wished for or given in a booking.
    ItemId = new_v4;
    /// A booking's place in a line.
    QueueEntryId = new_v4;
    /// A secret address that shows a calendar.
    FeedId = new_v4;
    /// Units held for the next in a line, for a short while.
    OfferId = new_v4;
    /// What staff propose instead.
    AlternativeId = new_v4;
    /// Money owed for a late return or a no-show.
    FineId = new_v4;
    /// Something an organization gives away.
    PromoId = new_v4;
    /// One use of a promotion.
    RedemptionId = new_v4;
    /// Somebody who was brought along.
    ReferralId = new_v4;
    /// A pack of tickets on sale.
    TicketOfferId = new_v4;
    /// A balance corrected by hand.
    AdjustmentId = new_v4;
    /// A movement of money that needs a provider, in or out.
    PaymentId = new_v4;
    /// Our account at a payment provider.
    ProviderAccountId = new_v4;
    /// One day of a provider account held against the books.
    ReconciliationRunId = new_v4;
    /// One difference found by it.
    ReconciliationItemId = new_v4;
    /// A verified provider event, stored once.
    EventId = now_v7;
    /// A ledger account.
    AccountId = new_v4;
    /// A balanced set of entries.
    TransactionId = now_v7;
    /// A period of the ledger that was closed.
    ClosingId = new_v4;
    /// One signed line of the ledger.
    EntryId = now_v7;
    /// A verified wallet number that receives payouts.
    DestinationId = new_v4;
    /// A durable operation a client can poll or wait on.
    OperationId = new_v4;
    /// One audited change.
    AuditId = now_v7;
    /// Something a person should know.
    NotificationId = new_v4;
    /// One notification on one channel.
    DeliveryId = new_v4;
    /// One message to many people.
    BroadcastId = new_v4;
    /// A copy of everything held about a person.
    ExportId = new_v4;
    /// A statement or report as a file.
    ReportId = new_v4;
}
