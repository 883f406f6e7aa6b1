//! The report: the format that the page, the command line, CSV and the tests share.

mod cast;
mod check;
mod csv;
mod document;
mod html;
mod json;
mod outcome;
pub mod rollup;
mod shorten;
mod terminal;

pub use cast::{find_cast, summarize_cast};
pub use check::Check;
pub use csv::{to_csv, write_csv};
pub use document::*;
pub use html::write_html;
#[cfg(test)]
pub(crate) use json::to_json;
pub use json::{DIGITS, rounded, write_json};
pub use outcome::{describe_errors, describe_extent, has_errors};
pub use rollup::RunSums;
pub use shorten::Shortened;
pub use terminal::escape_line;
