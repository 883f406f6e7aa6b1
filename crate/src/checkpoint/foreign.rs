//! Files that hold weights or states of training in formats that may not be read, and what they
//! become safetensors by.

use crate::checkpoint::kinds::{Kind, Support};

/// How PyTorch's pickles become safetensors.
const CONVERT: &str = "PyTorch pickles: in Python, \
     AutoModelForCausalLM.from_pretrained(\"FOLDER\").save_pretrained(\"NEW\", \
     safe_serialization=True) writes safetensors";

/// Kinds of files beside safetensors, by their names; a name is of the first kind that fits.
pub const KINDS: &[Kind] = &[
    Kind::pass_over("state of an optimizer", "optimizer.pt", ""),
    Kind::pass_over("state of a scheduler", "scheduler.pt", ""),
    Kind::pass_over("random states", "rng_state_0.pth", ""),
    Kind::pass_over("arguments of a trainer", "training_args.bin", ""),
    Kind::pass_over("state of a gradient scaler", "scaler.pt", ""),
    Kind::refuse(
        "shards of torch.distributed.checkpoint (FSDP)",
        "pytorch_model_fsdp_0/__0_0.distcp",
        "shards of torch.distributed.checkpoint (FSDP), one a rank: `accelerate merge-weights \
         FOLDER OUT` (or torch.distributed.checkpoint.format_utils) joins them to safetensors",
    ),
    Kind::refuse(
        "shards of FSDP as verl saves them",
        "model_world_size_8_rank_0.pt",
        "shards of FSDP, one a rank: verl's `python -m verl.model_merger merge --backend fsdp \
         --local_dir FOLDER --target_dir OUT` joins them to safetensors",
    ),
    Kind::refuse(
        "DeepSpeed ZeRO",
        "zero_pp_rank_0_mp_rank_00_optim_states.pt",
        "shards of DeepSpeed ZeRO: `python zero_to_fp32.py . OUT --safe_serialization`, which \
         DeepSpeed puts beside them, joins them to safetensors",
    ),
    Kind::refuse("PyTorch", "pytorch_model-00001-of-00002.bin", CONVERT),
    Kind::refuse("PyTorch Lightning", "last.ckpt", CONVERT),
    Kind::refuse(
        "GGUF",
        "model-Q4_K_M.gguf",
        "GGUF of llama.cpp: give the safetensors checkpoint that it was made from",
    ),
    Kind::refuse(
        "TensorFlow",
        "tf_model.h5",
        "weights of TensorFlow or Keras: save them by the PyTorch class of the model \
         (from_pretrained(…, from_tf=True) of transformers 4)",
    ),
    Kind::refuse(
        "Flax",
        "flax_model.msgpack",
        "weights of Flax: save them by the PyTorch class of the model (from_pretrained(…, \
         from_flax=True) of transformers 4)",
    ),
    Kind::refuse(
        "ONNX",
        "onnx/model.onnx",
        "a graph of ONNX: give the safetensors checkpoint that it was made from",
    ),
    Kind::refuse(
        "NumPy",
        "weights.npz",
        "arrays of NumPy: save them with safetensors.numpy.save_file",
    ),
    Kind::refuse("an archive", "checkpoint.tar.gz", "an archive: unpack it and give the folder"),
    Kind::refuse(
        "an unfinished download",
        "model.safetensors.incomplete",
        "an unfinished download: download it again",
    ),
    Kind::refuse("a PDF", "paper.pdf", "a document: give a checkpoint's folder or its files"),
];

/// True for a kind of files that hold a model's weights.
pub(crate) fn holds_weights(kind: &Kind) -> bool {
    let other = ["NumPy", "an archive", "an unfinished download", "a PDF"];
    kind.support == Support::Refused && !other.contains(&kind.what)
}

/// What a file is by its name beside safetensors; `None` where it tells nothing.
pub(crate) fn find_kind(path: &str) -> Option<&'static Kind> {
    let path = path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let starts = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    let pickled = ends(&[".pt", ".pth", ".bin", ".pkl"]);
    let in_state = path.split('/').rev().skip(1).any(|folder| folder.starts_with("optim"));
    let named = match () {
        () if starts(&["zero_pp_rank_", "bf16_zero_pp_rank_", "mp_rank_"]) && pickled => {
            "DeepSpeed ZeRO"
        }
        () if in_state && (pickled || ends(&[".distcp"])) => "state of an optimizer",
        () if starts(&["optim"]) && pickled => "state of an optimizer",
        () if starts(&["scheduler", "lr_scheduler"]) && pickled => "state of a scheduler",
        () if starts(&["rng_state", "random_states", "extra_state"]) && pickled => "random states",
        () if starts(&["training_args"]) && pickled => "arguments of a trainer",
        () if starts(&["scaler"]) && pickled => "state of a gradient scaler",
        () if ends(&[".distcp"]) => "shards of torch.distributed.checkpoint (FSDP)",
        () if name.contains("_world_size_") && name.contains("_rank_") && pickled => {
            "shards of FSDP as verl saves them"
        }
        () if ends(&[".bin", ".pt", ".pth"]) => "PyTorch",
        () if ends(&[".ckpt"]) => "PyTorch Lightning",
        () if ends(&[".gguf"]) => "GGUF",
        () if ends(&[".h5"]) => "TensorFlow",
        () if ends(&[".msgpack"]) => "Flax",
        () if ends(&[".onnx"]) => "ONNX",
        () if ends(&[".npz", ".npy"]) => "NumPy",
        () if ends(&[".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".zst", ".gz"]) => "an archive",
        () if ends(&[".incomplete", ".part", ".crdownload", ".aria2"]) => "an unfinished download",
        () if ends(&[".pdf"]) => "a PDF",
        () => return None,
    };
    KINDS.iter().find(|kind| kind.what == named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_is_of_its_kind() {
        for kind in KINDS {
            let found = find_kind(kind.example).map(|found| found.what);
            assert_eq!(found, Some(kind.what), "{}", kind.example);
        }
        for file in ["consolidated.00.pth", "model.pt"] {
            assert_eq!(find_kind(file).map(|found| found.what), Some("PyTorch"));
        }
        for none in ["config.json", "tokenizer.model", "model.safetensors", "README.md"] {
            assert!(find_kind(none).is_none(), "{none}");
        }
    }
}
