//! The columns of the table of figures: what one row says.

use crate::figures::geometry::report::SweepPoint;
use crate::figures::masks::report::Masks;
use crate::figures::registry::sources::Source;
use crate::figures::tensor::TensorReport;
use serde::Serialize;

/// A row of the table: one figure of a tensor.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// The name of the figure. It is unique, and it is the name of its mean in rollups.
    pub id: &'static str,
    /// The folder in `crate/src/figures/` that computes it.
    pub family: Family,
    /// The heading under which people look for it.
    pub group: Group,
    /// The name that the page shows.
    pub label: &'static str,
    /// How its values are written.
    pub unit: Unit,
    /// The axis on which its values are told apart.
    pub scale: Scale,
    /// Where its value stands.
    pub value: Number,
    /// Where the value stands if the report has no base.
    pub path_without_base: Option<&'static str>,
    /// Its value at another rank, for figures that are taken along the rank.
    pub sweep: Option<fn(&SweepPoint) -> Option<f64>>,
    /// True if rollups and the page leave it out where the subspace at k is not resolved.
    pub resolved_only: bool,
    /// How the rollup of a group combines the values of its tensors.
    pub rollup: RollupBy,
    /// The name of its CSV column, if it has one.
    pub csv: Option<&'static str>,
    /// The level that a random update gives.
    pub chance: Option<Chance>,
    /// How far the value may be from the truth.
    pub uncertainty: Option<Uncertainty>,
    /// Two numbers that enclose the truth where the value itself is unknown.
    pub interval: Option<Interval>,
    /// Where the page shows it.
    pub page: Page,
    /// True if a sparse delta without its base has it.
    pub bare: bool,
    /// The help text: one or two sentences.
    pub about: &'static str,
    /// The definition as a formula, in the notation of docs/metrics.md.
    pub formula: &'static str,
    /// Where the definition was published.
    pub source: Option<Citation>,
    /// A phrase that says what to read the value against, beside chance and reported values.
    pub read_against: Option<&'static str>,
    /// Values that others measured on their models.
    pub reported: Option<Reported>,
}

impl Figure {
    /// A row from which all others take what they do not set. It is not a figure itself.
    pub(crate) const BLANK: Self = Self {
        id: "",
        family: Family::Precision,
        group: Group::Precision,
        label: "",
        unit: Unit::Plain,
        scale: Scale::Linear,
        value: Number::Derived,
        path_without_base: None,
        sweep: None,
        resolved_only: false,
        rollup: RollupBy::None,
        csv: None,
        chance: None,
        uncertainty: None,
        interval: None,
        page: Page::Metric,
        bare: false,
        about: "",
        formula: "",
        source: None,
        read_against: None,
        reported: None,
    };

    /// True if the tensor's subspaces allow this figure to be averaged.
    pub(crate) fn counts(&self, tensor: &TensorReport) -> bool {
        !self.resolved_only || tensor.geometry.as_ref().is_some_and(|g| g.resolved)
    }
}

/// Where a number stands in the report, and how Rust reads it there.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// A path in a tensor's report.
    Tensor(&'static str, fn(&TensorReport) -> Option<f64>),
    /// A path in a tensor's report that begins with `masks[]`: one number per α.
    Mask(&'static str, fn(&Masks) -> Option<f64>),
    /// A path in a tensor's report to a list [low, high].
    Ends(&'static str, fn(&TensorReport) -> Option<[f64; 2]>),
    /// A path that begins with `overlaps[]`: it stands in the report's entry for the tensor.
    Overlap(&'static str),
    /// The same number for every tensor.
    Constant(f64),
    /// It is not in the report; whoever shows it computes it from what is.
    Derived,
}

impl Number {
    /// The path, for numbers that stand in the report.
    pub fn path(&self) -> Option<&'static str> {
        match self {
            Self::Tensor(path, _) | Self::Mask(path, _) | Self::Ends(path, _) => Some(path),
            Self::Overlap(path) => Some(path),
            Self::Constant(_) | Self::Derived => None,
        }
    }

    /// The number of a tensor, if it is one number per tensor.
    pub(crate) fn of_tensor(&self, tensor: &TensorReport) -> Option<f64> {
        match self {
            Self::Tensor(_, get) => get(tensor),
            _ => None,
        }
    }

    /// The list [low, high] of a tensor.
    pub(crate) fn ends(&self, tensor: &TensorReport) -> Option<[f64; 2]> {
        match self {
            Self::Ends(_, get) => get(tensor),
            _ => None,
        }
    }

    /// The number at one α.
    pub(crate) fn of_mask(&self, masks: &Masks) -> Option<f64> {
        match self {
            Self::Mask(_, get) => get(masks),
            _ => None,
        }
    }
}

/// The level that a random update gives in place of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    /// The name of its mean in rollups and of its CSV column.
    pub name: &'static str,
    /// Where it stands.
    pub level: Number,
    /// True if it has a CSV column.
    pub csv: bool,
    /// Its standard deviation.
    pub deviation: Option<Uncertainty>,
    /// The level at another rank, for figures that are taken along the rank.
    pub sweep: Option<fn(&SweepPoint) -> Option<f64>>,
    /// True if its mean is over all matrices, also those that lack the figure; else it is over the
    /// matrices that have both.
    pub of_all_matrices: bool,
    /// The formula, or how the level is found.
    pub formula: &'static str,
}

impl Chance {
    /// A level from which others take what they do not set.
    pub(crate) const BLANK: Self = Self {
        name: "",
        level: Number::Derived,
        csv: false,
        deviation: None,
        sweep: None,
        of_all_matrices: false,
        formula: "",
    };

    /// A level that is the same for every tensor.
    pub(crate) const fn constant(name: &'static str, level: f64, formula: &'static str) -> Self {
        Self { name, level: Number::Constant(level), formula, ..Self::BLANK }
    }
}

/// An error or a standard deviation.
#[derive(Debug, Clone, Copy)]
pub struct Uncertainty {
    /// Where it stands.
    pub size: Number,
    /// The name of its CSV column, if it has one.
    pub csv: Option<&'static str>,
}

/// Two numbers that enclose a third.
#[derive(Debug, Clone, Copy)]
pub struct Interval {
    /// Where they stand.
    pub ends: Number,
    /// The name of their CSV columns, to which `_low` and `_high` are added, if they have any.
    pub csv: Option<&'static str>,
}

/// A place in a paper.
#[derive(Debug, Clone, Copy)]
pub struct Citation {
    /// The paper.
    pub source: Source,
    /// Section, definition or table; empty for the paper as a whole.
    pub place: &'static str,
}

/// Values that others measured, as a sentence, with their source.
#[derive(Debug, Clone, Copy)]
pub struct Reported {
    /// A sentence without its full stop. It begins with "reported".
    pub text: &'static str,
    /// Who reported it.
    pub by: Citation,
}

/// A folder in `crate/src/figures/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Changes that the stored precision shows or hides.
    Precision,
    /// The size of the update.
    Update,
    /// Spectra and principal subspaces.
    Geometry,
    /// Principal and low-magnitude weights.
    Masks,
    /// LoRA adapters.
    Adapter,
    /// The diagonal Fisher.
    Fisher,
    /// FP8 codes and scales.
    Fp8,
    /// Changes of basis.
    BasisChange,
    /// Sparse deltas without their base.
    Listed,
    /// Several runs of one base.
    Overlap,
}

/// A heading under which figures stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Changes that the stored precision shows or hides.
    Precision,
    /// The size of the update.
    Update,
    /// Singular values and principal angles.
    Spectrum,
    /// Where the update lies beside the principal subspaces.
    OffPrincipal,
    /// Principal and low-magnitude weights.
    Masks,
    /// LoRA adapters.
    Adapter,
    /// The diagonal Fisher.
    Fisher,
    /// Several runs of one base.
    SeveralRuns,
}

impl Group {
    /// All groups in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Precision,
        Self::Update,
        Self::Spectrum,
        Self::OffPrincipal,
        Self::Masks,
        Self::Adapter,
        Self::Fisher,
        Self::SeveralRuns,
    ];

    /// The heading's text.
    pub fn label(self) -> &'static str {
        match self {
            Self::Precision => "Precision",
            Self::Update => "Size of the update",
            Self::Spectrum => "Spectrum and rotation",
            Self::OffPrincipal => "Off the principals",
            Self::Masks => "Masks",
            Self::Adapter => "Adapter",
            Self::Fisher => "Fisher",
            Self::SeveralRuns => "Several runs",
        }
    }
}

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share in [0, 1], or a size over another’s; people read it in per cent.
    Share,
    /// An angle.
    Degrees,
    /// A whole number of things.
    Count,
    /// A quotient of two norms or variances.
    Ratio,
    /// A norm or a size in the units of the weights.
    Norm,
    /// A multiple of a chance level: 3×.
    Times,
    /// A difference whose sign matters.
    Difference,
    /// A number without a unit.
    Plain,
}

/// The axis on which values are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Differences matter.
    Linear,
    /// Factors matter.
    Log,
    /// Factors of 1 − value matter: values crowd just below 1.
    LackOfOne,
}

/// Where the page shows a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// The page does not show it.
    Nowhere,
    /// People can choose it for the heatmap, and a tensor's detail lists it.
    Metric,
    /// It is a column of the table of tensors as well.
    Column,
    /// It is a column only where the report has no base.
    ColumnWithoutBase,
}

/// How a rollup combines the values of its tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RollupBy {
    /// The unweighted mean over matrices, with minimum, median and maximum, in `spectral`.
    Mean,
    /// The sum.
    Sum,
    /// The quotient of summed counts.
    Counts,
    /// The quotient of norms over all weights of the group.
    Norms,
    /// The largest.
    Largest,
    /// Rollups do not have it.
    None,
}
