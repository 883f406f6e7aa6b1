//! Gate III in one read of both matrices, a tile at a time.

use crate::element::Dtype;
use crate::error::Error;
use crate::kernels::diff::{DiffCounts, DiffQuery, FAR, MAGNITUDES, ULP_BINS, ULP_ZERO};
use crate::kernels::gpu::Gpu;
use crate::kernels::gpu::matrix::{GpuMatrix, check_same_shape};
use crate::kernels::gpu::shader::{GATE, GROUP, constants, decode_pair, shared};

/// Where the single counts stand in the buffer of counts.
const UNCHANGED: usize = 0;
const BIT_EQUAL: usize = 1;
const WITHIN: usize = 2;
const UNCHANGED_STORED: usize = 3;
const HIDDEN: usize = 4;
const NON_FINITE: usize = 5;
/// Where the bits of max|Δ| stand.
const MAX_UPDATE: usize = 6;
/// Where the distances begin.
const ULP_AT: usize = 8;
/// Where the rows begin, after the distances.
const ROWS_AT: usize = 64;
const _: () = assert!(ULP_AT + ULP_BINS <= ROWS_AT);

/// Terms that one f32 accumulator takes, and such chunks of one invocation.
const CHUNK_LENGTH: usize = 64;
const CHUNKS: usize = 4;
/// Elements of one workgroup.
const PER_GROUP: usize = GROUP * CHUNK_LENGTH * CHUNKS;

/// |Δ| is added in units of 2^-40.
const UNIT_BITS: usize = 40;
/// Bits of the largest f32 below 2^20, as which every larger |Δ| is added.
const LARGEST_UPDATE: u32 = (1048576.0f32).to_bits() - 1;

shared! {
    /// Parameters of diff.wgsl.
    struct DiffParams {
        /// Elements of the tile.
        elements: u32,
        /// Columns of the matrix.
        columns: u32,
        /// The tile's first row in the matrix.
        first_row: u32,
        /// Rows of the matrix.
        rows: u32,
        /// η of the gate.
        eta: f32,
        /// The absolute tolerance.
        tolerance: f32,
        /// Rows of the matrix in a cell of the map.
        cell_rows: u32,
        /// Columns of the matrix in a cell of the map.
        cell_columns: u32,
        /// Columns of cells.
        map_columns: u32,
        /// All cells.
        cells: u32,
    }
}

/// Returns the kernel for matrices of a dtype.
fn source(dtype: Dtype) -> String {
    let constants = constants![
        UNCHANGED,
        BIT_EQUAL,
        WITHIN,
        UNCHANGED_STORED,
        HIDDEN,
        NON_FINITE,
        MAX_UPDATE,
        ULP_AT,
        ULP_ZERO,
        FAR,
        ROWS_AT,
        MAGNITUDES,
        CHUNK_LENGTH,
        CHUNKS,
        PER_GROUP,
        UNIT_BITS,
        LARGEST_UPDATE,
    ];
    format!("{constants}{}{GATE}{}", decode_pair(dtype), include_str!("diff.wgsl"))
}

/// Counts what Gate III asks of two matrices.
pub(crate) async fn count_changes(
    gpu: &Gpu,
    base: &GpuMatrix,
    tuned: &GpuMatrix,
    query: &DiffQuery,
) -> Result<DiffCounts, Error> {
    check_same_shape(base, tuned)?;
    let (rows, cols) = (base.rows, base.cols);
    let map_at = ROWS_AT + rows + cols + 4 * MAGNITUDES;
    let cells = query.grid.cells();
    let count_bytes = ((map_at + 4 * cells) * 4) as u64;
    // All tiles add to the same partial sums, or those of an embedding would take as much memory as
    // a tile.
    let groups =
        base.tiling().map(|rows| (rows.len() * cols).div_ceil(PER_GROUP)).max().unwrap_or(0);
    let counts = gpu.device.allocate(count_bytes).await?;
    let sum_bytes = (groups * GROUP * 3 * 4) as u64;
    let sums = gpu.device.allocate(sum_bytes).await?;
    let name = format!("diff {:?}", base.dtype);
    let encoder = gpu
        .for_each_tile(base, tuned, |encoder, a, b| {
            let elements = a.rows * cols;
            let invocations = elements.div_ceil(PER_GROUP) * GROUP;
            let parameters = DiffParams {
                elements: elements as u32,
                columns: cols as u32,
                first_row: a.first_row as u32,
                rows: rows as u32,
                eta: query.eta as f32,
                tolerance: query.abs_tolerance as f32,
                cell_rows: query.grid.row_group as u32,
                cell_columns: query.grid.column_group as u32,
                map_columns: query.grid.columns as u32,
                cells: cells as u32,
            };
            gpu.device.dispatch(
                encoder,
                &name,
                || source(base.dtype),
                &parameters,
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
    let unit = (-(UNIT_BITS as f64)).exp2();
    let joined = |low: Vec<u64>, high: Vec<u64>| {
        low.iter().zip(high).map(|(&low, high)| ((high << 32) + low) as f64 * unit).collect()
    };
    Ok(DiffCounts {
        unchanged: words[UNCHANGED].into(),
        bit_equal: words[BIT_EQUAL].into(),
        within_abs: words[WITHIN].into(),
        unchanged_stored: words[UNCHANGED_STORED].into(),
        hidden: words[HIDDEN].into(),
        non_finite: words[NON_FINITE].into(),
        ulp: range(ULP_AT, ULP_BINS),
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
        max_abs_update: f32::from_bits(words[MAX_UPDATE]).into(),
    })
}
