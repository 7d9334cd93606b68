//! Sends a one-time code (C20). Whoever waits for it asks for another; we do not send it twice on a guess
//! (PROVIDERS §6.2).

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::{Fault, Result},
    identity::{self, CodeMessage, Identifier},
    ids::CodeId,
};
use integrations::messages::{Email, SendAnswer};
use std::time::Duration;

/// Below the kind's own limit, which would have the job repeated.
const LONGEST_CALL: Duration = Duration::from_secs(15);

/// Load and call; there is nothing to record.
///
/// # Errors
/// A fault when the database fails before the call. After it, trouble is counted and the job is over.
pub async fn run(env: &Env, errand: &Errand, code: CodeId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(message) = identity::code_to_send(&mut tx, code).await? else { return Ok(Outcome::Done) };
    tx.commit().await?;

    let channel = message.to.kind();
    let problem = match tokio::time::timeout(LONGEST_CALL, send(env, code, message)).await {
        Ok(Ok(SendAnswer::Sent { .. })) => return Ok(Outcome::Done),
        Ok(Ok(SendAnswer::Gone)) => "address gone".to_owned(),
        Ok(Ok(SendAnswer::Rejected { code, .. })) => code,
        Ok(Err(fault)) => fault.to_string(),
        Err(_) => "timeout".to_owned(),
    };
    metrics::counter!("codes_not_sent_total", "channel" => channel).increment(1);
    tracing::warn!(channel, problem, "a one-time code may not have arrived");
    Ok(Outcome::Done)
}

async fn send(env: &Env, code: CodeId, message: CodeMessage) -> Result<SendAnswer, Fault> {
    match message.to {
        Identifier::Phone(phone) => env.sms()?.send(&phone, &message.text).await,
        Identifier::Email(to) => {
            let email =
                Email { to, subject: message.title, text: message.text, html: None, message_id: code.to_string() };
            env.mail()?.send(&email).await
        }
        Identifier::Username(_) => Err(Fault::corrupt("one_time_codes", "nothing can be sent to a username")),
    }
}
