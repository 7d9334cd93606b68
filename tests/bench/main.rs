//! Figures beside their peers, measured in one run because machines drift (PROOF, `make bench`):
//! `bench [figure…] [rounds=3] [peers=no|"name name"] [name=value…]`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures are what this program is for")]
#![allow(clippy::unwrap_used, reason = "what cannot be measured ends the run")]

mod availability;
mod booking;
mod clients;
mod cpu;
mod figure;
mod history;
mod mine;
mod paid_booking;
mod peer;
mod queue;
mod requests;
mod settle;
mod waitlist;
mod webhook;
mod wish;

use std::{process::ExitCode, time::Instant};
use wish::Wish;

#[tokio::main]
async fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == mine::NAME) {
        words.remove(0);
        mine::run(words).await;
        return ExitCode::SUCCESS;
    }
    let wish = Wish::of(words);
    let known = [
        [webhook::FIGURE, availability::FIGURE, booking::FIGURE, history::FIGURE, waitlist::FIGURE].as_slice(),
        [settle::FIGURE, settle::SPREAD, settle::HOT, paid_booking::FIGURE].as_slice(),
        queue::FIGURES.as_slice(),
    ]
    .concat();
    if let Some(figure) = wish.stranger(&known) {
        eprintln!("no figure {figure:?}; there are: {}", known.join(", "));
        return ExitCode::from(64);
    }
    let started = Instant::now();
    match measure(&wish).await {
        Ok(figures) => {
            figure::print_tables(&figures);
            println!("\ntook {:.0} s", started.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("bench: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(wish: &Wish) -> Result<Vec<figure::Figure>, String> {
    let mut figures = if wish.wants(webhook::FIGURE) { webhook::measure().await? } else { Vec::new() };
    if wish.wants(booking::FIGURE) {
        figures.extend(booking::measure().await?);
    }
    if wish.wants(settle::FIGURE) {
        figures.extend(settle::measure(wish).await?);
    }
    if wish.wants(paid_booking::FIGURE) {
        figures.extend(paid_booking::measure(wish).await?);
    }
    figures.extend(queue::measure(wish).await?);
    if wish.wants(availability::FIGURE) {
        availability::measure().await?;
    }
    if wish.wants(waitlist::FIGURE) {
        waitlist::measure().await?;
    }
    if wish.wants(history::FIGURE) && !history::measure().await? {
        return Err("history: a goal was missed".to_owned());
    }
    Ok(figures)
}
