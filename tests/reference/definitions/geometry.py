"""Gate II: spectra, principal subspaces and their rotation (PNT section 4; Bjorck & Golub 1973
for the angles)."""

import numpy as np

from . import chance, chance_rotation
from .spectrum import along_spectrum, edges, rotations, sin_theta, sweep
from .subspaces import vector_angles

RANK = 1e-6


def decompose(w0):
    """Returns the thin SVD with the numerical rank: values above 1e-6 sigma_1 (docs/metrics.md,
    "Spectra and spectral shift")."""
    u, s, vt = np.linalg.svd(w0, full_matrices=False)
    rank = int((s > RANK * s[0]).sum())
    return (u, s, vt.T), rank


def bounds(s0, s1, k, delta_norm, nss, relative, sine):
    """Returns the bounds of Weyl, Mirsky, Ky Fan and Wedin, each beside what it bounds (Mirsky
    1960, Wedin 1972)."""
    gamma = s0[k - 1] - (s0[k] if k < s0.size else 0.0)
    strict = gamma - delta_norm
    pair = lambda observed, bound: {
        "observed": float(observed),
        "bound": None if bound is None else float(bound),
    }
    return {
        "weyl": pair(np.abs(s1 - s0).max(), delta_norm),
        "nss": pair(nss, relative),
        "ky_fan": pair(abs(s1[:k].sum() - s0[:k].sum()), k * delta_norm),
        "wedin_as_stated": pair(sine, delta_norm / gamma if gamma > 0 else None),
        "wedin_strict": pair(sine, delta_norm / strict if strict > 0 else None),
    }


def spectral_share(s0, s1, delta):
    """Returns rho = |sigma(W1) - sigma(W0)| / |D|_F (ISO); None without an update."""
    size = np.linalg.norm(delta)
    return float(np.linalg.norm(s1 - s0) / size) if size else None


def spectral_excess(share, shape):
    """Returns kappa = rho^2 max(m, n) (ISO); None without an update."""
    return None if share is None else share**2 * max(shape)


def make_interval(value):
    """Returns the interval of a figure that is known."""
    return None if value is None else [value, value]


def by_chance(w0, s0, rank, k, size):
    """Returns what a random update of the same norm would give: at each edge, and beside the shares
    at k."""
    drawn, angles = chance_rotation.levels(w0, edges(k), size / np.sqrt(w0.size))
    left, right = chance.vectors(s0, w0.shape, k, size)
    return drawn, {
        "nss": chance.spectral_shift(w0.shape, rank, size, float(np.linalg.norm(w0))),
        "spectral_share": chance.spectral_share(w0.shape, rank),
        "spectral_excess": spectral_excess(chance.spectral_share(w0.shape, rank), w0.shape),
        **angles,
        "vectors_left": left,
        "vectors_right": right,
    }


def geometry(w0, w1, requested, draw=True):
    """Returns every figure of Gate II for one matrix, and W0^(k) as a function of the rank; None
    for a zero base.

    Without `draw` the chance levels that take draws are left out.
    """
    if not w0.any():
        return None, None
    first, rank = decompose(w0)
    k = min(requested, rank)
    second = first if np.array_equal(w0, w1) else decompose(w1)[0]
    (u0, s0, v0), (u1, s1, v1) = first, second
    left, right = rotations(first, second, k)
    delta = w1 - w0
    base, size = float(np.linalg.norm(w0)), float(np.linalg.norm(delta))
    nss = float(np.linalg.norm(s1 - s0) / np.linalg.norm(s0))
    share = spectral_share(s0, s1, delta)
    drawn, at_k = by_chance(w0, s0, rank, k, size) if draw else ([{}] * len(edges(k)), {})
    points = sweep(delta, first, second, k, drawn)
    last = points[-1]
    return {
        **last,
        "requested_k": requested,
        "spectrum_base": s0.tolist(),
        "spectrum_tuned": s1.tolist(),
        "nss": nss,
        "spectral_share": share,
        "spectral_share_interval": make_interval(share),
        "spectral_excess": spectral_excess(share, w0.shape),
        "spectral_excess_interval": make_interval(spectral_excess(share, w0.shape)),
        "angles_left": left.tolist(),
        "angles_right": right.tolist(),
        "vector_rotation_left": vector_angles(u0[:, :k], u1[:, :k]).tolist(),
        "vector_rotation_right": vector_angles(v0[:, :k], v1[:, :k]).tolist(),
        "chance": {**last["chance"], **at_k},
        "sin_theta": sin_theta((left, right), s0, w0.shape, k, size),
        "along_spectrum": along_spectrum(delta, u0, v0, k),
        "sweep": points,
        "bounds": bounds(
            s0,
            s1,
            k,
            float(np.linalg.norm(delta, 2)),
            nss,
            size / base,
            np.sin(np.radians(last["rotation_max"])),
        ),
    }, lambda of_rank: (u0[:, :of_rank] * s0[:of_rank]) @ v0[:, :of_rank].T
