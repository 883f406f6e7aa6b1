//! docs/figures.json: the table for readers that are not written in Rust.

use crate::figures::registry::figure::{
    Chance, Citation, Family, Figure, Group, Number, Page, RollupBy, Scale, Unit,
};
use crate::figures::registry::figures;
use crate::figures::registry::sources::{Paper, Source};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    groups: Vec<Heading>,
    sources: BTreeMap<Source, Paper>,
    figures: Vec<Row>,
}

#[derive(Serialize)]
struct Heading {
    id: Group,
    label: &'static str,
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    path: Option<&'static str>,
    path_without_base: Option<&'static str>,
    /// Whether the report lacks it, so that a reader computes it by `formula`.
    derived: bool,
    family: Family,
    group: Group,
    label: &'static str,
    unit: Unit,
    scale: Scale,
    rollup: RollupBy,
    sweep: bool,
    csv: Option<&'static str>,
    resolved_only: bool,
    page: Page,
    bare: bool,
    chance: Option<ChanceRow>,
    uncertainty: Option<&'static str>,
    interval: Option<&'static str>,
    about: &'static str,
    formula: &'static str,
    source: Option<Place>,
    read_against: Option<&'static str>,
    reported: Option<ReportedRow>,
}

#[derive(Serialize)]
struct ChanceRow {
    name: &'static str,
    path: Option<&'static str>,
    constant: Option<f64>,
    derived: bool,
    /// Whether `path` leads to a list [low, high].
    ends: bool,
    deviation: Option<&'static str>,
    of_all_matrices: bool,
    formula: &'static str,
}

#[derive(Serialize)]
struct Place {
    paper: Source,
    place: &'static str,
}

#[derive(Serialize)]
struct ReportedRow {
    text: &'static str,
    paper: Source,
    place: &'static str,
}

impl From<&Citation> for Place {
    fn from(c: &Citation) -> Self {
        Self { paper: c.source, place: c.place }
    }
}

impl From<&Chance> for ChanceRow {
    fn from(c: &Chance) -> Self {
        Self {
            name: c.name,
            path: c.level.path(),
            constant: match c.level {
                Number::Constant(level) => Some(level),
                _ => None,
            },
            derived: matches!(c.level, Number::Derived),
            ends: matches!(c.level, Number::Ends(..)),
            deviation: c.deviation.and_then(|d| d.size.path()),
            of_all_matrices: c.of_all_matrices,
            formula: c.formula,
        }
    }
}

impl From<&Figure> for Row {
    fn from(f: &Figure) -> Self {
        Self {
            id: f.id,
            path: f.value.path(),
            path_without_base: f.path_without_base,
            derived: matches!(f.value, Number::Derived),
            family: f.family,
            group: f.group,
            label: f.label,
            unit: f.unit,
            scale: f.scale,
            rollup: f.rollup,
            sweep: f.sweep.is_some(),
            csv: f.csv,
            resolved_only: f.resolved_only,
            page: f.page,
            bare: f.bare,
            chance: f.chance.as_ref().map(ChanceRow::from),
            uncertainty: f.uncertainty.and_then(|u| u.size.path()),
            interval: f.interval.and_then(|i| i.ends.path()),
            about: f.about,
            formula: f.formula,
            source: f.source.as_ref().map(Place::from),
            read_against: f.read_against,
            reported: f.reported.as_ref().map(|r| ReportedRow {
                text: r.text,
                paper: r.by.source,
                place: r.by.place,
            }),
        }
    }
}

/// The text of docs/figures.json.
pub fn to_json() -> String {
    let document = Document {
        format: "gatescope-figures",
        groups: Group::ALL.map(|id| Heading { id, label: id.label() }).into(),
        sources: Source::ALL.map(|source| (source, source.paper())).into(),
        figures: figures().map(Row::from).collect(),
    };
    serde_json::to_string_pretty(&document).expect("the table is plain JSON")
}
