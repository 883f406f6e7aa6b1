"""LoRA adapters beside a base: every kind of factor, patterns of ranks and alphas, and what cannot be laid on the base."""

from dataclasses import dataclass

import numpy as np

from fixtures_matrices import norm, ordered_sum, power_law, uniform, with_spectrum
from fixtures_stored import stored
from reference.adapter import PREFIX, scaling

A, B = "model.layers.0.", "model.layers.1."
# Sides just over 8 k, from which on matrices are not decomposed in full where that is not asked
# for.
HIDDEN, INNER, WORDS = 72, 80, 75
CONFIG = {
    "model_type": "llama",
    "hidden_size": HIDDEN,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
}
GPT2_CONFIG = {"model_type": "gpt2", "n_embd": 72, "n_head": 8}


@dataclass
class Adapter:
    """A tuned side that is no checkpoint: the entries of adapter_config.json, and name -> (values, dtype) of its tensors."""

    config: dict
    tensors: dict


class Adapted:
    """Lays one adapter on a base."""

    def __init__(self, rng, base, **config):
        self.rng, self.base, self.side = rng, base, Adapter({"peft_type": "LORA", **config}, {})

    def put(self, module, a, b, dtype="F32"):
        """The factors as PEFT names them; None leaves one out."""
        embedding = "embed" in module or "wte" in module
        for side, values in (("A", a), ("B", b)):
            if values is not None:
                name = f"lora_embedding_{side}" if embedding else f"lora_{side}.weight"
                self.side.tensors[f"{PREFIX}{module}.{name}"] = (values, dtype)

    def adapt(self, module, rho, dtype="F32", a=None):
        """Random factors of the config's rank, B such that |s B A| is rho times |W0|."""
        w, _ = self.base[f"{module}.weight"]
        other_way = "embed" in module or self.side.config.get("fan_in_fan_out")
        inputs, outputs = w.shape if other_way else w.shape[::-1]
        r, s = scaling(self.side.config, module)
        a = stored(uniform(self.rng, r, inputs) if a is None else a[:r], dtype)
        b = uniform(self.rng, outputs, r)
        size = s * norm(ordered_sum(b.T[:, :, None] * a[:, None, :]))
        self.put(module, a, stored(b * (rho * norm(w) / size if w.any() else rho), dtype), dtype)

    def whole(self, name, rho):
        """A tensor of `modules_to_save`."""
        w, dtype = self.base[name]
        self.side.tensors[PREFIX + name] = (w + rho * uniform(self.rng, *w.shape), dtype)


def lora_base(rng):
    """BF16, with matrices of F32 and F16 and one of zeros."""
    base = {}

    def matrix(name, m, n, quarters, dtype="BF16"):
        base[f"{name}.weight"] = (
            stored(with_spectrum(rng, m, n, power_law(min(m, n), quarters)), dtype),
            dtype,
        )

    matrix("model.embed_tokens", WORDS, HIDDEN, 1)
    for layer in (A, B):
        for part, m, quarters in [("q", 48, 2), ("k", 24, 2), ("v", 24, 3)]:
            matrix(f"{layer}self_attn.{part}_proj", m, HIDDEN, quarters)
        matrix(f"{layer}self_attn.o_proj", HIDDEN, 48, 2)
        base[f"{layer}input_layernorm.weight"] = (np.ones(HIDDEN), "BF16")
    matrix(A + "mlp.gate_proj", INNER, HIDDEN, 3, "F16")
    matrix(A + "mlp.up_proj", INNER, HIDDEN, 2, "F32")
    matrix(A + "mlp.down_proj", HIDDEN, INNER, 1)
    matrix(A + "mlp.gate", 5, HIDDEN, 1)
    matrix(B + "mlp.gate_proj", 20, HIDDEN, 1)
    base[B + "mlp.up_proj.weight"] = (np.zeros((20, HIDDEN)), "BF16")
    base["model.norm.weight"] = (np.ones(HIDDEN), "BF16")
    matrix("lm_head", WORDS, HIDDEN, 2, "F32")
    return base


def lora():
    """Two adapters on one base: one with patterns and everything that can go wrong, one rank-stabilised in BF16."""
    rng = np.random.Generator(np.random.PCG64(13))
    base = lora_base(rng)
    # A key must match the end of a name in whole parts, and the first one that does counts: `_proj`
    # and `self_attn` never do.
    one = Adapted(
        rng,
        base,
        r=4,
        lora_alpha=8,
        modules_to_save=["lm_head", "norm"],
        rank_pattern={
            "_proj": 7,
            "gate": 8,
            r"layers\.0\.mlp\.(up|gate)_proj": 3,
            "q_proj": 5,
            "self_attn.q_proj": 6,
        },
        alpha_pattern={"k_proj": 5, "model.layers.1.self_attn.o_proj": 3, "self_attn": 99},
    )
    one.adapt("model.embed_tokens", 1e-2, "BF16")
    one.adapt(A + "self_attn.q_proj", 1e-2)
    one.adapt(A + "self_attn.k_proj", 3e-3)
    one.put(A + "self_attn.v_proj", uniform(rng, 4, HIDDEN), np.zeros((24, 4)))
    # Rows of W0 lean towards its principal directions.
    one.adapt(A + "self_attn.o_proj", 2e-2, a=base[A + "self_attn.o_proj.weight"][0])
    one.adapt(A + "mlp.gate_proj", 5e-3, "F16")
    one.adapt(A + "mlp.up_proj", 1e-5)
    one.adapt(A + "mlp.down_proj", 3e-4)
    one.adapt(A + "mlp.gate", 1e-2)  # of higher rank than the matrix
    one.put(B + "self_attn.q_proj", uniform(rng, 5, HIDDEN), None)
    one.put(B + "self_attn.k_proj", uniform(rng, 3, HIDDEN), uniform(rng, 24, 3))
    one.adapt(B + "self_attn.v_proj", 3e-2)
    one.adapt(B + "self_attn.o_proj", 3e-2)
    one.put(B + "mlp.gate_proj", uniform(rng, 4, HIDDEN), uniform(rng, 19, 4))
    one.adapt(B + "mlp.up_proj", 1e-2)
    one.put("model.layers.7.self_attn.k_proj", uniform(rng, 4, HIDDEN), uniform(rng, 24, 4))
    one.whole("lm_head.weight", 1e-3)
    one.whole("model.norm.weight", 1e-2)
    one.side.tensors[PREFIX + "score.weight"] = (uniform(rng, 2, HIDDEN), "F32")
    two = Adapted(rng, base, r=9, lora_alpha=6, use_rslora=True)
    for module, rho in [
        ("self_attn.q_proj", 5e-3),
        ("self_attn.k_proj", 2e-2),
        ("self_attn.v_proj", 1e-3),
        ("mlp.up_proj", 1e-3),
        ("mlp.down_proj", 1e-2),
    ]:
        two.adapt(A + module, rho, "BF16")
    return base, one.side, two.side


def lora_fisher(base):
    """For the weights of one layer that both adapters move: what costs is the merged weight."""
    rng = np.random.Generator(np.random.PCG64(15))
    names = (
        f"{A}{part}.weight" for part in ("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj")
    )
    return {name: (uniform(rng, *base[name][0].shape) ** 2, "F32") for name in names}


def lora_gpt2():
    """F16 in GPT-2's layout: every weight moves by the transpose."""
    rng, base = np.random.Generator(np.random.PCG64(14)), {}
    for name, m, n in [
        ("wte", WORDS, 72),
        ("h.0.attn.c_attn", 72, 216),
        ("h.0.attn.c_proj", 72, 72),
        ("h.0.mlp.c_fc", 72, 99),
    ]:
        base[f"{name}.weight"] = (stored(with_spectrum(rng, m, n, power_law(72, 2)), "F16"), "F16")
    base["h.0.attn.c_attn.bias"] = (stored(uniform(rng, 216), "F16"), "F16")
    one = Adapted(rng, base, r=3, lora_alpha=3, fan_in_fan_out=True)
    for name, rho in [
        ("wte", 1e-2),
        ("h.0.attn.c_attn", 1e-3),
        ("h.0.attn.c_proj", 1e-2),
        ("h.0.mlp.c_fc", 2e-4),
    ]:
        one.adapt(name, rho)
    return base, one.side
