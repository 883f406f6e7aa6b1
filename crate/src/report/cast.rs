//! Which tensors of a run are casts of the base and nothing else.

use crate::figures::cast::report::{CastSummary, RoundedSide};
use crate::figures::tensor::{Status, TensorReport};
use std::collections::HashMap;

/// Number of weights that differ as they are compared.
fn count_differing(tensor: &TensorReport) -> Option<u64> {
    let precision = tensor.precision.as_ref()?;
    Some(tensor.parameters.saturating_sub(precision.bit_equal))
}

/// Finds the side of a tensor that is the other one, rounded; `None` where nothing differs and
/// where some weight changed otherwise.
pub fn find_cast(tensor: &TensorReport) -> Option<RoundedSide> {
    count_differing(tensor).filter(|differing| *differing > 0)?;
    tensor.cast.as_ref()?.rounded_side(tensor.parameters)
}

/// Summarizes the tensors whose whole update is the rounding between two dtypes; `None` without
/// any. The dtypes and the side are those of most of their weights.
pub fn summarize_cast<'a>(tensors: impl Iterator<Item = &'a TensorReport>) -> Option<CastSummary> {
    let mut kinds: HashMap<(&str, &str, bool), u64> = HashMap::new();
    let (mut count, mut parameters, mut whole) = (0, 0_u64, true);
    for tensor in tensors.filter(|t| t.status == Status::Done) {
        match find_cast(tensor) {
            Some(side) => {
                count += 1;
                parameters = parameters.saturating_add(tensor.parameters);
                let kind = (&*tensor.dtype_base, &*tensor.dtype_tuned, side == RoundedSide::Tuned);
                let weights = kinds.entry(kind).or_default();
                *weights = weights.saturating_add(tensor.parameters);
            }
            None => whole &= count_differing(tensor) == Some(0),
        }
    }
    // The names decide between equal numbers, so that equal inputs give equal reports.
    let ((from, to, tuned), _) =
        kinds.into_iter().max_by_key(|(kind, weights)| (*weights, *kind))?;
    Some(CastSummary {
        from: from.into(),
        to: to.into(),
        rounded: if tuned { RoundedSide::Tuned } else { RoundedSide::Base },
        tensors: count,
        parameters,
        whole,
    })
}
