//! A report as one HTML file: the template that `npm run build` makes, with the report and its
//! names put in. The page does the same (www/exports/html.js); one list of hostile inputs,
//! tests/unit/hostile.json, holds both.

use crate::report::Report;

/// What the template has in the place of the title. It comes before the report's, and both before
/// the script, which may hold these words as well: the first ones count.
const TITLE_PLACE: &str = "<!--title-->";
/// What the template has in the place of the report.
const REPORT_PLACE: &str = "<!--report-->";

/// Escapes text between tags.
fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes JSON inside a script element, where nothing may end the element or begin another. In
/// JSON these characters stand in strings alone, so an escape means the same.
fn escape_json(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The title of a report's page: what was compared.
fn title(base: Option<&str>, runs: &[&str]) -> String {
    let base = base.map(|name| format!("{name} → ")).unwrap_or_default();
    format!("{base}{} · Gatescope", runs.join(", "))
}

/// Fills a template; `None` where it has no place for the title or the report.
fn fill(template: &str, base: Option<&str>, runs: &[&str], json: &str) -> Option<String> {
    let (head, rest) = template.split_once(TITLE_PLACE)?;
    let (middle, end) = rest.split_once(REPORT_PLACE)?;
    let title = escape_text(&title(base, runs));
    Some([head, &title, middle, &escape_json(json), end].concat())
}

/// The HTML file of a report whose JSON is `json`; `None` where `template` is not a template.
#[must_use]
pub fn to_html(template: &str, report: &Report, json: &str) -> Option<String> {
    let base = report.base.as_ref().map(|base| base.name.as_str());
    let runs: Vec<&str> = report.runs.iter().map(|run| run.checkpoint.name.as_str()).collect();
    fill(template, base, &runs, json)
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

    #[test]
    fn hostile_names_are_escaped_as_the_page_escapes_them() {
        let text = include_str!("../../../tests/unit/hostile.json");
        let Hostile { template, cases } = serde_json::from_str(text).expect("the list of cases");
        assert!(cases.len() > 3);
        for Case { base, runs, text, html } in cases {
            let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
            let filled = fill(&template, base.as_deref(), &runs, &text);
            assert_eq!(filled.as_deref(), Some(html.as_str()));
        }
    }

    #[test]
    fn a_file_without_the_places_is_no_template() {
        assert_eq!(fill("<title></title>", None, &[], "{}"), None);
        assert_eq!(fill("<!--report--><!--title-->", None, &[], "{}"), None);
    }
}
