//! `teranga-worker`: carries jobs until asked to stop, and lets operators see and steer them from a terminal.

fn main() -> std::process::ExitCode {
    worker::commands::run()
}
