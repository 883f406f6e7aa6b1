//! Why a reading has no ratio, or what it leaves out (www/report/gaps.js, directions-words.js).

use crate::native::summary::energy::name_outside;
use crate::native::summary::format::counted;
use crate::native::summary::reading::Reading;
use gatescope::figures::tensor::TensorReport;

/// What stands in place of a ratio to a random update.
const ROUNDING_ALONE: &str = "the update is the rounding between two dtypes alone";

/// The largest part of all matrices that may be left out without a word about k.
const FEW: f64 = 0.1;

/// More kinds than this are counted, not named.
const NAMED: usize = 4;

/// A smaller k where `k` covers all directions of a tenth of the matrices or more: the largest
/// power of two up to half of the side that fewer than a tenth fall short of.
fn propose_k(mut sides: Vec<u64>, k: u64) -> Option<u64> {
    let covered = sides.iter().filter(|side| k >= **side).count();
    let few = FEW * sides.len() as f64;
    if sides.is_empty() || (covered as f64) < few {
        return None;
    }
    sides.sort_unstable();
    let short = sides[(few.ceil() as usize).max(1) - 1];
    let proposed = 1 << (short / 2).max(1).ilog2();
    (proposed < k.min(short)).then_some(proposed)
}

/// What to say of a k that covers all directions of some matrices.
fn describe_directions(matrices: &[&TensorReport], covered: &[&TensorReport]) -> Option<String> {
    if covered.is_empty() {
        return None;
    }
    let mut kinds: Vec<String> = Vec::new();
    for kind in covered.iter().map(|tensor| name_outside(tensor.module)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let rest = kinds.len().saturating_sub(NAMED);
    kinds.truncate(NAMED);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let side = |tensor: &&TensorReport| {
        let short = tensor.shape.iter().min().copied().unwrap_or(0);
        let rank = tensor.geometry.as_ref().filter(|g| g.k < g.requested_k).map(|g| g.k as u64);
        rank.map_or(short, |rank| short.min(rank))
    };
    let asked = matrices.iter().filter_map(|t| t.geometry.as_ref()).map(|g| g.requested_k);
    let proposed = propose_k(matrices.iter().map(side).collect(), asked.max().unwrap_or(0) as u64);
    Some(format!(
        "{} of {} left out: k covers all {} directions ({}{more}){}",
        covered.len(),
        counted(matrices.len(), "matrix", "matrices"),
        if covered.len() == 1 { "its" } else { "their" },
        kinds.join(", "),
        proposed.map(|k| format!("; try k = {k}")).unwrap_or_default()
    ))
}

/// Why those matrices of which k leaves directions have no ratio, or some of them no value.
fn describe_missing(matrices: usize, covered: usize, found: &Reading) -> Option<String> {
    if covered == matrices {
        return None;
    }
    let text = match (found.value, found.baseline) {
        (Some(_), Some(0.0)) => "a random update would give 0".into(),
        (Some(_), Some(_)) => {
            let rest = matrices.saturating_sub(covered + found.matrices);
            return (rest > 0).then(|| format!("{rest} without a value"));
        }
        _ if found.matrices == 0 => "no matrix has both the value and its random baseline".into(),
        (None, _) => "no weight of a matrix changed".into(),
        _ => "its random baseline is not known".into(),
    };
    Some(text)
}

/// Why there is no ratio, or what it leaves out, of matrices beside which so many `casts` are only
/// rounded. `None` where there is nothing to say.
pub fn describe_gaps(
    matrices: &[&TensorReport],
    casts: usize,
    covered: &[&TensorReport],
    found: &Reading,
) -> Option<String> {
    if matrices.is_empty() {
        return Some(if casts > 0 { ROUNDING_ALONE } else { "no matrix" }.into());
    }
    let rounded = (casts > 0)
        .then(|| format!("{} left out: {ROUNDING_ALONE}", counted(casts, "matrix", "matrices")));
    let gap = describe_directions(matrices, covered);
    let missing = describe_missing(matrices.len(), covered.len(), found);
    let all: Vec<String> = rounded.into_iter().chain(gap).chain(missing).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
