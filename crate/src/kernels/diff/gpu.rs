//! Gate III in one read of both matrices.

use crate::error::Error;
use crate::kernels::diff::{DiffCounts, DiffQuery, MAGNITUDES, ULP_BINS};
use crate::kernels::gpu::matrix::{GpuMatrix, same_shape};
use crate::kernels::gpu::{DECODE, GATE, Gpu, code};

/// Where rows begin in the counts.
const ROWS_AT: usize = 64;
/// Elements of one workgroup.
const PER_GROUP: usize = 64 * 256;

pub(crate) async fn execute(
    gpu: &Gpu,
    base: &GpuMatrix,
    tuned: &GpuMatrix,
    query: &DiffQuery,
) -> Result<DiffCounts, Error> {
    same_shape(base, tuned)?;
    let (rows, cols, dtype) = (base.rows, base.cols, code(base.dtype));
    let map_at = ROWS_AT + rows + cols + 4 * MAGNITUDES;
    let cells = query.grid.cells();
    let count_bytes = ((map_at + 4 * cells) * 4) as u64;
    // All tiles add to the same partial sums, or those of an embedding would take as much memory as
    // a tile.
    let groups =
        base.tiling().map(|rows| (rows.len() * cols).div_ceil(PER_GROUP)).max().unwrap_or(0);
    let counts = gpu.device.allocate(count_bytes).await?;
    let sum_bytes = (groups * 64 * 3 * 4) as u64;
    let sums = gpu.device.allocate(sum_bytes).await?;
    let name = format!("diff {dtype}");
    let encoder = gpu
        .each_tile(base, tuned, |encoder, a, b| {
            let elements = a.rows * cols;
            let invocations = elements.div_ceil(PER_GROUP) * 64;
            let mut words = [0; 16];
            words[..4].copy_from_slice(&[
                elements as u32,
                cols as u32,
                a.first_row as u32,
                rows as u32,
            ]);
            words[4..6].copy_from_slice(&[
                (query.eta as f32).to_bits(),
                (query.abs_tolerance as f32).to_bits(),
            ]);
            words[8..12].copy_from_slice(
                &[query.grid.row_group, query.grid.column_group, query.grid.columns, cells]
                    .map(|x| x as u32),
            );
            let source =
                || format!("const DTYPE = {dtype}u;\n{DECODE}{GATE}{}", include_str!("diff.wgsl"));
            gpu.device.dispatch(
                encoder,
                &name,
                source,
                &words,
                &[&a.words, &b.words, &counts, &sums],
                invocations as u64,
            )
        })
        .await?;
    let words: Vec<u32> = gpu.device.read(encoder, &counts, 0..count_bytes).await?;
    let parts: Vec<f32> = gpu.device.read(gpu.device.encoder(), &sums, 0..sum_bytes).await?;
    counts.destroy();
    sums.destroy();
    let mut norms = [0.0; 3];
    for part in parts.chunks_exact(3) {
        for (sum, &x) in norms.iter_mut().zip(part) {
            *sum += f64::from(x);
        }
    }
    let range = |start: usize, length: usize| {
        words[start..start + length].iter().map(|&c| u64::from(c)).collect::<Vec<_>>()
    };
    let magnitude_at = ROWS_AT + rows + cols;
    let limb = |k: usize| range(magnitude_at + k * MAGNITUDES, MAGNITUDES);
    let map = |k: usize| range(map_at + k * cells, cells);
    let unit = (-40f64).exp2();
    let joined = |low: Vec<u64>, high: Vec<u64>| {
        low.iter().zip(high).map(|(&low, high)| ((high << 32) + low) as f64 * unit).collect()
    };
    Ok(DiffCounts {
        unchanged: words[0].into(),
        bit_equal: words[1].into(),
        within_abs: words[2].into(),
        unchanged_stored: words[3].into(),
        hidden: words[4].into(),
        non_finite: words[5].into(),
        ulp: range(8, ULP_BINS),
        row_changed: range(ROWS_AT, rows),
        column_changed: range(ROWS_AT + rows, cols),
        magnitude: limb(0),
        magnitude_changed: limb(1),
        magnitude_update: joined(limb(2), limb(3)),
        map_changed: map(0),
        map_non_finite: map(1),
        map_update: joined(map(2), map(3)),
        base_squared: norms[0],
        update_squared: norms[1],
        base_dot_update: norms[2],
        max_abs_update: f32::from_bits(words[6]).into(),
    })
}
