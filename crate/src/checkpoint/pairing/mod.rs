//! Tensors of base and tuned that belong together.

mod measure;
pub mod pair;

pub(crate) use measure::count_compared;
pub use pair::{Pair, Side, Unmerged};

use crate::checkpoint::coverage::Coverage;
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora as adapter;
use crate::checkpoint::names::layers::LayerSet;
use crate::checkpoint::names::renaming::Renaming;
use crate::checkpoint::names::{natural, role::find_role};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::measure::measure_coverage;
use crate::checkpoint::pairing::pair::cut_pair;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::{HashMap, HashSet};

/// The pairs of a base and a tuned checkpoint.
pub struct Pairing {
    /// The pairs in the base's order.
    pub pairs: Vec<Pair>,
    /// What has no partner or can't be read, and why.
    pub left_out: Vec<LeftOut>,
    /// The rules by which names of one side were changed to find their partners.
    pub renamings: Vec<Renaming>,
    /// The share of both that is compared.
    pub coverage: Coverage,
}

/// Pairs the tensors of two checkpoints by name.
pub fn pair_tensors(base: &Checkpoint, tuned: &Checkpoint, layers: Option<&LayerSet>) -> Pairing {
    let (mut pairs, mut left_out) = (Vec::new(), Vec::new());
    for (side, checkpoint) in [("base", base), ("tuned", tuned)] {
        left_out.extend(checkpoint.problems.iter().map(|p| {
            LeftOut::new(&p.name, p.reason, format!("in the {side} checkpoint: {}", p.detail))
        }));
    }
    let with_adapter = tuned.adapter.as_ref().map(|config| {
        let (tensors, refused) = adapter::apply_adapter(base, tuned, config);
        left_out.extend(refused);
        tensors
    });
    let tensors = with_adapter.as_ref().unwrap_or(&tuned.tensors);
    let named: HashMap<&str, &TensorEntry> = tensors.iter().map(|t| (t.name.as_str(), t)).collect();
    // What can't be read on one side is not missing there.
    let listed: HashSet<String> = left_out.iter().map(|l| l.name.clone()).collect();
    for b in &base.tensors {
        let Some(t) = named.get(b.name.as_str()) else {
            if !listed.contains(&b.name) {
                left_out.push(match with_adapter {
                    None => LeftOut::new(
                        &b.name,
                        LeftOutReason::OnlyInBase,
                        "the tuned checkpoint has no tensor of this name",
                    ),
                    Some(_) => LeftOut::new(
                        &b.name,
                        LeftOutReason::NotAdapted,
                        "the adapter leaves it as it is",
                    ),
                });
            }
            continue;
        };
        if b.shape != t.shape {
            left_out.push(LeftOut::new(
                &b.name,
                LeftOutReason::ShapeDiffers,
                format!("base {:?}, tuned {:?}", b.shape, t.shape),
            ));
        } else if layers
            .is_some_and(|set| !find_role(&b.name, &b.shape).layer.is_some_and(|l| set.contains(l)))
        {
            left_out.push(LeftOut::new(
                &b.name,
                LeftOutReason::LayerNotSelected,
                "it is in none of the layers chosen",
            ));
        } else {
            pairs.extend(cut_pair(b, t));
        }
    }
    let mut extra: Vec<_> = tensors
        .iter()
        .filter(|t| base.get(&t.name).is_none() && !listed.contains(&t.name))
        .collect();
    extra.sort_by(|a, b| natural::compare_names(&a.name, &b.name));
    left_out.extend(extra.iter().map(|t| {
        LeftOut::new(&t.name, LeftOutReason::OnlyInTuned, "the base has no tensor of this name")
    }));
    let coverage = measure_coverage(base, tuned, tensors, &pairs, &left_out);
    Pairing { pairs, left_out, renamings: Vec::new(), coverage }
}
