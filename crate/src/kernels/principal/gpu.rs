//! Reconstructions of rank k and below against their thresholds.

use crate::error::Error;
use crate::kernels::gpu::matrix::{GpuMatrix, same_shape};
use crate::kernels::gpu::{DECODE, GATE, Gpu, GpuBlock, code, mismatch};
use crate::kernels::principal::{
    BAND_BINS, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery,
};

/// Counts of one class.
const CLASS: usize = BAND_BINS + 1;
/// Counts of one band.
const BAND: usize = 4 * CLASS + 2;

pub(crate) async fn execute(
    gpu: &Gpu,
    base: &GpuMatrix,
    tuned: &GpuMatrix,
    query: &PrincipalQuery<'_, GpuBlock>,
) -> Result<Principal, Error> {
    same_shape(base, tuned)?;
    let (left, right) = (query.left, query.right);
    if (left.rows, right.rows, left.cols) != (base.rows, base.cols, right.cols) {
        return Err(mismatch("the factors of the reconstruction"));
    }
    if query.bands.is_empty() {
        return Ok(Principal { bands: Vec::new(), map: Vec::new() });
    }
    let dtype = code(base.dtype);
    // What is low does not depend on the rank: it is counted in one band, for all that have its
    // threshold.
    let low_of = |b: &PrincipalBand| {
        query
            .bands
            .iter()
            .position(|a| a.low.to_bits() == b.low.to_bits())
            .expect("the band itself")
    };
    let word = |at: usize, b: &PrincipalBand| b.rank as u32 | u32::from(low_of(b) == at) << 31;
    let thresholds: Vec<u32> = query
        .bands
        .iter()
        .enumerate()
        .flat_map(|(at, b)| [b.from.to_bits(), b.to.to_bits(), b.low.to_bits(), word(at, b)])
        .collect();
    let bands = gpu.device.upload(bytemuck::cast_slice(&thresholds))?;
    let bands_end = query.bands.len() * BAND;
    let cells = query.map.map_or(0, |(grid, _)| grid.cells());
    let bytes = ((bands_end + cells) * 4) as u64;
    let counts = gpu.device.storage(bytes)?;
    let name = format!("principal {dtype}");
    let encoder = gpu
        .each_tile(base, tuned, |encoder, a, b| {
            let mut words = [0; 16];
            words[..4].copy_from_slice(&[
                a.rows as u32,
                base.cols as u32,
                a.first_row as u32,
                left.stride() as u32,
            ]);
            words[4..6].copy_from_slice(&[query.bands.len() as u32, query.eta.to_bits()]);
            if let Some((grid, threshold)) = &query.map {
                words[8..12].copy_from_slice(&[
                    grid.row_group as u32,
                    grid.column_group as u32,
                    grid.columns as u32,
                    threshold.to_bits(),
                ]);
            }
            let source = || {
                format!("const DTYPE = {dtype}u;\n{DECODE}{GATE}{}", include_str!("principal.wgsl"))
            };
            let buffers = [&a.words, &b.words, &left.data, &right.data, &bands, &counts];
            let invocations = (a.rows.div_ceil(4) * base.cols.div_ceil(4)) as u64;
            gpu.device.dispatch(encoder, &name, source, &words, &buffers, invocations)
        })
        .await?;
    let words: Vec<u32> = gpu.device.read(encoder, &counts, 0..bytes).await?;
    counts.destroy();
    let band = |(at, band): (usize, &PrincipalBand)| {
        let class = |c: usize| {
            words[at * BAND + c * CLASS..][..CLASS].iter().map(|&x| u64::from(x)).collect()
        };
        let low = &words[low_of(band) * BAND + 4 * CLASS..];
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
