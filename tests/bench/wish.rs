//! What was asked for: `[figure…] [name=value…]`. A figure may be asked for by the beginning of its name.

use std::{collections::BTreeMap, str::FromStr};

/// The words of a command line.
pub struct Wish {
    asked: Vec<String>,
    options: BTreeMap<String, String>,
}

impl Wish {
    pub fn of(words: impl IntoIterator<Item = String>) -> Self {
        let (mut asked, mut options) = (Vec::new(), BTreeMap::new());
        for word in words {
            match word.split_once('=') {
                Some((name, value)) => drop(options.insert(name.to_owned(), value.to_owned())),
                None => asked.push(word),
            }
        }
        Self { asked, options }
    }

    /// Whether this figure is wanted; all are where none is named.
    pub fn wants(&self, figure: &str) -> bool {
        self.asked.is_empty() || self.asked.iter().any(|asked| same(figure, asked))
    }

    /// The first name that no figure has.
    pub fn stranger(&self, figures: &[&str]) -> Option<&str> {
        self.asked.iter().find(|asked| !figures.iter().any(|figure| same(figure, asked))).map(String::as_str)
    }

    /// A value given as `name=value`; an empty one counts as none, for `make` hands on what nobody set.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// # Panics
    /// When the value is no such number: better than measuring something else.
    pub fn number<T: FromStr>(&self, name: &str, otherwise: T) -> T {
        let read = |value: &str| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number"));
        self.text(name).map_or(otherwise, read)
    }

    /// The options as they were written, to be handed on.
    pub fn options(&self) -> impl Iterator<Item = String> {
        self.options.iter().map(|(name, value)| format!("{name}={value}"))
    }
}

/// `queue` asks for `queue.drain`, and `queue.latency_p99` for `queue.latency`.
fn same(figure: &str, asked: &str) -> bool {
    figure.starts_with(asked) || asked.starts_with(figure)
}
