//! What the constraint on claims believes, when claims overlap all the same: is it there, and does its index know what the
//! table knows?

use sqlx::PgPool;

/// The predicate of the index, and a span that every claim meets: a query that may read it.
const STANDING: &str = "select count(*) from claims where freed_at is null and during && tstzrange(null, null)";

/// Some of the pairs, with when each claim was taken.
const PAIRS: &str = "
    select format('unit %s: %s %s at %s, %s %s at %s', a.unit_id, a.source, a.source_id, a.taken_at, b.source, b.source_id, b.taken_at)
    from claims a join claims b on b.org_id = a.org_id and b.unit_id = a.unit_id and b.id > a.id and b.during && a.during
    where a.active and b.active order by greatest(a.taken_at, b.taken_at) limit 5";

/// In words.
pub async fn explain_overlaps(eyes: &PgPool) -> sqlx::Result<Vec<String>> {
    let version: String = sqlx::query_scalar("select version()").fetch_one(eyes).await?;
    let constraint: Option<String> = sqlx::query_scalar(
        "select pg_get_constraintdef(oid) from pg_constraint
         where conrelid = 'claims'::regclass and conname = 'claims_no_overlap'",
    )
    .fetch_optional(eyes)
    .await?;
    let mut tx = eyes.begin().await?;
    sqlx::raw_sql(
        "set local enable_indexscan = off; set local enable_indexonlyscan = off; set local enable_bitmapscan = off",
    )
    .execute(&mut *tx)
    .await?;
    let by_table: i64 = sqlx::query_scalar(STANDING).persistent(false).fetch_one(&mut *tx).await?;
    sqlx::raw_sql(
        "set local enable_indexscan = on; set local enable_indexonlyscan = on; set local enable_seqscan = off",
    )
    .execute(&mut *tx)
    .await?;
    let by_index: i64 = sqlx::query_scalar(STANDING).persistent(false).fetch_one(&mut *tx).await?;
    tx.rollback().await?;
    let mut lines = vec![
        format!("claims overlap; {version}"),
        format!("claims_no_overlap is {}", constraint.as_deref().unwrap_or("not there")),
        format!("claims that stand: {by_table} in the table, {by_index} by the index"),
    ];
    lines.extend(sqlx::query_scalar::<_, String>(PAIRS).fetch_all(eyes).await?);
    Ok(lines)
}
