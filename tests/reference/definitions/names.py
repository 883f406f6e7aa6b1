"""Reads layer and module kind from a tensor's name (Hugging Face's Llama, Qwen2, GPT-2, GPT-NeoX
and MoE namings)."""

import re

KINDS = [
    (r"(^|\.)(q_proj)\b", "q"),
    (r"(^|\.)(k_proj)\b", "k"),
    (r"(^|\.)(v_proj)\b", "v"),
    (r"(^|\.)(c_attn|qkv_proj|query_key_value)\b", "qkv"),
    (r"attn\.(c_proj|o_proj)\b|(attention|self_attn)\.dense\b", "o"),
    (r"gate_up_proj", "gate_up"),
    (r"gate_proj", "gate"),
    (r"(up_proj|c_fc)\b", "up"),
    (r"(down_proj|mlp\.c_proj)\b", "down"),
    (r"(embed_tokens|\bwte|\bwpe)\b", "embed"),
    (r"lm_head", "head"),
    (r"mlp\.gate\b|router", "router"),
]


def parse_layer(name):
    """Returns the layer's number, or None."""
    found = re.search(r"(?:^|\.)(?:layers|h|blocks)\.(\d+)\.", name)
    return int(found.group(1)) if found else None


def parse_module(name):
    """Returns the module kind.

    Experts come before what they consist of, biases before what they belong to.
    """
    if "experts" in name:
        return "expert"
    if re.search(r"norm|\bln_", name):
        return "norm"
    if name.endswith("bias"):
        return "bias"
    return next((kind for pattern, kind in KINDS if re.search(pattern, name)), "other")


def is_transposed(name, shape):
    """Says whether a weight is stored inputs x outputs, as GPT-2's Conv1D does."""
    return len(shape) == 2 and bool(re.search(r"(c_attn|c_proj|c_fc)\.weight$", name))


def is_stack(name, shape):
    """Says whether a tensor is a stack of experts' matrices: three dimensions, and a name of it."""
    return len(shape) == 3 and any(
        "expert" in part or part.endswith("exps") or part == "moe" for part in name.split(".")
    )
