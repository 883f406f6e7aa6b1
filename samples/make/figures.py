"""Figures of each run against the base, in NumPy float64 with full SVDs. Adds them to results.json.

Definitions follow "The Path Not Taken" (arXiv 2511.08567). Counts are summed over tensors;
spectral figures are unweighted means over the matrices of the layers. Embedding and head are left
out of those: with 15 rows, a subspace of dimension 16 would be everything.
"""

import json

import numpy as np

from checkpoint import read
from paths import BASE, RESULTS, RUNS, SAMPLES

K, ALPHA, ETA = 16, 0.3, 1e-3


def changed(w0, w1):
    """Definition 2.1: a weight is unchanged if |w1 - w0| <= eta max(|w0|, |w1|).

    In f32 on bf16 values.
    """
    return np.abs(w1 - w0) > np.float32(ETA) * np.maximum(np.abs(w0), np.abs(w1))


def largest_angle(p, q):
    """Largest principal angle in degrees between two orthonormal bases, by its sine."""
    sines = np.linalg.svd(q - p @ (p.T @ q), compute_uv=False)
    return np.degrees(np.arcsin(min(1.0, sines[0])))


def masks(w0, u, s, vt):
    """Principal mask: top alpha of the rank-k part. Low-magnitude mask: bottom alpha of |W0|."""
    part = np.abs((u * s) @ vt)
    count = round(ALPHA * w0.size)
    top = part >= np.partition(part.ravel(), -count)[-count]
    low = np.abs(w0) <= np.partition(np.abs(w0).ravel(), count - 1)[count - 1]
    return dict(principal=top, low_magnitude=low)


def matrix_figures(w0, w1):
    """Spectral figures of one matrix, and the masks of its base."""
    w0, w1 = w0.astype(np.float64), w1.astype(np.float64)
    u0, s0, vt0 = np.linalg.svd(w0, full_matrices=False)
    u1, s1, vt1 = np.linalg.svd(w1, full_matrices=False)
    u, vt, delta, (m, n) = u0[:, :K], vt0[:K], w1 - w0, w0.shape
    size = np.sum(delta**2)
    figures = dict(
        relative_update=np.sqrt(size) / np.linalg.norm(w0),
        nss=np.linalg.norm(s1 - s0) / np.linalg.norm(s0),
        rotation_max=max(largest_angle(u, u1[:, :K]), largest_angle(vt.T, vt1[:K].T)),
        relative_gap=(s0[K - 1] - s0[K]) / s0[K - 1],
        off_principal_share=1 - np.sum((u.T @ delta @ vt.T) ** 2) / size,
        off_principal_chance=1 - K * K / (m * n),
    )
    return figures, masks(w0, u, s0[:K], vt)


def spread(values):
    return dict(
        mean=np.mean(values), min=np.min(values), median=np.median(values), max=np.max(values)
    )


def run_figures(base, tuned):
    """All figures of one run."""
    moved = {name: changed(base[name], tuned[name]) for name in base}
    layers = [name for name in base if ".layers." in name and base[name].ndim == 2]
    spectral, hits, density = [], {}, {}
    for name in layers:
        figures, tensor_masks = matrix_figures(base[name], tuned[name])
        spectral.append(figures)
        for kind, mask in tensor_masks.items():
            hits[kind] = hits.get(kind, 0) + np.sum(mask & moved[name])
            density[kind] = density.get(kind, 0) + np.sum(mask)
    in_layers, moved_in_layers = (
        sum(f(name) for name in layers) for f in (lambda n: base[n].size, lambda n: moved[n].sum())
    )
    out = dict(
        parameters=sum(w.size for w in base.values()),
        matrices=len(layers),
        sparsity_bf16=1 - sum(m.sum() for m in moved.values()) / sum(w.size for w in base.values()),
        **{key: spread([figures[key] for figures in spectral]) for key in spectral[0]},
    )
    for kind, hit in hits.items():
        out[f"{kind}_overlap"] = hit / moved_in_layers
        out[f"{kind}_chance"] = density[kind] / in_layers
    return out, moved


def pair_figures(base, one, two, moved_one, moved_two):
    """Jaccard index of two masks, its chance level, and the cosine of the updates.

    The chance level follows from the densities of each tensor.
    """
    both = either = both_chance = either_chance = dot = size_one = size_two = 0.0
    for name, w0 in base.items():
        a, b, size = moved_one[name], moved_two[name], w0.size
        p, q = a.mean(), b.mean()
        both, either = both + np.sum(a & b), either + np.sum(a | b)
        both_chance, either_chance = (
            both_chance + size * p * q,
            either_chance + size * (p + q - p * q),
        )
        d, e = (w.astype(np.float64) - w0 for w in (one[name], two[name]))
        dot, size_one, size_two = (
            dot + np.sum(d * e),
            size_one + np.sum(d * d),
            size_two + np.sum(e * e),
        )
    return dict(
        jaccard=both / either,
        jaccard_chance=both_chance / either_chance,
        cosine=dot / np.sqrt(size_one * size_two),
    )


def plain(value):
    """JSON takes Python numbers only."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return round(float(value), 10) if isinstance(value, (float, np.floating)) else int(value)


def main():
    tensors = {name: read(SAMPLES / name) for name in RUNS}
    base, tuned = tensors[BASE], [name for name in RUNS if name != BASE]
    runs, moved = {}, {}
    for name in tuned:
        runs[name], moved[name] = run_figures(base, tensors[name])
    pairs = {
        f"{a} {b}": pair_figures(base, tensors[a], tensors[b], moved[a], moved[b])
        for i, a in enumerate(tuned)
        for b in tuned[i + 1 :]
    }
    results = json.loads(RESULTS.read_text())
    results["figures"] = dict(
        k=K,
        alpha=ALPHA,
        eta=ETA,
        dtype="bf16",
        method="exact, full SVD in f64",
        runs=plain(runs),
        pairs=plain(pairs),
    )
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
