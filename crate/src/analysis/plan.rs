//! The plan: which tensors are compared, and in which order.

use crate::analysis::inputs::Inputs;
use crate::analysis::task::{Task, Work};
use crate::checkpoint::coverage::Coverage;
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::listing::find_listings;
use crate::checkpoint::names::layers::LayerSet;
use crate::checkpoint::names::renaming::{RenamedSide, Renaming};
use crate::checkpoint::names::role::Module;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::{Pair, Pairing, pair_renamed};
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::figures::overlap::sums::MOST_RUNS;
use crate::settings::Settings;
use std::collections::HashMap;
use std::rc::Rc;

/// Why sparse deltas without their base are read by the CPU, whatever backend is wanted.
pub const NO_PRODUCTS: &str = "without a base nothing is multiplied";

/// The tasks of an analysis, and what is known of each run before anything is computed.
pub struct Plan {
    /// The tasks, costly ones first.
    pub tasks: Vec<Task>,
    /// One entry for each run.
    pub runs: Vec<PlannedRun>,
}

/// What is known of a run before anything is computed.
pub struct PlannedRun {
    /// Tensors and files that can't be compared, and why.
    pub left_out: Vec<LeftOut>,
    /// The rules by which names were changed.
    pub renamings: Vec<Renaming>,
    /// The share of both checkpoints that is compared; `None` without a base.
    pub coverage: Option<Coverage>,
}

/// Cuts the inputs into tasks, costly ones first, and lists what each run leaves out.
///
/// # Errors
/// [`Error::Setting`] where a setting is out of range or no tensor is left.
pub fn plan(inputs: &Inputs, settings: &Settings) -> Result<Plan, Error> {
    settings.check()?;
    if inputs.tuned.len() > MOST_RUNS {
        return Err(Error::Setting(format!(
            "at most {MOST_RUNS} tuned checkpoints can be compared at once, not {}",
            inputs.tuned.len()
        )));
    }
    let layers = settings.layers.as_deref().map(LayerSet::parse).transpose()?;
    let Plan { mut tasks, runs } = match &inputs.base {
        Some(base) => plan_pairs(inputs, base, settings, layers.as_ref()),
        None => {
            let found = find_listings(&inputs.tuned, layers.as_ref());
            let task = |(id, listings)| Task { id, work: Work::Listings(listings) };
            let run = |left_out| PlannedRun { left_out, renamings: Vec::new(), coverage: None };
            Plan {
                tasks: found.tensors.into_iter().enumerate().map(task).collect(),
                runs: found.left_out.into_iter().map(run).collect(),
            }
        }
    };
    if let (true, Some(refused)) = (tasks.is_empty(), find_refused_run(inputs, &runs)) {
        return Err(Error::bad_file(&refused.name, &refused.detail));
    }
    if tasks.is_empty() {
        let what = match &inputs.base {
            Some(base) => explain_no_pairs(base, &inputs.tuned, &runs),
            None => {
                "no tensor that the sparse deltas list can be read: see what was left out".into()
            }
        };
        return Err(Error::Setting(what));
    }
    if inputs.base.is_some() {
        settings.rename.iter().try_for_each(|rule| check_used(rule, &runs))?;
    }
    tasks.sort_by(|a, b| b.cost().total_cmp(&a.cost()));
    Ok(Plan { tasks, runs })
}

/// Finds the reason why an adapter or a sparse delta fits the base in nothing.
fn find_refused_run<'a>(inputs: &Inputs, runs: &'a [PlannedRun]) -> Option<&'a LeftOut> {
    let refused = |(tuned, run): (&Checkpoint, &'a PlannedRun)| {
        let whole = [LeftOutReason::BadAdapter, LeftOutReason::BadDelta];
        let of_all = |l: &&LeftOut| l.name == tuned.name && whole.contains(&l.reason);
        run.left_out.iter().find(of_all)
    };
    inputs.tuned.iter().zip(runs).find_map(refused)
}

/// Two names as an example.
fn show_names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.take(2).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Says why nothing can be compared, with names of both sides where these are the reason.
fn explain_no_pairs(base: &Checkpoint, tuned: &[Checkpoint], runs: &[PlannedRun]) -> String {
    let mut what = "no tensor of the base has a partner of the same name and shape in a tuned \
                    checkpoint"
        .to_string();
    let alone = |run: &PlannedRun, reason| -> String {
        let of_reason = run.left_out.iter().filter(|l| l.reason == reason);
        show_names(of_reason.map(|l| l.name.as_str()))
    };
    let mismatched = tuned.iter().zip(runs).find_map(|(tuned, run)| {
        let (a, b) =
            (alone(run, LeftOutReason::OnlyInBase), alone(run, LeftOutReason::OnlyInTuned));
        (!a.is_empty() && !b.is_empty()).then(|| {
            format!(
                ": {} has {a}, {} has {b}. Where only the beginnings of names differ, say which \
                 stands for which (--rename FROM=TO, Rename prefixes on the page)",
                base.name, tuned.name
            )
        })
    });
    what.push_str(mismatched.as_deref().unwrap_or(": see what was left out"));
    what
}

/// Refuses a renaming that no name of any run begins with.
fn check_used(rule: &[String; 2], runs: &[PlannedRun]) -> Result<(), Error> {
    let [from, to] = rule;
    let used = |renaming: &Renaming| {
        renaming.side == RenamedSide::Tuned && renaming.from == *from && renaming.to == *to
    };
    if runs.iter().any(|run| run.renamings.iter().any(used)) {
        return Ok(());
    }
    Err(Error::Setting(format!(
        "the renaming `{from}={to}` changes nothing: no name of a tuned checkpoint begins with \
         `{from}`, or its tensors have the new names already"
    )))
}

/// Makes a task of every tensor of the base and its partners.
fn plan_pairs(
    inputs: &Inputs,
    base: &Checkpoint,
    settings: &Settings,
    layers: Option<&LayerSet>,
) -> Plan {
    let mut tensors: Vec<Vec<InRun<Pair>>> = Vec::new();
    let mut places = HashMap::new();
    let mut runs = Vec::new();
    for (run, tuned) in inputs.tuned.iter().enumerate() {
        let Pairing { mut pairs, mut left_out, renamings, coverage } =
            pair_renamed(base, tuned, layers, &settings.rename);
        for p in inputs.fisher.iter().flat_map(|f| &f.problems) {
            left_out.push(LeftOut { detail: format!("in the Fisher: {}", p.detail), ..p.clone() });
        }
        runs.push(PlannedRun { left_out, renamings, coverage: Some(coverage) });
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
            // A vector that grows by itself has room for four, and there may be a million.
            tensors[place].reserve_exact(1);
            tensors[place].push(InRun::new(run, p));
        }
    }
    let task = |(id, pairs)| Task { id, work: Work::Pairs(pairs) };
    Plan { tasks: tensors.into_iter().enumerate().map(task).collect(), runs }
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
