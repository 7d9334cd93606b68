//! The queue's own histograms, value by value: a bucket is too coarse for a ratio.

use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit, set_global_recorder,
};
use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex},
};

/// The histograms that are kept.
const KEPT: [&str; 2] = [CLAIM, FLUSH];
/// Seconds of one claim, as the runner makes it.
pub const CLAIM: &str = "queue_claim_duration_seconds";
/// Seconds of one statement that acknowledges.
pub const FLUSH: &str = "queue_flush_duration_seconds";

/// Every value so far.
#[derive(Clone, Default)]
pub struct Exact {
    histograms: Arc<Mutex<BTreeMap<String, Arc<Values>>>>,
}

#[derive(Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

impl Exact {
    /// Records from now on, in this process.
    pub fn install() -> Self {
        let exact = Self::default();
        assert!(set_global_recorder(exact.clone()).is_ok(), "no other recorder in this process: leave metrics=yes out");
        exact
    }

    /// Sorted milliseconds since the last call.
    pub fn take_ms(&self, name: &str) -> Vec<f64> {
        let values = self.histograms.lock().unwrap().get(name).cloned().unwrap_or_default();
        let mut values = mem::take(&mut *values.0.lock().unwrap());
        values.iter_mut().for_each(|seconds| *seconds *= 1_000.0);
        values.sort_by(f64::total_cmp);
        values
    }
}

impl Recorder for Exact {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        if !KEPT.contains(&key.name()) {
            return Histogram::noop();
        }
        let mut histograms = self.histograms.lock().unwrap();
        Histogram::from_arc(histograms.entry(key.name().to_owned()).or_default().clone())
    }
}
