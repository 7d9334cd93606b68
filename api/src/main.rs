//! `teranga-api`: the HTTP door, and the commands that prepare its database.

fn main() -> std::process::ExitCode {
    api::commands::run()
}
