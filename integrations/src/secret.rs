//! A string that must not be shown: logs and debug output see `***`.

use std::fmt;

/// A key, token or password. Only [`Secret::expose`] gives the text back, so every use can be found by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for a header, a MAC key or a connection, never for a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// An empty secret proves nothing and must never be accepted as a key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_text() {
        let shown = format!("{:?} {:#?}", Secret::new("hunter2"), vec![Secret::from("hunter2")]);
        assert!(shown.contains("***") && !shown.contains("hunter2"), "{shown}");
    }
}
