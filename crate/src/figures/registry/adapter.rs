//! Rows of the family `adapter`: what of a LoRA adapter a merge keeps.

use crate::figures::adapter::report::Adapter;
use crate::figures::registry::figure::{Chance, Family, Figure, Group, Number, Page, Scale, Unit};
use crate::figures::tensor::TensorReport;

const BLANK: Figure = Figure { family: Family::Adapter, group: Group::Adapter, ..Figure::BLANK };

fn of(t: &TensorReport, get: fn(&Adapter) -> Option<f64>) -> Option<f64> {
    t.adapter.as_ref().and_then(get)
}

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "survives",
        label: "Survives the merge",
        page: Page::Column,
        unit: Unit::Share,
        value: Number::Tensor("adapter.survives", |t| of(t, |a| a.survives)),
        csv: Some("adapter_survives"),
        about: "Of the weights that the adapter touches, the share that the merged weight shows \
                as changed in bf16.",
        formula: "#{ Δ ≠ 0, changed in bf16 } / #{ Δ ≠ 0 }",
        read_against: Some("100\u{a0}%: nothing is lost in the merge"),
        ..BLANK
    },
    Figure {
        id: "realized",
        label: "Δ realized by the merge",
        unit: Unit::Ratio,
        value: Number::Tensor("adapter.realized", |t| of(t, |a| a.realized)),
        csv: Some("adapter_realized"),
        about: "⟨Δ_merged, Δ⟩ over ‖Δ‖²: how much of the adapter’s direction the merged weight \
                has.",
        formula: "⟨Δ_merged, Δ⟩ / ‖Δ‖_F²",
        read_against: Some("1: rounding takes nothing away on the whole"),
        ..BLANK
    },
    Figure {
        id: "merge_error",
        label: "Merge error",
        unit: Unit::Ratio,
        scale: Scale::Log,
        value: Number::Tensor("adapter.merge_error", |t| of(t, |a| a.merge_error)),
        csv: Some("adapter_merge_error"),
        about: "‖Δ_merged − Δ‖ over ‖Δ‖, Frobenius norms: what rounding adds.",
        formula: "‖Δ_merged − Δ‖_F / ‖Δ‖_F",
        read_against: Some("0: the merge adds no noise"),
        ..BLANK
    },
    Figure {
        id: "a_principal",
        label: "A in the principal subspace",
        unit: Unit::Share,
        value: Number::Tensor("adapter.a_principal", |t| of(t, |a| a.a_principal)),
        chance: Some(Chance {
            name: "a_principal_chance",
            level: Number::Tensor("adapter.a_chance", |t| of(t, |a| a.a_chance)),
            formula: "k/n",
            ..Chance::BLANK
        }),
        about: "Share of ‖A‖² in the rank-k principal subspace of the base on A’s side.",
        formula: "‖A V_k‖_F² / ‖A‖_F²",
        read_against: Some("PiSSA starts at 100\u{a0}%, MiLoRA at 0\u{a0}%"),
        ..BLANK
    },
    Figure {
        id: "b_principal",
        label: "B in the principal subspace",
        unit: Unit::Share,
        value: Number::Tensor("adapter.b_principal", |t| of(t, |a| a.b_principal)),
        chance: Some(Chance {
            name: "b_principal_chance",
            level: Number::Tensor("adapter.b_chance", |t| of(t, |a| a.b_chance)),
            formula: "k/m",
            ..Chance::BLANK
        }),
        about: "Share of ‖B‖² in the rank-k principal subspace of the base on B’s side.",
        formula: "‖U_kᵀ B‖_F² / ‖B‖_F²",
        read_against: Some("PiSSA starts at 100\u{a0}%, MiLoRA at 0\u{a0}%"),
        ..BLANK
    },
    Figure {
        id: "touched",
        label: "Weights that the adapter touches",
        unit: Unit::Count,
        scale: Scale::Log,
        value: Number::Tensor("adapter.touched", |t| of(t, |a| Some(a.touched as f64))),
        page: Page::Nowhere,
        about: "Number of weights whose Δ is not 0.",
        formula: "#{ Δ ≠ 0 }",
        ..BLANK
    },
];
