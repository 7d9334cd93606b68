//! A value that must not be shown.

use std::fmt;

/// A secret read from the environment. `Debug` hides it and there is no `Display`, so it cannot
/// slip into a log line; [`Secret::expose`] marks the few places that need the value itself.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value that must not be shown.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, as text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value itself, as the bytes a MAC is computed with.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}
