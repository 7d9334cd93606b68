//! The grammar of lists: page, sort and filter, strict about what it does not know (T4–T6, T27, CX2–CX4).
//!
//! A route takes what it knows out of [`Asked`] and ends with [`Asked::end`], which refuses the rest: a misspelt
//! filter must not answer a list of everything.

use crate::error::ApiError;
use axum::extract::{FromRequestParts, Query};
use domain::{
    paging::{Listed, Page},
    refusals::Refusal,
};
use http::request::Parts;
use serde::Serialize;
use std::{collections::BTreeMap, str::FromStr};
use utoipa::ToSchema;

const DEFAULT_PAGE_SIZE: i64 = 20;
const LARGEST_PAGE_SIZE: i64 = 100;
const LARGEST_LIMIT: i64 = 200;
/// Nobody pages this far by hand; it keeps the arithmetic and the database safe.
const FARTHEST: i64 = 1_000_000;
const LONGEST_VALUE: usize = 500;

/// The query string, not yet understood.
#[derive(Debug)]
pub struct Asked {
    left: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

/// Which part of a list an answer holds, in both styles (CX2).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Pagination {
    /// Number of this page, from 1.
    #[schema(example = 1)]
    pub page: i64,
    /// Rows a page holds at most.
    #[schema(example = 20)]
    pub page_size: i64,
    /// Rows in the whole list.
    #[schema(example = 42)]
    pub total: i64,
    /// Pages in the whole list.
    #[schema(example = 3)]
    pub page_count: i64,
    /// Rows before this page.
    #[schema(example = 0)]
    pub offset: i64,
    /// The same as `page_size`.
    #[schema(example = 20)]
    pub limit: i64,
    /// Rows in this answer.
    #[schema(example = 20)]
    pub returned: usize,
}

impl Pagination {
    /// What `meta.pagination` says about one page of a list.
    #[must_use]
    pub fn of<T>(page: Page, listed: &Listed<T>) -> Self {
        let (Page { offset, limit }, total) = (page, listed.total);
        Self {
            page: offset / limit + 1,
            page_size: limit,
            total,
            page_count: (total + limit - 1) / limit,
            offset,
            limit,
            returned: listed.items.len(),
        }
    }
}

/// One field to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// One of the names the route allows.
    pub field: &'static str,
    /// Largest first.
    pub descending: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let pairs: Query<Vec<(String, String)>> =
            Query::try_from_uri(&parts.uri).map_err(|_| Refusal::invalid("query", "cannot be read"))?;
        Ok(Self::read(pairs.0)?)
    }
}

impl Asked {
    pub(super) fn read(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut left = BTreeMap::new();
        for (name, value) in pairs {
            if value.contains('\0') || value.len() > LONGEST_VALUE {
                return Err(Refusal::invalid(name, format!("must be at most {LONGEST_VALUE} bytes without NUL")));
            }
            if left.contains_key(&name) {
                return Err(Refusal::invalid(name, "was given more than once"));
            }
            left.insert(name, value);
        }
        Ok(Self { left, known: Vec::new() })
    }

    /// The parameter as text; empty counts as absent.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_empty())
    }

    /// Whether the parameter was given.
    pub fn has(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(|value| !value.is_empty())
    }

    /// The parameter as a value; `expected` says what was meant when it cannot be read.
    ///
    /// # Errors
    /// `validation_error` naming the parameter.
    pub fn value<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Result<Option<T>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal::invalid(name, format!("expected {expected}")))
    }

    /// A filter over a fixed set of words: `status=paid` or `status=in:paid,accepted`. Empty means every one.
    ///
    /// # Errors
    /// `validation_error` naming the words allowed.
    pub fn words(&mut self, name: &'static str, allowed: &[&str]) -> Result<Vec<String>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(Vec::new()) };
        let words: Vec<String> = text.strip_prefix("in:").unwrap_or(&text).split(',').map(str::to_owned).collect();
        if words.iter().all(|word| allowed.contains(&word.as_str())) {
            Ok(words)
        } else {
            Err(Refusal::invalid(name, format!("allowed: {}", allowed.join(", "))))
        }
    }

    /// `page` and `page_size`, or their aliases `offset` and `limit`.
    ///
    /// # Errors
    /// `validation_error` for a value out of bounds or both styles at once.
    pub fn page(&mut self) -> Result<Page, Refusal> {
        let number = self.within("page", 1, FARTHEST)?;
        let size = self.within("page_size", 1, LARGEST_PAGE_SIZE)?;
        let offset = self.within("offset", 0, FARTHEST)?;
        let limit = self.within("limit", 1, LARGEST_LIMIT)?;
        if (number.is_some() || size.is_some()) && (offset.is_some() || limit.is_some()) {
            return Err(Refusal::invalid("page", "use page and page_size, or offset and limit, not both"));
        }
        let limit = size.or(limit).unwrap_or(DEFAULT_PAGE_SIZE);
        let offset = offset.unwrap_or_else(|| (number.unwrap_or(1) - 1) * limit);
        Ok(Page { offset, limit })
    }

    fn within(&mut self, name: &'static str, least: i64, most: i64) -> Result<Option<i64>, Refusal> {
        let expected = format!("a whole number from {least} to {most}");
        let value = self.value::<i64>(name, &expected)?;
        match value {
            Some(number) if !(least..=most).contains(&number) => {
                Err(Refusal::invalid(name, format!("expected {expected}")))
            }
            value => Ok(value),
        }
    }

    /// `sort=a,-b`, or its alias `sort_by=b` with `sort_order=desc`; `default` is written like `sort`.
    ///
    /// # Errors
    /// `validation_error` naming the fields allowed.
    pub fn sort(&mut self, allowed: &[&'static str], default: &str) -> Result<Vec<Sort>, Refusal> {
        let sort = self.text("sort");
        let (by, order) = (self.text("sort_by"), self.text("sort_order"));
        let text = match (sort, by, order.as_deref()) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                return Err(Refusal::invalid("sort", "use sort, or sort_by and sort_order, not both"));
            }
            (Some(sort), None, None) => sort,
            (None, Some(by), None | Some("asc")) => by,
            (None, Some(by), Some("desc")) => format!("-{by}"),
            (None, None, None) => default.to_owned(),
            (None, _, Some(_)) => return Err(Refusal::invalid("sort_order", "allowed with sort_by: asc, desc")),
        };
        text.split(',').map(|field| one_sort(field, allowed)).collect()
    }

    /// Refuses whatever nobody took.
    ///
    /// # Errors
    /// `validation_error` naming the parameters this route knows.
    pub fn end(self) -> Result<(), Refusal> {
        match self.left.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(Refusal::invalid(name, format!("unknown; allowed: {}", self.known.join(", ")))),
        }
    }
}

fn one_sort(field: &str, allowed: &[&'static str]) -> Result<Sort, Refusal> {
    let (name, descending) = field.strip_prefix('-').map_or((field, false), |name| (name, true));
    let known = allowed.iter().copied().find(|allowed| *allowed == name);
    let field = known.ok_or_else(|| Refusal::invalid("sort", format!("allowed: {}", allowed.join(", "))))?;
    Ok(Sort { field, descending })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Asked, Refusal> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| pair.split_once('='));
        Asked::read(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn page(query: &str) -> Result<Page, Refusal> {
        asked(query)?.page()
    }

    #[test]
    fn both_styles_of_paging_mean_the_same() {
        assert_eq!(page("").unwrap(), Page { offset: 0, limit: 20 });
        assert_eq!(page("page=3&page_size=10").unwrap(), page("offset=20&limit=10").unwrap());
        for wrong in ["page=0", "page_size=101", "limit=201", "offset=-1", "page=1&offset=0", "page=two", "page=1.5"] {
            assert!(page(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pagination_tells_both_styles() {
        let told = Pagination::of(Page { offset: 20, limit: 20 }, &Listed { items: vec!['a', 'b'], total: 42 });
        assert_eq!((told.page, told.page_count, told.returned), (2, 3, 2));
        let none = Listed::<char> { items: Vec::new(), total: 0 };
        assert_eq!(Pagination::of(Page { offset: 0, limit: 20 }, &none).page_count, 0);
    }

    #[test]
    fn sorting_knows_only_its_fields() {
        let sort = |query: &str| asked(query).and_then(|mut asked| asked.sort(&["created_at", "price"], "-created_at"));
        assert_eq!(sort("").unwrap(), [Sort { field: "created_at", descending: true }]);
        assert_eq!(sort("sort=price,-created_at").unwrap().len(), 2);
        assert_eq!(sort("sort=-price").unwrap(), sort("sort_by=price&sort_order=desc").unwrap());
        for wrong in ["sort=name", "sort=price&sort_by=price", "sort_by=price&sort_order=up", "sort_order=asc"] {
            assert!(sort(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_filter_takes_one_word_or_several() {
        let words = |query: &str| asked(query).and_then(|mut asked| asked.words("status", &["paid", "pending"]));
        assert_eq!(words("status=paid").unwrap(), ["paid"]);
        assert_eq!(words("status=in:paid,pending").unwrap(), ["paid", "pending"]);
        assert!(words("status=payed").is_err());
        assert!(words("").unwrap().is_empty());
    }

    #[test]
    fn an_unknown_or_doubled_parameter_is_refused() {
        let mut list = asked("statsu=paid").unwrap();
        list.page().unwrap();
        assert!(matches!(list.end(), Err(Refusal::Invalid { field, .. }) if field == "statsu"));
        assert!(asked("a=1&a=2").is_err());
    }
}
