//! Rows of the family `update`: the size of Δ.

use crate::figures::registry::figure::{
    Chance, Family, Figure, Group, Number, Page, RollupBy, Scale, Unit,
};
use crate::figures::tensor::TensorReport;
use crate::figures::update::report::Update;

const BLANK: Figure =
    Figure { family: Family::Update, group: Group::Update, scale: Scale::Log, ..Figure::BLANK };

fn of(t: &TensorReport, get: fn(&Update) -> Option<f64>) -> Option<f64> {
    t.update.as_ref().and_then(get)
}

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "relative_update",
        label: "Relative update",
        page: Page::Column,
        unit: Unit::Share,
        value: Number::Tensor("update.relative_update", |t| of(t, |u| u.relative_update)),
        rollup: RollupBy::Norms,
        csv: Some("relative_update"),
        about: "‖Δ‖ over ‖W0‖, Frobenius norms.",
        formula: "‖Δ‖_F / ‖W0‖_F",
        read_against: Some("NSS cannot be larger than this"),
        ..BLANK
    },
    Figure {
        id: "max_abs_update",
        label: "Largest |Δ|",
        unit: Unit::Norm,
        value: Number::Tensor("update.max_abs_update", |t| of(t, |u| Some(u.max_abs_update))),
        rollup: RollupBy::Largest,
        csv: Some("max_abs_update"),
        about: "The largest change of a single weight.",
        formula: "max |Δ|",
        read_against: Some("set beside half a bf16 ULP of the weights (detail view, deciles)"),
        ..BLANK
    },
    Figure {
        id: "frobenius_base",
        label: "‖W0‖",
        unit: Unit::Norm,
        value: Number::Tensor("update.frobenius_base", |t| of(t, |u| Some(u.frobenius_base))),
        page: Page::Nowhere,
        about: "Frobenius norm of the base.",
        formula: "‖W0‖_F",
        ..BLANK
    },
    Figure {
        id: "frobenius_update",
        label: "‖Δ‖",
        unit: Unit::Norm,
        value: Number::Tensor("update.frobenius_update", |t| of(t, |u| Some(u.frobenius_update))),
        page: Page::Nowhere,
        about: "Frobenius norm of the update.",
        formula: "‖Δ‖_F",
        ..BLANK
    },
    Figure {
        id: "spectral_norm",
        label: "Spectral norm of Δ",
        unit: Unit::Norm,
        value: Number::Tensor("update.spectral_norm", |t| of(t, |u| u.spectral_norm)),
        csv: Some("spectral_norm"),
        page: Page::Nowhere,
        about: "The largest singular value of the update.",
        formula: "‖Δ‖_2",
        ..BLANK
    },
    Figure {
        id: "stable_rank",
        label: "Stable rank of Δ",
        page: Page::Column,
        unit: Unit::Ratio,
        value: Number::Tensor("update.stable_rank", |t| of(t, |u| u.stable_rank)),
        rollup: RollupBy::Mean,
        csv: Some("stable_rank"),
        chance: Some(Chance {
            name: "stable_rank_chance",
            level: Number::Tensor("update.chance.stable_rank", |t| {
                of(t, |u| Some(u.chance.as_ref()?.stable_rank))
            }),
            csv: true,
            formula: "mn/(√m + √n)², at least 1",
            ..Chance::BLANK
        }),
        about: "‖Δ‖_F² over ‖Δ‖_2²: how many directions the update spreads over.",
        formula: "‖Δ‖_F² / ‖Δ‖_2²",
        read_against: Some("at most the smaller side"),
        ..BLANK
    },
    Figure {
        id: "share_top_k",
        label: "Δ in its own top k",
        unit: Unit::Share,
        scale: Scale::Linear,
        value: Number::Tensor("update.share_top_k", |t| of(t, |u| u.share_top_k)),
        rollup: RollupBy::Mean,
        chance: Some(Chance {
            name: "share_top_k_chance",
            level: Number::Tensor("update.chance.share_top_k", |t| {
                of(t, |u| Some(u.chance.as_ref()?.share_top_k))
            }),
            formula: "by the Marchenko–Pastur law",
            ..Chance::BLANK
        }),
        about: "Share of ‖Δ‖_F² in the update’s own k leading singular directions.",
        formula: "Σ_{i≤k} σ_i(Δ)² / ‖Δ‖_F²",
        read_against: Some("at least k over the smaller side"),
        ..BLANK
    },
    Figure {
        id: "rank_share",
        label: "Numerical rank of Δ",
        unit: Unit::Share,
        scale: Scale::Linear,
        value: Number::Tensor("update.rank_share", |t| of(t, |u| u.rank_share)),
        page: Page::Nowhere,
        about: "Numerical rank of the update over the smaller side; only where the whole spectrum \
                was computed.",
        formula: "#{ σ_i(Δ) > max(m, n)·2^-23·σ_1(Δ) } / min(m, n)",
        read_against: Some("1: full rank"),
        ..BLANK
    },
    Figure {
        id: "entropy_rank",
        label: "Entropy rank of Δ",
        unit: Unit::Ratio,
        value: Number::Tensor("update.entropy_rank", |t| of(t, |u| u.entropy_rank)),
        page: Page::Nowhere,
        about: "The exponential of the entropy of the update’s singular values; only where the \
                whole spectrum was computed.",
        formula: "exp(−Σ p_i ln p_i), p_i = σ_i(Δ)/Σσ(Δ)",
        read_against: Some("at most the smaller side"),
        ..BLANK
    },
];
