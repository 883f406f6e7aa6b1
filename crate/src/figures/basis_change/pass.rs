//! Value and output projections of a layer: were they rotated or permuted together?

use crate::checkpoint::attention::HeadBlocks;
use crate::checkpoint::pairing::{Pair, Side};
use crate::error::Error;
use crate::figures::basis_change::report::FunctionPreserving;
use crate::host::Host;
use crate::linalg::{procrustes, small};
use faer::{Mat, MatRef};

/// Updates smaller than this are not looked at: nothing was turned by more than half a degree.
const LEAST_UPDATE: f64 = 0.01;
/// What may stay of an update that a change of basis explains.
const EXPLAINED: f64 = 0.25;

/// One head of one side: V_h stacked on its O_hᵀ, so that both turn alike. Its rows are the head's
/// d dimensions.
type Head = Mat<f64>;

/// The heads of one side, d × (hidden + hidden·group): a key-value head serves a group of output
/// heads.
async fn heads(
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

/// Singular values of each head, which no rotation changes.
fn spectra(heads: &[Head]) -> Result<Vec<Vec<f64>>, Error> {
    heads.iter().map(|h| small::eigenvalues((h * h.transpose()).as_ref())).collect()
}

/// The base's head whose spectrum is nearest, for each tuned head; `None` where two have the same,
/// or all stayed.
fn permutation(base: &[Head], tuned: &[Head]) -> Result<Option<Vec<usize>>, Error> {
    let (base, tuned) = (spectra(base)?, spectra(tuned)?);
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

/// ‖tuned − R·base‖² over all heads with the best rotations, the same with none, and the largest
/// angle.
fn residuals(
    base: &[Head],
    tuned: &[Head],
    order: impl Fn(usize) -> usize,
) -> Result<(f64, f64, f64), Error> {
    let (mut turned, mut still, mut angle) = (0.0, 0.0, 0.0f64);
    for (h, tuned) in tuned.iter().enumerate() {
        let base = &base[order(h)];
        let r = procrustes::rotation((tuned * base.transpose()).as_ref())?;
        let squared = |a: MatRef<'_, f64>| a.squared_norm_l2();
        turned += squared((tuned - &r * base).as_ref());
        still += squared((tuned - base).as_ref());
        angle = angle.max(procrustes::angle(r.as_ref())?);
    }
    Ok((turned, still, angle))
}

/// What is found of the value projection `v` with its layer's output projection; `None` where there
/// is nothing to look at.
pub async fn function_preserving(
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
    // Both sides as they are stored, and as f64 heads.
    let bytes = 2 * (v.bytes() + o.bytes()) + 16 * (v.elements() + o.elements());
    if relative_update.is_none_or(|u| u < LEAST_UPDATE)
        || outputs.count % values.count != 0
        || bytes > host.memory
    {
        return Ok(None);
    }
    (host.progress)("heads", 0.0);
    let base = heads(v, o, Side::Base, (values, outputs)).await?;
    let tuned = heads(v, o, Side::Tuned, (values, outputs)).await?;
    if !base.iter().chain(&tuned).all(|h| h.squared_norm_l2().is_finite()) {
        return Ok(None);
    }
    let norm: f64 = base.iter().map(|h| h.squared_norm_l2()).sum();
    let (mut after, before, mut angle) = residuals(&base, &tuned, |h| h)?;
    if !(before > 0.0 && norm > 0.0) {
        return Ok(None);
    }
    let mut found = None;
    let mut only_permuted = f64::INFINITY;
    if let Some(order) = permutation(&base, &tuned)? {
        let (turned, still, angle_permuted) = residuals(&base, &tuned, |h| order[h])?;
        if turned < after {
            (after, angle, only_permuted, found) = (turned, angle_permuted, still, Some(order));
        }
    }
    let explains = |rest: f64| rest.sqrt() <= EXPLAINED * before.sqrt();
    let kind = match (&found, explains(after)) {
        (_, false) => "none",
        (None, true) => "rotated",
        (Some(_), true) if explains(only_permuted) => "permuted",
        (Some(_), true) => "permuted_and_rotated",
    };
    let (free, entries) = (
        (values.size * (values.size - 1) / 2 * values.count) as f64,
        base.iter().map(|h| h.nrows() * h.ncols()).sum::<usize>() as f64,
    );
    Ok(Some(FunctionPreserving {
        partner: o.name.clone(),
        kind: kind.into(),
        permutation: found.filter(|_| kind != "none"),
        rotation_max: angle,
        update_before: (before / norm).sqrt(),
        update_after: (after / norm).sqrt(),
        chance: (1.0 - free / entries).max(0.0).sqrt(),
    }))
}
