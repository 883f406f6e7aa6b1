//! Rows of the family `overlap`: what several runs of one base share.
//!
//! They are figures of all runs together. A tensor has them in the report's entry of `overlaps`
//! under its name.

use crate::figures::registry::figure::{
    Chance, Citation, Family, Figure, Group, Number, Page, Reported, Unit,
};
use crate::figures::registry::sources::Source;

const BLANK: Figure =
    Figure { family: Family::Overlap, group: Group::SeveralRuns, ..Figure::BLANK };

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "jaccard",
        label: "Jaccard of the runs (mean)",
        page: Page::ColumnWithoutBase,
        unit: Unit::Ratio,
        value: Number::Overlap("overlaps[].mean_jaccard"),
        chance: Some(Chance {
            name: "jaccard_chance",
            level: Number::Overlap("overlaps[].mean_jaccard_chance"),
            formula: "p_a p_b / (p_a + p_b − p_a p_b), mean over pairs of runs",
            ..Chance::BLANK
        }),
        bare: true,
        about: "Of all runs together, not of the run in the open tab: weights that two runs both \
                changed in bf16 over those that either changed, mean over pairs of runs.",
        formula: "|M_a ∩ M_b| / |M_a ∪ M_b|, mean over pairs of runs",
        source: Some(Citation { source: Source::Pnt, place: "" }),
        reported: Some(Reported {
            text: "reported for block 13 of five RLVR runs: q 0.580 (chance 0.430), \
                   k 0.580 (chance 0.413), v 0.597 (chance 0.467), o 0.552 (chance 0.373), \
                   gate 0.575 (chance 0.437), up 0.578 (chance 0.443), down 0.585 (chance 0.453)",
            by: Citation { source: Source::Pnt, place: "block 13, five RLVR runs" },
        }),
        ..BLANK
    },
    Figure {
        id: "jaccard_excess",
        label: "Jaccard of the runs, less chance",
        unit: Unit::Difference,
        chance: Some(Chance::constant("jaccard_excess_chance", 0.0, "0")),
        bare: true,
        about: "Of all runs together, not of the run in the open tab: the mean Jaccard index less \
                that of independent runs of the same densities.",
        formula: "jaccard − its chance level",
        ..BLANK
    },
    Figure {
        id: "cosine",
        label: "Cosine of Δ between runs (mean)",
        unit: Unit::Plain,
        chance: Some(Chance::constant(
            "cosine_chance",
            0.0,
            "0 ± 1/√N, the standard deviation of a pair of updates with N independent entries",
        )),
        about: "Of all runs together, not of the run in the open tab: ⟨Δa, Δb⟩ over ‖Δa‖‖Δb‖, \
                mean over pairs of runs. Chance is 0 ± 1/√N, the standard deviation of a pair of \
                updates with N independent entries.",
        formula: "⟨Δa, Δb⟩ / (‖Δa‖_F ‖Δb‖_F), mean over pairs of runs",
        ..BLANK
    },
];
