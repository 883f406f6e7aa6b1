"""Attention heads: each head's rows or columns of a projection as a matrix of its own, decomposed
in full.

config.json as Hugging Face's transformers writes it: grouped queries have fewer heads for keys and
values (Ainslie et al., arXiv 2305.13245), and `head_dim` need not be `hidden_size` over the number
of heads. In one tensor, phi3 and gpt2 have all queries, then all keys, then all values; gpt_neox
has the three of the first head, then those of the second.
"""

import numpy as np

from . import chance, chance_rotation
from .geometry import decompose
from .subspaces import angles, relative_gap


def read_positive(config, *names):
    """Returns the first of these entries that is a positive integer, or None."""
    found = (config.get(name) for name in names)
    return next(
        (v for v in found if isinstance(v, int) and not isinstance(v, bool) and v > 0), None
    )


ALL_QUERIES_FIRST, HEAD_BY_HEAD = {"phi3", "gpt2"}, {"gpt_neox"}


def select_text_config(config):
    """Returns `text_config` of a multimodal configuration, else the configuration."""
    text = config.get("text_config")
    return text if isinstance(text, dict) and "num_attention_heads" in text else config


def read_layout(config):
    """Returns {module: (heads, size)} for q, k, v and o, and qkv where its order is known; empty
    where the config does not say."""
    config = select_text_config(config)
    count, hidden = (
        read_positive(config, "num_attention_heads", "n_head"),
        read_positive(config, "hidden_size", "n_embd"),
    )
    if count is None:
        return {}
    size = read_positive(config, "head_dim") or (
        hidden // count if hidden and hidden % count == 0 else None
    )
    shared = read_positive(config, "num_key_value_heads") or count
    if not size:
        return {}
    known = config.get("model_type") in ALL_QUERIES_FIRST | HEAD_BY_HEAD
    return {
        "q": (count, size),
        "k": (shared, size),
        "v": (shared, size),
        "o": (count, size),
        **({"qkv": (count + 2 * shared, size)} if known else {}),
    }


def label_heads(config, module):
    """Names what each head of a fused tensor is; other tensors have no labels."""
    config, of_model = select_text_config(config), read_layout(config)
    if module != "qkv" or "qkv" not in of_model:
        return []
    names = {part: [f"{part}{i}" for i in range(of_model[part][0])] for part in "qkv"}
    if config["model_type"] in HEAD_BY_HEAD:
        return [name for head in zip(*names.values()) for name in head]
    return [*names["q"], *names["k"], *names["v"]]


def place_heads(layout_of_model, module, shape, transposed):
    """Returns (axis, heads, size) of a matrix, or None where it has no heads or they don't fit
    it."""
    if module not in layout_of_model or len(shape) != 2:
        return None
    # q, k and v write heads and o reads them: on rows and columns, or the other way round for
    # Conv1D.
    axis = int((module == "o") != transposed)
    count, size = layout_of_model[module]
    return (axis, count, size) if count * size == shape[axis] else None


def by_chance(pairs, ranks, k, hidden):
    """Returns NSS and rotation of each head under a random update of its own norm, and how the
    rotation varies over draws."""
    sizes = [float(np.linalg.norm(t - b)) for b, t in pairs]
    drawn = [
        chance_rotation.largest_angle(b, k, size / np.sqrt(b.size), hidden)
        for (b, _), size in zip(pairs, sizes)
    ]
    return {
        "nss_chance": [
            chance.spectral_shift(b.shape, rank, size, float(np.linalg.norm(b)))
            for (b, _), rank, size in zip(pairs, ranks, sizes)
        ],
        "rotation_chance": [mean for mean, _ in drawn],
        "rotation_chance_deviation": [spread for _, spread in drawn],
        "draws": chance_rotation.count_draws(pairs[0][0].shape),
    }


def heads(w0, w1, changed, place, k, draw=True):
    """Returns the figures of each head; None without heads, for what is not finite, and where a
    head's block is zero on either side.

    Without `draw` the chance levels are left out.
    """
    if place is None or not (np.isfinite(w0).all() and np.isfinite(w1).all()):
        return None
    axis, count, size = place
    cut = lambda a: np.split(a, count, axis=axis)
    pairs = list(zip(cut(w0), cut(w1)))
    if not all(b.any() and t.any() for b, t in pairs):
        return None
    found = [(decompose(b), decompose(t)) for b, t in pairs]
    k = min(k, *(rank for sides in found for _, rank in sides))
    hidden = 2 if axis == 0 else 0  # V of a block of rows, U of one of columns
    spectra = [(first[1], second[1]) for (first, _), (second, _) in found]
    turned = [
        0.0
        if np.array_equal(b, t)
        else float(angles(first[hidden][:, :k], second[hidden][:, :k])[0])
        for (b, t), ((first, _), (second, _)) in zip(pairs, found)
    ]
    levels = by_chance(pairs, [rank for (_, rank), _ in found], k, int(axis == 0)) if draw else {}
    return {
        "axis": ("rows", "columns")[axis],
        "count": count,
        "size": size,
        "density": [float(part.mean()) for part in cut(changed)],
        "k": k,
        "gap": [relative_gap(s0, k) for s0, _ in spectra],
        "gap_tuned": [relative_gap(s1, k) for _, s1 in spectra],
        "nss": [float(np.linalg.norm(s1 - s0) / np.linalg.norm(s0)) for s0, s1 in spectra],
        "rotation": turned,
        **levels,
    }
