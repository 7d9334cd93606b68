//! Carries an invitation to somebody who has no account yet (SN4). It is marked before the call: a mail repeats its id,
//! a text message whose outcome is unknown is not repeated.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::{Fault, Result},
    identity::Identifier,
    ids::InvitationId,
    organizations::invitations::{self, Letter, LetterResult},
};
use integrations::messages::{Email, SendAnswer};

/// Load, call, record.
///
/// # Errors
/// A fault when the carrier is away; the next run repeats or closes the letter, as its channel allows.
pub async fn run(env: &Env, errand: &Errand, invitation: InvitationId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(letter) = invitations::start_letter(&mut tx, invitation).await? else {
        return errand.finish(tx).await; // loading may have closed it
    };
    tx.commit().await?;

    let answer = send(env, invitation, &letter).await;

    let mut tx = env.begin(errand).await?;
    match answer {
        Ok(answer) => {
            invitations::record_letter(&mut tx, invitation, &result(answer)).await?;
            errand.finish(tx).await
        }
        Err(fault) => {
            if may_repeat(&letter.to, &fault) {
                invitations::record_letter(&mut tx, invitation, &LetterResult::NotSent).await?;
                tx.commit().await?;
            }
            Err(fault.into())
        }
    }
}

async fn send(env: &Env, invitation: InvitationId, letter: &Letter) -> Result<SendAnswer, Fault> {
    match &letter.to {
        Identifier::Phone(phone) => env.sms()?.send(phone, &letter.text).await,
        Identifier::Email(to) => {
            let email = Email {
                to: to.clone(),
                subject: letter.title.clone(),
                text: letter.text.clone(),
                html: None,
                message_id: invitation.to_string(),
            };
            env.mail()?.send(&email).await
        }
        Identifier::Username(_) => Err(Fault::corrupt("invitations", "nothing can be sent to a username")),
    }
}

fn result(answer: SendAnswer) -> LetterResult {
    match answer {
        SendAnswer::Sent { .. } => LetterResult::Sent,
        SendAnswer::Gone => LetterResult::Rejected("address gone".to_owned()),
        SendAnswer::Rejected { code, .. } => LetterResult::Rejected(code),
    }
}

/// A text message is sent again only when it certainly did not leave: nobody was asked, or the carrier named a time to
/// come back.
fn may_repeat(to: &Identifier, fault: &Fault) -> bool {
    match (to, fault) {
        (Identifier::Phone(_), Fault::Remote { retry_after, .. }) => retry_after.is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_message_of_unknown_outcome_is_not_repeated() {
        let silent = Fault::remote("sms", "timeout");
        assert!(!may_repeat(&Identifier::Phone("+2250700000001".into()), &silent));
        assert!(may_repeat(&Identifier::Email("a@b.ci".into()), &silent));
    }
}
