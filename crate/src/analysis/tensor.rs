//! One pair: diff, then the decomposition, then the masks.

use crate::analysis::decompose::decompose;
use crate::analysis::decompose::decomposition::{
    BaseTriplets, Decomposed, Decomposition, Factors as BaseFactors,
};
use crate::analysis::job::Job;
use crate::analysis::matrices::Matrices;
use crate::analysis::memory::fits_whole;
use crate::analysis::scale::{
    exceeds_narrow_sums, find_exponent, has_masks, restore_geometry, restore_masks, restore_update,
};
use crate::checkpoint::formats::lora::low_rank::Factors;
use crate::checkpoint::pairing::{Pair, Unmerged};
use crate::element::grid::Grid;
use crate::error::Error;
use crate::figures::adapter::pass::{Principal, compute_adapter, update_values};
use crate::figures::basis_change::pass::find_basis_change;
use crate::figures::geometry::compute::compute_geometry;
use crate::figures::geometry::uncertainty::add_update_rounding;
use crate::figures::heads::pass::compute_heads;
use crate::figures::maps::compute::compute_maps;
use crate::figures::masks::compute::Subject;
use crate::figures::masks::pass::compute_masks_of_levels;
use crate::figures::precision::compute::compute_precision;
use crate::figures::tensor::TensorReport;
use crate::figures::update::compute::compute_update;
use crate::host::Host;
use crate::kernels::Backend;
use crate::kernels::cpu::Cpu;
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::memory::Residence;
use crate::settings::Settings;
use std::borrow::Cow;
use std::rc::Rc;

/// The share of a tensor's progress that each group of passes after the masks takes.
const LAST_SHARE: f64 = 0.05;

/// Analyses one pair, whole on the device where that has room for it, else streamed through it.
///
/// # Errors
/// [`Error::Read`] by the file's name; [`Error::OutOfMemory`] where not even tiles fit;
/// [`Error::Device`]. Where numbers fail or memory ends after Gate III, a note says so instead.
pub async fn analyze_with_fallback<B: Backend>(
    job: &Job<'_, B>,
    base: &mut BaseTriplets<B::Block>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    let memory = job.device.memory(job.host.memory);
    if fits_whole(job.pair, job.settings, &memory) {
        match analyze_at(job, Residence::Whole, base, report).await {
            // Nobody knows beforehand how much memory a GPU has left: what did not fit may do so in
            // tiles.
            Err(Error::OutOfMemory(_)) => {
                *base = None;
                *report = TensorReport::for_pair(job.pair);
            }
            done => return keep_counted(done, base, report),
        }
    }
    let done = analyze_at(job, Residence::Streamed(memory.tile), base, report).await;
    keep_counted(done, base, report)
}

/// Keeps what was found before numbers failed or memory ended, with the reason as a note.
fn keep_counted<T>(
    done: Result<(), Error>,
    base: &mut BaseTriplets<T>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    match done {
        Err(error @ (Error::OutOfMemory(_) | Error::Numerics(_))) if report.precision.is_some() => {
            *base = None;
            let note = error.to_string();
            match report.geometry {
                Some(_) => report.add_note(&note),
                None => report.geometry_note = Some(note),
            }
            Ok(())
        }
        done => done,
    }
}

/// Two sides on the device, and what one read of both counts.
struct Compared<B: Backend> {
    matrices: Matrices<B>,
    counts: DiffCounts,
}

/// An adapter's sides before the merge rounds them to the base's dtype.
struct BeforeMerge<B: Backend> {
    unmerged: Rc<Unmerged>,
    /// Its counts hold ‖Δ‖² of the factors.
    sides: Compared<B>,
    /// ‖Δ‖² of the sides as the products see them: W0 and W0 + Δ, rounded to F32.
    rounded_squared: f64,
}

/// Analyses one pair at one residence, and fills in `report` as far as it gets.
async fn analyze_at<B: Backend>(
    job: &Job<'_, B>,
    residence: Residence,
    base: &mut BaseTriplets<B::Block>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    job.tell("diff", 0.0);
    // An adapter's factors stay in memory as long as the views of its weight read them.
    let factors = match &job.pair.unmerged {
        Some(unmerged) => Some(unmerged.update.load().await?),
        None => None,
    };
    let matrices = Matrices::place(job.device, job.pair, residence).await?;
    let query = diff_query(job);
    let counts = count(job, job.pair, &matrices, &query).await?;
    let stored = Compared { matrices, counts };
    set_counted(job, &query.grid, &stored.counts, report);
    let exponent = find_exponent(job.pair, &stored.counts).await?;
    let scaled = match exponent {
        Some(exponent) => Some(place_scaled(job, exponent, residence, &query).await?),
        None => None,
    };
    if let (Some(scaled), Some(exponent)) = (&scaled, exponent) {
        // Triplets of another run have another scale.
        *base = None;
        let mut update = compute_update(&scaled.sides.counts, job.shape(), None, job.settings.k);
        restore_update(&mut update, exponent);
        report.update = Some(update);
    }
    if let Some(note) = reason_without_geometry(job.pair, &stored.counts) {
        report.geometry_note = Some(note);
        return Ok(());
    }
    // Spectra and subspaces are those of Δ itself: of an adapter, before the merge rounds it.
    let before_merge = match (&job.pair.unmerged, &factors) {
        (Some(unmerged), Some(factors)) => {
            Some(place_before_merge(job, unmerged, factors, residence, &query).await?)
        }
        _ => None,
    };
    let (pair, sides) = match (&before_merge, &scaled) {
        (Some(before), _) => (&before.unmerged.pair, &before.sides),
        (None, Some(scaled)) => (&scaled.pair, &scaled.sides),
        (None, None) => (job.pair, &stored),
    };
    job.tell("spectra", 0.2);
    let found = decompose(&Job { pair, ..*job }, &sides.matrices, &sides.counts, base).await?;
    let principal = match &found {
        Decomposed::TooLarge(note) => {
            report.geometry_note = Some(note.clone());
            None
        }
        Decomposed::Done(found) => {
            let rounded_squared = before_merge.as_ref().map(|before| before.rounded_squared);
            set_spectral(job, &sides.counts, rounded_squared, found, report)?;
            if let Some(exponent) = exponent {
                report.update.iter_mut().for_each(|update| restore_update(update, exponent));
                report.geometry.iter_mut().for_each(|found| restore_geometry(found, exponent));
            }
            match &found.factors {
                Some(_) if !has_masks(exponent) => {
                    report.add_note("its weights are beyond the range of f32: there are no masks");
                    None
                }
                Some(factors) if report.geometry.is_some() => {
                    set_masks(job, &query.grid, &stored, factors, report).await?;
                    restore_masks(&mut report.masks, exponent.unwrap_or(0));
                    Some(Principal { left: &factors.left, right: &factors.right })
                }
                _ => None,
            }
        }
    };
    let late = |stage: &str, share: f64| job.tell(stage, 1.0 - LAST_SHARE * (2.0 - share));
    let late = Job { host: &Host { progress: &late, ..*job.host }, ..*job };
    if let (Some(unmerged), Some(factors)) = (&job.pair.unmerged, &factors) {
        set_adapter(&late, unmerged, factors, principal, report).await?;
    }
    let blocks =
        sides.matrices.precise.as_ref().unwrap_or(if scaled.is_some() { pair } else { job.pair });
    set_late(&late, blocks, &stored.counts, report).await?;
    if exponent.is_some() {
        *base = None;
    }
    job.tell("done", 1.0 - LAST_SHARE);
    Ok(())
}

/// Counts what Gate III asks, on the CPU where the sums of the device have no room for the weights.
async fn count<B: Backend>(
    job: &Job<'_, B>,
    pair: &Pair,
    matrices: &Matrices<B>,
    query: &DiffQuery,
) -> Result<DiffCounts, Error> {
    let counts = job.device.diff(&matrices.base, &matrices.tuned, query).await?;
    if !B::NARROW_SUMS || !exceeds_narrow_sums(&counts, pair.elements()) {
        return Ok(counts);
    }
    let tile = Cpu.memory(job.host.memory).tile;
    let matrices = Matrices::place(&Cpu, pair, Residence::Streamed(tile)).await?;
    Cpu.diff(&matrices.base, &matrices.tuned, query).await
}

/// A pair times a power of two.
struct Scaled<B: Backend> {
    pair: Pair,
    sides: Compared<B>,
}

/// Pairs up to so many bytes are kept on the device twice, as stored and scaled.
const KEPT_TWICE: u64 = 8 << 20;

/// Places both sides of the pair times 2^`exponent` on the device.
async fn place_scaled<B: Backend>(
    job: &Job<'_, B>,
    exponent: i32,
    residence: Residence,
    query: &DiffQuery,
) -> Result<Scaled<B>, Error> {
    let pair = job.pair.scale(exponent);
    let residence = if pair.bytes() > KEPT_TWICE {
        Residence::Streamed(job.device.memory(job.host.memory).tile)
    } else {
        residence
    };
    let matrices = Matrices::place(job.device, &pair, residence).await?;
    let counts = count(job, &pair, &matrices, query).await?;
    Ok(Scaled { pair, sides: Compared { matrices, counts } })
}

fn diff_query<B>(job: &Job<'_, B>) -> DiffQuery {
    let (rows, cols) = job.shape();
    let Settings { eta, abs_tolerance, map_side, .. } = *job.settings;
    DiffQuery { eta, abs_tolerance, grid: Grid::new(rows, cols, map_side) }
}

/// Sets the figures that the counts of one read give.
fn set_counted<B>(job: &Job<'_, B>, grid: &Grid, counts: &DiffCounts, report: &mut TensorReport) {
    let matrix = job.pair.is_matrix();
    report.precision = Some(compute_precision(counts, report.parameters, matrix));
    report.update = Some(compute_update(counts, job.shape(), None, job.settings.k));
    if matrix {
        set_maps(job, grid, counts, None, report);
    }
}

/// Sets the maps, unless they are switched off; `principal` counts the principal mask by cell.
fn set_maps<B>(
    job: &Job<'_, B>,
    grid: &Grid,
    counts: &DiffCounts,
    principal: Option<&[u64]>,
    report: &mut TensorReport,
) {
    if job.settings.map_side > 0 {
        let alpha = job.settings.alphas[0];
        report.maps = Some(compute_maps(grid, job.shape(), counts, principal, alpha));
    }
}

/// Why a pair has no singular values to compare; `None` where it has.
fn reason_without_geometry(pair: &Pair, counts: &DiffCounts) -> Option<String> {
    if !pair.is_matrix() {
        return Some("a vector has no singular subspaces".into());
    }
    (counts.non_finite > 0).then(|| {
        format!(
            "{} weights are NaN or infinite, so there are no singular values",
            counts.non_finite
        )
    })
}

/// Places W0 and W0 + Δ of an adapter on the device, in F32 (F64 of an F64 base).
async fn place_before_merge<B: Backend>(
    job: &Job<'_, B>,
    unmerged: &Rc<Unmerged>,
    factors: &Factors,
    residence: Residence,
    query: &DiffQuery,
) -> Result<BeforeMerge<B>, Error> {
    let update = update_values(factors)?;
    let update_squared = update.iter().map(|s| s * s).sum();
    let matrices = Matrices {
        update: Some(update),
        precise: Some(unmerged.precise.clone()),
        ..Matrices::place(job.device, &unmerged.pair, residence).await?
    };
    let counts = job.device.diff(&matrices.base, &matrices.tuned, query).await?;
    let rounded_squared = counts.update_squared;
    let counts = DiffCounts { update_squared, ..counts };
    let sides = Compared { matrices, counts };
    Ok(BeforeMerge { unmerged: unmerged.clone(), sides, rounded_squared })
}

/// Sets the figures of spectra and subspaces. `rounded_squared` is ‖Δ‖² as the products of an
/// adapter see it.
fn set_spectral<B: Backend>(
    job: &Job<'_, B>,
    counts: &DiffCounts,
    rounded_squared: Option<f64>,
    found: &Decomposition<B::Block>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    let (shape, k) = (job.shape(), job.settings.k);
    let mut update = compute_update(counts, shape, Some(&found.update), k);
    if !found.update.exact {
        update.spectrum.truncate(k);
    }
    // Where products took an adapter's Δ in F32, its energies are shares of that norm.
    let rounded = rounded_squared.filter(|_| !found.method.exact);
    let mut spectra = Cow::Borrowed(&found.spectra);
    if let Some(squared) = rounded.filter(|s| *s > 0.0) {
        spectra.to_mut().scale_update(counts.update_squared / squared);
    }
    let spectral_norm = update.spectral_norm.unwrap_or(0.0);
    report.geometry = compute_geometry(&spectra, &found.method, counts, shape, spectral_norm)?;
    match &mut report.geometry {
        Some(geometry) if rounded.is_some() => {
            add_update_rounding(geometry, update.relative_update.unwrap_or(0.0));
        }
        Some(_) => {}
        None => {
            report.geometry_note =
                Some("base or tuned is a zero matrix: it has no principal directions".into());
        }
    }
    report.update = Some(update);
    Ok(())
}

/// Sets the masks, and the maps with the principal mask.
async fn set_masks<B: Backend>(
    job: &Job<'_, B>,
    grid: &Grid,
    stored: &Compared<B>,
    factors: &BaseFactors<B::Block>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    job.tell("masks", 0.9);
    let Compared { matrices, counts } = stored;
    let subject = Subject {
        base: &matrices.base,
        tuned: &matrices.tuned,
        left: &factors.left,
        right: &factors.right,
        changed: report.parameters - counts.unchanged,
        eta: job.settings.eta as f32,
        seed: job.settings.seed,
        grid: (job.settings.map_side > 0).then_some(*grid),
    };
    let alphas = &job.settings.alphas;
    let found = compute_masks_of_levels(job.device, job.pair, counts, alphas, &subject).await?;
    report.masks = found.masks;
    set_maps(job, grid, counts, found.principal_map.as_deref(), report);
    Ok(())
}

/// Sets the figures of an adapter. `principal` is `None` without a geometry.
async fn set_adapter<B: Backend>(
    job: &Job<'_, B>,
    unmerged: &Unmerged,
    factors: &Factors,
    principal: Option<Principal<'_, B::Block>>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    let Job { device, pair, settings, host } = *job;
    let transposed = unmerged.update.transposed;
    let found =
        compute_adapter(device, pair, factors, transposed, principal, settings, host).await?;
    report.adapter = Some(found.adapter);
    if let Some(update) = &mut report.update {
        update.max_abs_update = found.max_abs_update;
    }
    Ok(())
}

/// Sets the figures of passes that only some tensors take: changes of basis, and attention heads.
async fn set_late<B: Backend>(
    job: &Job<'_, B>,
    blocks: &Pair,
    counts: &DiffCounts,
    report: &mut TensorReport,
) -> Result<(), Error> {
    let Job { pair, settings, host, .. } = *job;
    let relative_update = report.update.as_ref().and_then(|u| u.relative_update);
    report.function_preserving = find_basis_change(pair, relative_update, host).await?;
    report.heads = compute_heads(blocks, pair, counts, settings, host).await?;
    Ok(())
}
