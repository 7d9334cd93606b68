//! One job's whole life: where it is, what it carries, and every run of it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// The most runs one answer holds: the newest.
const RUNS: i64 = 1_000;

/// What is known of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// The job's id.
    pub id: Uuid,
    /// Its queue.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// The organization it works for; none for the house itself.
    pub org_id: Option<Uuid>,
    /// waiting, scheduled, running, dead; or, when it is gone, how it ended.
    pub state: String,
    /// When it was posted, where that is known.
    pub created_at: Option<DateTime<Utc>>,
    /// When it is due, or was while it still waits or runs.
    pub run_at: Option<DateTime<Utc>>,
    /// Attempts charged so far.
    pub attempt: i32,
    /// Workers that died under it since it last ended by itself.
    pub deaths: i16,
    /// Who runs it.
    pub worker: Option<String>,
    /// What went wrong last.
    pub error: Option<String>,
    /// W3C `traceparent` of the request that posted it.
    pub trace: Option<String>,
    /// What it carries, as far as it may be shown: ids, times, numbers. Gone with the job.
    pub payload: Option<Value>,
    /// Its runs, newest first.
    pub runs: Vec<Run>,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Run {
    /// Which attempt it was. One that asked to look again later is not counted, so the next has the same number.
    pub attempt: i32,
    /// Who ran it, or took the job away.
    pub worker: Option<String>,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// How long it took.
    pub duration_ms: i32,
    /// done, again, retried, dead, lost or cancelled.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
}

#[derive(FromRow)]
struct Standing {
    queue: String,
    kind: String,
    org_id: Option<Uuid>,
    state: String,
    created_at: Option<DateTime<Utc>>,
    run_at: Option<DateTime<Utc>>,
    attempt: i32,
    deaths: i16,
    worker: Option<String>,
    error: Option<String>,
    trace: Option<String>,
    payload: Option<Value>,
}

/// What is known of a job; `None` when it is unknown or forgotten.
///
/// # Errors
/// When the database fails.
pub async fn life(conn: &mut PgConnection, id: Uuid) -> Result<Option<Life>, sqlx::Error> {
    let standing: Option<Standing> = sqlx::query_as(
        "select queue, kind, nullif(org_id, '00000000-0000-0000-0000-000000000000') as org_id,
                case when lease is not null then 'running' when run_at > public.app_now() then 'scheduled'
                     else 'waiting' end as state,
                created_at, run_at, attempt, deaths, (select w.name from queue.workers w where w.id = lease) as worker,
                last_error as error, trace, payload
         from queue.jobs where id = $1
         union all
         select queue, kind, org_id, 'dead', created_at, null, attempts, deaths, null, reason, trace, payload
         from queue.dead where id = $1
         union all
         (select queue, kind, org_id, outcome, null, null, attempt, 0::smallint, null, reason, trace, null
          from queue.history where id = $1 order by ended_at desc limit 1)
         limit 1",
    )
    .bind(id)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(standing) = standing else { return Ok(None) };
    let runs = sqlx::query_as(
        "select attempt, worker, started_at, ended_at, duration_ms, outcome, reason from queue.history
         where id = $1 order by ended_at desc limit $2",
    )
    .bind(id)
    .bind(RUNS)
    .fetch_all(conn)
    .await?;
    let Standing { queue, kind, org_id, state, created_at, run_at, attempt, deaths, worker, error, trace, payload } =
        standing;
    let (created_at, payload) = (created_at.or_else(|| drawn_at(id)), payload.map(shown));
    Ok(Some(Life {
        id,
        queue,
        kind,
        org_id,
        state,
        created_at,
        run_at,
        attempt,
        deaths,
        worker,
        error,
        trace,
        payload,
        runs,
    }))
}

/// When an id was drawn, as its first bits say.
fn drawn_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.get_timestamp().filter(|_| id.get_version_num() == 7)?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// A payload without what may be private: only ids, times, numbers and the kind are let through.
fn shown(payload: Value) -> Value {
    match payload {
        Value::Object(fields) => {
            let shown = fields.into_iter().map(|(name, value)| match (name.as_str(), value) {
                ("kind", Value::String(kind)) => (name, Value::String(kind)),
                (_, value) => (name, shown(value)),
            });
            Value::Object(shown.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(shown).collect()),
        Value::String(text) if is_id(&text) || text.parse::<DateTime<Utc>>().is_ok() => Value::String(text),
        Value::String(_) => Value::String("[hidden]".to_owned()),
        plain => plain,
    }
}

/// A hyphenated UUID: a token that happens to be hexadecimal is none.
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.parse::<Uuid>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_ids_times_and_numbers_of_a_payload_are_shown() {
        let (id, at) = (Uuid::from_u128(7).to_string(), "2026-11-27T10:00:00Z");
        let payload =
            json!({ "kind": "a.b", "id": id, "at": at, "n": 3, "code": "123456", "in": { "to": ["a@b.ci"] } });
        let seen =
            json!({ "kind": "a.b", "id": id, "at": at, "n": 3, "code": "[hidden]", "in": { "to": ["[hidden]"] } });
        assert_eq!(shown(payload), seen);
        assert_eq!(shown(json!("0123456789abcdef0123456789abcdef")), json!("[hidden]"));
    }
}
