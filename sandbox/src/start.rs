//! Starting and stopping a sandbox.

use crate::routes;
use crate::sandbox::Sandbox;
use crate::service_account::ServiceAccount;
use crate::settings::Settings;
use crate::smtp;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Wave waits this long for the answer to a webhook (PROVIDERS §1.7).
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(5);

/// A sandbox that answers; dropping it stops it.
#[derive(Debug)]
pub struct Running {
    sandbox: Sandbox,
    /// Where HTTP is answered.
    pub http: SocketAddr,
    /// Where SMTP is answered.
    pub smtp: SocketAddr,
    stopping: CancellationToken,
    serving: Option<JoinHandle<io::Result<()>>>,
}

impl Sandbox {
    /// Start a sandbox of its own; many may run in one process.
    ///
    /// # Errors
    /// When an address is taken or not ours, or no HTTP client can be built.
    pub async fn start(settings: Settings) -> io::Result<Running> {
        Self::start_until(settings, &CancellationToken::new()).await
    }

    /// Start a sandbox that also stops when `stopping` is cancelled.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub async fn start_until(settings: Settings, stopping: &CancellationToken) -> io::Result<Running> {
        integrations::install_crypto();
        let stopping = stopping.child_token();
        let http = runtime::listen(settings.http_listen).await?;
        let smtp = runtime::listen(settings.smtp_listen).await?;
        let (http_address, smtp_address) = (http.local_addr()?, smtp.local_addr()?);
        let bound = || format!("http://{http_address}");
        let public_url = settings.public_url.clone().unwrap_or_else(bound).trim_end_matches('/').to_owned();
        let client = reqwest::Client::builder()
            .timeout(WEBHOOK_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(io::Error::other)?;
        let sandbox = Self::new(settings, public_url, client, stopping.clone());
        tokio::spawn(smtp::serve(sandbox.clone(), smtp));
        let router = routes::all(&sandbox);
        let serving = tokio::spawn(runtime::serve(http, router, stopping.clone()));
        Ok(Running { sandbox, http: http_address, smtp: smtp_address, stopping, serving: Some(serving) })
    }
}

impl Running {
    /// The base URL of every HTTP provider played here, e.g. for `WAVE_API_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The value for `SMTP_URL`.
    #[must_use]
    pub fn smtp_url(&self) -> String {
        format!("smtp://{}", self.smtp)
    }

    /// The test service account as JSON, for `FCM_SERVICE_ACCOUNT`: its key is the one [`Settings::default`] trusts
    /// and its tokens come from here.
    #[must_use]
    pub fn service_account(&self) -> String {
        ServiceAccount::for_tests(&format!("{}/token", self.url())).to_json()
    }

    /// Wait until it has stopped by itself or by its token.
    ///
    /// # Errors
    /// When its HTTP listener failed.
    pub async fn finished(mut self) -> io::Result<()> {
        match self.serving.take() {
            Some(serving) => serving.await.map_err(io::Error::other)?,
            None => Ok(()),
        }
    }
}

impl Deref for Running {
    type Target = Sandbox;
    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
