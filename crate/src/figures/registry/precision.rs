//! Rows of the family `precision`: what the stored precision shows.

use crate::figures::precision::report::Precision;
use crate::figures::registry::figure::{
    Chance, Citation, Family, Figure, Group, Number, Page, Reported, RollupBy, Scale, Unit,
};
use crate::figures::registry::sources::Source;
use crate::figures::tensor::TensorReport;

const BLANK: Figure =
    Figure { family: Family::Precision, group: Group::Precision, ..Figure::BLANK };

fn of(t: &TensorReport, get: fn(&Precision) -> f64) -> Option<f64> {
    t.precision.as_ref().map(get)
}

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "unchanged",
        label: "Weights unchanged in bf16",
        unit: Unit::Count,
        scale: Scale::Log,
        value: Number::Tensor("precision.unchanged", |t| of(t, |p| p.unchanged as f64)),
        rollup: RollupBy::Sum,
        csv: Some("unchanged"),
        page: Page::Nowhere,
        about: "Number of weights that are equal up to η after both sides are cast to bf16.",
        formula: "#{ |w1 − w0| ≤ η·max(|w0|, |w1|) } in f32, both cast to bf16 first",
        source: Some(Citation { source: Source::Pnt, place: "Def. 2.1" }),
        ..BLANK
    },
    Figure {
        id: "sparsity_bf16",
        label: "Unchanged in bf16",
        page: Page::Column,
        unit: Unit::Share,
        value: Number::Tensor("precision.sparsity_bf16", |t| of(t, |p| p.sparsity_bf16)),
        rollup: RollupBy::Counts,
        csv: Some("sparsity_bf16"),
        about: "Share of weights that are equal up to η after both sides are cast to bf16.",
        formula: "unchanged / N",
        source: Some(Citation { source: Source::Pnt, place: "Def. 2.2" }),
        reported: Some(Reported {
            text: "reported range, whole models: RLVR 36–92\u{a0}%, SFT 0.6–19\u{a0}%",
            by: Citation { source: Source::Pnt, place: "Table 1" },
        }),
        ..BLANK
    },
    Figure {
        id: "bit_equal",
        label: "Weights with equal bits",
        unit: Unit::Count,
        scale: Scale::Log,
        value: Number::Tensor("precision.bit_equal", |t| of(t, |p| p.bit_equal as f64)),
        rollup: RollupBy::Sum,
        csv: Some("bit_equal"),
        page: Page::Nowhere,
        about: "Number of weights whose bits are equal in the dtype compared.",
        formula: "#{ bits(w1) = bits(w0) }",
        read_against: Some(
            "for finite bf16 weights at the default η: `unchanged` less the zeros that changed \
            sign",
        ),
        ..BLANK
    },
    Figure {
        id: "hidden_by_bf16",
        label: "Hidden by bf16",
        unit: Unit::Share,
        value: Number::Tensor("precision.hidden_by_bf16", |t| of(t, |p| p.hidden_by_bf16)),
        rollup: RollupBy::Counts,
        csv: Some("hidden_by_bf16"),
        about: "Share of weights that differ as stored but not after the cast to bf16.",
        formula: "#{ changed as stored, unchanged after the cast } / N",
        read_against: Some("0 for checkpoints stored in bf16"),
        ..BLANK
    },
    Figure {
        id: "sparsity_abs",
        label: "|Δ| within tolerance",
        unit: Unit::Share,
        value: Number::Tensor("precision.sparsity_abs", |t| of(t, |p| p.sparsity_abs)),
        rollup: RollupBy::Counts,
        csv: Some("sparsity_abs"),
        about: "Share of weights whose update is at most the absolute tolerance.",
        formula: "#{ |Δ| ≤ absolute tolerance } / N in f32",
        source: Some(Citation { source: Source::Muk, place: "" }),
        read_against: Some(
            "set beside “Unchanged in bf16”: an absolute tolerance also hides changes of small \
             weights",
        ),
        ..BLANK
    },
    Figure {
        id: "unchanged_stored",
        label: "Weights unchanged as stored",
        unit: Unit::Count,
        scale: Scale::Log,
        value: Number::Tensor("precision.unchanged_stored", |t| {
            of(t, |p| p.unchanged_stored as f64)
        }),
        page: Page::Nowhere,
        about: "Number of weights that pass the same relative test without the cast to bf16.",
        formula: "#{ |w1 − w0| ≤ η·max(|w0|, |w1|) } as stored",
        ..BLANK
    },
    Figure {
        id: "non_finite",
        label: "NaN or infinite weights",
        unit: Unit::Count,
        scale: Scale::Log,
        value: Number::Tensor("precision.non_finite", |t| of(t, |p| p.non_finite as f64)),
        rollup: RollupBy::Sum,
        csv: Some("non_finite"),
        page: Page::Nowhere,
        about: "Number of weights that are NaN or infinite on either side. They count as changed.",
        formula: "#{ w0 or w1 is NaN or infinite }",
        read_against: Some("0"),
        ..BLANK
    },
    Figure {
        id: "row_dispersion",
        label: "Row stripes",
        page: Page::ColumnWithoutBase,
        unit: Unit::Ratio,
        scale: Scale::Log,
        value: Number::Tensor("precision.row_density.dispersion", |t| {
            t.precision.as_ref()?.row_density.as_ref()?.dispersion
        }),
        path_without_base: Some("listed.row_density.dispersion"),
        chance: Some(DISPERSION),
        bare: true,
        about: "Variance of the rows’ share of changed weights over that of independent changes.",
        formula: "Var(p_r) / (p̄·(1 − p̄)/n), p_r the density of row r",
        ..BLANK
    },
    Figure {
        id: "column_dispersion",
        label: "Column stripes",
        page: Page::ColumnWithoutBase,
        unit: Unit::Ratio,
        scale: Scale::Log,
        value: Number::Tensor("precision.column_density.dispersion", |t| {
            t.precision.as_ref()?.column_density.as_ref()?.dispersion
        }),
        path_without_base: Some("listed.column_density.dispersion"),
        chance: Some(DISPERSION),
        bare: true,
        about: "Variance of the columns’ share of changed weights over that of independent \
                changes.",
        formula: "Var(p_c) / (p̄·(1 − p̄)/m), p_c the density of column c",
        ..BLANK
    },
];

const DISPERSION: Chance =
    Chance::constant("dispersion_chance", 1.0, "1: changes are independent of each other");
