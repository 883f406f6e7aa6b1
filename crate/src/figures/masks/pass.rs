//! One pass over the base for each α, which finds the threshold of the low-magnitude mask.

use crate::checkpoint::pairing::{Pair, Side};
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::figures::masks::compute::{MaskFigures, Subject, compute_masks};
use crate::figures::masks::size::mask_size;
use crate::kernels::Backend;
use crate::kernels::diff::DiffCounts;

/// Bytes of the base that are read at a time.
const CHUNK: u64 = 8 << 20;

/// Computes the masks of a pair at every α.
///
/// # Errors
/// [`Error::Read`] by the file's name; those of [`compute_masks`].
pub async fn compute_masks_of_levels<B: Backend>(
    device: &B,
    pair: &Pair,
    counts: &DiffCounts,
    alphas: &[f64],
    subject: &Subject<'_, B>,
) -> Result<MaskFigures, Error> {
    let mut levels = Vec::new();
    for alpha in alphas {
        levels.push((*alpha, find_low_threshold(pair, counts, *alpha).await?));
    }
    compute_masks(device, subject, &levels).await
}

/// Rows that are read at a time, an even number so that packed 16-bit rows start on a word.
fn chunk_rows(pair: &Pair) -> u64 {
    (CHUNK / (pair.cols() * pair.dtype.size() as u64).max(1)).max(2) & !1
}

/// Finds the bf16 magnitude code of the ⌈αN⌉-th smallest |W0|, and the number of weights below that
/// code.
fn find_low_code(c: &DiffCounts, alpha: f64, parameters: u64) -> (usize, u64) {
    let want = mask_size(alpha, parameters);
    let mut below = 0;
    for (code, count) in c.magnitude.iter().enumerate() {
        if below + count >= want {
            return (code, below);
        }
        below += count;
    }
    (c.magnitude.len() - 1, below)
}

/// Finds the ⌈αN⌉-th smallest |W0|, exact in the pair's dtype (rounded to f32 for F64).
async fn find_low_threshold(pair: &Pair, counts: &DiffCounts, alpha: f64) -> Result<f32, Error> {
    let total = pair.elements();
    let (code, below) = find_low_code(counts, alpha, total);
    let middle = (code as u32) << 16;
    if pair.dtype == Dtype::Bf16 {
        return Ok(f32::from_bits(middle));
    }
    // The histogram knows magnitudes rounded to bf16. Those that round to this code lie within 2^15
    // f32 codes of it.
    let lowest = middle.saturating_sub(1 << 15);
    let mut inside = vec![0u64; (1 << 16) + 1];
    let (rows, step) = (pair.rows(), chunk_rows(pair));
    let mut start = 0;
    while start < rows {
        let end = rows.min(start + step);
        let decoder = pair.decode_rows(Side::Base, start..end).await?;
        for i in (0..((end - start) * pair.cols()) as usize)
            .filter(|&i| usize::from(decoder.bf16(i) & 0x7fff) == code)
        {
            inside[(decoder.f32(i).abs().to_bits() - lowest) as usize] += 1;
        }
        start = end;
    }
    let mut left = mask_size(alpha, total) - below;
    let place = inside.iter().position(|&count| {
        let found = count >= left;
        left -= count.min(left);
        found
    });
    Ok(f32::from_bits(lowest + place.unwrap_or(1 << 15) as u32))
}
