//! The form that a file's name asks for.

use std::path::Path;

/// Whether a file has this ending.
pub fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|end| end.eq_ignore_ascii_case(ending))
}
