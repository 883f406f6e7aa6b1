//! Rows of the family `geometry`: spectral shift, rotation, and where the update lies.

use crate::figures::geometry::report::{Geometry, SinTheta};
use crate::figures::registry::figure::{
    Chance, Citation, Family, Figure, Group, Interval, Number, Page, Reported, RollupBy, Scale,
    Uncertainty, Unit,
};
use crate::figures::registry::sources::Source;
use crate::figures::tensor::TensorReport;

const BLANK: Figure = Figure {
    family: Family::Geometry,
    group: Group::Spectrum,
    rollup: RollupBy::Mean,
    ..Figure::BLANK
};

fn of(t: &TensorReport, get: fn(&Geometry) -> Option<f64>) -> Option<f64> {
    t.geometry.as_ref().and_then(get)
}

fn angles<T>(t: &TensorReport, get: fn(&SinTheta) -> Option<T>) -> Option<T> {
    t.geometry.as_ref()?.sin_theta.as_ref().and_then(get)
}

/// The share of ‖Δ‖² outside a subspace reads the same in three rows.
const OFF_PRINCIPAL: Figure = Figure {
    group: Group::OffPrincipal,
    unit: Unit::Share,
    uncertainty: Some(Uncertainty {
        size: Number::Tensor("geometry.shares_uncertainty", |t| of(t, |g| g.shares_uncertainty)),
        csv: None,
    }),
    source: Some(Citation { source: Source::Pnt, place: "" }),
    ..BLANK
};

/// This level depends on the shape and on k alone, so that a zero update has it, too.
const OFF_PRINCIPAL_CHANCE: Chance = Chance { of_all_matrices: true, ..Chance::BLANK };

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "nss",
        label: "NSS",
        page: Page::Column,
        unit: Unit::Ratio,
        scale: Scale::Log,
        value: Number::Tensor("geometry.nss", |t| of(t, |g| g.nss)),
        csv: Some("nss"),
        chance: Some(Chance {
            name: "nss_chance",
            level: Number::Tensor("geometry.chance.nss", |t| of(t, |g| g.chance.nss)),
            csv: true,
            formula: "τ·√(r + (m − r)(n − r)) / ‖W0‖_F, τ² = ‖Δ‖_F²/(mn), r the rank of W0",
            ..Chance::BLANK
        }),
        interval: Some(Interval {
            ends: Number::Ends("geometry.nss_interval", |t| {
                t.geometry.as_ref().map(|g| g.nss_interval)
            }),
            csv: Some("nss"),
        }),
        about: "Normalised spectral shift: ‖σ(W1) − σ(W0)‖ over ‖σ(W0)‖ of the whole spectrum; \
                only where that was computed.",
        formula: "‖σ(W1) − σ(W0)‖ / ‖σ(W0)‖ over all singular values",
        source: Some(Citation { source: Source::Pnt, place: "§4" }),
        reported: Some(Reported {
            text: "reported magnitudes: SFT about 1e−3 and more, RLVR about 1e−5",
            by: Citation { source: Source::Opdg, place: "" },
        }),
        ..BLANK
    },
    Figure {
        id: "spectral_share",
        label: "Spectral share of Δ",
        unit: Unit::Share,
        scale: Scale::Log,
        page: Page::Metric,
        value: Number::Tensor("geometry.spectral_share", |t| of(t, |g| g.spectral_share)),
        csv: Some("spectral_share"),
        chance: Some(Chance {
            name: "spectral_share_chance",
            level: Number::Tensor("geometry.chance.spectral_share", |t| {
                of(t, |g| g.chance.spectral_share)
            }),
            csv: true,
            formula: "√((r + (m − r)(n − r))/(mn)), r the rank of W0: 1/√max(m, n) if it is full",
            ..Chance::BLANK
        }),
        interval: Some(Interval {
            ends: Number::Ends("geometry.spectral_share_interval", |t| {
                t.geometry.as_ref().and_then(|g| g.spectral_share_interval)
            }),
            csv: Some("spectral_share"),
        }),
        about: "Share of the update that the spectrum sees: ‖σ(W1) − σ(W0)‖ over ‖Δ‖_F. Chance is \
                that of a random update, to first order.",
        formula: "ρ_Σ = ‖σ(W1) − σ(W0)‖ / ‖Δ‖_F over all singular values",
        source: Some(Citation { source: Source::Iso, place: "" }),
        read_against: Some("1: the update moves singular values and turns nothing"),
        ..BLANK
    },
    Figure {
        id: "spectral_excess",
        label: "Spectral excess",
        unit: Unit::Times,
        scale: Scale::Log,
        page: Page::Metric,
        value: Number::Tensor("geometry.spectral_excess", |t| of(t, |g| g.spectral_excess)),
        csv: Some("spectral_excess"),
        chance: Some(Chance {
            name: "spectral_excess_chance",
            level: Number::Tensor("geometry.chance.spectral_excess", |t| {
                of(t, |g| g.chance.spectral_excess)
            }),
            csv: true,
            formula: "the chance of ρ_Σ squared, times max(m, n): 1 if W0 has full rank",
            ..Chance::BLANK
        }),
        interval: Some(Interval {
            ends: Number::Ends("geometry.spectral_excess_interval", |t| {
                t.geometry.as_ref().and_then(|g| g.spectral_excess_interval)
            }),
            csv: Some("spectral_excess"),
        }),
        about: "Energy of the update that the spectrum sees, over that of a random update of the \
                same norm: ρ_Σ²·max(m, n). Above 1, the update moves singular values more than by \
                chance.",
        formula: "κ = ρ_Σ²·max(m, n)",
        source: Some(Citation { source: Source::Iso, place: "" }),
        reported: Some(Reported {
            text: "reported: RLVR 1.0 to 1.4, SFT 89 to 1364",
            by: Citation { source: Source::Iso, place: "" },
        }),
        ..BLANK
    },
    Figure {
        id: "nss_top_k",
        label: "NSS of the top k",
        page: Page::Column,
        unit: Unit::Ratio,
        scale: Scale::Log,
        value: Number::Tensor("geometry.nss_top_k", |t| of(t, |g| Some(g.nss_top_k))),
        sweep: Some(|p| Some(p.nss_top_k)),
        csv: Some("nss_top_k"),
        chance: Some(Chance {
            name: "nss_top_k_chance",
            level: Number::Tensor("geometry.chance.nss_top_k", |t| {
                of(t, |g| g.chance.at_k.nss_top_k)
            }),
            csv: true,
            sweep: Some(|p| p.chance.nss_top_k),
            formula: "τ·√k / ‖σ_1…σ_k(W0)‖",
            ..Chance::BLANK
        }),
        uncertainty: Some(Uncertainty {
            size: Number::Tensor("geometry.nss_top_k_uncertainty", |t| {
                of(t, |g| g.nss_top_k_uncertainty)
            }),
            csv: None,
        }),
        about: "The same shift over the k leading singular values.",
        formula: "‖σ(W1) − σ(W0)‖ / ‖σ(W0)‖ over the first k singular values",
        read_against: Some("another quantity than NSS of the whole spectrum"),
        ..BLANK
    },
    Figure {
        id: "rotation_max",
        label: "Largest rotation",
        page: Page::Column,
        unit: Unit::Degrees,
        value: Number::Tensor("geometry.rotation_max", |t| of(t, |g| Some(g.rotation_max))),
        sweep: Some(|p| Some(p.rotation_max)),
        resolved_only: true,
        csv: Some("rotation_max"),
        chance: Some(Chance {
            name: "rotation_max_chance",
            level: Number::Tensor("geometry.chance.rotation_max", |t| {
                of(t, |g| g.chance.at_k.rotation_max)
            }),
            csv: true,
            deviation: Some(Uncertainty {
                size: Number::Tensor("geometry.chance.rotation_max_deviation", |t| {
                    of(t, |g| g.chance.at_k.rotation_max_deviation)
                }),
                csv: Some("rotation_max_chance_deviation"),
            }),
            sweep: Some(|p| p.chance.rotation_max),
            formula: "mean of 8 seeded draws",
            ..Chance::BLANK
        }),
        uncertainty: Some(Uncertainty {
            size: Number::Tensor("geometry.uncertainty", |t| of(t, |g| Some(g.uncertainty))),
            csv: Some("uncertainty"),
        }),
        about: "Largest principal angle between the rank-k subspaces; no value where the gap at k \
                does not resolve them. Chance is the mean of 8 seeded draws of a random update of \
                the same norm, to first order.",
        formula: "largest of all θ_i, cos θ_i being the singular values of U_k(W0)ᵀU_k(W1) and \
                  of V_k(W0)ᵀV_k(W1)",
        source: Some(Citation { source: Source::Pnt, place: "" }),
        reported: Some(Reported {
            text: "reported for one layer: SFT above 10°, RLVR below 0.5°",
            by: Citation { source: Source::Opdg, place: "" },
        }),
        ..BLANK
    },
    Figure {
        id: "rotation_median",
        label: "Median rotation",
        page: Page::Column,
        unit: Unit::Degrees,
        value: Number::Tensor("geometry.rotation_median", |t| of(t, |g| Some(g.rotation_median))),
        sweep: Some(|p| Some(p.rotation_median)),
        csv: Some("rotation_median"),
        chance: Some(Chance {
            name: "rotation_median_chance",
            level: Number::Tensor("geometry.chance.rotation_median", |t| {
                of(t, |g| g.chance.at_k.rotation_median)
            }),
            csv: true,
            sweep: Some(|p| p.chance.rotation_median),
            formula: "mean of 8 seeded draws",
            ..Chance::BLANK
        }),
        about: "Median of all principal angles, left and right. Chance is the mean of 8 seeded \
                draws of a random update of the same norm, to first order.",
        formula: "median of all θ_i, left and right together",
        read_against: Some("unrelated subspaces: near 90° for k far below the sides"),
        ..BLANK
    },
    Figure {
        id: "gap",
        label: "Gap at k",
        unit: Unit::Ratio,
        scale: Scale::Log,
        value: Number::Tensor("geometry.gap", |t| of(t, |g| Some(g.gap))),
        rollup: RollupBy::None,
        csv: Some("gap"),
        page: Page::Nowhere,
        about: "Relative distance between singular values k and k + 1 of the base. Where it is \
                small, the rank-k subspace is hardly defined.",
        formula: "(σ_k − σ_{k+1})/σ_k of W0",
        ..BLANK
    },
    Figure {
        id: "sin_theta_left",
        label: "‖sin Θ‖, left",
        unit: Unit::Plain,
        scale: Scale::Log,
        value: Number::Tensor("geometry.sin_theta.left", |t| angles(t, |s| Some(s.left))),
        rollup: RollupBy::None,
        csv: Some("sin_theta_left"),
        chance: Some(Chance {
            name: "sin_theta_left_chance",
            level: Number::Ends("geometry.sin_theta.chance_left", |t| angles(t, |s| s.chance_left)),
            csv: true,
            formula: "in closed form, to first order; [low, high]",
            ..Chance::BLANK
        }),
        about: "Frobenius norm of the sines of all k principal angles on the left. Chance is that \
                of a random update of the same norm, to first order.",
        formula: "√Σ sin²θ_i of the left subspaces",
        read_against: Some(
            "where the whole spectrum is not known, the detail view has a range instead of a \
             chance level",
        ),
        ..BLANK
    },
    Figure {
        id: "sin_theta_right",
        label: "‖sin Θ‖, right",
        unit: Unit::Plain,
        scale: Scale::Log,
        value: Number::Tensor("geometry.sin_theta.right", |t| angles(t, |s| Some(s.right))),
        rollup: RollupBy::None,
        csv: Some("sin_theta_right"),
        chance: Some(Chance {
            name: "sin_theta_right_chance",
            level: Number::Ends("geometry.sin_theta.chance_right", |t| {
                angles(t, |s| s.chance_right)
            }),
            csv: true,
            formula: "in closed form, to first order; [low, high]",
            ..Chance::BLANK
        }),
        about: "Frobenius norm of the sines of all k principal angles on the right. Chance is \
                that of a random update of the same norm, to first order.",
        formula: "√Σ sin²θ_i of the right subspaces",
        read_against: Some(
            "where the whole spectrum is not known, the detail view has a range instead of a \
             chance level",
        ),
        ..BLANK
    },
    Figure {
        id: "off_principal_share",
        label: "Off-principal share",
        page: Page::Column,
        value: Number::Tensor("geometry.off_principal_share", |t| of(t, |g| g.off_principal_share)),
        sweep: Some(|p| p.off_principal_share),
        csv: Some("off_principal_share"),
        chance: Some(Chance {
            name: "off_principal_chance",
            level: Number::Tensor("geometry.chance.both", |t| of(t, |g| Some(g.chance.at_k.both))),
            csv: true,
            sweep: Some(|p| Some(p.chance.both)),
            formula: "1 − k²/(mn)",
            ..OFF_PRINCIPAL_CHANCE
        }),
        about: "Share of ‖Δ‖_F² outside the block spanned by both principal subspaces of W0.",
        formula: "1 − ‖U_kU_kᵀ Δ V_kV_kᵀ‖_F² / ‖Δ‖_F²",
        ..OFF_PRINCIPAL
    },
    Figure {
        id: "off_principal_left",
        label: "Off-principal, left",
        value: Number::Tensor("geometry.off_principal_left", |t| of(t, |g| g.off_principal_left)),
        sweep: Some(|p| p.off_principal_left),
        chance: Some(Chance {
            name: "off_principal_left_chance",
            level: Number::Tensor("geometry.chance.left", |t| of(t, |g| Some(g.chance.at_k.left))),
            sweep: Some(|p| Some(p.chance.left)),
            formula: "1 − k/m",
            ..OFF_PRINCIPAL_CHANCE
        }),
        about: "Share of ‖Δ‖_F² outside the left principal subspace of W0.",
        formula: "1 − ‖U_kU_kᵀ Δ‖_F² / ‖Δ‖_F²",
        ..OFF_PRINCIPAL
    },
    Figure {
        id: "off_principal_right",
        label: "Off-principal, right",
        value: Number::Tensor("geometry.off_principal_right", |t| of(t, |g| g.off_principal_right)),
        sweep: Some(|p| p.off_principal_right),
        chance: Some(Chance {
            name: "off_principal_right_chance",
            level: Number::Tensor("geometry.chance.right", |t| {
                of(t, |g| Some(g.chance.at_k.right))
            }),
            sweep: Some(|p| Some(p.chance.right)),
            formula: "1 − k/n",
            ..OFF_PRINCIPAL_CHANCE
        }),
        about: "Share of ‖Δ‖_F² outside the right principal subspace of W0.",
        formula: "1 − ‖Δ V_kV_kᵀ‖_F² / ‖Δ‖_F²",
        ..OFF_PRINCIPAL
    },
];
