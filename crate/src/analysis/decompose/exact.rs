//! The exact route: whole spectra through f64 Gram matrices over the shorter side.

use crate::analysis::decompose::decomposition::{Decomposition, Factors, set_identical};
use crate::analysis::decompose::panels::PairPanels;
use crate::analysis::job::Job;
use crate::analysis::matrices::Matrices;
use crate::analysis::memory::STRIPE;
use crate::error::Error;
use crate::figures::geometry::method::Method;
use crate::figures::update::compute::UpdateSpectrum;
use crate::kernels::Backend;
use crate::kernels::diff::DiffCounts;
use crate::linalg::exact::{ExactPair, decompose_exact};
use crate::linalg::joint::PairSpectra;
use crate::linalg::random::derive_seed;

/// Relative error of singular values that are computed exactly.
const VALUE_ERROR: f64 = 1e-12;

/// Decomposes the whole spectrum; the device may take `room` bytes beside the matrices.
pub async fn decompose_exactly<B: Backend>(
    job: &Job<'_, B>,
    matrices: &Matrices<B>,
    counts: &DiffCounts,
    sparing: bool,
    room: u64,
) -> Result<Decomposition<B::Block>, Error> {
    let (device, settings) = (job.device, job.settings);
    let pair = matrices.precise.as_ref().unwrap_or(job.pair);
    let stripe = if sparing { STRIPE } else { u64::MAX };
    let panels = PairPanels::new(pair, device, matrices, room, stripe);
    let mut found = decompose_exact(&panels, settings.k, sparing).await?;
    if pair.rows() < pair.cols() {
        // The decomposition was of the transpose.
        swap_sides(&mut found);
    }
    let ExactPair { mut spectra, update, long: left, short: right } = found;
    let mut update = matrices.update.clone().unwrap_or(update);
    if counts.update_squared == 0.0 {
        set_identical(&mut spectra);
        update.fill(0.0);
    }
    let k = spectra.k;
    let factors = match k {
        0 => None,
        _ => Some(Factors {
            left: device.block(left.len() / k, k, &left)?,
            right: device.block(right.len() / k, k, &right)?,
        }),
    };
    let method = Method {
        requested_k: settings.k,
        exact: true,
        converged: true,
        angle_errors: Vec::new(),
        value_error: VALUE_ERROR,
        columns_per_k: 0.0,
        seed: derive_seed(settings.seed, &pair.name),
    };
    let update = UpdateSpectrum { values: update, exact: true, error: 0.0 };
    Ok(Decomposition { spectra, method, update, factors })
}

/// Makes the figures of a transpose those of the matrix.
fn swap_sides(found: &mut ExactPair) {
    let PairSpectra {
        k,
        left,
        right,
        vectors_left,
        vectors_right,
        left_energy,
        right_energy,
        core,
        inner,
        ..
    } = &mut found.spectra;
    let k = *k;
    std::mem::swap(left, right);
    std::mem::swap(vectors_left, vectors_right);
    std::mem::swap(left_energy, right_energy);
    *core = (0..k * k).map(|i| core[i % k * k + i / k]).collect();
    inner.iter_mut().for_each(|a| std::mem::swap(&mut a.left, &mut a.right));
    std::mem::swap(&mut found.long, &mut found.short);
}
