//! Counts of reconstructions in bands around their thresholds, a tile at a time.

use crate::element::Dtype;
use crate::error::Error;
use crate::kernels::gpu::matrix::{GpuMatrix, check_same_shape};
use crate::kernels::gpu::shader::{GATE, Shared, constants, decode_pair, shared};
use crate::kernels::gpu::{Gpu, GpuBlock, mismatch};
use crate::kernels::principal::{
    BAND_BINS, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery,
};

/// Number of counts of one class.
const CLASS: usize = BAND_BINS + 1;
/// Number of counts of one band.
const BAND: usize = LOW_AT + 2;
/// Where the low weights stand in a band's counts, and after them the low and changed ones.
const LOW_AT: usize = 4 * CLASS;

shared! {
    /// Parameters of principal.wgsl.
    struct PrincipalParams {
        /// Rows of the tile.
        rows: u32,
        /// Columns of the matrix.
        columns: u32,
        /// The tile's first row in the matrix.
        first_row: u32,
        /// vec4s of a row of both factors.
        stride: u32,
        /// Bands to count in.
        bands: u32,
        /// η of the update mask.
        eta: f32,
        /// Rows of the matrix in a cell of the map; 0 for no map.
        cell_rows: u32,
        /// Columns of the matrix in a cell of the map.
        cell_columns: u32,
        /// Columns of cells.
        map_columns: u32,
        /// The threshold of the map.
        map_threshold: f32,
    }
}

shared! {
    /// A [`PrincipalBand`] as the shader reads it.
    struct Band {
        /// Lower end of the histogram.
        lower: f32,
        /// Upper end.
        upper: f32,
        /// Bits of the low-magnitude threshold.
        low_bits: u32,
        /// Leading columns of the factors that are taken.
        rank: u32,
        /// 1 where the low weights of this threshold are counted, else 0.
        counts_low: u32,
    }
}

/// Returns the kernel for matrices of a dtype.
fn source(dtype: Dtype) -> String {
    let constants = constants![BAND_BINS, CLASS, BAND, LOW_AT];
    format!(
        "{constants}{}{}{GATE}{}",
        Band::DECLARATION,
        decode_pair(dtype),
        include_str!("principal.wgsl")
    )
}

/// Counts the reconstructions in every band, and in the cells of the map.
pub(crate) async fn count_bands(
    gpu: &Gpu,
    base: &GpuMatrix,
    tuned: &GpuMatrix,
    query: &PrincipalQuery<'_, GpuBlock>,
) -> Result<Principal, Error> {
    check_same_shape(base, tuned)?;
    let (left, right) = (query.left, query.right);
    if (left.rows, right.rows, left.cols) != (base.rows, base.cols, right.cols) {
        return Err(mismatch("the factors of the reconstruction"));
    }
    if query.bands.is_empty() {
        return Ok(Principal { bands: Vec::new(), map: Vec::new() });
    }
    // Whether a weight is low does not depend on the rank: low weights are counted in the first
    // band that has their threshold.
    let low_of = |b: &PrincipalBand| {
        query
            .bands
            .iter()
            .position(|a| a.low.to_bits() == b.low.to_bits())
            .expect("the band itself")
    };
    let shared = |(at, b): (usize, &PrincipalBand)| Band {
        lower: b.from,
        upper: b.to,
        low_bits: b.low.to_bits(),
        rank: b.rank as u32,
        counts_low: u32::from(low_of(b) == at),
    };
    let bands: Vec<u32> =
        query.bands.iter().enumerate().flat_map(|band| shared(band).words()).collect();
    let bands = gpu.device.upload(bytemuck::cast_slice(&bands))?;
    let bands_end = query.bands.len() * BAND;
    let cells = query.map.map_or(0, |(grid, _)| grid.cells());
    let bytes = ((bands_end + cells) * 4) as u64;
    let counts = gpu.device.create_storage(bytes)?;
    let name = format!("principal {:?}", base.dtype);
    let encoder = gpu
        .for_each_tile(base, tuned, |encoder, a, b| {
            let grid = query.map.map(|(grid, _)| grid);
            let parameters = PrincipalParams {
                rows: a.rows as u32,
                columns: base.cols as u32,
                first_row: a.first_row as u32,
                stride: left.stride() as u32,
                bands: query.bands.len() as u32,
                eta: query.eta,
                cell_rows: grid.map_or(0, |grid| grid.row_group as u32),
                cell_columns: grid.map_or(0, |grid| grid.column_group as u32),
                map_columns: grid.map_or(0, |grid| grid.columns as u32),
                map_threshold: query.map.map_or(0.0, |(_, threshold)| threshold),
            };
            let source = || source(base.dtype);
            let buffers = [&a.words, &b.words, &left.data, &right.data, &bands, &counts];
            let invocations = (a.rows.div_ceil(4) * base.cols.div_ceil(4)) as u64;
            gpu.device.dispatch(encoder, &name, source, &parameters, &buffers, invocations)
        })
        .await?;
    let words: Vec<u32> = gpu.device.read(encoder, &counts, 0..bytes).await?;
    counts.destroy();
    let band = |(at, band): (usize, &PrincipalBand)| {
        let class = |c: usize| {
            words[at * BAND + c * CLASS..][..CLASS].iter().map(|&x| u64::from(x)).collect()
        };
        let low = &words[low_of(band) * BAND + LOW_AT..];
        PrincipalCounts {
            all: class(0),
            changed: class(1),
            high: class(2),
            changed_high: class(3),
            low_size: low[0].into(),
            low_changed: low[1].into(),
        }
    };
    Ok(Principal {
        bands: query.bands.iter().enumerate().map(band).collect(),
        map: words[bands_end..].iter().map(|&x| u64::from(x)).collect(),
    })
}
