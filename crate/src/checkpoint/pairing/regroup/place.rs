//! Tensors of experts by their names.

use crate::checkpoint::kinds::Kind;
use crate::checkpoint::names::families::modernize_name;
use crate::checkpoint::names::votes::is_number;

/// The layouts of experts, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[
    Kind::read(
        "one tensor for each expert",
        "model.layers.0.mlp.experts.7.gate_proj.weight",
        "w1, w3 and w2 are gate, up and down.",
    ),
    Kind::read(
        "experts stacked, gate and up fused",
        "model.layers.0.mlp.experts.gate_up_proj",
        "Also transposed, as Llama 4 has them; not interleaved ones of gpt-oss.",
    ),
    Kind::read("experts stacked", "model.layers.0.mlp.experts.up_proj", ""),
];

/// A projection of an expert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Projection {
    /// `gate_proj`, w1.
    Gate,
    /// `up_proj`, w3.
    Up,
    /// `down_proj`, w2.
    Down,
    /// Gate and up, one above the other.
    GateUp,
}

/// What a tensor of experts holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The projection.
    pub projection: Projection,
    /// The number of its expert; `None` for a stack of all.
    pub expert: Option<u64>,
}

/// Takes a name apart into the experts that it belongs to and its place among them.
pub(crate) fn find_place(name: &str) -> Option<(String, Place)> {
    let name = modernize_name(name);
    let at = name.rfind("experts.").filter(|at| *at == 0 || name[..*at].ends_with('.'))?;
    let (group, rest) = name.split_at(at + "experts.".len());
    let rest = rest.strip_suffix(".weight").unwrap_or(rest);
    let (expert, word) = match rest.split_once('.') {
        Some((number, word)) if is_number(number) => (Some(number.parse().ok()?), word),
        Some(_) => return None,
        None => (None, rest),
    };
    let projection = match word {
        "gate_proj" | "w1" => Projection::Gate,
        "up_proj" | "w3" => Projection::Up,
        "down_proj" | "w2" => Projection::Down,
        "gate_up_proj" | "w13" => Projection::GateUp,
        _ => return None,
    };
    Some((group.to_string(), Place { projection, expert }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_place() {
        for kind in KINDS {
            assert!(find_place(kind.example).is_some(), "{}", kind.example);
        }
        let place = |projection, expert| Place { projection, expert };
        for (name, want) in [
            (
                "a.block_sparse_moe.experts.3.w1.weight",
                Some(("a.mlp.experts.", place(Projection::Gate, Some(3)))),
            ),
            (
                "a.mlp.switch_mlp.down_proj.weight",
                Some(("a.mlp.experts.", place(Projection::Down, None))),
            ),
            ("experts.w2", Some(("experts.", place(Projection::Down, None)))),
            (
                "a.experts.0.gate_up_proj.weight",
                Some(("a.experts.", place(Projection::GateUp, Some(0)))),
            ),
            ("a.shared_experts.up_proj.weight", None),
            ("a.experts.3.up_proj.bias", None),
            ("a.experts.x.up_proj.weight", None),
        ] {
            let found = find_place(name);
            let found = found.as_ref().map(|(group, place)| (group.as_str(), *place));
            assert_eq!(found, want, "{name}");
        }
    }
}
