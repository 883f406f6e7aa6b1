"""Draws how far a random update turns principal subspaces: its angles have no closed form.

The update E has m x n independent Gaussian entries of variance tau^2, W0 = U diag(s) V^T with
complete U and V, g = U^T E V. To first order in E the subspaces of the leading k directions become
those of U [I; X] and V [I; Y] with

    X_ij = (s_j g_ij + s_i g_ji) / (s_j^2 - s_i^2),
    Y_ij = (s_i g_ij + s_j g_ji) / (s_j^2 - s_i^2),

i > k >= j, where s_i = 0 for directions that belong to no singular value (Stewart & Sun, Matrix
Perturbation Theory, 1990, ch. V). Their principal angles are the arc tangents of the singular
values. test_chance_rotation.py holds this to decompositions of W0 + E.
"""

import numpy as np

SEED = 11
# Draws and weights drawn; every matrix has the least number of draws.
MOST, LEAST, WEIGHTS = 128, 16, 2**20
# Weights drawn at a time.
BATCH = 2**20


def count_draws(shape):
    """Returns the number of draws for a matrix of this shape."""
    return min(MOST, max(LEAST, WEIGHTS // (shape[0] * shape[1])))


def flatten_tail(s, known):
    """Returns the values with those beyond the first `known` at their root mean square: the same
    energy, and the least that they turn."""
    s = s.copy()
    if known < s.size:
        s[known:] = np.sqrt((s[known:] ** 2).mean())
    return s


def first_order(g, s, k):
    """Returns X and Y of the rank-k subspaces for a stack of g (draws x m x n): draws x (m - k) x k
    and draws x (n - k) x k."""
    m, n = g.shape[1:]
    values = np.zeros(max(m, n))
    values[: s.size] = s
    # g_ji where it exists; beyond the shorter side it is multiplied by s_i = 0.
    low, high = np.zeros((2, g.shape[0], max(m, n) - k, k))
    low[:, : m - k], high[:, : n - k] = g[:, k:, :k], g[:, :k, k:].transpose(0, 2, 1)
    inner, outer = values[:k], values[k:, None]
    gap = inner**2 - outer**2
    return ((inner * low + outer * high) / gap)[:, : m - k], ((outer * low + inner * high) / gap)[
        :, : n - k
    ]


def angles(x):
    """Returns the principal angles of each draw in degrees, descending; where fewer than k
    directions are outside, the rest are zero."""
    found = np.zeros((x.shape[0], x.shape[2]))
    if x.shape[1]:
        values = np.linalg.svd(x, compute_uv=False)
        found[:, : values.shape[1]] = np.degrees(np.arctan(values))
    return found


def draw_rotations(w0, ranks, tau, known=()):
    """Returns [{rank: (left, right)}] of all values and of those flattened beyond `known`; angles
    are draws x rank, None without a gap."""
    m, n = w0.shape
    u, s, vt = np.linalg.svd(w0)
    spectra = [s, *(flatten_tail(s, count) for count in known)]
    rng, left = np.random.default_rng(SEED), count_draws(w0.shape)
    found = [
        {rank: [] for rank in ranks if rank == s.size or s[rank - 1] > s[rank]} for _ in spectra
    ]
    while left:
        count = min(left, max(1, BATCH // w0.size))
        left -= count
        g = tau * (u.T @ rng.standard_normal((count, m, n)) @ vt.T)
        for values, of_rank in zip(spectra, found):
            for rank, parts in of_rank.items():
                parts.append([angles(x) for x in first_order(g, values, rank)])
    joined = lambda parts: tuple(np.concatenate(side) for side in zip(*parts))
    return [
        {rank: joined(of_rank[rank]) if rank in of_rank else None for rank in ranks}
        for of_rank in found
    ]


def round_digits(values):
    """Rounds to six digits, which is more than a mean of draws has."""
    return [round_digits(v) for v in values] if np.ndim(values) else float(f"{values:.5e}")


def summarize(name, drawn, least=None):
    """Returns mean and standard deviation over draws, and the mean where part of the spectrum is
    flattened."""
    found = {
        name: round_digits(drawn.mean(axis=0)),
        f"{name}_deviation": round_digits(drawn.std(axis=0, ddof=1)),
    }
    return found if least is None else {**found, f"{name}_least": round_digits(least.mean(axis=0))}


def combine_sides(pair):
    """Returns the largest angle and the median of each draw."""
    both = np.concatenate(pair, axis=1)
    return {"rotation_max": both.max(axis=1), "rotation_median": np.median(both, axis=1)}


def make_undefined(*names):
    """Returns null for all levels of these names."""
    return {name + end: None for name in names for end in ("", "_deviation", "_least")}


def levels(w0, ranks, tau):
    """Returns [the largest angle and the median of each rank], and every angle of both sides of the
    last rank.

    `_least` is what knowledge of no more values than one beyond the last rank leaves.
    """
    drawn, least = draw_rotations(w0, ranks, tau, [ranks[-1] + 1])
    found = []
    for rank in ranks:
        if drawn[rank] is None:
            found.append(make_undefined("rotation_max", "rotation_median"))
            continue
        all_of_it, flat = combine_sides(drawn[rank]), combine_sides(least[rank])
        found.append(
            {
                k: v
                for name in all_of_it
                for k, v in summarize(name, all_of_it[name], flat[name]).items()
            }
        )
    last, sides = ranks[-1], ("angles_left", "angles_right")
    each = (
        make_undefined(*sides)
        if drawn[last] is None
        else {
            k: v
            for i, name in enumerate(sides)
            for k, v in summarize(name, drawn[last][i], least[last][i]).items()
        }
    )
    return found, {"draws": count_draws(w0.shape), **each}


def largest_angle(block, k, tau, side):
    """Returns (mean, standard deviation) of the largest angle on one side, 0 for the left; None
    twice without a gap."""
    drawn = draw_rotations(block, [k], tau)[0][k]
    if drawn is None:
        return None, None
    return tuple(round_digits(f) for f in (drawn[side][:, 0].mean(), drawn[side][:, 0].std(ddof=1)))
