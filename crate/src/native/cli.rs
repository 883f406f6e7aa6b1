//! The command line: a comparison, or one of the commands beside it.

use crate::native::options::Options;
use crate::native::quick::QuickOptions;
use crate::native::tell::print;
use crate::native::verify;
use crate::native::watch::WatchOptions;
use clap::{Arg, ArgAction, Command, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use gatescope::error::Error;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;

/// The commit that the program was built from, where whoever built it set `GATESCOPE_COMMIT`. A
/// build script that asks git would compile the crate again at every commit.
const COMMIT: Option<&str> = option_env!("GATESCOPE_COMMIT");

/// The version, and the commit where it is known; it lives as long as the program.
fn version() -> &'static str {
    let commit = COMMIT.map(|commit| format!(" ({commit})")).unwrap_or_default();
    format!("{}{commit}", env!("CARGO_PKG_VERSION")).leak()
}

/// What the exit status means.
const AFTER: &str = "Exit status: 0 done, 1 error, 2 usage, 3 finished, but something was left \
                     out because of an error, 130 ended by a signal.";

/// Compares tuned checkpoints with their base, or sparse deltas with each other: a summary on
/// stdout, and a report where --out names a file.
#[derive(Parser, Debug)]
#[command(
    name = "gatescope",
    version = version(),
    about,
    after_help = AFTER,
    args_conflicts_with_subcommands = true,
    override_usage = "gatescope [OPTIONS] BASE TUNED…\n       gatescope COMMAND"
)]
pub struct CommandLine {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub other: Option<Other>,
}

/// The commands beside a comparison. A folder of such a name is given as `./check`.
#[derive(Subcommand, Debug)]
pub enum Other {
    Check(QuickOptions),
    Watch(WatchOptions),
    Verify(verify::Options),
    /// Prints the summary of a report.
    Summary {
        /// The report, as JSON.
        report: PathBuf,
    },
    /// Prints completions for a shell, to be put where it looks for them.
    Completions {
        shell: Shell,
    },
    /// Prints the man page: `gatescope man | man -l -`.
    Man,
    /// Prints the options of a comparison as JSON, for other programs.
    #[command(hide = true)]
    Options,
}

/// Writes a text that was asked for to stdout. A reader that is gone ends nothing.
fn write_out(text: &[u8]) {
    let _ = io::stdout().write_all(text);
}

/// Prints completions.
pub fn print_completions(shell: Shell) {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "gatescope", &mut text);
    write_out(&text);
}

/// Prints the man page.
///
/// # Errors
/// None that can happen: it is written to memory.
pub fn print_man() -> Result<(), Error> {
    let mut text = Vec::new();
    clap_mangen::Man::new(CommandLine::command())
        .render(&mut text)
        .map_err(|error| Error::Setting(error.to_string()))?;
    write_out(&text);
    Ok(())
}

/// Describes one option for other programs.
fn describe_option(arg: &Arg) -> Option<Value> {
    let long = arg.get_long()?;
    let takes = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    // A flag would have `true` and `false`.
    let words = if takes { arg.get_possible_values() } else { Vec::new() };
    let words: Vec<&str> = words.iter().map(|word| word.get_name()).collect();
    let value = arg.get_value_names().and_then(|names| names.first()).map(|name| name.to_string());
    Some(json!({
        "name": long,
        "short": arg.get_short(),
        "aliases": arg.get_all_aliases().unwrap_or_default(),
        "value": value.filter(|_| takes),
        "repeats": matches!(arg.get_action(), ArgAction::Append),
        "words": words,
        "help": arg.get_help().map(ToString::to_string),
    }))
}

/// Prints the options of a comparison as JSON.
pub fn print_options() {
    let command: Command = CommandLine::command();
    let options: Vec<Value> = command.get_arguments().filter_map(describe_option).collect();
    print(format!("{:#}", Value::from(options)).lines());
}
