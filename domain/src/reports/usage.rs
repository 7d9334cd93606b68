//! How much is booked and used, by what stands where and by who belongs where (Z10).

use crate::{db::Tx, error::Result, refusals::Refusal};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// The longest span of one report.
const LONGEST: TimeDelta = TimeDelta::days(400);

/// What figures are added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The site of the booked resource.
    Site,
    /// The department of the person booked for, as it is today.
    Department,
    /// The booked resource.
    Resource,
    /// Its kind.
    Kind,
}

impl By {
    /// Every way, by the word clients use.
    pub const WORDS: [(&'static str, Self); 4] =
        [("site", Self::Site), ("department", Self::Department), ("resource", Self::Resource), ("kind", Self::Kind)];

    fn code(self) -> &'static str {
        Self::WORDS.iter().find(|(_, by)| *by == self).map_or("site", |(word, _)| *word)
    }
}

/// Figures of one site, department, resource or kind; of none of them where both are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Which, where it has an id.
    pub id: Option<Uuid>,
    /// What it is called.
    pub name: Option<String>,
    /// Bookings that held or hold their units.
    pub bookings: i64,
    /// Given up, refused or run out.
    pub cancelled: i64,
    /// Nobody came.
    pub no_shows: i64,
    /// Minutes booked, each unit by itself.
    pub minutes: i64,
    /// Different people booked for.
    pub people: i64,
    /// What was due or paid, in minor units of the organization's currency.
    pub amount: i64,
}

/// Figures of the bookings that start at or after `from` and before `before`, most minutes first.
///
/// # Errors
/// [`Refusal::Invalid`] for a span that is empty or longer than 400 days.
pub async fn usage(tx: &mut Tx, by: By, from: DateTime<Utc>, before: DateTime<Utc>) -> Result<Vec<Usage>> {
    if before <= from || before - from > LONGEST {
        return Err(
            Refusal::invalid("to", format!("must be after from, by at most {} days", LONGEST.num_days())).into()
        );
    }
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Usage,
        r#"with counted as (
               select case $2 when 'site' then r.site_id when 'department' then m.department_id when 'resource' then r.id end
                          as id,
                      case when $2 = 'kind' then b.kind end as kind, b.beneficiary_user_id,
                      b.status in ('pending', 'approved', 'confirmed', 'in_use', 'completed') as held,
                      b.status in ('cancelled', 'rejected', 'expired') as given_up, b.status = 'no_show' as missed,
                      extract(epoch from b.end_at - b.start_at) / 60 * b.quantity as minutes, b.price
               from bookings b join resources r on r.org_id = b.org_id and r.id = b.resource_id
               join memberships m on m.org_id = b.org_id and m.user_id = b.beneficiary_user_id
               where b.org_id = $1 and b.start_at >= $3 and b.start_at < $4 and b.status not in ('draft', 'waitlisted'))
           select c.id as "id?",
                  coalesce(c.kind, (select s.name from sites s where s.org_id = $1 and s.id = c.id),
                           (select d.name from departments d where d.org_id = $1 and d.id = c.id),
                           (select r.name from resources r where r.org_id = $1 and r.id = c.id)) as "name?",
                  count(*) filter (where held) as "bookings!", count(*) filter (where given_up) as "cancelled!",
                  count(*) filter (where missed) as "no_shows!",
                  coalesce(sum(minutes) filter (where held), 0)::bigint as "minutes!",
                  count(distinct beneficiary_user_id) filter (where held) as "people!",
                  coalesce(sum(price) filter (where held), 0)::bigint as "amount!"
           from counted c group by c.id, c.kind order by 6 desc, 2, 1"#,
        org.0,
        by.code(),
        from,
        before
    )
    .fetch_all(tx.conn())
    .await?)
}
