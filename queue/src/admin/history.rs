//! Lists of what ended: dead letters, runs that went wrong, and all runs.

use super::source::{Asked, Sql, push_after, push_span};

const RUN: &str =
    "h.id, h.queue, h.kind, h.org_id, h.outcome as state, h.ended_at as at, null::timestamptz as created_at,
                   h.started_at, h.duration_ms, h.attempt, h.worker, h.reason as error, h.trace";

pub(super) fn push_dead(sql: &mut Sql, asked: Asked<'_>, limit: i64) {
    sql.push(
        "select d.id, d.queue, d.kind, d.org_id, 'dead' as state, d.died_at as at, d.created_at,
                null::timestamptz as started_at, null::integer as duration_ms, d.attempts as attempt,
                null::text as worker, d.reason as error, d.trace
         from queue.dead d where true",
    );
    push_span(sql, "d.died_at", asked.filter.ended_after, asked.filter.ended_before);
    push_after(sql, asked.after, "d.died_at", "d.id");
    sql.push(" order by d.died_at desc, d.id desc limit ").push_bind(limit);
}

pub(super) fn push_trouble(sql: &mut Sql, asked: Asked<'_>, limit: i64) {
    sql.push(format_args!("select {RUN} from queue.history h where h.outcome not in ('done', 'again')"));
    push_ended(sql, asked);
    sql.push(" order by h.ended_at desc, h.id desc limit ").push_bind(limit);
}

pub(super) fn push_kinds(sql: &mut Sql, asked: Asked<'_>, kinds: &[String], limit: i64) {
    sql.push("select run.* from unnest(").push_bind(kinds.to_vec()).push("::text[]) as of (kind) cross join lateral (");
    sql.push(format_args!("select {RUN} from queue.history h where h.kind = of.kind"));
    if let Some(org) = asked.filter.org_id {
        sql.push(" and h.org_id = ").push_bind(org);
    }
    push_ended(sql, asked);
    sql.push(" order by h.ended_at desc, h.id desc limit ").push_bind(limit).push(") as run");
}

fn push_ended(sql: &mut Sql, asked: Asked<'_>) {
    push_span(sql, "h.ended_at", asked.filter.ended_after, asked.filter.ended_before);
    push_after(sql, asked.after, "h.ended_at", "h.id");
}
