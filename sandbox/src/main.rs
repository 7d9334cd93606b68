//! `teranga-sandbox`: plays the providers. `teranga-sandbox service-account` prints a fresh push account instead.

use sandbox::{Sandbox, ServiceAccount, Settings};
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

struct Config {
    process: runtime::Process,
    settings: Settings,
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        None => runtime::main(read, run),
        Some("service-account") => told(print_account(&words.collect::<Vec<_>>())),
        Some(_) => told(Err(USAGE.into())),
    }
}

const USAGE: &str = "usage: teranga-sandbox [service-account --token-uri <url> --project <id>]";

fn told(done: Result<(), Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(64)
        }
    }
}

fn read(env: &mut runtime::env::Env<'_>) -> Config {
    Config { process: runtime::Process::read(env), settings: sandbox::read_config(env) }
}

async fn run(config: Config) -> Result<(), Box<dyn Error>> {
    let stopping = config.process.start("teranga-sandbox")?;
    let running = Sandbox::start_until(config.settings, &stopping).await?;
    tracing::info!(http = %running.http, smtp = %running.smtp, "playing the providers");
    Ok(running.finished().await?)
}

fn print_account(words: &[String]) -> Result<(), Box<dyn Error>> {
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let (Some(token_uri), Some(project)) = (value("--token-uri"), value("--project")) else { return Err(USAGE.into()) };
    let account = ServiceAccount::fresh(&project, &token_uri)?;
    writeln!(std::io::stdout(), "{}", account.to_json())?;
    Ok(())
}
