//! One tensor: diff, then the decomposition, then the masks.

use crate::analysis::decompose::{Base, Decomposed, decompose, exact_alone};
use crate::analysis::listed::listed;
use crate::analysis::matrices::Matrices;
use crate::analysis::results::Analyzed;
use crate::analysis::task::{Task, Work};
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::dtype::Dtype;
use crate::element::grid::Grid;
use crate::error::Error;
use crate::figures::adapter::pass::{Principal, adapter, spectrum};
use crate::figures::basis_change::pass::function_preserving;
use crate::figures::fisher::pass::fisher;
use crate::figures::fp8::pass::quantized;
use crate::figures::geometry::compute::geometry;
use crate::figures::geometry::report::Geometry;
use crate::figures::heads::pass::heads;
use crate::figures::maps::compute::maps;
use crate::figures::masks::compute as masks;
use crate::figures::masks::compute::Subject;
use crate::figures::masks::report::Masks;
use crate::figures::overlap::pass::overlap;
use crate::figures::precision::compute::precision;
use crate::figures::tensor::TensorReport;
use crate::figures::tensor::unfilled;
use crate::figures::update::compute::{UpdateSpectrum, update};
use crate::host::Host;
use crate::kernels::Backend;
use crate::kernels::cpu::Cpu;
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::memory::Residence;
use crate::settings::Settings;

use std::borrow::Cow;
use std::cell::Cell;

/// Bytes of the base that the low-magnitude threshold reads at a time.
const CHUNK: u64 = 8 << 20;

/// What of a task's work the comparison of its runs is taken for.
const OVERLAP_SHARE: f64 = 0.05;

/// What of a tensor's work its passes after the masks are taken for.
const LAST_SHARE: f64 = 0.05;

/// All runs of one task. A tensor that fails does not stop the others: it is reported as failed,
/// with the reason.
pub async fn analyze<B: Backend>(
    device: &B,
    task: &Task,
    settings: &Settings,
    host: &Host<'_>,
) -> Analyzed {
    match &task.work {
        Work::Pairs(pairs) => compared(device, pairs, settings, host).await,
        Work::Listings(listings) => listed(listings, settings, host).await,
    }
}

async fn compared<B: Backend>(
    device: &B,
    pairs: &[(usize, Pair)],
    settings: &Settings,
    host: &Host<'_>,
) -> Analyzed {
    // A task's progress only grows: the runs leave room for the pass that compares them.
    let alone = if pairs.len() > 1 { 1.0 - OVERLAP_SHARE } else { 1.0 };
    let of_runs = |stage: &str, share: f64| (host.progress)(stage, alone * share);
    let of_overlap =
        |stage: &str, share: f64| (host.progress)(stage, alone + OVERLAP_SHARE * share);
    let (runs_host, overlap_host) =
        (Host { progress: &of_runs, ..*host }, Host { progress: &of_overlap, ..*host });
    let mut tensors = all_runs(device, pairs, settings, &runs_host).await;
    let overlaps = match overlap(pairs, settings, &overlap_host).await {
        Ok(found) => found.into_iter().collect(),
        Err(error) => {
            // What could not be read for this pass has no figures that can be relied on.
            tensors.iter_mut().for_each(|(_, report)| report.fail(&error));
            Vec::new()
        }
    };
    Analyzed { tensors, overlaps }
}

async fn all_runs<B: Backend>(
    device: &B,
    pairs: &[(usize, Pair)],
    settings: &Settings,
    host: &Host<'_>,
) -> Vec<(usize, TensorReport)> {
    let mut out = Vec::new();
    // The base's triplets lie where they were computed.
    let (mut here, mut on_cpu) = (None, None);
    for (done, (run, pair)) in pairs.iter().enumerate() {
        let start = (host.now)();
        let runs = pairs.len() as f64;
        // Passes that not every tensor takes share one stretch, so it is seen to here that progress
        // only grows.
        let most = Cell::new(0.0);
        let progress = |stage: &str, share: f64| {
            most.set(share.max(most.get()));
            (host.progress)(stage, (done as f64 + most.get()) / runs);
        };
        let host = Host { progress: &progress, ..*host };
        let mut report = blank(pair);
        // The shaders have no f64: such tensors are small in practice and take the CPU path on
        // every backend.
        let found = match pair.dtype {
            Dtype::F64 => one(&Cpu, pair, settings, &host, &mut on_cpu, &mut report).await,
            _ => one(device, pair, settings, &host, &mut here, &mut report).await,
        };
        let found = match found {
            Ok(()) => beside(pair, settings, &host, &mut report).await,
            Err(error) => Err(error),
        };
        if let Err(error) = found {
            report.fail(&error);
        }
        report.seconds = (host.now)() - start;
        out.push((*run, report));
    }
    out
}

/// What has passes of its own: Gate I, where there is a Fisher, and the codes of FP8 tensors.
async fn beside(
    pair: &Pair,
    settings: &Settings,
    host: &Host<'_>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    let late = |stage: &str, share: f64| (host.progress)(stage, 1.0 - LAST_SHARE * (1.0 - share));
    match fisher(pair, settings, &Host { progress: &late, ..*host }).await? {
        Some(Ok(found)) => report.fisher = Some(found),
        Some(Err(note)) => report.fisher_note = Some(note),
        None => {}
    }
    report.quantized = quantized(pair).await?;
    Ok(())
}

fn blank(pair: &Pair) -> TensorReport {
    TensorReport {
        dtype: pair.dtype.name().into(),
        dtype_base: pair.stored(Side::Base).to_string(),
        dtype_tuned: pair.stored(Side::Tuned).to_string(),
        parameters: pair.elements(),
        fisher_note: pair.fisher_note.clone(),
        ..unfilled(&pair.name, &pair.role, &pair.shape)
    }
}

/// Rows at a time, even so that packed 16-bit rows start on a word.
fn chunk_rows(pair: &Pair) -> u64 {
    (CHUNK / (pair.cols() * pair.dtype.size() as u64).max(1)).max(2) & !1
}

async fn place<B: Backend>(
    device: &B,
    pair: &Pair,
    residence: Residence,
) -> Result<Matrices<B>, Error> {
    let (rows, cols) = (pair.rows() as usize, pair.cols() as usize);
    let base = device.place(rows, cols, pair.dtype, pair.source(Side::Base), residence).await?;
    let tuned = device.place(rows, cols, pair.dtype, pair.source(Side::Tuned), residence).await?;
    Ok(Matrices {
        base,
        tuned,
        streamed: residence != Residence::Whole,
        update: None,
        precise: None,
    })
}

/// One pair, whole on the device where that has room for it, else streamed through it.
async fn one<B: Backend>(
    device: &B,
    pair: &Pair,
    settings: &Settings,
    host: &Host<'_>,
    base: &mut Base<B>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    let memory = device.memory(host.memory);
    let unmerged = pair.unmerged.as_ref().map_or(0, |u| u.pair.bytes());
    if 2 * (pair.bytes() + unmerged) <= memory.matrices && !exact_alone(pair, settings, &memory) {
        match attempt(device, pair, settings, host, Residence::Whole, base, report).await {
            // Nobody knows beforehand how much memory a GPU has left: what did not fit may do so in
            // tiles.
            Err(Error::OutOfMemory(_)) => {
                *base = None;
                *report = blank(pair);
            }
            done => return done,
        }
    }
    match attempt(device, pair, settings, host, Residence::Streamed(memory.tile), base, report)
        .await
    {
        Err(error @ Error::OutOfMemory(_)) if report.precision.is_some() => {
            *base = None;
            report.geometry_note = Some(error.to_string());
            Ok(())
        }
        done => done,
    }
}

async fn attempt<B: Backend>(
    device: &B,
    pair: &Pair,
    settings: &Settings,
    host: &Host<'_>,
    residence: Residence,
    base: &mut Base<B>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    (host.progress)("diff", 0.0);
    // An adapter's factors stay in memory as long as the views of its weight read them.
    let factors = match &pair.unmerged {
        Some(unmerged) => Some(unmerged.update.load().await?),
        None => None,
    };
    let matrices = place(device, pair, residence).await?;
    let shape = (pair.rows() as usize, pair.cols() as usize);
    let grid = Grid::new(shape.0, shape.1, settings.map_side);
    let query = DiffQuery { eta: settings.eta, abs_tolerance: settings.abs_tolerance, grid };
    let counts = device.diff(&matrices.base, &matrices.tuned, &query).await?;
    report.precision = Some(precision(&counts, report.parameters, pair.is_matrix()));
    report.update = Some(update(&counts, shape, None, settings.k));
    if !pair.is_matrix() {
        report.geometry_note = Some("a vector has no singular subspaces".into());
        return Ok(());
    }
    let grid = (settings.map_side > 0).then_some(grid);
    let alpha = settings.alphas[0];
    report.maps = grid.map(|grid| maps(&grid, shape, &counts, None, alpha));
    if counts.non_finite > 0 {
        report.geometry_note = Some(format!(
            "{} weights are NaN or infinite, so there are no singular values",
            counts.non_finite
        ));
        return Ok(());
    }
    // Spectra and subspaces are those of Δ itself: of an adapter, before the merge rounds it.
    let (of, with_adapter, counts_of_delta);
    let mut rounded_squared = None;
    let (geometry_pair, geometry_matrices, geometry_counts) = match (&pair.unmerged, &factors) {
        (Some(unmerged), Some(factors)) => {
            of = unmerged.clone();
            let update = spectrum(factors)?;
            let update_squared = update.iter().map(|s| s * s).sum();
            with_adapter = Matrices {
                update: Some(update),
                precise: Some(of.precise.clone()),
                ..place(device, &of.pair, residence).await?
            };
            let counts = device.diff(&with_adapter.base, &with_adapter.tuned, &query).await?;
            rounded_squared = Some(counts.update_squared);
            counts_of_delta = DiffCounts { update_squared, ..counts };
            (&of.pair, &with_adapter, &counts_of_delta)
        }
        _ => (pair, &matrices, &counts),
    };
    (host.progress)("spectra", 0.2);
    let mut principal = None;
    let found =
        decompose(device, geometry_pair, geometry_matrices, geometry_counts, settings, host, base)
            .await?;
    match &found {
        Decomposed::TooLarge(note) => report.geometry_note = Some(note.clone()),
        Decomposed::Done(d) => {
            let known = d.method.exact || geometry_matrices.update.is_some();
            let spectrum =
                UpdateSpectrum { values: d.update.clone(), exact: known, error: d.update_error };
            let mut figures = update(geometry_counts, shape, Some(&spectrum), settings.k);
            if !known {
                figures.spectrum.truncate(settings.k);
            }
            // Where products took an adapter's Δ in F32, its energies are shares of that norm.
            let rounded = rounded_squared.filter(|_| !d.method.exact);
            let mut spectra = Cow::Borrowed(&d.spectra);
            if let Some(squared) = rounded.filter(|s| *s > 0.0) {
                spectra.to_mut().scale_update(geometry_counts.update_squared / squared);
            }
            report.geometry = geometry(
                &spectra,
                &d.method,
                geometry_counts,
                shape,
                figures.spectral_norm.unwrap_or(0.0),
            )?;
            if let (Some(found), Some(_)) = (&mut report.geometry, rounded) {
                rounded_update(found, figures.relative_update.unwrap_or(0.0));
            }
            report.update = Some(figures);
            if report.geometry.is_none() {
                report.geometry_note =
                    Some("base or tuned is a zero matrix: it has no principal directions".into());
            } else if let Some((left, right)) = &d.factors {
                (host.progress)("masks", 0.9);
                let changed = report.parameters - counts.unchanged;
                let Matrices { base, tuned, .. } = &matrices;
                let subject = Subject {
                    base,
                    tuned,
                    left,
                    right,
                    changed,
                    eta: settings.eta as f32,
                    seed: settings.seed,
                    grid,
                };
                let (masks, map) = mask_levels(device, pair, &counts, settings, &subject).await?;
                report.masks = masks;
                report.maps = grid.map(|grid| maps(&grid, shape, &counts, map.as_deref(), alpha));
                principal = Some(Principal { left, right });
            }
        }
    }
    let late = |stage: &str, share: f64| (host.progress)(stage, 1.0 - LAST_SHARE * (2.0 - share));
    let late = Host { progress: &late, ..*host };
    if let (Some(unmerged), Some(factors)) = (&pair.unmerged, &factors) {
        let (found, max_abs) =
            adapter(device, pair, factors, unmerged.update.transposed, principal, settings, &late)
                .await?;
        report.adapter = Some(found);
        if let Some(update) = &mut report.update {
            update.max_abs_update = max_abs;
        }
    }
    report.function_preserving =
        function_preserving(pair, report.update.as_ref().and_then(|u| u.relative_update), &late)
            .await?;
    let blocks = geometry_matrices.precise.as_ref().unwrap_or(pair);
    report.heads = heads(blocks, pair, &counts, settings, &late).await?;
    (host.progress)("done", 1.0 - LAST_SHARE);
    Ok(())
}

/// What the F32 of W0 + Δ adds to the uncertainties of an adapter's estimated geometry: noise of
/// 2^-25 of the weights in Δ.
fn rounded_update(geometry: &mut Geometry, relative_update: f64) {
    let unit = (-25f64).exp2();
    let noise = unit / relative_update;
    let at_k = (&mut geometry.nss_top_k_uncertainty, &mut geometry.shares_uncertainty);
    let sweep = geometry
        .sweep
        .iter_mut()
        .map(|p| (&mut p.nss_top_k_uncertainty, &mut p.shares_uncertainty));
    for (shift, shares) in sweep.chain([at_k]) {
        if let Some(uncertainty) = shift {
            *uncertainty += unit;
        }
        if let (Some(uncertainty), true) = (shares, relative_update > 0.0) {
            *uncertainty = (*uncertainty + noise * noise + 0.1 * noise).min(1.0);
        }
    }
}

async fn mask_levels<B: Backend>(
    device: &B,
    pair: &Pair,
    counts: &DiffCounts,
    settings: &Settings,
    subject: &Subject<'_, B>,
) -> Result<(Vec<Masks>, Option<Vec<u64>>), Error> {
    let mut levels = Vec::new();
    for alpha in &settings.alphas {
        levels.push((*alpha, low_threshold(pair, counts, *alpha).await?));
    }
    masks::masks(device, subject, &levels).await
}

/// The ⌈αN⌉-th smallest |W0|, exact in the pair's dtype (rounded to f32 for F64).
async fn low_threshold(pair: &Pair, counts: &DiffCounts, alpha: f64) -> Result<f32, Error> {
    let total = pair.elements();
    let (code, below) = masks::low_code(counts, alpha, total);
    let middle = (code as u32) << 16;
    if pair.dtype == Dtype::Bf16 {
        return Ok(f32::from_bits(middle));
    }
    // The histogram knows magnitudes rounded to bf16. Those that round to this code lie within 2^15
    // f32 codes of it.
    let lowest = middle.saturating_sub(1 << 15);
    let mut inside = vec![0u64; (1 << 16) + 1];
    let (rows, step) = (pair.rows(), chunk_rows(pair));
    let mut start = 0;
    while start < rows {
        let end = rows.min(start + step);
        let decoder = pair.decode_rows(Side::Base, start..end).await?;
        for i in (0..((end - start) * pair.cols()) as usize)
            .filter(|&i| usize::from(decoder.bf16(i) & 0x7fff) == code)
        {
            inside[(decoder.f32(i).abs().to_bits() - lowest) as usize] += 1;
        }
        start = end;
    }
    let mut left = masks::wanted(alpha, total) - below;
    let place = inside.iter().position(|&count| {
        let found = count >= left;
        left -= count.min(left);
        found
    });
    Ok(f32::from_bits(lowest + place.unwrap_or(1 << 15) as u32))
}
