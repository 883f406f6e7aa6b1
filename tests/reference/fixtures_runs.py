"""A base with three tuned runs, and a diagonal Fisher file."""

import numpy as np

from fixtures_matrices import dense, low_rank, power_law, sparse, uniform, with_spectrum
from fixtures_stored import stored


def shared(rng, w, common, own, rho):
    """Updates of three runs: `common` weights change in all of them, `own` others in each."""
    parts = rng.permutation(w.size)
    for _ in range(3):
        delta = np.zeros(w.size)
        picked = np.concatenate([parts[:common], common + rng.permutation(w.size - common)[:own]])
        delta[picked] = uniform(rng, picked.size)
        yield delta.reshape(w.shape) * rho


def three_runs():
    """BF16 (one tensor F32): stripes, ties, nothing changed, NaN, and tensors that some runs lack."""
    rng, sides = np.random.Generator(np.random.PCG64(8)), [{}, {}, {}, {}]

    def put(name, w, deltas, dtype="BF16"):
        w = stored(w, dtype)
        for side, delta in zip(sides, [None, *deltas]):
            side[name] = (w if delta is None else w + delta, dtype)

    def matrix(m, n):
        return stored(with_spectrum(rng, m, n, power_law(min(m, n), 2)), "BF16")

    a = "model.layers.0."
    w = matrix(33, 65)
    put(a + "self_attn.q_proj.weight", w, shared(rng, w, 200, 500, 0.05))
    put(a + "self_attn.k_proj.weight", matrix(12, 9), [None] * 3)
    w = matrix(12, 9)
    put(a + "self_attn.v_proj.weight", w, [sparse(rng, w, 30, 0.1), None, sparse(rng, w, 108, 0.3)])
    w = matrix(17, 10)
    put(a + "self_attn.o_proj.weight", w, [sparse(rng, w, 30, 0.1)] * 3)
    w = matrix(9, 11)
    put(a + "mlp.gate_proj.weight", w, [sparse(rng, w, 40, 0.1) for _ in range(3)])
    # More columns than a profile has points, in groups of two and a last one alone; every tenth
    # column is a stripe.
    w = matrix(5, 301)
    stripe = (np.arange(301) % 10 == 0) * 0.25
    put(a + "mlp.up_proj.weight", w, [stripe + d for d in shared(rng, w, 0, 300, 0.05)])
    w = matrix(9, 11)
    deltas = [sparse(rng, w, 40, 0.1) for _ in range(3)]
    w[2, 3], deltas[0][4, 4], deltas[2][5, 5] = np.nan, np.inf, np.nan
    put(a + "mlp.down_proj.weight", w, deltas)
    w = stored(np.stack([low_rank(rng, 6, 5, 2) + 1 for _ in range(2)]), "BF16")
    put(a + "mlp.experts.down_proj", w, [uniform(rng, 2, 6, 5) * 0.01 for _ in range(3)])
    put(
        "extra.row.weight",
        uniform(rng, 1, 7),
        [np.full((1, 7), 0.25), None, np.arange(7)[None, :] * 0.25],
    )
    put(
        "model.norm.weight",
        np.ones(65),
        [sparse(rng, np.ones((65, 1)), 9, 1e-2)[:, 0] for _ in range(3)],
    )
    # An update of F32 that bf16 hides for most weights: M is small, the inner products are not.
    w = stored(with_spectrum(rng, 20, 13, power_law(13, 2)), "F32")
    common = dense(rng, w, 1e-3)
    put("lm_head.weight", w, [common + dense(rng, w, 5e-4) for _ in range(3)], "F32")
    # In two of three runs, and in one: there is nothing to compare the latter with.
    del sides[2][a + "mlp.gate_proj.weight"]
    for side in sides[2:]:
        del side[a + "self_attn.o_proj.weight"]
    return tuple(sides)


def three_runs_fisher(base):
    """Every float dtype; a tensor without mass, one that is missing, one of another shape, one with a NaN, one below 0."""
    rng, a = np.random.Generator(np.random.PCG64(9)), "model.layers.0."
    dtypes = {
        a + "self_attn.v_proj.weight": "BF16",
        a + "self_attn.o_proj.weight": "F16",
        a + "mlp.up_proj.weight": "F64",
    }
    out = {}
    for name, (w, _) in base.items():
        f = uniform(rng, *w.shape)
        out[name] = (f * f, dtypes.get(name, "F32"))
    out[a + "self_attn.k_proj.weight"][0][:] = 0
    out[a + "mlp.gate_proj.weight"][0][1, 1] = np.nan
    out["extra.row.weight"][0][0, 3] = -1
    out["model.norm.weight"] = (np.ones(64), "F32")
    del out["lm_head.weight"]
    return out
