//! One pass over the value and output projections of a layer, which finds whether they were rotated
//! or permuted together.

use crate::checkpoint::attention::HeadBlocks;
use crate::checkpoint::pairing::{Pair, Side};
use crate::error::Error;
use crate::figures::basis_change::report::{BasisChange, FunctionPreserving};
use crate::host::Host;
use crate::linalg::{procrustes, small};
use faer::{Mat, MatRef};

/// Relative updates below this are not looked at: they turn nothing by more than half a degree.
const LEAST_UPDATE: f64 = 0.01;
/// The share of an update's norm that may stay where a change of basis explains it.
const EXPLAINED: f64 = 0.25;

/// One head of one side: V_h beside its O_hᵀ, so that both turn alike. Its rows are the d
/// dimensions of the head.
type Head = Mat<f64>;

/// Reads the heads of one side, d × (hidden + hidden·group) each: a key-value head serves a group
/// of output heads.
async fn read_heads(
    v: &Pair,
    o: &Pair,
    side: Side,
    (values, outputs): (HeadBlocks, HeadBlocks),
) -> Result<Vec<Head>, Error> {
    let v_rows = v.decode_rows(side, 0..v.rows()).await?;
    let o_rows = o.decode_rows(side, 0..o.rows()).await?;
    let (inputs, hidden, columns) = (v.cols() as usize, o.rows() as usize, o.cols() as usize);
    let (size, group) = (values.size, outputs.count / values.count);
    Ok((0..values.count)
        .map(|h| {
            Mat::from_fn(size, inputs + hidden * group, |d, j| match j.checked_sub(inputs) {
                None => v_rows.f64((h * size + d) * inputs + j),
                Some(j) => o_rows.f64(j / group * columns + (h * group + j % group) * size + d),
            })
        })
        .collect())
}

/// Computes the squared singular values of each head, which no rotation changes.
fn squared_spectra(heads: &[Head]) -> Result<Vec<Vec<f64>>, Error> {
    heads.iter().map(|h| small::eigenvalues((h * h.transpose()).as_ref())).collect()
}

/// Finds for each tuned head the base's head whose spectrum is nearest; `None` where two heads have
/// the same, or all stayed.
fn find_permutation(base: &[Head], tuned: &[Head]) -> Result<Option<Vec<usize>>, Error> {
    let (base, tuned) = (squared_spectra(base)?, squared_spectra(tuned)?);
    let distance = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).map(|(x, y)| (x.max(0.0).sqrt() - y.max(0.0).sqrt()).powi(2)).sum::<f64>()
    };
    let nearest = |t: &Vec<f64>| {
        (0..base.len()).min_by(|&a, &b| distance(&base[a], t).total_cmp(&distance(&base[b], t)))
    };
    let found: Vec<usize> = tuned.iter().filter_map(nearest).collect();
    let mut taken = found.clone();
    taken.sort_unstable();
    taken.dedup();
    Ok((taken.len() == base.len() && found.iter().enumerate().any(|(i, p)| i != *p))
        .then_some(found))
}

/// The update that a change of basis leaves, over all heads.
struct Residuals {
    /// ‖tuned − R·base‖² with the best rotations R.
    turned: f64,
    /// ‖tuned − base‖².
    still: f64,
    /// The largest angle of the rotations, in degrees.
    angle: f64,
}

/// Rotates the base's head `order(h)` to each tuned head h.
fn rotate_heads(
    base: &[Head],
    tuned: &[Head],
    order: impl Fn(usize) -> usize,
) -> Result<Residuals, Error> {
    let mut sums = Residuals { turned: 0.0, still: 0.0, angle: 0.0 };
    for (h, tuned) in tuned.iter().enumerate() {
        let base = &base[order(h)];
        let r = procrustes::rotation((tuned * base.transpose()).as_ref())?;
        let squared = |a: MatRef<'_, f64>| a.squared_norm_l2();
        sums.turned += squared((tuned - &r * base).as_ref());
        sums.still += squared((tuned - base).as_ref());
        sums.angle = sums.angle.max(procrustes::angle(r.as_ref())?);
    }
    Ok(sums)
}

/// Finds whether the value projection `v` changed its basis together with its layer's output
/// projection; `None` without heads, for small updates, and where both do not fit in memory.
///
/// # Errors
/// [`Error::Read`] by the file's name; [`Error::Numerics`] where a rotation does not converge.
pub async fn find_basis_change(
    v: &Pair,
    relative_update: Option<f64>,
    host: &Host<'_>,
) -> Result<Option<FunctionPreserving>, Error> {
    let (Some(o), Some(values)) = (v.outputs.as_deref(), v.heads) else {
        return Ok(None);
    };
    let Some(outputs) = o.heads else {
        return Ok(None);
    };
    // Both sides are in memory as they are stored, and again as f64 heads.
    let bytes = 2 * (v.bytes() + o.bytes()) + 16 * (v.elements() + o.elements());
    if relative_update.is_none_or(|u| u < LEAST_UPDATE)
        || outputs.count % values.count != 0
        || bytes > host.memory
    {
        return Ok(None);
    }
    (host.progress)("heads", 0.0);
    let base = read_heads(v, o, Side::Base, (values, outputs)).await?;
    let tuned = read_heads(v, o, Side::Tuned, (values, outputs)).await?;
    if !base.iter().chain(&tuned).all(|h| h.squared_norm_l2().is_finite()) {
        return Ok(None);
    }
    let norm: f64 = base.iter().map(|h| h.squared_norm_l2()).sum();
    let unpermuted = rotate_heads(&base, &tuned, |h| h)?;
    let (mut after, before, mut angle) = (unpermuted.turned, unpermuted.still, unpermuted.angle);
    if !(before > 0.0 && norm > 0.0) {
        return Ok(None);
    }
    let mut found = None;
    let mut only_permuted = f64::INFINITY;
    if let Some(order) = find_permutation(&base, &tuned)? {
        let permuted = rotate_heads(&base, &tuned, |h| order[h])?;
        if permuted.turned < after {
            (after, angle, only_permuted) = (permuted.turned, permuted.angle, permuted.still);
            found = Some(order);
        }
    }
    let explains = |rest: f64| rest.sqrt() <= EXPLAINED * before.sqrt();
    let kind = match (&found, explains(after)) {
        (_, false) => BasisChange::None,
        (None, true) => BasisChange::Rotated,
        (Some(_), true) if explains(only_permuted) => BasisChange::Permuted,
        (Some(_), true) => BasisChange::PermutedAndRotated,
    };
    let (free, entries) = (
        (values.size * (values.size - 1) / 2 * values.count) as f64,
        base.iter().map(|h| h.nrows() * h.ncols()).sum::<usize>() as f64,
    );
    Ok(Some(FunctionPreserving {
        partner: o.name.clone(),
        kind,
        permutation: found.filter(|_| kind != BasisChange::None),
        rotation_max: angle,
        update_before: (before / norm).sqrt(),
        update_after: (after / norm).sqrt(),
        chance: (1.0 - free / entries).max(0.0).sqrt(),
    }))
}
