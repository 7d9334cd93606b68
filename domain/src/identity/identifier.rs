//! The names a person signs in with, normalised so that one person has one spelling (CX23, T23).

use crate::{error::Result, refusals::Refusal};
use std::fmt;

/// An e-mail address, a phone number or a username that reads right. Whether it is theirs is another question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// Lower case.
    Email(String),
    /// E.164: `+` and 7 to 15 digits.
    Phone(String),
    /// Lower case: 3 to 40 letters, digits, dots, hyphens and underscores, the first a letter. Nothing can be sent there.
    Username(String),
}

impl Identifier {
    /// Reads what a person typed: with an `@` it is an address, with a letter first a username, else a number.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] on `email`, `username` or `phone`, whatever it looks most like.
    pub fn parse(text: &str) -> Result<Self> {
        if text.contains('@') {
            Self::email(text)
        } else if text.trim().starts_with(|first: char| first.is_alphabetic()) {
            Self::username(text)
        } else {
            Self::phone(text)
        }
    }

    /// Reads an e-mail address (RFC 5322 as people use it: no quotes, no comments).
    ///
    /// # Errors
    /// [`Refusal::Invalid`] on `email`.
    pub fn email(text: &str) -> Result<Self> {
        let email = text.trim().to_ascii_lowercase();
        if is_email(&email) {
            Ok(Self::Email(email))
        } else {
            Err(Refusal::invalid("email", "must be an e-mail address").into())
        }
    }

    /// Reads a phone number.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] on `phone`.
    pub fn phone(text: &str) -> Result<Self> {
        let phone = text.trim();
        if is_phone(phone) {
            Ok(Self::Phone(phone.to_owned()))
        } else {
            Err(Refusal::invalid("phone", "must be in E.164 form, e.g. +2250700000000").into())
        }
    }

    /// Reads a username (C4, C5).
    ///
    /// # Errors
    /// [`Refusal::Invalid`] on `username`.
    pub fn username(text: &str) -> Result<Self> {
        let name = text.trim().to_ascii_lowercase();
        if is_username(&name) {
            Ok(Self::Username(name))
        } else {
            let rule = "must have 3 to 40 letters, digits, dots, hyphens or underscores, and begin with a letter";
            Err(Refusal::invalid("username", rule).into())
        }
    }

    /// As stored: `email`, `phone` or `username`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
            Self::Username(_) => "username",
        }
    }

    /// The address, number or name.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Email(value) | Self::Phone(value) | Self::Username(value) => value,
        }
    }

    /// The part of an address after the `@`.
    #[must_use]
    pub fn mail_domain(&self) -> Option<&str> {
        match self {
            Self::Email(email) => email.rsplit_once('@').map(|(_, domain)| domain),
            Self::Phone(_) | Self::Username(_) => None,
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.value())
    }
}

fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
    })
}

fn is_username(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= 254 && is_local_part(local) && is_mail_domain(domain)
}

fn is_local_part(local: &str) -> bool {
    local.len() <= 64
        && local.split('.').all(|atom| {
            !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        })
}

/// Whether `domain` reads like a mail domain: at least two labels of letters, digits and inner hyphens.
pub(crate) fn is_mail_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_e164() {
        for good in ["+2250700000000", "+1234567", " +33612345678 "] {
            assert!(Identifier::phone(good).is_ok(), "{good}");
        }
        for bad in ["0700000000", "+0700000000", "+123456", "+1234567890123456", "+225 07 00", "+22507x0000", "+", ""] {
            assert!(Identifier::phone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_username_is_told_from_a_number_and_has_one_spelling() {
        assert_eq!(Identifier::parse(" J.Doe_42 ").unwrap(), Identifier::Username("j.doe_42".into()));
        assert_eq!(Identifier::parse("+2250700000000").unwrap().kind(), "phone");
        for bad in ["ab", "0doe", "j doe", "jé", "-doe", "j/doe", &"j".repeat(41), ""] {
            assert!(Identifier::username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_address_has_one_spelling() {
        assert_eq!(
            Identifier::parse(" Awa.Kone@Example.CI ").unwrap(),
            Identifier::Email("awa.kone@example.ci".into())
        );
        for bad in
            ["@x.ci", "a@", "a@b", "a b@x.ci", "a..b@x.ci", ".a@x.ci", "a@-x.ci", "a@x..ci", "é@x.ci", "a\n@x.ci"]
        {
            assert!(Identifier::parse(bad).is_err(), "{bad}");
        }
        assert!(Identifier::email(&format!("{}@x.ci", "a".repeat(65))).is_err());
    }
}
