//! Which members a list is about (V1, C34).

use crate::conditions::Asked;
use domain::{
    organizations::members::{Filter, Order, PRIORITIES, STATUSES},
    refusals::Refusal,
};
use utoipa::IntoParams;

/// Which members to list, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Asking {
    /// A part of their name, username, e-mail or phone; or `query`.
    q: Option<String>,
    /// `active`, `suspended`, `removed`, or several: `in:active,suspended`. Everybody who was not removed when unset.
    status: Option<String>,
    /// True for those who were removed, instead of `status`.
    deleted: Option<bool>,
    /// Those with this role.
    role: Option<String>,
    /// Those with this priority: `standard` or `high`.
    priority: Option<String>,
    /// Those whose main site this is.
    site_id: Option<uuid::Uuid>,
    /// Those who belong to this department.
    department_id: Option<uuid::Uuid>,
    /// Who joined then or later: an RFC 3339 instant or a date; or `created_from`.
    created_at_gte: Option<String>,
    /// Who joined then or before; or `created_to`.
    created_at_lte: Option<String>,
    /// `full_name`, `-full_name`, `created_at` or `-created_at`.
    sort: Option<String>,
}

/// Reads what was asked for.
///
/// # Errors
/// `validation_error` naming the parameter.
pub fn filter(asked: &mut Asked) -> Result<Filter, Refusal> {
    let query = match (asked.text("q"), asked.text("query")) {
        (Some(_), Some(_)) => return Err(Refusal::invalid("query", "use q or query, not both")),
        (one, other) => one.or(other).unwrap_or_default(),
    };
    if query.chars().count() > 100 {
        return Err(Refusal::invalid("q", "must have at most 100 characters"));
    }
    let mut statuses = asked.words("status", &STATUSES)?;
    if asked.value::<bool>("deleted", "true or false")? == Some(true) {
        if !statuses.is_empty() {
            return Err(Refusal::invalid("deleted", "use deleted or status, not both"));
        }
        statuses.push("removed".to_owned());
    }
    let priority = asked.words("priority", &PRIORITIES)?.pop();
    let span = asked.span(&["created_at_gte", "created_from"], &["created_at_lte", "created_to"])?;
    let sort = asked.sort(&["full_name", "created_at"], "full_name")?;
    let order = match sort.as_slice() {
        [one] if one.field == "full_name" && !one.descending => Order::Name,
        [one] if one.field == "full_name" => Order::NameBackwards,
        [one] if !one.descending => Order::Joined,
        [_] => Order::JoinedLast,
        _ => return Err(Refusal::invalid("sort", "sort by one field")),
    };
    Ok(Filter {
        query,
        statuses,
        role: asked.text("role"),
        priority,
        site: asked.value("site_id", "a site's id")?,
        department: asked.value("department_id", "a department's id")?,
        joined_from: span.from,
        joined_before: span.before,
        order,
    })
}
