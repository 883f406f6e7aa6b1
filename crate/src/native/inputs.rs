//! Tells the files of checkpoints from others, so that no report takes the place of weights.

use crate::native::endings::has_ending;
use crate::native::options::Options;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Bytes at the beginning of a file among which a report tells its format.
const HEAD: u64 = 100;

/// Whether an existing file is one that the command line names, or lies in a folder that it names.
/// Earlier reports and tables in such a folder are none of its files.
pub fn is_input(file: &Path, options: &Options) -> bool {
    let inputs = options.base.iter().chain(&options.tuned).chain(&options.fisher);
    inputs.filter_map(|input| fs::canonicalize(input).ok()).any(|input| {
        input == file || (input.is_dir() && file.starts_with(&input) && !is_output(file))
    })
}

/// Whether this program may have written the file.
fn is_output(file: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(file).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let is_report = || {
        let name = gatescope::report::FORMAT.as_bytes();
        read.is_ok() && head.windows(name.len()).any(|part| part == name)
    };
    has_ending(file, "html") || has_ending(file, "csv") || is_report()
}
