//! The letter of an invitation: load, call, record. It is marked before the call. A mail whose outcome is unknown may be
//! repeated, because it carries an id that makes the repeat recognisable; a text message may not.

use super::secret;
use crate::{
    db::Tx,
    error::{Fault, Result},
    identity::Identifier,
    ids::InvitationId,
    notifications::wording::Locale,
    organizations::load,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// A worded letter with its address. Never log it.
#[derive(Clone)]
pub struct Letter {
    /// A mailbox or a phone.
    pub to: Identifier,
    /// Subject of a mail.
    pub title: String,
    /// The words, short enough for one SMS.
    pub text: String,
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterResult {
    /// Handed over.
    Sent,
    /// The carrier will never take it: its code.
    Rejected(String),
    /// It certainly did not leave, or leaving twice does no harm: it may be tried again.
    NotSent,
}

/// Marks a letter as on its way and words it; none when there is nothing to send any more. Commit before the call.
///
/// # Errors
/// A fault when the database fails.
pub async fn start_letter(tx: &mut Tx, id: InvitationId) -> Result<Option<Letter>> {
    let (org, now) = (tx.org()?, tx.now());
    let found = sqlx::query!(
        r#"select contact_kind, contact, locale, letter, expires_at,
                  accepted_at is null and revoked_at is null and expires_at > $3 as "open!"
           from invitations where org_id = $1 and id = $2 for update"#,
        org.0,
        id.0,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(found) = found.filter(|found| found.open) else { return Ok(None) };
    match (found.letter.as_str(), found.contact_kind.as_str()) {
        ("queued", _) | ("sending", "email") => set(tx, id, "sending", None).await?,
        ("sending", _) => {
            set(tx, id, "failed", Some("outcome unknown")).await?;
            return Ok(None);
        }
        _ => return Ok(None),
    }
    let organization = load(tx).await?;
    let to = match found.contact_kind.as_str() {
        "email" => Identifier::Email(found.contact),
        "phone" => Identifier::Phone(found.contact),
        other => return Err(Fault::corrupt("invitations.contact_kind", other).into()),
    };
    let words = Words {
        organization: &organization.name,
        slug: &organization.slug,
        code: &secret(tx.keys()?.as_ref(), id),
        until: found.expires_at,
        zone: organization.timezone,
    };
    let (title, text) = words.say(Locale::from_code(&found.locale));
    Ok(Some(Letter { to, title, text }))
}

/// Records what became of a letter. Recording twice changes nothing.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_letter(tx: &mut Tx, id: InvitationId, result: &LetterResult) -> Result<()> {
    match result {
        LetterResult::Sent => set(tx, id, "sent", None).await,
        LetterResult::Rejected(code) => set(tx, id, "failed", Some(code)).await,
        LetterResult::NotSent => set(tx, id, "queued", None).await,
    }
}

async fn set(tx: &mut Tx, id: InvitationId, letter: &str, problem: Option<&str>) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update invitations set letter = $3, letter_error = left($4, 300)
         where org_id = $1 and id = $2 and letter in ('queued', 'sending')",
        org.0,
        id.0,
        letter,
        problem
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Words<'a> {
    organization: &'a str,
    slug: &'a str,
    code: &'a str,
    until: DateTime<Utc>,
    zone: Tz,
}

impl Words<'_> {
    fn say(&self, locale: Locale) -> (String, String) {
        let Self { organization, slug, code, .. } = self;
        // a long name would not leave room for the code in one text message
        let organization: String = organization.chars().take(30).collect();
        let until = self.until.with_timezone(&self.zone);
        match locale {
            Locale::French => (
                format!("{organization} vous invite"),
                format!(
                    "{organization} vous invite sur Teranga. Organisation : {slug}. Code : {code}. Jusqu'au {}.",
                    until.format("%d/%m/%Y")
                ),
            ),
            Locale::English => (
                format!("{organization} invites you"),
                format!(
                    "{organization} invites you to Teranga. Organization: {slug}. Code: {code}. Good until {}.",
                    until.format("%Y-%m-%d")
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_names_the_house_and_fits_a_text_message() {
        let words = Words {
            organization: &"Université ".repeat(10),
            slug: "universite-de-cocody",
            code: "AbCdEfGhIjKlMnOpQrStUv",
            until: DateTime::UNIX_EPOCH,
            zone: chrono_tz::UTC,
        };
        for locale in [Locale::French, Locale::English] {
            let (_, text) = words.say(locale);
            assert!(text.contains(words.code) && text.contains(words.slug) && text.chars().count() <= 160, "{text}");
        }
    }
}
