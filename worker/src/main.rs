//! `teranga-worker [--queues payments,notifications] [--concurrency 16]`: carries jobs until asked to stop.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main(|env| worker::WorkerConfig::read(env, std::env::args().skip(1)), worker::serve)
}
