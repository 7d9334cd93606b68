//! `--name value` and `--switch`, no more.

use std::collections::BTreeMap;

/// What a command takes.
pub struct Grammar {
    /// Options with a value.
    pub values: &'static [&'static str],
    /// Options without one.
    pub switches: &'static [&'static str],
    /// Which of the former must be there.
    pub required: &'static [&'static str],
    /// Which of the former come together or not at all.
    pub together: &'static [(&'static str, &'static str)],
}

/// The words after the command.
#[derive(Debug)]
pub struct Arguments {
    values: BTreeMap<String, String>,
}

impl Arguments {
    /// Reads the words.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn parse(grammar: &Grammar, words: &[String]) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| format!("{word} is not an option"))?;
            let value = match (grammar.switches.contains(&name), grammar.values.contains(&name)) {
                (true, _) => String::new(),
                (_, true) => words.next().cloned().ok_or_else(|| format!("--{name} needs a value"))?,
                _ => return Err(format!("--{name} is unknown")),
            };
            if values.insert(name.to_owned(), value).is_some() {
                return Err(format!("--{name} was given twice"));
            }
        }
        let missing: Vec<_> = grammar.required.iter().copied().filter(|name| !values.contains_key(*name)).collect();
        if !missing.is_empty() {
            return Err(format!("missing: --{}", missing.join(", --")));
        }
        let apart =
            grammar.together.iter().find(|(one, other)| values.contains_key(*one) != values.contains_key(*other));
        match apart {
            Some((one, other)) => Err(format!("--{one} and --{other} go together")),
            None => Ok(Self { values }),
        }
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

    const GRAMMAR: Grammar = Grammar {
        values: &["slug", "name", "email", "password-env"],
        switches: &["if-missing"],
        required: &["slug", "name"],
        together: &[("email", "password-env")],
    };

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(&GRAMMAR, &line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_and_slips_are_told() {
        let good = "--slug demo --name Demo";
        let read = parse(&format!("{good} --if-missing")).unwrap();
        assert_eq!((read.get("slug"), read.or("locale", "fr"), read.has("if-missing")), (Some("demo"), "fr", true));
        for wrong in ["--slug", "demo", "--slog demo", &format!("{good} --slug x"), &format!("{good} --email a@b.ci")] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
