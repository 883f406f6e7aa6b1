"""A base and a tuned checkpoint with the layer shapes of Qwen2.5-0.5B, for `npm run bench`.

Spectra fall as i^-0.5: slow, as in trained models, which is what makes a randomized SVD hard. White
noise would be harder still but like no model; a fast decay would flatter every method.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

HIDDEN, KEYS, INNER = 896, 128, 4864
MATRICES = {
    "self_attn.q_proj": (HIDDEN, HIDDEN),
    "self_attn.k_proj": (KEYS, HIDDEN),
    "self_attn.v_proj": (KEYS, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HIDDEN),
    "mlp.gate_proj": (INNER, HIDDEN),
    "mlp.up_proj": (INNER, HIDDEN),
    "mlp.down_proj": (HIDDEN, INNER),
}
BIASES = {"self_attn.q_proj": HIDDEN, "self_attn.k_proj": KEYS, "self_attn.v_proj": KEYS}
NORMS = ("input_layernorm", "post_attention_layernorm")
ELEMENT_STD = 0.02
# ‖Δ‖_F/‖W0‖_F before rounding: about what fine-tuning at a usual rate does.
RELATIVE_UPDATE = 1e-3


def orthonormal(rng, rows, cols):
    return np.linalg.qr(rng.standard_normal((rows, cols), dtype=np.float32))[0]


def power_law(rng, rows, cols):
    short = min(rows, cols)
    left, right = orthonormal(rng, rows, short), orthonormal(rng, cols, short)
    w = (left * np.arange(1, short + 1, dtype=np.float32) ** -0.5) @ right.T
    return w * np.float32(ELEMENT_STD / w.std())


def tuned_from(rng, base):
    """Adds the update to the ROUNDED base, as training does; what bf16 can't show of it is lost."""
    update = rng.standard_normal(base.shape, dtype=np.float32)
    update *= np.float32(RELATIVE_UPDATE * np.linalg.norm(base) / np.linalg.norm(update))
    return base + update


def tensors(layers, seed):
    rng = np.random.default_rng(seed)
    base, tuned = {}, {}

    def add(name, values):
        base[name] = torch.from_numpy(values).to(torch.bfloat16)
        moved = tuned_from(rng, base[name].float().numpy())
        tuned[name] = torch.from_numpy(moved).to(torch.bfloat16)

    for layer in range(layers):
        for name, shape in MATRICES.items():
            add(f"model.layers.{layer}.{name}.weight", power_law(rng, *shape))
        for name, length in BIASES.items():
            add(f"model.layers.{layer}.{name}.bias", rng.standard_normal(length, dtype=np.float32))
        for name in NORMS:
            add(
                f"model.layers.{layer}.{name}.weight",
                1 + 0.1 * rng.standard_normal(HIDDEN, dtype=np.float32),
            )
    return base, tuned


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    config = {
        "model_type": "qwen2",
        "architectures": ["Qwen2ForCausalLM"],
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": options.layers,
        "torch_dtype": "bfloat16",
    }
    for name, content in zip(("base", "tuned"), tensors(options.layers, options.seed)):
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        save_file(content, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config))


if __name__ == "__main__":
    main()
