//! Rows of the family `basis_change`: value and output projections rotated or permuted together.

use crate::figures::basis_change::report::FunctionPreserving;
use crate::figures::registry::figure::{
    Chance, Citation, Family, Figure, Group, Number, Page, Scale, Unit,
};
use crate::figures::registry::sources::Source;
use crate::figures::tensor::TensorReport;

const BLANK: Figure = Figure {
    family: Family::BasisChange,
    group: Group::Update,
    unit: Unit::Ratio,
    scale: Scale::Log,
    page: Page::Nowhere,
    source: Some(Citation { source: Source::Pnt, place: "" }),
    ..Figure::BLANK
};

fn of(t: &TensorReport, get: fn(&FunctionPreserving) -> f64) -> Option<f64> {
    t.function_preserving.as_ref().map(get)
}

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "basis_rotation_max",
        label: "Largest rotation of a head’s basis",
        unit: Unit::Degrees,
        scale: Scale::Linear,
        value: Number::Tensor("function_preserving.rotation_max", |t| of(t, |f| f.rotation_max)),
        about: "Largest angle of the rotations that best explain the change of both projections.",
        formula: "largest angle of the best R_h",
        ..BLANK
    },
    Figure {
        id: "update_before",
        label: "Update of both projections",
        value: Number::Tensor("function_preserving.update_before", |t| of(t, |f| f.update_before)),
        about: "Relative update of value and output projection together.",
        formula: "‖Δ‖_F / ‖W0‖_F of both projections",
        ..BLANK
    },
    Figure {
        id: "update_after",
        label: "Update beside the change of basis",
        value: Number::Tensor("function_preserving.update_after", |t| of(t, |f| f.update_after)),
        about: "Relative update of both projections after the base was permuted and rotated.",
        formula: "‖W1 − R(W0)‖_F / ‖W0‖_F of both projections, R the best rotation and permutation",
        ..BLANK
    },
    Figure {
        id: "basis_change_kept",
        label: "Update kept beside the change of basis",
        unit: Unit::Share,
        scale: Scale::Linear,
        chance: Some(Chance {
            name: "basis_change_chance",
            level: Number::Tensor("function_preserving.chance", |t| of(t, |f| f.chance)),
            formula: "√(1 − H·d(d − 1)/2 / N)",
            ..Chance::BLANK
        }),
        about: "Share of the update that a change of basis does not explain.",
        formula: "update_after / update_before",
        ..BLANK
    },
];
