//! Typed reading of the environment, once, at start.
//!
//! A binary reads every variable it needs, builds its configuration from the answers, and hands it
//! to [`Env::finish`]. All problems are reported together: an operator fixes a deployment in one go,
//! and a process with a missing secret never starts. Nothing is guessed: an empty variable counts as
//! absent, anything else either reads cleanly or is a problem.

use std::fmt;
use std::str::FromStr;

use crate::secret::Secret;

/// What every secret in `.env.sample` contains, plainly or in base64: such a secret is public.
const SAMPLE_MARKS: [&str; 2] = ["local-only", "bG9jYWwtb25se"];

/// One variable that cannot be used, and why. Never carries the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The variable's name.
    pub name: String,
    /// What is wrong with it, for a person.
    pub why: String,
}

/// Everything wrong with the environment, in the order it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment is not usable:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {} {}", problem.name, problem.why))
    }
}

impl std::error::Error for Problems {}

type Lookup<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// Reads variables and remembers every problem.
///
/// A variable that cannot be read yields a stand-in (an empty text, the default, `None`), so that
/// reading goes on; [`Env::finish`] drops a configuration built from stand-ins.
pub struct Env<'a> {
    lookup: Lookup<'a>,
    problems: Vec<Problem>,
}

impl Env<'static> {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        // A value that is not UTF-8 shows up with replacement characters, and `find` refuses those.
        #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        Self::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }
}

impl<'a> Env<'a> {
    /// An environment over any lookup; tests pass a map.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self { lookup: Box::new(lookup), problems: Vec::new() }
    }

    /// Adds a problem found by the caller, for rules that span variables.
    pub fn problem(&mut self, name: &str, why: impl Into<String>) {
        self.problems.push(Problem { name: name.to_owned(), why: why.into() });
    }

    /// The configuration, or every problem met while reading it.
    ///
    /// # Errors
    /// [`Problems`] when at least one variable was missing or malformed.
    pub fn finish<C>(self, config: C) -> Result<C, Problems> {
        if self.problems.is_empty() { Ok(config) } else { Err(Problems(self.problems)) }
    }

    /// A text that may be absent.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        self.find(name)
    }

    /// A text that must be present.
    pub fn required(&mut self, name: &str) -> String {
        self.find_or_missing(name).unwrap_or_default()
    }

    /// A text with a default.
    pub fn text_or(&mut self, name: &str, default: &str) -> String {
        self.find(name).unwrap_or_else(|| default.to_owned())
    }

    /// A typed value with a default.
    pub fn value_or<T>(&mut self, name: &str, default: T) -> T
    where
        T: FromStr<Err: fmt::Display>,
    {
        let Some(raw) = self.find(name) else { return default };
        self.parse(name, &raw, |raw| raw.parse::<T>().map_err(|error| error.to_string())).unwrap_or(default)
    }

    /// A required value read by `parse`, whose error says what was expected and must not repeat the
    /// value. `None` is a stand-in: the problem is already noted.
    pub fn required_as<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let raw = self.find_or_missing(name)?;
        self.parse(name, &raw, parse)
    }

    /// An optional value read by `parse`.
    pub fn optional_as<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let raw = self.find(name)?;
        self.parse(name, &raw, parse)
    }

    /// A comma-separated list; absent means empty.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        self.find(name).map_or_else(Vec::new, |raw| self.split(name, &raw))
    }

    /// A secret that must be present and hold at least `min_bytes` bytes.
    pub fn secret(&mut self, name: &str, min_bytes: usize) -> Secret {
        let value = self.find_or_missing(name).unwrap_or_default();
        self.long_enough(name, &value, min_bytes);
        Secret::new(value)
    }

    /// A secret that may be absent, but not short.
    pub fn optional_secret(&mut self, name: &str, min_bytes: usize) -> Option<Secret> {
        let value = self.find(name)?;
        self.long_enough(name, &value, min_bytes);
        Some(Secret::new(value))
    }

    /// Comma-separated secrets, at least one: the current first, then those still accepted during a
    /// rotation.
    pub fn secrets(&mut self, name: &str, min_bytes: usize) -> Vec<Secret> {
        let Some(raw) = self.find_or_missing(name) else { return Vec::new() };
        let items = self.split(name, &raw);
        for item in items.iter().filter(|item| !item.is_empty()) {
            self.long_enough(name, item, min_bytes);
        }
        items.into_iter().map(Secret::new).collect()
    }

    fn split(&mut self, name: &str, raw: &str) -> Vec<String> {
        let items: Vec<String> = raw.split(',').map(|item| item.trim().to_owned()).collect();
        if items.iter().any(String::is_empty) {
            self.problem(name, "has an empty item between its commas");
        }
        items
    }

    fn long_enough(&mut self, name: &str, value: &str, min_bytes: usize) {
        if !value.is_empty() && value.len() < min_bytes {
            self.problem(name, format!("must hold at least {min_bytes} bytes, it holds {}", value.len()));
        }
    }

    fn parse<T>(&mut self, name: &str, raw: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        parse(raw).map_err(|why| self.problem(name, format!("cannot be read: {why}"))).ok()
    }

    fn find_or_missing(&mut self, name: &str) -> Option<String> {
        let seen = self.problems.len();
        let value = self.find(name);
        if value.is_none() && self.problems.len() == seen {
            self.problem(name, "is missing");
        }
        value
    }

    fn in_development(&self) -> bool {
        (self.lookup)("ENVIRONMENT").as_deref() == Some("development")
    }

    /// Present, not empty, and free of what copy and paste adds: a secret that ends in a newline
    /// would fail every signature check later, far from its cause.
    fn find(&mut self, name: &str) -> Option<String> {
        let value = (self.lookup)(name).filter(|value| !value.is_empty())?;
        if value.contains(char::REPLACEMENT_CHARACTER) {
            self.problem(name, "is not UTF-8");
        } else if value.trim() != value {
            self.problem(name, "begins or ends with white space");
        } else if SAMPLE_MARKS.iter().any(|mark| value.contains(mark)) && !self.in_development() {
            self.problem(name, "is the public value of .env.sample, which only development may use");
        } else {
            return Some(value);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> Env<'a> {
        Env::new(move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    fn names(result: Result<(), Problems>) -> Vec<String> {
        result.expect_err("problems").0.into_iter().map(|problem| problem.name).collect()
    }

    #[test]
    fn reads_what_is_there_and_defaults_the_rest() {
        let mut env = env(&[("URL", "postgres://x"), ("PORT", "81"), ("ORIGINS", "a, b")]);
        assert_eq!(env.required("URL"), "postgres://x");
        assert_eq!(env.value_or("PORT", 80_u16), 81);
        assert_eq!(env.value_or("SIZE", 20_u32), 20);
        assert_eq!(env.list("ORIGINS"), ["a", "b"]);
        assert_eq!(env.optional("ABSENT"), None);
        assert_eq!(env.text_or("ABSENT", "info"), "info");
        assert!(env.finish(()).is_ok());
    }

    #[test]
    fn reports_all_problems_together() {
        let mut env = env(&[("PORT", "many"), ("KEY", "short"), ("EMPTY", ""), ("LIST", "a,,b")]);
        env.value_or("PORT", 80_u16);
        env.secret("KEY", 32);
        env.secret("EMPTY", 32);
        env.required("URL");
        env.list("LIST");
        env.problem("A_AND_B", "exclude each other");
        assert_eq!(names(env.finish(())), ["PORT", "KEY", "EMPTY", "URL", "LIST", "A_AND_B"]);
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let mut env = env(&[("SIZE", ""), ("URL", "")]);
        assert_eq!(env.value_or("SIZE", 7_u8), 7);
        env.required("URL");
        assert_eq!(names(env.finish(())), ["URL"]);
    }

    #[test]
    fn refuses_stray_white_space_and_bytes_that_are_not_text() {
        let mut env = env(&[("KEY", "0123456789abcdef\n"), ("RAW", "a\u{fffd}b")]);
        env.secret("KEY", 16);
        env.required("RAW");
        let problems = env.finish(()).expect_err("problems");
        assert_eq!(problems.0.len(), 2, "each problem is told once: {problems}");
        assert!(problems.0[0].why.contains("white space"));
        assert!(problems.0[1].why.contains("UTF-8"));
    }

    #[test]
    fn rotating_secrets_keep_their_order_and_their_minimum() {
        let mut both = env(&[("HOOKS", "current-secret,older-secret")]);
        let secrets: Vec<String> = both.secrets("HOOKS", 8).iter().map(|s| s.expose().to_owned()).collect();
        assert_eq!(secrets, ["current-secret", "older-secret"]);
        assert!(both.finish(()).is_ok());

        let mut short = env(&[("HOOKS", "current-secret,old")]);
        short.secrets("HOOKS", 8);
        short.secrets("NONE", 8);
        assert_eq!(names(short.finish(())), ["HOOKS", "NONE"]);
    }

    #[test]
    fn the_secrets_of_the_sample_work_in_development_only() {
        const SAMPLE: &str = "local-only-0123456789-0123456789-jwt";
        let mut here = env(&[("ENVIRONMENT", "development"), ("KEY", SAMPLE)]);
        here.secret("KEY", 32);
        assert!(here.finish(()).is_ok());

        let mut there = env(&[("KEY", SAMPLE), ("DATA_KEY", "bG9jYWwtb25seS1kYXRhLWtleS0xMjM0NTY3ODkwMTI=")]);
        there.secrets("KEY", 32);
        there.required_as("DATA_KEY", |text| Ok(text.to_owned()));
        assert_eq!(names(there.finish(())), ["KEY", "DATA_KEY"]);
    }

    #[test]
    fn a_parser_of_the_caller_decides() {
        let even = |raw: &str| match raw.parse::<u8>() {
            Ok(n) if n % 2 == 0 => Ok(n),
            _ => Err("expected an even number".to_owned()),
        };
        let mut env = env(&[("TWO", "2"), ("THREE", "3")]);
        assert_eq!(env.required_as("TWO", even), Some(2));
        assert_eq!(env.optional_as("NONE", even), None);
        assert_eq!(env.optional_as("THREE", even), None);
        assert_eq!(names(env.finish(())), ["THREE"]);
    }

    #[test]
    fn neither_debug_nor_a_problem_shows_a_secret() {
        let mut env = env(&[("KEY", "hunter2")]);
        let secret = env.secret("KEY", 32);
        let told = format!("{secret:?} {}", env.finish(()).expect_err("too short"));
        assert!(!told.contains("hunter2"), "{told}");
    }
}
