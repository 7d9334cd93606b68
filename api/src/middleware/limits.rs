//! Counters of who calls how often: a leaky bucket per key (T9, T28, CX30). Each process counts for itself.

use domain::ids::UserId;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock, middleware::StateInformationMiddleware};
use std::{
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Weak},
    time::Duration,
};

/// How often keys that are at rest again are forgotten.
const TIDY: Duration = Duration::from_secs(15);
/// Failing webhooks an address may send a minute before it is told to slow down.
const BAD_WEBHOOKS_PER_MINUTE: u32 = 60;

/// Every counter of the door.
pub struct Limits {
    /// Requests per address.
    pub addresses: Option<Counter<IpAddr>>,
    /// Requests per person.
    pub people: Option<Counter<UserId>>,
    /// Attempts to sign in, register or get a code, per address.
    pub sign_ins: Option<Counter<IpAddr>>,
    /// Webhooks that did not verify, per address. Those that do are never limited.
    pub bad_webhooks: Option<Counter<IpAddr>>,
}

impl Limits {
    /// Counters allowing so many a minute; 0 switches one off. Forgets idle keys in the background until dropped.
    #[must_use]
    pub fn start(per_minute: u32, sign_ins_per_minute: u32) -> Arc<Self> {
        let limits = Arc::new(Self {
            addresses: Counter::new(per_minute),
            people: Counter::new(per_minute),
            sign_ins: Counter::new(sign_ins_per_minute),
            bad_webhooks: Counter::new(if per_minute == 0 { 0 } else { BAD_WEBHOOKS_PER_MINUTE }),
        });
        tokio::spawn(tidy(Arc::downgrade(&limits)));
        limits
    }
}

/// Keys come from strangers, so their number must not grow for ever.
async fn tidy(limits: Weak<Limits>) {
    loop {
        tokio::time::sleep(TIDY).await;
        let Some(limits) = limits.upgrade() else { return };
        for counter in [&limits.addresses, &limits.sign_ins, &limits.bad_webhooks].into_iter().flatten() {
            counter.forget_idle();
        }
        if let Some(people) = &limits.people {
            people.forget_idle();
        }
    }
}

/// Counts by `K`.
pub struct Counter<K: Hash + Eq + Clone> {
    per_minute: NonZeroU32,
    buckets: DefaultKeyedRateLimiter<K, StateInformationMiddleware>,
}

/// Where a key stands after one more request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests a minute, and at once after a rest.
    pub limit: u32,
    /// Requests that would pass now.
    pub remaining: u32,
    /// Seconds until all of `limit` are there again.
    pub reset: u64,
    /// Seconds to wait before the next one, when this one is refused.
    pub refused: Option<u64>,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn new(per_minute: u32) -> Option<Self> {
        let per_minute = NonZeroU32::new(per_minute)?;
        let buckets = RateLimiter::keyed(Quota::per_minute(per_minute)).with_middleware();
        Some(Self { per_minute, buckets })
    }

    /// Counts one request.
    pub fn count(&self, key: &K) -> Standing {
        let limit = self.per_minute.get();
        match self.buckets.check_key(key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity().min(limit);
                Standing { limit, remaining, reset: self.seconds_to_refill(limit - remaining), refused: None }
            }
            Err(until) => {
                let wait = until.wait_time_from(self.buckets.clock().now());
                // rounded up: a client that comes back a moment early would only be refused again
                let refused = Some(wait.as_secs() + 1);
                Standing { limit, remaining: 0, reset: self.seconds_to_refill(limit), refused }
            }
        }
    }

    fn seconds_to_refill(&self, missing: u32) -> u64 {
        (u64::from(missing) * 60).div_ceil(u64::from(self.per_minute.get()))
    }

    fn forget_idle(&self) {
        self.buckets.retain_recent();
        self.buckets.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_refused_after_its_share_and_others_are_not() {
        let counter = Counter::new(3).unwrap();
        let remaining: Vec<u32> = (0..3).map(|_| counter.count(&1).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        let refused = counter.count(&1);
        assert!(refused.refused.is_some_and(|seconds| (1..=21).contains(&seconds)), "{refused:?}");
        assert_eq!(refused.reset, 60);
        assert!(counter.count(&2).refused.is_none());
        assert!(Counter::<u8>::new(0).is_none());
    }
}
