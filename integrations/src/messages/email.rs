//! E-mail by SMTP (PROVIDERS §6.1). A repeat after a fault carries the same Message-ID, so mailboxes can tell.

use super::SendAnswer;
use crate::{http, secret::Secret};
use domain::error::Fault;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp,
};
use std::{
    error::Error as _,
    net::IpAddr,
    time::{Duration, Instant},
};

const SERVICE: &str = "email";

/// How long one SMTP command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the whole conversation may take.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Where to hand mail over, and as whom.
#[derive(Debug, Clone)]
pub struct MailerSettings {
    /// `smtps://user:pass@host`, or `smtp://…?tls=required`; user and password percent-encoded.
    pub smtp_url: Secret,
    /// E.g. `Teranga <no-reply@teranga.test>`.
    pub from: String,
    /// Only in development may mail travel unencrypted to another host.
    pub development: bool,
}

/// One mail to one person.
#[derive(Debug, Clone)]
pub struct Email {
    /// The receiver's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The same words for readers that show HTML.
    pub html: Option<String>,
    /// Stable across repeats: the delivery's id. Our domain is added when it has none.
    pub message_id: String,
}

/// Settings that no mail can be sent with.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// Not a URL lettre understands. The URL itself is not shown: it may hold a password.
    #[error("SMTP_URL is not of the form smtps://user:pass@host or smtp://host?tls=required")]
    Url,
    /// Mail would travel in the clear.
    #[error("SMTP_URL would send mail unencrypted to another host: use smtps:// or ?tls=required")]
    Unencrypted,
    /// Not an address.
    #[error("MAIL_FROM is not an address: {0}")]
    From(#[from] lettre::address::AddressError),
}

/// The mail carrier.
#[derive(Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A mailer with a pool of connections; they are opened when needed. Call it inside the runtime.
    ///
    /// # Errors
    /// [`MailerError`] when the settings are wrong or unsafe.
    pub fn new(settings: &MailerSettings) -> Result<Self, MailerError> {
        crate::install_crypto();
        let url = reqwest::Url::parse(settings.smtp_url.expose()).map_err(|_| MailerError::Url)?;
        if !is_encrypted(&url) && !is_this_machine(&url) && !settings.development {
            return Err(MailerError::Unencrypted);
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(settings.smtp_url.expose())
            .map_err(|_| MailerError::Url)?
            .timeout(Some(COMMAND_TIMEOUT))
            .build();
        Ok(Self { transport, from: settings.from.parse()? })
    }

    /// Hands one mail over.
    ///
    /// # Errors
    /// A fault when the server is away, busy, slow or refuses *us*; after a fault the mail may have gone out.
    pub async fn send(&self, email: &Email) -> Result<SendAnswer, Fault> {
        let message = match self.compose(email) {
            Ok(message) => message,
            Err(why) => return Ok(SendAnswer::rejected("invalid-message", &why)),
        };
        let began = Instant::now();
        let result = tokio::time::timeout(TOTAL_TIMEOUT, self.transport.send(message)).await;
        let (outcome, answer) = match result {
            Ok(Ok(_)) => ("ok", Ok(SendAnswer::Sent { provider_message_id: Some(self.message_id(email)) })),
            Ok(Err(error)) => judge(&error, &email.to),
            Err(_) => ("timeout", Err(Fault::remote(SERVICE, "timeout"))),
        };
        http::record(SERVICE, "send", outcome, began);
        answer
    }

    fn compose(&self, email: &Email) -> Result<Message, String> {
        let to = email.to.parse().map(|address| Mailbox::new(None, address)).map_err(|e| format!("address: {e}"))?;
        let builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&email.subject)
            .message_id(Some(self.message_id(email)));
        let message = match &email.html {
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(email.text.clone(), html.clone())),
            None => builder.header(lettre::message::header::ContentType::TEXT_PLAIN).body(email.text.clone()),
        };
        message.map_err(|e| e.to_string())
    }

    /// `<id@our.domain>`; only characters that cannot end the header or the id.
    fn message_id(&self, email: &Email) -> String {
        let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.@+".contains(*c);
        let id: String = email.message_id.chars().filter(plain).collect();
        if id.contains('@') { format!("<{id}>") } else { format!("<{id}@{}>", self.from.email.domain()) }
    }
}

fn is_encrypted(url: &reqwest::Url) -> bool {
    // Opportunistic TLS is no TLS as soon as somebody in between wants it so.
    url.scheme() == "smtps" || url.query_pairs().any(|(key, value)| key == "tls" && value == "required")
}

fn is_this_machine(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
}

/// A permanent no is about the mail, unless its code is about us: refused credentials or commands must not mark
/// everybody's mail as undeliverable.
fn judge(error: &smtp::Error, to: &str) -> (&'static str, Result<SendAnswer, Fault>) {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    let about_us = matches!(code.as_str(), "500" | "502" | "503" | "504" | "521" | "530" | "534" | "535" | "538");
    let (outcome, problem) = match error {
        e if e.is_permanent() && !about_us => {
            let words = e.source().map(ToString::to_string).unwrap_or_default().replace(to, "***");
            return ("refused", Ok(SendAnswer::rejected(code, &words)));
        }
        e if e.is_permanent() => ("unauthorized", format!("{code} the server refuses us")),
        e if e.is_transient() => ("throttled", format!("{code} try later")),
        e if e.is_timeout() => ("timeout", "timeout".to_owned()),
        e if e.is_tls() => ("failed", "no TLS".to_owned()),
        e if e.is_client() => ("unauthorized", "the server lacks what we need: STARTTLS or a login we know".to_owned()),
        _ => ("unreachable", "connection".to_owned()),
    };
    (outcome, Err(Fault::remote(SERVICE, problem)))
}

#[cfg(test)]
#[path = "email_tests.rs"]
mod tests;
