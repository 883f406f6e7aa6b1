"""Matrices with known spectra, and updates of the kinds that training makes.

Only operations that IEEE 754 rounds exactly are used (+, -, *, /, sqrt, in a fixed order), no BLAS and no libm, so that
every machine makes the same bytes.
"""

import numpy as np


def ordered_sum(columns):
    """Sum over the first axis, row by row."""
    total = np.zeros(columns.shape[1:])
    for row in columns:
        total = total + row
    return total


def uniform(rng, *shape):
    """Uniform in (-1, 1)."""
    return rng.random(shape) * 2 - 1


def reflect(a, v):
    """(I - 2 v v^T / v^T v) a, a Householder reflection."""
    scale = 2.0 / ordered_sum((v * v)[:, None])[0]
    return a - v[:, None] * (scale * ordered_sum(v[:, None] * a))[None, :]


def with_spectrum(rng, m, n, sigma, reflections=6):
    """A dense m x n matrix with the given singular values."""
    a = np.zeros((m, n))
    for i, s in enumerate(sigma):
        a[i, i] = s
    for _ in range(reflections):
        a = reflect(a, uniform(rng, m))
        a = reflect(np.ascontiguousarray(a.T), uniform(rng, n)).T.copy()
    return a


def power_law(count, quarters):
    """i^(-quarters/4), by square roots."""
    i = np.arange(1, count + 1, dtype=np.float64)
    root = np.sqrt(np.sqrt(i))
    out = np.ones(count)
    for _ in range(quarters):
        out = out / root
    return out


def norm(a):
    """Frobenius norm with a fixed order of summation."""
    return float(np.sqrt(ordered_sum((a * a).reshape(-1, 1))[0]))


def dense(rng, w, rho):
    """An update that touches every weight, of relative size rho."""
    d = uniform(rng, *w.shape)
    return d * (rho * norm(w) / norm(d))


def sparse(rng, w, count, rho):
    """An update with `count` nonzeros of relative size rho."""
    d = np.zeros(w.size)
    d[rng.permutation(w.size)[:count]] = uniform(rng, count) + 0.0
    return d.reshape(w.shape) * (rho * norm(w) / norm(d.reshape(-1, 1)))


def low_rank(rng, m, n, rank):
    """Exactly of that rank even in bf16: a product of small integers, scaled by a power of two."""
    a, b = rng.integers(-2, 3, (m, rank)), rng.integers(-2, 3, (rank, n))
    return (a[:, :, None] * b[None, :, :]).sum(axis=1) / 64.0
