//! Which files of PyTorch hold weights, by their names.

/// Endings of PyTorch's files.
const ENDINGS: [&str; 4] = [".bin", ".pt", ".pth", ".ckpt"];
/// Words that name a part of a training's state. Whole words: an upscaler is a model.
const STATE_WORDS: [&str; 8] = [
    "optim",
    "optimizer",
    "optimizers",
    "scheduler",
    "schedulers",
    "scaler",
    "sampler",
    "dataloader",
];
/// Other names of such parts.
const STATE_NAMES: [&str; 5] =
    ["rng_state", "random_state", "training_args", "trainer_state", "extra_state"];
/// Words of which a `.bin` file with weights has one: others of this ending are anything.
const WEIGHTS: [&str; 4] = ["model", "weights", "consolidated", "lora"];

/// True for the name of a file of PyTorch that holds weights.
pub fn is_weights(name: &str) -> bool {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
    let Some((stem, ending)) = ENDINGS.iter().find_map(|e| Some((base.strip_suffix(e)?, *e)))
    else {
        return false;
    };
    !is_state(stem)
        && !stem.contains("ggml")
        && (ending != ".bin" || WEIGHTS.iter().any(|word| stem.contains(word)))
}

/// True for the name of a file or of a key that holds the state of a training, and no weights.
pub fn is_state(name: &str) -> bool {
    let name = name.to_lowercase();
    STATE_NAMES.iter().any(|part| name.contains(part))
        || name.split(['_', '-', '.']).any(|word| STATE_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_training_are_no_weights() {
        for name in [
            "pytorch_model.bin",
            "a/pytorch_model-00001-of-00002.bin",
            "adapter_model.bin",
            "model.pt",
            "consolidated.00.pth",
            "last.ckpt",
            "MODEL.PT",
            "upscaler.pt",
            "optimized_model.pt",
            "resampler.pth",
            "model_world_size_8_rank_0.pt",
        ] {
            assert!(is_weights(name), "{name}");
        }
        for name in [
            "optimizer.pt",
            "optimizer.bin",
            "scheduler.pt",
            "rng_state_0.pth",
            "training_args.bin",
            "scaler.pt",
            "bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt",
            "optim_world_size_8_rank_0.pt",
            "extra_state_world_size_8_rank_0.pt",
            "tokenizer.bin",
            "ggml-model-f16.bin",
            "model.bin.index.json",
            "notes.txt",
        ] {
            assert!(!is_weights(name), "{name}");
        }
    }
}
