//! The report: the format that the page, the command line, CSV and the tests share.

mod csv;
mod document;
mod html;
mod json;
pub mod rollup;
mod shorten;

pub use csv::{to_csv, write_csv};
pub use document::*;
pub use html::write_html;
pub use json::{DIGITS, rounded, to_json, write_json};
pub use rollup::rollups;
pub use shorten::Shortened;
