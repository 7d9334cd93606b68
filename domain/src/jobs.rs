//! PAGE ONE: every job, grouped by queue. Queues are service levels, not features. A job carries ids, never state:
//! it re-reads, and finds nothing to do without complaint. A retired variant stays until drained.

use crate::ids::*;
use chrono::{DateTime, NaiveDate, Utc};
use queue::{JobFamily, Policy};
use serde::{Deserialize, Serialize};
use std::time::Duration;

macro_rules! family {
    ($(#[$doc:meta])* $family:ident on $queue:literal {
        $($(#[$job_doc:meta])* $job:ident $({ $($field:ident : $type:ty),* })? = $kind:literal, $policy:ident;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        #[allow(missing_docs)] // the fields are ids, named after what they identify
        pub enum $family {
            $($(#[$job_doc])* #[serde(rename = $kind)] $job $({ $($field: $type),* })?,)*
        }
        impl JobFamily for $family {
            const QUEUE: &'static str = $queue;
            fn kind(&self) -> &'static str {
                match self { $(Self::$job $({ $($field: _),* })? => $kind,)* }
            }
            /// A job is alive once per kind and arguments (QUEUE promise 7).
            fn unique_key(&self) -> Option<String> {
                match self { $(Self::$job $({ $($field),* })? => Some([$kind.to_owned() $($(, $field.to_string())*)?].join("/")),)* }
            }
            fn policy(kind: &str) -> Policy {
                match kind { $($kind => $policy,)* _ => ORDINARY }
            }
        }
        impl $family {
            /// Every kind of this queue, for metrics and `tests/tidy`.
            pub const KINDS: &'static [&'static str] = &[$($kind,)*];
        }
    };
}

const fn policy(max_attempts: u32, first_seconds: u64, longest_seconds: u64, timeout_seconds: u64) -> Policy {
    Policy {
        max_attempts,
        first_delay: Duration::from_secs(first_seconds),
        longest_delay: Duration::from_secs(longest_seconds),
        timeout: Duration::from_secs(timeout_seconds),
    }
}

/// Work inside our own walls: a few tries, then a person looks.
const ORDINARY: Policy = policy(12, 1, 600, 30);
/// Money at a provider: about three days of patience, because silence is not an answer (PROVIDERS §1.5).
const PATIENT: Policy = policy(400, 1, 900, 60);
/// A walk over many people, one commit each: long, and taken up where it stopped.
const WALK: Policy = policy(12, 1, 600, 1_800);
/// A message: worth an hour, not a day.
const MESSAGE: Policy = policy(13, 2, 900, 30);
/// A code somebody is waiting for: another one is asked for, not repeated (PROVIDERS §6.2).
const CODE: Policy = policy(2, 1, 2, 20);
/// Whole-table work that a later tick repeats anyway.
const SWEEP: Policy = policy(3, 5, 30, 120);

family! {
    /// Money: what must end, whatever a provider does.
    Payments on "payments" {
        /// Open the checkout at the provider (J4).
        StartPayment { payment: PaymentId } = "payment.start", PATIENT;
        /// Ask the provider until the payment is final, whatever webhooks do (Q17).
        PollPayment { payment: PaymentId } = "payment.poll", PATIENT;
        /// Close a checkout whose booking no longer waits for it.
        ExpireCheckout { payment: PaymentId } = "payment.expire_checkout", PATIENT;
        /// Apply one stored provider event (Q13).
        SettleEvent { event: EventId } = "inbound.settle", ORDINARY;
        /// Ask the provider about the checkout a stale event names, because its body is not to be believed.
        AskAboutEvent { event: EventId } = "inbound.ask", PATIENT;
        /// Send money back (A8).
        SendRefund { payment: PaymentId } = "refund.send", PATIENT;
        /// See whether money that went out still stands, and how a dispute ended (SN5).
        LookAgain { payment: PaymentId } = "payment.look_again", PATIENT;
        /// Collect what is owed into payouts (K8, K9).
        BuildPayouts { operation: OperationId } = "payout.build", WALK;
        /// Open the payout run of a day (K10).
        RunPayouts { day: NaiveDate } = "payout.run", ORDINARY;
        /// Pay one driver, or what somebody withdrew (A9).
        SendPayout { payment: PaymentId } = "payout.send", PATIENT;
        /// Hold one day of an account against the provider's own list (J15).
        ReconcileAccount { account: ProviderAccountId, day: NaiveDate } = "reconciliation.run", PATIENT;
    }
}

family! {
    /// Bookings: what happens when time passes.
    Reservations on "reservations" {
        /// Free the units of a hold whose deadline passed (Q16).
        ExpireHold { booking: BookingId, deadline: DateTime<Utc> } = "booking.expire_hold", ORDINARY;
        /// The same for holds whose own timer was lost.
        SweepHolds = "booking.sweep_holds", SWEEP;
        /// Offer what is free on a resource to those who wait for it (H8).
        MatchLine { resource: ResourceId } = "waitlist.match", ORDINARY;
        /// End an offer nobody answered, and pass its units on (Q9).
        ExpireOffer { offer: OfferId, deadline: DateTime<Utc> } = "offer.expire", ORDINARY;
        /// End a wish whose use has passed (H17).
        EndEntry { entry: QueueEntryId, deadline: DateTime<Utc> } = "waitlist.end", ORDINARY;
        /// Look at every line somebody waits in.
        SweepLines = "waitlist.sweep_lines", SWEEP;
        /// End offers whose own timer was lost.
        SweepOffers = "offer.sweep", SWEEP;
        /// End wishes whose own timer was lost.
        SweepEntries = "waitlist.sweep", SWEEP;
        /// Give away what nobody checked in for or picked up (Q11, SN32).
        ReleaseMissed { booking: BookingId, deadline: DateTime<Utc> } = "booking.no_show", ORDINARY;
        /// End a booking whose time is over (Q11).
        FinishBooking { booking: BookingId, deadline: DateTime<Utc> } = "booking.finish", ORDINARY;
        /// Find a loan late, and say so (SN6).
        MarkOverdue { booking: BookingId, deadline: DateTime<Utc> } = "booking.overdue", ORDINARY;
        /// Replace what was not brought back for whoever is to have it soon, or warn them (SN34, ★11).
        ProtectNext { booking: BookingId } = "booking.protect_next", ORDINARY;
        /// The same four for bookings whose own timer was lost.
        SweepDeadlines = "booking.sweep_deadlines", SWEEP;
    }
}

family! {
    /// Messages to people (A10, A12).
    Notifications on "notifications" {
        /// Carry one message on one channel (Q1).
        SendDelivery { delivery: DeliveryId } = "notification.send", MESSAGE;
        /// Remind of a booking, if the reminder is still true when it fires (Q4, ★14).
        RemindBooking { booking: BookingId, start_at: DateTime<Utc>, minutes_before: u32 } = "reminder.due", MESSAGE;
        /// Send a one-time code (C20).
        SendCode { code: CodeId } = "otp.send", CODE;
        /// Walk over the audience of a broadcast, then wait for its messages (R2).
        SendBroadcast { operation: OperationId } = "notification.broadcast", WALK;
        /// Carry an invitation to somebody who has no account yet (SN4).
        SendInvitation { invitation: InvitationId } = "invitation.send", MESSAGE;
        /// Carry messages whose own job was lost.
        SweepDeliveries = "notification.sweep", SWEEP;
        /// Plan reminders whose own timer was lost.
        SweepReminders = "reminder.sweep", SWEEP;
    }
}

family! {
    /// Housekeeping: nobody waits for it, everybody needs it.
    Maintenance on "maintenance" {
        /// Ask after payments that have been silent too long (Q17).
        SweepPayments = "payment.sweep", SWEEP;
        /// Ask for the payout runs of today (K10).
        SchedulePayouts = "payout.schedule", SWEEP;
        /// Take up events that were stored but not handled (★5).
        SweepEvents = "inbound.sweep", SWEEP;
        /// Gather everything held about a person into one sealed document (W4).
        ExportPerson { operation: OperationId } = "privacy.export", WALK;
        /// Write a statement or report as a file (K7, V5).
        WriteReport { operation: OperationId } = "report.write", WALK;
        /// Forget a person, one organization after the other (SN26).
        ErasePerson { operation: OperationId } = "privacy.erase", WALK;
        /// Take up long work whose own job was lost.
        SweepOperations = "operation.sweep", SWEEP;
        /// Forget expired sessions, codes, copies and idempotency keys (Q5, SN44).
        CleanUp = "cleanup.expired", SWEEP;
        /// Re-check the promises over all data (Q18, ★17).
        CheckInvariants = "invariant.check", SWEEP;
        /// Let bookings follow the clocks of their place when the law about these changed (SN45).
        ResolveTimes = "tz.resolve", WALK;
        /// Have every day of every account held against its provider's list (Q2).
        SweepReconciliations = "reconciliation.sweep", SWEEP;
        /// Make the days of the history that come, and drop those past their time (QUEUE promise 12).
        KeepHistory = "history.keep", SWEEP;
    }
}

/// Every kind there is, whichever its queue.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    [Payments::KINDS, Reservations::KINDS, Notifications::KINDS, Maintenance::KINDS].into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_stored_under_its_written_kind() {
        let payment = PaymentId::new();
        let job = Payments::StartPayment { payment };
        let stored = serde_json::to_value(&job).unwrap();
        assert_eq!(stored, serde_json::json!({ "kind": "payment.start", "payment": payment }));
        assert_eq!(job.unique_key().unwrap(), format!("payment.start/{payment}"));
        assert_eq!(serde_json::from_value::<Payments>(stored).unwrap(), job);
    }
}
