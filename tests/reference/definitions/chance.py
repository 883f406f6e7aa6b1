"""Chance levels: what an update that knows nothing of W0 would give, m x n independent Gaussian
entries of the same Frobenius norm.

Each entry then has the variance tau^2 = |D|_F^2 / (mn), and so has u^T D v for every pair of unit
vectors. Figures of W0 follow to first order in D (Stewart & Sun, Matrix Perturbation Theory, 1990),
those of D itself from random matrix theory for large m and n (Bai & Silverstein, Spectral Analysis
of Large Dimensional Random Matrices, 2010, 3.1 and 5.2). test_chance.py holds each to draws.
"""

import math

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq


def off_principal(m, n, k):
    """Returns the shares of an update outside the rank-k subspaces."""
    return {"both": 1 - k * k / (m * n), "left": 1 - k / m, "right": 1 - k / n}


def spectral_shift(shape, rank, size, norm):
    """Returns NSS: |sigma(W0 + D) - sigma(W0)| over |W0|_F, with `size` for |D|_F and `norm` for
    |W0|_F.

    A value above 0 moves by u_i^T D v_i. Those that are 0 become the singular values of D between
    the null spaces, so all its (m - rank)(n - rank) entries count. With full rank it is size /
    sqrt(max(m, n)) / norm.
    """
    m, n = shape
    return size * math.sqrt((rank + (m - rank) * (n - rank)) / (m * n)) / norm


def spectral_share(shape, rank):
    """Returns |sigma(W0 + D) - sigma(W0)| over |D|_F; 1 / sqrt(max(m, n)) with full rank."""
    return spectral_shift(shape, rank, 1.0, 1.0)


def spectral_shift_top(shape, k, size, norm):
    """Returns the same over k values above 0, `norm` being theirs."""
    return size * math.sqrt(k / (shape[0] * shape[1])) / norm


def sine_energy(s, k, side, known=None):
    """Returns [low, high] of E|sin Theta|_F^2 / tau^2 for the rank-k subspaces on the side with
    `side` rows; None without a gap.

    u_j turns towards u_i with variance tau^2 (s_i^2 + s_j^2) / (s_i^2 - s_j^2)^2, and the
    directions that belong to no singular value (side - min of them) with tau^2 / s_i^2. Where only
    the first `known` values are given one by one, and of the others the sum of squares, the sum
    over those lies between both ends, as its terms are convex in s_j^2: all equal, or split between
    0 and the last known value.
    """
    known = s.size if known is None else known
    lead, following, tail = s[:k] ** 2, s[k:known] ** 2, s[known:] ** 2
    if k < s.size and lead[-1] <= s[k] ** 2:
        return None
    term = lambda x: float(((lead + x) / (lead - x) ** 2).sum())
    certain = sum(map(term, following)) + (side - s.size) * term(0.0)
    energy, last = float(tail.sum()), s[known - 1] ** 2
    if energy == 0:
        return [certain + tail.size * term(0.0)] * 2
    if last >= lead[-1]:  # no value beyond k is known: the tail may come as near as it likes
        return [certain + tail.size * term(energy / tail.size), math.inf]
    at_last = energy / last
    return [
        certain + tail.size * term(energy / tail.size),
        certain + at_last * term(last) + (tail.size - at_last) * term(0.0),
    ]


def sine_norms(s, shape, k, size, known=None):
    """Returns [low, high] of |sin Theta|_F, left and right, `size` being |D|_F."""
    tau = size / math.sqrt(shape[0] * shape[1])
    found = [sine_energy(s, k, side, known) for side in shape]
    return [energy and [tau * math.sqrt(e) for e in energy] for energy in found]


def vector_energy(s, k, side):
    """Returns E sin^2 of the angle that each of the first k singular vectors turns by, over tau^2;
    it is infinite beside an equal value.

    u_j turns towards every other u_i, also one of the first k.
    """
    squares = s**2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = (squares[:k, None] + squares) / (squares[:k, None] - squares) ** 2
        terms[np.arange(k), np.arange(k)] = 0
        return terms.sum(axis=1) + (side - s.size) / squares[:k]


def vectors(s, shape, k, size):
    """Returns the angles of single vectors, left and right, in degrees: asin of the root of E
    sin^2.

    None where that is not a sine.
    """
    if size == 0:
        return [[0.0] * k] * 2
    variance = size**2 / (shape[0] * shape[1])
    angle = lambda e: math.degrees(math.asin(math.sqrt(e))) if e < 1 else None
    return [[angle(variance * e) for e in vector_energy(s, k, side)] for side in shape]


def stable_rank(m, n):
    """Returns |D|_F^2 / |D|_2^2 with |D|_2 = tau (sqrt(m) + sqrt(n)); no matrix has less than 1."""
    return max(1.0, m * n / (math.sqrt(m) + math.sqrt(n)) ** 2)


def share_top(m, n, k):
    """Returns the share of |D|_F^2 in the largest k singular values, by the Marchenko-Pastur law.

    At x = 1 + c + 2 sqrt(c) cos t with c = min/max, the eigenvalues above x are the share of all
    int_0^t 2 sin^2 u / (pi (1 + c + 2 sqrt(c) cos u)) du, and x f(x) dx integrates to (t - sin t
    cos t) / pi.
    """
    least = min(m, n)
    if k >= least:
        return 1.0
    c = least / max(m, n)
    if c == 1:  # sin^2 u / (2 + 2 cos u) = sin^2(u/2): no 0/0 at the end
        above = lambda t: (t - math.sin(t)) / math.pi
    else:
        density = lambda u: (
            2 * math.sin(u) ** 2 / (math.pi * (1 + c + 2 * math.sqrt(c) * math.cos(u)))
        )
        above = lambda t: quad(density, 0, t, epsabs=1e-13, epsrel=1e-13, limit=200)[0]
    t = brentq(lambda t: above(t) - k / least, 0, math.pi, xtol=1e-14, rtol=1e-14)
    return (t - math.sin(t) * math.cos(t)) / math.pi


def update(m, n, k):
    """Returns the levels of the spectrum of the update itself."""
    return {"stable_rank": stable_rank(m, n), "share_top_k": share_top(m, n, k)}
