//! How people are reached: the settings of push, SMS and mail, from the environment (R1).

use crate::config::service_url;
use integrations::messages::{MailerSettings, PushSettings, ServiceAccount, SmsSettings};
use runtime::{Environment, env::Env};

const FCM_API: &str = "https://fcm.googleapis.com";
const SMS_API: &str = "https://api.orange.com";

/// Settings of all three channels.
#[derive(Clone, Debug)]
pub(crate) struct MessageSettings {
    pub push: PushSettings,
    pub sms: SmsSettings,
    pub mail: MailerSettings,
}

impl MessageSettings {
    /// Reads every channel; `None` is a stand-in, the problem is noted in `env`.
    pub fn read(env: &mut Env<'_>, environment: Environment) -> Option<Self> {
        let push = push(env, environment);
        let sms = sms(env, environment);
        let mail = MailerSettings {
            smtp_url: env.secret("SMTP_URL", 1).expose().into(),
            from: env.required("MAIL_FROM"),
            development: environment == Environment::Development,
        };
        Some(Self { push: push?, sms, mail })
    }
}

fn push(env: &mut Env<'_>, environment: Environment) -> Option<PushSettings> {
    let api_url = service_url(env, "FCM_API_URL", FCM_API, environment);
    let load = |written: &str| ServiceAccount::load(written).map_err(|error| error.to_string());
    Some(PushSettings { service_account: env.required_as("FCM_SERVICE_ACCOUNT", load)?, api_url })
}

fn sms(env: &mut Env<'_>, environment: Environment) -> SmsSettings {
    SmsSettings {
        api_url: service_url(env, "SMS_API_URL", SMS_API, environment),
        client_id: env.required("SMS_CLIENT_ID"),
        client_secret: env.secret("SMS_CLIENT_SECRET", 8).expose().into(),
        sender: env.required("SMS_SENDER"),
        sender_name: env.optional("SMS_SENDER_NAME"),
    }
}
