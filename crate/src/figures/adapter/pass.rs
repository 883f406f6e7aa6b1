//! A weight with a LoRA adapter: how much of Δ the merge leaves, and in which subspaces A and B
//! lie.

use crate::checkpoint::formats::lora::low_rank::Factors;
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::rows::steps;
use crate::error::Error;
use crate::figures::adapter::report::Adapter;
use crate::figures::adapter::sums::AdapterSums;
use crate::host::Host;
use crate::kernels::Backend;
use crate::linalg::low_rank;
use crate::settings::Settings;
use faer::{Mat, MatRef};

/// Bytes of base, merged weight and update together that are in memory at a time.
const TILE: u64 = 8 << 20;

/// Bytes of a factor of the base that are read from the device at a time.
const CHUNK: usize = 4 << 20;

/// Makes a matrix of row-major f32 values.
fn matrix(values: &[f32], columns: usize) -> Mat<f64> {
    Mat::from_fn(values.len() / columns, columns, |i, j| f64::from(values[i * columns + j]))
}

/// Computes σ(Δ) in f64 from the factors, descending: the r values that are not 0 by construction.
///
/// # Errors
/// [`Error::Numerics`] where a small decomposition does not converge.
pub fn update_values(factors: &Factors) -> Result<Vec<f64>, Error> {
    let columns = factors.right.len() / factors.rank;
    let values = low_rank::singular_values(
        matrix(&factors.left, factors.rank).as_ref(),
        matrix(&factors.right, columns).as_ref(),
    )?;
    Ok(values.into_iter().map(|s| s * factors.scale().abs()).collect())
}

/// Reads the base and the merged weight once, tile by tile, and sums both against Δ.
async fn sum_merge(
    pair: &Pair,
    factors: &Factors,
    settings: &Settings,
    host: &Host<'_>,
) -> Result<AdapterSums, Error> {
    let (rows, cols) = (pair.rows(), pair.cols());
    let step = (TILE / (cols * (2 * pair.dtype.size() + 8) as u64).max(1)).max(1);
    let (mut sums, mut delta) = (AdapterSums::default(), Vec::new());
    let mut start = 0;
    while start < rows {
        (host.progress)("adapter", start as f64 / rows as f64);
        let range = start..rows.min(start + step);
        let base = pair.decode_rows(Side::Base, range.clone()).await?;
        let merged = pair.decode_rows(Side::Tuned, range.clone()).await?;
        factors.elements((range.start * cols) as usize..(range.end * cols) as usize, &mut delta);
        sums.add(&base, &merged, &delta, cols as usize, settings.eta as f32);
        start = range.end;
    }
    Ok(sums)
}

/// Computes ‖X_kᵀF‖²/‖F‖². X_k are the directions of a block's columns, which are orthogonal, and F
/// is a factor of as many rows. `None` where F is 0.
async fn compute_principal_share<B: Backend>(
    device: &B,
    block: &B::Block,
    factor: MatRef<'_, f64>,
) -> Result<Option<f64>, Error> {
    let (rows, k) = device.shape(block);
    // One of the two blocks holds the singular values.
    let lengths = device.gram(&[block], &[block]).await?;
    let mut cross = Mat::<f64>::zeros(k, factor.ncols());
    for range in steps(rows, (CHUNK / (4 * k)).max(1)) {
        let here = matrix(&device.read_rows(block, range.clone()).await?, k);
        cross += here.transpose() * factor.subrows(range.start, range.len());
    }
    let inside: f64 = (0..k).map(|i| cross.row(i).squared_norm_l2() / lengths[(i, i)]).sum();
    let all = factor.squared_norm_l2();
    Ok((all > 0.0).then(|| (inside / all).min(1.0)))
}

/// The base's principal directions U_k and V_k, one of them times diag(σ).
pub struct Principal<'a, T> {
    /// U_k of the base, m×k.
    pub left: &'a T,
    /// V_k of the base, n×k.
    pub right: &'a T,
}

/// Figures of an adapter on one weight.
pub struct AdapterFigures {
    /// The report's figures.
    pub adapter: Adapter,
    /// max |Δ| before the merge.
    pub max_abs_update: f64,
}

/// Computes the figures of the adapter on the weight of `pair`. `transposed` says that the weight
/// is stored inputs × outputs; `principal` is `None` without a geometry.
///
/// # Errors
/// [`Error::Read`] by the file's name, and those of the device.
pub async fn compute_adapter<B: Backend>(
    device: &B,
    pair: &Pair,
    factors: &Factors,
    transposed: bool,
    principal: Option<Principal<'_, B::Block>>,
    settings: &Settings,
    host: &Host<'_>,
) -> Result<AdapterFigures, Error> {
    let sums = sum_merge(pair, factors, settings, host).await?;
    let share = |x: f64| (sums.update_squared > 0.0).then(|| x / sums.update_squared);
    let (mut shares, mut chances) = ([None; 2], [None; 2]);
    if let Some(p) = principal {
        let (rows, k) = device.shape(p.left);
        let columns = factors.right.len() / factors.rank;
        let right = matrix(&factors.right, columns);
        shares[0] =
            compute_principal_share(device, p.left, matrix(&factors.left, factors.rank).as_ref())
                .await?;
        shares[1] = compute_principal_share(device, p.right, right.transpose()).await?;
        chances = [Some(k as f64 / rows as f64), Some(k as f64 / columns as f64)];
    }
    // B writes the rows of a weight, A reads its columns; the other way round where it is stored
    // transposed.
    let (a, b) = if transposed { (0, 1) } else { (1, 0) };
    let adapter = Adapter {
        rank: factors.rank,
        scale: factors.scale(),
        touched: sums.touched,
        survives: (sums.touched > 0).then(|| sums.survived as f64 / sums.touched as f64),
        realized: share(sums.dot),
        merge_error: share(sums.error_squared).map(f64::sqrt),
        a_principal: shares[a],
        b_principal: shares[b],
        a_chance: chances[a],
        b_chance: chances[b],
    };
    Ok(AdapterFigures { adapter, max_abs_update: sums.max_abs })
}
