//! Pairs of weights with what breaks comparisons mixed in.

use super::{Case, Stored, Values};
use half::bf16;

/// Values that comparisons go wrong at.
const ODD: [f64; 11] = [
    0.0,
    -0.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1e-39,
    -3e-42,
    f32::MAX as f64,
    3.39e38,
    6e-8,
    65504.0,
];

/// Draws base and tuned values near, equal to or far from each other, with [`ODD`] ones mixed in.
pub(crate) fn awkward_pair(values: &mut Values, case: Case) -> (Stored, Stored) {
    let count = case.shape.0 * case.shape.1;
    let (base, tuned): (Vec<f64>, Vec<f64>) = (0..count)
        .map(|_| {
            let base = pick(values, 0.01);
            (base, pick(values, base))
        })
        .unzip();
    let stored = |values: &[f64]| Stored::new(case.shape, case.dtype, values);
    (stored(&base), stored(&tuned))
}

/// Draws `x` itself, a value near it, an odd one, or any.
fn pick(values: &mut Values, x: f64) -> f64 {
    match values.draw_bits() >> 20 {
        0..300 => ODD[values.draw_bits() as usize % ODD.len()],
        300..1500 => x,
        1500..2500 => x * (1.0 + values.draw() * 0.002),
        2500..3500 => x + values.draw() * 1e-5,
        _ => values.draw() * 0.02,
    }
}

/// Returns whether a weight passes the bf16 gate by its definition: docs/numerics.md §9.
pub(crate) fn unchanged_in_bf16(base: f64, tuned: f64, eta: f32) -> bool {
    let cast = |x: f64| bf16::from_f32(x as f32).to_f32();
    let (x, y) = (cast(base), cast(tuned));
    base.is_finite()
        && tuned.is_finite()
        && (x == y
            || (x.is_finite() && y.is_finite() && (y - x).abs() <= eta * x.abs().max(y.abs())))
}
