//! What people and organizations may be called, and where they may live (T23).

pub(crate) use super::identifier::is_mail_domain;
use crate::{error::Result, refusals::Refusal};

/// A name without surrounding blanks, control characters or excess length.
pub(crate) fn checked_name(field: &str, name: &str, most: usize) -> Result<String> {
    let name = name.trim();
    if name.chars().count() > most || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(field, format!("must have at most {most} printable characters")).into());
    }
    Ok(name.to_owned())
}

/// A language we word messages in.
pub(crate) fn checked_locale(locale: &str) -> Result<String> {
    match locale {
        "fr" | "en" => Ok(locale.to_owned()),
        _ => Err(Refusal::invalid("locale", "must be fr or en").into()),
    }
}

/// A zone of the IANA database.
pub(crate) fn checked_timezone(zone: &str) -> Result<String> {
    match zone.parse::<chrono_tz::Tz>() {
        Ok(zone) => Ok(zone.name().to_owned()),
        Err(_) => Err(Refusal::invalid("timezone", "must be an IANA zone, e.g. Africa/Abidjan").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_bounded_and_printable() {
        assert_eq!(checked_name("full_name", " Awa Koné ", 200).unwrap(), "Awa Koné");
        assert!(checked_name("full_name", &"é".repeat(200), 200).is_ok());
        assert!(checked_name("full_name", &"é".repeat(201), 200).is_err());
        assert!(checked_name("full_name", "Awa\nSubject: x", 200).is_err());
    }

    #[test]
    fn zones_and_languages_are_known_ones() {
        assert_eq!(checked_timezone("Africa/Abidjan").unwrap(), "Africa/Abidjan");
        assert!(checked_timezone("Africa/Wakanda").is_err());
        assert!(checked_locale("de").is_err());
    }
}
