//! The tower layers around a handler, outermost first: acknowledge, trace, catch panics, hold to the deadline.
//!
//! The acknowledgement is outermost, so that a panic and a missed deadline end like any other fault.

use std::{
    any::Any,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use apalis::layers::catch_panic::CatchPanicLayer;
use apalis_core::{error::BoxDynError, task::Task};
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::OwnedSemaphorePermit;
use tower::{Service, ServiceBuilder};
use tracing::Instrument;

use crate::{
    Job, JobFamily, Verdict,
    acknowledge::{Ack, Outcome},
    room::Room,
};

/// A job on its way to the handler, and the place it takes up.
#[derive(Debug)]
pub(crate) struct Running<J> {
    pub job: Job<J>,
    pub place: Place,
}

/// A place in the runner's room, counted in `jobs_in_flight` until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    queue: &'static str,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    pub(crate) fn new(queue: &'static str, permit: OwnedSemaphorePermit) -> Self {
        metrics::gauge!("jobs_in_flight", "queue" => queue).increment(1.0);
        Self { queue, _permit: permit }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("jobs_in_flight", "queue" => self.queue).decrement(1.0);
    }
}

type Result<T> = std::result::Result<T, BoxDynError>;

/// The whole stack around `handler`: what the runner gives to its apalis worker, and what `drain` calls itself.
pub(crate) fn stack<J, H, F>(
    room: Arc<Room>,
    handler: H,
) -> impl Service<Task<Running<J>>, Response = (), Error = BoxDynError, Future = BoxFuture<'static, Result<()>>>
+ Clone
+ Send
+ 'static
where
    J: JobFamily,
    H: Fn(Job<J>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Verdict> + Send + 'static,
{
    let guarded = ServiceBuilder::new()
        .layer(CatchPanicLayer::with_panic_handler(panicked as fn(&Box<dyn Any + Send>) -> BoxDynError))
        .service(Carrier { handler });
    Acknowledged { inner: guarded, room }
}

fn panicked(panic: &Box<dyn Any + Send>) -> BoxDynError {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    format!("panicked: {text}").into()
}

/// Calls the handler, for no longer than the policy of the job's kind allows.
#[derive(Clone)]
struct Carrier<H> {
    handler: H,
}

impl<J, H, F> Service<Task<Job<J>>> for Carrier<H>
where
    J: JobFamily,
    H: Fn(Job<J>) -> F,
    F: Future<Output = Verdict> + Send + 'static,
{
    type Response = Verdict;
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<Verdict>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<Job<J>>) -> Self::Future {
        let (job, _) = task.take();
        let deadline = J::policy(job.job.kind()).timeout;
        let run = (self.handler)(job);
        async move {
            match tokio::time::timeout(deadline, run).await {
                Ok(verdict) => Ok(verdict),
                Err(_) => Err(format!("took longer than {deadline:?}").into()),
            }
        }
        .boxed()
    }
}

/// Runs the job in its span and hands on how it ended.
#[derive(Clone)]
struct Acknowledged<S> {
    inner: S,
    room: Arc<Room>,
}

impl<J, S> Service<Task<Running<J>>> for Acknowledged<S>
where
    J: JobFamily,
    S: Service<Task<Job<J>>, Response = Verdict, Error = BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<()>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, task: Task<Running<J>>) -> Self::Future {
        let (Running { job, place }, _) = task.take();
        let (lease, attempt, kind) = (job.lease, job.attempt, job.job.kind());
        let span = tracing::info_span!(
            "job",
            job = %job.id,
            queue = J::QUEUE,
            kind,
            attempt,
            trace_id = job.trace.as_deref().and_then(trace_id),
        );
        let room = self.room.clone();
        let run = span.in_scope(|| self.inner.call(Task::new(job)));
        async move {
            let started = Instant::now();
            let outcome = judge::<J>(kind, attempt, run.await);
            let duration = started.elapsed();
            report(J::QUEUE, kind, &outcome, duration);
            // The receiver outlives every carrier; if it is gone the process ends and the lease frees the job.
            let _ = room.acks.send(Ack { lease, outcome, duration });
            drop(place);
            Ok(())
        }
        .instrument(span)
        .boxed()
    }
}

/// The trace id within a W3C `traceparent`.
fn trace_id(traceparent: &str) -> Option<&str> {
    traceparent.split('-').nth(1).filter(|id| id.len() == 32)
}

fn judge<J: JobFamily>(kind: &str, attempt: u32, ended: Result<Verdict>) -> Outcome {
    let (error, after) = match ended {
        Ok(Verdict::Done) => return Outcome::Done,
        Ok(Verdict::DoneInTransaction) => return Outcome::InTransaction,
        Ok(Verdict::Again(delay)) => return Outcome::Again(delay),
        Ok(Verdict::Stop { reason }) => return Outcome::Dead { reason },
        Ok(Verdict::Retry { error, after }) => (error, after),
        Err(fault) => (fault.to_string(), None),
    };
    let policy = J::policy(kind);
    if attempt >= policy.max_attempts {
        return Outcome::Dead { reason: error };
    }
    Outcome::Retry { error, delay: after.unwrap_or_else(|| policy.delay(attempt)) }
}

fn report(queue: &'static str, kind: &'static str, outcome: &Outcome, duration: Duration) {
    let ended = outcome.label();
    metrics::counter!("jobs_finished_total", "queue" => queue, "kind" => kind, "outcome" => ended).increment(1);
    metrics::histogram!("job_duration_seconds", "queue" => queue, "kind" => kind).record(duration.as_secs_f64());
    match outcome {
        Outcome::Dead { reason } => {
            metrics::counter!("jobs_dead_total", "queue" => queue, "kind" => kind).increment(1);
            tracing::error!(reason, "job is dead");
        }
        Outcome::Retry { error, delay } => tracing::warn!(error, ?delay, "job failed, will be tried again"),
        _ => tracing::debug!(outcome = ended, ?duration, "job ended"),
    }
}
