"""Checkpoints whose sides are stored in different dtypes, and in FP8 with every kind of scale."""

import numpy as np

from fixtures_fp8 import quantize
from fixtures_matrices import dense, power_law, sparse, uniform, with_spectrum
from fixtures_stored import stored

# Blocks that no square of a power of two gives; scales that do not fit them are taken for squares.
FP8_CONFIG = {
    "model_type": "llama",
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [32, 9]},
}
A, B = "model.layers.0.", "model.layers.1."


def mixed():
    """One base with two runs: one saved in wider dtypes than its base, so that bf16 hides its changes, one in narrower ones."""
    rng, sides = np.random.Generator(np.random.PCG64(11)), [{}, {}, {}]

    def put(name, w, dtypes, rho):
        w = stored(w, dtypes[0])
        moved = [0, dense(rng, w, rho), sparse(rng, w, w.size // 4, rho)]
        for side, delta, dtype in zip(sides, moved, dtypes):
            side[name] = (w + delta, dtype)

    matrix = lambda m, n: with_spectrum(rng, m, n, power_law(min(m, n), 2))
    put(A + "self_attn.q_proj.weight", matrix(41, 33), ("BF16", "F32", "BF16"), 1e-3)
    put(A + "self_attn.k_proj.weight", matrix(17, 33), ("BF16", "F32", "BF16"), 1e-5)
    put(A + "self_attn.v_proj.weight", matrix(17, 33), ("F16", "BF16", "F16"), 1e-2)
    put(A + "self_attn.o_proj.weight", matrix(33, 41), ("F32", "BF16", "F16"), 1e-2)
    put(A + "mlp.gate_proj.weight", matrix(29, 33), ("BF16", "F64", "F32"), 1e-4)
    put(A + "mlp.up_proj.weight", matrix(29, 33), ("F64", "F32", "BF16"), 1e-3)
    put(
        A + "mlp.experts.down_proj",
        np.stack([matrix(12, 9) for _ in range(2)]).reshape(24, 9),
        ("BF16", "F32", "BF16"),
        1e-2,
    )
    for side in sides:
        w, dtype = side[A + "mlp.experts.down_proj"]
        side[A + "mlp.experts.down_proj"] = (w.reshape(2, 12, 9), dtype)
    w = uniform(rng, 33, 1)
    put("model.norm.weight", w, ("BF16", "F32", "F16"), 1e-3)
    for side in sides:
        side["model.norm.weight"][0].shape = (33,)
    # Infinite in F16 and F32, NaN in BF16: no numbers in any dtype.
    sides[0][A + "mlp.up_proj.weight"][0][3, 4] = np.inf
    sides[2][A + "mlp.up_proj.weight"][0][5, 6] = np.nan
    return tuple(sides)


class Quantized:
    """Collects both sides of FP8 pairs."""

    def __init__(self, seed):
        self.rng, self.base, self.tuned = np.random.Generator(np.random.PCG64(seed)), {}, {}

    def matrix(self, m, n):
        return with_spectrum(self.rng, m, n, power_law(min(m, n), 2))

    def put(self, side, name, w, kind, blocks, ending="_scale_inv", shape=None, dtype="F32"):
        """One side; `shape` is that of the scale tensor where it is not down x across, `ending` None for none."""
        values, scale = quantize(w, kind, *blocks)
        side[name] = (values if ending else w, kind)
        if ending:
            side[name + ending] = (scale if shape is None else scale.reshape(shape), dtype)

    def pair(self, name, m, n, *how, kind="F8_E4M3", count=None, **more):
        """Both sides alike: weights that move by 5 %, all of them or `count`."""
        w = self.matrix(m, n)
        moved = w + (
            dense(self.rng, w, 0.05) if count is None else sparse(self.rng, w, count, 0.05)
        )
        for side, values in ((self.base, w), (self.tuned, moved)):
            self.put(side, name, values, kind, *how, **more)


def fp8():
    """Every arrangement of scales, both kinds, NaN and infinite codes, FP8 against BF16, and scales that cannot be used."""
    q = Quantized(12)
    # Blocks of 16 (found from the shape), of 32 x 9 (from the config), one a row, one in all, and
    # under the other name.
    q.pair(A + "self_attn.q_proj.weight", 50, 41, (16, 16), count=300)
    q.pair(A + "self_attn.k_proj.weight", 50, 41, (32, 9), count=300)
    q.pair(A + "self_attn.v_proj.weight", 20, 41, (1, 41), "_scale", (20,), count=200)
    q.pair(A + "self_attn.o_proj.weight", 41, 50, (1, 50), "_scale", (41, 1))
    q.pair(A + "mlp.gate_proj.weight", 33, 41, (33, 41), "_scale", (), dtype="BF16")
    q.pair(A + "mlp.up_proj.weight", 33, 41, (33, 41), "_scale", (1,), kind="F8_E5M2")
    q.pair(A + "mlp.down_proj.weight", 41, 33, (16, 16), "_scale", dtype="F64", count=100)
    q.pair(A + "mlp.router.weight", 20, 20, (1, 1), None, kind="F8_E5M2")
    # NaN on one side, on the other, on both; infinite codes of E5M2.
    up, down = (A + f"mlp.{part}_proj.weight" for part in ("up", "down"))
    for side, where in ((q.base, (2, 3)), (q.tuned, (4, 5)), (q.base, (6, 6)), (q.tuned, (6, 6))):
        side[down][0][where] = np.nan
    q.base[up][0][1, 1], q.tuned[up][0][1, 2], q.base[up][0][9, 9] = np.inf, -np.inf, np.nan
    # FP8 on one side only, both ways, and of two kinds.
    w = stored(q.matrix(50, 41), "BF16")
    q.put(q.base, B + "self_attn.q_proj.weight", w, "F8_E4M3", (16, 16))
    q.tuned[B + "self_attn.q_proj.weight"] = (w + sparse(q.rng, w, 400, 0.02), "BF16")
    w = stored(q.matrix(20, 41), "BF16")
    q.base[B + "self_attn.k_proj.weight"] = (w, "BF16")
    q.put(q.tuned, B + "self_attn.k_proj.weight", w, "F8_E5M2", (1, 41), "_scale", (20,))
    w = q.matrix(20, 41)
    q.put(q.base, B + "self_attn.v_proj.weight", w, "F8_E4M3", (16, 16))
    q.put(q.tuned, B + "self_attn.v_proj.weight", w, "F8_E5M2", (1, 41), "_scale", (20, 1))
    # Scales of different shapes, one scale changed and no code, a vector, slices.
    w = q.matrix(41, 50)
    q.put(q.base, B + "self_attn.o_proj.weight", w, "F8_E4M3", (16, 16))
    q.put(q.tuned, B + "self_attn.o_proj.weight", w, "F8_E4M3", (1, 50), "_scale", (41,))
    w = q.matrix(33, 41)
    for side in (q.base, q.tuned):
        q.put(side, B + "mlp.gate_proj.weight", w, "F8_E4M3", (16, 16))
    q.tuned[B + "mlp.gate_proj.weight_scale_inv"][0][1, 2] *= 1.25
    w = uniform(q.rng, 1, 41)
    for side, by in ((q.base, 1), (q.tuned, 1.0625)):
        q.put(side, "model.norm.weight", w * by, "F8_E4M3", (1, 41), "_scale", (1,))
        side["model.norm.weight"][0].shape = (41,)
    w = np.stack([q.matrix(9, 20) for _ in range(2)])
    for side, delta in ((q.base, 0), (q.tuned, 0.01 * uniform(q.rng, 2, 9, 20))):
        side[B + "mlp.experts.down_proj"] = (w + delta, "F8_E4M3")
    # Scales that do not fit, that are no floats, that belong to no FP8 weight.
    q.pair(B + "bad.shape.weight", 9, 20, (9, 20), "_scale", (1,))
    w, row = stored(q.matrix(9, 20), "BF16"), uniform(q.rng, 9)
    for side, delta in ((q.base, 0), (q.tuned, sparse(q.rng, w, 60, 0.01))):
        side[B + "bad.shape.weight_scale"] = (np.ones(7), "F32")
        side["extra.weight"], side["extra.weight_scale"] = (w + delta, "BF16"), (row, "F32")
    q.pair(B + "bad.integers.weight", 9, 20, (9, 20), "_scale", (1,), dtype="I32")
    w = stored(q.matrix(9, 20), "BF16")
    q.put(q.base, B + "bad.base.weight", w, "F8_E4M3", (9, 20), "_scale", (1,), dtype="I32")
    q.tuned[B + "bad.base.weight"] = (w, "BF16")
    return q.base, q.tuned
