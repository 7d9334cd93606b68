//! `GET /resources`, `GET /resources/{id}` (E11, E12, E14).

use super::view::Resource;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
    routes::availability::{DayView, UpcomingView},
};
use axum::extract::State;
use domain::{
    bookings::availability,
    ids::ResourceId,
    inventory::resources::{self, Filter, Order},
    permissions::Permission,
    refusals::Refusal,
};

/// Every kind, by its own word and by the words older clients use.
pub(in crate::routes) const KINDS: [(&str, &str); 8] = [
    ("parking", "parking"),
    ("equipment", "equipment"),
    ("room", "room"),
    ("vehicle", "vehicle"),
    ("machine", "machine"),
    ("equipement", "equipment"),
    ("salle", "room"),
    ("vehicule", "vehicle"),
];

/// Every status, by its own word and by the words older clients use (CX44).
pub(in crate::routes) const STATUSES: [(&str, &str); 8] = [
    ("active", "active"),
    ("maintenance", "maintenance"),
    ("retired", "retired"),
    ("AVAILABLE", "active"),
    ("MAINTENANCE", "maintenance"),
    ("DISABLED", "retired"),
    ("en_maintenance", "maintenance"),
    ("hors_service", "retired"),
];

/// What a resource may be shown with.
const INCLUDES: [&str; 3] = ["stats", "upcoming", "availability"];

const SORTS: [&str; 6] = ["name", "kind", "status", "capacity", "created_at", "updated_at"];

/// Resources
#[utoipa::path(get, path = "/resources", tag = "inventory",
    params(
        ("kind" = Option<String>, Query, example = "in:equipment,room", description = "One, or several after `in:`; also `type`"),
        ("status" = Option<String>, Query, example = "active", description = "One, or several after `in:`"),
        ("tag" = Option<String>, Query, example = "Video", description = "The name of a tag"),
        ("q" = Option<String>, Query, description = "A part of the name, the description or the serial number"),
        ("site_id" = Option<Uuid>, Query, description = "The site it stands on"),
        ("building" = Option<String>, Query, description = "A part of its building's name; also `batiment`"),
        ("features" = Option<String>, Query, example = "4k,xlr", description = "All of these; also `caracteristiques`"),
        ("minimum_capacity" = Option<i32>, Query, example = 8, description = "For at least so many people; also `capacity_gte`"),
        ("created_from" = Option<String>, Query, description = "An instant or a date; also `created_at_gte`"),
        ("created_to" = Option<String>, Query, description = "An instant or a date; also `created_at_lte`"),
        ("include_deleted" = Option<bool>, Query, description = "Removed ones too; for who may restore them"),
        ("sort" = Option<String>, Query, example = "kind,-created_at",
            description = "At most two of `name`, `kind`, `status`, `capacity`, `created_at`, `updated_at`; `-` before one turns it round"),
        Paging
    ),
    responses((status = 200, body = List<Resource>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = wish(&mut asked)?;
    let order = order(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    let mut tx = match filter.include_deleted {
        true => caller.begin_as(&app, Permission::ResourceCreate).await?,
        false => caller.begin(&app).await?,
    };
    let listed = resources::list(&mut tx, &filter, &order, page).await?;
    Ok(Reply::list(page, listed.map(Resource::from)))
}

fn wish(asked: &mut Asked) -> Result<Filter, Refusal> {
    let made = asked.span(&["created_at_gte", "created_from"], &["created_at_lte", "created_to"])?;
    let capacity = asked.by_any_name(&["minimum_capacity", "capacity_gte"])?;
    let minimum_capacity = capacity
        .map(|(name, text)| {
            let number = text.parse::<i32>().ok().filter(|number| *number >= 0);
            number.ok_or_else(|| Refusal::invalid(name, "expected a whole number of people"))
        })
        .transpose()?;
    Ok(Filter {
        kinds: asked.spelt(&["kind", "type", "type_of_ressource"], &KINDS)?,
        statuses: asked.spelt(&["status"], &STATUSES)?,
        tag: asked.text("tag"),
        text: asked.text("q"),
        site: asked.value("site_id", "a site's id")?,
        building: asked.by_any_name(&["building", "batiment"])?.map(|(_, text)| text),
        features: asked.all_of(&["features", "caracteristiques"])?,
        minimum_capacity,
        created_from: made.from,
        created_before: made.before,
        include_deleted: asked.flag("include_deleted")?,
        favourite_of: None,
    })
}

fn order(asked: &mut Asked) -> Result<Vec<Order>, Refusal> {
    let sorts = asked.sort(&SORTS, "name")?;
    if sorts.len() > 2 {
        return Err(Refusal::invalid("sort", "at most two fields"));
    }
    Ok(sorts.into_iter().map(|sort| Order { field: sort.field, descending: sort.descending }).collect())
}

/// One resource
///
/// With its figures, its next bookings and its days to come, where these are asked for.
#[utoipa::path(get, path = "/resources/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"),
        ("include" = Option<String>, Query, example = "stats,upcoming,availability", description = "Any of these")),
    responses((status = 200, body = Data<Resource>)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let include = asked.all_of(&["include"])?;
    asked.end()?;
    if include.iter().any(|word| !INCLUDES.contains(&word.as_str())) {
        return Err(Refusal::invalid("include", format!("allowed: {}", INCLUDES.join(", "))).into());
    }
    let wants = |word: &str| include.iter().any(|wanted| wanted == word);
    let mut tx = caller.begin(&app).await?;
    let resource = resources::find(&mut tx, id).await?;
    let version = resource.version;
    let mut view = Resource::from(resource);
    if wants("stats") {
        view.stats = Some(availability::stats(&mut tx, id).await?.into());
    }
    if wants("upcoming") {
        let upcoming = availability::upcoming(&mut tx, id).await?;
        view.upcoming = Some(upcoming.into_iter().map(|next| UpcomingView::of(next, caller.user())).collect());
    }
    if wants("availability") {
        let week = availability::week(&mut tx, id, None, 7).await?;
        view.availability = Some(week.into_iter().map(DayView::from).collect());
    }
    Ok(Reply::ok(view).version(version))
}
