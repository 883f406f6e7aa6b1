//! Writes the report and its table.

use gatescope::error::Error;
use gatescope::report::{Report, to_csv, to_html, to_json};
use std::path::Path;

/// The page of a report, which `npm run build` makes.
#[cfg(feature = "html")]
const TEMPLATE: Option<&str> = Some(include_str!("../../../dist/standalone.html"));
#[cfg(not(feature = "html"))]
const TEMPLATE: Option<&str> = None;

/// Whether the file's ending asks for HTML.
fn is_html(file: &Path) -> bool {
    file.extension().is_some_and(|end| end.eq_ignore_ascii_case("html"))
}

/// Says what to do where HTML is asked for and the page is not in the program.
pub fn check_template(out: &Path) -> Result<(), Error> {
    if TEMPLATE.is_some() || !is_html(out) {
        return Ok(());
    }
    let what = "this program was built without the page that it needs for HTML. Run `npm run \
                build` and then `cargo build --release --features html`, or write .json and \
                export it from the page";
    Err(Error::BadFile { file: out.display().to_string(), what: what.into() })
}

/// Writes a text to a file.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text)
        .map_err(|e| Error::BadFile { file: path.display().to_string(), what: e.to_string() })
}

/// Writes the report as JSON or as HTML, and its table where one is asked for.
///
/// # Errors
/// [`Error::BadFile`] where a file can't be written.
pub fn write_report(report: &Report, out: &Path, csv: Option<&Path>) -> Result<(), Error> {
    let text = to_json(report).map_err(|e| Error::Numerics(e.to_string()))?;
    match TEMPLATE.filter(|_| is_html(out)) {
        Some(template) => {
            let html = to_html(template, report, &text).ok_or_else(|| Error::BadFile {
                file: "dist/standalone.html".into(),
                what: "the page that was built in is of another version".into(),
            })?;
            write(out, &html)?;
        }
        None => write(out, &text)?,
    }
    if let Some(csv) = csv {
        // From the text, as in the page: both tables then hold the report's own digits.
        let report: Report =
            serde_json::from_str(&text).map_err(|e| Error::Numerics(e.to_string()))?;
        write(csv, &to_csv(&report))?;
    }
    Ok(())
}
