//! Values of a run beside those of a random update of the same size, over its matrices
//! (www/report/ratios.js, row-values.js, rows.js).

use crate::native::summary::directions::covers_all;
use crate::native::summary::gaps::describe_gaps;
use crate::native::summary::reading::Reading;
use gatescope::figures::masks::report::MaskOverlap;
use gatescope::figures::tensor::TensorReport;
use gatescope::report::find_cast;

/// A metric that is read against a random update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    Principal,
    StableRank,
    Spectrum,
    LeadingSpectrum,
    MedianRotation,
    LargestRotation,
    PrincipalMask,
    LowMask,
    Excess,
}

/// The rows in the page's order.
pub const ROWS: [Row; 8] = [
    Row::Principal,
    Row::StableRank,
    Row::Spectrum,
    Row::MedianRotation,
    Row::LargestRotation,
    Row::PrincipalMask,
    Row::LowMask,
    Row::Excess,
];

impl Row {
    /// Its name on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Principal => "Principal energy",
            Self::StableRank => "Stable rank of Δ",
            Self::Spectrum => "Spectrum (NSS)",
            Self::LeadingSpectrum => "Spectrum (NSS of the top k)",
            Self::MedianRotation => "Median rotation",
            Self::LargestRotation => "Largest rotation",
            Self::PrincipalMask => "Principal mask",
            Self::LowMask => "Low-magnitude mask",
            Self::Excess => "Spectral excess κ",
        }
    }

    /// Whether it means nothing where k covers all directions.
    fn is_choosing(self) -> bool {
        use Row::*;
        matches!(self, Principal | MedianRotation | LargestRotation | PrincipalMask)
    }

    /// The mask that it counts.
    fn mask(self, tensor: &TensorReport, alpha: usize) -> Option<(u64, &MaskOverlap)> {
        let entry = tensor.masks.get(alpha)?;
        Some((entry.changed, if self == Self::LowMask { &entry.low } else { &entry.principal }))
    }

    /// What it takes of a matrix.
    fn sample(self, tensor: &TensorReport) -> Option<Sample> {
        let found = tensor.geometry.as_ref()?;
        let chance = &found.chance;
        let at_k = &chance.at_k;
        let short = tensor.shape.iter().min().copied().unwrap_or(1) as f64;
        let spread = |level: Option<f64>, by: f64| level.map(|level| level * by);
        let (value, baseline, uncertainty, deviation) = match self {
            Self::Principal => {
                let level = 1.0 - at_k.both;
                let weights = tensor.shape.iter().product::<u64>() as f64;
                let deviation = (2.0 * level * (1.0 - level) / (weights + 2.0)).sqrt();
                let value = settle(found.off_principal_share, LEAST_SHARE);
                (value.map(|v| 1.0 - v), Some(level), found.shares_uncertainty, Some(deviation))
            }
            Self::StableRank => {
                let update = tensor.update.as_ref()?;
                let level = update.chance.as_ref().map(|chance| chance.stable_rank);
                (update.stable_rank, level, None, None)
            }
            Self::Spectrum => {
                let by = 1.0 / (2.0 * short).sqrt();
                (found.nss, chance.nss, None, spread(chance.nss, by))
            }
            Self::LeadingSpectrum => {
                let by = 1.0 / (2.0 * found.k as f64).sqrt();
                let deviation = spread(at_k.nss_top_k, by);
                (Some(found.nss_top_k), at_k.nss_top_k, found.nss_top_k_uncertainty, deviation)
            }
            Self::MedianRotation => {
                let value = settle(Some(found.rotation_median), LEAST_ANGLE);
                (value, at_k.rotation_median, None, None)
            }
            Self::LargestRotation => {
                let value = settle(Some(found.rotation_max), LEAST_ANGLE);
                let value = value.filter(|_| found.resolved);
                let deviation = at_k.rotation_max_deviation;
                (value, at_k.rotation_max, Some(found.uncertainty), deviation)
            }
            Self::Excess => {
                let by = (2.0 / short).sqrt();
                let level = chance.spectral_excess;
                (found.spectral_excess, level, None, spread(level, by))
            }
            Self::PrincipalMask | Self::LowMask => return None,
        };
        Some(Sample { value: value?, baseline, uncertainty, deviation })
    }
}

/// Degrees that double arithmetic leaves where nothing turns.
const LEAST_ANGLE: f64 = 1e-10;
/// Shares of ‖Δ‖² that it leaves.
const LEAST_SHARE: f64 = 1e-12;

/// Sets what is 0 but for rounding to 0.
fn settle(value: Option<f64>, least: f64) -> Option<f64> {
    value.map(|value| if value.abs() < least { 0.0 } else { value })
}

/// What a row takes of one matrix.
struct Sample {
    value: f64,
    baseline: Option<f64>,
    uncertainty: Option<f64>,
    deviation: Option<f64>,
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut ordered = values.to_vec();
    ordered.sort_by(f64::total_cmp);
    let last = ordered.len().checked_sub(1)?;
    Some((ordered[last / 2] + ordered[last.div_ceil(2)]) / 2.0)
}

/// Means, or medians, over the matrices that have both the value and its baseline; where none has
/// a baseline, of the value alone.
fn average(row: Row, matrices: &[&TensorReport]) -> Reading {
    let over = if row == Row::MedianRotation { median } else { mean };
    let samples: Vec<Sample> = matrices.iter().filter_map(|tensor| row.sample(tensor)).collect();
    let both: Vec<(&Sample, f64)> =
        samples.iter().filter_map(|sample| Some((sample, sample.baseline?))).collect();
    if both.is_empty() {
        let alone: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        return Reading { value: over(&alone), matrices: alone.len(), ..Reading::default() };
    }
    let values: Vec<f64> = both.iter().map(|(sample, _)| sample.value).collect();
    let baselines: Vec<f64> = both.iter().map(|(_, baseline)| *baseline).collect();
    let errors: Vec<f64> = both.iter().filter_map(|(sample, _)| sample.uncertainty).collect();
    // The standard deviation of a mean of independent values is not known where that of one is
    // not.
    let squares: Option<f64> =
        both.iter().map(|(sample, _)| sample.deviation.map(|one| one * one)).sum();
    let deviation = squares.map(|squares| squares.sqrt() / both.len() as f64);
    Reading {
        value: over(&values),
        baseline: over(&baselines),
        // At worst, all are wrong in one direction.
        uncertainty: mean(&errors),
        deviation: deviation.filter(|_| row != Row::MedianRotation),
        matrices: both.len(),
        ..Reading::default()
    }
}

/// Overlap of the changed weights with a mask from summed counts, beside the size of the mask.
fn count_mask(row: Row, matrices: &[&TensorReport], alpha: usize) -> Reading {
    let mut all = Reading::default();
    let (mut changed, mut weights, mut size, mut both, mut variance) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for tensor in matrices {
        let Some((of_tensor, mask)) = row.mask(tensor, alpha) else { continue };
        let (n, of_tensor) = (tensor.parameters as f64, of_tensor as f64);
        let share = mask.size as f64 / n;
        changed += of_tensor;
        weights += n;
        size += mask.size as f64;
        both += mask.both as f64;
        if n > 1.0 {
            variance += of_tensor * share * (1.0 - share) * (n - of_tensor) / (n - 1.0);
        }
        all.matrices += 1;
    }
    all.value = (changed > 0.0).then(|| both / changed);
    all.baseline = (weights > 0.0).then(|| size / weights);
    all.deviation = (changed > 0.0).then(|| variance.sqrt() / changed);
    all
}

/// Reads a row of a run's tensors at the place of an α.
pub fn read_row(row: Row, tensors: &[TensorReport], alpha: usize) -> Reading {
    let all: Vec<&TensorReport> = tensors.iter().filter(|t| t.geometry.is_some()).collect();
    let matrices: Vec<&TensorReport> =
        all.iter().filter(|t| find_cast(t).is_none()).copied().collect();
    let (covered, chosen): (Vec<&TensorReport>, Vec<&TensorReport>) =
        matrices.iter().partition(|tensor| row.is_choosing() && covers_all(tensor));
    let is_mask = matches!(row, Row::PrincipalMask | Row::LowMask);
    let mut found = if is_mask { count_mask(row, &chosen, alpha) } else { average(row, &chosen) };
    found.of = matrices.len();
    if let (Some(value), Some(baseline)) = (found.value, found.baseline) {
        found.ratio = (baseline != 0.0).then(|| value / baseline);
        let error = found.uncertainty.unwrap_or(0.0);
        let reach = error.max(2.0 * found.deviation.unwrap_or(0.0));
        found.noise = (value - baseline).abs() <= reach || (!is_mask && value.abs() <= error);
    }
    let casts = all.len() - matrices.len();
    found.note = describe_gaps(&matrices, casts, &covered, &found);
    found
}
