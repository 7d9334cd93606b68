//! Lists of what has not ended. A filter by time of posting or by error is answered by reading on: the table is small
//! while jobs are carried.

use super::source::{Asked, Sql, push_after, push_error, push_names, push_posting};

/// Lines looked at; more organizations than that do not wait at once.
const LINES: i64 = 10_000;

fn push_job(sql: &mut Sql, state: &str, at: &str) {
    sql.push(format_args!(
        "select j.id, j.queue, j.kind, nullif(j.org_id, '00000000-0000-0000-0000-000000000000') as org_id,
                '{state}' as state, {at} as at, j.created_at, j.started_at, null::integer as duration_ms, j.attempt,
                (select w.name from queue.workers w where w.id = j.lease) as worker, j.last_error as error, j.trace
         from queue.jobs j where "
    ));
}

fn push_end(sql: &mut Sql, asked: Asked<'_>, at: &str, limit: i64) {
    push_posting(sql, asked.filter, "j.created_at");
    push_error(sql, asked.filter, "j.last_error");
    push_after(sql, asked.after, at, "j.id");
    sql.push(format_args!(" order by {at} desc, j.id desc limit ")).push_bind(limit);
}

/// Due jobs: those in their lines, and those that are about to be moved there or are suspected.
pub(super) fn push_lines(sql: &mut Sql, asked: Asked<'_>, limit: i64) {
    sql.push(
        "with recursive line as (
             (select j.queue, j.priority, j.org_id, j.kind from queue.jobs j where j.ready
              order by j.queue, j.priority, j.org_id, j.kind limit 1)
             union all
             select next.* from line cross join lateral (
                 select j.queue, j.priority, j.org_id, j.kind from queue.jobs j
                 where j.ready and (j.queue, j.priority, j.org_id, j.kind)
                                 > (line.queue, line.priority, line.org_id, line.kind)
                 order by j.queue, j.priority, j.org_id, j.kind limit 1) as next
         ), ",
    );
    push_shelves(sql);
    sql.push("select job.* from (select * from line where true");
    push_names(sql, asked.filter, "line.");
    sql.push(" limit ").push_bind(LINES).push(") as line cross join lateral (");
    push_job(sql, "waiting", "j.run_at");
    sql.push(
        "j.ready and j.lease is null and j.queue = line.queue and j.priority = line.priority
         and j.org_id = line.org_id and j.kind = line.kind",
    );
    push_end(sql, asked, "j.run_at", limit);
    sql.push(") as job union all select job.* from shelf cross join lateral (");
    push_job(sql, "waiting", "j.run_at");
    sql.push("not j.ready and j.lease is null and j.queue = shelf.queue and j.run_at <= public.app_now()");
    push_names(sql, asked.filter, "j.");
    push_end(sql, asked, "j.run_at", limit);
    sql.push(") as job");
}

/// Jobs for later.
pub(super) fn push_later(sql: &mut Sql, asked: Asked<'_>, limit: i64) {
    sql.push("with recursive ");
    push_shelves(sql);
    sql.push("select job.* from shelf cross join lateral (");
    push_job(sql, "scheduled", "j.run_at");
    sql.push("not j.ready and j.lease is null and j.queue = shelf.queue and j.run_at > public.app_now()");
    push_names(sql, asked.filter, "j.");
    push_end(sql, asked, "j.run_at", limit);
    sql.push(") as job");
}

/// Jobs that run.
pub(super) fn push_running(sql: &mut Sql, asked: Asked<'_>, limit: i64) {
    push_job(sql, "running", "j.started_at");
    sql.push("j.lease is not null");
    push_names(sql, asked.filter, "j.");
    push_end(sql, asked, "j.started_at", limit);
}

/// The queues that have jobs outside their lines.
fn push_shelves(sql: &mut Sql) {
    sql.push(
        "shelf as (
             (select j.queue from queue.jobs j where not j.ready order by j.queue limit 1)
             union all
             select next.queue from shelf cross join lateral (
                 select j.queue from queue.jobs j where not j.ready and j.queue > shelf.queue
                 order by j.queue limit 1) as next
         ) ",
    );
}
