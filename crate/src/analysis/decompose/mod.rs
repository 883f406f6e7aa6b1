//! The decomposition of a pair: exact or by block Lanczos, as size and memory allow.

pub mod decomposition;
mod exact;
mod lanczos;
mod panels;

use crate::analysis::decompose::decomposition::{BaseTriplets, Decomposed};
use crate::analysis::decompose::exact::decompose_exactly;
use crate::analysis::decompose::lanczos::decompose_by_lanczos;
use crate::analysis::job::Job;
use crate::analysis::matrices::Matrices;
use crate::analysis::memory::{MemoryPlan, plan_memory};
use crate::error::Error;
use crate::kernels::Backend;
use crate::kernels::diff::DiffCounts;

/// Decomposes base, tuned and update of a matrix pair at the rank that is set.
///
/// # Errors
/// [`Error::Read`] by the file's name; [`Error::OutOfMemory`] and [`Error::Device`] of the device;
/// [`Error::Numerics`] where a small decomposition does not converge.
pub async fn decompose<B: Backend>(
    job: &Job<'_, B>,
    matrices: &Matrices<B>,
    counts: &DiffCounts,
    base: &mut BaseTriplets<B::Block>,
) -> Result<Decomposed<B::Block>, Error> {
    let memory = job.device.memory(job.host.memory);
    let zero_base = counts.base_squared == 0.0;
    let found = match plan_memory(job.pair, matrices, job.settings, &memory, zero_base) {
        MemoryPlan::TooLarge(note) => return Ok(Decomposed::TooLarge(note)),
        MemoryPlan::Exact { sparing, room } => {
            decompose_exactly(job, matrices, counts, sparing, room).await?
        }
        MemoryPlan::Lanczos { cap } => {
            decompose_by_lanczos(job, matrices, counts, cap, base).await?
        }
    };
    Ok(Decomposed::Done(Box::new(found)))
}
