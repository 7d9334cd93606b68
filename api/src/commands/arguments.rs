//! `--name value` and `--switch`, no more.

use std::collections::BTreeMap;

/// The words after the command.
#[derive(Debug)]
pub struct Arguments {
    values: BTreeMap<String, String>,
}

const SWITCHES: [&str; 2] = ["if-missing", "operator"];
const VALUES: [&str; 9] = [
    "slug",
    "name",
    "timezone",
    "currency",
    "locale",
    "registration",
    "admin-email",
    "admin-password-env",
    "wave-account-ref",
];

impl Arguments {
    /// Reads the words.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn parse(words: &[String]) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| format!("{word} is not an option"))?;
            let value = match (SWITCHES.contains(&name), VALUES.contains(&name)) {
                (true, _) => String::new(),
                (_, true) => words.next().cloned().ok_or_else(|| format!("--{name} needs a value"))?,
                _ => return Err(format!("--{name} is unknown")),
            };
            if values.insert(name.to_owned(), value).is_some() {
                return Err(format!("--{name} was given twice"));
            }
        }
        let missing: Vec<_> =
            ["slug", "name", "timezone", "currency"].into_iter().filter(|name| !values.contains_key(*name)).collect();
        if !missing.is_empty() {
            return Err(format!("missing: --{}", missing.join(", --")));
        }
        if values.contains_key("admin-email") != values.contains_key("admin-password-env") {
            return Err("--admin-email and --admin-password-env go together".to_owned());
        }
        Ok(Self { values })
    }

    /// The value of an option, if it was given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The value of an option, or `default`.
    #[must_use]
    pub fn or<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.get(name).unwrap_or(default)
    }

    /// Whether a switch was given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_and_slips_are_told() {
        let good = "--slug demo --name Demo --timezone Africa/Abidjan --currency XOF";
        let read = parse(&format!("{good} --if-missing")).unwrap();
        assert_eq!((read.get("slug"), read.or("locale", "fr"), read.has("if-missing")), (Some("demo"), "fr", true));
        for wrong in
            ["--slug", "demo", "--slog demo", &format!("{good} --slug x"), &format!("{good} --admin-email a@b.ci")]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
