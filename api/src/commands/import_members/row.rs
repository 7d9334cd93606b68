//! One person as a file describes them.

use super::csv;
use chrono::NaiveDate;
use domain::{
    error::Result,
    identity::{Brought, Identifier, ProfilePatch},
    organizations::members::{PRIORITIES, Place},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The fields a line may have; at least an e-mail address or a phone number.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    email: Option<String>,
    phone: Option<String>,
    username: Option<String>,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    gender: Option<String>,
    birthdate: Option<NaiveDate>,
    locale: Option<String>,
    /// A role of the organization; its default one when there is none.
    role: Option<String>,
    /// Permissions on top of it, with `;` between them.
    extra_permissions: Option<String>,
    priority: Option<String>,
    service: Option<String>,
    /// `salt$hash` of PBKDF2-HMAC-SHA256, 100 000 iterations.
    password_hash: Option<String>,
}

/// The number of a line, and who stands on it or what is wrong with it.
pub type Line = (usize, std::result::Result<Row, String>);

/// One object a line.
pub fn of_json(text: &str) -> Vec<Line> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| (at + 1, serde_json::from_str(line).map_err(|problem| told(&problem)))).collect()
}

/// The names of the fields on the first line, one person on each other.
pub fn of_csv(text: &str) -> std::result::Result<Vec<Line>, String> {
    let mut records = csv::records(text)?.into_iter();
    let Some((_, names)) = records.next() else { return Ok(Vec::new()) };
    let read = |record: Vec<String>| {
        if record.len() != names.len() {
            return Err(format!("has {} fields instead of {}", record.len(), names.len()));
        }
        let filled = names.iter().cloned().zip(record).filter(|(_, value)| !value.is_empty());
        let object: Map<String, Value> = filled.map(|(name, value)| (name, Value::String(value))).collect();
        serde_json::from_value(Value::Object(object)).map_err(|problem| told(&problem))
    };
    Ok(records.map(|(line, record)| (line, read(record))).collect())
}

/// What is wrong, without the value that is: it is personal.
fn told(problem: &serde_json::Error) -> String {
    let text = problem.to_string();
    let named = ["unknown field `", "missing field `", "duplicate field `"].iter().any(|start| text.starts_with(start));
    if named { text.split(", expected").next().unwrap_or_default().to_owned() } else { "cannot be read".to_owned() }
}

impl Row {
    /// The person a rule can take.
    ///
    /// # Errors
    /// `validation_error` naming the field.
    pub fn brought(self, proved: bool) -> Result<Brought> {
        let identifiers = [
            self.email.as_deref().map(Identifier::email),
            self.phone.as_deref().map(Identifier::phone),
            self.username.as_deref().map(Identifier::username),
        ];
        let profile = ProfilePatch {
            full_name: self.full_name,
            first_name: self.first_name,
            last_name: self.last_name,
            gender: self.gender,
            birthdate: self.birthdate,
            locale: self.locale,
            ..ProfilePatch::default()
        };
        let extra = self.extra_permissions.unwrap_or_default();
        let place = Place {
            roles: self.role.into_iter().collect(),
            extra_permissions: extra
                .split(';')
                .map(str::trim)
                .filter(|one| !one.is_empty())
                .map(str::to_owned)
                .collect(),
            priority: self.priority.unwrap_or_else(|| PRIORITIES[0].to_owned()),
            service: self.service,
            ..Place::default()
        };
        Ok(Brought {
            identifiers: identifiers.into_iter().flatten().collect::<Result<_>>()?,
            proved,
            profile,
            password_hash: self.password_hash,
            place,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_file_say_the_same() {
        let csv = "email,first_name,extra_permissions\nawa@x.ci,Awa,audit:read; user:read\n";
        let json = r#"{"email":"awa@x.ci","first_name":"Awa","extra_permissions":"audit:read;user:read"}"#;
        for (_, row) in of_csv(csv).unwrap().into_iter().chain(of_json(json)) {
            let brought = row.unwrap().brought(false).unwrap();
            assert_eq!(brought.identifiers, [Identifier::Email("awa@x.ci".into())]);
            assert_eq!(brought.place.extra_permissions, ["audit:read", "user:read"]);
        }
    }

    #[test]
    fn a_slip_is_told_without_the_words_on_the_line() {
        let problem = |text: &str| of_json(text).remove(0).1.unwrap_err();
        assert_eq!(problem(r#"{"e-mail":"awa@x.ci"}"#), "unknown field `e-mail`");
        assert_eq!(problem(r#"{"birthdate":"awa@x.ci"}"#), "cannot be read");
        assert_eq!(of_csv("email,phone\nawa@x.ci\n").unwrap().remove(0).1.unwrap_err(), "has 1 fields instead of 2");
    }
}
