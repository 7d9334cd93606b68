//! A program that takes figures, run to its end: ours or a peer's.

use super::tally::Tally;
use std::{process::Stdio, time::Duration};
use tokio::process::Command;

/// Nothing takes longer than this unless it hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// A command of ours.
pub fn ours(command: &str, options: impl IntoIterator<Item = String>) -> Command {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args([crate::mine::NAME, command]).args(options);
    program
}

/// Runs it and keeps its `peer=… figure=… value=…` lines.
///
/// # Errors
/// When it cannot be started, fails or hangs.
pub async fn run(mut program: Command, tally: &mut Tally) -> Result<(), String> {
    let child = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
    let child = child.spawn().map_err(|error| format!("{program:?}: {error}"))?;
    let said = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let said = said.map_err(|_| "it hung")?.map_err(|error| error.to_string())?;
    String::from_utf8_lossy(&said.stdout).lines().for_each(|line| tally.read(line));
    if said.status.success() { Ok(()) } else { Err(said.status.to_string()) }
}
