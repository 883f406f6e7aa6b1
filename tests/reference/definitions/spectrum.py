"""Along the spectrum of W0: where the update lies, and how the figures of rank k depend on k."""

import numpy as np

from . import chance
from .subspaces import angles, relative_gap, shares


def edges(k):
    """Returns the upper ends of blocks of singular directions, doubling up to k."""
    return [2**i for i in range((k - 1).bit_length())] + [k]


def along_spectrum(delta, u, v, k):
    """Returns the shares of the update by block of directions; None for a zero update."""
    total = float((delta**2).sum())
    if total == 0:
        return None
    ends = edges(k)
    starts = [0, *ends[:-1]]
    share = lambda part: float((part**2).sum()) / total
    lefts, rights = ([a[:, x:y] for x, y in zip(starts, ends)] for a in (u, v))
    return {
        "edges": ends,
        "core": [[share(b.T @ delta @ c) for c in rights] for b in lefts],
        "left": [share(b.T @ delta) for b in lefts],
        "right": [share(delta @ c) for c in rights],
    }


def rotations(first, second, k):
    """Returns the principal angles of the rank-k subspaces, left and right."""
    if first is second:
        return np.zeros(k), np.zeros(k)
    (u0, _, v0), (u1, _, v1) = first, second
    return angles(u0[:, :k], u1[:, :k]), angles(v0[:, :k], v1[:, :k])


def at_rank(delta, first, second, k):
    """Returns the figures that depend on the rank; `first` and `second` are the factors (U, sigma,
    V) of W0 and W1."""
    (u0, s0, v0), (_, s1, _) = first, second
    both, left, right = shares(delta, u0[:, :k], v0[:, :k])
    turned = rotations(first, second, k)
    by_chance = {
        **chance.off_principal(*delta.shape, k),
        "nss_top_k": chance.spectral_shift_top(
            delta.shape, k, float(np.linalg.norm(delta)), float(np.linalg.norm(s0[:k]))
        ),
    }
    return {
        "k": k,
        "off_principal_share": both,
        "off_principal_left": left,
        "off_principal_right": right,
        "chance": by_chance,
        "nss_top_k": float(np.linalg.norm(s1[:k] - s0[:k]) / np.linalg.norm(s0[:k])),
        "rotation_max": float(max(turned[0][0], turned[1][0])),
        "rotation_median": float(np.median(np.concatenate(turned))),
        "gap": relative_gap(s0, k),
        "gap_tuned": relative_gap(s1, k),
    }


def sweep(delta, first, second, k, drawn):
    """Returns one entry for each edge, the last at k itself; `drawn` holds what a random update
    turns each of them by."""
    points = [at_rank(delta, first, second, end) for end in edges(k)]
    return [
        {**point, "chance": {**point["chance"], **levels}} for point, levels in zip(points, drawn)
    ]


def sin_theta(turned, s0, shape, k, size):
    """Returns |sin Theta|_F of both sides beside chance; `turned` are the angles in degrees, `size`
    is |D|_F."""
    left, right = (float(np.linalg.norm(np.sin(np.radians(a)))) for a in turned)
    low_left, low_right = chance.sine_norms(s0, shape, k, size)
    return {"left": left, "right": right, "chance_left": low_left, "chance_right": low_right}
