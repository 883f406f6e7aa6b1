//! Rows of the family `fisher`: the update weighted by a diagonal Fisher F of the base.

use crate::figures::fisher::report::Fisher;
use crate::figures::registry::figure::{
    Chance, Family, Figure, Group, Number, Page, RollupBy, Scale, Unit,
};
use crate::figures::tensor::TensorReport;

const BLANK: Figure = Figure { family: Family::Fisher, group: Group::Fisher, ..Figure::BLANK };

fn of(t: &TensorReport, get: fn(&Fisher) -> Option<f64>) -> Option<f64> {
    t.fisher.as_ref().and_then(get)
}

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "kl_quadratic",
        label: "KL by the Fisher",
        page: Page::Column,
        unit: Unit::Plain,
        scale: Scale::Log,
        value: Number::Tensor("fisher.kl_quadratic", |t| of(t, |f| Some(f.kl_quadratic))),
        rollup: RollupBy::Sum,
        csv: Some("kl_quadratic"),
        chance: Some(Chance {
            name: "kl_quadratic_chance",
            formula: "½ (mass/N)·‖Δ‖_F²",
            ..Chance::BLANK
        }),
        about: "½ Σ F·Δ², the second-order estimate of the KL divergence. Chance is that of the \
                same update and Fisher if they were independent.",
        formula: "½ Σ F·Δ², in nats",
        read_against: Some("in the units of the Fisher file: Adam’s exp_avg_sq is one up to scale"),
        ..BLANK
    },
    Figure {
        id: "kl_share",
        label: "Share of the KL",
        page: Page::Column,
        unit: Unit::Share,
        value: Number::Tensor("fisher.kl_share", |t| of(t, |f| f.kl_share)),
        rollup: RollupBy::Sum,
        csv: Some("kl_share"),
        chance: Some(Chance {
            name: "kl_share_chance",
            formula: "N / ΣN over the run’s tensors with a Fisher",
            ..Chance::BLANK
        }),
        about: "Share of ½ Σ F·Δ² of the run that comes from this tensor. Chance is its share of \
                the weights.",
        formula: "kl_quadratic / Σ kl_quadratic of the run",
        ..BLANK
    },
    Figure {
        id: "kl_enrichment",
        label: "KL over chance",
        unit: Unit::Times,
        scale: Scale::Log,
        chance: Some(Chance::constant("kl_enrichment_chance", 1.0, "1")),
        about: "½ Σ F·Δ² over its chance level: below 1, the update avoids weights of a large \
                Fisher.",
        formula: "kl_quadratic / chance",
        ..BLANK
    },
    Figure {
        id: "weighted_norm",
        label: "Fisher norm of Δ",
        unit: Unit::Norm,
        scale: Scale::Log,
        value: Number::Tensor("fisher.weighted_norm", |t| of(t, |f| Some(f.weighted_norm))),
        chance: Some(Chance {
            name: "weighted_norm_chance",
            formula: "√(mass/N)·‖Δ‖_F",
            ..Chance::BLANK
        }),
        about: "The root of Σ F·Δ². Chance is that of the same update and Fisher if they were \
                independent.",
        formula: "√(Σ F·Δ²)",
        ..BLANK
    },
    Figure {
        id: "fisher_mass",
        label: "Sum of the Fisher",
        unit: Unit::Plain,
        scale: Scale::Log,
        value: Number::Tensor("fisher.mass", |t| of(t, |f| Some(f.mass))),
        page: Page::Nowhere,
        about: "Sum of the Fisher over all weights of the tensor.",
        formula: "Σ F",
        ..BLANK
    },
    Figure {
        id: "mass_on_changed",
        label: "Fisher on changed weights",
        page: Page::Column,
        unit: Unit::Share,
        value: Number::Tensor("fisher.mass_on_changed", |t| of(t, |f| f.mass_on_changed)),
        csv: Some("fisher_mass_on_changed"),
        chance: Some(Chance {
            name: "fisher_chance",
            level: Number::Tensor("fisher.chance", |t| of(t, |f| Some(f.chance))),
            csv: true,
            formula: "density of the changed weights",
            ..Chance::BLANK
        }),
        about: "Share of the Fisher’s sum that lies on weights that changed in bf16. Chance is \
                the share of changed weights.",
        formula: "Σ_M F / Σ F, M being the weights that changed in bf16",
        ..BLANK
    },
];
