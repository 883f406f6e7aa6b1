//! One comparison that another command makes.

use crate::native::compare::make_report;
use crate::native::hub_cache::resolve;
use crate::native::open::Places;
use crate::native::options::{Only, Options};
use crate::native::output::Outputs;
use crate::native::tell::tell_all;
use clap::Parser;
use gatescope::error::Error;
use gatescope::report::{Report, describe_errors};
use gatescope::settings::BackendChoice;
use std::path::Path;

/// Options without the commands beside them.
#[derive(Parser, Debug)]
struct Alone {
    #[command(flatten)]
    options: Options,
}

/// Makes the options: Gate III alone, unless a rank asks for `spectra`.
///
/// # Errors
/// Those of finding a model in the Hub's cache.
pub fn options_for(base: &Path, tuned: &Path, spectra: Option<usize>) -> Result<Options, Error> {
    let Alone { options } = Alone::parse_from(["gatescope"]);
    let mut options = Options {
        base: Some(resolve(base)?),
        tuned: vec![resolve(tuned)?],
        quiet: true,
        no_check: true,
        backend: BackendChoice::Cpu,
        ..options
    };
    match spectra {
        Some(k) => (options.k, options.map_side) = (k, 0),
        None => options.only = Some(Only::Gate),
    }
    Ok(options)
}

/// Compares, and tells what was left out because of errors. `None` where a signal came.
///
/// # Errors
/// Those of [`make_report`].
pub fn compare_pair(options: &Options, places: &Places) -> Result<Option<Report>, Error> {
    let made = make_report(options, places, &Outputs::check(options)?)?;
    let report = made.map(|(report, _)| report).filter(|report| report.partial.is_none());
    for line in report.iter().flat_map(|report| &report.runs).filter_map(describe_errors) {
        tell_all(&line);
    }
    Ok(report)
}
