//! Carries one message on one channel (Q1). It is marked before the call, so that nothing leaves twice unnoticed: a
//! push replaces its predecessor, a mail repeats its id, and a text message whose outcome is unknown is not repeated.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::{Fault, Result},
    ids::DeliveryId,
    notifications::{self, Channel, DeliveryResult, Departure, Parcel},
};
use integrations::messages::{Email, PushMessage, SendAnswer};

/// Load, call, record.
///
/// # Errors
/// A fault when the carrier is away; the next run repeats or closes the message, as its channel allows.
pub async fn run(env: &Env, errand: &Errand, delivery: DeliveryId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let parcel = match notifications::start_delivery(&mut tx, delivery).await? {
        Departure::Now(parcel) => parcel,
        Departure::Nothing => return errand.finish(tx).await, // loading may have dropped it
        Departure::Later(wait) => {
            tx.commit().await?;
            return Ok(Outcome::Again(wait.to_std().unwrap_or_default()));
        }
    };
    tx.commit().await?;

    let answer = send(env, &parcel).await;
    count(parcel.channel, &answer);

    let mut tx = env.begin(errand).await?;
    match answer {
        Ok(answer) => {
            notifications::record_delivery(&mut tx, delivery, &result(answer)).await?;
            errand.finish(tx).await
        }
        Err(fault) => {
            if may_repeat(parcel.channel, &fault) {
                notifications::record_delivery(&mut tx, delivery, &DeliveryResult::NotSent).await?;
                tx.commit().await?;
            }
            Err(fault.into())
        }
    }
}

async fn send(env: &Env, parcel: &Parcel) -> Result<SendAnswer, Fault> {
    match parcel.channel {
        Channel::Push => {
            let message = PushMessage {
                device_token: parcel.address.clone(),
                title: parcel.title.clone(),
                body: parcel.body.clone(),
                data: parcel.data.clone(),
                collapse_key: Some(parcel.collapse_key.clone()),
            };
            env.push()?.send(&message).await
        }
        Channel::Email => {
            let email = Email {
                to: parcel.address.clone(),
                subject: parcel.title.clone(),
                text: parcel.body.clone(),
                html: None,
                message_id: parcel.message_id.clone(),
            };
            env.mail()?.send(&email).await
        }
        Channel::Sms => env.sms()?.send(&parcel.address, &parcel.body).await,
    }
}

fn result(answer: SendAnswer) -> DeliveryResult {
    match answer {
        SendAnswer::Sent { provider_message_id } => DeliveryResult::Sent(provider_message_id),
        SendAnswer::Gone => DeliveryResult::Gone,
        SendAnswer::Rejected { code, .. } => DeliveryResult::Rejected { code },
    }
}

/// A repeated push or mail is recognisable. A text message is repeated only when it certainly did not leave: nobody
/// was asked, or the carrier named a time to come back.
fn may_repeat(channel: Channel, fault: &Fault) -> bool {
    match (channel, fault) {
        (Channel::Push | Channel::Email, _) => true,
        (Channel::Sms, Fault::Remote { retry_after, .. }) => retry_after.is_some(),
        (Channel::Sms, _) => true,
    }
}

fn count(channel: Channel, answer: &Result<SendAnswer, Fault>) {
    let channel = match channel {
        Channel::Push => "push",
        Channel::Email => "email",
        Channel::Sms => "sms",
    };
    let outcome = match answer {
        Ok(SendAnswer::Sent { .. }) => "sent",
        Ok(SendAnswer::Gone) => "gone",
        Ok(SendAnswer::Rejected { code, .. }) => {
            tracing::warn!(channel, code, "the carrier will never take this message");
            "rejected"
        }
        Err(_) => "fault",
    };
    metrics::counter!("deliveries_total", "channel" => channel, "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_text_message_of_unknown_outcome_is_not_repeated() {
        let silent = Fault::remote("sms", "timeout");
        let busy = Fault::Remote { service: "sms", problem: "429".into(), retry_after: Some(Duration::from_secs(1)) };
        assert!(!may_repeat(Channel::Sms, &silent));
        assert!(may_repeat(Channel::Sms, &busy));
        assert!(may_repeat(Channel::Sms, &Fault::corrupt("sms", "not configured")), "nobody was asked");
        assert!(may_repeat(Channel::Email, &silent));
        assert!(may_repeat(Channel::Push, &silent));
    }
}
