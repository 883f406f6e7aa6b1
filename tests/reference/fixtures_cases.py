"""The fixture checkpoints: each case returns (base, tuned, ...), name -> (values, dtype)."""

import numpy as np

import fixtures_adapters
import fixtures_formats
import fixtures_heads
import fixtures_preserving
from fixtures_matrices import dense, low_rank, power_law, sparse, uniform, with_spectrum
from fixtures_runs import three_runs, three_runs_fisher
from fixtures_stored import stored


class Pair:
    """Collects both sides of one case."""

    def __init__(self, seed, dtype):
        self.rng, self.dtype, self.base, self.tuned = (
            np.random.Generator(np.random.PCG64(seed)),
            dtype,
            {},
            {},
        )

    def put(self, name, w, delta=None):
        w = stored(w, self.dtype)
        self.base[name] = (w, self.dtype)
        self.tuned[name] = (w if delta is None else w + delta, self.dtype)

    def matrix(self, name, m, n, quarters, rho, count=None):
        w = stored(with_spectrum(self.rng, m, n, power_law(min(m, n), quarters)), self.dtype)
        self.put(
            name, w, dense(self.rng, w, rho) if count is None else sparse(self.rng, w, count, rho)
        )

    def vector(self, name, n, rho):
        w = uniform(self.rng, n)
        self.put(name, w, dense(self.rng, stored(w, self.dtype), rho))

    def done(self):
        return self.base, self.tuned


def qwen2():
    """BF16, odd shapes, one oddity a tensor."""
    p = Pair(1, "BF16")
    p.matrix("model.embed_tokens.weight", 151, 65, 1, 1e-2, 700)
    a = "model.layers.0."
    p.matrix(a + "self_attn.q_proj.weight", 97, 65, 2, 1e-2)
    p.put(a + "self_attn.k_proj.weight", with_spectrum(p.rng, 33, 65, power_law(33, 2)))
    p.matrix(a + "self_attn.v_proj.weight", 33, 65, 3, 2e-2, 16)
    w = low_rank(p.rng, 65, 97, 5)
    p.put(a + "self_attn.o_proj.weight", w, sparse(p.rng, w, 500, 1e-2))
    clustered = power_law(65, 2)
    clustered[4:12] = clustered[7]
    w = stored(with_spectrum(p.rng, 131, 65, clustered), "BF16")
    p.put(a + "mlp.gate_proj.weight", w, dense(p.rng, w, 1e-2))
    w = stored(with_spectrum(p.rng, 131, 65, power_law(65, 1)), "BF16")
    delta = sparse(p.rng, w, 400, 1e-2)
    w[3, 5], w[4, 6], w[7, 0] = np.nan, np.inf, -np.inf
    delta[7, 0], delta[9, 9] = np.nan, np.inf
    p.put(a + "mlp.up_proj.weight", w, delta)
    p.put(a + "mlp.down_proj.weight", np.zeros((65, 131)))
    p.put(a + "input_layernorm.weight", np.ones(65), sparse(p.rng, np.ones((65, 1)), 9, 1e-2)[:, 0])
    p.vector(a + "self_attn.q_proj.bias", 97, 1e-2)
    b = "model.layers.1."
    w = stored(with_spectrum(p.rng, 97, 65, power_law(65, 4)), "BF16")
    delta = sparse(p.rng, w, 900, 3e-2)
    w.flat[:40] = np.where(np.arange(40) % 2, 0.0, -0.0)
    p.put(b + "self_attn.q_proj.weight", w, delta)
    tuned = p.tuned[b + "self_attn.q_proj.weight"][0]
    tuned.flat[:30] = np.where(np.arange(30) % 3, 0.0, -0.0)
    for name, m, n, quarters, count in [
        ("self_attn.k_proj", 33, 65, 1, 300),
        ("self_attn.v_proj", 33, 65, 2, 200),
        ("self_attn.o_proj", 65, 97, 2, 400),
        ("mlp.gate_proj", 131, 65, 3, 300),
        ("mlp.up_proj", 131, 65, 2, 250),
        ("mlp.down_proj", 97, 131, 1, 900),
    ]:
        p.matrix(b + name + ".weight", m, n, quarters, 5e-3, count)
    p.put("extra.one.weight", np.array([[0.75]]), np.array([[0.0625]]))
    p.put("extra.row.weight", uniform(p.rng, 1, 7), np.full((1, 7), 0.03125))
    p.vector("model.norm.weight", 65, 1e-3)
    p.matrix("lm_head.weight", 151, 65, 2, 1e-3)
    return p.done()


def hidden():
    """F32 with an update of 1e-5, most of which bf16 hides, and a cluster too tight to be resolved."""
    p = Pair(2, "F32")
    a = "model.layers.0."
    p.matrix(a + "self_attn.q_proj.weight", 96, 160, 2, 1e-5)
    p.matrix(a + "self_attn.o_proj.weight", 160, 96, 4, 1e-5)
    p.matrix(a + "mlp.up_proj.weight", 131, 97, 1, 1e-5)
    p.matrix(a + "mlp.down_proj.weight", 97, 131, 3, 1e-5, 2000)
    tight = power_law(64, 2)
    tight[6:10] = tight[6]
    w = stored(with_spectrum(p.rng, 120, 64, tight), "F32")
    p.put(a + "mlp.gate_proj.weight", w, dense(p.rng, w, 1e-4))
    p.vector(a + "input_layernorm.weight", 96, 1e-5)
    return p.done()


def gpt2():
    """F16 with GPT-2's names and its inputs x outputs layout."""
    p = Pair(3, "F16")
    p.matrix("wte.weight", 120, 48, 2, 1e-3)
    p.matrix("wpe.weight", 40, 48, 1, 1e-3, 100)
    for name, m, n in [
        ("attn.c_attn", 48, 144),
        ("attn.c_proj", 48, 48),
        ("mlp.c_fc", 48, 192),
        ("mlp.c_proj", 192, 48),
    ]:
        p.matrix(f"h.0.{name}.weight", m, n, 2, 2e-3)
        p.vector(f"h.0.{name}.bias", n, 1e-3)
    p.vector("h.0.ln_1.weight", 48, 1e-4)
    p.vector("ln_f.weight", 48, 1e-4)
    return p.done()


def tiny():
    """F64, a few weights, a zero base with an update."""
    p = Pair(4, "F64")
    p.matrix("model.layers.0.mlp.up_proj.weight", 9, 12, 2, 1e-6)
    p.matrix("model.layers.0.mlp.down_proj.weight", 12, 9, 3, 1e-3)
    p.put("model.layers.0.mlp.gate_proj.weight", np.zeros((9, 12)), uniform(p.rng, 9, 12))
    p.vector("model.norm.weight", 5, 1e-7)
    return p.done()


def moe():
    """BF16 with experts in 3-D tensors and a router."""
    p = Pair(5, "BF16")
    a = "model.layers.0.mlp."
    for name, m, n in [("experts.gate_up_proj", 33, 40), ("experts.down_proj", 40, 17)]:
        w = stored(
            np.stack([with_spectrum(p.rng, m, n, power_law(min(m, n), q)) for q in (1, 2, 3, 4)]),
            "BF16",
        )
        p.put(a + name, w, np.stack([sparse(p.rng, e, 150, 1e-2) for e in w]))
    p.matrix(a + "gate.weight", 4, 33, 2, 1e-2)
    return p.done()


def mismatched():
    """Tensors that cannot be compared, beside one that can."""
    p = Pair(6, "BF16")
    p.matrix("model.layers.0.self_attn.q_proj.weight", 33, 40, 2, 1e-2, 200)
    for name in ("only_base", "other_shape", "integers", "eight_bits"):
        p.put(f"model.layers.0.{name}.weight", uniform(p.rng, 12, 10))
    base, tuned = p.done()
    key = "model.layers.0.{}.weight".format
    tuned[key("only_tuned")] = tuned.pop(key("only_base"))
    tuned[key("other_shape")] = (uniform(p.rng, 10, 12), "BF16")
    for side in (base, tuned):
        side[key("integers")] = (side[key("integers")][0], "I64")
        side[key("eight_bits")] = (side[key("eight_bits")][0], "I8")
    return base, tuned


CASES = {
    "qwen2": qwen2,
    "hidden": hidden,
    "gpt2": gpt2,
    "tiny": tiny,
    "moe": moe,
    "mismatched": mismatched,
    "three_runs": three_runs,
    "grouped_heads": fixtures_heads.grouped_heads,
    "fused_in_blocks": fixtures_heads.fused_in_blocks,
    "fused_by_head": fixtures_heads.fused_by_head,
    "mixed": fixtures_formats.mixed,
    "fp8": fixtures_formats.fp8,
    "lora": fixtures_adapters.lora,
    "lora_gpt2": fixtures_adapters.lora_gpt2,
    "preserving": fixtures_preserving.preserving,
}
SHARDED = {"qwen2"}
FISHER = {"three_runs": three_runs_fisher, "lora": fixtures_adapters.lora_fisher}
# What goes into config.json: heads are the base's, blocks of scales each side's own.
CONFIGS = {
    "gpt2": {"base": {"model_type": "gpt2", "n_embd": 48, "n_head": 8}},
    "grouped_heads": {"base": fixtures_heads.CONFIG},
    "fused_in_blocks": {"base": fixtures_heads.PHI},
    "fused_by_head": {"base": fixtures_heads.NEOX},
    "fp8": {"base": fixtures_formats.FP8_CONFIG, "tuned": fixtures_formats.FP8_CONFIG},
    "lora": {"base": fixtures_adapters.CONFIG},
    "lora_gpt2": {"base": fixtures_adapters.GPT2_CONFIG},
    "preserving": {"base": fixtures_preserving.CONFIG},
}
ADAPTERS = {"lora", "lora_gpt2"}
