//! Quiet hours (SN2): a span of the day in which a person is left alone, by the clock on their own wall: it may pass
//! midnight, and the nights on which clocks change are as long as they are.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

/// What would be of no use so soon after the quiet hours is told in spite of them.
const MARGIN: TimeDelta = TimeDelta::hours(1);

/// When somebody is to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// First minute.
    pub from: NaiveTime,
    /// First minute after; the next day's when it is not later than `from`.
    pub to: NaiveTime,
}

impl QuietHours {
    /// How long they last on an ordinary day, in minutes.
    #[must_use]
    pub fn minutes(self) -> i64 {
        let minute = |time: NaiveTime| i64::from(time.num_seconds_from_midnight() / 60);
        (minute(self.to) - minute(self.from)).rem_euclid(24 * 60)
    }

    /// When they end, if they are on at `now` in `zone`.
    #[must_use]
    pub fn end(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&zone).naive_local();
        let (time, today) = (local.time(), local.date());
        let day = if self.from < self.to {
            (self.from <= time && time < self.to).then_some(today)
        } else if time >= self.from {
            today.succ_opt()
        } else {
            (time < self.to).then_some(today)
        }?;
        Some(first_after(now, day.and_time(self.to), zone))
    }

    /// Until when a message must wait at `now`; `None` when it may leave. One that would be useless soon after the
    /// end leaves at once (R8).
    #[must_use]
    pub fn hold_back(
        self,
        now: DateTime<Utc>,
        zone: Tz,
        useless_after: Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        let end = self.end(now, zone)?;
        let urgent = useless_after.is_some_and(|useless| useless > now && useless < end + MARGIN);
        (!urgent).then_some(end)
    }
}

/// The first instant after `now` at which the clocks in `zone` show `local`, or, on a night that leaves it out, the
/// first that they show instead.
fn first_after(now: DateTime<Utc>, local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // no zone ever left out more than a day
    let shown = (0..=25 * 60).find_map(|minutes| {
        let instants = (local + TimeDelta::minutes(minutes)).and_local_timezone(zone);
        [instants.earliest(), instants.latest()].into_iter().flatten().find(|instant| *instant > now)
    });
    shown.map_or(now, |instant| instant.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{Africa::Abidjan, America::New_York, Europe::Paris, Pacific::Apia};

    fn quiet(from: &str, to: &str) -> QuietHours {
        QuietHours { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn end(hours: QuietHours, now: &str, zone: Tz) -> Option<String> {
        hours.end(at(now), zone).map(|end| end.format("%m-%dT%H:%M").to_string())
    }

    #[test]
    fn they_pass_midnight_by_the_clock_on_the_wall() {
        let night = quiet("22:00:00", "07:00:00");
        for (now, ends) in [
            ("2026-11-21T21:59:59Z", None),
            ("2026-11-21T22:00:00Z", Some("11-22T07:00")),
            ("2026-11-21T23:59:59Z", Some("11-22T07:00")),
            ("2026-11-22T00:00:00Z", Some("11-22T07:00")),
            ("2026-11-22T06:59:59Z", Some("11-22T07:00")),
            ("2026-11-22T07:00:00Z", None),
            ("2026-11-22T12:00:00Z", None),
        ] {
            assert_eq!(end(night, now, Abidjan).as_deref(), ends, "{now}");
        }
        // the same instant is night in one place and not in another
        assert_eq!(end(night, "2026-11-21T21:30:00Z", Paris).as_deref(), Some("11-22T06:00"));
        assert_eq!(end(night, "2026-11-21T21:30:00Z", New_York), None);
        assert_eq!(night.minutes(), 540);
    }

    #[test]
    fn within_one_day_they_end_the_same_day() {
        let siesta = quiet("13:00:00", "15:30:00");
        assert_eq!(end(siesta, "2026-11-21T13:00:00Z", Abidjan).as_deref(), Some("11-21T15:30"));
        assert_eq!(end(siesta, "2026-11-21T15:30:00Z", Abidjan), None);
        assert_eq!(end(siesta, "2026-11-21T03:00:00Z", Abidjan), None);
        assert_eq!(siesta.minutes(), 150);
    }

    #[test]
    fn the_nights_on_which_clocks_change_are_as_long_as_they_are() {
        let night = quiet("22:00:00", "07:00:00");
        // Paris springs forward on 2026-03-29 and falls back on 2026-10-25
        assert_eq!(end(night, "2026-03-28T21:30:00Z", Paris).as_deref(), Some("03-29T05:00"), "one hour shorter");
        assert_eq!(end(night, "2026-10-24T20:30:00Z", Paris).as_deref(), Some("10-25T06:00"), "one hour longer");
    }

    #[test]
    fn an_end_that_the_clocks_leave_out_is_the_next_they_show() {
        let short = quiet("00:30:00", "02:30:00");
        // at 02:00 the clocks in Paris show 03:00, which is 01:00 UTC
        assert_eq!(end(short, "2026-03-29T00:10:00Z", Paris).as_deref(), Some("03-29T01:00"));
        // Samoa left out 30 December 2011 whole
        let night = quiet("22:00:00", "07:00:00");
        assert_eq!(night.end(at("2011-12-30T09:00:00Z"), Apia), Some(at("2011-12-30T10:00:00Z")));
    }

    #[test]
    fn an_end_that_the_clocks_show_twice_is_never_past() {
        let short = quiet("00:30:00", "02:30:00");
        // the clocks in Paris show 02:30 at 00:30 and at 01:30 UTC
        assert_eq!(end(short, "2026-10-24T23:00:00Z", Paris).as_deref(), Some("10-25T00:30"));
        assert_eq!(end(short, "2026-10-25T00:40:00Z", Paris), None, "02:40 the first time");
        assert_eq!(end(short, "2026-10-25T01:10:00Z", Paris).as_deref(), Some("10-25T01:30"), "02:10 again");
    }

    #[test]
    fn what_would_be_useless_by_then_does_not_wait() {
        let night = quiet("22:00:00", "07:00:00");
        let now = at("2026-11-21T23:00:00Z");
        let wait = |until: Option<&str>| night.hold_back(now, Abidjan, until.map(at)).is_some();
        assert!(wait(None));
        assert!(!wait(Some("2026-11-21T23:10:00Z")), "an offer of ten minutes");
        assert!(!wait(Some("2026-11-22T07:59:00Z")), "less than an hour would be left");
        assert!(wait(Some("2026-11-22T08:00:00Z")));
        assert!(wait(Some("2026-11-21T22:30:00Z")), "it is too late anyway");
        assert!(night.hold_back(at("2026-11-21T12:00:00Z"), Abidjan, None).is_none());
    }
}
