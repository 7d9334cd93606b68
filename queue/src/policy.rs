//! How often, how patiently and for how long a kind of job is tried (promise 3).

use std::time::Duration;

/// Retry, back-off and deadline of one kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Runs that may fail before the job is dead; at least 1.
    pub max_attempts: u32,
    /// The delay after the first failed run; it doubles with each further one.
    pub first_delay: Duration,
    /// The delay never grows beyond this.
    pub longest_delay: Duration,
    /// A run that takes longer is dropped and counts as failed.
    pub timeout: Duration,
}

impl Policy {
    /// For work that calls somebody else: ten tries over about two hours.
    pub const PATIENT: Self = Self {
        max_attempts: 10,
        first_delay: Duration::from_secs(5),
        longest_delay: Duration::from_secs(30 * 60),
        timeout: Duration::from_secs(60),
    };

    /// For work that is only on our own tables: eight tries over about two minutes.
    pub const BRISK: Self = Self {
        max_attempts: 8,
        first_delay: Duration::from_secs(1),
        longest_delay: Duration::from_secs(60),
        timeout: Duration::from_secs(30),
    };

    /// For money: it is never given up while there is hope, about three days.
    pub const STUBBORN: Self = Self {
        max_attempts: 80,
        first_delay: Duration::from_secs(2),
        longest_delay: Duration::from_secs(60 * 60),
        timeout: Duration::from_secs(60),
    };

    /// The delay after the failed run number `attempt` (from 1): doubled each time, capped, and between half and
    /// all of that, so that jobs that failed together do not come back together.
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Duration {
        self.delay_with(attempt, rand::random::<f64>())
    }

    fn delay_with(&self, attempt: u32, luck: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first_delay.saturating_mul(1 << doublings).min(self.longest_delay);
        full.mul_f64(0.5 + 0.5 * luck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_and_is_capped() {
        let at = |attempt| Policy::BRISK.delay_with(attempt, 1.0).as_secs();
        assert_eq!([at(1), at(2), at(3), at(7), at(8), at(u32::MAX)], [1, 2, 4, 60, 60, 60]);
    }

    #[test]
    fn luck_never_leaves_the_upper_half() {
        for _ in 0..1000 {
            let delay = Policy::PATIENT.delay(2);
            assert!(delay >= Duration::from_secs(5) && delay <= Duration::from_secs(10), "{delay:?}");
        }
    }
}
