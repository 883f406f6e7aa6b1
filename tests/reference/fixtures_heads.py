"""Attention with fewer heads for keys and values than for queries, and what keeps heads from being compared."""

import numpy as np

from fixtures_matrices import dense, low_rank, power_law, sparse, with_spectrum
from fixtures_stored import stored

HIDDEN, SIZE, QUERIES, SHARED = 40, 12, 6, 2
CONFIG = {
    "model_type": "llama",
    "hidden_size": HIDDEN,
    "num_attention_heads": QUERIES,
    "num_key_value_heads": SHARED,
    "head_dim": SIZE,
    "num_hidden_layers": 2,
}


def grouped_heads():
    """BF16: heads that nothing changed, of low rank, zero, not finite, and a matrix that the config does not fit."""
    rng, base, tuned = np.random.Generator(np.random.PCG64(10)), {}, {}

    def put(layer, part, w, update):
        w = stored(w, "BF16")
        name = f"model.layers.{layer}.self_attn.{part}_proj.weight"
        base[name], tuned[name] = (w, "BF16"), (w + update(w), "BF16")

    def matrix(m, n, quarters):
        return with_spectrum(rng, m, n, power_law(min(m, n), quarters))

    everywhere = lambda rho: lambda w: dense(rng, w, rho)
    q, kv = QUERIES * SIZE, SHARED * SIZE
    put(0, "q", matrix(q, HIDDEN, 2), everywhere(1e-2))
    put(
        0,
        "k",
        matrix(kv, HIDDEN, 2),
        lambda w: sparse(rng, w, 300, 2e-2) * (np.arange(kv) < SIZE)[:, None],
    )
    w = matrix(kv, HIDDEN, 1)
    w[SIZE:] = low_rank(rng, SIZE, HIDDEN, 3)
    put(0, "v", w, everywhere(2e-2))
    put(0, "o", matrix(HIDDEN, q, 3), everywhere(5e-3))
    w = matrix(q, HIDDEN, 2)
    w[:SIZE] = 0
    put(1, "q", w, lambda w: sparse(rng, w, 400, 1e-2))
    w = stored(matrix(kv, HIDDEN, 2), "BF16")
    update = everywhere(1e-2)(w)
    w[5, 5] = np.nan
    put(1, "k", w, lambda w: update)
    put(1, "v", matrix(kv + 1, HIDDEN, 2), everywhere(1e-2))
    put(1, "o", matrix(HIDDEN, q, 2), lambda w: sparse(rng, w, 900, 1e-3))
    return base, tuned


PHI = {
    "model_type": "phi3",
    "hidden_size": HIDDEN,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 1,
}
NEOX = {
    "model_type": "gpt_neox",
    "hidden_size": HIDDEN,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
}


def fused(seed, heads, part, name):
    """F32: queries, keys and values in one tensor, the update of head i i+1 times as dense as that of the first."""
    rng = np.random.Generator(np.random.PCG64(seed))
    size = HIDDEN // 4
    w = stored(with_spectrum(rng, heads * size, HIDDEN, power_law(HIDDEN, 2)), "F32")
    moved = np.vstack(
        [sparse(rng, block, 20 * (i + 1), 5e-2) for i, block in enumerate(np.split(w, heads))]
    )
    o = stored(with_spectrum(rng, HIDDEN, HIDDEN, power_law(HIDDEN, 3)), "F32")
    base = {f"{name}.{part}.weight": (w, "F32"), f"{name}.dense.weight": (o, "F32")}
    return base, {
        f"{name}.{part}.weight": (w + moved, "F32"),
        f"{name}.dense.weight": (o + dense(rng, o, 1e-3), "F32"),
    }


def fused_in_blocks():
    return fused(21, 8, "qkv_proj", "model.layers.0.self_attn")


def fused_by_head():
    return fused(22, 12, "query_key_value", "gpt_neox.layers.0.attention")
