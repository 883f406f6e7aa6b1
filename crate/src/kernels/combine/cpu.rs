//! The combination of blocks start + Σ blockᵢ·Cᵢ in f32, a window of rows at a time.

use crate::element::rows::steps;
use crate::error::Error;
use crate::kernels::cpu::CpuBlock;
use crate::kernels::cpu::gemm::{Left, Packed, accumulate};
use crate::kernels::cpu::sizes::COMBINED;
use faer::MatRef;

/// Combines blocks, whose coefficients are rounded to f32.
pub(crate) fn combine_blocks(
    start: Option<&CpuBlock>,
    terms: &[(&CpuBlock, MatRef<'_, f64>)],
) -> Result<CpuBlock, Error> {
    let (first, c) = terms.first().ok_or_else(|| Error::Device("nothing to combine".into()))?;
    let mut out = CpuBlock::zeros(first.rows, c.ncols())?;
    let rounded = |c: &MatRef<'_, f64>| {
        (0..c.nrows())
            .flat_map(|i| (0..c.ncols()).map(move |j| c[(i, j)] as f32))
            .collect::<Vec<_>>()
    };
    let coefficients: Vec<f32> = terms.iter().flat_map(|(_, c)| rounded(c)).collect();
    let mut packed = Packed::default();
    packed.fill_rows(&coefficients, coefficients.len() / c.ncols().max(1), c.ncols());
    let (mut scratch, mut y_scratch) = (vec![Vec::new(); terms.len()], Vec::new());
    for window in steps(out.rows, COMBINED) {
        out.update(window.clone(), &mut y_scratch, |y| {
            if let (Some(start), Some(scratch)) = (start, scratch.first_mut()) {
                y.copy_from_slice(start.values(window.clone(), scratch));
            }
            let values = terms.iter().zip(&mut scratch);
            let left: Vec<Left<'_>> = values
                .map(|((block, _), s)| Left::rows(block.values(window.clone(), s), block.cols))
                .collect();
            accumulate(y, c.ncols(), window.len(), &left, &packed, 0);
        });
    }
    Ok(out)
}
