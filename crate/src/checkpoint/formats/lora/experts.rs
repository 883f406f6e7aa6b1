//! LoRA on parameters themselves (`target_parameters`): on the stacked weights of experts.
//!
//! Of E experts, A is (E·r)×in, expert by expert, and B is out×(r·E), whose column t·E + e is
//! column t of expert e. With several parameters in one module PEFT nests a wrapper for each, the
//! last one outermost, and a key says only how deep it lies. The shapes tell which it is.
//! transformers stacks experts as it loads a model; the base's file may hold one tensor an expert.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::lora::factor::Factor;
use crate::checkpoint::formats::lora::low_rank::LowRank;
use crate::checkpoint::formats::lora::merged::{Addition, merge_update};
use crate::checkpoint::formats::lora::own::{Stacked, Tail};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::views::View;
use std::rc::Rc;

/// Projections of one expert that transformers joins into `gate_up_proj`, and its `down_proj`.
const EXPERTS: [([&str; 2], &str); 2] =
    [(["gate_proj", "up_proj"], "down_proj"), (["w1", "w3"], "w2")];

/// A parameter of a module: one matrix for each expert, some rows of which may be a tensor of its
/// own.
pub(crate) struct Parameter {
    /// The name in the model.
    pub name: String,
    /// Experts, rows and columns.
    pub shape: [u64; 3],
    /// Where it lies in the base.
    pub stored: Stored,
}

/// How the base's file holds a parameter.
pub(crate) enum Stored {
    /// In one tensor.
    Stacked(TensorEntry),
    /// In tensors of its own for each expert, below each other.
    Apart(Vec<Vec<TensorEntry>>),
}

/// The factors of one wrapper.
pub(crate) struct Wrapper<'a> {
    /// A, (E·r)×in.
    pub a: &'a TensorEntry,
    /// B, out×(r·E).
    pub b: &'a TensorEntry,
}

/// Finds the parameters of a module that adapters can be on, in any of the layouts.
pub(crate) fn find_parameters(base: &Checkpoint, module: &str) -> Vec<Parameter> {
    let start = format!("{module}.");
    let own = base.tensors.iter().filter_map(|t| {
        let leaf = t.name.strip_prefix(&start).filter(|leaf| !leaf.contains('.'))?;
        let shape = match t.shape[..] {
            [experts, rows, columns] => [experts, rows, columns],
            [rows, columns] => [1, rows, columns],
            _ => return None,
        };
        let stored = Stored::Stacked(t.clone());
        Some(Parameter { name: format!("{start}{leaf}"), shape, stored })
    });
    let mut found: Vec<Parameter> = own.collect();
    for (above, down) in EXPERTS {
        for (name, leaves) in [("gate_up_proj", &above[..]), ("down_proj", &[down])] {
            found.extend(join_experts(base, module, name, leaves));
        }
    }
    found
}

/// Joins the tensors of single experts to the parameter that transformers makes of them.
fn join_experts(base: &Checkpoint, module: &str, name: &str, leaves: &[&str]) -> Option<Parameter> {
    let of_expert = |e: usize| {
        let tensor = |leaf| base.get(&format!("{module}.{e}.{leaf}.weight")).cloned();
        leaves.iter().map(tensor).collect::<Option<Vec<_>>>()
    };
    let experts: Vec<Vec<TensorEntry>> = (0..).map_while(of_expert).collect();
    let first = experts.first()?;
    let &[rows, columns] = &first[0].shape[..] else { return None };
    if experts.iter().flatten().any(|t| t.shape != [rows, columns]) {
        return None;
    }
    Some(Parameter {
        name: format!("{module}.{name}"),
        shape: [experts.len() as u64, rows.checked_mul(leaves.len() as u64)?, columns],
        stored: Stored::Apart(experts),
    })
}

impl Parameter {
    /// The tensors of the base that hold it.
    pub fn tensors(&self) -> Vec<&TensorEntry> {
        match &self.stored {
            Stored::Stacked(tensor) => vec![tensor],
            Stored::Apart(experts) => experts.iter().flatten().collect(),
        }
    }

    /// Tells whether factors fit, and whether the parameter is stored inputs × outputs. Of square
    /// matrices `square` tells that.
    fn fit(&self, wrapper: &Wrapper<'_>, square: Option<bool>) -> Option<bool> {
        let (&[r_a, inputs], &[outputs, r_b]) = (&wrapper.a.shape[..], &wrapper.b.shape[..]) else {
            return None;
        };
        let [experts, rows, columns] = self.shape;
        if r_a != r_b || r_a == 0 || experts == 0 || r_a % experts != 0 {
            return None;
        }
        let ways = ([rows, columns] == [outputs, inputs], [rows, columns] == [inputs, outputs]);
        match ways {
            (true, true) if experts == 1 => Some(false),
            (true, true) => square,
            (true, false) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }
}

/// Tells by the shapes of `gate_up_proj` and `down_proj` how both are stored: the first writes
/// twice what the second reads.
fn tell_square(parameters: &[Parameter]) -> Option<bool> {
    let of = |leaf: &str| {
        parameters.iter().find(|p| p.name.ends_with(leaf)).map(|p| [p.shape[1], p.shape[2]])
    };
    let ([a, b], [c, d]) = (of(".gate_up_proj")?, of(".down_proj")?);
    match (c == b && d.checked_mul(2) == Some(a), d == a && c.checked_mul(2) == Some(b)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

/// Applies the wrappers of a module to its parameters.
///
/// # Errors
/// A sentence where the wrappers can't be told to belong to one parameter each.
pub(crate) fn apply_wrappers(
    parameters: &[Parameter],
    wrappers: &[Wrapper<'_>],
    config: &AdapterConfig,
) -> Result<Vec<TensorEntry>, String> {
    let square = tell_square(parameters);
    let mut taken = vec![false; parameters.len()];
    let mut out = Vec::new();
    // Those with one choice first: they leave less to the others.
    let choices = |wrapper: &Wrapper<'_>, taken: &[bool]| -> Vec<(usize, bool)> {
        let fit = |(i, p): (usize, &Parameter)| Some((i, p.fit(wrapper, square)?));
        let fitting = parameters.iter().enumerate().filter_map(fit);
        fitting.filter(|(i, _)| !taken[*i]).collect()
    };
    let mut rest: Vec<&Wrapper<'_>> = wrappers.iter().collect();
    while !rest.is_empty() {
        let (place, i, transposed) = rest
            .iter()
            .enumerate()
            .find_map(|(place, wrapper)| match choices(wrapper, &taken)[..] {
                [(i, transposed)] => Some((place, i, transposed)),
                _ => None,
            })
            .ok_or_else(|| {
                let wrapper = rest[0];
                let names: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
                format!(
                    "its factors {:?} and {:?} fit none of its parameters ({}), or several, so \
                     that it is not known which they are for: merge the adapter with PEFT and give \
                     the merged checkpoint",
                    wrapper.a.shape,
                    wrapper.b.shape,
                    names.join(", ")
                )
            })?;
        taken[i] = true;
        let wrapper = rest.remove(place);
        out.extend(apply_wrapper(&parameters[i], wrapper, transposed, config)?);
    }
    Ok(out)
}

/// Applies the factors of one wrapper to its parameter.
fn apply_wrapper(
    parameter: &Parameter,
    wrapper: &Wrapper<'_>,
    transposed: bool,
    config: &AdapterConfig,
) -> Result<Vec<TensorEntry>, String> {
    let experts = parameter.shape[0];
    let (inputs, outputs, all) = (wrapper.a.shape[1], wrapper.b.shape[0], wrapper.a.shape[0]);
    let rank = all / experts;
    let known = config.rank(&parameter.name);
    if rank != known {
        return Err(format!(
            "its factors have rank {rank} for each of {experts} experts, but adapter_config.json \
             gives {known}, so its scale is not known"
        ));
    }
    let scale = config.scale(&parameter.name);
    // Outputs `first` and on, `count` of them, of one expert.
    let update = |expert: u64, first: u64, count: u64| {
        let a = Factor::part(
            [rank, inputs],
            wrapper.a.view.clone(),
            expert * rank * inputs,
            [inputs, 1],
        );
        let b = Factor::part(
            [count, rank],
            wrapper.b.view.clone(),
            first * all + expert,
            [all, experts],
        );
        Rc::new(LowRank::new(a, b, scale, transposed))
    };
    let merge =
        |view: &Rc<dyn View>, update: &Rc<LowRank>| merge_update(view, update, Addition::Cast);
    match &parameter.stored {
        Stored::Stacked(tensor) => {
            let each = parameter.shape[1] * parameter.shape[2];
            let part = |expert| {
                let own: Rc<dyn View> =
                    Rc::new(Tail { of: tensor.view.clone(), start: expert * each });
                merge(&own, &update(expert, 0, outputs))
            };
            let parts = (0..experts).map(part).collect();
            let view = Rc::new(Stacked { parts, each, dtype: tensor.dtype() });
            Ok(vec![TensorEntry { view, update: None, ..tensor.clone() }])
        }
        Stored::Apart(of) => {
            let mut out = Vec::new();
            for (expert, tensors) in of.iter().enumerate() {
                let mut first = 0;
                for tensor in tensors {
                    let update = update(expert as u64, first, tensor.shape[0]);
                    first += tensor.shape[0];
                    let view = merge(&tensor.view, &update);
                    out.push(TensorEntry { view, update: Some(update), ..tensor.clone() });
                }
            }
            Ok(out)
        }
    }
}
