//! W·X and Wᵀ·X, of one stored matrix or of a difference.

use crate::error::Error;
use crate::kernels::Operand;
use crate::kernels::gpu::matrix::{GpuMatrix, same_shape};
use crate::kernels::gpu::{DECODE, Gpu, GpuBlock, code, mismatch};

pub(crate) async fn execute(
    gpu: &Gpu,
    w: Operand<'_, GpuMatrix>,
    transpose: bool,
    x: &GpuBlock,
) -> Result<GpuBlock, Error> {
    let (base, tuned, difference) = match w {
        Operand::One(m) => (m, m, false),
        Operand::Difference(base, tuned) => (base, tuned, true),
    };
    same_shape(base, tuned)?;
    let (outputs, length) = if transpose { (base.cols, base.rows) } else { (base.rows, base.cols) };
    if x.rows != length {
        return Err(mismatch("the block's rows are not the matrix's"));
    }
    let y = gpu.empty_block(outputs, x.cols).await?;
    let dtype = code(base.dtype);
    let name = format!("product {dtype} {transpose} {difference}");
    let encoder = gpu
        .each_tile(base, tuned, |encoder, a, b| {
            let mut words = [0; 16];
            words[..3].copy_from_slice(&[a.rows as u32, base.cols as u32, x.stride() as u32]);
            words[4] = a.first_row as u32;
            let quads = (if transpose { base.cols } else { a.rows }).div_ceil(4);
            let source = || {
                format!(
                    "const DTYPE = {dtype}u;\nconst TRANSPOSE = {transpose};\n\
                    const DIFFERENCE = {difference};\n{DECODE}{}",
                    include_str!("product.wgsl")
                )
            };
            let buffers = [&a.words, &b.words, &x.data, &y.data];
            let invocations = (quads * x.stride()) as u64;
            gpu.device.dispatch(encoder, &name, source, &words, &buffers, invocations)
        })
        .await?;
    gpu.device.submit(encoder)?;
    Ok(y)
}
