//! `GET /bookings` (G30–G32, CX11).

use super::{step::LOOKERS, view::Booking};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    bookings::{self, Filter, Order, Role, Status},
    db::Tx,
    error::Result,
    ids::{ResourceId, UserId},
    inventory::Kind,
    paging::Listed,
    refusals::Refusal,
};

/// Every status, by its own word and by the words older clients use.
const STATUSES: [(&str, Status); 17] = [
    ("draft", Status::Draft),
    ("pending", Status::Pending),
    ("waitlisted", Status::Waitlisted),
    ("approved", Status::Approved),
    ("confirmed", Status::Confirmed),
    ("in_use", Status::InUse),
    ("completed", Status::Completed),
    ("rejected", Status::Rejected),
    ("cancelled", Status::Cancelled),
    ("expired", Status::Expired),
    ("no_show", Status::NoShow),
    ("accepted", Status::Approved),
    ("paid", Status::Confirmed),
    ("en_cours", Status::Pending),
    ("confirme", Status::Confirmed),
    ("annule", Status::Cancelled),
    ("no-show", Status::NoShow),
];

/// Bookings
///
/// Mine, newest first, unless asked otherwise.
#[utoipa::path(get, path = "/bookings", tag = "bookings",
    params(
        ("role" = Option<String>, Query, example = "passenger",
            description = "`passenger` for what I booked or was booked for me, which is the default; `driver` for my \
                           trips; `all` for staff"),
        ("beneficiary" = Option<String>, Query, example = "me", description = "`me`, or a person's id for staff"),
        ("requester" = Option<String>, Query, example = "me", description = "Who booked: `me`, or a person's id for staff"),
        ("status" = Option<String>, Query, example = "in:approved,confirmed",
            description = "One, or several after `in:`; `paid` means `confirmed`, `accepted` means `approved`"),
        ("kind" = Option<String>, Query, example = "parking", description = "Only of this kind of thing"),
        ("resource_id" = Option<String>, Query, description = "Only with units of this resource"),
        ("start_at_gte" = Option<String>, Query, description = "Only those that start then or later"),
        ("start_at_lte" = Option<String>, Query, description = "Only those that start then or earlier"),
        ("created_at_gte" = Option<String>, Query, description = "Only those made then or later; `created_from` means the same"),
        ("created_at_lte" = Option<String>, Query, description = "Only those made then or earlier; `created_to` means the same"),
        ("sort" = Option<String>, Query, example = "start_at",
            description = "`created_at`, `start_at` or `end_at`, two at most, `-` for latest first"),
        Paging
    ),
    responses((status = 200, body = List<Booking>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let role = asked.text("role");
    let people = (person(&caller, &mut asked, "beneficiary")?, person(&caller, &mut asked, "requester")?);
    let statuses = statuses(&mut asked)?;
    let kind = asked.value::<Kind>("kind", &format!("one of {}", Kind::CODES.join(", ")))?;
    let resource = asked.value::<ResourceId>("resource_id", "an id")?;
    let start = (instant(&mut asked, "start_at_gte")?, instant(&mut asked, "start_at_lte")?);
    let created = created(&mut asked)?;
    let order = order(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    let (mut tx, role) = look_as(&app, &caller, role.as_deref(), people).await?;
    let (beneficiary, creator) = people;
    let (offset, limit) = (page.offset, page.limit);
    let filter = Filter { role, statuses, kind, resource, beneficiary, creator, start, created, order, offset, limit };
    let (bookings, total) = bookings::list(&mut tx, filter).await?;
    let items = bookings.into_iter().map(Booking::from).collect();
    Ok(Reply::list(page, Listed { items, total }))
}

/// As whom: to name somebody else is to look as staff.
async fn look_as(
    app: &App,
    caller: &Caller,
    role: Option<&str>,
    (beneficiary, creator): (Option<UserId>, Option<UserId>),
) -> Result<(Tx, Role)> {
    let me = caller.user();
    let others = [beneficiary, creator].into_iter().flatten().any(|user| user != me);
    match role {
        None | Some("passenger") if !others => Ok((caller.begin(app).await?, Role::Passenger(me))),
        Some("driver") if !others => Ok((caller.begin(app).await?, Role::Driver(me))),
        None | Some("all") => {
            let held = LOOKERS.iter().find(|permission| caller.may(**permission)).unwrap_or(&LOOKERS[0]);
            Ok((caller.begin_as(app, *held).await?, Role::Staff))
        }
        Some("passenger" | "driver") => Err(Refusal::invalid("role", "is yours: leave other people out").into()),
        Some(_) => Err(Refusal::invalid("role", "allowed: passenger, driver, all").into()),
    }
}

fn person(caller: &Caller, asked: &mut Asked, name: &'static str) -> Result<Option<UserId>, Refusal> {
    match asked.text(name).as_deref() {
        None => Ok(None),
        Some("me") => Ok(Some(caller.user())),
        Some(id) => id.parse().map(Some).map_err(|_| Refusal::invalid(name, "expected me or an id")),
    }
}

fn instant(asked: &mut Asked, name: &'static str) -> Result<Option<DateTime<Utc>>, Refusal> {
    asked.value(name, "an instant such as 2026-11-30T09:00:00Z")
}

/// From and until when, where said.
type Window = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// When they were made, in either of the two spellings (CX4).
fn created(asked: &mut Asked) -> Result<Window, Refusal> {
    let one = |asked: &mut Asked, name, alias| match (instant(asked, name)?, instant(asked, alias)?) {
        (Some(_), Some(_)) => Err(Refusal::invalid(name, "was given in both spellings")),
        (first, second) => Ok(first.or(second)),
    };
    Ok((one(asked, "created_at_gte", "created_from")?, one(asked, "created_at_lte", "created_to")?))
}

fn order(asked: &mut Asked) -> Result<Vec<Order>, Refusal> {
    let sort = asked.sort(&["created_at", "start_at", "end_at"], "-created_at")?;
    if sort.len() > 2 {
        return Err(Refusal::invalid("sort", "takes two fields at most"));
    }
    Ok(sort.into_iter().map(|sort| Order { field: sort.field, descending: sort.descending }).collect())
}

fn statuses(asked: &mut Asked) -> Result<Vec<Status>, Refusal> {
    let words = asked.words("status", &STATUSES.map(|(word, _)| word))?;
    let named = |word: &String| STATUSES.iter().find(|(known, _)| known == word).map(|(_, status)| *status);
    Ok(words.iter().filter_map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::STATUSES;

    #[test]
    fn every_status_is_known_by_its_own_word() {
        let older = ["accepted", "paid", "en_cours", "confirme", "annule", "no-show"];
        for (word, status) in STATUSES {
            assert!(word == status.code() || older.contains(&word), "{word}");
        }
    }
}
