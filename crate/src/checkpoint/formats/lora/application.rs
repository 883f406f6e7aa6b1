//! An adapter's parts put on the base, one after the other.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::lora::experts::{Wrapper, apply_wrappers, find_parameters};
use crate::checkpoint::formats::lora::layer::{self, Merged};
use crate::checkpoint::formats::lora::orientation::Orientation;
use crate::checkpoint::formats::lora::own::{add_bias, replace_rows};
use crate::checkpoint::formats::lora::parts::Factors;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::BTreeMap;

/// What is known while an adapter is applied.
pub(crate) struct Application<'a> {
    /// The base.
    pub base: &'a Checkpoint,
    /// What adapter_config.json says.
    pub config: &'a AdapterConfig,
    /// How square weights are stored.
    pub orientation: Orientation,
    /// Tensors that are moved, by their names in the base.
    pub moved: BTreeMap<String, TensorEntry>,
    /// Tensors that the adapter holds whole.
    pub whole: BTreeMap<String, TensorEntry>,
    /// What can't be merged, and why.
    pub left_out: Vec<LeftOut>,
}

impl Application<'_> {
    fn refuse(&mut self, name: &str, reason: LeftOutReason, detail: impl Into<String>) -> bool {
        self.left_out.push(LeftOut::new(name, reason, detail));
        false
    }

    /// The tensor as it is before the next step: already moved, stored whole by the adapter, or the
    /// base's own. True for the last.
    fn before(&self, name: &str) -> Option<(TensorEntry, bool)> {
        let other = self.moved.get(name).or_else(|| self.whole.get(name));
        match other {
            Some(entry) => Some((entry.clone(), false)),
            None => self.base.get(name).map(|entry| (entry.clone(), true)),
        }
    }

    /// Applies the factors of a module, which the adapter's configuration calls `own`. Returns true
    /// where they fit.
    pub fn apply_module(
        &mut self,
        module: &str,
        own: &str,
        found: &BTreeMap<usize, Factors>,
    ) -> bool {
        let name = format!("{module}.weight");
        let (Some(factors), 1) = (found.get(&0), found.len()) else {
            return self.apply_parameters(module, found);
        };
        let sides = |f: &Factors| Some((f.a.as_ref()?.shape.clone(), f.b.as_ref()?.shape.clone()));
        let stacked = |shape: &[u64]| {
            shape.len() == 3 && sides(factors).is_some_and(|(a, b)| a.len() == 2 && b.len() == 2)
        };
        let name = match self.base.get(&name) {
            Some(weight) if stacked(&weight.shape) => return self.apply_parameters(module, found),
            Some(_) if self.base.model.ties_head() != Some(true) => name,
            there => match self.find_tied(module, factors) {
                // The head's own copy, which PEFT saves with it, is the embedding's.
                Some(embedding) => {
                    let own = self.whole.remove(&name);
                    if let (Some(own), false) = (own, self.moved.contains_key(&embedding)) {
                        let entry = TensorEntry { name: embedding.clone(), ..own };
                        self.whole.entry(embedding.clone()).or_insert(entry);
                    }
                    embedding
                }
                None if there.is_some() => name,
                None => return self.apply_parameters(module, found),
            },
        };
        let Some((weight, is_base)) = self.before(&name) else { return false };
        let fits = match self.merge((module, own), factors, &weight, is_base) {
            Ok(entry) => {
                self.moved.insert(name, entry);
                true
            }
            Err((reason, detail)) => {
                self.whole.remove(&name);
                self.refuse(&name, reason, detail)
            }
        };
        self.apply_bias(module, own, factors) && fits
    }

    fn merge(
        &self,
        (module, own): (&str, &str),
        factors: &Factors,
        weight: &TensorEntry,
        is_base: bool,
    ) -> Merged {
        let layer = layer::Layer {
            rank: self.config.rank(own),
            scale: self.config.scale(own),
            transposed: self.orientation.is_transposed(module),
            parameter: self.config.names_parameter(&format!("{module}.weight")),
        };
        layer::merge_layer(factors, weight, is_base, &layer)
    }

    /// Adds the bias of B to the layer's.
    fn apply_bias(&mut self, module: &str, own: &str, factors: &Factors) -> bool {
        let Some(bias) = &factors.bias else { return true };
        let name = format!("{module}.bias");
        let scale = self.config.scale(own);
        match self.before(&name) {
            None => self.refuse(
                &name,
                LeftOutReason::BadAdapter,
                "the adapter has a bias for it (lora_bias), but the layer has none in the base; \
                 PEFT does not merge that",
            ),
            Some((entry, _)) if entry.shape != bias.shape => self.refuse(
                &name,
                LeftOutReason::ShapeDiffers,
                format!("base {:?}, adapter {:?}", entry.shape, bias.shape),
            ),
            Some((entry, _)) => {
                let view = add_bias(&entry.view, &bias.view, scale);
                self.moved.insert(name, TensorEntry { view, update: None, ..entry });
                true
            }
        }
    }

    /// Applies factors to parameters of a module.
    fn apply_parameters(&mut self, module: &str, found: &BTreeMap<usize, Factors>) -> bool {
        let mut parameters = find_parameters(self.base, module);
        if parameters.is_empty() {
            let reason = LeftOutReason::OnlyInTuned;
            let detail = match self.find_stack(module) {
                Some(stack) => {
                    self.refuse(&stack, LeftOutReason::BadAdapter, STACKED);
                    return false;
                }
                None => "the adapter is for it, but the base has no tensor of this name",
            };
            return self.refuse(&format!("{module}.weight"), reason, detail);
        }
        let touched: Vec<String> = parameters
            .iter()
            .flat_map(|p| p.tensors().into_iter().map(|t| t.name.clone()))
            .collect();
        parameters.retain(|p| self.config.targets_parameter(&p.name));
        let pair = |f: &'_ Factors| match (f.a.clone(), f.b.clone()) {
            (Some(a), Some(b)) => Ok((a, b)),
            _ => Err(format!("the adapter has only {} of two factors", f.example())),
        };
        let result = found.values().map(pair).collect::<Result<Vec<_>, _>>().and_then(|pairs| {
            let wrappers: Vec<_> = pairs.iter().map(|(a, b)| Wrapper { a, b }).collect();
            apply_wrappers(&parameters, &wrappers, self.config)
        });
        match result {
            Ok(entries) => {
                self.moved.extend(entries.into_iter().map(|entry| (entry.name.clone(), entry)));
                true
            }
            Err(detail) => {
                for name in touched {
                    self.refuse(&name, LeftOutReason::BadAdapter, detail.clone());
                }
                false
            }
        }
    }

    /// Finds the stacked tensor of which a module is one expert: `experts.3.up_proj` is in
    /// `experts.gate_up_proj`.
    fn find_stack(&self, module: &str) -> Option<String> {
        let (of_expert, leaf) = module.rsplit_once('.')?;
        let (experts, number) = of_expert.rsplit_once('.')?;
        number.parse::<u64>().ok()?;
        let joined = if matches!(leaf, "down_proj" | "w2") { "down_proj" } else { "gate_up_proj" };
        let name = format!("{experts}.{joined}");
        self.base.get(&name).is_some().then_some(name)
    }

    /// Finds the embedding that is a head's weight where the base has none of its own, or ties it.
    fn find_tied(&self, module: &str, factors: &Factors) -> Option<String> {
        if !is_head(&format!("{module}.weight")) {
            return None;
        }
        let (a, b) = (factors.a.as_ref()?, factors.b.as_ref()?);
        self.find_embedding(&[*b.shape.first()?, *a.shape.get(1)?])
    }

    /// Finds the only embedding of tokens with rows of the length that `shape` has.
    fn find_embedding(&self, shape: &[u64]) -> Option<String> {
        const EMBEDDINGS: [&str; 5] =
            ["embed_tokens", "wte", "word_embeddings", "embed_in", "tok_embeddings"];
        let is_embedding = |t: &&TensorEntry| {
            t.shape.get(1) == shape.get(1)
                && find_layer(&t.name).is_some_and(|layer| EMBEDDINGS.contains(&layer))
        };
        let mut found = self.base.tensors.iter().filter(is_embedding);
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one.name.clone()),
            _ => None,
        }
    }

    /// Moves the head as its embedding, where config.json ties both and the base's file holds the
    /// head besides.
    pub fn move_tied(&mut self) {
        if self.base.model.ties_head() != Some(true) {
            return;
        }
        let heads = || self.base.tensors.iter().filter(|t| is_head(&t.name));
        let moved = heads().filter_map(|head| {
            let embedding = self.find_embedding(&head.shape)?;
            let entry = self.moved.get(&embedding)?;
            let fits = entry.shape == head.shape && !self.moved.contains_key(&head.name);
            let name = head.name.clone();
            fits.then(|| (name.clone(), TensorEntry { name, ..entry.clone() }))
        });
        let moved: Vec<_> = moved.collect();
        for (name, entry) in moved {
            // The copy that PEFT saves with the embedding is from before the merge.
            self.whole.remove(&name);
            self.moved.insert(name, entry);
        }
    }

    /// Puts trained rows into an embedding. Returns true where they fit.
    pub fn apply_tokens(&mut self, module: &str, own: &str, rows: &TensorEntry) -> bool {
        let name = format!("{module}.weight");
        let Some((weight, _)) = self.before(&name) else {
            let detail = "the adapter has rows for it, but the base has no tensor of this name";
            return self.refuse(&name, LeftOutReason::OnlyInTuned, detail);
        };
        let indices = self.config.token_indices(own).unwrap_or_default();
        let (&[count, columns], &[all, wide]) = (&rows.shape[..], &weight.shape[..]) else {
            let detail = format!("base {:?}, trained rows {:?}", weight.shape, rows.shape);
            return self.refuse(&name, LeftOutReason::ShapeDiffers, detail);
        };
        let places: BTreeMap<u64, u64> = indices.iter().copied().zip(0..).collect();
        if places.len() as u64 != count || indices.len() as u64 != count {
            let detail = format!(
                "the adapter has {count} rows, but trainable_token_indices of adapter_config.json \
                 has {} different indices",
                places.len()
            );
            return self.refuse(&name, LeftOutReason::BadAdapter, detail);
        }
        if columns != wide || places.last_key_value().is_some_and(|(row, _)| *row >= all) {
            let detail = format!(
                "base {:?}, trained rows {:?} up to index {}",
                weight.shape,
                rows.shape,
                places.last_key_value().map_or(0, |(row, _)| *row)
            );
            return self.refuse(&name, LeftOutReason::ShapeDiffers, detail);
        }
        let view = replace_rows(&weight.view, &rows.view, places, columns);
        self.moved.insert(name, TensorEntry { view, update: None, ..weight });
        true
    }
}

/// The last component of a layer's name; `None` of a name that is no weight.
fn find_layer(name: &str) -> Option<&str> {
    name.strip_suffix(".weight")?.rsplit('.').next()
}

fn is_head(name: &str) -> bool {
    find_layer(name).is_some_and(|layer| ["lm_head", "embed_out", "output"].contains(&layer))
}

/// Why factors of single experts are not merged into a stacked tensor.
const STACKED: &str = "the base stacks its experts, and the adapter has factors for single ones: \
                       merge the adapter with PEFT and give the merged checkpoint";
