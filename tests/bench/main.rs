//! Figures beside their peers, measured in one run because machines drift (PROOF, `make bench`): `bench [figure…]`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures are what this program is for")]
#![allow(clippy::unwrap_used, reason = "what cannot be measured ends the run")]

mod clients;
mod cpu;
mod figure;
mod peer;
mod requests;
mod waitlist;
mod webhook;

use std::process::ExitCode;

const FIGURES: [&str; 2] = ["webhook", "waitlist"];

#[tokio::main]
async fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(figure) = asked.iter().find(|figure| !FIGURES.contains(&figure.as_str())) {
        eprintln!("no figure {figure:?}; there are: {}", FIGURES.join(", "));
        return ExitCode::from(64);
    }
    let wanted = |figure: &str| asked.is_empty() || asked.iter().any(|asked| asked == figure);
    if wanted("waitlist")
        && let Err(problem) = waitlist::measure().await
    {
        eprintln!("bench waitlist: {problem}");
        return ExitCode::FAILURE;
    }
    if !wanted("webhook") {
        return ExitCode::SUCCESS;
    }
    match webhook::measure().await {
        Ok(figures) => {
            figure::print_table(&figures);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("bench webhook: {problem}");
            ExitCode::FAILURE
        }
    }
}
