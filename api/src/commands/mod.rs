//! What `teranga-api` can do, one file per command.

mod arguments;
mod create_organization;
mod import_members;
mod migrate;
mod serve;

use arguments::Arguments;
use runtime::{
    env::Env,
    terminal::{said, say},
};
use std::{error::Error, process::ExitCode};

const USAGE: &str = "\
teranga-api [serve]              answer requests
teranga-api migrate              bring the database up to date (OWNER_DATABASE_URL)
teranga-api create-organization  --slug S --name N --timezone Z --currency XOF [--locale fr] [--registration open]
                                 [--payment-mode live|test] [--profile parking|lending|rides|rooms|arcade]
                                 [--admin-email E --admin-password-env VARIABLE]
                                 [--wave-account-ref WAVE [--wave-account-id UUID]] [--operator] [--if-missing]
teranga-api import-members       --slug S --file members.csv|members.jsonl [--list] [--proved]
teranga-api openapi              print the OpenAPI document
";

/// Runs the command named by the process's arguments.
pub fn run() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next();
    let rest: Vec<String> = words.collect();
    match (command.as_deref(), rest.is_empty()) {
        (None | Some("serve"), true) => runtime::main(crate::config::ApiConfig::read, serve::run),
        (Some("migrate"), true) => runtime::main(migrate::read, migrate::run),
        (Some("openapi"), true) => said(&print_openapi()),
        (Some("create-organization"), _) => match Arguments::parse(&create_organization::GRAMMAR, &rest) {
            Ok(arguments) => {
                runtime::main(|env: &mut Env<'_>| create_organization::read(env, &arguments), create_organization::run)
            }
            Err(problem) => wrong(&problem),
        },
        (Some("import-members"), _) => match Arguments::parse(&import_members::GRAMMAR, &rest) {
            Ok(arguments) => {
                runtime::main(|env: &mut Env<'_>| import_members::read(env, &arguments), import_members::run)
            }
            Err(problem) => wrong(&problem),
        },
        (Some("help" | "--help" | "-h"), _) => said(&say(USAGE)),
        (Some(_), _) | (None, false) => wrong("unknown command or too many words"),
    }
}

fn print_openapi() -> std::io::Result<()> {
    let (_, document) = crate::openapi::collect();
    say(&document.to_pretty_json().unwrap_or_default())?;
    say("\n")
}

fn wrong(problem: &str) -> ExitCode {
    runtime::terminal::wrong(problem, USAGE, 64)
}

/// A rule's no, for somebody at a terminal.
fn told(error: domain::error::Error) -> String {
    match error {
        domain::error::Error::Refused(refusal) => {
            format!("{}: {} {}", refusal.code(), refusal.message(), refusal.details())
        }
        fault @ domain::error::Error::Fault(_) => fault.to_string(),
    }
}

type Outcome = Result<(), Box<dyn Error>>;
