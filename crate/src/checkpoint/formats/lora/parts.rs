//! The tensors of an adapter, sorted by what they are for.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::keys::{Part, take_apart};
use crate::checkpoint::open::Checkpoint;
use std::collections::BTreeMap;

/// The factors of one layer, or of one of its parameters.
#[derive(Default)]
pub(crate) struct Factors {
    /// A.
    pub a: Option<TensorEntry>,
    /// B.
    pub b: Option<TensorEntry>,
    /// The bias of B.
    pub bias: Option<TensorEntry>,
    /// True for those of an embedding, whose Δ is (B·A)ᵀ.
    pub embedding: bool,
}

impl Factors {
    /// The stored name of one of them, for messages.
    pub fn example(&self) -> &str {
        let any = self.a.as_ref().or(self.b.as_ref()).or(self.bias.as_ref());
        any.map_or("", |t| t.name.as_str())
    }
}

/// The tensors of an adapter.
#[derive(Default)]
pub(crate) struct Parts {
    /// The factors by module, and within it by depth.
    pub modules: BTreeMap<String, BTreeMap<usize, Factors>>,
    /// Tensors that were trained or saved whole, by their names in the base.
    pub whole: BTreeMap<String, TensorEntry>,
    /// Trained rows of embeddings, by module.
    pub tokens: BTreeMap<String, TensorEntry>,
    /// Copies from before training, by their stored names.
    pub originals: Vec<String>,
    /// Tensors that are there twice: the name in the base, and both stored names.
    pub twice: Vec<(String, [String; 2])>,
}

impl Parts {
    /// Sorts the tensors of `adapter`.
    pub fn of(adapter: &Checkpoint) -> Self {
        let mut parts = Self::default();
        for t in &adapter.tensors {
            let key = take_apart(&t.name);
            let (module, part) = (key.module.clone(), key.part);
            let target = match part {
                Part::Whole => module.clone(),
                Part::Bias => format!("{module}.bias"),
                _ => format!("{module}.weight"),
            };
            let (modules, whole) = (&mut parts.modules, &mut parts.whole);
            let factors = || modules.entry(module).or_default().entry(key.depth).or_default();
            let before = match part {
                Part::A => factors().a.replace(t.clone()),
                Part::B => factors().b.replace(t.clone()),
                Part::EmbeddingA | Part::EmbeddingB => {
                    let found = factors();
                    found.embedding = true;
                    let a = part == Part::EmbeddingA;
                    (if a { &mut found.a } else { &mut found.b }).replace(t.clone())
                }
                Part::Bias => factors().bias.replace(t.clone()),
                Part::Whole => whole.insert(key.module, t.clone()),
                Part::Tokens => parts.tokens.insert(key.module, t.clone()),
                Part::Original => {
                    parts.originals.push(t.name.clone());
                    None
                }
            };
            if let Some(before) = before {
                parts.twice.push((target, [before.name, t.name.clone()]));
            }
        }
        parts
    }
}
