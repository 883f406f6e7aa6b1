//! Which of the tensors of a pickle are the model's weights.
//!
//! A training state holds more than the model: moments of the optimizer, averages, other modules.
//! The weights are the dict that holds most elements itself, beside those of optimizers.

use crate::checkpoint::formats::torch::names::is_state;
use crate::checkpoint::formats::torch::pickle::Value;
use crate::checkpoint::formats::torch::tensor::{describe, is_tensor};
use crate::checkpoint::raw;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::HashSet;
use std::rc::Rc;

/// Names of an optimizer's moments: a dict that holds one is no model.
const MOMENTS: [&str; 4] = ["exp_avg", "exp_avg_sq", "momentum_buffer", "square_avg"];
/// Keys that frameworks give the weights, the most usual first; they decide between dicts of the
/// same size, such as weights and their running average.
const USUAL: [&str; 5] = ["state_dict", "model", "module", "model_state_dict", "actor"];

/// A dict that holds tensors.
struct Candidate<'a> {
    /// The keys that lead to it.
    path: Vec<Rc<str>>,
    entries: &'a [(Value, Value)],
    /// Number of elements of the tensors that it holds itself.
    elements: u64,
    /// True for the state of an optimizer.
    state: bool,
}

/// The model's weights in a pickle.
#[derive(Debug)]
pub struct Model<'a> {
    /// The tensors by their names.
    pub tensors: Vec<(&'a str, &'a Value)>,
    /// What else holds tensors, and is not used.
    pub left_out: Vec<LeftOut>,
}

/// Finds the weights in the value of a file; `None` where no dict holds tensors by names.
pub fn find_model<'a>(file: &str, value: &'a Value) -> Option<Model<'a>> {
    let mut walk = Walk { candidates: Vec::new(), visited: HashSet::new(), loose: Vec::new() };
    walk.visit(value, &mut Vec::new(), false);
    let Walk { candidates, loose, .. } = walk;
    // A later one wins only if it is larger, or as large and of a more usual key.
    let rank = |candidate: &Candidate| {
        let key = candidate.path.last().map_or("", |key| &**key);
        let usual = USUAL.iter().rev().position(|usual| *usual == key).map_or(0, |at| at + 1);
        (candidate.elements, usual)
    };
    let models = candidates.iter().enumerate().filter(|(_, candidate)| !candidate.state);
    let (chosen, model) = models.rev().max_by_key(|(_, candidate)| rank(candidate))?;
    let tensors = named(model.entries).collect();
    let place = if model.path.is_empty() { "the outermost dict".into() } else { join(&model.path) };
    let mut others: Vec<(String, usize)> = Vec::new();
    let found = candidates
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != chosen)
        .map(|(_, other)| (&other.path, named(other.entries).count()))
        .chain(loose.iter().map(|(path, count)| (path, *count)));
    for (path, count) in found {
        // One entry for all below the first key that the two paths do not share.
        let shared = path.iter().zip(&model.path).take_while(|(a, b)| a == b).count();
        let name = join(&path[..path.len().min(shared + 1)]);
        match others.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += count,
            None => others.push((name, count)),
        }
    }
    let left_out = others
        .into_iter()
        .map(|(name, count)| {
            let detail = format!(
                "{count} tensors of {file} here are not compared: the weights are taken from \
                {place}, which holds most"
            );
            LeftOut::new(&name, LeftOutReason::NotUsed, detail)
        })
        .collect();
    Some(Model { tensors, left_out })
}

/// The tensors that a dict holds by text.
fn named(entries: &[(Value, Value)]) -> impl Iterator<Item = (&str, &Value)> {
    entries.iter().filter(|(_, value)| is_tensor(value)).filter_map(|(k, v)| Some((k.as_str()?, v)))
}

fn join(path: &[Rc<str>]) -> String {
    if path.is_empty() { "the outermost value".into() } else { path.join(".") }
}

struct Walk<'a> {
    candidates: Vec<Candidate<'a>>,
    /// Where the values lie that were visited: what is shared is visited once.
    visited: HashSet<*const u8>,
    /// Paths of lists and of dicts with other keys, and how many tensors they hold.
    loose: Vec<(Vec<Rc<str>>, usize)>,
}

impl<'a> Walk<'a> {
    fn is_new(&mut self, place: *const u8) -> bool {
        self.visited.insert(place)
    }

    fn visit(&mut self, value: &'a Value, path: &mut Vec<Rc<str>>, state: bool) {
        let mut loose = 0;
        match value {
            value if is_tensor(value) => loose = 1,
            Value::Dict(entries) if self.is_new(entries.as_ptr().cast()) => {
                let tensors: Vec<_> = named(entries).collect();
                if !tensors.is_empty() {
                    let elements = tensors.iter().fold(0, |sum: u64, (_, tensor)| {
                        sum.saturating_add(count_elements(tensor))
                    });
                    let state = state || tensors.iter().any(|(key, _)| MOMENTS.contains(key));
                    self.candidates.push(Candidate {
                        path: path.clone(),
                        entries,
                        elements,
                        state,
                    });
                }
                for (key, value) in &**entries {
                    if is_tensor(value) {
                        loose += usize::from(key.as_str().is_none());
                        continue;
                    }
                    let key: Rc<str> = match key {
                        Value::Str(key) => key.clone(),
                        Value::Int(key) => key.to_string().into(),
                        _ => "…".into(),
                    };
                    let state = state || is_state(&key);
                    path.push(key);
                    self.visit(value, path, state);
                    path.pop();
                }
            }
            Value::List(items) | Value::Tuple(items) | Value::Set(items)
                if self.is_new(items.as_ptr().cast()) =>
            {
                for (place, item) in items.iter().enumerate() {
                    if is_tensor(item) {
                        loose += 1;
                    } else if matches!(item, Value::Dict(_) | Value::List(_) | Value::Tuple(_)) {
                        path.push(place.to_string().into());
                        self.visit(item, path, state);
                        path.pop();
                    }
                }
            }
            Value::Object(object) => {
                let values = object.args.iter().chain(&object.state);
                values.for_each(|value| self.visit(value, path, true));
            }
            _ => {}
        }
        if loose > 0 {
            self.loose.push((path.clone(), loose));
        }
    }
}

/// Number of elements, or 0 for what is no plain tensor.
fn count_elements(tensor: &Value) -> u64 {
    describe(tensor).map_or(0, |t| raw::count_elements(&t.shape).unwrap_or(0))
}
