//! What can be asked for as a file.

use crate::{
    ids::{PaymentId, UserId},
    ledger::{MovementFilter, Period, Sorted},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
    /// Pages.
    Pdf,
}

impl Format {
    /// As stored, and as the ending of a file's name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }

    /// The most lines one file holds: what a sheet of a workbook can hold, and what somebody could print.
    #[must_use]
    pub fn most_lines(self) -> i64 {
        match self {
            Self::Csv | Self::Xlsx => 1_000_000,
            Self::Pdf => 20_000,
        }
    }
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// What moved on one's own accounts.
    Wallet {
        /// `wallet` or `earnings`; both when unset.
        account: Option<String>,
    },
    /// What a payout is made of.
    Payout {
        /// Which.
        payout: PaymentId,
    },
    /// The lines of the organization's books.
    Ledger {
        /// Of accounts for this.
        account: Option<String>,
        /// Of this person's accounts.
        owner: Option<UserId>,
    },
    /// What moved on each account or at each provider, by period.
    Finance {
        /// What its lines are about.
        by: Sorted,
        /// How long each line covers.
        period: Period,
        /// Of every organization of the installation, not only this one.
        everywhere: bool,
    },
}

impl Subject {
    /// As stored.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wallet { .. } => "wallet",
            Self::Payout { .. } => "payout",
            Self::Ledger { .. } => "ledger",
            Self::Finance { .. } => "finance",
        }
    }
}

/// A file somebody wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// About what.
    pub subject: Subject,
    /// In which form.
    pub format: Format,
    /// What happened then or later; from the beginning when unset.
    pub from: Option<DateTime<Utc>>,
    /// What happened before then; until it is written when unset.
    pub before: Option<DateTime<Utc>>,
}

impl Asking {
    /// The entries of the books it is made of, for `user` who asks; `None` for a payout, whose lines are given.
    pub(super) fn entries(&self, user: UserId) -> Option<MovementFilter> {
        let (owner, account_kind) = match &self.subject {
            Subject::Wallet { account } => (Some(user), account.clone()),
            Subject::Ledger { account, owner } => (*owner, account.clone()),
            Subject::Finance { by: Sorted::Provider, .. } => (None, Some("provider".to_owned())),
            Subject::Finance { by: Sorted::Account, .. } => (None, None),
            Subject::Payout { .. } => return None,
        };
        let (from, before) = (self.from, self.before);
        Some(MovementFilter { owner, account_kind, from, before, ..MovementFilter::default() })
    }
}
