//! The apalis `Backend`: a door through which claimed jobs reach the worker.
//!
//! Fetching, leasing and acknowledging live in tasks of their own (`fetcher`, `lease`, `acknowledger`), so that an
//! apalis worker that is restarted takes up the same jobs. The kind is `Ephemeral`: jobs arrive here decoded, and one
//! that cannot be decoded never ends the worker.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{Task, task_id::RandomId},
    worker::context::WorkerContext,
};
use tokio::sync::mpsc;
use tower::layer::util::Identity;

use crate::layers::Running;

/// The receiving end of the fetcher, kept when the worker around it is restarted.
#[derive(Debug)]
pub(crate) struct Door<J> {
    jobs: Arc<Mutex<mpsc::UnboundedReceiver<Running<J>>>>,
}

impl<J> Door<J> {
    pub(crate) fn new(jobs: mpsc::UnboundedReceiver<Running<J>>) -> Self {
        Self { jobs: Arc::new(Mutex::new(jobs)) }
    }
}

impl<J> Clone for Door<J> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone() }
    }
}

impl<J: Send + 'static> Backend for Door<J> {
    type Task = Task<Running<J>>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Infallible>>> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.poll_recv(cx).map(|job| job.map(|job| Ok(Task::new(job))))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl<J> BackendConfig for Door<J> {
    type Args = Running<J>;
    type Id = RandomId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
