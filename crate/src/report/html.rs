//! A report as one HTML file: the template that `npm run build` makes, with the report and its
//! names put in. The page does the same (www/exports/html.js); one list of hostile inputs,
//! tests/unit/hostile.json, holds both.

use crate::report::{Report, write_json};
use std::io::{self, ErrorKind, Write};

/// What the template has in the place of the title. It comes before the report's, and both before
/// the script, which may hold these words as well: the first ones count.
const TITLE_PLACE: &str = "<!--title-->";
/// What the template has in the place of the report.
const REPORT_PLACE: &str = "<!--report-->";

/// Escapes text between tags.
fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What stands for a character in JSON inside a script element, where nothing may end the element
/// or begin another. In JSON these characters stand in strings alone, so an escape means the same.
const ESCAPES: [(&str, &[u8]); 3] =
    [("<", b"\\u003c"), ("\u{2028}", b"\\u2028"), ("\u{2029}", b"\\u2029")];

/// Escapes the JSON that is written to it.
struct Escaping<W> {
    out: W,
    /// The beginning of a character that may have to be escaped.
    begun: Vec<u8>,
}

impl<W: Write> Escaping<W> {
    fn take(&mut self, byte: u8) -> io::Result<()> {
        self.begun.push(byte);
        let begun = self.begun.as_slice();
        if let Some((_, escape)) = ESCAPES.iter().find(|(text, _)| text.as_bytes() == begun) {
            self.out.write_all(escape)?;
        } else if ESCAPES.iter().any(|(text, _)| text.as_bytes().starts_with(begun)) {
            return Ok(());
        } else {
            self.out.write_all(begun)?;
        }
        self.begun.clear();
        Ok(())
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            let plain = rest.iter().position(|b| matches!(b, b'<' | 0xe2)).unwrap_or(rest.len());
            if self.begun.is_empty() && plain > 0 {
                self.out.write_all(&rest[..plain])?;
                rest = &rest[plain..];
            } else {
                self.take(*first)?;
                rest = &rest[1..];
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The title of a report's page: what was compared.
fn title(base: Option<&str>, runs: &[&str]) -> String {
    let base = base.map(|name| format!("{name} → ")).unwrap_or_default();
    format!("{base}{} · Gatescope", runs.join(", "))
}

/// Fills a template; `write` writes the report's JSON.
fn fill<W: Write>(
    template: &str,
    base: Option<&str>,
    runs: &[&str],
    mut out: W,
    write: impl FnOnce(&mut Escaping<&mut W>) -> io::Result<()>,
) -> io::Result<()> {
    let of_another_version = || {
        io::Error::new(ErrorKind::InvalidData, "the page that was built in is of another version")
    };
    let (head, rest) = template.split_once(TITLE_PLACE).ok_or_else(of_another_version)?;
    let (middle, end) = rest.split_once(REPORT_PLACE).ok_or_else(of_another_version)?;
    let title = escape_text(&title(base, runs));
    out.write_all([head, &title, middle].concat().as_bytes())?;
    write(&mut Escaping { out: &mut out, begun: Vec::new() })?;
    out.write_all(end.as_bytes())
}

/// Writes the HTML file of a report.
///
/// # Errors
/// Those of `out`; [`ErrorKind::InvalidData`] where `template` is not a template.
pub fn write_html(template: &str, report: &Report, out: impl Write) -> io::Result<()> {
    let base = report.base.as_ref().map(|base| base.name.as_str());
    let runs: Vec<&str> = report.runs.iter().map(|run| run.checkpoint.name.as_str()).collect();
    fill(template, base, &runs, out, |escaping| write_json(report, escaping))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        base: Option<String>,
        runs: Vec<String>,
        text: String,
        html: String,
    }

    #[derive(Deserialize)]
    struct Hostile {
        template: String,
        cases: Vec<Case>,
    }

    /// Fills a template, with the JSON written a few bytes at a time.
    fn filled(template: &str, base: Option<&str>, runs: &[&str], json: &str) -> Option<String> {
        let mut out = Vec::new();
        fill(template, base, runs, &mut out, |escaping| {
            json.as_bytes().chunks(2).try_for_each(|some| escaping.write_all(some))
        })
        .ok()?;
        Some(String::from_utf8(out).expect("UTF-8"))
    }

    #[test]
    fn hostile_names_are_escaped_as_the_page_escapes_them() {
        let text = include_str!("../../../tests/unit/hostile.json");
        let Hostile { template, cases } = serde_json::from_str(text).expect("the list of cases");
        assert!(cases.len() > 3);
        for Case { base, runs, text, html } in cases {
            let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
            let filled = filled(&template, base.as_deref(), &runs, &text);
            assert_eq!(filled.as_deref(), Some(html.as_str()));
        }
    }

    #[test]
    fn a_file_without_the_places_is_no_template() {
        assert_eq!(filled("<title></title>", None, &[], "{}"), None);
        assert_eq!(filled("<!--report--><!--title-->", None, &[], "{}"), None);
    }
}
