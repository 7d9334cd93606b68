//! Which kinds have runs in the history: one probe of the index a kind, so that lists over all of them are merged from
//! one ordered run each.

use sqlx::PgConnection;

use super::{filter::Filter, source::Sql};

/// The kinds a list of runs is merged from. A kind lives in one queue: the one its newest run was in.
pub(super) async fn known(conn: &mut PgConnection, filter: &Filter) -> Result<Vec<String>, sqlx::Error> {
    if let (Some(kind), None) = (&filter.kind, &filter.queue) {
        return Ok(vec![kind.clone()]);
    }
    let mut sql = Sql::new("with recursive known as ((select h.kind from queue.history h where true");
    push_org(&mut sql, filter);
    sql.push(
        " order by h.kind limit 1) union all
         select (select h.kind from queue.history h where h.kind > known.kind",
    );
    push_org(&mut sql, filter);
    sql.push(" order by h.kind limit 1) from known where known.kind is not null) select kind from known where kind is not null");
    if let Some(kind) = &filter.kind {
        sql.push(" and kind = ").push_bind(kind.clone());
    }
    if let Some(queue) = &filter.queue {
        sql.push(
            " and (select h.queue from queue.history h where h.kind = known.kind
                   order by h.ended_at desc, h.id desc limit 1) = ",
        )
        .push_bind(queue.clone());
    }
    sql.build_query_scalar().persistent(false).fetch_all(conn).await
}

fn push_org(sql: &mut Sql, filter: &Filter) {
    if let Some(org) = filter.org_id {
        sql.push(" and h.org_id = ").push_bind(org);
    }
}
