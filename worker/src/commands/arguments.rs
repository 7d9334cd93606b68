//! Words, `--name value`, `--name=value` and `--switch`, no more.

use std::{collections::BTreeMap, str::FromStr};

const SWITCHES: [&str; 3] = ["json", "dry-run", "count"];

/// What was typed after the command; what nobody takes is refused.
#[derive(Debug, Default)]
pub struct Arguments {
    words: Vec<String>,
    options: BTreeMap<String, String>,
}

impl Arguments {
    /// Reads the words.
    pub fn read(typed: &[String]) -> Result<Self, String> {
        let mut read = Self::default();
        let mut typed = typed.iter();
        while let Some(word) = typed.next() {
            let Some(option) = word.strip_prefix("--") else {
                read.words.push(word.clone());
                continue;
            };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None if SWITCHES.contains(&option) => (option, String::new()),
                None => (option, typed.next().cloned().ok_or_else(|| format!("--{option} needs a value"))?),
            };
            if read.options.insert(name.to_owned(), value).is_some() {
                return Err(format!("--{name} was given twice"));
            }
        }
        read.words.reverse();
        Ok(read)
    }

    /// The next word that is no option.
    pub fn word(&mut self, what: &str) -> Result<String, String> {
        self.words.pop().ok_or_else(|| format!("{what} is missing"))
    }

    /// Whether a switch was given.
    pub fn switch(&mut self, name: &str) -> bool {
        self.options.remove(name).is_some()
    }

    /// The text of an option.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.options.remove(name)
    }

    /// The value of an option.
    pub fn value<T: FromStr>(&mut self, name: &str, expected: &str) -> Result<Option<T>, String> {
        let text = self.options.remove(name);
        text.map(|text| text.parse().map_err(|_| format!("--{name}: expected {expected}"))).transpose()
    }

    /// Refuses what nobody took.
    pub fn end(self) -> Result<(), String> {
        match (self.words.last(), self.options.keys().next()) {
            (Some(word), _) => Err(format!("{word} is one word too many")),
            (None, Some(option)) => Err(format!("--{option} means nothing here")),
            (None, None) => Ok(()),
        }
    }
}
