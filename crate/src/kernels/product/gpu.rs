//! The products W·X and Wᵀ·X of one stored matrix or of a difference, a tile at a time.

use crate::error::Error;
use crate::kernels::Operand;
use crate::kernels::gpu::matrix::{GpuMatrix, check_same_shape};
use crate::kernels::gpu::shader::{decode_pair, shared};
use crate::kernels::gpu::{Gpu, GpuBlock, mismatch};

shared! {
    /// Parameters of product.wgsl.
    struct ProductParams {
        /// Rows of the tile.
        rows: u32,
        /// Columns of the matrix.
        columns: u32,
        /// vec4s of a row of X.
        stride: u32,
        /// The tile's first row in the matrix.
        first_row: u32,
    }
}

/// Multiplies W, or Wᵀ with `transpose`, by a block.
pub(crate) async fn multiply(
    gpu: &Gpu,
    w: Operand<'_, GpuMatrix>,
    transpose: bool,
    x: &GpuBlock,
) -> Result<GpuBlock, Error> {
    let (base, tuned, difference) = match w {
        Operand::One(m) => (m, m, false),
        Operand::Difference(base, tuned) => (base, tuned, true),
    };
    check_same_shape(base, tuned)?;
    let (outputs, length) = if transpose { (base.cols, base.rows) } else { (base.rows, base.cols) };
    if x.rows != length {
        return Err(mismatch("the block's rows are not the matrix's"));
    }
    let y = gpu.empty_block(outputs, x.cols).await?;
    let name = format!("product {:?} {transpose} {difference}", base.dtype);
    let encoder = gpu
        .for_each_tile(base, tuned, |encoder, a, b| {
            let parameters = ProductParams {
                rows: a.rows as u32,
                columns: base.cols as u32,
                stride: x.stride() as u32,
                first_row: a.first_row as u32,
            };
            let quads = (if transpose { base.cols } else { a.rows }).div_ceil(4);
            let source = || {
                format!(
                    "{}const TRANSPOSE = {transpose};\nconst DIFFERENCE = {difference};\n{}",
                    decode_pair(base.dtype),
                    include_str!("product.wgsl")
                )
            };
            let buffers = [&a.words, &b.words, &x.data, &y.data];
            let invocations = (quads * x.stride()) as u64;
            gpu.device.dispatch(encoder, &name, source, &parameters, &buffers, invocations)
        })
        .await?;
    gpu.device.submit(encoder)?;
    Ok(y)
}
