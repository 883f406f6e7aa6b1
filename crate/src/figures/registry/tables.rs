//! The tables of figures in the docs, between markers that name them.
//!
//! `<!-- figures:begin fields FAMILY -->` asks for paths and types, and `<!-- figures:begin
//! definitions FAMILY -->` for formulas and what to read them against. `FAMILY/GROUP` asks for the
//! figures of one group alone.

use crate::figures::registry::figure::{Figure, Number};
use crate::figures::registry::figures;
use crate::figures::registry::schema::{NumberType, numbers_of};
use crate::figures::tensor::TensorReport;
use std::collections::BTreeMap;

/// The files in docs/ that have such tables.
pub const TABLES_IN: [&str; 2] = ["report-format.md", "metrics.md"];

const BEGIN: &str = "<!-- figures:begin ";
const END: &str = "<!-- figures:end -->";

/// A marker that asks for no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a table of figures: fields or definitions, and a family")]
pub struct UnknownTable(String);

/// The text with the tables between its markers as the registry has them.
///
/// # Errors
/// [`UnknownTable`] where a marker names no table, or has no end.
pub fn fill_tables(text: &str) -> Result<String, UnknownTable> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let unknown = || UnknownTable(after.lines().next().unwrap_or_default().into());
        let (name, old) = after.split_once(" -->").ok_or_else(unknown)?;
        let (_, next) = old.split_once(END).ok_or_else(unknown)?;
        let table = table(name).ok_or_else(unknown)?;
        out += before;
        // Prettier would pad each cell to the width of its column.
        out += &format!("{BEGIN}{name} -->\n<!-- prettier-ignore-start -->\n\n{table}\n");
        out += &format!("<!-- prettier-ignore-end -->\n{END}");
        rest = next;
    }
    Ok(out + rest)
}

/// A word of the table as its JSON has it.
fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(String::from)).unwrap_or_default()
}

fn table(name: &str) -> Option<String> {
    let (kind, selection) = name.split_once(' ')?;
    let (family, group) =
        selection.split_once('/').map_or((selection, None), |(f, g)| (f, Some(g)));
    let chosen: Vec<&Figure> = figures()
        .filter(|f| word(f.family) == family && group.is_none_or(|group| word(f.group) == group))
        .filter(|f| !matches!(f.value, Number::Derived))
        .collect();
    if chosen.is_empty() {
        return None;
    }
    match kind {
        "fields" => {
            let types = numbers_of::<TensorReport>();
            let rows = chosen.iter().map(|figure| fields(figure, &types));
            Some(lines(["field", "type", "meaning", "beside it"], rows))
        }
        "definitions" => {
            let rows = chosen.iter().map(|figure| definition(figure));
            Some(lines(["field", "definition", "chance level", "read it against"], rows))
        }
        _ => None,
    }
}

/// A table in Markdown.
fn lines<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| {
        let cells = cells.map(|cell| match cell.as_str() {
            "" => " |".into(),
            text => format!(" {} |", text.replace('|', "\\|")),
        });
        format!("|{}\n", cells.concat())
    };
    let head = line(head.map(String::from)) + &line([(); N].map(|()| "---".to_string()));
    rows.fold(head, |text, cells| text + &line(cells))
}

/// A path without the name of its family, as code.
fn field(path: &str) -> String {
    format!("`{}`", path.split_once('.').map_or(path, |(_, field)| field))
}

fn fields(figure: &Figure, types: &BTreeMap<String, NumberType>) -> [String; 4] {
    let path = figure.value.path().unwrap_or_default();
    let kind = types.get(path).map_or("number or null", |kind| kind.name());
    let chance = figure.chance.as_ref();
    let beside = [
        ("chance level", chance.and_then(|c| c.level.path())),
        ("its deviation", chance.and_then(|c| c.deviation.as_ref()?.size.path())),
        ("uncertainty", figure.uncertainty.as_ref().and_then(|u| u.size.path())),
        ("interval", figure.interval.as_ref().and_then(|i| i.ends.path())),
    ];
    let beside =
        beside.iter().filter_map(|(what, path)| Some(format!("{what} {}", field((*path)?))));
    [field(path), kind.into(), figure.about.into(), beside.collect::<Vec<_>>().join(", ")]
}

fn definition(figure: &Figure) -> [String; 4] {
    let source = figure.source.map(|s| {
        let paper = word(s.source);
        if s.place.is_empty() { format!(" ({paper})") } else { format!(" ({paper} {})", s.place) }
    });
    let reported = figure.reported.map(|r| {
        format!("{} ({})", r.text, format!("{} {}", word(r.by.source), r.by.place).trim_end())
    });
    let against: Vec<String> =
        figure.read_against.map(String::from).into_iter().chain(reported).collect();
    [
        field(figure.value.path().unwrap_or_default()),
        format!("{}{}", figure.formula, source.unwrap_or_default()),
        figure.chance.map(|c| c.formula.to_string()).unwrap_or_default(),
        against.join("; "),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_markers_changes() {
        let text = "a\n<!-- figures:begin fields update -->\nold\n<!-- figures:end -->\nb\n";
        let new = fill_tables(text).expect("a table of updates");
        assert!(new.starts_with("a\n<!-- figures:begin fields update -->\n"), "{new}");
        assert!(new.ends_with("<!-- figures:end -->\nb\n") && !new.contains("old"), "{new}");
        assert!(new.contains("\n| `stable_rank` | number or null | "), "{new}");
        assert_eq!(fill_tables(&new).as_ref(), Ok(&new));
        assert_eq!(fill_tables("none"), Ok("none".into()));
        let unknown = fill_tables("<!-- figures:begin fields updates -->\n<!-- figures:end -->");
        assert!(unknown.is_err_and(|e| e.to_string().contains("fields updates")));
    }
}
