//! The Gram matrix LᵀR of tall blocks: partial sums in f32 on the device, which are added in f64
//! here.

use crate::error::Error;
use crate::kernels::gpu::shader::{CHUNK, shared};
use crate::kernels::gpu::{Gpu, GpuBlock, mismatch};
use faer::Mat;

/// The most partial sums that are read back for an entry: more would cost more to read than f64
/// gains.
const MOST_GROUPS: usize = 64;
/// The most bytes of all partial sums together.
const MOST_BYTES: usize = 32 << 20;

shared! {
    /// Parameters of gram.wgsl.
    struct GramParams {
        /// Rows of both blocks.
        rows: u32,
        /// vec4s of a row of L.
        left_stride: u32,
        /// vec4s of a row of R.
        right_stride: u32,
        /// Groups of rows, each with a sum of its own.
        groups: u32,
        /// Rows of a group.
        group_rows: u32,
        /// The first vec4 of this pair's sums.
        first: u32,
    }
}

/// Sums LᵀR over the rows of the blocks.
pub(crate) async fn sum_gram(
    gpu: &Gpu,
    left: &[&GpuBlock],
    right: &[&GpuBlock],
) -> Result<Mat<f64>, Error> {
    let total = |blocks: &[&GpuBlock]| blocks.iter().map(|b| b.cols).sum::<usize>();
    let mut out = Mat::zeros(total(left), total(right));
    let Some(rows) = left.first().map(|b| b.rows) else {
        return Ok(out);
    };
    if left.iter().chain(right).any(|b| b.rows != rows) {
        return Err(mismatch("blocks of a Gram matrix differ in rows"));
    }
    let padded = |blocks: &[&GpuBlock]| blocks.iter().map(|b| b.stride() * 4).sum::<usize>();
    let bytes_per_group = (padded(left) * padded(right) * 4).max(1);
    let chunks = rows.div_ceil(CHUNK).max(1);
    let most = MOST_GROUPS.min((MOST_BYTES / bytes_per_group).max(1));
    let group_rows = chunks.div_ceil(most) * CHUNK;
    let groups = rows.div_ceil(group_rows).max(1);
    let bytes = (groups * bytes_per_group) as u64;
    let partial = gpu.device.allocate(bytes).await?;
    let mut encoder = gpu.device.encoder();
    let mut first = 0;
    for l in left {
        for r in right {
            let parameters = GramParams {
                rows: rows as u32,
                left_stride: l.stride() as u32,
                right_stride: r.stride() as u32,
                groups: groups as u32,
                group_rows: group_rows as u32,
                first: first as u32,
            };
            let source = || include_str!("gram.wgsl").to_string();
            let invocations = (l.stride() * r.stride() * groups) as u64;
            gpu.device.dispatch(
                &mut encoder,
                "gram",
                source,
                &parameters,
                &[&l.data, &r.data, &partial],
                invocations,
            )?;
            first += l.stride() * 4 * r.stride() * groups;
        }
    }
    let values: Vec<f32> = gpu.device.read(encoder, &partial, 0..bytes).await?;
    partial.destroy();
    let (mut start, mut row) = (0, 0);
    for l in left {
        let mut column = 0;
        for r in right {
            let (height, width) = (l.stride() * 4, r.stride() * 4);
            for g in 0..groups {
                for i in 0..l.cols {
                    for j in 0..r.cols {
                        out[(row + i, column + j)] +=
                            f64::from(values[start + (g * height + i) * width + j]);
                    }
                }
            }
            start += groups * height * width;
            column += r.cols;
        }
        row += l.cols;
    }
    Ok(out)
}
