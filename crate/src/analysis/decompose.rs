//! Exact or randomized, as size and memory allow.

use crate::analysis::matrices::Matrices;
use crate::analysis::panels::{PairPanels, STRIPE};
use crate::checkpoint::pairing::Pair;
use crate::error::Error;
use crate::figures::geometry::method::Method;
use crate::host::Host;
use crate::kernels::diff::DiffCounts;
use crate::kernels::memory::Memory;
use crate::kernels::{Backend, Operand};
use crate::linalg::exact::{exact, squares_held};
use crate::linalg::joint::{Angles, PairSpectra, joint};
use crate::linalg::random::named;
use crate::linalg::ranks::{common_rank, inner_edges};
use crate::linalg::top_k::{Params, TopK, top_k};
use crate::settings::Settings;
use faer::Mat;

/// The exact route is still the cheaper one in memory up to this shorter side.
const EXACT_MOST: u64 = 2048;
/// Up to this multiple of k a shorter side goes the exact way whatever the limit.
const WHOLE: u64 = 8;
/// Below this multiple of k a basis can't be expected to converge.
const LEAST_BASIS: u64 = 4;

/// Steps of a streamed update's iteration. On noise of 6000×1500 (NumPy, f64) 8 blocks of 64 find
/// ‖Δ‖_2 to 3e-5 and 12 of 16 to 6e-5, but 6 blocks of 64 only to 1e-3; larger matrices need a
/// little more.
const UPDATE_STEPS: usize = 10;

/// f32 products leave the values of Δ uncertain by this share of the largest: what lies 5e6 below
/// it is rounding. Measured up to 7.2e-8 on updates of low rank, the sides in bf16 and F64.
const UPDATE_NOISE: f64 = 2e-7;

/// The base's triplets, kept over all runs of a task.
pub type Base<B> = Option<TopK<<B as Backend>::Block>>;

/// Spectra of a pair and what the masks need.
pub struct Pieces<T> {
    pub spectra: PairSpectra,
    pub method: Method,
    /// σ(Δ).
    pub update: Vec<f64>,
    pub update_error: f64,
    /// U_k, m×k, and V_k, n×k, one of them times diag(σ); `None` where the rank is 0.
    pub factors: Option<(T, T)>,
}

pub enum Decomposed<T> {
    Done(Box<Pieces<T>>),
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

/// Whether base and tuned had better be streamed, for the exact route that was asked for to have
/// room.
pub fn exact_alone(pair: &Pair, settings: &Settings, memory: &Memory) -> bool {
    let short = pair.rows().min(pair.cols());
    let needed = exact_bytes(pair, (settings.k as u64).min(short), true);
    pair.is_matrix()
        && short <= settings.exact_limit as u64
        && !memory.apart
        && needed <= memory.heap
        && needed + 2 * pair.bytes() > memory.heap
}

/// How far the decomposition of a pair at rank k may go in `memory`.
struct Room {
    exact: bool,
    /// The exact route has to spare memory.
    sparing: bool,
    /// Columns of a Lanczos basis; `None` where too few fit.
    cap: Option<usize>,
}

fn room<B: Backend>(pair: &Pair, matrices: &Matrices<B>, memory: &Memory, k: u64) -> Room {
    let (m, n) = (pair.rows(), pair.cols());
    let short = m.min(n);
    let both = 2 * pair.bytes();
    let there = if matrices.streamed || memory.apart { 0 } else { both };
    let fits = |sparing| {
        exact_bytes(matrices.precise.as_ref().unwrap_or(pair), k, sparing) + there <= memory.heap
    };
    let (exact, sparing) = (fits(true), !fits(false));
    // Columns of both bases that fit beside the kept triplets of base and tuned.
    let kept = 6 * k * (m + n) * 4;
    let cap = memory.blocks.saturating_sub(kept) / (4 * (m + n));
    Room { exact, sparing, cap: (cap >= (LEAST_BASIS * k).min(short)).then_some(cap as usize) }
}

/// Blocks of a matrix that each product reads from its file again: wider, so that there are fewer
/// (NUMERICS, step 5).
fn fewer_reads(params: Params, k: usize, short: usize) -> Params {
    Params { block: params.block.max(k).min(short), ..params }
}

pub async fn decompose<B: Backend>(
    device: &B,
    pair: &Pair,
    matrices: &Matrices<B>,
    counts: &DiffCounts,
    settings: &Settings,
    host: &Host<'_>,
    base: &mut Base<B>,
) -> Result<Decomposed<B::Block>, Error> {
    let (m, n) = (pair.rows(), pair.cols());
    let short = m.min(n);
    let k = (settings.k as u64).min(short);
    let memory = device.memory(host.memory);
    let Room { exact, sparing, cap } = room(pair, matrices, &memory, k);
    // Near-noise spectra take a basis of 6–10 k columns: where that is the whole space, exact is
    // right and cheaper.
    let zero = counts.base_squared == 0.0;
    let small = short <= settings.exact_limit as u64 || WHOLE * k >= short || zero;
    if exact && (small || (cap.is_none() && short <= EXACT_MOST)) {
        return Ok(Decomposed::Done(Box::new(
            exactly(device, pair, matrices, counts, settings, (sparing, memory.blocks)).await?,
        )));
    }
    let Some(cap) = cap.filter(|_| !zero) else {
        return Ok(Decomposed::TooLarge(format!(
            "the leading {k} singular vectors of a {m}×{n} matrix need more than the {} MiB at hand for them: use a smaller k, or the native program",
            memory.blocks >> 20
        )));
    };
    let Matrices { base: w0, tuned: w1, streamed, update: known, .. } = matrices;
    let shape = (m as usize, n as usize);
    let read_again = |params: Params| {
        if *streamed { fewer_reads(params, k as usize, short as usize) } else { params }
    };
    let mut params = read_again(Params::principal(k as usize, shape.0, shape.1, settings.seed));
    params.cap = params.cap.min(cap);
    if base.is_none() {
        *base = Some(
            top_k(device, Operand::One(w0), shape, counts.base_squared.sqrt(), &params).await?,
        );
    }
    (host.progress)("spectra", 0.45);
    let t0 = base.as_ref().expect("it was just computed");
    let still = counts.update_squared == 0.0;
    let tuned_norm = (counts.base_squared + 2.0 * counts.base_dot_update + counts.update_squared)
        .max(0.0)
        .sqrt();
    let leading_error =
        |t: &TopK<B::Block>| t.value_error.iter().take(k as usize).fold(0.0, |a: f64, b| a.max(*b));
    let method = |t1: Option<&TopK<B::Block>>| Method {
        requested_k: settings.k,
        exact: false,
        converged: t0.converged && t1.is_none_or(|t| t.converged),
        angle_errors: angle_errors(t0, t1),
        value_error: leading_error(t0).max(t1.map_or(0.0, leading_error)),
        columns_per_k: (t0.columns + t1.map_or(0, |t| t.columns)) as f64 / k as f64,
        seed: named(settings.seed, &pair.name),
    };
    if !still && tuned_norm == 0.0 {
        // Δ = −W0, so its values are known; a zero matrix has no principal directions to compare.
        let update = t0.s[..t0.kept].to_vec();
        let pieces = Pieces {
            spectra: PairSpectra::default(),
            method: method(None),
            update,
            update_error: leading_error(t0),
            factors: None,
        };
        return Ok(Decomposed::Done(Box::new(pieces)));
    }
    if still {
        let rank = common_rank(settings.k, &t0.s, &t0.s).min(t0.kept);
        let mut spectra =
            PairSpectra { k: rank, base: t0.s[..t0.kept].to_vec(), ..PairSpectra::default() };
        unmoved(&mut spectra);
        let factors = factors(device, t0, &spectra).await?;
        return Ok(Decomposed::Done(Box::new(Pieces {
            spectra,
            method: method(None),
            update: vec![0.0],
            update_error: 0.0,
            factors,
        })));
    }
    // As many steps as the base: what both bases have not caught is then the same, and cancels in
    // every difference.
    let as_base = Params { first_test: t0.basis, ..params };
    let t1 = top_k(device, Operand::One(w1), shape, tuned_norm, &as_base).await?;
    (host.progress)("spectra", 0.65);
    (host.progress)("joint step", 0.8);
    let spectra = joint(device, w0, w1, settings.k, t0, &t1).await?;
    let factors = factors(device, t0, &spectra).await?;
    if let Some(known) = known {
        return Ok(Decomposed::Done(Box::new(Pieces {
            spectra,
            method: method(Some(&t1)),
            update: known.clone(),
            update_error: 0.0,
            factors,
        })));
    }
    let mut delta = read_again(Params::update(k as usize, shape.0, shape.1, settings.seed));
    if *streamed {
        // A wider block sees fewer powers of Δ in as many columns.
        delta.cap = (UPDATE_STEPS * delta.block).max(delta.cap).min(short as usize);
        delta.first_test = delta.cap;
    }
    delta.cap = delta.cap.min(cap);
    let d = top_k(device, Operand::Difference(w0, w1), shape, counts.update_squared.sqrt(), &delta)
        .await?;
    let update_error = d
        .value_error
        .iter()
        .zip(&d.s)
        .take(settings.k)
        .fold(0.0, |a: f64, (e, s)| a.max(e + UPDATE_NOISE * d.s[0] / s));
    let update = d.s[..d.kept.min(d.s.len())].to_vec();
    Ok(Decomposed::Done(Box::new(Pieces {
        spectra,
        method: method(Some(&t1)),
        update,
        update_error,
        factors,
    })))
}

/// The larger error of both at each rank of the base.
fn angle_errors<T>(t0: &TopK<T>, t1: Option<&TopK<T>>) -> Vec<(usize, f64)> {
    let tuned = |rank: usize| {
        t1.and_then(|t| t.angle_errors.iter().find(|(r, _)| *r >= rank))
            .map_or(0.0, |(_, error)| *error)
    };
    t0.angle_errors.iter().map(|(rank, error)| (*rank, error.max(tuned(*rank)))).collect()
}

/// W0 against itself reads exactly 0, not the rounding of two equal computations.
fn unmoved(spectra: &mut PairSpectra) {
    let zeros = vec![0.0; spectra.k];
    spectra.tuned = spectra.base.clone();
    for list in [
        &mut spectra.left,
        &mut spectra.right,
        &mut spectra.vectors_left,
        &mut spectra.vectors_right,
    ] {
        list.clone_from(&zeros);
    }
    spectra.inner = inner_edges(spectra.k)
        .into_iter()
        .map(|k| Angles { k, left: vec![0.0; k], right: vec![0.0; k] })
        .collect();
    spectra.core = vec![0.0; spectra.k * spectra.k];
    (spectra.left_energy, spectra.right_energy) = (zeros.clone(), zeros);
}

async fn factors<B: Backend>(
    device: &B,
    t: &TopK<B::Block>,
    spectra: &PairSpectra,
) -> Result<Option<(B::Block, B::Block)>, Error> {
    let (Some(u), Some(v), true) = (&t.u, &t.v, spectra.k > 0) else {
        return Ok(None);
    };
    let k = spectra.k;
    let scale = Mat::from_fn(t.kept, k, |i, j| if i == j { t.s[i] } else { 0.0 });
    let pick = Mat::from_fn(t.kept, k, |i, j| f64::from(u8::from(i == j)));
    let left = device.combine(None, &[(u, scale.as_ref())]).await?;
    Ok(Some((left, device.combine(None, &[(v, pick.as_ref())]).await?)))
}

async fn exactly<B: Backend>(
    device: &B,
    pair: &Pair,
    matrices: &Matrices<B>,
    counts: &DiffCounts,
    settings: &Settings,
    (sparing, room): (bool, u64),
) -> Result<Pieces<B::Block>, Error> {
    let pair = matrices.precise.as_ref().unwrap_or(pair);
    let wide = pair.rows() < pair.cols();
    let stripe = if sparing { STRIPE } else { u64::MAX };
    let found =
        exact(&PairPanels::new(pair, device, matrices, room, stripe), settings.k, sparing).await?;
    let (mut spectra, mut left, mut right) = (found.spectra, found.long, found.short);
    if wide {
        // The decomposition was of the transpose.
        std::mem::swap(&mut spectra.left, &mut spectra.right);
        std::mem::swap(&mut spectra.vectors_left, &mut spectra.vectors_right);
        std::mem::swap(&mut spectra.left_energy, &mut spectra.right_energy);
        let k = spectra.k;
        spectra.core = (0..k * k).map(|i| spectra.core[i % k * k + i / k]).collect();
        spectra.inner.iter_mut().for_each(|a| std::mem::swap(&mut a.left, &mut a.right));
        std::mem::swap(&mut left, &mut right);
    }
    let mut update = matrices.update.clone().unwrap_or(found.update);
    if counts.update_squared == 0.0 {
        unmoved(&mut spectra);
        update.fill(0.0);
    }
    let method = Method {
        requested_k: settings.k,
        exact: true,
        converged: true,
        angle_errors: Vec::new(),
        value_error: 1e-12,
        columns_per_k: 0.0,
        seed: named(settings.seed, &pair.name),
    };
    let k = spectra.k;
    let factors = match k {
        0 => None,
        _ => Some((
            device.block(left.len() / k, k, &left)?,
            device.block(right.len() / k, k, &right)?,
        )),
    };
    Ok(Pieces { spectra, method, update, update_error: 0.0, factors })
}
