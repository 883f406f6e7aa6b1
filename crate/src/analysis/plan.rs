//! The plan: which tensors are compared, and in which order.

use crate::analysis::inputs::Inputs;
use crate::analysis::task::{Task, Work};
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::listing::find_listings;
use crate::checkpoint::names::layers::LayerSet;
use crate::checkpoint::names::role::Module;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::{Pair, pair_tensors};
use crate::checkpoint::summary::LeftOut;
use crate::error::Error;
use crate::figures::overlap::sums::MOST_RUNS;
use crate::settings::Settings;
use std::collections::HashMap;
use std::rc::Rc;

/// Why sparse deltas without their base are read by the CPU, whatever backend is wanted.
pub const NO_PRODUCTS: &str = "without a base nothing is multiplied";

/// Cuts the inputs into tasks, costly ones first, and lists what each run leaves out.
///
/// # Errors
/// [`Error::Setting`] where a setting is out of range or no tensor is left.
pub fn plan(inputs: &Inputs, settings: &Settings) -> Result<(Vec<Task>, Vec<Vec<LeftOut>>), Error> {
    settings.check()?;
    if inputs.tuned.len() > MOST_RUNS {
        return Err(Error::Setting(format!(
            "at most {MOST_RUNS} tuned checkpoints can be compared at once, not {}",
            inputs.tuned.len()
        )));
    }
    let layers = settings.layers.as_deref().map(LayerSet::parse).transpose()?;
    let (mut tasks, left_out) = match &inputs.base {
        Some(base) => plan_pairs(inputs, base, settings, layers.as_ref()),
        None => {
            let found = find_listings(&inputs.tuned, layers.as_ref());
            let task = |(id, listings)| Task { id, work: Work::Listings(listings) };
            (found.tensors.into_iter().enumerate().map(task).collect(), found.left_out)
        }
    };
    if tasks.is_empty() {
        let what = match inputs.base {
            Some(_) => {
                "no tensor of the base has a partner of the same name and shape in a tuned \
                 checkpoint: see what was left out"
            }
            None => "no tensor that the sparse deltas list can be read: see what was left out",
        };
        return Err(Error::Setting(what.into()));
    }
    tasks.sort_by(|a, b| b.cost().total_cmp(&a.cost()));
    Ok((tasks, left_out))
}

/// Makes a task of every tensor of the base and its partners.
fn plan_pairs(
    inputs: &Inputs,
    base: &Checkpoint,
    settings: &Settings,
    layers: Option<&LayerSet>,
) -> (Vec<Task>, Vec<Vec<LeftOut>>) {
    let mut tensors: Vec<Vec<InRun<Pair>>> = Vec::new();
    let mut places = HashMap::new();
    let mut left_out = Vec::new();
    for (run, tuned) in inputs.tuned.iter().enumerate() {
        let (mut pairs, mut missing) = pair_tensors(base, tuned, layers);
        for p in inputs.fisher.iter().flat_map(|f| &f.problems) {
            missing.push(LeftOut { detail: format!("in the Fisher: {}", p.detail), ..p.clone() });
        }
        left_out.push(missing);
        for p in &mut pairs {
            p.heads = base.attention.and_then(|a| a.find_blocks(&p.role, &p.shape));
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
            tensors[place].push(InRun::new(run, p));
        }
    }
    let task = |(id, pairs)| Task { id, work: Work::Pairs(pairs) };
    (tensors.into_iter().enumerate().map(task).collect(), left_out)
}

/// Attaches to every value projection the output projection of its layer.
fn attach_outputs(pairs: &mut [Pair]) {
    let outputs =
        pairs.iter().filter(|p| p.role.module == Module::O && p.heads.is_some_and(|h| !h.on_rows));
    let by_layer: HashMap<_, _> = outputs.map(|p| (p.role.layer, Rc::new(p.clone()))).collect();
    for p in pairs
        .iter_mut()
        .filter(|p| p.role.module == Module::V && p.heads.is_some_and(|h| h.on_rows))
    {
        p.outputs = by_layer.get(&p.role.layer).cloned();
    }
}
