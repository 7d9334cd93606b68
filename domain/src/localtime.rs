//! Wall-clock times and instants (★3, CX21, CX55): the one place that asks what the clocks of a zone show. Whoever says a
//! time means one instant, so a time shown twice or never is answered with the choices; what is a rule about days, such as
//! opening hours, has an answer on every day.

use crate::{error::Result, refusals::Refusal};
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// Which edition of the zones' laws this program knows.
pub const ZONE_DATA: &str = chrono_tz::IANA_TZDB_VERSION;

/// The longest time no clock showed: a day that was skipped, in minutes.
const LONGEST_GAP: i32 = 1_440;

/// The instant somebody means who says this time on these clocks.
///
/// # Errors
/// [`Refusal::NoSuchLocalTime`] with the last time before and the first after it, [`Refusal::LocalTimeTwice`] with both.
pub fn instant(local: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => Ok(at.to_utc()),
        MappedLocalTime::Ambiguous(first, second) => {
            Err(Refusal::LocalTimeTwice { choices: vec![first.to_rfc3339(), second.to_rfc3339()] }.into())
        }
        MappedLocalTime::None => Err(Refusal::NoSuchLocalTime { choices: neighbours(local, zone) }.into()),
    }
}

/// The same for a time that was resolved before: of one shown twice, whichever is nearer to the instant it had.
///
/// # Errors
/// [`Refusal::NoSuchLocalTime`].
pub fn again(local: NaiveDateTime, had: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Ambiguous(first, second) => {
            let far = |at: &DateTime<Tz>| (at.to_utc() - had).abs();
            Ok(if far(&second) < far(&first) { second } else { first }.to_utc())
        }
        _ => instant(local, zone),
    }
}

/// The first instant at which these clocks show this time or a later one: where a day, a morning, an opening begins or
/// ends. It never runs backwards, so what follows one another on a day does so in time.
#[must_use]
pub fn first_showing(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let whole = local.with_second(0).and_then(|local| local.with_nanosecond(0)).unwrap_or(local);
    let shown = zone.from_local_datetime(&local).earliest().or_else(|| nearest(whole, TimeDelta::minutes(1), zone));
    shown.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// What the clocks of a zone show.
#[must_use]
pub fn wall(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

fn neighbours(local: NaiveDateTime, zone: Tz) -> Vec<String> {
    let steps = [TimeDelta::minutes(-1), TimeDelta::minutes(1)];
    steps.into_iter().filter_map(|step| nearest(local, step, zone)).map(|at| at.to_rfc3339()).collect()
}

fn nearest(local: NaiveDateTime, step: TimeDelta, zone: Tz) -> Option<DateTime<Tz>> {
    (1..=LONGEST_GAP).find_map(|n| zone.from_local_datetime(&local.checked_add_signed(step * n)?).earliest())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use chrono_tz::{Asia::Beirut, Europe::Paris};

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_never_shown_or_shown_twice_is_answered_with_the_choices() {
        match instant(local("2026-03-29T02:30:00"), Paris) {
            Err(Error::Refused(Refusal::NoSuchLocalTime { choices })) => {
                assert_eq!(choices, ["2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"]);
            }
            other => panic!("{other:?}"),
        }
        match instant(local("2026-10-25T02:30:00"), Paris) {
            Err(Error::Refused(Refusal::LocalTimeTwice { choices })) => {
                assert_eq!(choices, ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(instant(local("2026-07-01T14:00:00"), Paris).unwrap(), utc("2026-07-01T12:00:00Z"));
    }

    #[test]
    fn what_was_chosen_once_stays_chosen() {
        let twice = local("2026-10-25T02:30:00");
        for had in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
            assert_eq!(again(twice, utc(had), Paris).unwrap(), utc(had));
        }
        let moved = again(local("2026-07-01T14:00:00"), utc("2026-07-01T09:00:00Z"), Paris).unwrap();
        assert_eq!(moved, utc("2026-07-01T12:00:00Z"));
        assert!(again(local("2026-03-29T02:30:00"), utc("2026-03-29T01:30:00Z"), Paris).is_err());
    }

    #[test]
    fn a_day_begins_where_its_clocks_begin() {
        assert_eq!(first_showing(local("2027-03-28T00:00:00"), Beirut), utc("2027-03-27T22:00:00Z"));
        assert_eq!(first_showing(local("2026-10-25T02:30:00"), Paris), utc("2026-10-25T00:30:00Z"));
        assert_eq!(first_showing(local("2026-03-29T02:30:00"), Paris), utc("2026-03-29T01:00:00Z"));
        assert_eq!(wall(utc("2026-03-29T01:00:00Z"), Paris), local("2026-03-29T03:00:00"));
    }

    /// Every change of every zone's clocks in the ten years to come: the last instant before and the first after it.
    fn transitions() -> Vec<(Tz, DateTime<Utc>)> {
        let offset = |zone: Tz, at: DateTime<Utc>| wall(at, zone) - at.naive_utc();
        let mut found = Vec::new();
        for zone in chrono_tz::TZ_VARIANTS {
            let mut day = utc("2026-11-01T00:00:00Z");
            for _ in 0..3_700 {
                let next = day + TimeDelta::days(1);
                if offset(zone, day) != offset(zone, next) {
                    let (mut before, mut after) = (day, next);
                    while after - before > TimeDelta::seconds(1) {
                        let middle = before + (after - before) / 2;
                        let same = offset(zone, middle) == offset(zone, before);
                        *(if same { &mut before } else { &mut after }) = middle;
                    }
                    found.push((zone, after));
                }
                day = next;
            }
        }
        found
    }

    #[test]
    fn no_zone_moves_a_time_silently_in_the_next_ten_years() {
        let transitions = transitions();
        assert!(transitions.len() > 3_000, "{} transitions", transitions.len());
        for (zone, at) in transitions {
            let start = wall(at, zone) - TimeDelta::hours(4);
            let mut last = None;
            for quarter in 0..32 {
                let local = start + TimeDelta::minutes(15 * quarter);
                match instant(local, zone) {
                    Ok(at) => assert_eq!(wall(at, zone), local, "{zone}"),
                    Err(Error::Refused(Refusal::LocalTimeTwice { choices })) => {
                        let choices: Vec<DateTime<Utc>> = choices.iter().map(|choice| utc(choice)).collect();
                        assert!(choices[0] < choices[1], "{zone} {local}");
                        for choice in choices {
                            assert_eq!(
                                (wall(choice, zone), again(local, choice, zone).unwrap()),
                                (local, choice),
                                "{zone}"
                            );
                        }
                    }
                    Err(Error::Refused(Refusal::NoSuchLocalTime { choices })) => {
                        let shown: Vec<NaiveDateTime> = choices.iter().map(|choice| wall(utc(choice), zone)).collect();
                        assert!(shown[0] < local && local < shown[1], "{zone} {local} {shown:?}");
                        assert!(shown.iter().all(|shown| again(*shown, at, zone).is_ok()), "{zone} {local}");
                    }
                    Err(other) => panic!("{zone} {local}: {other:?}"),
                }
                let first = first_showing(local, zone);
                assert!(wall(first, zone) >= local && Some(first) >= last, "{zone} {local} runs backwards");
                last = Some(first);
            }
        }
    }
}
