//! Lines: jobs of one queue that are due stand in lines, one per urgency, organization and kind, and lines take turns
//! (promise 8). Whoever posts or finds a job says in whose line it stands, so that a claim goes there directly.

use uuid::Uuid;

use crate::NewJob;

/// Jobs that wait as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Line {
    pub priority: i16,
    /// Nil for the house itself.
    pub org: Uuid,
    pub kind: Box<str>,
}

impl Line {
    pub(crate) fn new(priority: i16, org: Option<Uuid>, kind: &str) -> Self {
        Self { priority, org: org.unwrap_or_default(), kind: kind.into() }
    }

    /// The line a job due at once will stand in.
    pub(crate) fn of(job: &NewJob) -> Self {
        Self::new(job.clamped_priority(), job.org_id, job.kind)
    }

    /// As the payload of a notice.
    pub(crate) fn notice(&self) -> String {
        format!("{}/{}/{}", self.priority, self.org.simple(), self.kind)
    }

    /// Reads a notice's payload; `None` for one that says something else.
    pub(crate) fn of_notice(payload: &str) -> Option<Self> {
        let mut parts = payload.splitn(3, '/');
        let (priority, org, kind) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { priority: priority.parse().ok()?, org: org.parse().ok()?, kind: kind.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_says_the_line() {
        let line = Line::new(-1, Some(Uuid::from_u128(7)), "payment.start");
        assert_eq!(Line::of_notice(&line.notice()), Some(line));
        for other in ["", "rescued", "1/2", "x/00000000000000000000000000000000/k", "0/zz/k"] {
            assert_eq!(Line::of_notice(other), None, "{other}");
        }
    }
}
