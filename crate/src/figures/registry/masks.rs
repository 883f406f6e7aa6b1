//! Rows of the family `masks`: how much of the update mask lies in other masks.

use crate::figures::registry::figure::{
    Chance, Citation, Family, Figure, Group, Number, Page, Reported, RollupBy, Unit,
};
use crate::figures::registry::sources::Source;

/// |M• ∩ M|/|M|.
const OVERLAP: Figure = Figure {
    family: Family::Masks,
    group: Group::Masks,
    unit: Unit::Share,
    rollup: RollupBy::Counts,
    formula: "|M• ∩ M| / |M|",
    ..Figure::BLANK
};

const OVERLAP_CHANCE: Chance = Chance { formula: "|M•| / N", ..Chance::BLANK };

/// The overlap over its chance level.
const ENRICHMENT: Figure =
    Figure { unit: Unit::Times, formula: "overlap / chance", page: Page::Nowhere, ..OVERLAP };

const REPORTED_BY: Citation = Citation { source: Source::Opdg, place: "" };

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "low_overlap",
        label: "Low-magnitude overlap",
        page: Page::Column,
        value: Number::Mask("masks[].low.overlap", |m| m.low.overlap),
        csv: Some("low_overlap"),
        chance: Some(Chance {
            name: "low_chance",
            level: Number::Mask("masks[].low.chance", |m| Some(m.low.chance)),
            csv: true,
            ..OVERLAP_CHANCE
        }),
        about: "Share of the changed weights that are among the lowest α by |W0|.",
        reported: Some(Reported {
            text: "reported at α = 0.3: SFT 32\u{a0}%, RLVR 73\u{a0}%",
            by: REPORTED_BY,
        }),
        ..OVERLAP
    },
    Figure {
        id: "principal_overlap",
        label: "Principal overlap",
        page: Page::Column,
        value: Number::Mask("masks[].principal.overlap", |m| m.principal.overlap),
        csv: Some("principal_overlap"),
        chance: Some(Chance {
            name: "principal_chance",
            level: Number::Mask("masks[].principal.chance", |m| Some(m.principal.chance)),
            csv: true,
            ..OVERLAP_CHANCE
        }),
        about: "Share of the changed weights that are in the principal mask: the top α of the \
                rank-k reconstruction.",
        source: Some(Citation { source: Source::Pnt, place: "" }),
        reported: Some(Reported {
            text: "reported at α = 0.3: RLVR below 30\u{a0}%",
            by: REPORTED_BY,
        }),
        ..OVERLAP
    },
    Figure {
        id: "safe_overlap",
        label: "Safe-mask overlap",
        value: Number::Mask("masks[].safe.overlap", |m| m.safe.overlap),
        csv: Some("safe_overlap"),
        chance: Some(Chance {
            name: "safe_chance",
            level: Number::Mask("masks[].safe.chance", |m| Some(m.safe.chance)),
            csv: true,
            ..OVERLAP_CHANCE
        }),
        about: "Share of the changed weights that are of low magnitude or not principal.",
        source: Some(Citation { source: Source::Pnt, place: "" }),
        ..OVERLAP
    },
    Figure {
        id: "principal_not_low_overlap",
        label: "Principal, not low overlap",
        value: Number::Mask("masks[].principal_not_low.overlap", |m| m.principal_not_low.overlap),
        chance: Some(Chance {
            name: "principal_not_low_chance",
            level: Number::Mask("masks[].principal_not_low.chance", |m| {
                Some(m.principal_not_low.chance)
            }),
            ..OVERLAP_CHANCE
        }),
        page: Page::Nowhere,
        about: "Share of the changed weights that are principal and not of low magnitude.",
        ..OVERLAP
    },
    Figure {
        id: "not_principal_overlap",
        label: "Not principal overlap",
        value: Number::Mask("masks[].not_principal.overlap", |m| m.not_principal.overlap),
        rollup: RollupBy::None,
        chance: Some(Chance {
            name: "not_principal_chance",
            level: Number::Mask("masks[].not_principal.chance", |m| Some(m.not_principal.chance)),
            ..OVERLAP_CHANCE
        }),
        page: Page::Nowhere,
        about: "Share of the changed weights that are not principal.",
        ..OVERLAP
    },
    Figure {
        id: "low_enrichment",
        label: "Low-magnitude enrichment",
        value: Number::Mask("masks[].low.enrichment", |m| m.low.enrichment),
        csv: Some("low_enrichment"),
        chance: Some(Chance::constant("low_enrichment_chance", 1.0, "1")),
        page: Page::Metric,
        about: "Low-magnitude overlap over its chance level.",
        ..ENRICHMENT
    },
    Figure {
        id: "principal_enrichment",
        label: "Principal enrichment",
        value: Number::Mask("masks[].principal.enrichment", |m| m.principal.enrichment),
        csv: Some("principal_enrichment"),
        chance: Some(Chance::constant("principal_enrichment_chance", 1.0, "1")),
        page: Page::Metric,
        about: "Principal overlap over its chance level.",
        ..ENRICHMENT
    },
    Figure {
        id: "safe_enrichment",
        label: "Safe-mask enrichment",
        value: Number::Mask("masks[].safe.enrichment", |m| m.safe.enrichment),
        csv: Some("safe_enrichment"),
        chance: Some(Chance::constant("safe_enrichment_chance", 1.0, "1")),
        about: "Safe-mask overlap over its chance level.",
        ..ENRICHMENT
    },
    Figure {
        id: "principal_not_low_enrichment",
        label: "Principal, not low enrichment",
        value: Number::Mask("masks[].principal_not_low.enrichment", |m| {
            m.principal_not_low.enrichment
        }),
        chance: Some(Chance::constant("principal_not_low_enrichment_chance", 1.0, "1")),
        about: "Overlap of what is principal and not of low magnitude, over its chance level.",
        ..ENRICHMENT
    },
    Figure {
        id: "not_principal_enrichment",
        label: "Not principal enrichment",
        value: Number::Mask("masks[].not_principal.enrichment", |m| m.not_principal.enrichment),
        rollup: RollupBy::None,
        chance: Some(Chance::constant("not_principal_enrichment_chance", 1.0, "1")),
        about: "Overlap of what is not principal, over its chance level.",
        ..ENRICHMENT
    },
];
