//! What the carriers work with: the database, the providers, the three ways to reach a person.

use crate::{desk::Desk, errand::Errand, health::Failures};
use domain::{
    db::{Db, Plans, Scope, Tx},
    error::{Fault, Result},
    ids::OrgId,
};
use integrations::{
    messages::{Mailer, MailerError, MailerSettings, Push, PushSettings, Sms, SmsSettings},
    payments::{Provider, ProviderSettings, Providers, SettingsError},
};

/// Whom to speak with. A worker that carries no messages needs no message settings.
#[derive(Debug, Clone, Default)]
pub struct EnvSettings {
    /// Every account with a payment provider.
    pub providers: Vec<ProviderSettings>,
    /// Push.
    pub push: Option<PushSettings>,
    /// SMS.
    pub sms: Option<SmsSettings>,
    /// E-mail.
    pub mail: Option<MailerSettings>,
    /// How long it is remembered how jobs ended.
    pub history: HistoryDays,
}

/// Days for which it is remembered how jobs ended; at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryDays(pub i32);

impl Default for HistoryDays {
    fn default() -> Self {
        Self(30)
    }
}

/// Settings no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// A provider account.
    #[error(transparent)]
    Provider(#[from] SettingsError),
    /// The mail server or our address.
    #[error(transparent)]
    Mail(#[from] MailerError),
    /// Push or SMS: no client can be built on this machine.
    #[error("no client for {0}")]
    Client(&'static str),
}

/// What the carriers work with.
pub struct Env {
    db: Db,
    providers: Providers,
    push: Option<Push>,
    sms: Option<Sms>,
    mail: Option<Mailer>,
    history: HistoryDays,
    failures: Failures,
    desk: Desk,
}

impl Env {
    /// Builds a client for everyone in `settings`. Call it inside the runtime.
    ///
    /// # Errors
    /// [`EnvError`] for the first settings that make no sense.
    pub fn new(db: Db, settings: EnvSettings) -> Result<Self, EnvError> {
        integrations::install_crypto();
        Ok(Self {
            db,
            providers: Providers::new(settings.providers)?,
            push: settings.push.map(Push::new).transpose().map_err(|_| EnvError::Client("push"))?,
            sms: settings.sms.map(Sms::new).transpose().map_err(|_| EnvError::Client("sms"))?,
            mail: settings.mail.map(|mail| Mailer::new(&mail)).transpose()?,
            history: settings.history,
            failures: Failures::default(),
            desk: Desk::default(),
        })
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) async fn begin(&self, errand: &Errand) -> Result<Tx> {
        self.db.begin(errand.scope()).await
    }

    /// The same, for what finds everything by key.
    pub(crate) async fn begin_by_key(&self, errand: &Errand) -> Result<Tx> {
        self.db.begin(Scope { plans: Plans::Kept, ..errand.scope() }).await
    }

    /// In another organization than the job's own: for work on a person, who may belong to several.
    pub(crate) async fn begin_in(&self, errand: &Errand, org: OrgId) -> Result<Tx> {
        self.db.begin(errand.scope_in(org)).await
    }

    pub(crate) fn history_days(&self) -> i32 {
        self.history.0
    }

    pub(crate) fn provider(&self, account: &domain::payments::AccountRef) -> Result<&Provider, Fault> {
        self.providers.to(&account.provider, &account.secret_ref)
    }

    /// Where settlements meet.
    pub(crate) fn desk(&self) -> &Desk {
        &self.desk
    }

    pub(crate) fn failures(&self) -> &Failures {
        &self.failures
    }

    pub(crate) fn push(&self) -> Result<&Push, Fault> {
        self.push.as_ref().ok_or_else(|| without("push"))
    }

    pub(crate) fn sms(&self) -> Result<&Sms, Fault> {
        self.sms.as_ref().ok_or_else(|| without("sms"))
    }

    pub(crate) fn mail(&self) -> Result<&Mailer, Fault> {
        self.mail.as_ref().ok_or_else(|| without("mail"))
    }
}

fn without(channel: &'static str) -> Fault {
    Fault::corrupt(channel, "this process was started without it")
}
