//! How far the decomposition of a pair may go in the memory at hand.

use crate::analysis::matrices::Matrices;
use crate::checkpoint::pairing::Pair;
use crate::error::MORE_MEMORY;
use crate::kernels::Backend;
use crate::kernels::memory::Memory;
use crate::linalg::exact::squares_held;
use crate::settings::Settings;

/// Bytes that are kept of both sides of a wide matrix where memory is short.
pub const STRIPE: u64 = 8 << 20;

/// The exact route is still the cheaper one in memory up to this shorter side.
const EXACT_MOST: u64 = 2048;
/// A matrix whose shorter side is at most this multiple of k takes the exact route, whatever the
/// limit: near-noise spectra need a basis of 6–10 k columns, which is then the whole space.
const WHOLE: u64 = 8;
/// Below this multiple of k a Lanczos basis can't be expected to converge.
const LEAST_BASIS: u64 = 4;

/// The route that a decomposition takes, as size and memory allow.
pub enum MemoryPlan {
    /// The whole spectrum is computed from Gram matrices.
    Exact {
        /// Three reads in place of one, which takes less memory.
        sparing: bool,
        /// Bytes that the device may take beside the matrices.
        room: u64,
    },
    /// The leading triplets are found by block Lanczos.
    Lanczos {
        /// The largest number of columns that a basis may have.
        cap: usize,
    },
    /// Neither fits: a sentence for the user says why.
    TooLarge(String),
}

/// Bytes that the exact route needs at most: for eigenvectors, beside what is kept of a wide matrix
/// or instead of it.
fn exact_bytes(pair: &Pair, k: u64, sparing: bool) -> u64 {
    let (long, short) = (pair.rows().max(pair.cols()), pair.rows().min(pair.cols()));
    let square = 8 * short * short;
    let both = if pair.cols() > pair.rows() { 2 * pair.bytes() } else { 0 };
    let held = squares_held(sparing) * square;
    8 * long * k + if sparing { held + both.min(STRIPE) } else { held.max(3 * square + both) }
}

/// Whether both sides of a pair may stay whole on a device with this `memory`.
pub fn fits_whole(pair: &Pair, settings: &Settings, memory: &Memory) -> bool {
    // An adapter's update before the merge is a second pair beside it.
    let unmerged = pair.unmerged.as_ref().map_or(0, |u| u.pair.bytes());
    2 * (pair.bytes() + unmerged) <= memory.matrices
        && !exact_needs_streaming(pair, settings, memory)
}

/// Whether the exact route was asked for and has room only where both sides are streamed.
fn exact_needs_streaming(pair: &Pair, settings: &Settings, memory: &Memory) -> bool {
    let short = pair.rows().min(pair.cols());
    let needed = exact_bytes(pair, (settings.k as u64).min(short), true);
    pair.has_spectrum()
        && short <= settings.exact_limit as u64
        && !memory.apart
        && needed <= memory.heap
        && needed + 2 * pair.bytes() > memory.heap
}

/// The largest number of columns of a Lanczos basis, which has to fit beside the kept triplets of
/// base and tuned; `None` where too few fit.
fn basis_cap(pair: &Pair, k: u64, memory: &Memory) -> Option<usize> {
    let (m, n) = (pair.rows(), pair.cols());
    let kept = 6 * k * (m + n) * 4;
    let cap = memory.blocks.saturating_sub(kept) / (4 * (m + n));
    (cap >= (LEAST_BASIS * k).min(m.min(n))).then_some(cap as usize)
}

/// Plans the decomposition of `pair`; `zero_base` says that W0 is 0, which leaves an iteration
/// nothing to find.
pub fn plan_memory<B: Backend>(
    pair: &Pair,
    matrices: &Matrices<B>,
    settings: &Settings,
    memory: &Memory,
    zero_base: bool,
) -> MemoryPlan {
    let (m, n) = (pair.rows(), pair.cols());
    let short = m.min(n);
    let k = (settings.k as u64).min(short);
    let in_heap = if matrices.streamed || memory.apart { 0 } else { 2 * pair.bytes() };
    let exact_fits = |sparing| {
        let read = matrices.precise.as_ref().unwrap_or(pair);
        exact_bytes(read, k, sparing) + in_heap <= memory.heap
    };
    let cap = basis_cap(pair, k, memory);
    let small = short <= settings.exact_limit as u64 || WHOLE * k >= short || zero_base;
    if exact_fits(true) && (small || (cap.is_none() && short <= EXACT_MOST)) {
        return MemoryPlan::Exact { sparing: !exact_fits(false), room: memory.blocks };
    }
    match cap {
        Some(cap) if !zero_base => MemoryPlan::Lanczos { cap },
        _ => MemoryPlan::TooLarge(format!(
            "the leading {k} singular vectors of a {m}×{n} matrix need more than the {} MiB at \
             hand for them. Try {MORE_MEMORY}",
            memory.blocks >> 20
        )),
    }
}
