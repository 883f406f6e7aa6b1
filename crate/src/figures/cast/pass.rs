//! One pass over base and tuned of a tensor that are stored in two dtypes: which weights are only
//! rounded.

use crate::checkpoint::pairing::{Pair, Side};
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::figures::cast::report::Cast;
use half::{bf16, f16};

/// Bytes of base and tuned together that are in memory at a time.
const TILE: u64 = 8 << 20;

/// The dtype that values of a stored dtype are rounded to; `None` for codes with scales.
fn find_target(stored: safetensors::Dtype) -> Option<Dtype> {
    match stored {
        safetensors::Dtype::BF16 => Some(Dtype::Bf16),
        safetensors::Dtype::F16 => Some(Dtype::F16),
        safetensors::Dtype::F32 => Some(Dtype::F32),
        safetensors::Dtype::F64 => Some(Dtype::F64),
        _ => None,
    }
}

/// Rounds a value to nearest even, as PyTorch casts it: F64 goes by way of f32.
fn round(value: f64, dtype: Dtype) -> f64 {
    match dtype {
        Dtype::Bf16 => bf16::from_f32(value as f32).to_f64(),
        Dtype::F16 => f16::from_f32(value as f32).to_f64(),
        Dtype::F32 => f64::from(value as f32),
        Dtype::F64 => value,
    }
}

/// Whether two values are the same number, or both none.
fn agree(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan()
}

/// Counts the weights of a pair that are only rounded; `None` where both sides are stored in one
/// dtype, and where the tuned values are quantised or an adapter's.
///
/// The pass is bound by reading, so it runs on the CPU whatever the backend.
///
/// # Errors
/// [`Error::Read`] by the file's name.
pub async fn count_rounded(pair: &Pair) -> Result<Option<Cast>, Error> {
    let (from, to) = (pair.stored(Side::Base), pair.stored(Side::Tuned));
    let Some(target) = find_target(to).filter(|_| from != to && pair.unmerged.is_none()) else {
        return Ok(None);
    };
    let back = find_target(from);
    let (rows, cols) = (pair.rows(), pair.cols());
    let row_bytes = cols.saturating_mul(2 * pair.dtype.size() as u64);
    let step = (TILE / row_bytes.max(1)).max(1);
    let (mut cast, mut squared) = (Cast { rounded: 0, rounded_back: 0, rounding: 0.0 }, 0.0);
    let (mut base_row, mut tuned_row) = (Vec::new(), Vec::new());
    let mut start = 0;
    while start < rows {
        let range = start..rows.min(start + step);
        let base = pair.decode_rows(Side::Base, range.clone()).await?;
        let tuned = pair.decode_rows(Side::Tuned, range.clone()).await?;
        base_row.resize(cols as usize, 0.0);
        tuned_row.resize(cols as usize, 0.0);
        for row in 0..(range.end - range.start) as usize {
            base.decode_f64(row * cols as usize, &mut base_row);
            tuned.decode_f64(row * cols as usize, &mut tuned_row);
            squared += add_row(&mut cast, &base_row, &tuned_row, target, back);
        }
        start = range.end;
    }
    cast.rounding = squared.sqrt();
    Ok(Some(cast))
}

/// Takes in one row, and returns the square of its rounding. It is a function of its own since
/// browsers change from slow to fast code between two calls only.
#[inline(never)]
fn add_row(
    cast: &mut Cast,
    base: &[f64],
    tuned: &[f64],
    target: Dtype,
    back: Option<Dtype>,
) -> f64 {
    let mut squared = 0.0;
    for (w0, w1) in base.iter().zip(tuned) {
        let rounded = round(*w0, target);
        cast.rounded += u64::from(agree(rounded, *w1));
        cast.rounded_back += u64::from(back.is_some_and(|dtype| agree(round(*w1, dtype), *w0)));
        if w0.is_finite() && rounded.is_finite() {
            squared += (rounded - w0) * (rounded - w0);
        }
    }
    squared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::pairing::pair_tensors;
    use crate::checkpoint::testing::FileBuilder;
    use crate::figures::cast::report::RoundedSide;
    use pollster::block_on;

    /// Values that need all 24 bits of an f32.
    fn values() -> Vec<f32> {
        (1..=12).map(|i| (i as f32 * 0.734_573_2).sin()).collect()
    }

    fn file(dtype: &str, values: &[f32]) -> FileBuilder {
        let bytes: Vec<u8> = match dtype {
            "BF16" => values.iter().flat_map(|v| bf16::from_f32(*v).to_le_bytes()).collect(),
            "F16" => values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect(),
            "F64" => values.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect(),
            _ => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        };
        FileBuilder::new().tensor("w", dtype, &[4, 3], bytes)
    }

    fn counted((from, base): (&str, &[f32]), (to, tuned): (&str, &[f32])) -> Option<Cast> {
        let sides = [file(from, base), file(to, tuned)].map(|file| file.checkpoint("a"));
        let pairs = pair_tensors(&sides[0], &sides[1], None).pairs;
        block_on(count_rounded(&pairs[0])).expect("a good file")
    }

    #[test]
    fn a_cast_is_told_from_training() {
        let base = values();
        let half: Vec<f32> = base.iter().map(|v| f16::from_f32(*v).to_f32()).collect();
        let mut trained = half.clone();
        trained[5] += 0.25;
        assert_eq!(counted(("F16", &half), ("F16", &trained)), None, "one dtype, no cast");
        for (from, to) in [("F32", "BF16"), ("F32", "F16"), ("F16", "BF16"), ("F64", "F32")] {
            let of = if from == "F16" { &half } else { &base };
            let cast = counted((from, of), (to, of)).expect("two dtypes");
            assert_eq!(cast.rounded_side(12), Some(RoundedSide::Tuned), "{from} to {to}");
            assert_eq!(cast.rounding > 0.0, to != "F32", "{from} to {to}");
            let cast = counted((from, &half), (to, &trained)).expect("two dtypes");
            assert_eq!((cast.rounded, cast.rounded_side(12)), (11, None), "{from} to {to}");
        }
        // Two casts of one model: the finer one rounds to the coarser one.
        let coarse = counted(("BF16", &half), ("F16", &half)).expect("two dtypes");
        assert_eq!(coarse.rounded_side(12), Some(RoundedSide::Base));
        let size: f64 =
            half.iter().map(|v| (round(f64::from(*v), Dtype::Bf16) - f64::from(*v)).powi(2)).sum();
        let cast = counted(("F16", &half), ("BF16", &half)).expect("two dtypes");
        assert!((cast.rounding - size.sqrt()).abs() <= 1e-15, "{cast:?}");
    }
}
