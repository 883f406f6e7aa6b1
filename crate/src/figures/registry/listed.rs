//! Rows of the family `listed`: what a sparse delta lists without its base.

use crate::figures::registry::figure::{
    Chance, Citation, Family, Figure, Group, Number, Page, Reported, RollupBy, Scale, Unit,
};
use crate::figures::registry::sources::Source;

const BLANK: Figure =
    Figure { family: Family::Listed, group: Group::Precision, bare: true, ..Figure::BLANK };

pub(crate) const FIGURES: &[Figure] = &[
    Figure {
        id: "listed_density",
        label: "Changed, as the delta lists",
        page: Page::ColumnWithoutBase,
        unit: Unit::Share,
        value: Number::Tensor("listed.density", |t| t.listed.as_ref()?.density),
        rollup: RollupBy::Counts,
        csv: Some("listed_density"),
        chance: Some(Chance {
            name: "listed_density_chance",
            formula: "Σ|L| / ΣN over all tensors of the run",
            ..Chance::BLANK
        }),
        about: "Share of the weights that the delta lists. Chance is the share of all tensors \
                that it lists together: each tensor would have it if the changes did not depend \
                on the tensor.",
        formula: "|L| / N, L being the weights that the delta’s files list",
        reported: Some(Reported {
            text: "reported range of what stays unchanged, whole models: RLVR 36–92\u{a0}%, \
                   SFT 0.6–19\u{a0}%",
            by: Citation { source: Source::Pnt, place: "Table 1" },
        }),
        ..BLANK
    },
    Figure {
        id: "listed_changed",
        label: "Weights that the delta lists",
        page: Page::ColumnWithoutBase,
        unit: Unit::Count,
        scale: Scale::Log,
        value: Number::Tensor("listed.changed", |t| Some(t.listed.as_ref()?.changed as f64)),
        rollup: RollupBy::Sum,
        csv: Some("listed"),
        about: "Number of weights of the tensor that the delta lists as changed.",
        formula: "|L|",
        read_against: Some(
            "large tensors have more of them: where the layout tells the shapes, read the share",
        ),
        ..BLANK
    },
];
