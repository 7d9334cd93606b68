//! Every job has a carrier of its name and a flow that needs it.

use crate::{
    code::Code,
    expect_complaint, expect_tidy,
    files::{self, File},
};
use domain::jobs::{Maintenance, Notifications, Payments, Reservations};
use queue::JobFamily;
use std::collections::BTreeSet;

/// Flows that cannot pass unless these jobs do their work, though they never name them.
const NEEDED_BY: [(&str, &str, &str); 17] = [
    ("payment.start", "flows/paid_ride.rs", "a_booking_paid_by_wave_is_ridden_and_earned"),
    ("payment.poll", "flows/lost_answers.rs", "a_payment_settles_without_any_webhook"),
    (
        "payment.expire_checkout",
        "flows/cancellation.rs",
        "cancelling_before_the_payment_frees_the_seats_and_closes_the_checkout",
    ),
    ("inbound.settle", "flows/webhooks.rs", "the_same_event_ten_times_has_one_effect"),
    ("inbound.ask", "flows/webhooks.rs", "a_stale_but_authentic_event_only_makes_us_ask"),
    ("refund.send", "flows/cancellation.rs", "cancelling_a_paid_booking_before_the_start_refunds_it_whole_and_once"),
    ("payment.look_again", "flows/taken_back.rs", "a_payout_that_is_taken_back_is_owed_again_and_paid_by_the_next_run"),
    ("payout.build", "flows/payouts.rs", "a_driver_is_paid_what_was_earned_and_only_once"),
    ("payout.run", "flows/payouts.rs", "a_daily_run_begins_by_itself_and_once"),
    ("payout.send", "races/killed_worker.rs", "a_worker_killed_between_call_and_record_pays_once"),
    ("reconciliation.run", "flows/reconciliation.rs", "a_day_is_looked_at_by_itself_and_what_is_dismissed_stays_quiet"),
    ("booking.protect_next", "flows/overdue_ripple.rs", "whoever_comes_next_gets_another_before_they_come"),
    ("notification.send", "flows/paid_ride.rs", "a_booking_paid_by_wave_is_ridden_and_earned"),
    ("invitation.send", "flows/invitations.rs", "a_letter_opens_a_closed_house_once"),
    ("otp.send", "flows/identity.rs", "a_phone_is_enough_to_join_and_to_come_back"),
    ("report.write", "flows/reports.rs", "a_statement_comes_to_what_the_books_come_to_in_every_form"),
    ("reminder.due", "flows/paid_ride.rs", "a_booking_paid_by_wave_is_ridden_and_earned"),
];

/// A job as page one declares it.
#[derive(Debug, PartialEq)]
struct Job {
    queue: String,
    variant: String,
    kind: String,
}

/// Reads page one: `} = "kind", POLICY;` ends a variant whose name begins the line.
fn page_one(text: &str) -> Vec<Job> {
    let mut queue = String::new();
    let mut jobs = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some((_, name)) = line.split_once(" on \"").filter(|_| line.ends_with('{')) {
            queue = name.split('"').next().unwrap_or_default().to_owned();
        }
        let declared = line.split_once("= \"").filter(|_| !queue.is_empty() && line.ends_with(';'));
        if let Some((left, right)) = declared {
            let variant = left.split([' ', '{']).next().unwrap_or_default().to_owned();
            let kind = right.split('"').next().unwrap_or_default().to_owned();
            jobs.push(Job { queue: queue.clone(), variant, kind });
        }
    }
    jobs
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// `carriers` are paths such as `payments/start_payment.rs` within `worker/src`.
fn carriers_and_jobs_differ(jobs: &[Job], carriers: &BTreeSet<String>) -> Vec<String> {
    let wanted: BTreeSet<String> = jobs.iter().map(|job| format!("{}/{}.rs", job.queue, snake(&job.variant))).collect();
    let missing =
        wanted.difference(carriers).map(|path| format!("worker/src/{path} is missing: its job has no carrier"));
    let extra =
        carriers.difference(&wanted).map(|path| format!("worker/src/{path} carries no job of domain/src/jobs.rs"));
    missing.chain(extra).collect()
}

fn jobs_without_flow(jobs: &[Job], tests: &[File], needed_by: &[(&str, &str, &str)]) -> Vec<String> {
    let text: String = tests.iter().map(|file| file.text.as_str()).collect();
    let mut complaints = Vec::new();
    for job in jobs {
        let named = text.contains(&format!("::{}", job.variant))
            || text.contains(&format!("\"{}\"", job.kind))
            || text.contains(&format!("'{}'", job.kind));
        if !named && !needed_by.iter().any(|(kind, ..)| *kind == job.kind) {
            complaints.push(format!("no test under flows, races or chaos needs {} ({})", job.kind, job.variant));
        }
    }
    for (kind, path, function) in needed_by {
        let file = tests.iter().find(|file| file.path.ends_with(path));
        if !file.is_some_and(|file| file.text.contains(&format!("fn {function}("))) {
            complaints.push(format!("{kind} is said to be needed by {function} in {path}, which is not there"));
        }
        if !jobs.iter().any(|job| job.kind == *kind) {
            complaints.push(format!("{kind} is no job any more"));
        }
    }
    complaints
}

fn carriers() -> BTreeSet<String> {
    let mut carriers = BTreeSet::new();
    for queue in domain::ops::QUEUES {
        let names = files::names(&format!("worker/src/{queue}"));
        carriers.extend(names.into_iter().filter(|name| name != "mod.rs").map(|name| format!("{queue}/{name}")));
    }
    carriers
}

#[test]
fn page_one_is_read_as_the_compiler_reads_it() {
    let read: Vec<(String, String)> =
        page_one(&files::read("domain/src/jobs.rs")).into_iter().map(|job| (job.queue, job.kind)).collect();
    let families: [(&str, &[&str]); 4] = [
        (Payments::QUEUE, Payments::KINDS),
        (Reservations::QUEUE, Reservations::KINDS),
        (Notifications::QUEUE, Notifications::KINDS),
        (Maintenance::QUEUE, Maintenance::KINDS),
    ];
    let known: Vec<(String, String)> = families
        .into_iter()
        .flat_map(|(queue, kinds)| kinds.iter().map(move |kind| (queue.to_owned(), (*kind).to_owned())))
        .collect();
    assert_eq!(read, known);
}

#[test]
fn every_job_has_a_carrier_and_a_flow() {
    let jobs = page_one(&files::read("domain/src/jobs.rs"));
    expect_tidy(&carriers_and_jobs_differ(&jobs, &carriers()));
    let tests: Vec<File> = files::rust()
        .into_iter()
        .filter(|file| file.is_in(&["tests/flows", "tests/races", "tests/chaos"]))
        .map(|file| File::new(&file.path, &Code::with_strings(&file)))
        .collect();
    expect_tidy(&jobs_without_flow(&jobs, &tests, &NEEDED_BY));
}

#[test]
fn a_job_nobody_carries_is_seen() {
    let jobs = page_one("    A on \"payments\" {\n    /// Doc.\n    FlyAway { to: MoonId } = \"moon.fly\", PATIENT;\n");
    assert_eq!(jobs, [Job { queue: "payments".into(), variant: "FlyAway".into(), kind: "moon.fly".into() }]);
    let carriers = BTreeSet::from(["payments/walk.rs".to_owned()]);
    let complaints = carriers_and_jobs_differ(&jobs, &carriers);
    expect_complaint(&complaints, "payments/fly_away.rs is missing");
    expect_complaint(&complaints, "payments/walk.rs carries no job");
    expect_complaint(&jobs_without_flow(&jobs, &[], &[]), "needs moon.fly");
    let named = [File::new("tests/flows/a.rs", "fn b() { Payments::FlyAway }")];
    expect_tidy(&jobs_without_flow(&jobs, &named, &[]));
    expect_complaint(&jobs_without_flow(&jobs, &named, &[("moon.fly", "flows/a.rs", "c")]), "which is not there");
    expect_complaint(&jobs_without_flow(&jobs, &named, &[("sun.fly", "flows/a.rs", "b")]), "no job any more");
}
