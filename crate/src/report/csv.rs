//! The table of a report as CSV: one line for each tensor and run.
//!
//! Columns are the names of a tensor and the figures that the registry marks for the CSV.

use crate::figures::masks::report::Masks;
use crate::figures::registry::{Number, figures};
use crate::figures::tensor::TensorReport;
use crate::report::cast::find_cast;
use crate::report::json::round_all;
use crate::report::{Report, Run};
use csv::{Terminator, Writer, WriterBuilder};
use std::borrow::Cow;
use std::io::{self, Write};

/// A column: its name and the content of its cells.
struct Column {
    name: String,
    cell: Cell,
}

/// The content of a cell.
#[derive(Clone, Copy)]
enum Cell {
    /// A name, a word or a rank.
    Label(fn(&Run, &TensorReport) -> String),
    /// A figure.
    Figure(&'static Number),
    /// One end of an interval.
    End(&'static Number, usize),
}

/// Writes a figure; the cell is empty without one.
fn write_cell<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// Characters that begin a formula in some spreadsheet, the wide forms of East Asian keyboards
/// included. The page has the same (www/exports/table.js).
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Makes text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe
/// before it, the sign of a text there.
fn defuse(text: String) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text }
}

impl Cell {
    fn write_for_tensor(self, run: &Run, t: &TensorReport) -> String {
        match self {
            Self::Label(text) => defuse(text(run, t)),
            Self::Figure(number) => write_cell(number.of_tensor(t)),
            Self::End(number, i) => write_cell(number.ends(t).map(|ends| ends[i])),
        }
    }

    fn write_for_mask(self, masks: Option<&Masks>) -> String {
        match self {
            Self::Figure(number) => write_cell(masks.and_then(|m| number.of_mask(m))),
            Self::Label(_) | Self::End(..) => String::new(),
        }
    }
}

/// A column that names a tensor or says how it was compared: its head, and its text.
type Label = (&'static str, fn(&Run, &TensorReport) -> String);

/// Columns that do not hold figures: names, words, and the rank.
const LABELS: [Label; 16] = [
    ("run", |run, _| run.checkpoint.name.clone()),
    ("name", |_, t| t.name.clone()),
    ("layer", |_, t| write_cell(t.layer)),
    ("module", |_, t| t.module.to_string()),
    ("shape", |_, t| t.shape.iter().map(u64::to_string).collect::<Vec<_>>().join("x")),
    ("dtype", |_, t| t.dtype.to_string()),
    ("parameters", |_, t| t.parameters.to_string()),
    ("status", |_, t| t.status.to_string()),
    ("k", |_, t| write_cell(t.geometry.as_ref().map(|g| g.k))),
    ("exact", |_, t| write_cell(t.geometry.as_ref().map(|g| g.exact))),
    ("resolved", |_, t| write_cell(t.geometry.as_ref().map(|g| g.resolved))),
    ("nearest_resolved_k", |_, t| {
        write_cell(t.geometry.as_ref().and_then(|g| g.nearest_resolved_k))
    }),
    ("dtype_base", |_, t| t.dtype_base.clone()),
    ("dtype_tuned", |_, t| t.dtype_tuned.clone()),
    ("function_preserving", |_, t| write_cell(t.function_preserving.as_ref().map(|f| f.kind))),
    ("cast", |_, t| write_cell(find_cast(t))),
];

/// The columns of the first version of the CSV in their order, which readers may rely on. Columns
/// that are not named here follow them in the order of the registry.
const FIRST: [&str; 56] = [
    "run",
    "name",
    "layer",
    "module",
    "shape",
    "dtype",
    "parameters",
    "status",
    "unchanged",
    "sparsity_bf16",
    "bit_equal",
    "sparsity_abs",
    "hidden_by_bf16",
    "non_finite",
    "relative_update",
    "max_abs_update",
    "spectral_norm",
    "stable_rank",
    "k",
    "exact",
    "nss",
    "nss_top_k",
    "nss_low",
    "nss_high",
    "rotation_max",
    "rotation_median",
    "uncertainty",
    "resolved",
    "nearest_resolved_k",
    "gap",
    "off_principal_share",
    "off_principal_chance",
    "dtype_base",
    "dtype_tuned",
    "nss_chance",
    "nss_top_k_chance",
    "sin_theta_left",
    "sin_theta_left_chance_low",
    "sin_theta_left_chance_high",
    "sin_theta_right",
    "sin_theta_right_chance_low",
    "sin_theta_right_chance_high",
    "kl_quadratic",
    "kl_share",
    "fisher_mass_on_changed",
    "fisher_chance",
    "adapter_survives",
    "adapter_realized",
    "adapter_merge_error",
    "function_preserving",
    "listed",
    "listed_density",
    "stable_rank_chance",
    "rotation_max_chance",
    "rotation_max_chance_deviation",
    "rotation_median_chance",
];

/// The columns of the first version that each α has, in their order.
const FIRST_OF_MASKS: [&str; 9] = [
    "principal_overlap",
    "principal_chance",
    "principal_enrichment",
    "low_overlap",
    "low_chance",
    "low_enrichment",
    "safe_overlap",
    "safe_chance",
    "safe_enrichment",
];

/// Makes the columns of a number under a name: two for an interval.
fn make_columns(name: &str, number: &'static Number) -> Vec<Column> {
    match number {
        Number::Ends(..) => ["low", "high"]
            .into_iter()
            .enumerate()
            .map(|(i, end)| Column { name: format!("{name}_{end}"), cell: Cell::End(number, i) })
            .collect(),
        _ => vec![Column { name: name.into(), cell: Cell::Figure(number) }],
    }
}

/// Makes all columns of figures: those of a tensor, and those that each α has.
fn make_figure_columns() -> (Vec<Column>, Vec<Column>) {
    let mut columns = Vec::new();
    for figure in figures() {
        let chance = figure.chance.as_ref();
        let numbers = [
            figure.csv.map(|name| (name, &figure.value)),
            figure.interval.as_ref().and_then(|i| Some((i.csv?, &i.ends))),
            figure.uncertainty.as_ref().and_then(|u| Some((u.csv?, &u.size))),
            chance.filter(|c| c.csv).map(|c| (c.name, &c.level)),
            chance.and_then(|c| c.deviation.as_ref()).and_then(|d| Some((d.csv?, &d.size))),
        ];
        for (name, number) in numbers.into_iter().flatten() {
            columns.extend(make_columns(name, number));
        }
    }
    columns.into_iter().partition(|c| !matches!(c.cell, Cell::Figure(Number::Mask(..))))
}

/// Puts the columns named in `first` first, in its order.
fn order_columns(mut columns: Vec<Column>, first: &[&str]) -> Vec<Column> {
    let place = |c: &Column| first.iter().position(|name| *name == c.name).unwrap_or(first.len());
    columns.sort_by_key(place);
    columns
}

/// Writes the header and a line for each tensor of each run; `take` gives a tensor its digits.
fn write_table<W: Write>(
    report: &Report,
    out: W,
    take: impl Fn(&TensorReport) -> serde_json::Result<Cow<'_, TensorReport>>,
) -> io::Result<()> {
    let mut out: Writer<W> = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    let (of_tensor, of_mask) = make_figure_columns();
    let labels =
        LABELS.iter().map(|(name, text)| Column { name: (*name).into(), cell: Cell::Label(*text) });
    let of_tensor = order_columns(labels.chain(of_tensor).collect(), &FIRST);
    let of_mask = order_columns(of_mask, &FIRST_OF_MASKS);
    let alphas = &report.settings.alphas;
    let names_of_masks =
        alphas.iter().flat_map(|a| of_mask.iter().map(move |c| format!("{}_{a}", c.name)));
    out.write_record(of_tensor.iter().map(|c| c.name.clone()).chain(names_of_masks))?;
    for run in &report.runs {
        for t in &run.tensors {
            let t = &*take(t)?;
            let masks = (0..alphas.len())
                .flat_map(|i| of_mask.iter().map(move |c| c.cell.write_for_mask(t.masks.get(i))));
            out.write_record(
                of_tensor.iter().map(|c| c.cell.write_for_tensor(run, t)).chain(masks),
            )?;
        }
    }
    out.flush()
}

/// Writes the table by RFC 4180 with a header line, line by line; undefined figures are empty
/// cells. Figures have the digits of the report's file.
///
/// # Errors
/// Those of `out`.
pub fn write_csv(report: &Report, out: impl Write) -> io::Result<()> {
    write_table(report, out, |tensor| Ok(Cow::Owned(round_all(tensor)?)))
}

/// The table of a report that was read from its file, as text.
pub fn to_csv(report: &Report) -> String {
    let mut bytes = Vec::new();
    write_table(report, &mut bytes, |tensor| Ok(Cow::Borrowed(tensor)))
        .expect("records of one length are written to memory");
    String::from_utf8(bytes).expect("it was written from strings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_formulas() {
        for text in ["=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(1)", "\tx", "\rx", "＝1"] {
            assert_eq!(defuse(text.into()), format!("'{text}"));
        }
        for text in ["", "w", "a=b", " =1", "0.5"] {
            assert_eq!(defuse(text.into()), text);
        }
    }

    #[test]
    fn the_columns_of_the_first_version_stand_first() {
        let (of_tensor, of_mask) = make_figure_columns();
        let names: Vec<&str> = LABELS
            .iter()
            .map(|(name, _)| *name)
            .chain(of_tensor.iter().map(|c| c.name.as_str()))
            .collect();
        for name in FIRST {
            assert_eq!(names.iter().filter(|other| **other == name).count(), 1, "{name}");
        }
        let ordered = order_columns(of_mask, &FIRST_OF_MASKS);
        let first = ordered.iter().take(FIRST_OF_MASKS.len()).map(|c| c.name.as_str());
        assert!(first.eq(FIRST_OF_MASKS));
    }
}
