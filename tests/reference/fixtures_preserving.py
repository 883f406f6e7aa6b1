"""Value and output projections that were rotated and permuted together, which leaves what a model computes as it was."""

import numpy as np

from fixtures_matrices import dense, power_law, reflect, uniform, with_spectrum
from fixtures_stored import stored

HIDDEN, SIZE, QUERIES, SHARED = 32, 6, 6, 3
CONFIG = {
    "model_type": "llama",
    "hidden_size": HIDDEN,
    "num_attention_heads": QUERIES,
    "num_key_value_heads": SHARED,
    "head_dim": SIZE,
}
GROUP = QUERIES // SHARED


def turned(v, o, mirrors):
    """V_h -> R_h V_h and O_h -> O_h R_h^T, R_h the product of the reflections at `mirrors[h]`; the query heads of a group alike."""
    v, o = v.copy(), o.copy()
    for h, vectors in enumerate(mirrors):
        rows = slice(h * SIZE, (h + 1) * SIZE)
        for mirror in vectors:
            v[rows] = reflect(v[rows], mirror)
            for g in range(h * GROUP, (h + 1) * GROUP):
                columns = slice(g * SIZE, (g + 1) * SIZE)
                o[:, columns] = reflect(np.ascontiguousarray(o[:, columns].T), mirror).T
    return v, o


def permuted(v, o, order):
    """Head h of the result is head order[h]."""
    heads, groups = v.reshape(SHARED, -1), o.reshape(HIDDEN, SHARED, -1)
    return heads[order].reshape(v.shape), groups[:, order].reshape(o.shape)


def preserving():
    """A layer each: turned, in another order, both with an update on top, slightly turned, mirrored, moved, not looked at."""
    rng, base, tuned = np.random.Generator(np.random.PCG64(16)), {}, {}
    layers = iter(range(100))

    def put(change, dtype="BF16", outputs=QUERIES * SIZE):
        shapes = ((SHARED * SIZE, HIDDEN), (HIDDEN, outputs))
        before = [
            stored(with_spectrum(rng, *shape, power_law(min(shape), 2)), dtype) for shape in shapes
        ]
        layer = next(layers)
        for part, w, moved in zip("vo", before, change(*before)):
            name = f"model.layers.{layer}.self_attn.{part}_proj.weight"
            base[name], tuned[name] = (w, dtype), (moved, dtype)

    mirrors = lambda count: [[uniform(rng, SIZE) for _ in range(count)] for _ in range(SHARED)]

    def slightly():
        # Reflections at two mirrors turn by twice the angle between them.
        return [[first, first + 0.01 * uniform(rng, SIZE)] for (first,) in mirrors(1)]

    more = lambda sides, rho: [w + dense(rng, w, rho) for w in sides]
    put(lambda v, o: turned(v, o, mirrors(2)))
    put(lambda v, o: permuted(v, o, [1, 2, 0]))
    put(lambda v, o: more(turned(*permuted(v, o, [2, 1, 0]), mirrors(2)), 2e-2), "F32")
    put(lambda v, o: more(permuted(v, o, [0, 2, 1]), 5e-2), "F32")
    put(lambda v, o: turned(v, o, slightly()), "F32")
    put(lambda v, o: turned(v, o, mirrors(1)), "F32")
    put(lambda v, o: more((v, o), 0.3))
    put(lambda v, o: more(turned(v, o, slightly()), 2e-2), "F32")
    put(lambda v, o: more((v, o), 5e-3))
    put(lambda v, o: (v, o + dense(rng, o, 0.1)))
    put(lambda v, o: more((v, o), 0.1), outputs=QUERIES * SIZE + 1)
    put(lambda v, o: more((v, o), 0.1))
    base["model.layers.11.self_attn.o_proj.weight"][0][2, 3] = np.nan
    put(lambda v, o: more((v, o), 0.1))
    del tuned["model.layers.12.self_attn.o_proj.weight"]
    return base, tuned
