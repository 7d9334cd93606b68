//! `teranga-scheduler`: enqueues what is due until asked to stop. Any number may run.

use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::main(scheduler::SchedulerConfig::read, scheduler::serve)
}
