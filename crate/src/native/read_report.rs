//! Reads a report in any of the forms in which it is written: JSON, packed by gzip, inside a page.

use flate2::read::MultiGzDecoder;
use gatescope::error::Error;
use gatescope::report::{FORMAT, Report};
use std::io::{BufReader, Read};
use std::path::Path;

/// How a file packed by gzip begins.
const GZIP: &[u8] = b"\x1f\x8b";
/// The beginning of the element of a page that holds a report.
const ELEMENT: &[u8] = b"<script type=\"application/json\" id=\"report\">";
/// The most bytes of a report's text: packed, some kilobytes may be any number of them.
const MOST: u64 = 4 << 30;

/// The report's text in a page; `None` where there is none.
fn find_in_page(text: &[u8]) -> Option<&[u8]> {
    let start = text.windows(ELEMENT.len()).position(|part| part == ELEMENT)? + ELEMENT.len();
    let rest = &text[start..];
    // The text holds no `<`: it is escaped there.
    Some(&rest[..rest.iter().position(|byte| *byte == b'<')?])
}

/// Reads a report from a file of JSON, of JSON packed by gzip, or from an exported page.
///
/// # Errors
/// [`Error::BadFile`] where it holds no report.
pub fn read_report(path: &Path) -> Result<Report, Error> {
    let bad = |what: String| Error::BadFile { file: path.display().to_string(), what };
    let mut text = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    if text.starts_with(GZIP) {
        let mut unpacked = Vec::new();
        BufReader::new(MultiGzDecoder::new(&text[..]).take(MOST + 1))
            .read_to_end(&mut unpacked)
            .map_err(|error| bad(format!("it can't be unpacked: {error}")))?;
        if unpacked.len() as u64 > MOST {
            return Err(bad(format!("unpacked it has more than the {MOST} bytes that are read")));
        }
        text = unpacked;
    }
    let json = if text.trim_ascii_start().starts_with(b"<") {
        find_in_page(&text).ok_or_else(|| {
            bad("it is a web page without a report: give one that Gatescope exported".into())
        })?
    } else {
        &text
    };
    let report: Report = serde_json::from_slice(json)
        .map_err(|error| bad(format!("not a Gatescope report: {error}")))?;
    if report.format != FORMAT {
        return Err(bad("not a Gatescope report".into()));
    }
    Ok(report)
}
