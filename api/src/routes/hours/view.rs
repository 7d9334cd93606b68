//! What clients say of opening hours, and how they are shown.

use chrono::NaiveDate;
use domain::{
    inventory::hours::{Opening, OpeningHours, SpecialDay, Weekly},
    policies::TimeOfDay,
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When something is open, on the clocks of its place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpeningHours)]
pub struct HoursView {
    /// Its week; empty when it says nothing about weekdays.
    weekly: Vec<WeeklyView>,
    /// Days that differ.
    days: Vec<DayView>,
    /// Of a resource: what its site says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    site: Option<Box<HoursView>>,
}

/// When something is open: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetOpeningHours, example = json!({
    "weekly": [
        { "weekday": 1, "opens": "08:00", "closes": "12:00" }, { "weekday": 1, "opens": "14:00", "closes": "18:00" },
        { "weekday": 5, "opens": "18:00", "closes": "02:00" },
        { "weekday": 6, "opens": "09:00", "closes": "13:00", "valid_from": "2027-06-01", "valid_to": "2027-08-31" }
    ],
    "days": [
        { "day": "2027-12-25", "name": "Noël", "hours": [] },
        { "day": "2027-12-24", "hours": [{ "opens": "08:00", "closes": "12:00" }] }
    ]
}))]
pub struct HoursBody {
    /// Its week, at most 400 intervals; without any it says nothing about weekdays.
    #[serde(default)]
    weekly: Vec<WeeklyView>,
    /// Days that differ, at most 400.
    #[serde(default)]
    days: Vec<DayView>,
}

/// An interval of a weekday.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WeeklyHours)]
pub struct WeeklyView {
    /// From 1, Monday, to 7, Sunday.
    #[schema(example = 1, minimum = 1, maximum = 7)]
    weekday: i16,
    /// First minute in which it is open.
    #[schema(example = "08:00")]
    opens: String,
    /// First minute after; when it is not after `opens`, on the next day.
    #[schema(example = "18:00")]
    closes: String,
    /// First day of the season.
    #[schema(example = "2027-06-01")]
    valid_from: Option<NaiveDate>,
    /// Last day of it.
    #[schema(example = "2027-08-31")]
    valid_to: Option<NaiveDate>,
}

/// A day that differs from its weekday.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SpecialDay)]
pub struct DayView {
    /// Which day.
    #[schema(example = "2027-12-25")]
    day: NaiveDate,
    /// What people call it.
    #[schema(example = "Noël")]
    name: Option<String>,
    /// When it is open nevertheless; closed when empty.
    hours: Vec<OpeningView>,
}

/// From when to when.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Opening)]
pub struct OpeningView {
    /// First minute in which it is open.
    #[schema(example = "08:00")]
    opens: String,
    /// First minute after; when it is not after `opens`, on the next day.
    #[schema(example = "12:00")]
    closes: String,
}

fn opening(field: &str, opens: &str, closes: &str) -> Result<Opening, Refusal> {
    let time = |text: &str| text.parse::<TimeOfDay>().map_err(|problem| Refusal::invalid(field, problem));
    Ok(Opening { opens: time(opens)?, closes: time(closes)? })
}

impl HoursBody {
    pub(super) fn hours(self) -> Result<OpeningHours, Refusal> {
        let weekly = |of: WeeklyView| {
            let WeeklyView { weekday, opens, closes, valid_from, valid_to } = of;
            Ok(Weekly { weekday, opening: opening("weekly", &opens, &closes)?, valid_from, valid_to })
        };
        let day = |of: DayView| {
            let hours = of.hours.iter().map(|of| opening("days", &of.opens, &of.closes));
            Ok(SpecialDay { day: of.day, name: of.name, hours: hours.collect::<Result<_, Refusal>>()? })
        };
        Ok(OpeningHours {
            weekly: self.weekly.into_iter().map(weekly).collect::<Result<_, Refusal>>()?,
            days: self.days.into_iter().map(day).collect::<Result<_, Refusal>>()?,
        })
    }
}

impl HoursView {
    pub(super) fn with_site(self, site: Option<OpeningHours>) -> Self {
        Self { site: site.map(|site| Box::new(site.into())), ..self }
    }
}

impl From<Opening> for OpeningView {
    fn from(of: Opening) -> Self {
        Self { opens: of.opens.to_string(), closes: of.closes.to_string() }
    }
}

impl OpeningView {
    /// Each as it is shown.
    pub(in crate::routes) fn all(of: Vec<Opening>) -> Vec<Self> {
        of.into_iter().map(Self::from).collect()
    }
}

impl From<OpeningHours> for HoursView {
    fn from(hours: OpeningHours) -> Self {
        let weekly = |of: Weekly| {
            let OpeningView { opens, closes } = of.opening.into();
            WeeklyView { weekday: of.weekday, opens, closes, valid_from: of.valid_from, valid_to: of.valid_to }
        };
        let day = |of: SpecialDay| DayView { day: of.day, name: of.name, hours: OpeningView::all(of.hours) };
        Self {
            weekly: hours.weekly.into_iter().map(weekly).collect(),
            days: hours.days.into_iter().map(day).collect(),
            site: None,
        }
    }
}
