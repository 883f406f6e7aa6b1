//! What products in f32 and an iteration that stops leave uncertain of Gate II's figures: formulas
//! fitted to measured errors.
//!
//! Measured against float64 on 990 random pairs of matrices with sides up to 420, five dtypes,
//! spectra and kinds of update, ρ of 1e-5 to 1e-2, k = 3 … 33, on both routes, and for the shift on
//! flat spectra too (σ from 1 to 0.9, F32, 1440 points); every formula is at least twice the
//! largest error that was found.

/// f32 noise over the relative gap moves a subspace by this much (fitted in NUMERICS "When an angle
/// means nothing").
pub(crate) const GAP_NOISE: f64 = 3e-7;

/// Of an NSS over leading values, from it or from what chance gives, whichever is larger: where the
/// leading values happen to stand still, the error of the update's other parts does not. Where k
/// cuts a cluster, base and tuned share no errors.
pub(crate) fn shift(nss: f64, gap: f64, exact: bool, resolved: bool) -> f64 {
    match (exact, resolved) {
        (true, _) => 3e-8 * nss + 5e-15,
        (false, true) => (4e-4 + GAP_NOISE / gap) * nss + 1.5e-10,
        (false, false) => 1e-3 * nss + 3e-7,
    }
}

/// Of off-principal shares. Where exact, ‖Δ‖² is still a sum of f32 chunks on a device that has no
/// f64.
pub(crate) fn shares(gap: f64, exact: bool) -> f64 {
    if exact { 1e-7 } else { (1e-6 + 1e-8 / gap).min(1.0) }
}

/// What an angle is uncertain by as a share of itself, where subspaces are a relative gap apart.
fn noise(gap: f64, exact: bool) -> f64 {
    if exact { 1e-6 + 1e-9 / gap } else { 2e-4 + GAP_NOISE / gap }
}

/// Of the largest principal angle, degrees. The floors are what f32 leaves of angles near 0: 1.2e-5
/// was the most measured where estimated.
pub(crate) fn rotation(angle: f64, gap: f64, exact: bool) -> f64 {
    (if exact { 1.5e-5 } else { 2.5e-5 }) + angle * noise(gap, exact)
}

/// The relative distance of value i to its nearer neighbour.
fn apart(s: &[f64], i: usize) -> f64 {
    let below = s[i] - s.get(i + 1).copied().unwrap_or(0.0);
    let above = if i > 0 { s[i - 1] - s[i] } else { f64::INFINITY };
    below.min(above) / s[i]
}

/// Of the rotation of each of the leading k singular vectors of either side, degrees: f32 leaves
/// the vectors of small values less well known, by (σ_1/σ_i)·2e-7 degrees.
pub(crate) fn vectors(
    k: usize,
    base: &[f64],
    tuned: &[f64],
    angles: [&[f64]; 2],
    exact: bool,
) -> Vec<f64> {
    let of = |i: usize| {
        let gap = apart(base, i).min(apart(tuned, i));
        let angle = angles[0][i].max(angles[1][i]);
        let floor = if exact { 2.5e-5 } else { 2.5e-5 + 2.5e-7 * base[0] / base[i] };
        (floor + angle * noise(gap.max(f64::MIN_POSITIVE), exact)).min(90.0)
    };
    // Equal matrices turn nothing, and that is certain.
    let still = |i: usize| base[i] == tuned[i] && angles[0][i] == 0.0 && angles[1][i] == 0.0;
    (0..k).map(|i| if still(i) { 0.0 } else { of(i) }).collect()
}
