"""Gate II: spectra, principal subspaces and their rotation (PNT section 4; Bjorck & Golub 1973 for the angles)."""
import numpy as np

from . import chance
from .spectrum import along_spectrum, at_rank, rotations, sin_theta, sweep
from .subspaces import vector_angles


def decompose(w0):
    """Thin SVD with the numerical rank: tolerance max(m, n) * eps * sigma_1."""
    u, s, vt = np.linalg.svd(w0, full_matrices=False)
    rank = int((s > max(w0.shape) * np.finfo(np.float64).eps * s[0]).sum())
    return (u, s, vt.T), rank


def bounds(s0, s1, k, delta_norm, nss, relative, sine):
    """Weyl, Mirsky, Ky Fan and Wedin, each beside what it bounds (Mirsky 1960, Wedin 1972)."""
    gamma = s0[k - 1] - (s0[k] if k < s0.size else 0.0)
    strict = gamma - delta_norm
    pair = lambda observed, bound: {"observed": float(observed), "bound": None if bound is None else float(bound)}
    return {"weyl": pair(np.abs(s1 - s0).max(), delta_norm), "nss": pair(nss, relative),
            "ky_fan": pair(abs(s1[:k].sum() - s0[:k].sum()), k * delta_norm),
            "wedin_as_stated": pair(sine, delta_norm / gamma if gamma > 0 else None),
            "wedin_strict": pair(sine, delta_norm / strict if strict > 0 else None)}


def geometry(w0, w1, requested):
    """Every figure of Gate II for one matrix, and the factors of the rank-k reconstruction; None for a zero base."""
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
    at_k = at_rank(delta, first, second, k)
    by_chance = {"nss": chance.spectral_shift(w0.shape, rank, size, base),
                 "nss_top_k": chance.spectral_shift_top(w0.shape, k, size, float(np.linalg.norm(s0[:k])))}
    return {
        **at_k, "requested_k": requested, "spectrum_base": s0.tolist(), "spectrum_tuned": s1.tolist(), "nss": nss,
        "angles_left": left.tolist(), "angles_right": right.tolist(),
        "vector_rotation_left": vector_angles(u0[:, :k], u1[:, :k]).tolist(),
        "vector_rotation_right": vector_angles(v0[:, :k], v1[:, :k]).tolist(),
        "chance": {**at_k["chance"], **by_chance},
        "sin_theta": sin_theta((left, right), s0, w0.shape, k, size),
        "along_spectrum": along_spectrum(delta, u0, v0, k), "sweep": sweep(delta, first, second, k),
        "bounds": bounds(s0, s1, k, float(np.linalg.norm(delta, 2)), nss, size / base, np.sin(np.radians(at_k["rotation_max"]))),
    }, (u0[:, :k] * s0[:k]) @ v0[:, :k].T
