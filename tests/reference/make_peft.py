"""Writes small adapters with PEFT, and what PEFT merges of them: fixtures/peft/.

    python make_peft.py

It needs torch, transformers and peft, which the tests do not: torch alone is hundreds of megabytes.
The versions that wrote the files are in fixtures/peft/cases.json. Each folder of a case holds the
adapter as `save_pretrained` writes it, and merged.safetensors with the tensors that
`merge_and_unload` moved; crate/src/checkpoint/formats/lora/against_peft.rs reads them.
"""

import copy
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import peft
import safetensors.torch as files
import torch
import transformers

HERE = Path(__file__).parent / "fixtures" / "peft"
HIDDEN, INNER, VOCABULARY = 16, 24, 20

ATTENTION = {"hidden_size": HIDDEN, "num_attention_heads": 2, "num_key_value_heads": 1}
BLOCK = {"num_hidden_layers": 1, "vocab_size": VOCABULARY, "intermediate_size": INNER}


def make_llama(tied):
    """Returns a model of one layer, whose attention has biases."""
    return transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            **ATTENTION, **BLOCK, attention_bias=True, tie_word_embeddings=tied
        )
    )


def make_gpt2():
    """Returns a model with Conv1D layers, one of which is square."""
    shape = {"n_embd": HIDDEN, "n_layer": 1, "n_head": 2, "n_positions": 4}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**shape, vocab_size=VOCABULARY))


def make_moe():
    """Returns a mixture of 3 experts."""
    experts = {"num_experts": 3, "num_experts_per_tok": 1, "moe_intermediate_size": 8}
    return transformers.Qwen3MoeForCausalLM(
        transformers.Qwen3MoeConfig(**ATTENTION, **BLOCK, **experts, head_dim=8)
    )


class Convolutions(torch.nn.Module):
    """Convolutions of one and two dimensions."""

    def __init__(self):
        super().__init__()
        self.one = torch.nn.Conv1d(3, 5, 4)
        self.two = torch.nn.Conv2d(5, 3, 2)
        self.point = torch.nn.Conv2d(3, 4, 1)


BASES = {
    "llama": lambda: make_llama(tied=False),
    "llama_tied": lambda: make_llama(tied=True),
    "gpt2": make_gpt2,
    "qwen3_moe": make_moe,
    "convolutions": Convolutions,
}

EXPERTS = ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]

# The base of each case, the options of its configuration, and what else is done.
CASES = {
    "plain": ("llama", {"target_modules": ["q_proj", "up_proj"]}, {}),
    "patterns": (
        "llama",
        {
            "target_modules": ["q_proj", "k_proj", "down_proj"],
            "use_rslora": True,
            "rank_pattern": {"k_proj": 2},
            "alpha_pattern": {"layers.0.mlp.down_proj": 3},
        },
        {},
    ),
    "lora_bias": ("llama", {"target_modules": ["q_proj", "v_proj"], "lora_bias": True}, {}),
    "bias_all": ("llama", {"target_modules": ["q_proj"], "bias": "all"}, {}),
    "bias_lora_only": ("gpt2", {"target_modules": ["c_attn"], "bias": "lora_only"}, {}),
    "embedding": ("llama", {"target_modules": ["q_proj", "embed_tokens"]}, {}),
    "resized": ("llama", {"target_modules": ["embed_tokens"]}, {"added": 2}),
    "modules_to_save": (
        "llama",
        {"target_modules": ["q_proj"], "modules_to_save": ["lm_head", "input_layernorm"]},
        {},
    ),
    "tokens": (
        "llama",
        {"target_modules": ["q_proj"], "trainable_token_indices": [7, 2, 19]},
        {},
    ),
    "converted_pissa": (
        "llama",
        {"target_modules": ["q_proj", "o_proj"], "init_lora_weights": "pissa"},
        {"converted": True},
    ),
    "orthogonal": ("llama", {"target_modules": ["q_proj"], "init_lora_weights": "orthogonal"}, {}),
    "tied_head": ("llama_tied", {"target_modules": ["q_proj", "lm_head"]}, {}),
    "tied_embedding": ("llama_tied", {"target_modules": ["q_proj", "embed_tokens"]}, {}),
    "tied_both": ("llama_tied", {"target_modules": ["embed_tokens", "lm_head"]}, {}),
    "conv1d_and_linear": ("gpt2", {"target_modules": ["c_attn", "c_proj", "lm_head"]}, {}),
    "experts": ("qwen3_moe", {"target_modules": ["q_proj"], "target_parameters": EXPERTS}, {}),
    "down_proj": (
        "qwen3_moe",
        {"target_modules": ["q_proj"], "target_parameters": EXPERTS[1:]},
        {},
    ),
    "fused_experts": (
        "qwen3_moe",
        {"target_modules": ["q_proj", "gate_proj", "up_proj", "down_proj"]},
        {},
    ),
    "convolution_layers": ("convolutions", {"target_modules": ["one", "two", "point"]}, {}),
}


def save_tensors(tensors, path):
    """Writes tensors in the order of their names."""
    files.save_file({n: tensors[n].contiguous() for n in sorted(tensors)}, path)


def save_model(model, folder):
    """Writes a model as transformers does, and returns its tensors by name."""
    if not isinstance(model, Convolutions):
        model.save_pretrained(folder)
        return files.load_file(folder / "model.safetensors")
    return dict(model.state_dict())


def make_base(name):
    """Returns a base with weights of a usual size, in bfloat16."""
    torch.manual_seed(1)
    model = BASES[name]().to(torch.bfloat16)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.copy_(torch.randn(weight.shape) * 0.05)
    return model


def train(model):
    """Moves all weights that are trained."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                step = torch.randn(weight.shape, generator=generator) * 0.05
                weight.add_(step.to(weight.dtype))


def sort_sets(path):
    """Sorts the lists of a configuration that PEFT keeps as sets, so that files stay the same."""
    config = json.loads(path.read_text())
    for key in ("target_modules", "target_parameters"):
        config[key] = sorted(config[key]) if config[key] else config[key]
    path.write_text(json.dumps(config, indent=2) + "\n")


def make_case(name, work):
    """Writes the adapter of a case and the tensors that merging it moves."""
    base, options, extra = CASES[name]
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kind = {} if base == "convolutions" else {"task_type": "CAUSAL_LM"}
    config = peft.LoraConfig(**kind, r=3 if "pissa" in name else 4, lora_alpha=6, **options)

    def start():
        model = make_base(base)
        if extra.get("added"):
            model.resize_token_embeddings(VOCABULARY + extra["added"], mean_resizing=False)
        return model

    model = peft.get_peft_model(start(), copy.deepcopy(config))
    model.peft_config["default"].base_model_name_or_path = base
    how = {"save_embedding_layers": True} if "added" in extra else {}
    if extra.get("converted"):
        model.peft_config["default"].init_lora_weights = True
        model.save_pretrained(work / "start")
        how["path_initial_model_for_weight_conversion"] = str(work / "start")
    train(model)
    model.save_pretrained(folder, **how)
    (folder / "README.md").unlink(missing_ok=True)
    sort_sets(folder / "adapter_config.json")
    merged = peft.PeftModel.from_pretrained(start(), folder).merge_and_unload()
    before = files.load_file(HERE / base / "model.safetensors")
    after = save_model(merged, work / "merged")
    moved = {
        n: t
        for n, t in after.items()
        if n not in before or before[n].shape != t.shape or not torch.equal(before[n], t)
    }
    if extra.get("added"):
        # The resizing gave the head rows, too; the adapter does not have them.
        del moved["lm_head.weight"]
    save_tensors(moved, folder / "merged.safetensors")


def main():
    """Writes all bases and cases."""
    warnings.filterwarnings("ignore")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as work:
        for name in BASES:
            folder = HERE / name
            folder.mkdir(parents=True, exist_ok=True)
            tensors = save_model(make_base(name), Path(work) / "base")
            save_tensors(tensors, folder / "model.safetensors")
        for name in CASES:
            make_case(name, Path(work))
    versions = {m.__name__: m.__version__ for m in (peft, transformers, torch)}
    cases = {name: base for name, (base, _, _) in CASES.items()}
    text = json.dumps({"versions": versions, "bases": cases}, indent=2)
    (HERE / "cases.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
