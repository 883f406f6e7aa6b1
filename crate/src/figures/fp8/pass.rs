//! One pass over the raw codes of two FP8 tensors: which codes and which scales agree.

use crate::checkpoint::pairing::{Pair, Side};
use crate::error::Error;
use crate::figures::fp8::report::Quantized;

/// Codes of one side that are in memory at a time.
const TILE: u64 = 4 << 20;

/// Compares codes and scales of both sides; `None` unless both are FP8 of one kind.
///
/// # Errors
/// [`Error::Read`] by the file's name.
pub async fn compare_codes(pair: &Pair) -> Result<Option<Quantized>, Error> {
    let (Some(base), Some(tuned)) = (pair.quantization(Side::Base), pair.quantization(Side::Tuned))
    else {
        return Ok(None);
    };
    if base.code_dtype() != tuned.code_dtype() {
        return Ok(None);
    }
    let (mut codes_equal, all) = (0, pair.range());
    for start in all.clone().step_by(TILE as usize) {
        let tile = start..all.end.min(start + TILE);
        let (a, b) = (base.codes(tile.clone()).await?, tuned.codes(tile).await?);
        codes_equal += a.iter().zip(&b).filter(|(x, y)| x == y).count() as u64;
    }
    let (a, b) = (base.scales(all.start).await?, tuned.scales(all.start).await?);
    let equal = a.iter().zip(&b).filter(|(x, y)| x.to_bits() == y.to_bits()).count() as u64;
    let scales = a.len().max(b.len()) as u64;
    Ok(Some(Quantized {
        codes_equal,
        scales,
        scales_equal: if a.len() == b.len() { equal } else { 0 },
    }))
}
