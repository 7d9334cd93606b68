//! Pages of a list (CX2): doors read `page`/`page_size` or `offset`/`limit` and check them; rules see only this.

/// Which part of a list is wanted. Doors keep `limit` within 1..=200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// At most so many rows.
    pub limit: i64,
    /// After so many rows.
    pub offset: i64,
}

/// One page, and how long the whole list is.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The page's rows.
    pub items: Vec<T>,
    /// Rows of the whole list.
    pub total: i64,
}

impl<T> Listed<T> {
    /// The same page in other words.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Listed<U> {
        Listed { items: self.items.into_iter().map(change).collect(), total: self.total }
    }
}
