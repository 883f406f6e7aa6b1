//! The size and rank of Δ.

use crate::figures::chance;
use crate::figures::update::report::Update;
use crate::kernels::diff::DiffCounts;

/// σ(Δ) as far as it is known.
#[derive(Debug, Clone)]
pub struct UpdateSpectrum {
    /// Descending.
    pub values: Vec<f64>,
    /// All of them that are not 0.
    pub exact: bool,
    /// Largest relative error of those reported.
    pub error: f64,
}

/// The report's update of one tensor; `spectrum` is `None` for vectors and where there is no
/// geometry.
pub fn update(
    c: &DiffCounts,
    shape: (usize, usize),
    spectrum: Option<&UpdateSpectrum>,
    k: usize,
) -> Update {
    let (base, delta) = (c.base_squared.sqrt(), c.update_squared.sqrt());
    let first = spectrum.map(|s| s.values.first().copied().unwrap_or(0.0));
    let whole = spectrum.filter(|s| s.exact && first.is_some_and(|f| f > 0.0));
    let top: f64 = spectrum.map_or(0.0, |s| s.values.iter().take(k).map(|x| x * x).sum());
    Update {
        frobenius_base: base,
        frobenius_update: delta,
        relative_update: (base > 0.0).then(|| delta / base),
        max_abs_update: c.max_abs_update,
        spectral_norm: first,
        stable_rank: first.filter(|f| *f > 0.0).map(|f| c.update_squared / (f * f)),
        spectrum: spectrum.map_or(Vec::new(), |s| s.values.clone()),
        spectrum_error: spectrum.map(|s| s.error),
        share_top_k: spectrum.filter(|_| delta > 0.0).map(|_| (top / c.update_squared).min(1.0)),
        rank_share: whole.map(|s| {
            // As torch.linalg.matrix_rank in f32.
            let tolerance = shape.0.max(shape.1) as f64 * f64::from(f32::EPSILON) * s.values[0];
            s.values.iter().filter(|x| **x > tolerance).count() as f64 / shape.0.min(shape.1) as f64
        }),
        entropy_rank: whole.map(|s| {
            let sum: f64 = s.values.iter().sum();
            let entropy: f64 =
                s.values.iter().map(|x| x / sum).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
            entropy.exp()
        }),
        chance: spectrum.filter(|_| delta > 0.0).map(|_| chance::update(shape, k)),
    }
}
