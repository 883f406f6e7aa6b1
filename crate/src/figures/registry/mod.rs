//! The one table of figures: a row per figure of a tensor, in the file of its family.
//!
//! From it come the columns of the CSV, the means of rollups, docs/figures.json and the field
//! tables of the docs. Lists and maps are not in the table, nor are settings and names.

mod adapter;
mod basis_change;
mod document;
mod figure;
mod fisher;
mod fp8;
mod geometry;
mod listed;
mod masks;
mod overlap;
mod precision;
pub(crate) mod schema;
mod sources;
mod tables;
#[cfg(test)]
mod tests;
mod update;

pub use document::to_json;
pub use figure::{
    Chance, Citation, Family, Figure, Group, Interval, Number, Page, Reported, RollupBy, Scale,
    Uncertainty, Unit,
};
pub use sources::{Paper, Source};
pub use tables::{TABLES_IN, UnknownTable, fill_tables};

/// All figures, by family. This is the order in which they are shown; what a delta without its base
/// has comes first, since no other report has it.
pub static FIGURES: [&[Figure]; 10] = [
    listed::FIGURES,
    precision::FIGURES,
    fp8::FIGURES,
    update::FIGURES,
    basis_change::FIGURES,
    geometry::FIGURES,
    masks::FIGURES,
    adapter::FIGURES,
    fisher::FIGURES,
    overlap::FIGURES,
];

/// Each row of the table.
pub fn figures() -> impl Iterator<Item = &'static Figure> {
    FIGURES.iter().copied().flatten()
}
