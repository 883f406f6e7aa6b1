//! Counts the weights of two checkpoints and those that are compared.

use crate::checkpoint::coverage::Coverage;
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::pair::{Pair, Side};
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::{HashMap, HashSet};

/// Measures the share of a base and of a tuned checkpoint that `pairs` compare. `tensors` are those
/// of the tuned checkpoint as they were paired; `left_out` tells what an adapter leaves as it is.
pub(crate) fn measure_coverage(
    base: &Checkpoint,
    tuned: &Checkpoint,
    tensors: &[TensorEntry],
    pairs: &[Pair],
    left_out: &[LeftOut],
) -> Coverage {
    // A copy of a tied tensor is no weight more.
    let copies: HashSet<&str> = left_out
        .iter()
        .filter(|l| l.reason == LeftOutReason::NotUsed)
        .map(|l| l.name.as_str())
        .collect();
    let is_own = |t: &&TensorEntry| !copies.contains(t.name.as_str());
    let of_base =
        count_weights(base.tensors.iter().filter(is_own)).saturating_add(count_unread(base));
    // An adapter and a delta hold a part of what they make of the base.
    let on_base = tuned.adapter.is_some() || tuned.delta.is_some();
    let of_tuned = if on_base {
        let new = tensors.iter().filter(|t| base.get(&t.name).is_none());
        of_base.saturating_add(count_weights(new))
    } else {
        count_weights(tensors.iter().filter(is_own)).saturating_add(count_unread(tuned))
    };
    let kept = left_out
        .iter()
        .filter(|l| l.reason == LeftOutReason::NotAdapted)
        .filter_map(|l| base.get(&l.name));
    let coverage = Coverage {
        base: of_base,
        tuned: of_tuned,
        not_adapted: count_weights(kept),
        ..Coverage::default()
    };
    count_compared(coverage, pairs)
}

/// Counts the weights that `pairs` compare, each once, however many pairs it is in: a head that is
/// tied to the embeddings is the same tensor.
pub(crate) fn count_compared<'a>(
    coverage: Coverage,
    pairs: impl IntoIterator<Item = &'a Pair>,
) -> Coverage {
    let (mut seen, mut compared) = (HashSet::new(), [0_u64; 2]);
    for pair in pairs {
        for (side, count) in [Side::Base, Side::Tuned].into_iter().zip(&mut compared) {
            let (name, first) = pair.place(side);
            if seen.insert((side == Side::Base, name, first)) {
                *count = count.saturating_add(pair.elements());
            }
        }
    }
    let [of_base, of_tuned] = compared;
    Coverage {
        compared: of_base.min(coverage.base),
        compared_tuned: of_tuned.min(coverage.tuned),
        ..coverage
    }
}

fn count_weights<'a>(tensors: impl Iterator<Item = &'a TensorEntry>) -> u64 {
    tensors.fold(0, |sum, t| sum.saturating_add(t.elements()))
}

/// Counts the weights of tensors that the headers list and that can't be read.
fn count_unread(checkpoint: &Checkpoint) -> u64 {
    let bad: HashSet<&str> = checkpoint
        .problems
        .iter()
        .filter(|p| p.reason.is_error())
        .map(|p| p.name.as_str())
        .filter(|name| checkpoint.get(name).is_none())
        .collect();
    if bad.is_empty() {
        return 0;
    }
    let stored: HashMap<&str, u64> = checkpoint
        .raw
        .iter()
        .filter(|t| bad.contains(t.name.as_str()))
        .map(|t| (t.name.as_str(), t.elements()))
        .collect();
    stored.values().fold(0, |sum, weights| sum.saturating_add(*weights))
}

#[cfg(test)]
mod tests {
    use crate::checkpoint::coverage::Coverage;
    use crate::checkpoint::names::layers::LayerSet;
    use crate::checkpoint::open::Checkpoint;
    use crate::checkpoint::pairing::pair_tensors;
    use crate::checkpoint::testing::{FileBuilder, bytes_file, open};

    /// A checkpoint of BF16 tensors, by their names and shapes.
    fn checkpoint(tensors: &[(&str, &[u64])]) -> Checkpoint {
        let add = |file: FileBuilder, (name, shape): &(&str, &[u64])| {
            let count = shape.iter().product::<u64>() as usize;
            file.bf16s(name, shape, &vec![0.5; count])
        };
        tensors.iter().fold(FileBuilder::new(), add).checkpoint("a")
    }

    fn measured(base: &Checkpoint, tuned: &Checkpoint, layers: Option<&str>) -> [u64; 5] {
        let layers = layers.map(|text| LayerSet::parse(text).expect("layers"));
        let found = pair_tensors(base, tuned, layers.as_ref()).coverage;
        let Coverage { base, tuned, compared, compared_tuned, not_adapted } = found;
        [base, tuned, compared, compared_tuned, not_adapted]
    }

    const Q: &str = "model.layers.0.self_attn.q_proj.weight";
    const NEXT: &str = "model.layers.1.self_attn.q_proj.weight";

    #[test]
    fn weights_without_a_partner_belong_to_the_whole() {
        let base = checkpoint(&[(Q, &[3, 2]), (NEXT, &[3, 2]), ("experts", &[2, 2, 2])]);
        assert_eq!(measured(&base, &base, None), [20, 20, 20, 20, 0]);
        let other = checkpoint(&[(Q, &[3, 2]), (NEXT, &[2, 2]), ("visual", &[9])]);
        assert_eq!(measured(&base, &other, None), [20, 19, 6, 6, 0]);
        assert_eq!(measured(&base, &base, Some("1")), [20, 20, 6, 6, 0]);
    }

    #[test]
    fn weights_that_cannot_be_read_belong_to_the_whole() {
        let base = checkpoint(&[("w", &[3, 2]), ("x", &[5])]);
        let tuned = FileBuilder::new()
            .bf16s("w", &[3, 2], &[0.5; 6])
            .tensor("x", "I32", &[5], [0; 20])
            .tensor("y", "I32", &[7], [0; 28])
            .checkpoint("a");
        assert_eq!(measured(&base, &tuned, None), [11, 18, 6, 6, 0]);
    }

    #[test]
    fn what_an_adapter_leaves_as_it_is_is_known() {
        let base = checkpoint(&[(Q, &[3, 2]), (NEXT, &[3, 2]), ("norm", &[5])]);
        let config = br#"{"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":["q_proj"]}"#;
        let factors = FileBuilder::new()
            .f32s(
                "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
                &[1, 2],
                &[1.0; 2],
            )
            .f32s(
                "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
                &[3, 1],
                &[1.0; 3],
            );
        let adapter = open(
            "adapter",
            vec![
                factors.source("adapter_model.safetensors"),
                bytes_file("adapter_config.json", config),
            ],
        )
        .expect("an adapter");
        assert_eq!(measured(&base, &adapter, None), [17, 17, 6, 6, 11]);
    }
}
