//! Layouts of distributed jobs by the names of their files: those that are joined, and those that
//! are refused, with what makes whole weights of them.

use crate::checkpoint::formats::distributed::rank_name::RankName;
use crate::checkpoint::kinds::Kind;
use regex_lite::Regex;
use std::sync::LazyLock;

const SLICES: Kind = Kind::read(
    "torch.distributed.checkpoint, safetensors",
    "shard-00002-model-00001-of-00001.safetensors",
    "Slices are joined by the DCP_SHARDING_INFO of their headers.",
);
const CHUNKS: Kind = Kind::read(
    "torch.distributed.checkpoint: FSDP, Megatron Core (torch_dist), torchtitan",
    "pytorch_model_fsdp_0/__0_0.distcp",
    "`.metadata` must be beside the files. Chunks that extensions compress are refused; states of \
     optimizers are passed over.",
);
const RANKS: Kind = Kind::read(
    "FSDP, a file a rank (verl)",
    "actor/model_world_size_8_rank_3.pt",
    "DTensors and ShardedTensors are joined by their placements: rows, columns, replicas, meshes \
     of several dimensions. All ranks must be there.",
);
const ZERO_3: Kind = Kind::refuse(
    "DeepSpeed ZeRO-3",
    "global_step500/zero_pp_rank_0_mp_rank_00_model_states.pt",
    "a rank's part of flattened weights: `python zero_to_fp32.py FOLDER OUT \
     --safe_serialization`, which DeepSpeed puts into the folder above, makes safetensors of them",
);
const SEVERAL_MODEL_RANKS: Kind = Kind::refuse(
    "DeepSpeed with tensor parallelism",
    "global_step500/mp_rank_01_model_states.pt",
    "a slice of a tensor-parallel model, and nothing in it says how slices join: convert it with \
     the training framework's own tool",
);
const LAYERS: Kind = Kind::refuse(
    "DeepSpeed with pipeline parallelism or experts",
    "global_step500/layer_03-model_00-model_states.pt",
    "a part of a model whose names nothing in it tells: convert it with the training framework's \
     own tool",
);
const MEGATRON: Kind = Kind::refuse(
    "Megatron-LM, a folder a rank",
    "iter_0000500/mp_rank_00/model_optim_rng.pt",
    "a slice of a tensor- or pipeline-parallel model, and nothing in it says how slices join: \
     Megatron-Bridge, or Megatron-LM's tools/checkpoint/convert.py, makes a Hugging Face \
     checkpoint of them",
);
const FLAT: Kind = Kind::refuse(
    "FSDP with flat parameters (LOCAL_STATE_DICT)",
    "pytorch_model_fsdp_rank0.bin",
    "a rank's part of flat parameters, whose shapes only the model's code tells: save with \
     SHARDED_STATE_DICT or FULL_STATE_DICT",
);

/// The layouts that are known by the names of their files.
pub const KINDS: &[Kind] =
    &[SLICES, CHUNKS, RANKS, ZERO_3, SEVERAL_MODEL_RANKS, LAYERS, MEGATRON, FLAT];

/// Files beside the weights that hold the state of a loop and no weights: Megatron Core's, verl's.
const STATES: [&str; 3] = ["common.pt", "data.pt", "dataloader.pt"];

/// True for a file that holds the state of a training loop, by its name.
pub(crate) fn is_state(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| STATES.iter().any(|s| name.eq_ignore_ascii_case(s)))
}

/// The layout that a file is of, by its path; `None` where it is no part of a distributed save.
///
/// The first of several `mp_rank_00_model_states.pt` is none: alone it holds whole weights.
pub(crate) fn find_kind(path: &str) -> Option<&'static Kind> {
    static PATTERNS: LazyLock<Vec<(Regex, &Kind)>> = LazyLock::new(|| {
        let patterns = [
            (r"^shard-\d+-model-\d+-of-\d+\.safetensors$", &SLICES),
            (r"\.distcp$", &CHUNKS),
            (r"^(bf16_)?zero_pp_rank_\d+_mp_rank_\d+_model_states\.pt$", &ZERO_3),
            (r"^mp_rank_\d*[1-9]\d*_model_states\.pt$", &SEVERAL_MODEL_RANKS),
            (r"^layer_\d+-model_\d+-model_states\.pt$", &LAYERS),
            (r"^(layer_\d+_)?expert_\d+_mp_rank_\d+_model_states\.pt$", &LAYERS),
            (r"(^|/)mp_rank_\d+(_\d+)*/model_(optim_)?rng\.pt$", &MEGATRON),
            (r"^pytorch_model_fsdp(_\d+)?_rank\d+\.bin$", &FLAT),
        ];
        let compile = |(text, kind)| (Regex::new(text).expect("a pattern"), kind);
        patterns.into_iter().map(compile).collect()
    });
    let path = path.to_ascii_lowercase();
    if RankName::parse(&path).is_some_and(|name| name.holds_weights()) {
        return Some(&RANKS);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let fits = |pattern: &Regex| pattern.is_match(name) || pattern.is_match(&path);
    PATTERNS.iter().find(|(pattern, _)| fits(pattern)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_example() {
        for kind in KINDS {
            let found = find_kind(kind.example).expect(kind.example);
            assert_eq!((found.what, found.support), (kind.what, kind.support));
            assert!(!kind.detail.is_empty());
        }
        for other in [
            "global_step500/mp_rank_00_model_states.pt",
            "model-00001-of-00002.safetensors",
            "pytorch_model.bin",
            "model_optim_rng.pt",
            "optim_world_size_8_rank_0.pt",
        ] {
            assert!(find_kind(other).is_none(), "{other}");
        }
        assert!(is_state("iter_0000500/common.pt") && !is_state("common.pt/model.pt"));
    }
}
