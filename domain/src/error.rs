//! Two kinds of no: a refusal is a rule's value, a fault is the world failing (docs/STYLE.md, convention 7).

use crate::refusals::Refusal;

/// What an operation may fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no: 4xx at a door; at a carrier the job stops, with the refusal's code.
    #[error("refused: {}", .0.code())]
    Refused(#[from] Refusal),
    /// The world failed: 5xx at a door; at a carrier the job is retried.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The world failed. Never shown to a client.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database failed or refused in a way no rule expected.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// Somebody else's service failed, timed out or spoke nonsense: the outcome is unknown.
    #[error("{service}: {problem}")]
    Remote {
        /// Which service.
        service: &'static str,
        /// What happened, without secrets or personal data.
        problem: String,
        /// How long the service asked us to wait.
        retry_after: Option<std::time::Duration>,
    },
    /// Our own data is not what the code expects: a bug, or a hand-edited row.
    #[error("corrupt {what}: {problem}")]
    Corrupt {
        /// Table or concept.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The job's lease went to another worker: nothing was changed.
    #[error("the lease of this job is gone")]
    LeaseLost,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(Fault::Database(error))
    }
}

impl Fault {
    /// A corrupt row or value.
    #[allow(clippy::needless_pass_by_value, reason = "call sites hand over errors they no longer need")]
    pub fn corrupt(what: &'static str, problem: impl ToString) -> Self {
        Self::Corrupt { what, problem: problem.to_string() }
    }

    /// A remote service failed; the outcome is unknown.
    #[allow(clippy::needless_pass_by_value, reason = "call sites hand over errors they no longer need")]
    pub fn remote(service: &'static str, problem: impl ToString) -> Self {
        Self::Remote { service, problem: problem.to_string(), retry_after: None }
    }
}

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names the refusal that a database constraint stands for (docs/STYLE.md, convention 8).
pub trait RefuseOn<T> {
    /// When the named constraint refused, answer with `refusal` instead of a fault.
    ///
    /// # Errors
    /// The refusal, or the database's own failure.
    fn refuse_on(self, constraint: &str, refusal: Refusal) -> Result<T>;
}

impl<T> RefuseOn<T> for Result<T, sqlx::Error> {
    fn refuse_on(self, constraint: &str, refusal: Refusal) -> Result<T> {
        self.map_err(|error| match error.as_database_error().and_then(|e| e.constraint()) {
            Some(name) if name == constraint => Error::Refused(refusal),
            _ => error.into(),
        })
    }
}

impl<T> RefuseOn<T> for Result<T> {
    fn refuse_on(self, constraint: &str, refusal: Refusal) -> Result<T> {
        match self {
            Err(Error::Fault(Fault::Database(error))) => Err(error).refuse_on(constraint, refusal),
            other => other,
        }
    }
}
