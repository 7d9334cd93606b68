//! Pages and counts of a list.

use sqlx::PgConnection;

use super::{
    filter::{Count, Cursor, Filter, JobRow, Page, State},
    source::{Asked, Source, Sql},
};

/// Rows looked at for one page, or counted.
pub const LOOKED_AT: i64 = 5_000;

/// Up to `limit` jobs beyond `after`, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut PgConnection,
    state: State,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page, sqlx::Error> {
    let asked = Asked { state, filter, after };
    let source = Source::of(&mut *conn, asked).await?;
    // one more than asked for tells whether there is a next page
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut sql = Sql::new("select * from (");
    source.push(&mut sql, asked, if source.walks() { LOOKED_AT } else { wanted });
    sql.push(") as looked where true");
    source.push_rest(&mut sql, asked);
    sql.push(" order by at desc, id desc limit ").push_bind(wanted);
    let mut jobs: Vec<JobRow> = sql.build_query_as().persistent(false).fetch_all(&mut *conn).await?;
    let next = if jobs.len() > limit {
        jobs.truncate(limit);
        jobs.last().map(|job| Cursor { at: job.at, id: job.id })
    } else if source.walks() {
        end_of_walk(conn, &source, asked).await?
    } else {
        None
    };
    Ok(Page { jobs, next })
}

/// Where a walk that did not find enough came to its end; `None` when nothing is left to look at.
async fn end_of_walk(
    conn: &mut PgConnection,
    source: &Source,
    asked: Asked<'_>,
) -> Result<Option<Cursor>, sqlx::Error> {
    let mut sql = Sql::new("select at, id from (");
    source.push(&mut sql, asked, LOOKED_AT);
    sql.push(") as looked order by at desc, id desc offset ").push_bind(LOOKED_AT - 1).push(" limit 1");
    let end = sql.build_query_as().persistent(false).fetch_optional(conn).await?;
    Ok(end.map(|(at, id)| Cursor { at, id }))
}

/// How many jobs there are, until [`LOOKED_AT`] rows were looked at.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut PgConnection, state: State, filter: &Filter) -> Result<Count, sqlx::Error> {
    let asked = Asked { state, filter, after: None };
    let source = Source::of(&mut *conn, asked).await?;
    let mut sql = Sql::new("select count(*) filter (where place <= ");
    sql.push_bind(LOOKED_AT).push(" and wanted), count(*) <= ").push_bind(LOOKED_AT);
    sql.push(" from (select row_number() over () as place, true");
    source.push_rest(&mut sql, asked);
    sql.push(" as wanted from (");
    source.push(&mut sql, asked, LOOKED_AT + 1);
    sql.push(") as source limit ").push_bind(LOOKED_AT + 1).push(") as looked");
    let (count, exact) = sql.build_query_as().persistent(false).fetch_one(conn).await?;
    Ok(Count { count, exact })
}
