//! `GET /bookings` (G31, G32, CX11).

use super::view::Booking;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    bookings::{self, Filter, Role, Status},
    db::Tx,
    error::Result,
    paging::Listed,
    permissions::Permission,
    refusals::Refusal,
};

/// Every status, by its own word and by the words older clients use.
const STATUSES: [(&str, Status); 14] = [
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
];

/// My bookings
///
/// Newest first.
#[utoipa::path(get, path = "/bookings", tag = "bookings",
    params(
        ("role" = Option<String>, Query, example = "passenger",
            description = "`passenger` for what I booked, which is the default; `driver` for my trips; `all` for staff"),
        ("status" = Option<String>, Query, example = "in:approved,confirmed",
            description = "One, or several after `in:`; `paid` means `confirmed`, `accepted` means `approved`"),
        Paging
    ),
    responses((status = 200, body = List<Booking>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let role = asked.text("role");
    let statuses = statuses(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    let (mut tx, role) = look_as(&app, &caller, role.as_deref()).await?;
    let filter = Filter { role, statuses, offset: page.offset, limit: page.limit };
    let (bookings, total) = bookings::list(&mut tx, filter).await?;
    let items = bookings.into_iter().map(Booking::from).collect();
    Ok(Reply::list(page, Listed { items, total }))
}

async fn look_as(app: &App, caller: &Caller, role: Option<&str>) -> Result<(Tx, Role)> {
    match role {
        None | Some("passenger") => Ok((caller.begin(app).await?, Role::Passenger(caller.user()))),
        Some("driver") => Ok((caller.begin(app).await?, Role::Driver(caller.user()))),
        Some("all") => Ok((caller.begin_as(app, Permission::BookingArbitrate).await?, Role::Staff)),
        Some(_) => Err(Refusal::invalid("role", "allowed: passenger, driver, all").into()),
    }
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
        for (word, status) in STATUSES {
            assert!(word == status.code() || ["accepted", "paid", "en_cours"].contains(&word), "{word}");
        }
    }
}
