//! A check of finished tensors: their figures computed again in f64, from whole Gram matrices and
//! by counting weight by weight. No step is shared with the analysis but the reading of elements.

use crate::analysis::results::TaskResults;
use crate::analysis::task::Task;
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::figures::geometry::report::Geometry;
use crate::figures::tensor::{Status, TensorReport};
use crate::linalg::small;
use crate::report::Check;
use crate::settings::Settings;
use crate::source::digest::digest;
use faer::{Mat, MatRef};
use half::bf16;
use std::collections::HashMap;

/// The most tensors that are computed again.
const MOST_TENSORS: usize = 3;

/// Bytes that both sides and their parts take for each weight.
const BYTES: u64 = 60;
const MOST_ELEMENTS: u64 = 1 << 24;

/// Operations in f64 that one core makes in a second, at the least.
const SPEED: f64 = 4e9;

/// Seconds that computing a pair again takes at most: Gram matrices of both sides and of Δ, and
/// their eigenvalues.
fn estimate_seconds(pair: &Pair) -> f64 {
    let (m, n) = (pair.rows() as f64, pair.cols() as f64);
    let short = m.min(n);
    let products =
        if pair.has_spectrum() { 8.0 * m * n * short + 40.0 * short.powi(3) } else { 0.0 };
    (products + 50.0 * m * n) / SPEED
}

/// What a check may take.
#[derive(Debug, Clone, Copy)]
pub struct CheckLimits {
    /// Seconds.
    pub seconds: f64,
    /// Bytes of memory.
    pub memory: u64,
}

/// The share of the run's time that a check may take.
const SHARE: f64 = 0.02;

/// Seconds that a check may take of the shortest run.
const LEAST_SECONDS: f64 = 0.5;

impl CheckLimits {
    /// The limits of a check of a run that took `seconds`, in `memory` bytes.
    pub fn of_run(seconds: f64, memory: u64) -> Self {
        Self { seconds: (SHARE * seconds).max(LEAST_SECONDS), memory }
    }
}

/// Chooses the tasks that are computed again within `limits`: matrices before vectors, else by a
/// digest of `seed` and name, so that the same inputs give the same choice.
fn choose<'a>(tasks: &'a [Task], limits: CheckLimits, seed: &str) -> Vec<&'a Task> {
    let CheckLimits { seconds, memory } = limits;
    let most = MOST_ELEMENTS.min(memory / BYTES);
    let mut able: Vec<(bool, String, &Task)> = tasks
        .iter()
        .filter_map(|task| {
            let pairs = task.pairs();
            let pair = &pairs.first()?.value;
            let cost = estimate_seconds(pair) * pairs.len() as f64;
            let fits = cost <= seconds / MOST_TENSORS as f64 && pair.elements() <= most;
            let place = (!pair.has_spectrum(), digest(format!("{seed} {}", pair.name).as_bytes()));
            // Of an adapter the figures are those of factors, which have no second route.
            (fits && pair.unmerged.is_none()).then_some((place.0, place.1, task))
        })
        .collect();
    able.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    able.into_iter().map(|(.., task)| task).collect()
}

/// Computes some of the finished tensors again, about within `limits`. `None` where none is small
/// enough.
///
/// # Errors
/// [`Error::Read`] by the file's name; [`Error::Numerics`] where eigenvalues do not converge.
pub async fn check_results(
    tasks: &[Task],
    results: &TaskResults,
    settings: &Settings,
    limits: CheckLimits,
    seed: &str,
) -> Result<Option<Check>, Error> {
    let reports: HashMap<(usize, &str), &TensorReport> = results
        .tensors
        .iter()
        .filter(|report| report.value.status == Status::Done)
        .map(|report| ((report.run, report.value.name.as_str()), &report.value))
        .collect();
    let mut check = Check::default();
    let mut tasks_checked = 0;
    for task in choose(tasks, limits, seed) {
        if tasks_checked == MOST_TENSORS {
            break;
        }
        let before = check.tensors;
        for pair in task.pairs() {
            let Some(report) = reports.get(&(pair.run, pair.value.name.as_str())) else { continue };
            if check_pair(&pair.value, report, pair.run, settings, &mut check).await? {
                check.tensors += 1;
            }
        }
        tasks_checked += usize::from(check.tensors > before);
    }
    Ok((check.tensors > 0).then_some(check))
}

/// Decodes one side of a pair.
async fn decode(pair: &Pair, side: Side) -> Result<Vec<f64>, Error> {
    let mut values = vec![0.0; pair.elements() as usize];
    pair.decode_rows(side, 0..pair.rows()).await?.decode_f64(0, &mut values);
    Ok(values)
}

/// The distance of two sizes as a share of `unit`, or of the larger one where that is 0.
fn deviate(got: f64, want: f64, unit: f64) -> f64 {
    let unit = if unit > 0.0 { unit } else { got.abs().max(want.abs()) };
    if got == want { 0.0 } else { (got - want).abs() / unit }
}

/// Compares one pair's report with what the other route gives. Returns whether there was something
/// to compare: weights that are not finite, or whose squares have no room in f64, have no second
/// route.
async fn check_pair(
    pair: &Pair,
    report: &TensorReport,
    run: usize,
    settings: &Settings,
    check: &mut Check,
) -> Result<bool, Error> {
    let (Some(precision), Some(update)) = (&report.precision, &report.update) else {
        return Ok(false);
    };
    let (w0, w1) = (decode(pair, Side::Base).await?, decode(pair, Side::Tuned).await?);
    let plain = |w: &f64| *w == 0.0 || (1e-100..1e100).contains(&w.abs());
    if !w0.iter().chain(&w1).all(plain) {
        return Ok(false);
    }
    let place = (pair.name.as_str(), run);
    let mut count = |figure: &str, got: u64, want: u64| {
        check.counts_differ += usize::from(got != want);
        let share = got.abs_diff(want) as f64 / pair.elements() as f64;
        check.compare(figure, place, share);
    };
    let both = || w0.iter().zip(&w1);
    let equal = both().filter(|(a, b)| a.to_bits() == b.to_bits()).count() as u64;
    count("precision.bit_equal", precision.bit_equal, equal);
    if pair.dtype != Dtype::F64 {
        let eta = f64::from(settings.eta as f32);
        // Such weights are f32 without loss. `bf16::from_f64` drops bits before it rounds.
        let round = |w: f64| bf16::from_f32(w as f32).to_f64();
        let is_unchanged = |a: f64, b: f64| {
            a.is_finite() && b.is_finite() && (a - b).abs() <= eta * a.abs().max(b.abs())
        };
        let unchanged = both().filter(|(a, b)| is_unchanged(round(**a), round(**b))).count();
        count("precision.unchanged", precision.unchanged, unchanged as u64);
    }
    let delta: Vec<f64> = both().map(|(a, b)| b - a).collect();
    let norm = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>().sqrt();
    let (base, changed) = (norm(&w0), norm(&delta));
    let largest = delta.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    for (figure, got, want) in [
        ("update.frobenius_base", update.frobenius_base, base),
        ("update.frobenius_update", update.frobenius_update, changed),
        ("update.max_abs_update", update.max_abs_update, largest),
    ] {
        check.compare(figure, place, deviate(got, want, 0.0));
    }
    if let Some(geometry) = report.geometry.as_ref().filter(|geometry| geometry.converged) {
        let shape = (pair.rows() as usize, pair.cols() as usize);
        let sides = [&w0, &w1, &delta].map(|w| matrix(w, shape));
        check_geometry(geometry, update.spectral_norm, &sides, place, check)?;
    }
    Ok(true)
}

/// A matrix of row-major values, turned so that it is not wide.
fn matrix(values: &[f64], (m, n): (usize, usize)) -> Mat<f64> {
    if m >= n {
        Mat::from_fn(m, n, |i, j| values[i * n + j])
    } else {
        Mat::from_fn(n, m, |i, j| values[j * n + i])
    }
}

/// Singular values, descending, and right singular vectors, from the whole Gram matrix.
fn decompose(w: MatRef<'_, f64>) -> Result<(Vec<f64>, Mat<f64>), Error> {
    let gram = w.transpose() * w;
    let (values, vectors) = small::eigen(gram.as_ref())?;
    Ok((values.into_iter().map(|value| value.max(0.0).sqrt()).collect(), vectors))
}

/// Compares spectra, the share outside the principal subspaces and their rotation.
fn check_geometry(
    geometry: &Geometry,
    spectral_norm: Option<f64>,
    [w0, w1, delta]: &[Mat<f64>; 3],
    place: (&str, usize),
    check: &mut Check,
) -> Result<(), Error> {
    let k = geometry.k;
    let (s0, v0) = decompose(w0.as_ref())?;
    let (s1, v1) = decompose(w1.as_ref())?;
    if k > s0.len() {
        return Ok(());
    }
    let gram = delta.transpose() * delta;
    let largest = small::eigenvalues(gram.as_ref())?.first().map_or(0.0, |x| x.max(0.0).sqrt());
    for (figure, got, want) in [
        ("geometry.spectrum_base[]", &geometry.spectrum_base, &s0),
        ("geometry.spectrum_tuned[]", &geometry.spectrum_tuned, &s1),
    ] {
        for (got, want) in got.iter().zip(want).take(k) {
            check.compare(figure, place, deviate(*got, *want, s0[0]));
        }
    }
    if let Some(got) = spectral_norm {
        check.compare("update.spectral_norm", place, deviate(got, largest, 0.0));
    }
    // Subspaces that no gap holds differ between two right answers, and of values near 0 the Gram
    // matrix knows no vectors.
    if !geometry.resolved || s0[k - 1] < 1e-5 * s0[0] || s1[k - 1] < 1e-5 * s0[0] {
        return Ok(());
    }
    let (v0, v1) = (small::leading_columns(&v0, k), small::leading_columns(&v1, k));
    let left = |w: &Mat<f64>, v: MatRef<'_, f64>, s: &[f64]| {
        let product = w * v;
        Mat::from_fn(product.nrows(), k, |i, j| product[(i, j)] / s[j])
    };
    let (u0, u1) = (left(w0, v0, &s0), left(w1, v1, &s1));
    let energy = small::squared_norm(delta.as_ref());
    if let Some(got) = geometry.off_principal_share.filter(|_| energy > 0.0) {
        let core = u0.transpose() * (delta * v0);
        let want = (1.0 - small::squared_norm(core.as_ref()) / energy).clamp(0.0, 1.0);
        check.compare("geometry.off_principal_share", place, deviate(got, want, 1.0));
    }
    // Sines tell small angles, which cosines do not.
    let sine = |a: MatRef<'_, f64>, b: MatRef<'_, f64>| {
        small::norm2((b - a * (a.transpose() * b)).as_ref())
    };
    let sine = sine(v0, v1)?.max(sine(u0.as_ref(), u1.as_ref())?);
    let angle = sine.min(1.0).asin().to_degrees();
    check.compare("geometry.rotation_max", place, deviate(geometry.rotation_max, angle, 90.0));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::inputs::Inputs;
    use crate::analysis::plan::plan;
    use crate::analysis::tests::common::analyze_all;
    use crate::checkpoint::testing::FileBuilder;
    use crate::kernels::cpu::Cpu;
    use pollster::block_on;

    fn inputs() -> Inputs {
        let checkpoint = |step: f32| {
            let values = |salt: f32| -> Vec<f32> {
                (0..32 * 20)
                    .map(|i| (i as f32 * (0.37 + salt)).sin() + step * (i as f32 * 1.7).cos())
                    .collect()
            };
            FileBuilder::new()
                .bf16s("tall", &[32, 20], &values(0.0))
                .f32s("wide", &[20, 32], &values(0.1))
                .bf16s("vector", &[32], &values(0.2)[..32])
                .f32s("endless", &[2], &[1.0, f32::INFINITY])
                .checkpoint("x")
        };
        Inputs { base: Some(checkpoint(0.0)), tuned: vec![checkpoint(0.05)], fisher: None }
    }

    fn check(inputs: &Inputs, results: &TaskResults, settings: &Settings) -> Option<Check> {
        let tasks = plan(inputs, settings).expect("tasks").tasks;
        let limits = CheckLimits { seconds: 1.0, memory: 1 << 20 };
        block_on(check_results(&tasks, results, settings, limits, "seed")).expect("a check")
    }

    #[test]
    fn another_route_gives_the_same_figures_and_tells_wrong_ones() {
        let (inputs, settings) = (inputs(), Settings { k: 4, ..Settings::default() });
        let mut results = analyze_all(&Cpu, &inputs, &settings);
        let found = check(&inputs, &results, &settings).expect("small tensors");
        assert_eq!((found.tensors, found.counts_differ), (3, 0), "{found:?}");
        assert!(found.figures >= 30, "{found:?}");
        assert!(found.largest_deviation < 1e-5, "{found:?}");

        let matrix = results.tensors.iter_mut().find(|t| t.value.name == "wide").expect("wide");
        matrix.value.precision.as_mut().expect("Gate III").bit_equal += 1;
        let geometry = matrix.value.geometry.as_mut().expect("Gate II");
        geometry.spectrum_tuned[1] *= 1.01;
        let found = check(&inputs, &results, &settings).expect("small tensors");
        assert_eq!(found.counts_differ, 1);
        assert_eq!((&*found.figure, &*found.tensor), ("geometry.spectrum_tuned[]", "wide"));
        assert!(found.describe().contains("1 COUNTS DIFFER"), "{}", found.describe());
    }

    #[test]
    fn nothing_is_checked_without_time_or_memory() {
        let (inputs, settings) = (inputs(), Settings { k: 4, ..Settings::default() });
        let tasks = plan(&inputs, &settings).expect("tasks").tasks;
        let results = TaskResults::default();
        for (seconds, memory) in [(0.0, 1 << 30), (1.0, 2 * BYTES - 1)] {
            let limits = CheckLimits { seconds, memory };
            let found = block_on(check_results(&tasks, &results, &settings, limits, "seed"));
            assert_eq!(found, Ok(None));
            assert!(choose(&tasks, limits, "seed").is_empty(), "{limits:?}");
        }
    }
}
