//! The combination of blocks start + Σ blockᵢ·Cᵢ, a term at a time.

use crate::error::Error;
use crate::kernels::gpu::shader::shared;
use crate::kernels::gpu::{Gpu, GpuBlock, mismatch, pad_rows};
use faer::MatRef;

shared! {
    /// Parameters of combine.wgsl.
    struct CombineParams {
        /// Rows of the block and of the result.
        rows: u32,
        /// Columns of the block.
        terms: u32,
        /// vec4s of a row of the block.
        stride: u32,
        /// vec4s of a row of the result.
        out_stride: u32,
    }
}

/// Combines blocks, whose coefficients are rounded to f32.
pub(crate) async fn combine_blocks(
    gpu: &Gpu,
    start: Option<&GpuBlock>,
    terms: &[(&GpuBlock, MatRef<'_, f64>)],
) -> Result<GpuBlock, Error> {
    let shape =
        start.map(|s| (s.rows, s.cols)).or_else(|| terms.first().map(|(b, c)| (b.rows, c.ncols())));
    let Some((rows, cols)) = shape else {
        return Err(mismatch("a combination of nothing"));
    };
    if terms.iter().any(|(b, c)| b.rows != rows || c.nrows() != b.cols || c.ncols() != cols) {
        return Err(mismatch("a term of a combination"));
    }
    let out = gpu.empty_block(rows, cols).await?;
    let mut encoder = gpu.device.encoder();
    if let Some(s) = start {
        encoder.copy_buffer_to_buffer(&s.data, 0, &out.data, 0, s.data.size());
    }
    for (block, c) in terms {
        let coefficients = pad_rows(c.nrows(), cols, |i, j| c[(i, j)] as f32);
        let uploaded = gpu.device.upload(bytemuck::cast_slice(&coefficients))?;
        let parameters = CombineParams {
            rows: rows as u32,
            terms: block.cols as u32,
            stride: block.stride() as u32,
            out_stride: out.stride() as u32,
        };
        let source = || include_str!("combine.wgsl").to_string();
        let invocations = (rows.div_ceil(4) * out.stride()) as u64;
        gpu.device.dispatch(
            &mut encoder,
            "combine",
            source,
            &parameters,
            &[&block.data, &uploaded, &out.data],
            invocations,
        )?;
    }
    gpu.device.submit(encoder)?;
    Ok(out)
}
