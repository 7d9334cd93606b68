//! What the carrier needs to send a one-time code (C20).

use super::Identifier;
use crate::{db::Tx, error::Result, ids::CodeId, notifications::wording::Locale};

/// A worded code on its way. Never log it.
#[derive(Clone)]
pub struct CodeMessage {
    /// Where to: a phone by SMS, an address by e-mail.
    pub to: Identifier,
    /// Subject of a mail.
    pub title: String,
    /// The words, short enough for one SMS.
    pub text: String,
}

/// The message for this code, or none when it is used or expired, or names nobody: then there is nothing to do. Only
/// the proof of a wallet number may go to a number that is nobody's name.
///
/// # Errors
/// A fault when the database fails.
pub async fn code_to_send(tx: &mut Tx, id: CodeId) -> Result<Option<CodeMessage>> {
    let (now, org) = (tx.now(), tx.org().ok());
    let found = sqlx::query!(
        r#"select c.target, coalesce(u.locale, (select o.locale from organizations o where o.id = $3), 'fr') as "locale!"
           from one_time_codes c
           left join identities i on i.kind in ('email', 'phone') and i.issuer = '' and i.value = c.target
           left join users u on u.id = i.user_id
           where c.id = $1 and c.used_at is null and c.expires_at > $2
             and (i.user_id is not null or c.purpose = 'payout_destination')"#,
        id.0,
        now,
        org.map(|org| org.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(found) = found else { return Ok(None) };
    let code = tx.keys()?.six_digits("otp", &[id.0.as_bytes()]);
    let (title, text) = word(Locale::from_code(&found.locale), &code);
    Ok(Some(CodeMessage { to: Identifier::parse(&found.target)?, title, text }))
}

fn word(locale: Locale, code: &str) -> (String, String) {
    match locale {
        Locale::French => (
            "Votre code Teranga".to_owned(),
            format!("Teranga : votre code est {code}. Il expire dans 10 minutes. Ne le donnez à personne."),
        ),
        Locale::English => (
            "Your Teranga code".to_owned(),
            format!("Teranga: your code is {code}. It expires in 10 minutes. Do not share it with anyone."),
        ),
    }
}
