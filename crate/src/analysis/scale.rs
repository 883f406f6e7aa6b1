//! Pairs whose weights are so large or so small that squares of them overflow or vanish: they are
//! multiplied by a power of two, which is exact, and their figures by its inverse.

use crate::checkpoint::pairing::{Pair, Side};
use crate::checkpoint::views::scale_value;
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::figures::geometry::report::{Bound, Geometry};
use crate::figures::masks::report::Masks;
use crate::figures::precision::compute::magnitude_value;
use crate::figures::update::report::Update;
use crate::kernels::diff::DiffCounts;

/// The products and norms of f32 take weights up to 2^40, and as small as 2^-40, as they are: the
/// squares of their singular values stay within 2^±126.
const PLAIN: i32 = 40;

/// Thresholds of masks are f32, which ends at 2^±126.
const MOST_OF_MASKS: i32 = 120;

/// Bytes that are read at a time.
const CHUNK: u64 = 4 << 20;

/// Finds the exponent of two by which a pair has to be multiplied, so that its largest weight or
/// change is about 1; `None` where it can stay as it is.
///
/// # Errors
/// [`Error::Read`] by the file's name.
pub async fn find_exponent(pair: &Pair, counts: &DiffCounts) -> Result<Option<i32>, Error> {
    // Adapters are merged from factors, which have a range of their own.
    if pair.dtype == Dtype::F16 || pair.unmerged.is_some() {
        return Ok(None);
    }
    let top = counts.magnitude.iter().rposition(|count| *count > 0).unwrap_or(0);
    let most = magnitude_value(top).max(counts.max_abs_update);
    let exponent = |most: f64| {
        let of_most = most.log2().floor() as i32;
        (most > 0.0 && of_most.abs() > PLAIN).then(|| -of_most)
    };
    if pair.dtype != Dtype::F64 {
        return Ok(exponent(most.min(2f64.powi(128))));
    }
    let plain = 2f64.powi(-PLAIN)..2f64.powi(PLAIN);
    if plain.contains(&most) {
        return Ok(None);
    }
    // bf16 magnitudes end far below those of F64.
    Ok(exponent(find_largest(pair).await?))
}

/// Finds the largest finite |w| of both sides.
async fn find_largest(pair: &Pair) -> Result<f64, Error> {
    let step = (CHUNK / (pair.cols() * pair.dtype.size() as u64).max(1)).max(1);
    let mut most = 0.0f64;
    let mut start = 0;
    while start < pair.rows() {
        let end = pair.rows().min(start + step);
        let mut values = vec![0.0; ((end - start) * pair.cols()) as usize];
        for side in [Side::Base, Side::Tuned] {
            pair.decode_rows(side, start..end).await?.decode_f64(0, &mut values);
            let finite = values.iter().filter(|value| value.is_finite());
            most = finite.fold(most, |most, value| most.max(value.abs()));
        }
        start = end;
    }
    Ok(most)
}

/// Whether f32 has room for the thresholds of the masks of weights that `exponent` brings to 1.
pub fn has_masks(exponent: Option<i32>) -> bool {
    exponent.is_none_or(|exponent| exponent.abs() <= MOST_OF_MASKS + PLAIN / 5)
}

/// Whether sums in f32 and fixed point may be off: Δ or W0 is large or small, or has subnormal
/// parts, which a GPU may take for 0.
pub fn exceeds_narrow_sums(counts: &DiffCounts, elements: u64) -> bool {
    // Sums of |Δ| are in units of 2^-40, and take each up to 2^20.
    const LARGEST: f64 = (1 << 19) as f64;
    const SMALLEST: f64 = 1.0 / (1 << 28) as f64;
    /// 2^-60 and 2^60 by bf16 magnitude.
    const CODES: std::ops::Range<usize> = 67 << 7..187 << 7;
    const SUBNORMAL: std::ops::Range<usize> = 1..1 << 7;
    let top = counts.magnitude.iter().rposition(|count| *count > 0).unwrap_or(0);
    let update = counts.max_abs_update;
    let small_or_large = |update: f64| !(SMALLEST..=LARGEST).contains(&update);
    (top > 0 && !CODES.contains(&top))
        || counts.magnitude[SUBNORMAL].iter().any(|count| *count > 0)
        || (update > 0.0 && small_or_large(update))
        || (update == 0.0 && counts.non_finite == 0 && counts.bit_equal < elements)
}

/// Gives the sizes of an update their own scale again.
pub fn restore_update(update: &mut Update, exponent: i32) {
    let sizes =
        [&mut update.frobenius_base, &mut update.frobenius_update, &mut update.max_abs_update];
    let sizes = sizes.into_iter().chain(&mut update.spectral_norm).chain(&mut update.spectrum);
    restore(sizes, exponent);
}

/// Gives the singular values of a geometry their own scale again, and the bounds on them.
pub fn restore_geometry(geometry: &mut Geometry, exponent: i32) {
    restore(geometry.spectrum_base.iter_mut().chain(&mut geometry.spectrum_tuned), exponent);
    for Bound { observed, bound } in [&mut geometry.bounds.weyl, &mut geometry.bounds.ky_fan] {
        restore(std::iter::once(observed).chain(bound), exponent);
    }
}

/// Gives the thresholds of the principal masks their own scale again.
pub fn restore_masks(masks: &mut [Masks], exponent: i32) {
    for masks in masks {
        let of_ranks = masks.sweep.iter_mut().map(|point| &mut point.principal_threshold);
        restore(of_ranks.chain([&mut masks.principal_threshold]), exponent);
    }
}

fn restore<'a>(sizes: impl Iterator<Item = &'a mut f64>, exponent: i32) {
    sizes.for_each(|size| *size = scale_value(*size, -exponent));
}
