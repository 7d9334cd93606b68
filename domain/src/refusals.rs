//! PAGE TWO: every way we say no, with its public code (MODEL §12). `api/src/error.rs` maps each to a status.

use crate::{
    bookings::Alternative,
    ids::{PaymentId, ResourceId},
    inventory::{BookingInTheWay, hours::Opening},
    privacy::Blocker,
    series::Refused as SeriesDate,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Value, json};

/// Where a client may go on, if it may.
type MaybePath = Option<&'static str>;
/// A word of our own.
type Word = &'static str;
/// What people wrote, if they did.
type MaybeText = Option<String>;
/// From when to when, on the clocks of a place.
type Wall = [NaiveDateTime; 2];

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident : $type:ty),* })? => $code:literal, $class:ident, $message:literal;)*) => {
        /// A rule said no. Each variant has a stable public code.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs)] // the fields are the details on the wire, named as they are sent
        pub enum Refusal {
            $($(#[$doc])* $name $({ $($field: $type),* })?,)*
        }
        impl Refusal {
            /// The public code: stable, documented in docs/ERRORS.md.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => $code,)* }
            }
            /// Which kind of no this is; the door turns it into a status.
            #[must_use]
            pub fn class(&self) -> Class {
                match self { $(Self::$name $({ $($field: _),* })? => Class::$class,)* }
            }
            /// One English sentence for developers; clients translate by code.
            #[must_use]
            pub fn message(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => $message,)* }
            }
            /// What the client needs to act on.
            #[must_use]
            pub fn details(&self) -> Value {
                match self { $(Self::$name $({ $($field),* })? => json!({ $($(stringify!($field): $field),*)? }),)* }
            }
            /// Every refusal as (code, class, message), for the catalogue in docs/ERRORS.md.
            pub const CATALOGUE: &'static [(&'static str, Class, &'static str)] = &[$(($code, Class::$class, $message),)*];
        }
    };
}

/// Kinds of no, named after what the caller can do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The request itself is wrong (400).
    Invalid,
    /// Who are you? (401)
    Unauthenticated,
    /// Money is missing or was refused (402).
    PaymentRequired,
    /// You may not (403).
    Forbidden,
    /// There is no such thing, or not for you (404).
    Missing,
    /// It clashes with how things stand (409).
    Conflict,
    /// Its time is over (410).
    Gone,
    /// It changed since you read it (412).
    Stale,
    /// Too large (413).
    TooLarge,
    /// Understood, but a rule forbids it (422).
    Unprocessable,
    /// Say which version you mean (428).
    Precondition,
    /// Slow down (429).
    TooMany,
    /// A provider is down (503).
    Unavailable,
}

refusals! {
    // the request
    /// A field is missing, malformed or out of bounds.
    Invalid { field: String, problem: String } => "validation_error", Invalid, "A field is missing or malformed.";
    /// An amount is negative, fractional or beyond every limit.
    InvalidAmount => "validation_error", Invalid, "Amounts are whole, not negative, in minor units.";
    /// A POST that books or moves money came without its key (CX15).
    KeyRequired => "idempotency_key_required", Invalid, "This request needs an Idempotency-Key header.";
    /// The caller belongs to several organizations and named none (CX10).
    OrgRequired => "org_required", Invalid, "Name the organization in the X-Org-Id header.";
    /// The key was used for another request (CX15).
    KeyReused => "idempotency_key_reused", Unprocessable, "This Idempotency-Key was used with another request.";
    /// The body is larger than the door takes.
    BodyTooLarge { limit_bytes: usize } => "body_too_large", TooLarge, "The request body is too large.";
    /// `If-Match` is missing (T14).
    VersionRequired => "precondition_required", Precondition, "Send If-Match with the ETag you last read.";
    /// `If-Match` names an older version (T15).
    VersionMismatch { current: i32 } => "version_mismatch", Stale, "The object changed since you read it.";
    /// Too many requests (T9).
    RateLimited { retry_after_seconds: u64 } => "rate_limited", TooMany, "Too many requests.";

    // who
    /// No valid credentials.
    AuthRequired => "auth_required", Unauthenticated, "Sign in first.";
    /// Wrong identifier or password: never says which.
    BadCredentials => "bad_credentials", Unauthenticated, "The identifier or the password is wrong.";
    /// The access token is forged, malformed or signed by somebody else.
    TokenInvalid => "token_invalid", Unauthenticated, "The access token is not valid.";
    /// The access token is past its time.
    TokenExpired => "token_expired", Unauthenticated, "The access token has expired.";
    /// A refresh token was used twice: its whole family is revoked (C17).
    TokenReused => "refresh_token_reused", Unauthenticated, "This refresh token was already used; sign in again.";
    /// The account is suspended or erased.
    AccountInactive => "account_inactive", Unauthenticated, "This account is not active.";
    /// Signed in, but not allowed.
    Forbidden { permission: &'static str } => "forbidden", Forbidden, "You do not have the permission this needs.";
    /// Approved identity documents are required (N7).
    KycRequired => "kyc_required", Forbidden, "Approved identity documents are required.";
    /// What cannot be undone needs a fresh proof of who asks (W4).
    SignInAgain { within_minutes: i64 } => "recent_login_required", Forbidden, "Sign in again, then repeat this request.";
    /// A browser shows its cookie on behalf of another site's page.
    CrossSite => "cross_site", Forbidden, "A cookie counts only for requests of pages of this very host; send the token as Authorization.";
    /// Not every date of a series can be had, and whoever asked wants all or none; or none can (SN10).
    SeriesRefused { possible: i64, refused: Vec<SeriesDate> } => "series_conflict", Conflict, "Not every date can be had; see which and why.";
    /// The organization does not let strangers register (CX26).
    RegistrationClosed => "registration_closed", Forbidden, "This organization does not accept open registration.";
    /// The invitation was used, withdrawn, or is past its time.
    InvitationGone => "invitation_gone", Gone, "This invitation is no longer good.";
    /// The identifier is taken.
    IdentityTaken => "identity_taken", Conflict, "An account with this e-mail, phone or username exists already.";
    /// The one-time code is wrong.
    CodeWrong { attempts_left: i32 } => "otp_invalid", Invalid, "The code is wrong.";
    /// The one-time code is past its time or used.
    CodeExpired => "otp_expired", Gone, "The code has expired; ask for a new one.";
    /// Too many codes or tries (L22).
    CodeLimit { retry_after_seconds: u64 } => "otp_limit", TooMany, "Too many attempts; try again later.";

    // things
    /// Unknown, removed, or another organization's (CX10).
    NotFound => "not_found", Missing, "There is no such object.";
    /// The object is not in a state that allows this.
    StateConflict { status: String } => "state_conflict", Conflict, "The object's status does not allow this.";
    /// The books of that time are final.
    PeriodClosed => "period_closed", Conflict, "The books of that period are closed.";
    /// A general clash with what exists.
    Conflict { reason: &'static str } => "conflict", Conflict, "The request conflicts with existing data.";

    /// An act on many would reach more than its caller said.
    MoreThanExpected { matched: i64, max: i64 } => "more_than_expected", Conflict, "More match than you said.";
    // the inventory
    /// Bookings stand in the way of a removal (CX24).
    BookingsInTheWay { bookings: Vec<BookingInTheWay>, total: i64 } => "bookings_in_the_way", Conflict, "Bookings stand in the way.";

    // bookings and trips
    /// Not enough units are free (G12).
    NotEnoughFree { available: i64, requested: i64 } => "booking_conflict", Conflict, "Not enough units are free.";
    /// There is nothing to wait for: it can be booked (H2).
    UnitsFree { available: i64 } => "units_free", Conflict, "Enough units are free: book instead of waiting.";
    /// The offer's time is over, whether or not its timer came (H9).
    OfferExpired { expired_at: DateTime<Utc> } => "offer_expired", Gone, "The offer has expired.";
    /// The same for things of the inventory; `alternatives` were free at that moment, `waitlist` says how to wait, if one
    /// may (SN16).
    Taken { available: i64, requested: i64, resource: ResourceId, waitlist: MaybePath, alternatives: Vec<Alternative> } => "booking_conflict", Conflict, "Not enough units are free.";
    /// A driver cannot book a seat on the own trip (SN28).
    OwnTrip => "own_trip", Unprocessable, "You cannot book your own trip.";
    /// The departure has passed.
    DeparturePassed { departure_at: DateTime<Utc> } => "departure_passed", Unprocessable, "The departure time has passed.";
    /// The hold ended before this request (SN27).
    HoldExpired { expired_at: DateTime<Utc> } => "hold_expired", Gone, "The hold has expired; book again.";
    /// The driver or the vehicle is already on another trip at that time (SN28).
    TripOverlap => "trip_overlap", Conflict, "The driver or the vehicle is on another trip at that time.";
    /// A policy of the organization forbids it.
    Policy { rule: &'static str, limit: i64, value: i64 } => "policy_violation", Unprocessable, "A policy of the organization forbids this.";
    /// It is for people with one of the roles in `limit`; `value` are the roles of whom it was asked for (SN43).
    NotEligible { rule: &'static str, limit: Vec<String>, value: Vec<String> } => "policy_violation", Unprocessable, "A policy of the organization forbids this.";
    /// A time at which something is not open, with the opening times of that day on its clocks (F1, E9, SN12).
    Closed { rule: Word, limit: Vec<Opening>, value: Wall, day: NaiveDate, timezone: Word, occasion: MaybeText } => "policy_violation", Unprocessable, "A policy of the organization forbids this.";
    /// A time beside the grid, with the nearest ones on it (CX55).
    OffGrid { rule: &'static str, limit: i64, value: i64, nearest: Vec<DateTime<Utc>> } => "policy_violation", Unprocessable, "A policy of the organization forbids this.";
    /// A person has booked as much as one may; `remaining` is what is left of it (SN31).
    Quota { rule: &'static str, limit: i64, value: i64, requested: i64, remaining: i64 } => "policy_violation", Unprocessable, "A policy of the organization forbids this.";
    /// A time that the clocks of its zone never show, with the nearest they do (CX21).
    NoSuchLocalTime { choices: Vec<String> } => "invalid_local_time", Unprocessable, "The clocks never show this time.";
    /// A time that the clocks of its zone show twice, with both (CX21).
    LocalTimeTwice { choices: Vec<String> } => "invalid_local_time", Unprocessable, "The clocks show this time twice.";
    /// The check-in code is wrong, forged or for another booking (G39).
    AccessCodeInvalid => "access_code_invalid", Forbidden, "The check-in code is not valid for this booking.";
    /// Check-in is not open yet or closed.
    CheckInClosed { opens_at: DateTime<Utc>, closes_at: DateTime<Utc> } => "check_in_closed", Conflict, "Check-in is not open now.";

    // privacy
    /// Unfinished business keeps a person from being erased (SN26).
    ErasureBlocked { blockers: Vec<Blocker> } => "erasure_blocked", Conflict, "Something is unfinished; the account cannot be erased yet.";
    /// The copy was kept for its time and is gone.
    ExportExpired { expired_at: DateTime<Utc> } => "export_expired", Gone, "This copy is no longer kept; ask for another.";

    // money
    /// The subject has an open payment.
    PaymentInProgress { payment: PaymentId } => "payment_in_progress", Conflict, "A payment for this is already open.";
    /// The subject is paid.
    AlreadyPaid => "already_paid", Conflict, "This is already paid.";
    /// Nothing is due.
    NothingDue => "nothing_due", Conflict, "There is nothing to pay.";
    /// No live account of the organization offers this payment method (SN39).
    MethodUnavailable { method: String } => "provider_unavailable", Unavailable, "This payment method is not available now.";
    /// The provider refused the payment for good.
    PaymentFailed { provider_code: String } => "payment_failed", PaymentRequired, "The provider refused the payment.";
    /// The balance does not cover it (K24).
    InsufficientFunds => "insufficient_funds", PaymentRequired, "The balance is not sufficient.";
    /// A code cannot be used at this time, or not for this (M2).
    PromoRefused { reason: &'static str } => "promo_refused", Unprocessable, "This code cannot be used now, or not for this.";
    /// A person has used it as often as one may (M10).
    AlreadyRedeemed { limit: i32 } => "already_redeemed", Conflict, "This was used as often as one person may.";
    /// A webhook's signature does not verify (J10).
    WebhookSignature => "webhook_invalid_signature", Unauthenticated, "The signature does not verify.";
    /// A payout destination is missing or not verified (SN30).
    DestinationRequired => "payout_destination_required", Unprocessable, "A verified payout destination is required.";
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// A malformed field.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), problem: problem.into() }
    }
}
