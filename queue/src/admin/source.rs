//! Where the rows of a list come from: an index that gives them in order. What the index does not know about the filter
//! is left to the reader of the source.

use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    filter::{Cursor, Filter, State},
    history, kinds, live,
};

pub(super) type Sql = QueryBuilder<Postgres>;

/// What is asked, and from which place on.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub state: State,
    pub filter: &'a Filter,
    pub after: Option<Cursor>,
}

/// A run through an index.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Jobs that are due, line by line.
    Lines,
    /// Jobs for later, queue by queue.
    Later,
    /// Jobs that run: a scan of the hot table, because a claim writes no index.
    Running,
    /// Dead letters by time.
    Dead,
    /// Runs that went wrong by time.
    Trouble,
    /// All runs of these kinds, of one organization or of all, each kind by time.
    Kinds(Vec<String>),
}

impl Source {
    /// The source for what is asked. For runs it may have to find out first which kinds there are.
    pub(super) async fn of(conn: &mut PgConnection, asked: Asked<'_>) -> Result<Self, sqlx::Error> {
        Ok(match asked.state {
            State::Waiting => Self::Lines,
            State::Scheduled => Self::Later,
            State::Running => Self::Running,
            State::Dead => Self::Dead,
            State::Finished if asked.filter.error.is_none() => Self::Kinds(kinds::known(conn, asked.filter).await?),
            _ => Self::Trouble,
        })
    }

    /// Whether rows may come that the filter does not want.
    pub(super) fn walks(&self) -> bool {
        matches!(self, Self::Dead | Self::Trouble)
    }

    /// The rows in the columns of [`super::JobRow`]: the first `limit`, or the first `limit` of each part, in no order
    /// across the parts.
    pub(super) fn push(&self, sql: &mut Sql, asked: Asked<'_>, limit: i64) {
        match self {
            Self::Lines => live::push_lines(sql, asked, limit),
            Self::Later => live::push_later(sql, asked, limit),
            Self::Running => live::push_running(sql, asked, limit),
            Self::Dead => history::push_dead(sql, asked, limit),
            Self::Trouble => history::push_trouble(sql, asked, limit),
            Self::Kinds(kinds) => history::push_kinds(sql, asked, kinds, limit),
        }
    }

    /// What the source leaves open of the filter, as further conditions.
    pub(super) fn push_rest(&self, sql: &mut Sql, asked: Asked<'_>) {
        if !self.walks() {
            return;
        }
        push_names(sql, asked.filter, "");
        push_posting(sql, asked.filter, "created_at");
        push_error(sql, asked.filter, "error");
        match asked.state {
            State::Failed => drop(sql.push(" and state in ('retried', 'dead', 'lost')")),
            State::Retried | State::Lost | State::Cancelled => {
                sql.push(" and state = ").push_bind(asked.state.name());
            }
            _ => {}
        }
    }
}

/// Queue, kind and organization.
pub(super) fn push_names(sql: &mut Sql, filter: &Filter, of: &str) {
    for (column, value) in [("queue", &filter.queue), ("kind", &filter.kind)] {
        if let Some(value) = value {
            sql.push(format_args!(" and {of}{column} = ")).push_bind(value.clone());
        }
    }
    if let Some(org) = filter.org_id {
        sql.push(format_args!(" and {of}org_id = ")).push_bind(org);
    }
}

/// When it was posted.
pub(super) fn push_posting(sql: &mut Sql, filter: &Filter, column: &str) {
    push_span(sql, column, filter.created_after, filter.created_before);
}

/// A span of time.
pub(super) fn push_span(
    sql: &mut Sql,
    column: &str,
    from: Option<chrono::DateTime<chrono::Utc>>,
    until: Option<chrono::DateTime<chrono::Utc>>,
) {
    if let Some(from) = from {
        sql.push(format_args!(" and {column} >= ")).push_bind(from);
    }
    if let Some(until) = until {
        sql.push(format_args!(" and {column} < ")).push_bind(until);
    }
}

/// The text of the error.
pub(super) fn push_error(sql: &mut Sql, filter: &Filter, column: &str) {
    if let Some(text) = &filter.error {
        sql.push(format_args!(" and strpos(lower({column}), lower(")).push_bind(text.clone()).push(")) > 0");
    }
}

/// Beyond the cursor; the plain comparison lets partitions be left out.
pub(super) fn push_after(sql: &mut Sql, after: Option<Cursor>, column: &str, id: &str) {
    if let Some(Cursor { at, id: last }) = after {
        sql.push(format_args!(" and {column} <= ")).push_bind(at);
        sql.push(format_args!(" and ({column}, {id}) < (")).push_bind(at).push(", ").push_bind(last).push(")");
    }
}
