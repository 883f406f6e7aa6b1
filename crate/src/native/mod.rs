//! The native program: the same library on local files, with threads or a native GPU.

mod cli;
mod compare;
mod compute;
mod endings;
mod estimate;
mod faults;
mod gate;
mod gathered;
mod hub_cache;
mod inputs;
mod interrupt;
mod kept;
mod left_out;
mod open;
mod options;
mod output;
mod pace;
mod pair;
mod progress;
mod quick;
mod read_report;
mod run_digest;
mod saves;
mod step_log;
mod summary;
mod tell;
mod verify;
mod watch;

use crate::native::cli::{CommandLine, Other, print_completions, print_man, print_options};
use crate::native::compare::compare;
use crate::native::faults::keep_panics_quiet;
use crate::native::hub_cache::resolve;
use crate::native::options::Options;
use crate::native::quick::check_quickly;
use crate::native::read_report::read_report;
use crate::native::summary::summarize;
use crate::native::tell::{print, set_format, tell_all};
use crate::native::verify::verify;
use crate::native::watch::watch;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use gatescope::error::Error;
use std::process::ExitCode;

/// Runs the program. Returns the exit status.
pub fn main() -> ExitCode {
    keep_panics_quiet();
    run().unwrap_or_else(|error| {
        tell_all(&error.to_string());
        ExitCode::FAILURE
    })
}

/// Reads the command line and does what it asks. Returns the exit status.
fn run() -> Result<ExitCode, Error> {
    let CommandLine { options, other } = CommandLine::parse();
    match other {
        None => return compare(&prepare(options)?),
        Some(Other::Check(options)) => return check_quickly(&options),
        Some(Other::Watch(options)) => return watch(&options),
        Some(Other::Verify(options)) => return verify(&options),
        Some(Other::Summary { report }) => print(summarize(&read_report(&report)?)),
        Some(Other::Completions { shell }) => print_completions(shell),
        Some(Other::Man) => print_man()?,
        Some(Other::Options) => print_options(),
    }
    Ok(ExitCode::SUCCESS)
}

/// Gives every path its role, and finds models of the Hub in its cache. Ends the program with the
/// status for usage where the command line lacks something.
fn prepare(mut options: Options) -> Result<Options, Error> {
    set_format(options.log_format);
    if let Err(what) = options.assign_paths() {
        CommandLine::command().error(ErrorKind::MissingRequiredArgument, what).exit();
    }
    for path in options.base.iter_mut().chain(&mut options.tuned).chain(&mut options.fisher) {
        *path = resolve(path)?;
    }
    Ok(options)
}
