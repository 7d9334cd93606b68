//! Somebody has something to say to many (R2): what is said and to whom is checked and kept; a job does the telling.

use super::Audience;
use crate::{
    audit::Change, db::Tx, error::Result, ids::*, jobs::Notifications, notifications::Channel, operations,
    refusals::Refusal,
};
use serde_json::json;

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 120;
/// Longest body, in characters.
const LONGEST_BODY: usize = 4_000;
/// What fits into three text messages: who wants to say more by SMS says it twice.
const LONGEST_SMS: usize = 459;

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// For those who read French.
    pub french: String,
    /// For those who read English.
    pub english: String,
}

/// What to say, to whom, and how.
#[derive(Debug, Clone)]
pub struct NewBroadcast {
    /// Who says it.
    pub sender: UserId,
    /// To whom.
    pub audience: Audience,
    /// 1 to 120 printable characters.
    pub subject: Text,
    /// 1 to 4000 characters; lines may end.
    pub body: Text,
    /// `push`, `email` and `sms`, or none of them: in the app it is told in any case.
    pub channels: Vec<String>,
}

/// Keeps the broadcast and opens its operation; a carrier tells everybody.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; [`Refusal::NotFound`] when there is no such audience.
pub async fn send(tx: &mut Tx, new: &NewBroadcast) -> Result<OperationId> {
    let subject = checked(&new.subject, "subject", LONGEST_SUBJECT, false)?;
    let body = checked(&new.body, "body", LONGEST_BODY, true)?;
    let channels = checked_channels(&new.channels, &subject, &body)?;
    new.audience.check(tx).await?;
    let (org, id) = (tx.org()?, BroadcastId::new());
    let operation = operations::open(tx, "broadcast", "broadcast", id.into()).await?;
    let (audience, role, site, members) = new.audience.columns();
    sqlx::query!(
        "insert into broadcasts (org_id, id, operation_id, sender_id, audience, role, site_id, member_ids, subject_fr,
                                 subject_en, body_fr, body_en, channels)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        org.0,
        id.0,
        operation.0,
        new.sender.0,
        audience,
        role,
        site,
        &members,
        subject.french,
        subject.english,
        body.french,
        body.english,
        &channels
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::created(
        "broadcast",
        id,
        json!({ "audience": audience, "role": role, "site_id": site, "members": members.len(), "channels": channels,
                "subject": { "fr": subject.french, "en": subject.english } }),
    ));
    tx.enqueue(&Notifications::SendBroadcast { operation });
    Ok(operation)
}

fn checked(text: &Text, field: &str, most: usize, lines: bool) -> Result<Text> {
    let check = |text: &str| {
        let text = text.trim().replace("\r\n", "\n");
        let odd = text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\t')));
        if odd || !(1..=most).contains(&text.chars().count()) {
            let problem = format!("must have 1 to {most} printable characters in every language");
            return Err(Refusal::invalid(field, problem));
        }
        Ok(text)
    };
    Ok(Text { french: check(&text.french)?, english: check(&text.english)? })
}

/// Each channel once, in the order of their names.
fn checked_channels(channels: &[String], subject: &Text, body: &Text) -> Result<Vec<String>> {
    if channels.iter().any(|channel| Channel::from_code(channel).is_none()) {
        return Err(Refusal::invalid("channels", "must be push, email and sms, or none of them").into());
    }
    let mut channels = channels.to_vec();
    channels.sort_unstable();
    channels.dedup();
    let length = |subject: &str, body: &str| subject.chars().count() + body.chars().count() + " : ".len();
    let longest = length(&subject.french, &body.french).max(length(&subject.english, &body.english));
    if channels.iter().any(|channel| channel == "sms") && longest > LONGEST_SMS {
        let problem = format!("by sms, subject and body have at most {LONGEST_SMS} characters together");
        return Err(Refusal::invalid("body", problem).into());
    }
    Ok(channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text { french: text.into(), english: text.into() }
    }

    #[test]
    fn a_subject_is_one_line_and_a_body_may_be_several() {
        assert_eq!(checked(&text(" Fermé \r\ndemain "), "body", 100, true).unwrap(), text("Fermé \ndemain"));
        assert!(checked(&text("Fermé\ndemain"), "subject", 100, false).is_err());
        assert!(checked(&text("a\u{7}"), "body", 100, true).is_err());
        for (length, good) in [(0, false), (1, true), (100, true), (101, false)] {
            assert_eq!(checked(&text(&"é".repeat(length)), "body", 100, true).is_ok(), good, "{length}");
        }
    }

    #[test]
    fn by_sms_one_says_little() {
        let channels = |names: &[&str], body: usize| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            checked_channels(&names, &text("Fermé"), &text(&"a".repeat(body)))
        };
        assert_eq!(channels(&["sms", "email", "sms"], 451).unwrap(), ["email", "sms"]);
        assert!(channels(&["sms"], 452).is_err());
        assert!(channels(&["email"], 4_000).is_ok());
        assert!(channels(&["pigeon"], 1).is_err());
        assert!(channels(&[], 1).unwrap().is_empty());
    }
}
