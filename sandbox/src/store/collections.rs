//! What is kept of payments and transfers at the providers beside Wave: one form for all of them.

use super::shelf::Record;
use chrono::{DateTime, Utc};
use integrations::payments::stripe::wire::Dispute;
use serde::Serialize;

/// A payment asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Collection {
    /// The provider's id.
    pub id: String,
    /// `mtn`, `orange` …
    pub provider: &'static str,
    /// The merchant's id.
    pub reference: String,
    /// In minor units.
    pub amount: i64,
    /// As the provider writes it.
    pub currency: String,
    /// The wallet that is asked, where one is named.
    pub payer: Option<String>,
    /// Where news of it go, if anywhere.
    pub callback: Option<String>,
    /// What unsigned news repeat.
    pub notif_token: Option<String>,
    /// The id its money movement has, or will have.
    pub transaction_id: String,
    /// Where it stands.
    pub state: State,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it was asked for.
    pub at: DateTime<Utc>,
}

/// Where a payment or transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has decided.
    Waiting,
    /// Money moved.
    Done,
    /// It will not move.
    Failed,
    /// Its time is over.
    Expired,
}

/// Money sent out: a payout or a refund.
#[derive(Debug, Clone, Serialize)]
pub struct Transfer {
    /// The provider's id.
    pub id: String,
    /// `mtn` …
    pub provider: &'static str,
    /// `transfer` or `refund`.
    pub kind: &'static str,
    /// The merchant's id.
    pub reference: String,
    /// In minor units.
    pub amount: i64,
    /// As the provider writes it.
    pub currency: String,
    /// The wallet that receives it.
    pub to: Option<String>,
    /// The payment that goes back.
    pub of: Option<String>,
    /// Where it stands.
    pub state: State,
    /// How it ends once decided: an error, or done.
    pub fails_with: Option<String>,
    /// Reads that still say nothing is decided.
    pub processing_reads: u32,
    /// When it was asked for.
    pub at: DateTime<Utc>,
}

/// A card payment its payer takes back.
#[derive(Debug, Clone, Serialize)]
pub struct Disputed {
    /// The dispute as its merchant reads it.
    #[serde(flatten)]
    pub dispute: Dispute,
    /// The payment it is about.
    pub of: String,
    /// When it was opened.
    pub at: DateTime<Utc>,
}

impl Record for Disputed {
    fn id(&self) -> &str {
        &self.dispute.id
    }
    fn tags(&self) -> Vec<String> {
        [Some(self.of.clone()), self.dispute.payment_intent.clone()].into_iter().flatten().collect()
    }
}

impl Record for Collection {
    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> Vec<String> {
        // the address of news names the merchant's payment: …/wh/<provider>/<payment>/<token>
        let named = self.callback.as_deref().and_then(|url| url.rsplit('/').nth(1)).map(str::to_owned);
        [Some(self.reference.clone()), self.payer.clone(), named].into_iter().flatten().collect()
    }
}

impl Record for Transfer {
    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> Vec<String> {
        let tags = [Some(self.reference.clone()), self.to.clone(), self.of.clone()];
        tags.into_iter().flatten().filter(|tag| *tag != self.id).collect()
    }
}

impl Transfer {
    /// One more look at it: decides it once it was looked at often enough.
    pub(crate) fn look(&mut self) {
        if self.state != State::Waiting {
            return;
        }
        match self.processing_reads.checked_sub(1) {
            Some(left) => self.processing_reads = left,
            None => self.state = if self.fails_with.is_some() { State::Failed } else { State::Done },
        }
    }
}
