//! What may go wrong with one call: every fault is optional, so that rules can be laid over one another.

use serde::{Deserialize, Serialize};

/// An answer given instead of doing the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// HTTP status, e.g. 503.
    pub status: u16,
    /// The provider's own code, e.g. `insufficient-funds`, `UNAVAILABLE`, `POL0001`.
    pub code: String,
    /// `Retry-After` in seconds, where the answer should carry one.
    #[serde(default)]
    pub retry_after: Option<u32>,
}

/// The faults of one rule. An absent fault leaves the call alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Any HTTP operation: nothing is done, this is the answer.
    pub refuse: Option<Refuse>,
    /// Any HTTP operation: the work is done, the answer is a 500. SMTP: the mail is kept, the line goes dead.
    pub lose_answer: Option<bool>,
    /// Any HTTP operation: the work is done, the answer waits this many milliseconds.
    pub hang_ms: Option<u64>,
    /// Any HTTP operation: the work is done, the answer is 200 with an HTML page.
    pub html: Option<bool>,
    /// `checkout.create` and its like (`mtn.collect`, `orange.webpayment` …): paid, and the webhook delivered, before the
    /// answer to the create call is sent.
    pub early: Option<bool>,
    /// `webhook`: this many extra deliveries of the same event, all at once.
    pub duplicate: Option<u32>,
    /// `webhook`: the first delivery waits this many milliseconds.
    pub delay_ms: Option<u64>,
    /// `webhook`: a `payment_failed` of the same checkout follows the `completed`.
    pub reorder: Option<bool>,
    /// `webhook`: the event is kept but never delivered.
    pub never: Option<bool>,
    /// `webhook`: a copy with a wrong signature goes first.
    pub forge: Option<bool>,
    /// `webhook`: `t` lies this many seconds in the past (negative: in the future); the signature is right for it.
    pub stale_seconds: Option<i64>,
    /// `webhook`: the header carries at least two `v1` values, of which the first may be unknown to the receiver.
    pub two_signatures: Option<bool>,
    /// `webhook`: as in the overlap of a rotation, the event arrives once per secret, each signed with one.
    pub rotation: Option<bool>,
    /// `webhook`: by PUT, where the provider may do so.
    pub put: Option<bool>,
    /// `mtn.collect_status`, `orange.status`: still undecided, whatever it is.
    pub pending: Option<bool>,
    /// `checkout.get`, `mtn.collect_status`, `card.get`, `sonatel.search`: this amount is told; 0: none.
    pub amount: Option<i64>,
    /// The same four: the amount is told in this currency.
    pub currency: Option<String>,
    /// `payout.create`, `mtn.transfer`, `mtn.refund`: it is read as undecided this many times before it is decided.
    pub processing_reads: Option<u32>,
    /// `payout.create`, `mtn.transfer`, `mtn.refund`: it ends as `failed` with this error code.
    pub payout_error: Option<String>,
    /// `smtp`: the recipient is answered with this code (421 also closes the connection).
    pub smtp_code: Option<u16>,
    /// `smtp`: the answer after DATA waits this many milliseconds; the mail is kept before.
    pub smtp_stall_ms: Option<u64>,
}

impl Faults {
    /// These faults, completed by those of `below` where these are silent.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            refuse: self.refuse.or(below.refuse),
            lose_answer: self.lose_answer.or(below.lose_answer),
            hang_ms: self.hang_ms.or(below.hang_ms),
            html: self.html.or(below.html),
            early: self.early.or(below.early),
            duplicate: self.duplicate.or(below.duplicate),
            delay_ms: self.delay_ms.or(below.delay_ms),
            reorder: self.reorder.or(below.reorder),
            never: self.never.or(below.never),
            forge: self.forge.or(below.forge),
            stale_seconds: self.stale_seconds.or(below.stale_seconds),
            two_signatures: self.two_signatures.or(below.two_signatures),
            rotation: self.rotation.or(below.rotation),
            put: self.put.or(below.put),
            pending: self.pending.or(below.pending),
            amount: self.amount.or(below.amount),
            currency: self.currency.or(below.currency),
            processing_reads: self.processing_reads.or(below.processing_reads),
            payout_error: self.payout_error.or(below.payout_error),
            smtp_code: self.smtp_code.or(below.smtp_code),
            smtp_stall_ms: self.smtp_stall_ms.or(below.smtp_stall_ms),
        }
    }

    /// Whether a yes-or-no fault is on.
    pub(crate) fn on(fault: Option<bool>) -> bool {
        fault.unwrap_or(false)
    }
}
