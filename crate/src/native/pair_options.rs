//! The options of a comparison that another command makes.

use crate::native::hub_cache::resolve;
use crate::native::options::Options;
use clap::Parser;
use gatescope::error::Error;
use std::ffi::OsString;
use std::path::Path;

/// Options without the commands beside them.
#[derive(Parser, Debug)]
struct Alone {
    #[command(flatten)]
    options: Options,
}

/// Makes the options of one comparison that another command makes: Gate III alone, unless `more`
/// arguments ask for spectra by `--k`.
///
/// # Errors
/// Those of finding a model in the Hub's cache.
pub fn options_for(base: &Path, tuned: &Path, more: &[&str]) -> Result<Options, Error> {
    let [base, tuned] = [resolve(base)?, resolve(tuned)?];
    let fixed = ["gatescope", "--quiet", "--no-check", "--backend", "cpu"].map(OsString::from);
    let gate: &[&str] = if more.is_empty() { &["--only", "gate"] } else { &[] };
    let paths = ["--base".into(), base.into_os_string(), "--tuned".into(), tuned.into_os_string()];
    let more = more.iter().chain(gate).map(OsString::from);
    let line = fixed.into_iter().chain(more).chain(paths);
    let parsed = Alone::try_parse_from(line);
    Ok(parsed.map_err(|error| Error::Setting(error.to_string()))?.options)
}
