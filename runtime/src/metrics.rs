//! Measurements, kept in the process and rendered for Prometheus.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Bounds of every `*_seconds` histogram: from a cached read to a provider that hangs.
const SECONDS: [f64; 16] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Bounds of what the queue does by itself and of how long jobs run: from a claim to a walk over many people.
const WORK: [f64; 22] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    120.0, 300.0, 900.0, 1800.0,
];
/// Bounds of how late a job starts: from at once to a queue that was paused for a day.
const LATENESS: [f64; 19] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0, 1800.0, 7200.0,
    86400.0,
];
/// Samples wait in memory until someone scrapes; this often they are folded away regardless.
const UPKEEP: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<Recorder> = OnceLock::new();

struct Recorder {
    handle: PrometheusHandle,
    started: Instant,
}

/// Starts measuring, and notes which program and version this is. May be called many times in one
/// process: tests start several programs in one, and they share the recorder.
pub fn start(program: &'static str) {
    recorder();
    metrics::gauge!("build_info", "program" => program, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// The current figures, in Prometheus' text format.
#[must_use]
pub fn render() -> String {
    let recorder = recorder();
    metrics::gauge!("process_uptime_seconds").set(recorder.started.elapsed().as_secs_f64());
    recorder.handle.render()
}

fn recorder() -> &'static Recorder {
    RECORDER.get_or_init(|| {
        let bounds: [(Matcher, &[f64]); 5] = [
            (Matcher::Full("job_duration_seconds".to_owned()), &WORK),
            (Matcher::Full("queue_claim_duration_seconds".to_owned()), &WORK),
            (Matcher::Full("queue_flush_duration_seconds".to_owned()), &WORK),
            (Matcher::Full("job_lateness_seconds".to_owned()), &LATENESS),
            (Matcher::Suffix("_seconds".to_owned()), &SECONDS),
        ];
        let recorder = bounds
            .into_iter()
            .try_fold(PrometheusBuilder::new(), |builder, (metrics, bounds)| {
                builder.set_buckets_for_metric(metrics, bounds)
            })
            .expect("no list of bounds is empty")
            .build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder was installed first; /metrics will stay empty");
        }
        let upkeep = handle.clone();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(UPKEEP);
                upkeep.run_upkeep();
            }
        });
        Recorder { handle, started: Instant::now() }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn several_programs_share_one_recorder() {
        super::start("one");
        super::start("two");
        metrics::histogram!("test_wait_seconds").record(0.02);
        metrics::histogram!("job_lateness_seconds").record(3_600.0);
        metrics::histogram!("queue_claim_duration_seconds").record(0.0002);
        let text = super::render();
        assert!(text.contains(r#"job_lateness_seconds_bucket{le="7200"} 1"#), "{text}");
        assert!(text.contains(r#"queue_claim_duration_seconds_bucket{le="0.00025"} 1"#), "{text}");
        assert!(text.contains(r#"program="one""#) && text.contains(r#"program="two""#), "{text}");
        assert!(text.contains(r#"test_wait_seconds_bucket{le="0.025"} 1"#), "{text}");
        assert!(text.contains("process_uptime_seconds"), "{text}");
    }
}
