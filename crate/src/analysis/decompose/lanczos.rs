//! The randomized route: leading triplets of base, tuned and update by block Lanczos, and one joint
//! step that compares base and tuned.

use crate::analysis::decompose::decomposition::{
    BaseTriplets, Decomposition, Factors, set_identical,
};
use crate::analysis::job::Job;
use crate::analysis::matrices::Matrices;
use crate::error::Error;
use crate::figures::geometry::method::Method;
use crate::figures::update::compute::UpdateSpectrum;
use crate::kernels::diff::DiffCounts;
use crate::kernels::{Backend, Operand};
use crate::linalg::joint::{PairSpectra, compare_pair};
use crate::linalg::random::derive_seed;
use crate::linalg::ranks::common_rank;
use crate::linalg::top_k::{Params, TopK, find_top_k};
use faer::Mat;

/// Steps of a streamed update's iteration. On noise of 6000×1500 (NumPy, f64) 8 blocks of 64 find
/// ‖Δ‖_2 to 3e-5 and 12 of 16 to 6e-5, but 6 blocks of 64 only to 1e-3; larger matrices need a
/// little more.
const UPDATE_STEPS: usize = 10;

/// f32 products leave the values of Δ uncertain by this share of the largest: what lies 5e6 below
/// it is rounding. Measured up to 7.2e-8 on updates of low rank, the sides in bf16 and F64.
const UPDATE_NOISE: f64 = 2e-7;

/// How the iterations on a pair are sized.
struct Sizes {
    /// The rank, at most the shorter side.
    k: usize,
    /// Rows and columns.
    shape: (usize, usize),
    /// The largest number of columns of a basis that fits in memory.
    cap: usize,
    /// Whether each product reads the matrices from their files again.
    streamed: bool,
    seed: u32,
}

impl Sizes {
    fn new<B: Backend>(job: &Job<'_, B>, streamed: bool, cap: usize) -> Self {
        let shape = job.shape();
        let k = job.settings.k.min(shape.0.min(shape.1));
        Self { k, shape, cap, streamed, seed: job.settings.seed }
    }

    fn short(&self) -> usize {
        self.shape.0.min(self.shape.1)
    }

    /// The blocks of a streamed matrix are wider, so that fewer products read it again
    /// (docs/numerics.md#35-sizes).
    fn widen_blocks(&self, params: Params) -> Params {
        if !self.streamed {
            return params;
        }
        Params { block: params.block.max(self.k).min(self.short()), ..params }
    }

    /// The iteration on the base.
    fn principal(&self) -> Params {
        let (m, n) = self.shape;
        let params = self.widen_blocks(Params::principal(self.k, m, n, self.seed));
        Params { cap: params.cap.min(self.cap), ..params }
    }

    /// The iteration on Δ.
    fn update(&self) -> Params {
        let (m, n) = self.shape;
        let mut params = self.widen_blocks(Params::update(self.k, m, n, self.seed));
        if self.streamed {
            // A wider block sees fewer powers of Δ in as many columns.
            params.cap = (UPDATE_STEPS * params.block).max(params.cap).min(self.short());
            params.first_test = params.cap;
        }
        params.cap = params.cap.min(self.cap);
        params
    }
}

/// Decomposes the leading part of a pair with bases of at most `cap` columns. `base` holds the
/// base's triplets after the first call.
pub async fn decompose_by_lanczos<B: Backend>(
    job: &Job<'_, B>,
    matrices: &Matrices<B>,
    counts: &DiffCounts,
    cap: usize,
    base: &mut BaseTriplets<B::Block>,
) -> Result<Decomposition<B::Block>, Error> {
    let device = job.device;
    let (w0, w1) = (&matrices.base, &matrices.tuned);
    let sizes = Sizes::new(job, matrices.streamed, cap);
    let params = sizes.principal();
    let t0 = match base {
        Some(kept) => &*kept,
        None => {
            let norm = counts.base_squared.sqrt();
            let found = find_top_k(device, Operand::One(w0), sizes.shape, norm, &params).await?;
            &*base.insert(found)
        }
    };
    job.tell("spectra", 0.45);
    if counts.update_squared == 0.0 {
        return decompose_identical(job, matrices, &sizes, t0).await;
    }
    let tuned_norm = (counts.base_squared + 2.0 * counts.base_dot_update + counts.update_squared)
        .max(0.0)
        .sqrt();
    if tuned_norm == 0.0 {
        return Ok(decompose_zeroed(job, matrices, &sizes, t0));
    }
    // As many steps as the base: what both bases have not caught is then the same, and cancels in
    // every difference.
    let as_base = Params { first_test: t0.basis, ..params };
    let t1 = find_top_k(device, Operand::One(w1), sizes.shape, tuned_norm, &as_base).await?;
    job.tell("spectra", 0.65);
    job.tell("joint step", 0.8);
    let spectra = compare_pair(device, w0, w1, job.settings.k, t0, &t1).await?;
    let factors = base_factors(device, t0, &spectra).await?;
    let update = match &matrices.update {
        Some(known) => UpdateSpectrum { values: known.clone(), exact: true, error: 0.0 },
        None => update_spectrum(job, matrices, counts, &sizes).await?,
    };
    let method = describe_method(job, &sizes, t0, Some(&t1));
    Ok(Decomposition { spectra, method, update, factors })
}

/// The decomposition of W0 against itself.
async fn decompose_identical<B: Backend>(
    job: &Job<'_, B>,
    matrices: &Matrices<B>,
    sizes: &Sizes,
    t0: &TopK<B::Block>,
) -> Result<Decomposition<B::Block>, Error> {
    let k = common_rank(job.settings.k, &t0.s, &t0.s).min(t0.kept);
    let mut spectra = PairSpectra { k, base: t0.s[..t0.kept].to_vec(), ..PairSpectra::default() };
    set_identical(&mut spectra);
    let factors = base_factors(job.device, t0, &spectra).await?;
    let exact = matrices.update.is_some();
    let update = UpdateSpectrum { values: vec![0.0], exact, error: 0.0 };
    Ok(Decomposition { spectra, method: describe_method(job, sizes, t0, None), update, factors })
}

/// The decomposition of W0 against a zero matrix, which has no principal directions to compare: Δ =
/// −W0, so its values are known.
fn decompose_zeroed<B: Backend>(
    job: &Job<'_, B>,
    matrices: &Matrices<B>,
    sizes: &Sizes,
    t0: &TopK<B::Block>,
) -> Decomposition<B::Block> {
    let update = UpdateSpectrum {
        values: t0.s[..t0.kept].to_vec(),
        exact: matrices.update.is_some(),
        error: leading_error(t0, sizes.k),
    };
    let method = describe_method(job, sizes, t0, None);
    Decomposition { spectra: PairSpectra::default(), method, update, factors: None }
}

/// Finds the leading values of Δ = W1 − W0, which is never stored.
async fn update_spectrum<B: Backend>(
    job: &Job<'_, B>,
    matrices: &Matrices<B>,
    counts: &DiffCounts,
    sizes: &Sizes,
) -> Result<UpdateSpectrum, Error> {
    let delta = Operand::Difference(&matrices.base, &matrices.tuned);
    let norm = counts.update_squared.sqrt();
    let found = find_top_k(job.device, delta, sizes.shape, norm, &sizes.update()).await?;
    let error = found
        .value_error
        .iter()
        .zip(&found.s)
        .take(job.settings.k)
        .fold(0.0, |most: f64, (e, s)| most.max(e + UPDATE_NOISE * found.s[0] / s));
    let values = found.s[..found.kept.min(found.s.len())].to_vec();
    Ok(UpdateSpectrum { values, exact: false, error })
}

/// The largest relative error of the leading k values.
fn leading_error<T>(t: &TopK<T>, k: usize) -> f64 {
    t.value_error.iter().take(k).fold(0.0, |a: f64, b| a.max(*b))
}

fn describe_method<B: Backend>(
    job: &Job<'_, B>,
    sizes: &Sizes,
    t0: &TopK<B::Block>,
    t1: Option<&TopK<B::Block>>,
) -> Method {
    let k = sizes.k;
    Method {
        requested_k: job.settings.k,
        exact: false,
        converged: t0.converged && t1.is_none_or(|t| t.converged),
        angle_errors: angle_errors(t0, t1),
        value_error: leading_error(t0, k).max(t1.map_or(0.0, |t| leading_error(t, k))),
        columns_per_k: (t0.columns + t1.map_or(0, |t| t.columns)) as f64 / k as f64,
        seed: derive_seed(sizes.seed, &job.pair.name),
    }
}

/// The larger error of both subspaces, in degrees, at each rank of the base.
fn angle_errors<T>(t0: &TopK<T>, t1: Option<&TopK<T>>) -> Vec<(usize, f64)> {
    let tuned = |rank: usize| {
        t1.and_then(|t| t.angle_errors.iter().find(|(r, _)| *r >= rank))
            .map_or(0.0, |(_, error)| *error)
    };
    t0.angle_errors.iter().map(|(rank, error)| (*rank, error.max(tuned(*rank)))).collect()
}

/// U_k·diag(σ) and V_k of the base, made from its kept triplets.
async fn base_factors<B: Backend>(
    device: &B,
    t: &TopK<B::Block>,
    spectra: &PairSpectra,
) -> Result<Option<Factors<B::Block>>, Error> {
    let (Some(u), Some(v), true) = (&t.u, &t.v, spectra.k > 0) else {
        return Ok(None);
    };
    let k = spectra.k;
    let scale = Mat::from_fn(t.kept, k, |i, j| if i == j { t.s[i] } else { 0.0 });
    let pick = Mat::from_fn(t.kept, k, |i, j| f64::from(u8::from(i == j)));
    let left = device.combine(None, &[(u, scale.as_ref())]).await?;
    let right = device.combine(None, &[(v, pick.as_ref())]).await?;
    Ok(Some(Factors { left, right }))
}
