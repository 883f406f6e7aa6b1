//! The plan: which tensors, in which order, in what memory; and one tensor's way from bytes to
//! report.

use crate::analysis::inputs::Inputs;
use crate::analysis::results::Analyzed;
use crate::analysis::task::{Task, Work};
use crate::checkpoint::formats::sparse_delta::Delta;
use crate::checkpoint::listing::listings;
use crate::checkpoint::names::layers::LayerSet;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::{Pair, pair};
use crate::checkpoint::summary::LeftOut;
use crate::error::Error;
use crate::figures::fisher::compute::share_out_kl;
use crate::figures::overlap::compute as overlaps;
use crate::figures::overlap::sums::MOST_RUNS;
use crate::figures::tensor::TensorReport;
use crate::report;
use crate::report::{BackendInfo, Partial, Report, Run, Timings};
use crate::settings::SPANS;
use crate::settings::Settings;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Cells a side of a map at most: 64 KiB each.
const MOST_MAP_SIDE: usize = 256;

/// Why sparse deltas without their base are read by the CPU, whatever backend is wanted.
pub const NO_PRODUCTS: &str = "without a base nothing is multiplied";

/// The tasks, costly ones first, and what each run leaves out.
///
/// # Errors
/// [`Error::Setting`] where a setting is out of range or no tensor is left.
pub fn plan(inputs: &Inputs, settings: &Settings) -> Result<(Vec<Task>, Vec<Vec<LeftOut>>), Error> {
    check(settings)?;
    if inputs.tuned.len() > MOST_RUNS {
        return Err(Error::Setting(format!(
            "at most {MOST_RUNS} tuned checkpoints can be compared at once, not {}",
            inputs.tuned.len()
        )));
    }
    let layers = settings.layers.as_deref().map(LayerSet::parse).transpose()?;
    let (mut tasks, left_out) = match &inputs.base {
        Some(base) => pairs(inputs, base, settings, layers.as_ref()),
        None => {
            let found = listings(&inputs.tuned, layers.as_ref());
            let task = |(id, listings)| Task { id, work: Work::Listings(listings) };
            (found.tensors.into_iter().enumerate().map(task).collect(), found.left_out)
        }
    };
    if tasks.is_empty() {
        return Err(Error::Setting(match inputs.base {
            Some(_) => "no tensor of the base has a partner of the same name and shape in a tuned checkpoint: see what was left out".into(),
            None => "no tensor that the sparse deltas list can be read: see what was left out".into(),
        }));
    }
    tasks.sort_by(|a, b| b.cost().total_cmp(&a.cost()));
    Ok((tasks, left_out))
}

/// Every tensor of the base with its partners.
fn pairs(
    inputs: &Inputs,
    base: &Checkpoint,
    settings: &Settings,
    layers: Option<&LayerSet>,
) -> (Vec<Task>, Vec<Vec<LeftOut>>) {
    let mut tensors: Vec<Vec<(usize, Pair)>> = Vec::new();
    let mut places = HashMap::new();
    let mut left_out = Vec::new();
    for (run, tuned) in inputs.tuned.iter().enumerate() {
        let (mut pairs, mut missing) = pair(base, tuned, layers);
        for p in inputs.fisher.iter().flat_map(|f| &f.problems) {
            missing.push(LeftOut { detail: format!("in the Fisher: {}", p.detail), ..p.clone() });
        }
        left_out.push(missing);
        for p in &mut pairs {
            p.heads = base.attention.and_then(|a| a.blocks(&p.role, &p.shape));
        }
        if settings.function_preserving {
            attach_outputs(&mut pairs);
        }
        for mut p in pairs {
            if let Some(fisher) = &inputs.fisher {
                p.attach_fisher(fisher);
            }
            let place = *places.entry(p.name.clone()).or_insert_with(|| {
                tensors.push(Vec::new());
                tensors.len() - 1
            });
            tensors[place].push((run, p));
        }
    }
    let task = |(id, pairs)| Task { id, work: Work::Pairs(pairs) };
    (tensors.into_iter().enumerate().map(task).collect(), left_out)
}

/// Gives every value projection its layer's output projection.
fn attach_outputs(pairs: &mut [Pair]) {
    let outputs =
        pairs.iter().filter(|p| p.role.module == "o" && p.heads.is_some_and(|h| !h.on_rows));
    let by_layer: HashMap<_, _> = outputs.map(|p| (p.role.layer, Rc::new(p.clone()))).collect();
    for p in pairs.iter_mut().filter(|p| p.role.module == "v" && p.heads.is_some_and(|h| h.on_rows))
    {
        p.outputs = by_layer.get(&p.role.layer).cloned();
    }
}

/// Settings that no analysis can run with.
pub fn check(settings: &Settings) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::Setting(what));
    if settings.k == 0 {
        return wrong("k must be at least 1".into());
    }
    if settings.alphas.is_empty() {
        return wrong("at least one α is needed".into());
    }
    if let Some(a) = settings.alphas.iter().find(|a| !(**a > 0.0 && **a < 1.0)) {
        return wrong(format!("α must lie between 0 and 1, not {a}"));
    }
    if !(settings.eta >= 0.0 && settings.eta < 1.0) {
        return wrong(format!("η must lie in [0, 1), not {}", settings.eta));
    }
    if let Some(span) = settings.span.as_deref().filter(|s| !SPANS.contains(s)) {
        return wrong(format!("no span is called {span}: use whole_run, per_step or steps"));
    }
    if settings.map_side > MOST_MAP_SIDE {
        return wrong(format!(
            "maps have at most {MOST_MAP_SIDE} cells a side, not {}",
            settings.map_side
        ));
    }
    if settings.abs_tolerance.is_nan() || settings.abs_tolerance < 0.0 {
        return wrong(format!(
            "the absolute tolerance must not be negative, but is {}",
            settings.abs_tolerance
        ));
    }
    Ok(())
}

/// What `results` lack of the plan; `None` where they are whole. A tensor that failed was analysed.
fn partial(tasks: &[Task], results: &[(usize, TensorReport)]) -> Option<Partial> {
    let have: HashSet<(usize, &str)> =
        results.iter().map(|(run, tensor)| (*run, tensor.name.as_str())).collect();
    let finished = tasks
        .iter()
        .filter(|t| t.runs().iter().all(|run| have.contains(&(*run, t.name()))))
        .count();
    // Only cancelling ends a run early: whatever else goes wrong with a tensor is a result of its
    // own.
    (finished < tasks.len()).then(|| Partial {
        finished,
        total: tasks.len(),
        reason: "cancelled".into(),
    })
}

/// Puts finished tensors together; runs in which nothing finished are kept, with what was left out.
pub fn assemble(
    inputs: &Inputs,
    settings: &Settings,
    backend: BackendInfo,
    results: Analyzed,
    timings: Timings,
    created: String,
) -> Result<Report, Error> {
    let (tasks, left_out) = plan(inputs, settings)?;
    let Analyzed { tensors: results, mut overlaps } = results;
    let partial = partial(&tasks, &results);
    let mut order: Vec<_> = tasks.iter().map(|t| (t.id, t.name())).collect();
    order.sort();
    let place: HashMap<&str, usize> = order.into_iter().map(|(id, name)| (name, id)).collect();
    let mut runs: Vec<Run> = inputs
        .tuned
        .iter()
        .zip(left_out)
        .map(|(c, left_out)| {
            let (layers, modules, model) = report::rollups(&[]);
            let delta = c.delta.as_ref();
            Run {
                checkpoint: c.summary(),
                tensors: Vec::new(),
                layers,
                modules,
                model,
                left_out,
                delta: delta.map(Delta::summary),
                // What the files tell goes before what the user says.
                span: delta
                    .and_then(|d| d.span)
                    .map(String::from)
                    .or_else(|| settings.span.clone()),
            }
        })
        .collect();
    for (run, tensor) in results {
        if tensor.status == "failed" {
            let detail = tensor.error.clone().unwrap_or_default();
            runs[run].left_out.push(LeftOut {
                name: tensor.name.clone(),
                reason: "failed".into(),
                detail,
            });
        }
        runs[run].tensors.push(tensor);
    }
    for run in &mut runs {
        let fishers: Vec<_> = run.tensors.iter_mut().filter_map(|t| t.fisher.as_mut()).collect();
        share_out_kl(fishers);
        run.tensors.sort_by_key(|t| place.get(t.name.as_str()).copied().unwrap_or(usize::MAX));
        (run.layers, run.modules, run.model) = report::rollups(&run.tensors);
    }
    overlaps.sort_by_key(|o| {
        o.name.as_deref().and_then(|name| place.get(name)).copied().unwrap_or(usize::MAX)
    });
    overlaps.extend(overlaps::model(&overlaps, inputs.tuned.len()));
    Ok(Report {
        format: "gatescope-report".into(),
        version: report::VERSION,
        generator: report::GENERATOR.into(),
        created,
        backend,
        settings: settings.clone(),
        base: inputs.base.as_ref().map(Checkpoint::summary),
        fisher: inputs.fisher.as_ref().map(Checkpoint::summary),
        runs,
        overlaps,
        timings,
        partial,
    })
}
